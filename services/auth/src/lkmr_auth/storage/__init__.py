"""The tables of auth; personal data in them is sealed."""
