"""The portfolio (портфолио) of a periodic accreditation, assembled from what the cabinet knows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import orjson

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.application import Agreement, Application
from lkmr_accreditation.domain.compliance import Standing
from lkmr_accreditation.domain.errors import (
    BreakTooLong,
    HoursNotMet,
    MentoringUnfinished,
    ReportNotAgreed,
    TooEarly,
)
from lkmr_accreditation.domain.facts import Facts
from lkmr_accreditation.domain.forms import YES, Form
from lkmr_accreditation.domain.holdings import Held
from lkmr_accreditation.domain.hours import Statement, Tally
from lkmr_accreditation.domain.verdicts import RuleResult, Unknown, Verdict


class Readiness(Enum):
    """Whether a piece of the portfolio is there."""

    READY = "READY"
    WAITING = "WAITING"
    MISSING = "MISSING"
    NOT_NEEDED = "NOT_NEEDED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece: what it is, where it comes from, what is missing."""

    code: str
    title: str
    readiness: Readiness
    detail: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the pieces are made of. `standing` is None for a specialty that the worker has not."""

    form: Form
    facts: Facts
    standing: Standing | None
    rules: Sequence[RuleResult]
    held: Sequence[Held] = ()


R = Readiness


def portfolio_of(application: Application, known: Known) -> tuple[Piece, ...]:
    """All pieces in the order of the list of documents.

    Source: Положение об аккредитации (709н), п. 89–90; list of the cabinet of ФРМР.
    """
    answers = application.answers
    missing = known.form.missing(answers)
    statement = Piece(
        code="STATEMENT",
        title="Заявление о допуске",
        readiness=R.MISSING if missing else R.READY,
        detail=f"Не заполнено полей: {len(missing)}" if missing else "Заполнено",
        todo="Заполните разделы заявления" if missing else "",
    )
    changed = answers.get("name_changed") == YES
    return (
        statement,
        _report(application),
        _refusal(application),
        *_hours(known),
        Piece(
            code="IDENTITY",
            title="Паспорт и СНИЛС",
            readiness=R.READY,
            detail="Совпадают с профилем Госуслуг, ФАЦ берёт их из ФРМР",
        ),
        Piece(
            code="NAME_CHANGE",
            title="Документ о смене имени",
            readiness=_declared(answers, "name_document") if changed else R.NOT_NEEDED,
            detail=answers.get("name_document", "") if changed else "Имя не менялось",
            todo="Укажите документ" if changed and not answers.get("name_document") else "",
        ),
        _record(known),
        _diploma(known, answers),
        _employment(known, answers),
        _category(known, answers),
    )


def blocks(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces without which nothing is sent."""
    return tuple(one for one in pieces if one.readiness is R.MISSING)


def check_sendable(application: Application, known: Known) -> None:
    """What keeps an application from being sent, the first thing that does.

    Raises TooEarly, BreakTooLong, MentoringUnfinished, HoursNotMet, ReportNotAgreed. The form
    itself is checked before.
    """
    standing = known.standing
    opens = standing.window_opens if standing else None
    if opens is not None and known.facts.today < opens:
        raise TooEarly(open_date=opens.strftime("%d.%m.%Y"))
    for rule in known.rules:
        for finding in rule.findings:
            same = finding.subject.casefold() == application.specialty.casefold()
            if not same or finding.verdict is not Verdict.FAIL:
                continue
            if rule.id == "R-ACC-05":
                raise BreakTooLong
            if rule.id == "R-ACC-06":
                raise MentoringUnfinished
    sums = standing.sums if standing else None
    if sums is not None and (lack := _lack(sums)):
        raise HoursNotMet(missing_hours=lack)
    if application.report.agreement is Agreement.NONE and not agreement_excused(application):
        raise ReportNotAgreed


def agreement_excused(application: Application) -> bool:
    """Whether the report needs no agreement: the worker named one of the lawful grounds."""
    return application.answers.get("agreement", "") in {
        "NOT_WORKING",
        "CHIEF_DOCTOR",
        "SOLE_PROPRIETOR",
    }


def report_digest(application: Application) -> str:
    """SHA-256 of what a head decides about: the report, its author and version."""
    content = {
        "application": application.id,
        "file_set": application.file_set,
        "report": application.answers.get("report", ""),
        "specialty": application.specialty,
        "worker": application.worker,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def refile_day(failed_on: date, pause_days: int) -> date:
    """The first day of a new application after «не сдано»."""
    return failed_on + timedelta(days=pause_days)


def _lack(sums: Tally) -> int:
    """Hours that are missing even when all documents under check are found."""
    return max(0, sums.missing - sums.waiting)


def _diploma(known: Known, answers: Mapping[str, str]) -> Piece:
    kept = _kept(known, "DIPLOMA", "RESIDENCY", "RETRAINING")
    readiness = R.READY if kept else _declared(answers, "diploma")
    return Piece(
        code="DIPLOMA",
        title="Диплом и приложение",
        readiness=readiness,
        detail=kept or answers.get("diploma", "") or "Не указан",
        todo="" if readiness is R.READY else "Укажите диплом в разделе «Образование»",
    )


def _category(known: Known, answers: Mapping[str, str]) -> Piece:
    """The shortcut of those to whom a category was assigned in this or the last year."""
    title = "Приказ о присвоении категории"
    if answers.get("category") != YES:
        return Piece(
            code="CATEGORY", title=title, readiness=R.NOT_NEEDED, detail="Категория не заявлена"
        )
    kept = _kept(known, "CATEGORY")
    readiness = R.READY if kept else _declared(answers, "category_order")
    return Piece(
        code="CATEGORY",
        title=title,
        readiness=readiness,
        detail=kept or answers.get("category_order", "") or "Не указан",
        todo="" if readiness is R.READY else "Укажите приказ в разделе «Стаж и категория»",
    )


def _kept(known: Known, *kinds: str) -> str:
    """How many documents of these kinds lie in the cabinet, and whether they were checked."""
    found = [one for one in known.held if one.kind in kinds]
    if not found:
        return ""
    checked = sum(one.checked for one in found)
    return f"Документов в кабинете: {len(found)}, подтверждено: {checked}"


def _declared(answers: Mapping[str, str], name: str) -> Readiness:
    return R.READY if answers.get(name, "").strip() else R.MISSING


def _report(application: Application) -> Piece:
    report, title = application.report, "Отчёт о профессиональной деятельности"
    if not application.answers.get("report", "").strip():
        return Piece(
            code="REPORT",
            title=title,
            readiness=R.MISSING,
            detail="Не написан",
            todo="Напишите отчёт за пять лет",
        )
    if agreement_excused(application):
        return Piece(
            code="REPORT", title=title, readiness=R.READY, detail="Согласование не требуется"
        )
    words_of = {
        Agreement.AGREED: (R.READY, "Согласован руководителем", ""),
        Agreement.REFUSED: (R.READY, "Руководитель отказал, отказ приложен", ""),
    }
    readiness, detail, todo = words_of.get(
        report.agreement,
        (R.MISSING, "Не согласован руководителем", "Отправьте отчёт на согласование"),
    )
    return Piece(code="REPORT", title=title, readiness=readiness, detail=detail, todo=todo)


def _refusal(application: Application) -> Piece:
    refused = application.report.agreement is Agreement.REFUSED
    return Piece(
        code="REFUSAL",
        title="Мотивированный отказ в согласовании",
        readiness=R.READY if refused else R.NOT_NEEDED,
        detail=application.report.reason if refused else "Отказа не было",
    )


def _hours(known: Known) -> tuple[Piece, Piece]:
    programmes, portal = "Программы повышения квалификации", "Сведения с портала НМО"
    standing = known.standing
    statement = standing.statement if standing else Unknown("По этой специальности вы не работаете")
    if isinstance(statement, Unknown) or standing is None or standing.sums is None:
        reason = statement.reason if isinstance(statement, Unknown) else ""
        return (
            Piece(code="PROGRAMMES", title=programmes, readiness=R.UNKNOWN, detail=reason),
            Piece(code="PORTAL", title=portal, readiness=R.UNKNOWN, detail=reason),
        )
    sums = standing.sums
    return _programmes(programmes, sums), _portal(portal, sums, statement)


def _programmes(title: str, sums: Tally) -> Piece:
    detail = f"Засчитано {sums.programme} ч из нужных {sums.needed_programme}"
    if sums.waiting:
        detail += f", ждут проверки {sums.waiting} ч"
    lack = _lack(sums)
    readiness = R.READY if sums.complete else R.MISSING if lack else R.WAITING
    todo = f"Наберите ещё {lack} ч по специальности" if lack else ""
    return Piece(code="PROGRAMMES", title=title, readiness=readiness, detail=detail, todo=todo)


def _portal(title: str, sums: Tally, statement: Statement) -> Piece:
    needed = sums.programme < sums.needed
    counted = f"Засчитано {sums.portal} ЗЕТ за {words.short_day(statement.start)}"
    detail = f"{counted}–{words.short_day(statement.end)}"
    if not needed:
        return Piece(
            code="PORTAL",
            title=title,
            readiness=R.NOT_NEEDED,
            detail="Хватает программ повышения квалификации",
        )
    return Piece(
        code="PORTAL",
        title=title,
        readiness=R.READY if sums.complete else R.WAITING,
        detail=detail,
    )


def _record(known: Known) -> Piece:
    title = "Прежняя аккредитация или сертификат"
    record = known.standing.record if known.standing else None
    if record is None:
        return Piece(
            code="PREVIOUS",
            title=title,
            readiness=R.UNKNOWN,
            detail="В реестре записи нет",
            todo="Если документ у вас есть, подайте форму F5",
        )
    return Piece(
        code="PREVIOUS",
        title=title,
        readiness=R.READY,
        detail=f"Запись {record.entry.registry_number} из реестра",
    )


def _employment(known: Known, answers: Mapping[str, str]) -> Piece:
    title = "Сведения о трудовой деятельности"
    jobs = len(known.facts.jobs)
    if not jobs:
        return Piece(
            code="EMPLOYMENT",
            title=title,
            readiness=R.UNKNOWN,
            detail="В ФРМР нет мест работы",
            todo="Попросите отдел кадров внести их",
        )
    confirmed = answers.get("employment") == YES
    return Piece(
        code="EMPLOYMENT",
        title=title,
        readiness=R.READY if confirmed else R.MISSING,
        detail=f"Мест работы в ФРМР: {jobs}",
        todo="" if confirmed else "Подтвердите, что они верны",
    )
