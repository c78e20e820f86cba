"""Speaks with the registers of EGISZ (ЕГИСЗ), so that no other service knows a foreign format."""
