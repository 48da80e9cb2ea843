"""What a change of the rules would do, before anybody makes it."""
