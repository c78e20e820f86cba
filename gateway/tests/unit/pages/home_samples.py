"""The first page."""

from dataclasses import replace
from typing import Any

from frame_samples import PART_FAULT, POOR, RICH, with_current
from message_samples import MESSAGES
from record_samples import ITEM, ITEMS

from lkmr_gateway.pages.views.frame import Chrome, Task, Unavailable
from lkmr_gateway.pages.views.home import HomeView

TASK = Task(
    title="Аккредитация истекает: кардиология",
    href=ITEM.href,
    why="С 19.12.2026 без новой записи работать по специальности нельзя.",
    action="Посмотреть сроки",
    due=ITEM.expire_date,
)

PAGES: dict[str, tuple[Any, Chrome]] = {
    "home-least": (HomeView(greeting_name=""), POOR),
    "home-empty": (HomeView(greeting_name="Анна", accreditations=()), with_current("/")),
    "home-faults": (
        HomeView(
            greeting_name="Илья Андреевич",
            accreditations_fault=PART_FAULT,
            messages_fault=Unavailable(text="Сообщения не получены.", code="LKMR-SYS-001"),
        ),
        with_current("/"),
    ),
    "home-one": (
        HomeView(
            greeting_name="Илья Андреевич",
            tasks=(TASK,),
            accreditations=ITEMS[:1],
            messages=MESSAGES,
        ),
        with_current("/"),
    ),
    "home": (
        HomeView(
            greeting_name="Илья Андреевич",
            tasks=(
                TASK,
                Task(
                    title="Проверьте вход с нового места",
                    href="/security",
                    why="Если это были не вы, завершите сеанс.",
                    action="Проверить",
                ),
            ),
            accreditations=ITEMS,
            messages=MESSAGES,
        ),
        replace(RICH, sections=with_current("/").sections),
    ),
}
