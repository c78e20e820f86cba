"""Words and figures of «Обучение (НМО)»: kinds, states, verdicts, the chart of years."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from lkmr_gateway.pages.text import short_date, short_name
from lkmr_gateway.pages.wording import Word

KINDS = {
    "PK": "программа ПК",
    "DISTANCE": "дистанционная программа ПК",
    "RETRAINING": "переподготовка",
    "EVENT": "мероприятие НМО",
    "SEMINAR": "семинар",
    "WEBINAR": "вебинар",
    "CONFERENCE": "конференция",
    "IOM": "интерактивный модуль",
    "OTHER": "другое обучение",
}
FORMS = {"FULL_TIME": "очно", "PART_TIME": "очно-заочно", "DISTANCE": "дистанционно"}
_STATES = {
    "PLANNED": Word("Запланировано", "mute", "calendar"),
    "APPLIED": Word("Заявка подана", "info", "hourglass"),
    "EMPLOYER_REVIEW": Word("На согласовании у руководителя", "info", "hourglass"),
    "PROVIDER_REVIEW": Word("У образовательной организации", "info", "hourglass"),
    "ENROLLED": Word("Зачислен", "ok", "check"),
    "RESCHEDULED": Word("Перенесено", "warn", "clock"),
    "IN_PROGRESS": Word("Идёт обучение", "info", "book"),
    "COMPLETED_CLAIMED": Word("Завершено, ждём документ", "info", "hourglass"),
    "CONFIRMED": Word("Подтверждено, ЗЕТ начислены", "ok", "check"),
    "REJECTED_DOC": Word("Документ не подтверждён", "bad", "triangle"),
    "FAILED": Word("Не освоено", "mute", "cross"),
    "CANCELLED": Word("Отменено", "mute", "cross"),
    "REJECTED": Word("Отказ", "mute", "cross"),
}
_STEPS = {
    "APPLIED": "Подать заявку",
    "EMPLOYER_REVIEW": "Отправить на согласование",
    "PROVIDER_REVIEW": "Передать в образовательную организацию",
    "ENROLLED": "Меня зачислили",
    "IN_PROGRESS": "Обучение началось",
    "COMPLETED_CLAIMED": "Обучение завершено",
    "CANCELLED": "Отменить",
    "FAILED": "Не освоено",
    "REJECTED": "Получен отказ",
}
_VERDICTS = {
    "COUNTED": Word("Засчитано", "ok", "check"),
    "WAITING": Word("Ждёт подтверждения", "info", "hourglass"),
    "NOT_COUNTED": Word("Не засчитано", "mute", "cross"),
}
_CHECKS = {
    "FOUND": Word("Найден в ФИС ФРДО", "ok", "check"),
    "WAITING": Word("Ждём внесения в ФИС ФРДО", "info", "hourglass"),
    "NOT_CHECKED": Word("Ещё не проверен", "info", "hourglass"),
    "NO_CONSENT": Word("Не проверяется", "info", "info"),
    "NOT_FOUND": Word("Не найден в ФИС ФРДО", "warn", "triangle"),
    "MISMATCH": Word("Расходится с ФИС ФРДО", "bad", "triangle"),
    "ANNULLED": Word("Аннулирован", "bad", "cross"),
    "SOURCE_DOWN": Word("ФИС ФРДО не отвечает", "warn", "triangle"),
}
_FIELDS = {
    "state": "состояние",
    "start_date": "начало",
    "end_date": "окончание",
    "hours": "часы",
    "reason": "причина",
    "title": "название",
    "organizer": "организатор",
    "specialty": "специальность",
}
_ACTORS = {
    "WORKER": "вы",
    "HEAD": "руководитель",
    "PROVIDER": "образовательная организация",
    "SYSTEM": "проверка документа",
}
_HELD = {
    "VALID": Word("Действует", "ok", "check"),
    "EXPIRING": Word("Истекает", "warn", "calendar"),
    "WAITING": Word("Ждёт подтверждения", "info", "hourglass"),
    "EXPIRED": Word("Срок истёк", "bad", "calendar"),
    "MISSING": Word("Нет документа", "bad", "triangle"),
}
_AGREEMENTS = {
    "ASKED": Word("На согласовании у руководителя", "info", "hourglass"),
    "AGREED": Word("Согласовано", "ok", "check"),
    "DECLINED": Word("Руководитель отказал", "bad", "cross"),
}
_ITEMS = {
    "OPEN": Word("В плане", "mute", "calendar"),
    "STARTED": Word("Начато", "info", "book"),
    "DONE": Word("Выполнено", "ok", "check"),
}
_REPORTS = {
    "QUEUED": Word("Принят в работу", "info", "hourglass"),
    "BUILDING": Word("Строится", "info", "hourglass"),
    "VALIDATED": Word("Проверен, ждёт подписи", "info", "hourglass"),
    "HAS_ERRORS": Word("Есть ошибки", "bad", "triangle"),
    "SIGNED": Word("Подписан", "info", "check"),
    "SENT": Word("Отправлен, ждём ответа", "info", "hourglass"),
    "ACCEPTED": Word("Принят", "ok", "check-circle"),
    "REJECTED": Word("Отклонён", "bad", "cross"),
    "CORRECTED": Word("Заменён исправленным", "mute", "refresh"),
}
_UNKNOWN = Word("Не проверено", "bad", "question")
_CHART_FLOOR, _CHART_TOP = 184, 34


def pace_word(cycle: Mapping[str, Any]) -> Word:
    """How a cycle keeps up with its time."""
    if cycle["sufficient"]:
        return Word("Часов достаточно", "ok", "check")
    behind = cycle["behind_hours"]
    if behind:
        tone = "warn" if cycle["pace"] == "YELLOW" else "bad"
        return Word(f"Отстаёте на {behind} ч", "warn" if tone == "warn" else "bad", "clock")
    if cycle["pace"] == "RED":
        return Word("Времени мало", "bad", "clock")
    return Word("Идёте по графику", "ok", "check")


def report_word(item: Mapping[str, Any]) -> Word:
    """How a report stands; a signed one may be on its way already."""
    if item["state"] == "SIGNED" and item["send_asked"]:
        return Word("Передаётся получателю", "info", "hourglass")
    return _REPORTS.get(item["state"], _UNKNOWN)


def item_word(item: Mapping[str, Any]) -> Word:
    """How an item of the plan stands: the head's word while it waits or refuses, else its state."""
    if item["state"] == "OPEN" and item["agreement"] in _AGREEMENTS:
        return _AGREEMENTS[item["agreement"]]
    return _ITEMS.get(item["state"], _UNKNOWN)


def staff_name(line: Mapping[str, Any]) -> str:
    """«Петров И. А.»."""
    return short_name(line["family_name"], line["given_name"], line["patronymic"])


def year_bars(cycle: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Geometry of the chart of years: percents across, pixels down."""
    years: Sequence[Mapping[str, Any]] = cycle["years"]
    made = []
    tallest = max((_whole(year) for year in years), default=0)
    scale = max(tallest, max((year["target_units"] for year in years), default=50), 1)
    step = 100 / max(1, len(years))
    for number, year in enumerate(years):
        done = year["programme_hours"] + year["portal_units"]
        height = _height(done, scale)
        waiting = _height(year["waiting_hours"], scale)
        made.append(
            {
                "x": round(step * number + step * 0.3, 2),
                "width": round(step * 0.4, 2),
                "middle": round(step * (number + 0.5), 2),
                "done": done,
                "waiting": year["waiting_hours"],
                "height": height,
                "top": _CHART_FLOOR - height,
                "waiting_height": waiting,
                "waiting_top": _CHART_FLOOR - height - waiting,
                "label": f"{year['start_date'][:4]}",
                "goal": _CHART_FLOOR - _height(year["target_units"], scale),
                "target": year["target_units"],
            }
        )
    return made


def _whole(year: Mapping[str, Any]) -> int:
    total: int = year["programme_hours"] + year["portal_units"] + year["waiting_hours"]
    return total


def _height(value: int, scale: int) -> int:
    return round((_CHART_FLOOR - _CHART_TOP) * value / scale)


def iso_date(text: str | None) -> str:
    """«05.03.2026» out of ISO 8601; empty for none."""
    return short_date(date.fromisoformat(text)) if text else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "iso_date": iso_date,
    "as_moment": datetime.fromisoformat,
    "study_kind": lambda kind: KINDS.get(kind, kind),
    "study_form": lambda form: FORMS.get(form, ""),
    "study_state": lambda state: _STATES.get(state, _UNKNOWN),
    "study_step": lambda state: _STEPS.get(state, ""),
    "credit_word": lambda verdict: _VERDICTS.get(verdict, _UNKNOWN),
    "check_word": lambda check: _CHECKS.get(check, _UNKNOWN),
    "change_field": lambda name: _FIELDS.get(name, name),
    "change_value": lambda value, name: (
        _STATES[value].text if name == "state" and value in _STATES else value or "нет"
    ),
    "actor_word": lambda actor: _ACTORS.get(actor, actor),
    "held_word": lambda state: _HELD.get(state, _UNKNOWN),
    "item_word": item_word,
    "report_word": report_word,
    "staff_name": staff_name,
    "pace_word": pace_word,
    "year_bars": year_bars,
}
