"""The systems that auth calls."""
