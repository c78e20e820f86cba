"""Plan, suggestions, catalogue and staff as JSON."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lkmr_education.api.convert import moment, source_of, warning_of
from lkmr_education.domain.catalogue import Programme, Suggestion
from lkmr_education.domain.plan import Agreement, ItemState, LevelCheck, PlanItem, cautions_of
from lkmr_education.domain.posts import Attestation, Direction, Held, Posts
from lkmr_education.usecases.account import Account
from lkmr_education.usecases.read_staff import StaffLine
from lkmr_education.usecases.suggest_programmes import ForAttestation, ForCycle

COLUMNS = ("Планируемые курсы", "Дедлайн завершения", "Требуемый уровень компетенции")
_STATES = {
    ItemState.OPEN: "В плане",
    ItemState.STARTED: "Начато",
    ItemState.DONE: "Выполнено",
    ItemState.REMOVED: "Убрано",
}
_AGREEMENTS = {
    Agreement.NONE: "Не отправлено руководителю",
    Agreement.ASKED: "На согласовании у руководителя",
    Agreement.AGREED: "Согласовано",
    Agreement.DECLINED: "Руководитель отказал",
}
_LEVELS = {
    LevelCheck.FITS: "Программа подходит",
    LevelCheck.TOO_LOW: "Уровень программы ниже требуемого",
    LevelCheck.UNKNOWN: "Уровень программы не указан",
}
_HELD = {
    Held.VALID: "Действует",
    Held.EXPIRING: "Истекает",
    Held.WAITING: "Ждёт подтверждения",
    Held.EXPIRED: "Срок истёк",
    Held.MISSING: "Нет документа",
}


def plan_of(account: Account, items: Sequence[PlanItem], posts: Posts) -> dict[str, Any]:
    """The plan with directions, present and required level, and W-EDU-07."""
    record, today = account.present.worker.record, account.present.today
    chosen = posts.direction(account.present.worker.direction)
    return {
        "columns": list(COLUMNS),
        "items": [item_json(one, today) for one in items],
        "direction": direction_json(chosen) if chosen else None,
        "directions": [
            direction_json(one) for one in (posts.directions_for(record, today) if record else ())
        ],
        "present_level": posts.present_level(record, today) if record else None,
        "required_level": posts.required_level(record, today) if record else None,
        "warnings": [warning_of(one) for one in cautions_of(list(items), today)],
        "next_page_token": "",
    }


def item_json(one: PlanItem, today: date) -> dict[str, Any]:
    """An item; the first three fields are the columns of the plan."""
    return {
        "id": one.id,
        "title": one.title,
        "deadline": one.deadline,
        "required_level": one.required_level,
        "programme_level": one.programme_level,
        "level_check": one.level_check,
        "level_label": _LEVELS[one.level_check],
        "days_left": (one.deadline - today).days,
        "overdue": one.overdue(today),
        "kind": one.kind,
        "hours": one.hours,
        "specialty": one.specialty,
        "organizer": one.organizer,
        "programme": one.programme or None,
        "activity": one.activity or None,
        "direction": one.direction or None,
        "start_date": one.start_date,
        "end_date": one.end_date,
        "state": one.state,
        "state_label": _STATES[one.state],
        "agreement": one.agreement,
        "agreement_label": _AGREEMENTS[one.agreement],
        "comment": one.comment,
        "version": one.version,
        "update_time": moment(one.update_time),
    }


def direction_json(one: Direction) -> dict[str, Any]:
    """A direction of growth with what it needs."""
    return {
        "code": one.code,
        "title": one.title,
        "level": one.level,
        "source": one.source,
        "needs": [
            {"kind": need.kind, "title": need.title, "hours": need.hours, "months": need.months}
            for need in one.needs
        ],
    }


def attestation_json(one: Attestation) -> dict[str, Any]:
    """A required attestation and what is had of it."""
    return {
        "code": one.required.code,
        "title": one.required.title,
        "position": one.position,
        "state": one.held,
        "state_label": _HELD[one.held],
        "valid_until": one.valid_until,
        "source": one.required.source,
    }


def programme_json(one: Programme) -> dict[str, Any]:
    """A programme of the catalogue."""
    return {
        "id": one.id,
        "title": one.title,
        "provider": one.provider,
        "kind": one.kind,
        "hours": one.hours,
        "specialties": list(one.specialties),
        "level": one.level,
        "start_date": one.start_date,
        "end_date": one.end_date,
        "form": one.form,
        "city": one.city,
        "price": one.price,
        "url": one.url,
        "annotation": one.annotation,
        "new_competence": one.new_competence,
    }


def suggestions_json(
    cycles: Sequence[ForCycle], attestations: Sequence[ForAttestation]
) -> dict[str, Any]:
    """Suggestions of all cycles in one list, and those for attestations."""
    return {
        "items": [_suggestion(one, item) for one in cycles for item in one.items],
        "cycles": [
            {
                "cycle": one.progress.cycle.id,
                "specialty": one.progress.cycle.specialty,
                "deadline": one.deadline,
                "missing_hours": one.progress.statement.missing,
                "missing_programme_hours": one.progress.statement.missing_programme,
                "late_count": one.late,
            }
            for one in cycles
        ],
        "attestations": [
            {
                **attestation_json(one.attestation),
                "items": [programme_json(item) for item in one.items],
            }
            for one in attestations
        ],
        "next_page_token": "",
    }


def _suggestion(cycle: ForCycle, one: Suggestion) -> dict[str, Any]:
    return {
        **programme_json(one.programme),
        "cycle": cycle.progress.cycle.id,
        "specialty": cycle.progress.cycle.specialty,
        "closes_hours": one.closes,
        "remaining_hours": one.remaining,
        "credited_on": one.credited_on,
        "reason": one.reason,
    }


def staff_json(lines: Sequence[StaffLine], token: str, today: date) -> dict[str, Any]:
    """Members with the figures of their cycles, and what waits for the head's word."""
    return {
        "items": [_staff_line(one, today) for one in lines],
        "next_page_token": token,
    }


def _staff_line(one: StaffLine, today: date) -> dict[str, Any]:
    account = one.account
    return {
        "worker": one.member.worker,
        "family_name": one.member.family_name,
        "given_name": one.member.given_name,
        "patronymic": one.member.patronymic,
        "position": one.member.position,
        "department": one.member.department,
        "known": account is not None,
        "record": source_of(account.present) if account else None,
        "cycles": [
            {
                "specialty": cycle.cycle.specialty,
                "end_date": cycle.cycle.expire_date,
                "days_left": cycle.days_left,
                "pace": cycle.pace,
                "sufficient": cycle.statement.sufficient,
                "counted_hours": cycle.statement.counted,
                "required_hours": cycle.statement.required,
                "missing_hours": cycle.statement.missing,
                "missing_programme_hours": cycle.statement.missing_programme,
                "waiting_hours": cycle.statement.waiting,
                "behind_hours": max(0, cycle.expected - cycle.statement.counted),
            }
            for cycle in (account.current if account else ())
        ],
        "missing_attestations": [
            found.required.title
            for found in (account.attestations if account else ())
            if found.is_absent
        ],
        "plan_items": [item_json(item, today) for item in one.asked],
        "activities": [
            {
                "id": study.activity.id,
                "title": study.activity.title,
                "kind": study.activity.kind,
                "start_date": study.activity.start_date,
                "end_date": study.activity.end_date,
                "hours": study.activity.hours,
            }
            for study in one.waiting
        ],
    }
