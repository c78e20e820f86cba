"""Facts from others and our own facts."""
