"""«Сообщения»."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lkmr_gateway.pages.views.frame import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageItem:
    """A message of the inbox; `kind` and `link` as in the JSON API."""

    id: str
    kind: str
    title: str
    text: str
    create_time: datetime
    read_time: datetime | None = None
    link: str = ""

    @property
    def href(self) -> str:
        """The page of the message."""
        return f"/messages/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageListView:
    """`/messages?unread=true&page_token=`; reading is a POST to `/messages/{id}/read`."""

    template: ClassVar[str] = "messages.html"
    items: tuple[MessageItem, ...] = ()
    unread_count: int = 0
    unread_only: bool = False
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """`/messages/{id}`."""

    template: ClassVar[str] = "message.html"
    item: MessageItem
