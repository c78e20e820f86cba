"""Backup codes (резервные коды): for the day when neither telephone nor key is at hand."""

import secrets

from lkmr_auth.domain.proof_errors import BackupCodeWrong

CODES = 10
LENGTH = 10
# Without signs that look alike; 31 signs at 10 places are 49 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_codes() -> tuple[str, ...]:
    """Fresh codes as they are shown: `XXXXX-XXXXX`."""
    half = LENGTH // 2
    made = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(CODES)]
    return tuple(f"{one[:half]}-{one[half:]}" for one in made)


def code_typed(text: str) -> str:
    """What a person typed, without blanks and dashes. Raises BackupCodeWrong for another form."""
    code = "".join(text[:64].split()).replace("-", "").upper()
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise BackupCodeWrong
    return code
