"""Drafts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftItem:
    """What was typed into the form at `page`."""

    form: str
    page: str
    texts: tuple[str, ...]
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsView:
    """`/drafts`; a draft is dropped by a POST to `/drafts/drop`."""

    template: ClassVar[str] = "drafts.html"
    items: tuple[DraftItem, ...] = ()
