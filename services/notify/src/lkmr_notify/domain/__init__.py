"""Rules of messages and deliveries; no input or output."""
