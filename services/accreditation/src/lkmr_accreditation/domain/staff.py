"""A worker as a member of the staff of an organisation, with what the rules say of them there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from lkmr_accreditation.domain.accreditation import State
from lkmr_accreditation.domain.compliance import Registry, Standing, standings_of
from lkmr_accreditation.domain.facts import Facts
from lkmr_accreditation.domain.verdicts import Actor, Finding, RuleResult, Verdict, worst_of
from lkmr_accreditation.domain.worker import Job

NO_RECORD, NOT_CHECKED = date(1900, 1, 1), date(1900, 1, 2)
"""Places of those without a day on a board that begins with the most pressing."""

SHOWN_RULES = ("R-ACC-01", "R-ACC-02", "R-ACC-03", "R-ACC-04", "R-ACC-05", "R-ACC-06", "R-ACC-07")
_SERIOUS = frozenset({Verdict.FAIL, Verdict.WARN})


class Admission(Enum):
    """May a member of staff work today (допуск)."""

    CAN_WORK = "CAN_WORK"
    EXPIRING = "EXPIRING"
    CANNOT_WORK = "CANNOT_WORK"
    NOT_CHECKED = "NOT_CHECKED"


EXPIRING_DAYS = 90


class Group(Enum):
    """Groups of staff in reports."""

    DOCTORS = "DOCTORS"
    NURSES = "NURSES"
    OTHERS = "OTHERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One worker in one organisation. `concerned`: a post there needs an accreditation."""

    organization_oid: str
    organization_name: str
    jobs: tuple[Job, ...]
    specialties: tuple[str, ...]
    group: Group
    concerned: bool
    checked: bool = True
    valid_until: date | None = None
    extended: bool = False
    hours: int | None = None
    hours_missing: int | None = None
    hours_waiting: int | None = None
    behind: bool = False
    verdict: Verdict = Verdict.OK
    failed: tuple[str, ...] = ()
    hindrance: str = ""
    todo: str = ""
    actor: Actor = Actor.NOBODY
    deadline: date | None = None

    @property
    def departments(self) -> tuple[str, ...]:
        """Departments of the jobs."""
        return tuple(dict.fromkeys(job.department for job in self.jobs if job.department))

    @property
    def sort_date(self) -> date:
        """Where the member stands on a board."""
        if not self.checked:
            return NOT_CHECKED
        return self.valid_until or NO_RECORD


def admission_of(
    *, checked: bool, valid_until: date | None, today: date, expiring_days: int = EXPIRING_DAYS
) -> Admission:
    """May a member work on a day; within `expiring_days` of the last day the answer says so."""
    if not checked:
        return Admission.NOT_CHECKED
    if valid_until is None or valid_until < today:
        return Admission.CANNOT_WORK
    return Admission.EXPIRING if (valid_until - today).days < expiring_days else Admission.CAN_WORK


def members_of(facts: Facts, rules: Sequence[RuleResult], registry: Registry) -> tuple[Member, ...]:
    """The memberships that the present jobs of a worker make."""
    by_organization: dict[str, list[Job]] = {}
    for job in facts.current_jobs:
        by_organization.setdefault(job.organization_oid, []).append(job)
    if not by_organization:
        return ()
    standings = {one.specialty.casefold(): one for one in standings_of(facts, registry)}
    return tuple(
        _member(tuple(jobs), rules, registry, standings) for jobs in by_organization.values()
    )


def _member(
    jobs: tuple[Job, ...],
    rules: Sequence[RuleResult],
    registry: Registry,
    standings: dict[str, Standing],
) -> Member:
    needs = [registry.posts.needed(job) for job in jobs]
    mine = [
        standings[one.casefold()]
        for one in dict.fromkeys(word for need in needs for word in need or ())
        if one.casefold() in standings
    ]
    plain = Member(
        organization_oid=jobs[0].organization_oid,
        organization_name=jobs[0].organization_name,
        jobs=jobs,
        specialties=tuple(one.specialty for one in mine),
        group=_group(jobs[0], mine),
        concerned=bool(mine) or None in needs,
    )
    if not plain.concerned:
        return plain
    ends = [one.until if one.can_work else None for one in mine]
    return _with_findings(
        replace(
            plain,
            checked=bool(mine),
            valid_until=_earliest(mine, ends),
            extended=any(
                one.record is not None and one.record.term.state is State.EXTENDED for one in mine
            ),
            hours=min((one.sums.counted for one in mine if one.sums), default=None),
            hours_missing=max((one.sums.missing for one in mine if one.sums), default=None),
            hours_waiting=max((one.sums.waiting for one in mine if one.sums), default=None),
        ),
        rules,
    )


def _earliest(mine: Sequence[Standing], ends: Sequence[date | None]) -> date | None:
    """The day on which the first right ends; of a right that is over, the day it was over."""
    over = [one.until for one, end in zip(mine, ends, strict=True) if end is None]
    if over:
        return None if None in over else min(day for day in over if day)
    return min((end for end in ends if end), default=None)


def _with_findings(member: Member, rules: Sequence[RuleResult]) -> Member:
    shown = [(rule, _own(rule, member)) for rule in rules if rule.id in SHOWN_RULES]
    serious = [(rule, one) for rule, one in shown if one.verdict in _SERIOUS]
    failed = tuple(rule.id for rule, one in shown if one.verdict is Verdict.FAIL)
    behind = any(rule.id == "R-ACC-03" for rule, _ in serious)
    unclear = [one for rule, one in shown if one.verdict is Verdict.UNKNOWN and not member.checked]
    findings = [one for _, one in serious if one.verdict is Verdict.FAIL]
    findings = findings or [one for _, one in serious] or unclear
    if not findings:
        return replace(member, behind=behind)
    first = findings[0]
    return replace(
        member,
        behind=behind,
        verdict=first.verdict,
        failed=failed,
        hindrance=first.reason,
        todo=first.todo,
        actor=first.actor,
        deadline=first.deadline,
    )


def _own(rule: RuleResult, member: Member) -> Finding:
    """The worst finding of a rule about the specialties and posts of this organisation."""
    subjects = {one.casefold() for one in member.specialties}
    subjects |= {job.position.casefold() for job in member.jobs}
    own = [one for one in rule.findings if not one.subject or one.subject.casefold() in subjects]
    return worst_of(own or rule.findings)


def _group(job: Job, mine: Sequence[Standing]) -> Group:
    levels = {one.record.entry.education_level for one in mine if one.record}
    if not mine:
        return Group.OTHERS
    if "HIGHER" in levels or "врач" in job.position.casefold():
        return Group.DOCTORS
    return Group.NURSES
