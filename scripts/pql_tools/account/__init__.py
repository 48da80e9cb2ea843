"""One account: its story, as text and as a page."""
