"""What administrators do, and what follows from it for sessions."""
