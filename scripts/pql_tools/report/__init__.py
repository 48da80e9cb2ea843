"""The weekly report as one HTML page."""
