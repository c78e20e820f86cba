"""The sign-in history that a person sees."""

from dataclasses import dataclass
from datetime import datetime

from lkmr_auth.domain.audit import Result
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInNote:
    """A sign-in, or an attempt that was refused."""

    time: datetime
    result: Result
    reason: str
    device: str
    address: Personal[str]
