"""The regional health authority: REST with JSON."""
