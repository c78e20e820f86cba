"""The matrix of rights: which role may do what in which section, as data."""
