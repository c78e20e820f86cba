"""Services that this one calls."""
