"""What auth does, one verb per file."""
