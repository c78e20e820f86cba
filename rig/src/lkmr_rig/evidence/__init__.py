"""Evidence (подтверждения) that the demands on security are kept: from data and from a system."""
