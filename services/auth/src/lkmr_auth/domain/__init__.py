"""Rules of sign-in, sessions and accounts; nothing here reads a clock, a network or a table."""
