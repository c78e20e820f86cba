"""Posts as dated data: level of qualification, required attestations, directions of growth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from lkmr_education.domain.activity import State, same_specialty
from lkmr_education.domain.counting import Study
from lkmr_education.domain.record import Record

_VALID = frozenset({"ACTIVE", "EXPIRING", "EXTENDED", "IN_RENEWAL"})
_SOON_DAYS = 90
_BY_EDUCATION = {"SECONDARY": 5, "HIGHER": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLevel:
    """Level of qualification of posts whose name holds one of the words (приказ Минтруда 148н)."""

    words: tuple[str, ...]
    level: int
    group: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """An attestation that posts demand (обязательная аттестация); good for so many months."""

    code: str
    title: str
    words: tuple[str, ...]
    months: int
    source: str
    valid_from: date = date.min
    valid_until: date = date.max

    def asked_of(self, position: str, day: date) -> bool:
        """Whether a post demands it on a day."""
        return self.valid_from <= day <= self.valid_until and _has(position, self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a direction asks to be studied, and within how many months."""

    kind: str
    title: str
    hours: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """A direction of career growth (направление карьерного роста)."""

    code: str
    title: str
    groups: tuple[str, ...]
    level: int
    source: str
    needs: tuple[Need, ...]


class Held(StrEnum):
    """Whether an attestation is there."""

    VALID = "VALID"
    EXPIRING = "EXPIRING"
    WAITING = "WAITING"
    EXPIRED = "EXPIRED"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A required attestation and what the worker has of it."""

    required: Required
    position: str
    held: Held
    valid_until: date | None = None

    @property
    def is_absent(self) -> bool:
        """Whether the post may not be filled without getting it."""
        return self.held in {Held.EXPIRED, Held.MISSING, Held.WAITING}


@dataclass(frozen=True, slots=True)
class Posts:
    """All that is known about posts."""

    levels: Sequence[PostLevel]
    attestations: Sequence[Required]
    directions: Sequence[Direction]

    @classmethod
    def from_data(cls, posts: Mapping[str, Any], directions: Mapping[str, Any]) -> Self:
        """Read `posts.toml` and `directions.toml`. Raises TypeError for another form."""
        return cls(
            tuple(PostLevel(**_tuples(one)) for one in posts["level"]),
            tuple(Required(**_tuples(one)) for one in posts["attestation"]),
            tuple(
                Direction(**_tuples(one | {"needs": [Need(**need) for need in one["needs"]]}))
                for one in directions["direction"]
            ),
        )

    def level_of(self, position: str) -> PostLevel | None:
        """The level of a post; the first entry that knows it decides."""
        return next((one for one in self.levels if _has(position, one.words)), None)

    def present_level(self, record: Record, day: date) -> int | None:
        """What a worker has: the highest of present posts with a valid admission, and education.

        None when neither a post nor an admission tells it.
        """
        valid = [one for one in record.entries if one.state in _VALID]
        found = [
            _BY_EDUCATION[x.education_level] for x in valid if x.education_level in _BY_EDUCATION
        ]
        for job in record.current_jobs(day):
            level = self.level_of(job.position)
            if level and (not job.specialty or _admitted(job.specialty, record)):
                found.append(level.level)
        return max(found, default=None)

    def required_level(self, record: Record, day: date) -> int | None:
        """What the present posts ask for: the highest of them."""
        levels = [self.level_of(job.position) for job in record.current_jobs(day)]
        return max((one.level for one in levels if one), default=None)

    def directions_for(self, record: Record, day: date) -> list[Direction]:
        """Directions that are open from the present posts."""
        found = [self.level_of(job.position) for job in record.current_jobs(day)]
        groups = {one.group for one in found if one}
        return [one for one in self.directions if groups & set(one.groups)]

    def direction(self, code: str) -> Direction | None:
        """A direction by its code."""
        return next((one for one in self.directions if one.code == code), None)

    def attestations_of(
        self, record: Record, studies: Iterable[Study], day: date
    ) -> list[Attestation]:
        """What the present posts demand and what the worker has of it, exactly (F-058).

        An accreditation is had by a valid admission in the specialty of the post; any other by a
        confirmed study of its code that is not older than it is good for.
        """
        made: dict[str, Attestation] = {}
        done = list(studies)
        for job in record.current_jobs(day):
            for one in self.attestations:
                if not one.asked_of(job.position, day):
                    continue
                found = (
                    _by_admission(job.specialty, record, day)
                    if one.code == "ACCREDITATION"
                    else _by_study(one, done, day)
                )
                held, until = found
                key = f"{one.code}:{job.specialty if one.code == 'ACCREDITATION' else ''}"
                made.setdefault(
                    key,
                    Attestation(required=one, position=job.position, held=held, valid_until=until),
                )
        return list(made.values())


def _by_admission(specialty: str, record: Record, day: date) -> tuple[Held, date | None]:
    mine = [x for x in record.entries if not specialty or same_specialty(x.specialty, specialty)]
    valid = [entry for entry in mine if entry.state in _VALID]
    if not valid:
        ended = max((x.expire_date for x in mine if x.expire_date), default=None)
        return (Held.EXPIRED if ended else Held.MISSING, ended)
    until = max((entry.expire_date or date.max for entry in valid), default=date.max)
    return _dated(until, day)


def _by_study(one: Required, studies: Sequence[Study], day: date) -> tuple[Held, date | None]:
    mine = [study for study in studies if study.activity.attestation == one.code]
    confirmed = [x for x in mine if x.activity.state is State.CONFIRMED]
    if confirmed:
        last = max(study.activity.end_date for study in confirmed)
        held, until = _dated(months_after(last, one.months), day)
        if held is not Held.EXPIRED:
            return held, until
    if any(study.activity.state is State.COMPLETED_CLAIMED for study in mine):
        return Held.WAITING, None
    if confirmed:
        return Held.EXPIRED, months_after(last, one.months)
    return Held.MISSING, None


def _dated(until: date, day: date) -> tuple[Held, date | None]:
    if until == date.max:
        return Held.VALID, None
    if until < day:
        return Held.EXPIRED, until
    return (Held.EXPIRING if (until - day).days <= _SOON_DAYS else Held.VALID), until


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later, or the last day of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    for number in range(day.day, day.day - 4, -1):
        try:
            return date(day.year + years, month + 1, number)
        except ValueError:
            continue
    raise ValueError(day)


def _admitted(specialty: str, record: Record) -> bool:
    return any(
        one.state in _VALID and same_specialty(one.specialty, specialty) for one in record.entries
    )


def _has(position: str, words: Sequence[str]) -> bool:
    plain = position.casefold().replace("ё", "е")
    return any(word.replace("ё", "е") in plain for word in words)


def _tuples(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}
