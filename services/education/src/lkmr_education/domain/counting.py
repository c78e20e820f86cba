"""The rule of hours (правило 144 часов): what counts, what waits, what does not, and why.

One pure module; accreditation's verdicts, the summary and the suggestions all ask it. An hour
counts once, in one cycle, and never before its document or credit is confirmed.
Source: приказ Минздрава 709н (portfolio of periodic accreditation); `accreditation` owns the norms.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from lkmr_education.domain.activity import (
    FINISHED,
    OVER,
    Activity,
    Kind,
    State,
    same_specialty,
    specialty_key,
)
from lkmr_education.domain.certificate import Certificate, Check, Confirmation, Method
from lkmr_education.domain.norms import Norms


class Verdict(StrEnum):
    """What became of the hours of an activity."""

    COUNTED = "COUNTED"
    WAITING = "WAITING"
    NOT_COUNTED = "NOT_COUNTED"


class Reason(StrEnum):
    """Why."""

    REGISTER_FOUND = "REGISTER_FOUND"
    PORTAL_CREDITED = "PORTAL_CREDITED"
    CODE_ACCEPTED = "CODE_ACCEPTED"
    CONFIRMED_BY_HAND = "CONFIRMED_BY_HAND"
    SIMULATED = "SIMULATED"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    HOURS_UNKNOWN = "HOURS_UNKNOWN"
    REGISTER_NOT_CHECKED = "REGISTER_NOT_CHECKED"
    REGISTER_NO_CONSENT = "REGISTER_NO_CONSENT"
    REGISTER_WAITING = "REGISTER_WAITING"
    REGISTER_DOWN = "REGISTER_DOWN"
    PORTAL_WAITING = "PORTAL_WAITING"
    PORTAL_DELAYED = "PORTAL_DELAYED"
    REGISTER_NOT_FOUND = "REGISTER_NOT_FOUND"
    REGISTER_MISMATCH = "REGISTER_MISMATCH"
    REGISTER_ANNULLED = "REGISTER_ANNULLED"
    DOCUMENT_REJECTED = "DOCUMENT_REJECTED"
    NOT_FINISHED = "NOT_FINISHED"
    NOT_PASSED = "NOT_PASSED"
    OUTSIDE_PERIOD = "OUTSIDE_PERIOD"
    SPECIALTY_MISMATCH = "SPECIALTY_MISMATCH"
    SPECIALTY_MISSING = "SPECIALTY_MISSING"
    KIND_NOT_CREDITED = "KIND_NOT_CREDITED"
    RETRAINING_EXCLUDED = "RETRAINING_EXCLUDED"
    PROGRAMME_TOO_SHORT = "PROGRAMME_TOO_SHORT"
    DUPLICATE = "DUPLICATE"


REASON_WORDS = {
    Reason.REGISTER_FOUND: "Документ найден в ФИС ФРДО.",
    Reason.PORTAL_CREDITED: "ЗЕТ начислены порталом НМО.",
    Reason.CODE_ACCEPTED: "Код подтверждения принят.",
    Reason.CONFIRMED_BY_HAND: "Подтверждено кадровой службой, в реестре документа нет.",
    Reason.SIMULATED: "Будет засчитано, если пройти и подтвердить.",
    Reason.DOCUMENT_MISSING: "Ждём документ об окончании.",
    Reason.HOURS_UNKNOWN: "Не указано число часов.",
    Reason.REGISTER_NOT_CHECKED: "Документ ещё не проверен в ФИС ФРДО.",
    Reason.REGISTER_NO_CONSENT: "Документ не проверяется: нет согласия на сверку обучения.",
    Reason.REGISTER_WAITING: "Ждём внесения в ФИС ФРДО.",
    Reason.REGISTER_DOWN: "ФИС ФРДО не отвечает, проверка повторится сама.",
    Reason.PORTAL_WAITING: "Ждём начисления ЗЕТ на портале НМО.",
    Reason.PORTAL_DELAYED: "ЗЕТ не начислены дольше срока портала.",
    Reason.REGISTER_NOT_FOUND: "Документ не найден в ФИС ФРДО после срока внесения.",
    Reason.REGISTER_MISMATCH: "Сведения документа расходятся с ФИС ФРДО.",
    Reason.REGISTER_ANNULLED: "Документ аннулирован в ФИС ФРДО.",
    Reason.DOCUMENT_REJECTED: "Документ не подтверждён.",
    Reason.NOT_FINISHED: "Обучение ещё не закончено.",
    Reason.NOT_PASSED: "Обучение не состоялось.",
    Reason.OUTSIDE_PERIOD: "Закончено вне периода этого цикла.",
    Reason.SPECIALTY_MISMATCH: "Программа не по этой специальности.",
    Reason.SPECIALTY_MISSING: "Не выбрана специальность, по которой засчитать.",
    Reason.KIND_NOT_CREDITED: "За такое обучение часы не начисляют.",
    Reason.RETRAINING_EXCLUDED: "Переподготовка не входит в часы повышения квалификации.",
    Reason.PROGRAMME_TOO_SHORT: "Программа короче наименьшего объёма.",
    Reason.DUPLICATE: "То же обучение уже учтено другой записью.",
}
_BY_METHOD = {
    Method.IKP: Reason.CODE_ACCEPTED,
    Method.PORTAL_AUTO: Reason.PORTAL_CREDITED,
    Method.FRDO: Reason.REGISTER_FOUND,
    Method.MANUAL_HR: Reason.CONFIRMED_BY_HAND,
}
_WAITS = {
    Check.SOURCE_DOWN: Reason.REGISTER_DOWN,
    Check.WAITING: Reason.REGISTER_WAITING,
    Check.NOT_FOUND: Reason.REGISTER_WAITING,
}
_RANK = {Verdict.COUNTED: 0, Verdict.WAITING: 1, Verdict.NOT_COUNTED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """An activity with all that decides about its hours."""

    activity: Activity
    certificate: Certificate | None = None
    confirmation: Confirmation | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of the hours of one activity."""

    study: Study
    verdict: Verdict
    reason: Reason
    counted: int = 0

    @property
    def unverified(self) -> bool:
        """Counted on a confirmation by hand."""
        return self.verdict is Verdict.COUNTED and self.reason is Reason.CONFIRMED_BY_HAND

    @property
    def hours(self) -> int:
        """Hours that are at stake: those of the activity, else those of its document."""
        return stake(self.study)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days within which an activity must end in order to count, both inclusive."""

    start: date
    end: date

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The account of one specialty and period."""

    specialty: str
    period: Period
    lines: Sequence[Line]
    programme: int
    portal: int
    waiting: int
    unverified: int
    required: int
    required_programme: int
    source: str

    @property
    def counted(self) -> int:
        """Hours that count, programmes and credit units together."""
        return self.programme + self.portal

    @property
    def missing_programme(self) -> int:
        """Hours of programmes that are missing to the minimum."""
        return max(0, self.required_programme - self.programme)

    @property
    def missing(self) -> int:
        """Hours that are missing to the whole."""
        return max(0, self.required - self.counted)

    @property
    def variant(self) -> str:
        """A: programmes alone reach the whole; B: with credit units; empty: not yet."""
        if self.programme >= self.required:
            return "A"
        return "B" if not (self.missing or self.missing_programme) else ""

    @property
    def sufficient(self) -> bool:
        """Whether the rule is met."""
        return bool(self.variant)


def stake(study: Study) -> int:
    """Hours that an activity would bring: of the activity, else of its document; 0 if unknown."""
    document = study.certificate.hours if study.certificate else None
    return study.activity.hours or document or 0


def statement(
    studies: Iterable[Study], *, specialty: str, period: Period, norms: Norms, today: date
) -> Statement:
    """The account of a worker's studies for one specialty and period.

    The order of the studies does not matter, and more hours never make less of an account.
    """
    lines = _without_repeats(
        [
            _judge(one, specialty=specialty, period=period, norms=norms, today=today)
            for one in studies
        ]
    )
    counted = [line for line in lines if line.verdict is Verdict.COUNTED]
    whole = norms.norm("accr.hours.total", today)
    return Statement(
        specialty=specialty,
        period=period,
        lines=sorted(lines, key=_for_reading),
        programme=sum(one.counted for one in counted if one.study.activity.kind.is_programme),
        portal=sum(one.counted for one in counted if one.study.activity.kind.is_portal),
        waiting=sum(line.hours for line in lines if line.verdict is Verdict.WAITING),
        unverified=sum(one.counted for one in counted if one.unverified),
        required=whole.value,
        required_programme=norms.number("accr.hours.pk_min", today),
        source=whole.source,
    )


def _judge(study: Study, *, specialty: str, period: Period, norms: Norms, today: date) -> Line:
    """The verdict on one study, as if there were no other."""
    refused = _refused(study, specialty, period, norms, today)
    if refused is not None:
        return Line(study=study, verdict=Verdict.NOT_COUNTED, reason=refused)
    if study.simulated:
        return _counted(study, Reason.SIMULATED, norms, today)
    if study.activity.kind.is_programme:
        return _judge_programme(study, norms, today)
    return _judge_event(study, norms, today)


def _refused(
    study: Study, specialty: str, period: Period, norms: Norms, today: date
) -> Reason | None:
    """Why a study cannot count whatever its document says; None when it may."""
    activity = study.activity
    kind, hours = activity.kind, stake(study)
    refusals = (
        (activity.state in OVER, Reason.NOT_PASSED),
        (not activity.specialty, Reason.SPECIALTY_MISSING),
        (not same_specialty(activity.specialty, specialty), Reason.SPECIALTY_MISMATCH),
        (not study.simulated and not _is_over(activity, today), Reason.NOT_FINISHED),
        (not period.contains(activity.end_date), Reason.OUTSIDE_PERIOD),
        (kind is Kind.OTHER, Reason.KIND_NOT_CREDITED),
        (
            kind is Kind.RETRAINING and not norms.number("cpd.count_retraining", today),
            Reason.RETRAINING_EXCLUDED,
        ),
        (bool(hours) and hours < _least(kind, norms, today), Reason.PROGRAMME_TOO_SHORT),
    )
    return next((reason for refused, reason in refusals if refused), None)


def _is_over(activity: Activity, today: date) -> bool:
    return activity.state in FINISHED and activity.end_date <= today


def _least(kind: Kind, norms: Norms, today: date) -> int:
    if kind is Kind.RETRAINING:
        return norms.number("cpd.retraining_min_hours", today)
    return norms.number("cpd.pk_min_hours", today) if kind.is_programme else 0


def _judge_programme(study: Study, norms: Norms, today: date) -> Line:
    """A programme counts when its document is found in ФИС ФРДО, or HR vouches for it."""
    certificate, confirmation = study.certificate, study.confirmation
    if certificate is None:
        return _waiting(study, Reason.DOCUMENT_MISSING)
    against = _against(certificate)
    if against is not None:
        return _not_counted(study, against)
    method = confirmation.method if confirmation is not None else None
    if certificate.check is Check.FOUND and method in {Method.FRDO, Method.MANUAL_HR}:
        return _counted(study, Reason.REGISTER_FOUND, norms, today)
    if method is Method.MANUAL_HR:
        return _counted(study, Reason.CONFIRMED_BY_HAND, norms, today)
    return _unconfirmed(study, certificate, norms, today)


def _unconfirmed(study: Study, certificate: Certificate, norms: Norms, today: date) -> Line:
    """A document that nobody has confirmed yet; the term of entry decides how long it waits."""
    grace = timedelta(days=norms.number("frdo.grace_days", today))
    if study.activity.state is State.REJECTED_DOC:
        return _not_counted(study, Reason.DOCUMENT_REJECTED)
    if certificate.check is Check.NOT_FOUND and today > certificate.issue_date + grace:
        return _not_counted(study, Reason.REGISTER_NOT_FOUND)
    if certificate.refused:
        return _waiting(study, Reason.REGISTER_NO_CONSENT)
    return _waiting(study, _WAITS.get(certificate.check, Reason.REGISTER_NOT_CHECKED))


def _judge_event(study: Study, norms: Norms, today: date) -> Line:
    """An event or module counts when the portal credited it, or HR vouches for its document."""
    confirmation = study.confirmation
    if study.certificate is not None and (against := _against(study.certificate)) is not None:
        return _not_counted(study, against)
    if confirmation is not None and confirmation.method is not Method.FRDO:
        return _counted(study, _BY_METHOD[confirmation.method], norms, today)
    if study.activity.state is State.REJECTED_DOC:
        return _not_counted(study, Reason.DOCUMENT_REJECTED)
    delay = timedelta(days=norms.number("cpd.portal_delay_days", today))
    late = today > study.activity.end_date + delay
    return _waiting(study, Reason.PORTAL_DELAYED if late else Reason.PORTAL_WAITING)


def _against(certificate: Certificate) -> Reason | None:
    """What the register has against a document; nobody's word outweighs it."""
    return {
        Check.ANNULLED: Reason.REGISTER_ANNULLED,
        Check.MISMATCH: Reason.REGISTER_MISMATCH,
    }.get(certificate.check)


def _counted(study: Study, reason: Reason, norms: Norms, today: date) -> Line:
    hours = creditable(study, norms, today)
    if not hours:
        return _waiting(study, Reason.HOURS_UNKNOWN)
    return Line(study=study, verdict=Verdict.COUNTED, reason=reason, counted=hours)


def creditable(study: Study, norms: Norms, today: date) -> int:
    """Hours that count once confirmed: never more than the document or the portal says.

    Credit units of an event are capped by day (`cpd.event_cap_per_day`).
    """
    activity, certificate = study.activity, study.certificate
    hours = stake(study)
    if certificate is not None and certificate.hours is not None:
        hours = min(hours, certificate.hours)
    if activity.kind.is_programme:
        return hours
    if study.confirmation is not None:
        hours = min(hours or study.confirmation.units, study.confirmation.units)
    days = (activity.end_date - activity.start_date).days + 1
    return min(hours, days * norms.number("cpd.event_cap_per_day", today))


def _waiting(study: Study, reason: Reason) -> Line:
    return Line(study=study, verdict=Verdict.WAITING, reason=reason)


def _not_counted(study: Study, reason: Reason) -> Line:
    return Line(study=study, verdict=Verdict.NOT_COUNTED, reason=reason)


def _without_repeats(lines: Sequence[Line]) -> list[Line]:
    """Of all records of the same study one may count or wait, the best confirmed one.

    Records are the same when they share a document (issuer and number) or the organiser, title
    and days. The groups do not depend on hours, so that more hours never lower the account.
    """
    group = _groups([line.study for line in lines])
    best: dict[int, int] = {}
    for place in sorted(range(len(lines)), key=lambda one: _preference(lines[one])):
        best.setdefault(group[place], place)
    return [
        line
        if line.verdict is Verdict.NOT_COUNTED or best[group[place]] == place
        else replace(line, verdict=Verdict.NOT_COUNTED, reason=Reason.DUPLICATE, counted=0)
        for place, line in enumerate(lines)
    ]


def _preference(line: Line) -> tuple[int, int, int, str]:
    return (_RANK[line.verdict], -line.counted, -line.hours, line.study.activity.id)


def _groups(studies: Sequence[Study]) -> list[int]:
    """For each study the number of its group, by the keys that studies share."""
    leader = list(range(len(studies)))

    def find(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    seen: dict[tuple[str, ...], int] = {}
    for place, study in enumerate(studies):
        for key in _keys(study):
            if key in seen:
                leader[find(place)] = find(seen[key])
            seen.setdefault(key, place)
    return [find(place) for place in range(len(studies))]


def _keys(study: Study) -> list[tuple[str, ...]]:
    one = study.activity
    days = (one.start_date.isoformat(), one.end_date.isoformat())
    keys: list[tuple[str, ...]] = [
        ("study", specialty_key(one.organizer), specialty_key(one.title), *days)
    ]
    if study.certificate is not None:
        keys.append(("document", study.certificate.identity))
    return keys


def _for_reading(line: Line) -> tuple[int, int, str]:
    """Counted ones first, then waiting, then the rest; newest first within each."""
    activity = line.study.activity
    return (_RANK[line.verdict], -activity.end_date.toordinal(), activity.id)


def by_reason(lines: Iterable[Line]) -> Counter[Reason]:
    """How many hours stand under each reason."""
    found: Counter[Reason] = Counter()
    for line in lines:
        found[line.reason] += line.hours
    return found
