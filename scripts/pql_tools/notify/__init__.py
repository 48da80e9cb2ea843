"""What sales is told, and how it gets there."""
