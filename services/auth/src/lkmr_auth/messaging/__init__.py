"""Facts that auth announces."""
