"""The rules of continuing education; no I/O."""
