"""Keeps messages to people and delivers them."""
