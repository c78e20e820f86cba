"""«Мои данные»."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from lkmr_gateway.pages.views.activation import LegalText

Decision = Literal["NONE", "GIVEN", "DECLINED", "WITHDRAWN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentItem:
    """A text in force with the last decision on it."""

    text: LegalText
    terms: bool = False
    decision: Decision = "NONE"
    time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """A line of the registry of decisions."""

    title: str
    version: str
    decision: Decision
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProfileView:
    """`/profile`; a consent is decided by a POST to `/profile/consents/{id}`."""

    template: ClassVar[str] = "own_profile.html"
    full_name: str
    account_number: str
    phone: str = ""
    email: str = ""
    password_set: bool = False
    may_set_password: bool = True
    password_faults: tuple[str, ...] = ()
    consents: tuple[ConsentItem, ...] = ()
    history: tuple[PastDecision, ...] = ()
    notice: str = ""
