"""Codes that confirm a person's part in an event (ИКП)."""

_LONGEST = 100


def normalised(typed: str) -> str:
    """A code without spaces, dashes and case; empty when it cannot be one."""
    code = "".join(sign for sign in typed.upper() if sign.isalnum())
    return code if len(code) <= _LONGEST else ""
