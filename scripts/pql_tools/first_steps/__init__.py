"""The first look at data of one's own, and the configuration to start with."""
