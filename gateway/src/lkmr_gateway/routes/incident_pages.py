"""Pages of incidents and leaks."""

import asyncio
from datetime import datetime

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway.access import RULES
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.pages.views.administration import (
    Choice,
    IncidentItem,
    IncidentsView,
    IncidentView,
    LeakClock,
    LeakField,
    LeakView,
)
from lkmr_gateway.pages.views.frame import Tone
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem_of
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.administration_pages import full_name
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.errors import Category, ServiceError

_KINDS = {
    "TOKEN_REPLAY": "Использован старый ключ сеанса",
    "DEVICE_CHANGED": "Сеанс продолжен с другого устройства",
    "DENIAL_BURST": "Много отказов подряд",
    "MASS_OPENING": "Массовое открытие карточек",
    "IMPOSSIBLE_TRAVEL": "Два сеанса в слишком далёких местах",
    "EMERGENCY_ACCESS": "Экстренный доступ к карте пациента",
    "FILE_DAMAGED": "Сохранённый файл изменён",
    "KZI_DUE": "Подходит срок оценки защищённости (КЗИ)",
    "MATURITY_DUE": "Подходит срок оценки зрелости защиты информации",
    "ESIA_CERTIFICATE_ENDS": "Заканчивается сертификат кабинета для Госуслуг",
    "ESIA_DIRECT_ENDS": "Отключается прежний способ входа через Госуслуги",
    "LEAK": "Утечка персональных данных",
}
_SEVERITIES: dict[str, tuple[str, Tone]] = {
    "NOTICE": ("низкая", "info"),
    "WARNING": ("средняя", "warn"),
    "CRITICAL": ("высокая", "bad"),
}
_STATES = {"DETECTED": "обнаружен", "TAKEN": "в работе", "CLOSED": "закрыт"}
_FACTS = {
    "count": "действий",
    "seconds": "за секунд",
    "kilometres": "километров",
    "minutes": "минут",
    "reason": "основание",
    "days_left": "осталось дней",
    "last_day": "последний день",
}
_LEAK = {
    "what": "Что произошло и чьи данные затронуты",
    "cause": "Предполагаемая причина",
    "harm": "Возможный вред",
    "measures": "Что уже сделано",
    "contact": "Кто отвечает за связь с Роскомнадзором",
}
_NOTICES = {
    "taken": "Инцидент взят в работу.",
    "closed": "Инцидент закрыт.",
    "told": "Уведомление отмечено.",
    "leak": "Отсчёт запущен: сообщите Роскомнадзору до указанного срока.",
}


def page_routes(parts: Parts) -> APIRouter:
    """`/admin/incidents…`, `/admin/leaks…`."""
    made = router(parts.gate, api=False)
    _reads(made, parts)
    _work(made, parts)
    _leaks(made, parts)
    return made


def _reads(made: APIRouter, parts: Parts) -> None:
    @made.get("/admin/incidents")
    async def page(request: Request, all: str = "") -> Response:  # noqa: A002 - a word of the address
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            parts.incidents.page("", entry.token), unread_count(parts, entry)
        )
        rows = orjson.loads(found.body)["items"]
        shown = [one for one in rows if all or one["state"] != "CLOSED"]
        view = IncidentsView(
            items=tuple(_item(one) for one in shown),
            only_open=not all,
            may_work=_may_work(entry),
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/admin/incidents/{incident}")
    async def read(request: Request, incident: str, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            parts.incidents.read(incident, entry.token), unread_count(parts, entry)
        )
        one = orjson.loads(found.body)
        leak = one["leak"]
        view = IncidentView(
            item=_item(one),
            clocks=_clocks(leak, parts.clock.now()) if leak else (),
            leak=tuple(
                Choice(value=leak["content"][name], word=word) for name, word in _LEAK.items()
            )
            if leak
            else (),
            may_work=_may_work(entry),
            notice=_NOTICES.get(done, ""),
        )
        return parts.composer.page(exchange, view, unread=unread)


def _work(made: APIRouter, parts: Parts) -> None:
    @made.post("/admin/incidents/{incident}/take")
    async def take(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.incidents.advance(
            incident, resolution="", request_id=request_id_of(exchange), token=entry.token
        )
        return see_other(f"/admin/incidents/{incident}?done=taken")

    @made.post("/admin/incidents/{incident}/close")
    async def close(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        resolution = wanted_fields(exchange, "resolution")["resolution"] or "-"
        await parts.incidents.advance(
            incident,
            resolution=resolution,
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return see_other(f"/admin/incidents/{incident}?done=closed")

    @made.post("/admin/leaks/{incident}/advance")
    async def advance(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "step", "text")
        await parts.incidents.advance_leak(
            incident,
            step=fields["step"],
            text=fields["text"],
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return see_other(f"/admin/incidents/{incident}?done=told")


def _leaks(made: APIRouter, parts: Parts) -> None:
    @made.get("/admin/leaks/new")
    async def form(request: Request) -> Response:
        exchange, entry = signed_in(request)
        now = parts.clock.now().astimezone(MOSCOW)
        view = LeakView(
            fields=tuple(LeakField(name=name, word=word) for name, word in _LEAK.items()),
            discover_date=f"{now:%Y-%m-%d}",
            discover_clock=f"{now:%H:%M}",
        )
        return parts.composer.page(exchange, view, unread=await unread_count(parts, entry))

    @made.post("/admin/leaks")
    async def report(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "discover_date", "discover_clock", *_LEAK)
        day, clock = given.pop("discover_date"), given.pop("discover_clock")
        content = given | {"discover_time": f"{day}T{clock}:00+03:00"}
        try:
            identity = await parts.incidents.report_leak(
                content, request_id_of(exchange), entry.token
            )
        except ServiceError as fault:
            if fault.category is not Category.INVALID_ARGUMENT:
                raise
            view = LeakView(
                fields=tuple(
                    LeakField(name=name, word=word, value=given[name])
                    for name, word in _LEAK.items()
                ),
                discover_date=day,
                discover_clock=clock,
                fault="Заполните все поля; обнаружение не может быть в будущем.",
            )
            return parts.composer.page(exchange, view, status=problem_of(fault).status)
        return see_other(f"/admin/incidents/{identity}?done=leak")


def _may_work(entry: Entry) -> bool:
    return bool(RULES["POST", "/admin/incidents/{incident}/close"].scope_for(entry.roles))


def _item(one: items.Json) -> IncidentItem:
    severity, tone = _SEVERITIES[one["severity"]]
    return IncidentItem(
        id=one["id"],
        number=one["number"],
        kind=_KINDS.get(str(one["kind"]), str(one["kind"])),
        tone=tone,
        severity=severity,
        state=_STATES[one["state"]],
        time=items.moment(one["detect_time"]),
        organization=one["organization"],
        person=full_name(one["person"]) if one["person"] else "",
        session=one["session"],
        closed=one["state"] == "CLOSED",
        facts=tuple(f"{_FACTS.get(name, name)}: {value}" for name, value in one["facts"].items()),
        resolution=one["resolution"],
    )


def _clocks(leak: items.Json, now: datetime) -> tuple[LeakClock, ...]:
    def clock(step: str, title: str, *, ready: bool) -> LeakClock:
        low = step.lower()
        done = items.moment(leak[f"{low}_time"]) if leak[f"{low}_time"] else None
        due = items.moment(leak[f"{low}_due_time"])
        return LeakClock(
            step=step,
            title=title,
            due=due,
            done=done,
            text=leak["content"].get(low, ""),
            open=ready and done is None,
            late=done is None and now > due,
        )

    return (
        clock("NOTICE", "Первое уведомление", ready=True),
        clock("RESULT", "Результат внутренней проверки", ready=bool(leak["notice_time"])),
    )
