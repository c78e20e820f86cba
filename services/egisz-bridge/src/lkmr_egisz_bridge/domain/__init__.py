"""Rules of comparing people with the registers; no input or output."""
