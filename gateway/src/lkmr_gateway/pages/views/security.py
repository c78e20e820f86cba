"""«Безопасность»."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.pages.views.passkeys import PasskeyItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionItem:
    """An open session: device as «Firefox, Windows», place in words or an address."""

    id: str
    device: str
    place: str
    start_time: datetime
    active_time: datetime
    expire_time: datetime | None = None
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInItem:
    """A sign-in or a refused attempt; `cause` is the title of `code` in the catalogue."""

    time: datetime
    device: str
    place: str
    allowed: bool
    code: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityView:
    """`/security`; a session is ended by a POST to `/security/sessions/{id}/end`.

    `backup_codes_left` is None while second factors are not known (or not shown).
    """

    template: ClassVar[str] = "security.html"
    sessions: tuple[SessionItem, ...] = ()
    history: tuple[SignInItem, ...] = ()
    passkeys: tuple[PasskeyItem, ...] = ()
    backup_codes_left: int | None = None
    notice: str = ""
    fault: Unavailable | None = None
