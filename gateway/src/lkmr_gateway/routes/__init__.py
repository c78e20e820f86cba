"""Routes, one file per screen or resource."""
