"""«Журнал безопасности» and «Кто смотрел мои данные»."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from lkmr_gateway.pages.views.frame import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditItem:
    """An act: who by account or program, role in words, what in words and by its code."""

    seq: int
    time: datetime
    actor: str
    account: str
    role: str
    organization: str
    operation: str
    title: str
    object: str
    result: str
    reason: str
    purpose: str
    source: str
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """`/audit` for auditors and administrators of information security."""

    template: ClassVar[str] = "audit.html"
    items: tuple[AuditItem, ...] = ()
    operation: str = ""
    result: str = ""
    actor: str = ""
    object: str = ""
    next_href: str = ""
    first_href: str = ""
    may_export: bool = False
    archived_before: date | None = None
    fault: Unavailable | None = None

    @property
    def filtered(self) -> bool:
        """Whether only some acts are shown."""
        return bool(self.operation or self.result or self.actor or self.object)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessItem:
    """An access to one's data; `who` in words, `why` empty when nobody said it."""

    id: str
    time: datetime
    who: str
    own: bool
    automatic: bool
    role: str
    organization: str
    title: str
    allowed: bool
    why: str
    dispute_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessView:
    """`/access-log`; an entry is disputed by a POST to `/access-log/{id}/dispute`."""

    template: ClassVar[str] = "access_log.html"
    items: tuple[AccessItem, ...] = ()
    others_only: bool = True
    next_href: str = ""
    first_href: str = ""
    notice: str = ""
    archived_before: date | None = None
    fault: Unavailable | None = None
