"""Pages that need no session: help, status, legal pages; static files."""

from datetime import UTC
from itertools import groupby

from fastapi import APIRouter, Request, Response

from lkmr_gateway.exchange import exchange_of
from lkmr_gateway.pages.views.public import (
    AccessibilityView,
    CodeEntry,
    CodeGroup,
    CodesView,
    PersonalDataView,
    RegisterLoad,
    StatusView,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import catalogue
from lkmr_gateway.routing import router
from lkmr_servicekit.errors import Category, ServiceError

AREAS = {
    "AUTH": "Вход",
    "CONF": "Подтверждение",
    "IDENT": "Сверка данных",
    "REG": "Регистрация на Госуслугах",
    "SESS": "Сеанс",
    "RBAC": "Права доступа",
    "ACC": "Аккредитация",
    "EDU": "Обучение",
    "DOC": "Документы",
    "SIGN": "Подпись",
    "EGISZ": "Обмен с ЕГИСЗ",
    "SCHED": "Расписание",
    "REP": "Отчёты",
    "SUP": "Поддержка",
    "PART": "Партнёрские системы",
    "SYS": "Работа кабинета",
}


def routes(parts: Parts) -> APIRouter:
    """Help, status, legal pages."""
    made = router(parts.gate, api=False)
    compose = parts.composer

    @made.get("/help/codes")
    async def codes(request: Request) -> Response:
        return compose.page(exchange_of(request.scope), _codes_view())

    @made.get("/accessibility")
    async def accessibility(request: Request) -> Response:
        return compose.page(exchange_of(request.scope), AccessibilityView())

    @made.get("/personal-data")
    async def personal_data(request: Request) -> Response:
        return compose.page(exchange_of(request.scope), PersonalDataView())

    @made.get("/status")
    async def status(request: Request) -> Response:
        look = await parts.systems.look()
        view = StatusView(
            systems=look.systems,
            check_time=look.check_time,
            register_load=await _register_load(),
            gosuslugi_href=compose.portal.href("status"),
        )
        return compose.page(exchange_of(request.scope), view)

    async def _register_load() -> RegisterLoad | None:
        try:
            sync = await parts.accreditations.sync()
        except ServiceError as fault:
            if fault.category is Category.INTERNAL:
                raise
            return None
        seen = sync.update_time.ToDatetime(UTC) if sync.HasField("update_time") else None
        return RegisterLoad(loaded=sync.loaded, total=sync.total, update_time=seen)

    return made


def _codes_view() -> CodesView:
    groups = groupby(catalogue().values(), key=lambda one: one.code.split("-")[1])
    return CodesView(
        groups=tuple(
            CodeGroup(
                name=AREAS[area],
                codes=tuple(
                    CodeEntry(
                        code=one.code,
                        title=one.title,
                        detail=one.detail,
                        instruction=one.instruction,
                    )
                    for one in entries
                ),
            )
            for area, entries in groups
        )
    )
