"""What the service stores: its place in the register's changes, and a record of each call."""
