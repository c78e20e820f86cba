"""Facts that this service announces."""
