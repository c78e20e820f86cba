"""Stand-in for Gosuslugi: the sign-in system ESIA (ЕСИА) and the pages of the portal around it."""
