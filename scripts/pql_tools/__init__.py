"""What the scripts of this project share."""
