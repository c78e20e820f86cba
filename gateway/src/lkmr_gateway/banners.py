"""What limits the whole session, or opens more of it for a while, above every page."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lkmr_gateway.access import RULES
from lkmr_gateway.entry import Entry
from lkmr_gateway.pages.text import long_date
from lkmr_gateway.pages.views.frame import Banner, Link
from lkmr_gateway.problems import catalogue
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.identity import REDUCED

_APPLICATIONS = "/applications"
_NO_JOB = "LKMR-AUTH-023"


def banners_of(entry: Entry, known: dict[str, Any], now: datetime) -> tuple[Banner, ...]:
    """All that holds now; none hides another one, because each asks for something else."""
    return tuple(_banners(entry, known, now))


def _banners(entry: Entry, known: dict[str, Any], now: datetime) -> Iterator[Banner]:
    until = known["emergency_expire_time"]
    if until and (end := datetime.fromisoformat(until)) > now:
        yield Banner(
            tone="bad",
            title=f"Экстренный доступ до {end.astimezone(MOSCOW):%H:%M}",
            text="Открытая карта, основание и ваши действия записываются и будут проверены.",
            action=Link(label="Закрыть доступ", href="/emergency-access"),
        )
    if entry.assurance == REDUCED:
        text = "Открыты только ваши сведения и календарь, только для чтения."
        again = " Когда Госуслуги заработают, выйдите и войдите через них."
        yield Banner(tone="warn", title="Вы вошли без Госуслуг", text=text + again)
    if lapse := known["accreditation_lapse"]:
        yield _lapse_banner(lapse, entry)
    if not entry.roles and entry.assurance != REDUCED:
        yield _no_job_banner()


def _lapse_banner(lapse: dict[str, Any], entry: Entry) -> Banner:
    """The right to practise is over: since when, what it means here, and what to do."""
    names = [f"«{one['specialty']}»" for one in lapse["items"]]
    ends = sorted(one["end_date"] for one in lapse["items"] if one["end_date"])
    what = "Срок аккредитации закончился" if ends else "Запись об аккредитации отозвана"
    since = f" {long_date(date.fromisoformat(ends[0]))}" if ends else ""
    closed = (
        "По решению организации записи о пациентах, рецепты и приём закрыты."
        if entry.suspended
        else "Работать по специальности без новой записи нельзя."
    )
    apply = RULES[("POST", _APPLICATIONS)].scope_for(entry.roles)
    return Banner(
        tone="bad",
        title=f"{what}{since}: {', '.join(names)}",
        text=closed,
        action=Link(label="Подать заявление", href=_APPLICATIONS)
        if apply
        else Link(label="Что делать", href="/compliance"),
    )


def _no_job_banner() -> Banner:
    entry = catalogue()[_NO_JOB]
    return Banner(tone="warn", title=entry.title, text=" ".join(entry.instruction))
