"""Answer a partner system whether workers are accredited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lkmr_accreditation.domain.errors import PartnerQuotaExhausted
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.standing import Standing, Verdict, standing_on
from lkmr_accreditation.usecases.ports import KnownWorker, Specialists, StoredEntry, UnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.personal import Personal

MAX_QUERIES = 1000
_SNILS_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Question:
    """A worker by SNILS, a specialty by name or code, and a day (empty: today in Moscow)."""

    snils: Personal[str]
    specialty: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The standing, the worker and entry that decided it, and how fresh the knowledge is."""

    standing: Standing
    day: date
    worker: str = ""
    entry: StoredEntry | None = None
    confirm_time: datetime | None = None


async def check_specialists(
    questions: Sequence[Question],
    *,
    partner: str,
    day_quota: int,
    specialists: Specialists,
    new_uow: Callable[[], UnitOfWork],
    law: Law,
    clock: Clock,
) -> list[Answer]:
    """One answer for each question, in their order; all of them count into the partner's day.

    Raises ServiceError PARTNER_REQUEST_INVALID naming the fields, PartnerQuotaExhausted.
    """
    now = clock.now()
    today = day_in(MOSCOW, now)
    read = _read(questions, today)
    async with new_uow() as uow:
        if not await uow.partner_use.take(partner, today, len(read), limit=day_quota):
            raise PartnerQuotaExhausted(limit=day_quota, seconds=_left_of(today, now))
        state = await uow.sync.get()
        await uow.commit()
    known = await specialists.find([snils for snils, _, _ in read])
    whole = state.total > 0 and state.loaded >= state.total
    unknown = Standing(Verdict.WORKER_UNKNOWN if whole else Verdict.UNDETERMINED)
    return [
        _answer(known[snils], specialty, day, law)
        if snils in known
        else Answer(unknown, day, confirm_time=state.update_time)
        for snils, specialty, day in read
    ]


def _answer(known: KnownWorker, specialty: str, day: date, law: Law) -> Answer:
    standing = standing_on([one.entry for one in known.entries], specialty, day, law)
    entry = known.entries[standing.decided_by] if standing.decided_by is not None else None
    return Answer(standing, day, known.id, entry, known.fetch_time)


def _read(questions: Sequence[Question], today: date) -> list[tuple[str, str, date]]:
    """Normalised questions. Raises ServiceError PARTNER_REQUEST_INVALID with every bad field."""
    faults: list[FieldFault] = []
    if not 0 < len(questions) <= MAX_QUERIES:
        faults.append(FieldFault("queries", "COUNT_INVALID", f"1 to {MAX_QUERIES}"))
    read = []
    for number, question in enumerate(questions[:MAX_QUERIES]):
        snils = "".join(one for one in question.snils.open() if one in "0123456789")
        day = _day_of(question.day, today)
        where = f"queries[{number}]"
        if len(snils) != _SNILS_DIGITS:
            faults.append(FieldFault(f"{where}.snils", "SNILS_INVALID", "11 digits"))
        if not question.specialty.strip():
            faults.append(FieldFault(f"{where}.specialty", "REQUIRED"))
        if day is None:
            faults.append(FieldFault(f"{where}.day", "DATE_INVALID", "YYYY-MM-DD"))
        else:
            read.append((snils, question.specialty, day))
    if faults:
        raise ServiceError("PARTNER_REQUEST_INVALID", Category.INVALID_ARGUMENT, fields=faults[:20])
    return read


def _day_of(text: str, today: date) -> date | None:
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        return None


def _left_of(today: date, now: datetime) -> int:
    """Seconds until the next day in Moscow."""
    end = datetime.combine(today + timedelta(days=1), time(), MOSCOW)
    return max(1, int((end - now).total_seconds()))
