"""R-ACC-03, 04: hours on track, and their documents in the register of education documents."""

from collections.abc import Iterable
from datetime import date, timedelta

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.facts import Facts, Record, gives_right, held_specialties
from lkmr_accreditation.domain.hours import (
    Activity,
    DocumentCheck,
    Outcome,
    Statement,
    Tally,
    expected_hours,
    tally,
)
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

_NO_CYCLE = "Специальностей, по которым идёт цикл обучения, по регистру нет"


def hours_on_track(facts: Facts, law: Law, posts: Posts) -> RuleResult:
    """R-ACC-03: the hours rule is met, or the even pace towards it is kept."""
    findings = tuple(_hours_finding(facts, law, one) for one in held_specialties(facts, posts))
    return RuleResult(
        id="R-ACC-03",
        title="Часы обучения",
        source=law.source("accr.hours.total", facts.today),
        findings=findings or (ok(_NO_CYCLE),),
    )


def _hours_finding(facts: Facts, law: Law, specialty: str) -> Finding:
    statement, record = facts.statement(specialty), facts.best((specialty,))
    if isinstance(statement, Unknown):
        return unknown(f"Часы не проверены. {statement.reason}", specialty)
    sums = tally(statement, law, facts.today)
    expected = expected_hours(statement, law, facts.today)
    lines = calculation(statement, sums, expected)
    if sums.complete:
        return ok(f"Часы набраны: {words.hours(sums.counted)}", specialty, *lines)
    end = _end(record, statement)
    left = (end - facts.today).days
    reason = missing_words(sums)
    if left < law.number("accr.urgent.days", facts.today):
        verdict = Verdict.FAIL
    elif sums.counted < expected or left < law.number("accr.window.open_days", facts.today):
        verdict = Verdict.WARN
        reason += f"; ровный темп к этому дню — {words.hours(expected)}"
    else:
        return ok(f"{words.hours(sums.counted)} из {sums.needed}, темп выдержан", specialty, *lines)
    return Finding(
        verdict=verdict,
        reason=reason,
        subject=specialty,
        todo="Откройте план обучения и выберите программы",
        actor=Actor.WORKER,
        deadline=end,
        calculation=lines,
    )


def missing_words(sums: Tally) -> str:
    """«Не хватает 36 ч, из них 12 ч программ ПК; 36 ч ждут подтверждения»."""
    text = f"Не хватает {words.hours(sums.missing)}"
    if sums.missing_programme:
        text += f", из них {words.hours(sums.missing_programme)} программ ПК"
    if sums.waiting:
        text += f"; {words.hours(sums.waiting)} ждут подтверждения"
    return text


def calculation(statement: Statement, sums: Tally, expected: int) -> tuple[Line, ...]:
    """Every activity with the reason why it counts or not, then the sums."""
    made = [
        Line(
            text=one.title + (" (предположение)" if one.simulated else ""),
            value=words.hours(one.hours),
            counted=one.outcome is Outcome.COUNTED,
            reason=one.reason,
        )
        for one in sorted(statement.once, key=_order)
    ]
    made.append(Line(text="Программы ПК", value=f"{sums.programme} из {sums.needed_programme} ч"))
    made.append(Line(text="Всего засчитано", value=f"{sums.counted} из {sums.needed} ч"))
    made.append(Line(text="Ровный темп к этому дню", value=words.hours(expected)))
    return tuple(made)


_PLACES = {Outcome.COUNTED: 0, Outcome.WAITING: 1, Outcome.NOT_COUNTED: 2}


def _order(one: Activity) -> tuple[int, date, str]:
    return (_PLACES[one.outcome], one.finished_on or date.max, one.id)


def _end(record: Record | None, statement: Statement) -> date:
    if record is not None and record.term.effective is not None and gives_right(record):
        return record.term.effective
    return statement.end


def documents_found(facts: Facts, law: Law, posts: Posts) -> RuleResult:
    """R-ACC-04: documents behind the hours are found in ФИС ФРДО."""
    findings: list[Finding] = []
    for specialty in held_specialties(facts, posts):
        statement = facts.statement(specialty)
        if isinstance(statement, Unknown):
            findings.append(unknown(f"Документы не проверены. {statement.reason}", specialty))
        else:
            findings.append(_documents_finding(statement, law, facts.today, specialty))
    return RuleResult(
        id="R-ACC-04",
        title="Документы об обучении в ФИС ФРДО",
        source=law.source("frdo.grace_days", facts.today),
        findings=tuple(findings) or (ok(_NO_CYCLE),),
    )


def _documents_finding(statement: Statement, law: Law, today: date, specialty: str) -> Finding:
    grace = law.number("frdo.grace_days", today)
    sought = [one for one in statement.once if one.check is not DocumentCheck.NOT_NEEDED]
    missing = [one for one in sought if one.check is not DocumentCheck.FOUND]
    lines = tuple(_document_line(one) for one in sought)
    late = [one for one in missing if _late(one, today, grace)]
    if late:
        return Finding(
            verdict=Verdict.FAIL,
            reason=f"Не найдено в ФИС ФРДО за {words.days(grace)} после выдачи: "
            + words.counted(len(late), "документ|документа|документов"),
            subject=specialty,
            todo="Обратитесь в учебную организацию: она обязана внести документ",
            actor=Actor.PROVIDER,
            deadline=_first_due(late, grace),
            calculation=lines,
        )
    if unasked := [one for one in missing if one.check is DocumentCheck.NO_CONSENT]:
        return Finding(
            verdict=Verdict.UNKNOWN,
            reason="Не проверяются в ФИС ФРДО, нет согласия на сверку: "
            + words.counted(len(unasked), "документ|документа|документов"),
            subject=specialty,
            todo="Дайте согласие на сверку обучения в профиле или обратитесь в отдел кадров",
            actor=Actor.WORKER,
            calculation=lines,
        )
    if unclear := [one for one in missing if one.check is DocumentCheck.NOT_CHECKED]:
        return Finding(
            verdict=Verdict.UNKNOWN,
            reason="Ещё не проверены в ФИС ФРДО: "
            + words.counted(len(unclear), "документ|документа|документов"),
            subject=specialty,
            todo="Ничего не делайте: кабинет проверит сам",
            actor=Actor.CABINET,
            calculation=lines,
        )
    if missing:
        return Finding(
            verdict=Verdict.WARN,
            reason="Ждут внесения в ФИС ФРДО: "
            + words.counted(len(missing), "документ|документа|документов"),
            subject=specialty,
            todo="Ничего не делайте: кабинет проверит сам",
            actor=Actor.PROVIDER,
            deadline=_first_due(missing, grace),
            calculation=lines,
        )
    return ok("Все документы об обучении найдены в ФИС ФРДО", specialty, *lines)


def _late(one: Activity, today: date, grace: int) -> bool:
    """Whether a document should have been found: by its day of issue, else by what was answered."""
    if one.issued_on is None:
        return one.check is DocumentCheck.NOT_FOUND
    return (today - one.issued_on).days > grace


def _first_due(activities: Iterable[Activity], grace: int) -> date | None:
    issued = [one.issued_on for one in activities if one.issued_on]
    return min(issued) + timedelta(days=grace) if issued else None


def _document_line(one: Activity) -> Line:
    issued = f", выдан {words.short_day(one.issued_on)}" if one.issued_on else ""
    return Line(
        text=f"{one.title}{issued}",
        value=words.hours(one.hours),
        counted=one.check is DocumentCheck.FOUND,
        reason=_CHECK_WORDS[one.check],
    )


_CHECK_WORDS = {
    DocumentCheck.FOUND: "найден в ФИС ФРДО",
    DocumentCheck.WAITING: "ждёт внесения",
    DocumentCheck.NOT_FOUND: "не найден",
    DocumentCheck.NOT_CHECKED: "ещё не проверен",
    DocumentCheck.NO_CONSENT: "не проверяется без согласия",
    DocumentCheck.NOT_NEEDED: "",
}
