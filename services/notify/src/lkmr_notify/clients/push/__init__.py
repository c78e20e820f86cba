"""Browser push: message encryption (RFC 8291), identification of the sender (RFC 8292), sending."""
