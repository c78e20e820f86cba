"""Contradictions between registers, profile and documents, and who must put them right."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.compliance import Registry
from lkmr_accreditation.domain.facts import Facts, Identity, Record, gives_right, held_specialties
from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.domain.rules_accreditation import years_after
from lkmr_accreditation.domain.verdicts import Actor, Unknown
from lkmr_accreditation.domain.worker import GAPS

_SLACK_DAYS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One contradiction: where, what stands here and there, who corrects it and how."""

    kind: str
    subject: str
    text: str
    ours: str
    theirs: str
    actor: Actor
    todo: str


def discrepancies_of(facts: Facts, registry: Registry) -> tuple[Discrepancy, ...]:
    """Every contradiction in what is known of a worker today."""
    found: list[Discrepancy] = []
    for record in facts.records:
        found += _in_record(record, facts, registry)
    found += _doubles(facts.records)
    found += _jobs(facts, registry)
    found += _card(facts)
    found += _cycles(facts, registry)
    return tuple(found)


def _in_record(record: Record, facts: Facts, registry: Registry) -> Iterable[Discrepancy]:
    entry = record.entry
    number, start, end = entry.registry_number, entry.record_date, entry.expire_date
    if start and start > facts.today:
        yield Discrepancy(
            kind="RECORD_IN_FUTURE",
            subject=number,
            text="Запись датирована будущим днём",
            ours=words.short_day(facts.today),
            theirs=words.short_day(start),
            actor=Actor.REGISTER,
            todo=_ASK_REGISTER,
        )
    if start and end:
        due = years_after(start, registry.law.number("accr.validity_years", start))
        if abs((end - due).days) > _SLACK_DAYS:
            yield Discrepancy(
                kind="TERM_CONTRADICTS_RECORD",
                subject=number,
                text="Срок в записи не равен пяти годам от дня внесения",
                ours=words.short_day(due),
                theirs=words.short_day(end),
                actor=Actor.REGISTER,
                todo=_ASK_REGISTER,
            )
    if entry.protocol_date and start and entry.protocol_date > start:
        yield Discrepancy(
            kind="PROTOCOL_AFTER_RECORD",
            subject=number,
            text="Протокол комиссии позже внесения записи",
            ours=words.short_day(start),
            theirs=words.short_day(entry.protocol_date),
            actor=Actor.REGISTER,
            todo=_ASK_REGISTER,
        )


_ASK_REGISTER = "Сообщите о расхождении в отдел кадров: он направит исправление в ФРМР"
_ASK_HR = "Попросите отдел кадров исправить личное дело в ФРМР"


def _doubles(records: Iterable[Record]) -> Iterable[Discrepancy]:
    working = [one for one in records if gives_right(one)]
    for one, other in combinations(sorted(working, key=lambda one: one.id), 2):
        same = one.entry.specialty.casefold() == other.entry.specialty.casefold()
        if same and one.entry.record_date == other.entry.record_date:
            yield Discrepancy(
                kind="RECORD_TWICE",
                subject=one.entry.specialty,
                text="Две записи об одной аккредитации от одного дня",
                ours=one.entry.registry_number,
                theirs=other.entry.registry_number,
                actor=Actor.REGISTER,
                todo=_ASK_REGISTER,
            )


def _jobs(facts: Facts, registry: Registry) -> Iterable[Discrepancy]:
    for job in facts.jobs:
        if job.start_date and job.end_date and job.end_date < job.start_date:
            yield Discrepancy(
                kind="JOB_ENDS_BEFORE_BEGIN",
                subject=job.position,
                text="Работа закончилась раньше, чем началась",
                ours=words.short_day(job.start_date),
                theirs=words.short_day(job.end_date),
                actor=Actor.HR,
                todo=_ASK_HR,
            )
    for job in facts.current_jobs:
        fitting = registry.posts.specialties(job.position)
        if (
            fitting
            and job.specialty
            and job.specialty.casefold() not in {one.casefold() for one in fitting}
        ):
            yield Discrepancy(
                kind="JOB_SPECIALTY_DIFFERS",
                subject=job.position,
                text="Специальность в личном деле не подходит к должности",
                ours=", ".join(fitting),
                theirs=job.specialty,
                actor=Actor.HR,
                todo=_ASK_HR,
            )


def _card(facts: Facts) -> Iterable[Discrepancy]:
    if not isinstance(facts.gaps, Unknown):
        for code in facts.gaps:
            yield Discrepancy(
                kind="CARD_FIELD_MISSING",
                subject=GAPS.get(code, code),
                text=f"В карточке ФРМР нет поля: {GAPS.get(code, code).lower()}",
                ours="обязательно",
                theirs="нет",
                actor=Actor.HR,
                todo=_ASK_HR,
            )
    identity = facts.identity
    if isinstance(identity, Identity) and (not identity.equal or identity.form_differs):
        differs = "ё и е" if identity.equal else "имя или дата рождения"
        yield Discrepancy(
            kind="NAME_DIFFERS",
            subject="Имя",
            text=f"ФРМР и профиль Госуслуг расходятся: {differs}",
            ours="Госуслуги",
            theirs="ФРМР",
            actor=Actor.HR,
            todo=_ASK_HR,
        )


def _cycles(facts: Facts, registry: Registry) -> Iterable[Discrepancy]:
    for specialty in held_specialties(facts, registry.posts):
        statement, record = facts.statement(specialty), facts.best((specialty,))
        if not isinstance(statement, Statement) or record is None or not gives_right(record):
            continue
        end = record.term.printed
        if end and abs(statement.end - end) > timedelta(days=_SLACK_DAYS):
            yield Discrepancy(
                kind="CYCLE_DIFFERS",
                subject=specialty,
                text="Цикл обучения кончается не в день окончания аккредитации",
                ours=words.short_day(end),
                theirs=words.short_day(statement.end),
                actor=Actor.WORKER,
                todo="Исправьте даты цикла на портале НМО",
            )
