"""The worker register (ФРМР): REST with JSON over mutual TLS."""
