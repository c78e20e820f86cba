"""Whether a worker may practise in a specialty on a day, as others ask it."""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import NamedTuple

from lkmr_accreditation.domain.accreditation import Entry, State, Term, term_of
from lkmr_accreditation.domain.law import Law

_GOOD = frozenset({State.ACTIVE, State.EXPIRING, State.IN_RENEWAL, State.EXTENDED})


class Verdict(Enum):
    """The answer to a check; UNDETERMINED while the register is not loaded whole."""

    ACCREDITED = "ACCREDITED"
    NOT_ACCREDITED = "NOT_ACCREDITED"
    WORKER_UNKNOWN = "WORKER_UNKNOWN"
    UNDETERMINED = "UNDETERMINED"


class Lack(Enum):
    """Why a worker is not accredited."""

    NO_ENTRY = "NO_ENTRY"
    NOT_YET = "NOT_YET"
    EXPIRED = "EXPIRED"
    ANNULLED = "ANNULLED"


class Standing(NamedTuple):
    """A verdict with the place of the entry that decided it; None without one."""

    verdict: Verdict
    lack: Lack | None = None
    decided_by: int | None = None
    term: Term | None = None


def standing_on(entries: Sequence[Entry], specialty: str, day: date, law: Law) -> Standing:
    """The standing in a specialty (its name or code) on a day, both ends of a term inclusive.

    Any good entry is enough; without one the entry that lasts longest says what is missing.
    An annulled entry counts for no day: the register does not say since when. Source: ФЗ-323,
    ст. 69; the day of the record opens the right to practise.
    """
    wanted = specialty.strip().casefold()
    found = [
        (place, term_of(entry, law, day))
        for place, entry in enumerate(entries)
        if wanted in {entry.specialty.casefold(), entry.specialty_code.casefold()}
    ]
    if not found:
        return Standing(Verdict.NOT_ACCREDITED, Lack.NO_ENTRY)
    lacks = [(_lack_of(entries[place], term, day), place, term) for place, term in found]
    good = [(place, term) for lack, place, term in lacks if lack is None]
    if good:
        place, term = max(good, key=lambda one: one[1].effective or date.min)
        return Standing(Verdict.ACCREDITED, None, place, term)
    lack, place, term = max(lacks, key=lambda one: one[2].effective or date.min)
    return Standing(Verdict.NOT_ACCREDITED, lack, place, term)


def _lack_of(entry: Entry, term: Term, day: date) -> Lack | None:
    if term.state is State.ANNULLED:
        return Lack.ANNULLED
    if entry.record_date is None or entry.record_date > day:
        return Lack.NOT_YET
    return None if term.state in _GOOD else Lack.EXPIRED
