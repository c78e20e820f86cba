"""An application (заявление) and the paths that it may take.

The path of the periodic accreditation follows Положение об аккредитации (709н) as the cabinet of
ФРМР walks it; labels are the project's own, because official ones were not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Self

from lkmr_accreditation.domain.errors import TransitionRefused
from lkmr_accreditation.domain.law import Law
from lkmr_servicekit.working_days import WorkingDays


class State(Enum):
    """Where an application stands."""

    DRAFT = "DRAFT"
    REPORT_APPROVAL = "REPORT_APPROVAL"
    SUBMITTED = "SUBMITTED"
    REGISTERED = "REGISTERED"
    FAC_CHECK = "FAC_CHECK"
    RETURNED = "RETURNED"
    NOT_ADMITTED = "NOT_ADMITTED"
    CAC_REVIEW = "CAC_REVIEW"
    PASSED = "PASSED"
    FAILED = "FAILED"
    APPEAL_FILED = "APPEAL_FILED"
    APPEAL_GRANTED = "APPEAL_GRANTED"
    APPEAL_DENIED = "APPEAL_DENIED"
    RECORDED = "RECORDED"
    UNKNOWN_EXTERNAL = "UNKNOWN_EXTERNAL"
    CONSENT_ASKED = "CONSENT_ASKED"
    EXTRACT_REQUESTED = "EXTRACT_REQUESTED"
    READY = "READY"
    IN_WORK = "IN_WORK"
    DONE = "DONE"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"


class Actor(Enum):
    """Who takes a step."""

    WORKER = "WORKER"
    HEAD = "HEAD"
    HR = "HR"
    CENTER = "CENTER"
    COMMISSION = "COMMISSION"
    REGISTER = "REGISTER"
    CABINET = "CABINET"


class Path(Enum):
    """Kinds of life cycle."""

    PERIODIC = "PERIODIC"
    EXTRACT = "EXTRACT"
    STAFF_EXTRACT = "STAFF_EXTRACT"
    REQUEST = "REQUEST"


S = State
NEXT: Mapping[Path, Mapping[State, frozenset[State]]] = {
    Path.PERIODIC: {
        S.DRAFT: frozenset({S.REPORT_APPROVAL, S.SUBMITTED, S.DELETED}),
        S.REPORT_APPROVAL: frozenset({S.DRAFT}),
        S.SUBMITTED: frozenset({S.REGISTERED, S.RETURNED, S.WITHDRAWN}),
        S.REGISTERED: frozenset({S.FAC_CHECK}),
        S.FAC_CHECK: frozenset({S.CAC_REVIEW, S.RETURNED, S.NOT_ADMITTED, S.WITHDRAWN}),
        S.RETURNED: frozenset({S.DRAFT, S.WITHDRAWN, S.EXPIRED}),
        S.NOT_ADMITTED: frozenset({S.APPEAL_FILED}),
        S.CAC_REVIEW: frozenset({S.PASSED, S.FAILED}),
        S.PASSED: frozenset({S.RECORDED}),
        S.FAILED: frozenset({S.APPEAL_FILED}),
        S.APPEAL_FILED: frozenset({S.APPEAL_GRANTED, S.APPEAL_DENIED}),
        S.APPEAL_GRANTED: frozenset({S.FAC_CHECK, S.CAC_REVIEW}),
    },
    Path.EXTRACT: {
        S.DRAFT: frozenset({S.EXTRACT_REQUESTED, S.DELETED}),
        S.EXTRACT_REQUESTED: frozenset({S.REGISTERED, S.REFUSED}),
        S.REGISTERED: frozenset({S.READY, S.REFUSED}),
    },
    Path.STAFF_EXTRACT: {
        S.DRAFT: frozenset({S.CONSENT_ASKED}),
        S.CONSENT_ASKED: frozenset({S.READY, S.REFUSED, S.EXPIRED}),
        S.READY: frozenset({S.WITHDRAWN, S.EXPIRED}),
    },
    Path.REQUEST: {
        S.DRAFT: frozenset({S.SUBMITTED, S.DELETED}),
        S.SUBMITTED: frozenset({S.IN_WORK, S.REFUSED, S.WITHDRAWN}),
        S.IN_WORK: frozenset({S.DONE, S.REFUSED}),
    },
}
CLOSED = frozenset({S.APPEAL_DENIED, S.RECORDED, S.WITHDRAWN, S.EXPIRED, S.DELETED})
"""States of the periodic path that nothing leaves."""
SETTLED = CLOSED | {S.NOT_ADMITTED, S.FAILED, S.READY, S.DONE, S.REFUSED}
"""States in which another application of the same specialty may be begun."""
OUTSIDE = frozenset(
    {S.SUBMITTED, S.REGISTERED, S.FAC_CHECK, S.CAC_REVIEW, S.PASSED, S.APPEAL_FILED}
    | {S.APPEAL_GRANTED, S.UNKNOWN_EXTERNAL}
)
"""States in which somebody outside has to act."""
RUNNING = OUTSIDE | {S.RETURNED}
"""States of an application that was sent and has no end yet: the term is being renewed."""
_APPROVAL_DAYS, _IDLE_DAYS, _RETURNED_DAYS = 10, 180, 30
_TERMS = {
    S.SUBMITTED: "accr.limit.register_wd",
    S.FAC_CHECK: "accr.limit.fac_wd",
    S.CAC_REVIEW: "accr.limit.cac_wd",
    S.PASSED: "accr.limit.record_wd",
    S.FAILED: "accr.appeal.file_wd.periodic",
    S.NOT_ADMITTED: "accr.appeal.file_wd.periodic",
    S.APPEAL_FILED: "accr.appeal.decide_wd",
}
_DAYS: Mapping[Path, Mapping[State, str]] = {
    Path.EXTRACT: {S.REGISTERED: "accr.extract_days"},
    Path.STAFF_EXTRACT: {
        S.CONSENT_ASKED: "accr.extract.consent_days",
        S.READY: "accr.extract.consented_days",
    },
}
"""Terms in calendar days, as dated norms."""


class Agreement(Enum):
    """What became of the report on professional activity at the employer."""

    NONE = "NONE"
    AGREED = "AGREED"
    REFUSED = "REFUSED"
    NOT_NEEDED = "NOT_NEEDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The decision of the head about a report; `signature` is a JWS over digest and decision.

    `decided_as` is the role in which it was taken.
    """

    agreement: Agreement = Agreement.NONE
    decided_by: str = ""
    decided_as: str = ""
    decide_time: str = ""
    reason: str = ""
    digest: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the accreditation centre (ФАЦ) and the commission (ЦАК) said last."""

    raw_state: str = ""
    raw_text: str = ""
    registration_number: str = ""
    registered_on: str = ""
    meeting_on: str = ""
    protocol_number: str = ""
    protocol_on: str = ""
    protocol_url: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transition, as the history keeps it."""

    actor: Actor
    before: State
    after: State
    reason: str
    file_set: int
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application of a worker by one of the built-in forms.

    `file_set` counts versions of what was sent; `version` counts changes of any kind (etag);
    `limit` is the last day of the present step; `resume` is where a granted appeal leads back to.
    """

    id: str
    worker: str
    form: str
    path: Path
    specialty: str
    organization_oid: str
    create_time: datetime
    update_time: datetime
    state_time: datetime
    state: State = State.DRAFT
    version: int = 1
    file_set: int = 1
    answers: Mapping[str, str] = field(default_factory=dict)
    report: Report = field(default_factory=Report)
    outside: Outside = field(default_factory=Outside)
    limit: date | None = None
    warned: int = 0
    resume: State | None = None

    @property
    def next_states(self) -> frozenset[State]:
        """Where it may go from here."""
        return NEXT[self.path].get(self.state, frozenset())

    def moved(
        self,
        to: State,
        *,
        actor: Actor,
        now: datetime,
        reason: str = "",
        from_outside: bool = False,
    ) -> tuple[Self, Step]:
        """The application one step further.

        A state that comes from outside wins over the local one, whatever the path says; a closed
        application stays closed. Raises TransitionRefused.
        """
        allowed = to in self.next_states or (from_outside and self.state not in CLOSED)
        if not allowed or (self.path is Path.PERIODIC and self.state in CLOSED):
            raise TransitionRefused(state=self.state.value, to=to.value)
        step = Step(
            actor=actor,
            before=self.state,
            after=to,
            reason=reason,
            file_set=self.file_set,
            time=now,
        )
        made = replace(
            self,
            state=to,
            version=self.version + 1,
            state_time=now,
            update_time=now,
            warned=0,
            limit=None,
        )
        return made, step

    def changed(self, answers: Mapping[str, str], now: datetime) -> Self:
        """The draft with other answers. Raises TransitionRefused once it was sent."""
        if self.state is not State.DRAFT:
            raise TransitionRefused(state=self.state.value, to="DRAFT")
        return replace(
            self,
            answers={**self.answers, **answers},
            version=self.version + 1,
            update_time=now,
        )

    def timed(self, today: date, law: Law, calendar: WorkingDays) -> Self:
        """The application with the last day of its present step, counted from today."""
        return replace(self, limit=limit_of(self, today, law, calendar))


def limit_of(application: Application, today: date, law: Law, calendar: WorkingDays) -> date | None:
    """The last day of the present step; None for steps without a term.

    Terms of outside steps are dated norms `accr.limit.…`; 10 working days for the head, 180 days
    of a draft and 30 days of a returned set are decisions of the project.
    """
    state = application.state
    if state is State.DRAFT:
        return today + timedelta(days=_IDLE_DAYS)
    if application.path in _DAYS:
        key = _DAYS[application.path].get(state)
        return today + timedelta(days=law.number(key, today)) if key else None
    if application.path is Path.REQUEST:
        waiting = state in {State.SUBMITTED, State.IN_WORK}
        return calendar.add(today, _APPROVAL_DAYS) if waiting else None
    if state is State.REPORT_APPROVAL:
        return calendar.add(today, _APPROVAL_DAYS)
    if state is State.RETURNED:
        return today + timedelta(days=_RETURNED_DAYS)
    key = _TERMS.get(state)
    return calendar.add(today, law.number(key, today)) if key else None


def warning_of(application: Application, start: date, today: date) -> int:
    """Share of the term that has passed, as people are warned of it: 0, 50, 80 or 100 (breach)."""
    if application.limit is None:
        return 0
    if today > application.limit:
        return 100
    whole = (application.limit - start).days
    if whole <= 0:
        return 0
    passed = 100 * (today - start).days // whole
    return 80 if passed >= 80 else 50 if passed >= 50 else 0  # noqa: PLR2004 - shares of the term


def next_warning_day(application: Application, start: date) -> date | None:
    """The day on which the next warning falls due; the day after the limit is the last one."""
    if application.limit is None or application.warned >= 100:  # noqa: PLR2004 - breach
        return None
    whole = application.limit - start
    for share in (50, 80):
        if application.warned < share:
            return start + timedelta(days=-(-whole.days * share // 100))
    return application.limit + timedelta(days=1)
