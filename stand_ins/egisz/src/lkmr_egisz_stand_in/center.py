"""The accreditation centre (ФАЦ) and the commission (ЦАК): what becomes of an application.

Days are counted on the clock of the stand-in, so a suite that is started later sees the decision:
registration at once, check for ten working days, the meeting of the month, the entry five working
days after it. `/_control/fac` can take any step at any moment.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lkmr_egisz_stand_in import cards
from lkmr_egisz_stand_in.register import Register, WorkerUnknown
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.store import Store

APPLICATION, CHANGE = "fac_application", "fac_change"
CHECK_DAYS, RECORD_DAYS, PROTOCOL_DAYS = 10, 5, 3
STATUS_TEXTS = {
    "RECEIVED": "Получено",
    "REGISTERED": "Зарегистрировано",
    "FAC_CHECK": "Проверка документов",
    "CAC_REVIEW": "Передано в ЦАК",
    "PASSED": "Сдано",
    "FAILED": "Не сдано",
    "RETURNED": "Возвращено на исправление",
    "NOT_ADMITTED": "Отказано в допуске",
    "APPEAL_FILED": "Апелляция принята",
    "APPEAL_GRANTED": "Апелляция удовлетворена",
    "APPEAL_DENIED": "Апелляция отклонена",
    "WITHDRAWN": "Отозвано заявителем",
}
_SATURDAY, _TUESDAY, _DECEMBER = 5, 1, 12


class ApplicationUnknown(LookupError):
    """Nobody sent an application with this id."""


@dataclass(slots=True)
class Pace:
    """How the centre works: by itself or only when told, and how many answers it loses."""

    automatic: bool = True
    registration_seconds: float = 1.0
    lost_answers: int = 0


class Center:
    """Applications as the centre keeps them."""

    def __init__(self, store: Store, clock: Clock, register: Register) -> None:
        self._store, self._clock, self._register = store, clock, register
        self.pace = Pace()

    def take(self, application: str, body: dict[str, Any]) -> dict[str, Any]:
        """A set of files; the same version twice is one."""
        known = self._store.find(APPLICATION, application)
        if known is not None and known["fileSet"] >= body["fileSet"]:
            return dict(known)
        made = {
            **(known or {"number": self._number()}),
            "id": application,
            "fileSet": body["fileSet"],
            "snils": body["snils"],
            "specialty": body["specialty"],
            "agreement": body["agreement"],
            "remarks": [],
        }
        return self._move(made, "RECEIVED")

    def withdraw(self, application: str) -> dict[str, Any]:
        """Raises ApplicationUnknown."""
        found = self.find(application)
        return found if found["status"] == "WITHDRAWN" else self._move(found, "WITHDRAWN")

    def appeal(self, application: str, reason: str) -> dict[str, Any]:
        """Raises ApplicationUnknown."""
        found = self.find(application)
        if found["status"] == "APPEAL_FILED":
            return found
        return self._move({**found, "appeal": reason}, "APPEAL_FILED")

    def find(self, application: str) -> dict[str, Any]:
        """Raises ApplicationUnknown."""
        found = self._store.find(APPLICATION, application)
        if found is None:
            raise ApplicationUnknown(application)
        return dict(found)

    def all(self) -> list[dict[str, Any]]:
        """Every application."""
        return [one for _, one in self._store.documents(APPLICATION)]

    def steer(
        self, application: str, status: str, *, text: str, remarks: list[str]
    ) -> dict[str, Any]:
        """Take a step now, whatever the calendar says. Raises ApplicationUnknown, WorkerUnknown."""
        found = {**self.find(application), "remarks": remarks}
        if status == "RECORDED":
            return self._record(found)
        return self._move(self._with_facts(found, status), status, text)

    def changes(self, since: int, limit: int) -> dict[str, Any]:
        """What changed after a place, in its order, each as it stood then."""
        found = self._store.entries(CHANGE, after=since, limit=limit)
        place = found[-1][0] if found else since
        return {"items": [one for _, _, one in found], "nextCursor": str(place)}

    async def run(self) -> None:
        """Go on with what the calendar allows, for ever."""
        while True:
            await asyncio.sleep(0.5)
            if self.pace.automatic:
                self.go_on()

    def go_on(self) -> None:
        """One look at every application that waits for the centre."""
        now = self._clock.now()
        for one in self.all():
            step = self._due(one, now)
            if step == "RECORDED":
                self._record(one)
            elif step:
                self._move(self._with_facts(one, step), step)

    def _due(self, one: dict[str, Any], now: datetime) -> str:
        """The step whose time has come; empty for none."""
        today, since = day_in(MOSCOW, now), datetime.fromisoformat(one["time"])
        begun = day_in(MOSCOW, since)
        waited = (now - since).total_seconds() >= self.pace.registration_seconds
        match one["status"]:
            case "RECEIVED" if waited:
                return "REGISTERED"
            case "REGISTERED":
                return "FAC_CHECK"
            case "FAC_CHECK" if today > working_days_later(begun, CHECK_DAYS):
                return "CAC_REVIEW"
            case "CAC_REVIEW" if today > date.fromisoformat(one["meetingOn"]):
                return "PASSED"
            case "PASSED" if today > working_days_later(begun, RECORD_DAYS) and "entry" not in one:
                return "RECORDED"
        return ""

    def _with_facts(self, one: dict[str, Any], status: str) -> dict[str, Any]:
        """What a step brings: number of registration, day of the meeting, protocol."""
        today = day_in(MOSCOW, self._clock.now())
        if status == "REGISTERED":
            return {
                **one,
                "registrationNumber": f"ФАЦ-{today.year}-{one['number']:06d}",
                "registeredOn": today.isoformat(),
            }
        if status in {"CAC_REVIEW", "PASSED", "FAILED"}:
            meeting = one.get("meetingOn") or next_meeting(today).isoformat()
            one = {**one, "meetingOn": meeting}
        if status in {"PASSED", "FAILED"}:
            day = min(date.fromisoformat(one["meetingOn"]), today) + timedelta(days=PROTOCOL_DAYS)
            number = f"ЦАК-{day.year}/{one['number'] % 90 + 1}"
            url = f"https://fca-rosminzdrav.example/protocols/{one['number']}"
            one = {**one, "protocol": {"number": number, "date": day.isoformat(), "url": url}}
        return one

    def _record(self, one: dict[str, Any]) -> dict[str, Any]:
        """Put the entry into the register of workers; its feed tells the rest."""
        today = day_in(MOSCOW, self._clock.now())
        card = self._register.find(one["snils"])
        if card is None:
            raise WorkerUnknown("the register has no card for this SNILS")
        number = f"77{today.year % 100:02d} {900_000_000 + one['number']:09d}"
        protocol = one.get("protocol") or {}
        entry = cards.accreditation(
            number,
            kind="PERIODIC",
            specialty=one["specialty"],
            recorded_at=today,
            valid_to=None,
            annulled=False,
            organizations=[],
            given={
                "protocol_number": protocol.get("number"),
                "protocol_date": date.fromisoformat(protocol["date"]) if protocol else None,
            },
        )
        self._register.put_accreditation(one["snils"], entry)
        made = {**one, "entry": number}
        self._store.put(APPLICATION, one["id"], made)
        log.info("fac.recorded", application=one["id"])
        return made

    def _move(self, one: dict[str, Any], status: str, text: str = "") -> dict[str, Any]:
        made = {
            **one,
            "status": status,
            "statusText": text or STATUS_TEXTS.get(status, status),
            "time": as_utc(self._clock.now()),
        }
        with self._store.transaction():
            self._store.put(APPLICATION, made["id"], made)
            told = {key: value for key, value in made.items() if key not in {"snils", "appeal"}}
            self._store.append(CHANGE, made["id"], told)
        log.info("fac.moved", application=made["id"], status=status)
        return made

    def _number(self) -> int:
        return self._store.count(APPLICATION) + 1


def next_meeting(day: date) -> date:
    """The next meeting of ЦАК: the last Tuesday of a month, in December the one before Christmas.

    Source: the centre's calendar for 2026, whose twelve days fit this rule.
    """
    meeting = _meeting(day.year, day.month)
    if meeting < day:
        meeting = _meeting(day.year + day.month // 12, day.month % 12 + 1)
    return meeting


def _meeting(year: int, month: int) -> date:
    first_next = date(year + month // 12, month % 12 + 1, 1)
    last = date(year, month, 25) if month == _DECEMBER else first_next - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - _TUESDAY) % 7)


def working_days_later(day: date, count: int) -> date:
    """Working days of the five-day week; public holidays are not the centre's concern here."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day
