"""R-ACC-09…13: documents with a term, the licence of the organisation, open applications."""

from collections.abc import Sequence
from datetime import date, timedelta

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.facts import Document, Facts, Licence, OpenStep
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.posts import Posts
from lkmr_accreditation.domain.verdicts import (
    Actor,
    Finding,
    Line,
    RuleResult,
    Unknown,
    Verdict,
    ok,
    unknown,
)


def category_valid(facts: Facts, law: Law, _: Posts) -> RuleResult:
    """R-ACC-09: a declared qualification category is valid."""
    warn = law.number("category.warn_days", facts.today)
    return RuleResult(
        id="R-ACC-09",
        title="Квалификационная категория",
        source=law.source("category.validity_years", facts.today),
        findings=_terms(
            facts.documents.categories, facts.today, warn, "Категория не заявлена",
            "Подайте документы на сохранение категории",
        ),
    )  # fmt: skip


def exam_valid(facts: Facts, law: Law, _: Posts) -> RuleResult:
    """R-ACC-10: the periodic medical examination is valid."""
    exam = facts.documents.medical_exam
    warn = law.number("document.warn_days", facts.today)
    if exam is None:
        findings: tuple[Finding, ...] = (
            Finding(
                verdict=Verdict.FAIL,
                reason="Заключения медосмотра нет",
                todo="Пройдите периодический медосмотр",
                actor=Actor.WORKER,
            ),
        )
    else:
        known = exam if isinstance(exam, Unknown) else [exam]
        findings = _terms(known, facts.today, warn, "", "Пройдите периодический медосмотр")
    return RuleResult(
        id="R-ACC-10",
        title="Периодический медосмотр",
        source="Приказ Минздрава от 28.01.2021 № 29н",
        findings=findings,
    )


def signature_valid(facts: Facts, law: Law, _: Posts) -> RuleResult:
    """R-ACC-11: the certificate of the signature (УКЭП) and the power of attorney are valid."""
    warn = law.number("document.warn_days", facts.today)
    return RuleResult(
        id="R-ACC-11",
        title="Электронная подпись и доверенность",
        source="ФЗ-63 «Об электронной подписи»",
        findings=_terms(
            facts.documents.signatures, facts.today, warn, "Подпись не заявлена",
            "Обновите сертификат или доверенность",
        ),
    )  # fmt: skip


def _terms(
    documents: Sequence[Document] | Unknown, today: date, warn: int, absent: str, todo: str
) -> tuple[Finding, ...]:
    if isinstance(documents, Unknown):
        return (unknown(documents.reason),)
    return tuple(_term(one, today, warn, todo) for one in documents) or (ok(absent),)


def _term(document: Document, today: date, warn: int, todo: str) -> Finding:
    end = document.valid_until
    if end is None:
        return _confirmed(document, f"{document.name}: без срока")
    day = words.short_day(end)
    if end < today:
        verdict, reason = Verdict.FAIL, f"{document.name}: срок закончился {day}"
    elif (end - today).days < warn:
        verdict, reason = Verdict.WARN, f"{document.name}: действует до {day}"
    else:
        return _confirmed(document, f"{document.name}: действует до {day}")
    return Finding(
        verdict=verdict,
        reason=reason,
        subject=document.name,
        todo=todo,
        actor=Actor.WORKER,
        deadline=end,
    )


def _confirmed(document: Document, reason: str) -> Finding:
    """What nobody confirmed yet is never called good."""
    if document.checked:
        return ok(reason, document.name)
    return unknown(
        f"{reason}; документ ещё не подтверждён",
        document.name,
        todo="Попросите отдел кадров подтвердить документ",
        actor=Actor.HR,
    )


def licence_covers(facts: Facts, _: Law, __: Posts) -> RuleResult:
    """R-ACC-12: the licence of the organisation covers the work."""
    known = facts.documents.licences
    findings: tuple[Finding, ...]
    if isinstance(known, Unknown):
        findings = (unknown(known.reason),)
    else:
        findings = tuple(_licence(one) for one in known)
    return RuleResult(
        id="R-ACC-12",
        title="Лицензия организации на вид работ",
        source="ПП 852 от 01.06.2021",
        findings=findings or (ok("Работ, для которых нужна лицензия, нет"),),
    )


def _licence(licence: Licence) -> Finding:
    work = f"«{licence.work}», {licence.organization}"
    if not licence.known:
        return unknown(f"Реестр лицензий об организации ещё не ответил: {work}", licence.work)
    if licence.reissue_open:
        return Finding(
            verdict=Verdict.WARN,
            reason=f"Лицензия переоформляется: {work}",
            subject=licence.work,
            todo="Дождитесь переоформления лицензии",
            actor=Actor.HEAD,
        )
    if licence.covered:
        return ok(f"Лицензия охватывает работы: {work}", licence.work)
    return Finding(
        verdict=Verdict.FAIL,
        reason=f"В лицензии нет работ: {work}",
        subject=licence.work,
        todo="Внесите вид работ в лицензию",
        actor=Actor.HEAD,
    )


def steps_in_time(facts: Facts, law: Law, _: Posts) -> RuleResult:
    """R-ACC-13: no step of an open application is overdue."""
    known = facts.documents.steps
    findings: tuple[Finding, ...]
    if isinstance(known, Unknown):
        findings = (unknown(known.reason),)
    else:
        percent = law.number("application.warn_percent", facts.today)
        findings = tuple(_step(one, facts.today, percent) for one in known)
    return RuleResult(
        id="R-ACC-13",
        title="Шаги заявления в срок",
        source=law.source("accr.limit.fac_wd", facts.today),
        findings=findings or (ok("Открытых заявлений нет"),),
    )


def _step(step: OpenStep, today: date, percent: int) -> Finding:
    limit = words.short_day(step.limit)
    line = Line(text=f"{step.step}, с {words.short_day(step.start)}", value=f"до {limit}")
    if today > step.limit:
        verdict, reason = Verdict.FAIL, f"Шаг «{step.step}» просрочен: предел был {limit}"
    elif today - step.start >= _share(step, percent):
        verdict, reason = Verdict.WARN, f"Предел шага «{step.step}» близок: {limit}"
    else:
        return ok(f"Шаг «{step.step}» идёт в срок, до {limit}", step.application, line)
    return Finding(
        verdict=verdict,
        reason=reason,
        subject=step.application,
        todo="Спросите о заявлении в поддержке",
        actor=Actor.CABINET,
        deadline=step.limit,
        calculation=(line,),
    )


def _share(step: OpenStep, percent: int) -> timedelta:
    return (step.limit - step.start) * percent / 100
