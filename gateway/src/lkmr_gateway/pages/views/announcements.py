"""«Изменения правил»."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

KINDS = {
    "LAW_CHANGE": "Законодательство",
    "SIGN_IN_CHANGE": "Вход в кабинет",
    "DOCUMENTATION": "Требования к документам",
    "SERVICE": "Новости кабинета",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementItem:
    """A change with its day, its source and the version of what it demands."""

    id: str
    kind: str
    title: str
    text: str
    link: str = ""
    source: str = ""
    document_version: str = ""
    effective_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementListView:
    """`/announcements`, the nearest day first."""

    template: ClassVar[str] = "announcements.html"
    items: tuple[AnnouncementItem, ...] = ()


def announcement_item(value: dict[str, Any]) -> AnnouncementItem:
    """An item of `GET /api/v1/announcements`."""
    day = value["effective_date"]
    return AnnouncementItem(
        id=value["id"],
        kind=KINDS.get(value["kind"], value["kind"]),
        title=value["title"],
        text=value["text"],
        link=value["link"],
        source=value["source"],
        document_version=value["document_version"],
        effective_date=date.fromisoformat(day) if day else None,
    )
