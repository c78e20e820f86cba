"""Operators' commands of auth; `python -m lkmr_auth.cli --help` lists them."""
