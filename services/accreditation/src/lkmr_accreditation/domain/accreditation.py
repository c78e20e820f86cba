"""A register entry about accreditation (аккредитация специалиста) and its computed state."""

from datetime import date
from enum import Enum
from typing import NamedTuple

from lkmr_accreditation.domain.law import Extension, Law


class State(Enum):
    """What an entry means today; never stored, always computed."""

    ACTIVE = "ACTIVE"
    EXPIRING = "EXPIRING"
    IN_RENEWAL = "IN_RENEWAL"
    EXTENDED = "EXTENDED"
    EXPIRED = "EXPIRED"
    ANNULLED = "ANNULLED"
    NOT_ADMITTED_YET = "NOT_ADMITTED_YET"


class Organization(NamedTuple):
    """An organisation that the register ties to an entry (привязанная организация)."""

    oid: str
    name: str


class Entry(NamedTuple):
    """One entry as the register gave it (реестровая запись); `expire_date` is the printed one."""

    registry_number: str
    kind: str
    specialty_code: str
    specialty: str
    education_level: str = ""
    commission: str = ""
    protocol_number: str = ""
    protocol_date: date | None = None
    record_date: date | None = None
    expire_date: date | None = None
    annulled: bool = False
    organizations: tuple[Organization, ...] = ()


class Term(NamedTuple):
    """How long an entry lets its owner work, and why."""

    state: State
    printed: date | None
    effective: date | None
    extension: Extension | None
    days_left: int | None


def expire_date_of(entry: Entry, law: Law) -> date | None:
    """The last day of an entry, inclusive; None while it is not in the register.

    The register's own day wins; otherwise the day of the record plus the years in force on it, the
    same day of the year, 29 February becoming 28. Source: ФЗ-323, ст. 69.
    """
    if entry.expire_date is not None or entry.record_date is None:
        return entry.expire_date
    years = law.number("accr.validity_years", entry.record_date)
    start = entry.record_date
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def term_of(entry: Entry, law: Law, today: date, *, renewal_open: bool = False) -> Term:
    """The term and state of an entry on a day; `renewal_open` says that an application runs.

    The first state that fits: ANNULLED, NOT_ADMITTED_YET, EXTENDED, EXPIRED, IN_RENEWAL, EXPIRING,
    ACTIVE. "Today" is the day in the time zone of the organisation.
    """
    printed = expire_date_of(entry, law)
    extension = law.extension_of(entry.kind, printed) if printed is not None else None
    effective = printed
    if printed is not None and extension is not None:
        effective = max(printed, extension.valid_until)
    if entry.annulled or printed is None or effective is None or entry.record_date is None:
        state = State.ANNULLED if entry.annulled else State.NOT_ADMITTED_YET
        return Term(state, printed, effective, extension, None)
    days_left = (effective - today).days
    if days_left < 0:
        state = State.EXPIRED
    elif printed < today:
        state = State.EXTENDED
    elif renewal_open:
        state = State.IN_RENEWAL
    elif days_left <= law.number("accr.window.open_days", today):
        state = State.EXPIRING
    else:
        state = State.ACTIVE
    return Term(state, printed, effective, extension, days_left)
