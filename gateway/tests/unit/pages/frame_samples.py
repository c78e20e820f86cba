"""The frame of every page, the moment, and what fails. All people are invented."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lkmr_gateway.pages.views.frame import (
    Banner,
    Chrome,
    Fault,
    Link,
    ProfileChoice,
    Section,
    SessionClock,
    SystemState,
    Unavailable,
)

NOW = datetime(2026, 11, 23, 14, 32, 8, tzinfo=ZoneInfo("Europe/Moscow"))
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NONCE = "n0nce"
PROFILES = (
    ProfileChoice(
        value="org-kb2/DOCTOR",
        organization="ГБУЗ «Клиническая больница № 2» (демо)",
        organization_short="КБ № 2",
        role="врач-кардиолог",
        department="отделение кардиологии",
        current=True,
    ),
    ProfileChoice(
        value="org-gp1/DOCTOR",
        organization="ГБУЗ «Городская поликлиника № 1» (демо)",
        organization_short="ГП № 1",
        role="врач-кардиолог",
    ),
)
SECTIONS = (
    Section(label="Главная", href="/"),
    Section(label="Документы и аккредитация", href="/accreditations"),
    Section(label="Сообщения", href="/messages"),
)
GUEST = Chrome(now=NOW, nonce=NONCE)
POOR = Chrome(now=NOW, nonce=NONCE, csrf_token="t", person="Ким А.")
RICH = Chrome(
    now=NOW,
    nonce=NONCE,
    path="/",
    csrf_token="csrf-token-of-the-session",
    person="Петров И. А.",
    account_number="1000299002",
    organization="КБ № 2",
    role="врач-кардиолог",
    profiles=PROFILES,
    sections=SECTIONS,
    unread_count=7,
    banners=(
        Banner(
            tone="warn",
            title="Регистр медработников не отвечает с 13:52",
            text="Показаны сведения, полученные сегодня в 06:10. Новые появятся сами.",
            action=Link(label="Состояние систем", href="/status"),
        ),
        Banner(tone="bad", title="Срок аккредитации закончился 13 ноября 2026 г.: «терапия»"),
    ),
    session=SessionClock(idle_seconds=900, expire_time=NOW + timedelta(hours=6)),
)
CALM = replace(RICH, banners=())
SYSTEMS = (
    SystemState(name="Вход через Госуслуги", condition="UP"),
    SystemState(name="Кабинет", condition="UP"),
    SystemState(
        name="Регистр медработников (ФРМР)",
        condition="DOWN",
        since=NOW - timedelta(minutes=40),
        note="Показаны последние полученные сведения.",
    ),
    SystemState(
        name="Регистр застрахованных (ФЕРЗЛ)",
        condition="MAINTENANCE",
        since=NOW - timedelta(hours=1),
        until=NOW + timedelta(hours=1),
    ),
    SystemState(name="Почта", condition="OVERLOADED", note="Письма придут позже."),
    SystemState(name="SMS", condition="UNKNOWN"),
)
FAULT = Fault(
    status=503,
    code="LKMR-AUTH-007",
    title="Госуслуги сейчас не отвечают.",
    detail="Это сбой на стороне Госуслуг с 14:21. Ваша учётная запись и данные в порядке.",
    instruction=(
        "Подождите несколько минут.",
        "Нажмите «Попробовать ещё раз»: откроется страница, с которой вы начали.",
    ),
    time=NOW,
    trace_id=TRACE,
    account_number="1000299002",
    support_href="/support/new?code=LKMR-AUTH-007",
)
BARE_FAULT = replace(FAULT, detail="", account_number="", support_href="")
PART_FAULT = Unavailable(text="Сведения об аккредитации не получены.", code="LKMR-EGISZ-001")


def with_current(href: str) -> Chrome:
    sections = tuple(replace(one, current=one.href == href) for one in SECTIONS)
    return replace(CALM, sections=sections, path=href)
