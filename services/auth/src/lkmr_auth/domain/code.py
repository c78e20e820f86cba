"""The cabinet's own one-time code (одноразовый код): six digits by SMS, three errors."""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from lkmr_auth.domain.errors import CodeIncomplete
from lkmr_auth.domain.person import PersonId

DIGITS = 6
LIFE = timedelta(seconds=300)
MAX_ERRORS = 3
RESEND_AFTER = timedelta(seconds=60)
SENDS_PER_HOUR = 5  # to a person, and to a telephone whoever asks
PHONE_LOOKS_PER_HOUR = 5  # comparisons of a telephone that a person typed again
SENDS_PER_ADDRESS = 20  # asked for from one address
# Errors in a row are counted over codes, so that asking for a new code gives no new guesses.
ERRORS_REMEMBERED = timedelta(hours=1)


class Purpose(Enum):
    """What a code opens; a code for one thing does not open another."""

    SIGN_IN = "SIGN_IN"
    STEP_UP = "STEP_UP"
    ACTIVATION = "ACTIVATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """A code that was sent. The digits themselves are not kept."""

    id: uuid.UUID
    person_id: PersonId
    code_hmac: bytes
    tries: int
    create_time: datetime
    expire_time: datetime
    consume_time: datetime | None = None
    replace_time: datetime | None = None
    purpose: Purpose = Purpose.SIGN_IN

    @property
    def attempts_left(self) -> int:
        return max(MAX_ERRORS - self.tries, 0)

    @property
    def resend_time(self) -> datetime:
        """From when on a new code may be asked for."""
        return self.create_time + RESEND_AFTER

    def lives(self, now: datetime) -> bool:
        """Whether it may still be entered."""
        spent = self.consume_time or self.replace_time or self.tries >= MAX_ERRORS
        return not spent and now < self.expire_time


def new_digits() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def digits_typed(text: str) -> str:
    """What a person typed, without blanks. Raises CodeIncomplete unless it is six digits."""
    digits = "".join(text.split()) if len(text) <= 64 else ""  # noqa: PLR2004 - nobody types more
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise CodeIncomplete
    return digits


def code_hmac(key: bytes, code_id: uuid.UUID, digits: str) -> bytes:
    """What is stored instead of the digits; bound to its challenge."""
    return hmac.digest(key, code_id.bytes + digits.encode(), "sha256")


def errors_carried(last: OneTimeCode | None, now: datetime) -> int:
    """Errors in a row that a new code starts with: those of an unused code of the last hour."""
    if last is None or last.consume_time is not None:
        return 0
    return last.tries if now - last.create_time < ERRORS_REMEMBERED else 0
