"""What the register says about a worker, as far as education needs it."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of a worker; a department belongs to its organisation."""

    organization_oid: str
    position: str
    specialty: str = ""
    department: str = ""
    start_date: date | None = None
    end_date: date | None = None

    def current(self, day: date) -> bool:
        """Whether the job lasts on a day, its last day included."""
        begun = self.start_date is None or self.start_date <= day
        return begun and (self.end_date is None or self.end_date >= day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An admission to work in one specialty (аккредитация, сертификат)."""

    specialty: str
    specialty_code: str = ""
    kind: str = ""
    registry_number: str = ""
    education_level: str = ""
    record_date: date | None = None
    expire_date: date | None = None
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentoring:
    """A term of mentoring in a specialty (наставничество), its last day included."""

    specialty: str
    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Jobs, admissions and mentoring of a worker at the moment of `fetch_time`.

    `confirm_time` is when the register itself last said so, None when it never did; `stale` tells
    that this was too long ago by the bound of `accreditation` (accr.sync.stale_hours).
    """

    worker: str
    jobs: tuple[Job, ...]
    entries: tuple[Entry, ...]
    fetch_time: datetime
    mentoring: tuple[Mentoring, ...] = ()
    confirm_time: datetime | None = None
    stale: bool = False

    @property
    def in_register(self) -> bool:
        """Whether the register has a card: `accreditation` tells of others with empty hands."""
        return self.confirm_time is not None

    def current_jobs(self, day: date) -> tuple[Job, ...]:
        """Jobs that last on a day."""
        return tuple(job for job in self.jobs if job.current(day))
