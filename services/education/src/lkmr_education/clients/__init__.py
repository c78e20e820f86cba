"""Other programs behind the ports."""
