"""Plays the mail relay, the SMS provider and the push service, and shows all they were given."""
