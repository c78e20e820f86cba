"""All thirteen rules at once, and what they mean for the next accreditation of a worker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.documents import Catalogue
from lkmr_accreditation.domain.facts import Document, Facts, Record, gives_right, held_specialties
from lkmr_accreditation.domain.hours import Statement, Tally, tally
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.posts import Posts
from lkmr_accreditation.domain.rules_accreditation import (
    fitting_post,
    mentoring_finished,
    short_break,
    valid_record,
    years_after,
)
from lkmr_accreditation.domain.rules_card import card_complete, identity_equal
from lkmr_accreditation.domain.rules_documents import (
    category_valid,
    exam_valid,
    licence_covers,
    signature_valid,
    steps_in_time,
)
from lkmr_accreditation.domain.rules_hours import documents_found, hours_on_track
from lkmr_accreditation.domain.verdicts import Actor, RuleResult, Unknown, Verdict, worst_verdict
from lkmr_servicekit.working_days import WorkingDays

RULES = (
    valid_record,
    fitting_post,
    hours_on_track,
    documents_found,
    short_break,
    mentoring_finished,
    card_complete,
    identity_equal,
    category_valid,
    exam_valid,
    signature_valid,
    licence_covers,
    steps_in_time,
)


@dataclass(frozen=True, slots=True)
class Registry:
    """The dated data that rules are read with."""

    law: Law
    posts: Posts
    calendar: WorkingDays
    catalogue: Catalogue


def judge(facts: Facts, registry: Registry) -> tuple[RuleResult, ...]:
    """The verdicts R-ACC-01…13 about a worker on a day. No input is changed, none is guessed."""
    return tuple(rule(facts, registry.law, registry.posts) for rule in RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that still stands between a worker and the next accreditation."""

    what: str
    text: str
    amount: int | None = None
    todo: str = ""
    actor: Actor = Actor.WORKER
    deadline: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a worker stands in one specialty. `hours` say why they are not known when they are not.

    `window_opens` is the first day of application, `safe_submit` the last one that leaves time for
    a decision before the term ends (ФАЦ calendar: months before the month of the end).
    """

    specialty: str
    record: Record | None
    statement: Statement | Unknown
    sums: Tally | None
    window_opens: date | None
    safe_submit: date | None

    @property
    def can_work(self) -> bool:
        """Whether the record gives the right today."""
        return gives_right(self.record)

    @property
    def until(self) -> date | None:
        """The last day of the record, extensions counted in."""
        return self.record.term.effective if self.record else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a worker is told: one sentence, what is missing, by which day, and why."""

    today: date
    sentence: str
    verdict: Verdict
    missing: tuple[Missing, ...]
    deadline: date | None
    standings: tuple[Standing, ...]
    rules: tuple[RuleResult, ...]


def report(facts: Facts, registry: Registry) -> Report:
    """Judge a worker and say it in one sentence."""
    rules = judge(facts, registry)
    standings = standings_of(facts, registry)
    main = standings[0] if standings else None
    missing = missing_of(main, facts, rules) if main else ()
    return Report(
        today=facts.today,
        sentence=sentence(main, facts.today),
        verdict=worst_verdict(rule.verdict for rule in rules),
        missing=missing,
        deadline=main.until if main else None,
        standings=standings,
        rules=rules,
    )


def standings_of(facts: Facts, registry: Registry) -> tuple[Standing, ...]:
    """Each specialty of the worker, the most pressing first."""
    made = [_standing(facts, registry, one) for one in held_specialties(facts, registry.posts)]
    return tuple(sorted(made, key=_pressing))


def _pressing(one: Standing) -> tuple[bool, date, str]:
    return (one.can_work, one.until or date.min, one.specialty)


def _standing(facts: Facts, registry: Registry, specialty: str) -> Standing:
    record, statement = facts.best((specialty,)), facts.statement(specialty)
    until = record.term.effective if record and gives_right(record) else None
    law = registry.law
    days = law.number("accr.window.open_days", facts.today)
    return Standing(
        specialty=specialty,
        record=record,
        statement=statement,
        sums=tally(statement, law, facts.today) if isinstance(statement, Statement) else None,
        window_opens=until - timedelta(days=days) if until else None,
        safe_submit=safe_submit_day(until, registry, facts.today) if until else None,
    )


def safe_submit_day(until: date, registry: Registry, today: date, *, agreed: bool = True) -> date:
    """The last working day of the month in which an application still comes in time.

    Two months before the month of the end when the report is agreed, three when it is not.
    Source: calendar of ФАЦ, norms `accr.recommend.months_…`.
    """
    key = "accr.recommend.months_agreed" if agreed else "accr.recommend.months_not_agreed"
    month = until.year * 12 + until.month - 1 - registry.law.number(key, today)
    return registry.calendar.last_working_day(month // 12, month % 12 + 1)


def sentence(main: Standing | None, today: date) -> str:
    """What exactly is missing until the accreditation and by which day, in one sentence."""
    if main is None:
        return "По данным регистра у вас нет должностей, для которых нужна аккредитация."
    name, until = f"«{main.specialty}»", main.until
    if not main.can_work or until is None:
        since = f" с {words.long_day(until + timedelta(days=1))}" if until and until < today else ""
        parts = [
            f"Работать по специальности {name} нельзя{since}, пока в регистре нет новой записи"
        ]
    else:
        parts = [f"Вы можете работать по специальности {name} до {words.long_day(until)}"]
    parts.append(_hours_words(main))
    parts.append(_application_words(main, today))
    return "; ".join(part for part in parts if part).rstrip(".") + "."


def _hours_words(main: Standing) -> str:
    if main.sums is None:
        reason = main.statement.reason if isinstance(main.statement, Unknown) else ""
        return f"часы обучения не проверены: {reason[:1].lower()}{reason[1:]}"
    if main.sums.complete:
        return f"часы обучения набраны ({main.sums.counted} из {main.sums.needed})"
    text = f"для следующей аккредитации не хватает {words.hours(main.sums.missing)} обучения"
    if main.sums.missing_programme:
        text += f", из них {words.hours(main.sums.missing_programme)} программ ПК"
    if main.sums.waiting:
        text += f" ({words.hours(main.sums.waiting)} ждут подтверждения)"
    return text


def _application_words(main: Standing, today: date) -> str:
    if not main.can_work or main.window_opens is None or main.safe_submit is None:
        return "подайте заявление на аккредитацию сейчас"
    if today < main.window_opens:
        return f"заявление подаётся с {words.long_day(main.window_opens)}"
    if today <= main.safe_submit:
        return f"подайте заявление до {words.long_day(main.safe_submit)}"
    safe = words.long_day(main.safe_submit)
    return f"подайте заявление сейчас: с запасом можно было до {safe}"


def missing_of(main: Standing, facts: Facts, rules: Sequence[RuleResult]) -> tuple[Missing, ...]:
    """The list behind the sentence: hours, the application, what others must put right."""
    made: list[Missing] = []
    sums, due = main.sums, main.safe_submit
    if due is None or due < facts.today:
        due = main.until
    if sums is None:
        made.append(
            Missing(
                what="HOURS_UNKNOWN",
                text=_hours_words(main).capitalize(),
                actor=Actor.CABINET,
                deadline=due,
            )
        )
    else:
        made += _missing_hours(sums, due)
    if not main.can_work or (main.window_opens and facts.today >= main.window_opens):
        made.append(
            Missing(
                what="APPLICATION",
                text="Заявление на периодическую аккредитацию",
                todo=_application_words(main, facts.today).capitalize(),
                deadline=due,
            )
        )
    made += [
        Missing(
            what=one.id,
            text=one.worst.reason,
            todo=one.worst.todo,
            actor=one.worst.actor,
            deadline=one.worst.deadline,
        )
        for one in rules[1:]
        if one.verdict is Verdict.FAIL and one.id != "R-ACC-03"
    ]
    return tuple(made)


def _missing_hours(sums: Tally, due: date | None) -> Iterable[Missing]:
    todo = "Выберите программы в плане обучения"
    if sums.missing_programme:
        yield Missing(
            what="HOURS_PROGRAMME",
            text=f"{words.hours(sums.missing_programme)} программ ПК",
            amount=sums.missing_programme,
            todo=todo,
            deadline=due,
        )
    if rest := max(0, sums.missing_total - sums.missing_programme):
        yield Missing(
            what="HOURS",
            text=f"{words.hours(rest)} обучения: программы ПК или баллы портала",
            amount=rest,
            todo=todo,
            deadline=due,
        )


def next_turn(facts: Facts, registry: Registry) -> date:
    """The next day on which a verdict may change by itself; at most a month ahead."""
    law, today = registry.law, facts.today
    spans = (
        law.number("accr.window.open_days", today) - 1,
        law.number("accr.urgent.days", today) - 1,
        law.number("accr.mentoring.fail_days", today) - 1,
        HORIZON_DAYS,
        -1,
    )
    ends = [one.term.effective for one in facts.records if one.term.effective]
    turns = [end - timedelta(days=span) for end in ends for span in spans]
    turns += _document_turns(facts, law)
    for job in facts.jobs:
        if job.start_date:
            turns.append(job.start_date)
        if job.end_date:
            turns.append(job.end_date + timedelta(days=1))
            turns += [
                years_after(job.end_date, law.number(key, today)) + timedelta(days=1)
                for key in ("accr.break_years", "accr.break_warn_years")
            ]
    if law_turn := law.next_day(today):
        turns.append(law_turn)
    month = today + timedelta(days=30)
    return min((turn for turn in turns if today < turn < month), default=month)


def _document_turns(facts: Facts, law: Law) -> Iterable[date]:
    known, today = facts.documents, facts.today
    for documents, warn in (
        (known.categories, "category.warn_days"),
        ((known.medical_exam,), "document.warn_days"),
        (known.signatures, "document.warn_days"),
    ):
        for one in () if isinstance(documents, Unknown) else documents:
            if isinstance(one, Document) and one.valid_until:
                yield one.valid_until - timedelta(days=law.number(warn, today) - 1)
                yield one.valid_until + timedelta(days=1)


HORIZON_DAYS = 396
"""How far ahead terms are announced: a year, the first reminder, and a month of room."""
