"""How lists of «Обучение (НМО)» are got and drawn: one page of items, links, frame, refusal."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem
from lkmr_gateway.routes.accreditations import part, unread_count
from lkmr_gateway.routes.education_pages import encoded, read

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list; without items and with `away` when its owner did not answer."""

    page: Mapping[str, Any]
    items: list[Any]
    next_href: str
    first_href: str
    away: Unavailable | None
    unread: int


class Lists:
    """Gets and draws list pages."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def listed(
        self,
        entry: Entry,
        answer: Awaitable[tuple[bytes, str]],
        path: str,
        page_token: str = "",
        **asked: str,
    ) -> Listed:
        """A page of items; `asked` goes along in the links to the next page and to the first."""
        found, unread = await asyncio.gather(
            part(encoded(answer)), unread_count(self._parts, entry)
        )
        page: Any = read(found) or {"items": [], "next_page_token": ""}
        token = page["next_page_token"]
        given = {name: value for name, value in asked.items() if value}
        return Listed(
            page=page,
            items=page["items"],
            next_href=_href(path, {**given, "page_token": token}) if token else "",
            first_href=_href(path, given) if page_token else "",
            away=found if isinstance(found, Unavailable) else None,
            unread=unread,
        )

    def drawn(
        self, exchange: Exchange, view: object, unread: int, fault: Problem | None = None
    ) -> Response:
        """A page; one that shows a refusal has its status."""
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)


def _href(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
