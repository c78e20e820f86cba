"""Who is at the other end: people, accounts, sign-in through ESIA, sessions, the journal."""
