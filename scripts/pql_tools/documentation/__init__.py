"""What the generated tables of the documentation say."""
