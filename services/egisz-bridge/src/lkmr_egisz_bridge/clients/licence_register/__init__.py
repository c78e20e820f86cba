"""The licence register: REST with JSON over mutual TLS."""
