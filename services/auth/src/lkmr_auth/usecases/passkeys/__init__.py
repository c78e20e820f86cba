"""Passkeys and backup codes: kept by their owner, used as a second factor."""
