"""Messages and deliveries in PostgreSQL."""
