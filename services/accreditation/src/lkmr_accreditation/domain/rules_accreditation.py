"""R-ACC-01, 02, 05, 06: the record itself, the post, the break in the specialty, mentoring."""

from datetime import date, timedelta

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.accreditation import State
from lkmr_accreditation.domain.facts import Facts, Record, gives_right, held_specialties
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
from lkmr_accreditation.domain.worker import Job

_PRIMARY = frozenset({"PRIMARY", "PRIMARY_SPECIALIZED"})
_NO_POST = "Должностей, для которых нужна аккредитация, по регистру нет"


def valid_record(facts: Facts, law: Law, posts: Posts) -> RuleResult:
    """R-ACC-01: a valid accreditation or extension for the specialty of each held post."""
    findings = [_record_finding(facts, law, one) for one in held_specialties(facts, posts)]
    findings += [_unclear_post(job, posts) for job in facts.current_jobs if _unclear(job, posts)]
    return RuleResult(
        id="R-ACC-01",
        title="Действующая аккредитация",
        source="ФЗ-323, ст. 69; ТК, ст. 76",
        findings=tuple(findings) or (ok(_NO_POST),),
    )


def _record_finding(facts: Facts, law: Law, specialty: str) -> Finding:
    record = facts.best((specialty,))
    lines = tuple(
        _record_line(one)
        for one in facts.records
        if one.entry.specialty.casefold() == specialty.casefold()
    )
    if record is None or not gives_right(record):
        return Finding(
            verdict=Verdict.FAIL,
            reason=_why_not(record, specialty),
            subject=specialty,
            todo="Подайте заявление на периодическую аккредитацию; до новой записи работать нельзя",
            actor=Actor.WORKER,
            deadline=record.term.effective if record else None,
            calculation=lines or (Line(text="Записей по специальности в регистре нет"),),
        )
    effective, days_left = record.term.effective, record.term.days_left or 0
    if effective is None:
        return unknown("Срок записи в регистре не указан", specialty)
    act = record.term.extension if record.term.state is State.EXTENDED else None
    extended = f", продлено приказом {act.order}" if act else ""
    last = f"действует до {words.short_day(effective)} включительно{extended}"
    if days_left >= law.number("accr.window.open_days", facts.today) and not extended:
        return ok(f"Аккредитация «{specialty}» {last}", specialty, *lines)
    return Finding(
        verdict=Verdict.WARN,
        reason=f"Аккредитация «{specialty}» {last}",
        subject=specialty,
        todo="Подайте заявление на периодическую аккредитацию",
        actor=Actor.WORKER,
        deadline=effective,
        calculation=lines,
    )


def _why_not(record: Record | None, specialty: str) -> str:
    if record is None:
        return f"Записи об аккредитации «{specialty}» в регистре нет"
    if record.term.state is State.ANNULLED:
        return f"Запись об аккредитации «{specialty}» отозвана регистром"
    if record.term.state is State.EXPIRED and record.term.effective:
        day = words.short_day(record.term.effective)
        return f"Срок аккредитации «{specialty}» закончился {day}, продления нет"
    return f"Аккредитация «{specialty}» ещё не внесена в ЕГИСЗ"


def _record_line(record: Record) -> Line:
    until = record.term.effective
    start = record.entry.record_date
    return Line(
        text=f"Запись № {record.entry.registry_number}"
        + (f" от {words.short_day(start)}" if start else ""),
        value=f"до {words.short_day(until)}" if until else "без срока",
        counted=gives_right(record),
        reason=_STATE_WORDS[record.term.state],
    )


_STATE_WORDS = {
    State.ACTIVE: "действует",
    State.EXPIRING: "истекает",
    State.IN_RENEWAL: "продлевается",
    State.EXTENDED: "срок продлён актом",
    State.EXPIRED: "срок прошёл",
    State.ANNULLED: "отозвана",
    State.NOT_ADMITTED_YET: "ещё не внесена",
}


def _unclear(job: Job, posts: Posts) -> bool:
    return not job.specialty and posts.specialties(job.position) is None


def _unclear_post(job: Job, posts: Posts) -> Finding:
    return unknown(
        f"Должности «{job.position}» нет в таблице соответствия ({posts.source})",
        job.position,
        todo="Уточните должность и специальность в личном деле ФРМР",
        actor=Actor.HR,
    )


def fitting_post(facts: Facts, _: Law, posts: Posts) -> RuleResult:
    """R-ACC-02: the specialty of an accreditation fits the post."""
    findings = [
        finding
        for job in facts.current_jobs
        if (finding := _post_finding(facts, job, posts)) is not None
    ]
    return RuleResult(
        id="R-ACC-02",
        title="Специальность подходит к должности",
        source=posts.source,
        findings=tuple(findings) or (ok(_NO_POST),),
    )


def _post_finding(facts: Facts, job: Job, posts: Posts) -> Finding | None:
    fitting = posts.specialties(job.position)
    if fitting is None:
        return _unclear_post(job, posts)
    if not fitting:
        return None
    held = {
        one.entry.specialty.casefold(): one.entry.specialty
        for one in facts.records
        if gives_right(one)
    }
    matched = [one for one in fitting if one.casefold() in held]
    lines = tuple(
        Line(text=one, counted=one.casefold() in held, reason="подходит к должности")
        for one in fitting
    )
    subject = job.position
    if not matched:
        return Finding(
            verdict=Verdict.FAIL,
            reason=f"К должности «{job.position}» не подходит ни одна действующая аккредитация",
            subject=subject,
            todo="Проверьте должность в личном деле ФРМР; если она верна, нужна аккредитация "
            f"по специальности «{fitting[0]}»",
            actor=Actor.HR,
            calculation=lines,
        )
    if job.specialty and job.specialty.casefold() not in {one.casefold() for one in fitting}:
        return Finding(
            verdict=Verdict.WARN,
            reason=f"В личном деле указана специальность «{job.specialty}», а к должности "
            f"«{job.position}» подходит «{matched[0]}»",
            subject=subject,
            todo="Исправьте специальность в личном деле ФРМР",
            actor=Actor.HR,
            calculation=lines,
        )
    if not job.specialty and len(matched) > 1:
        return Finding(
            verdict=Verdict.WARN,
            reason=f"К должности «{job.position}» подходит несколько ваших специальностей",
            subject=subject,
            todo="Укажите специальность в личном деле ФРМР",
            actor=Actor.HR,
            calculation=lines,
        )
    return ok(f"К должности «{job.position}» подходит «{matched[0]}»", subject, *lines)


def short_break(facts: Facts, law: Law, posts: Posts) -> RuleResult:
    """R-ACC-05: a break in the specialty of at most five years."""
    held = dict.fromkeys(held_specialties(facts, posts))
    held.update(dict.fromkeys(one.entry.specialty for one in facts.records if gives_right(one)))
    findings = tuple(_break_finding(facts, law, posts, one) for one in held)
    return RuleResult(
        id="R-ACC-05",
        title="Перерыв в специальности не больше пяти лет",
        source=law.source("accr.break_years", facts.today),
        findings=findings or (ok("Специальностей, по которым вы работаете, по регистру нет"),),
    )


def _break_finding(facts: Facts, law: Law, posts: Posts, specialty: str) -> Finding:
    spans = [job for job in facts.jobs if _works_in(job, specialty, posts)]
    lines = tuple(_job_line(job) for job in spans)
    if any(job in facts.current_jobs for job in spans):
        return ok(f"Вы работаете по специальности «{specialty}»", specialty, *lines)
    ended = [job.end_date for job in spans if job.end_date and job.end_date < facts.today]
    if not ended:
        return unknown(
            f"В личном деле ФРМР нет работы по специальности «{specialty}»",
            specialty,
            todo="Попросите отдел кадров внести стаж в личное дело ФРМР",
            actor=Actor.HR,
        )
    last = max(ended)
    limit = years_after(last, law.number("accr.break_years", facts.today))
    warn = years_after(last, law.number("accr.break_warn_years", facts.today))
    since = f"Вы не работаете по специальности «{specialty}» с {words.short_day(last)}"
    if facts.today > limit:
        return Finding(
            verdict=Verdict.FAIL,
            reason=f"{since}: больше пяти лет",
            subject=specialty,
            todo="Нужны обучение и первичная специализированная аккредитация",
            actor=Actor.WORKER,
            deadline=limit,
            calculation=lines,
        )
    if facts.today > warn:
        return Finding(
            verdict=Verdict.WARN,
            reason=f"{since}; после {words.short_day(limit)} понадобится новая первичная "
            "специализированная аккредитация",
            subject=specialty,
            todo="Вернитесь к работе по специальности до этого дня",
            actor=Actor.WORKER,
            deadline=limit,
            calculation=lines,
        )
    return ok(f"{since}, это меньше четырёх лет", specialty, *lines)


def _works_in(job: Job, specialty: str, posts: Posts) -> bool:
    fitting = (job.specialty,) if job.specialty else posts.specialties(job.position) or ()
    return specialty.casefold() in {one.casefold() for one in fitting}


def _job_line(job: Job) -> Line:
    start = words.short_day(job.start_date) if job.start_date else "…"
    end = words.short_day(job.end_date) if job.end_date else "по сей день"
    return Line(text=f"{job.position}, {job.organization_name}", value=f"{start} – {end}")


def mentoring_finished(facts: Facts, law: Law, _: Posts) -> RuleResult:
    """R-ACC-06: mentoring is finished by those who must have it."""
    findings = tuple(_mentoring_finding(facts, law, one) for one in _mentored(facts, law))
    return RuleResult(
        id="R-ACC-06",
        title="Наставничество",
        source=law.source("accr.mentoring.required_from", facts.today),
        findings=findings
        or (ok("Вас не касается: вы аккредитованы не впервые или до начала действия нормы"),),
    )


def _mentored(facts: Facts, law: Law) -> list[Record]:
    first = law.day("accr.mentoring.required_from", facts.today)
    recorded = [one for one in facts.records if one.entry.record_date]
    earliest = min(
        (one.entry.record_date for one in recorded if one.entry.record_date), default=None
    )
    if earliest is None or earliest < first:
        return []
    return [one for one in recorded if one.entry.kind in _PRIMARY and gives_right(one)]


def _mentoring_finding(facts: Facts, law: Law, record: Record) -> Finding:
    specialty, known = record.entry.specialty, facts.documents.mentoring
    if isinstance(known, Unknown):
        return unknown(
            f"Норма вас касается, но сведений о наставничестве нет: {known.reason[0].lower()}"
            f"{known.reason[1:]}",
            specialty,
            todo="Уточните в отделе кадров приказ о наставничестве и его срок",
            actor=Actor.HR,
        )
    own = next((one for one in known if one.specialty.casefold() == specialty.casefold()), None)
    if own is not None and own.finished:
        return ok(f"Наставничество закончено {words.short_day(own.ends_on)}", specialty)
    until = record.term.effective or facts.today
    near = until - timedelta(days=law.number("accr.mentoring.fail_days", facts.today))
    todo = "Закончите наставничество: без него нет допуска к периодической аккредитации"
    if facts.today > near:
        return Finding(
            verdict=Verdict.FAIL,
            reason="Наставничество не закончено, до конца срока меньше шести месяцев",
            subject=specialty,
            todo=todo,
            actor=Actor.WORKER,
            deadline=until,
        )
    if own is None:
        return Finding(
            verdict=Verdict.WARN,
            reason="Наставничество обязательно и ещё не начато",
            subject=specialty,
            todo="Попросите руководителя назначить наставника",
            actor=Actor.HEAD,
            deadline=near,
        )
    due = min((facts.today - own.starts_on).days, (own.ends_on - own.starts_on).days)
    line = Line(text="Пройдено дней наставничества", value=f"{own.done_days} из {due} к этому дню")
    if own.done_days < due:
        return Finding(
            verdict=Verdict.WARN,
            reason="Наставничество отстаёт от плана",
            subject=specialty,
            todo=todo,
            actor=Actor.WORKER,
            deadline=own.ends_on,
            calculation=(line,),
        )
    return ok(f"Наставничество идёт по плану до {words.short_day(own.ends_on)}", specialty, line)


def years_after(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
