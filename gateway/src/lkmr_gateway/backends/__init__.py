"""Clients of the services, one file each."""
