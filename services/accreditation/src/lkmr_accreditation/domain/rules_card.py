"""R-ACC-07, 08: the card of the worker register is complete and fits the profile."""

from lkmr_accreditation.domain import words
from lkmr_accreditation.domain.facts import Facts
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
from lkmr_accreditation.domain.worker import GAPS

_SOURCE = "ПП 2083 от 16.11.2022 о ведении ФРМР; решение проекта о составе полей"


def card_complete(facts: Facts, law: Law, _: Posts) -> RuleResult:
    """R-ACC-07: the card has every mandatory field and was confirmed lately."""
    return RuleResult(
        id="R-ACC-07",
        title="Карточка ФРМР заполнена",
        source=_SOURCE,
        findings=(_card_finding(facts, law),),
    )


def _card_finding(facts: Facts, law: Law) -> Finding:
    if isinstance(facts.gaps, Unknown):
        return unknown(facts.gaps.reason)
    lines = tuple(
        Line(text=name, counted=code not in facts.gaps, reason="нет" if code in facts.gaps else "")
        for code, name in GAPS.items()
    )
    if facts.gaps:
        missing = ", ".join(GAPS.get(code, code).lower() for code in facts.gaps)
        return Finding(
            verdict=Verdict.FAIL,
            reason=f"В карточке ФРМР нет: {missing}",
            todo="Попросите отдел кадров дополнить карточку ФРМР",
            actor=Actor.HR,
            calculation=lines,
        )
    age = (facts.today - facts.fetched_on).days
    if age > law.number("accr.card_stale_days", facts.today):
        return Finding(
            verdict=Verdict.WARN,
            reason=f"Карточка не подтверждалась регистром {words.days(age)}",
            todo="Кабинет запросит карточку снова, как только регистр ответит",
            actor=Actor.CABINET,
            calculation=lines,
        )
    return ok(
        f"Обязательные поля заполнены, получено {words.short_day(facts.fetched_on)}", "", *lines
    )


def identity_equal(facts: Facts, _: Law, __: Posts) -> RuleResult:
    """R-ACC-08: names and birth date are the same in the register and in the profile."""
    return RuleResult(
        id="R-ACC-08",
        title="ФРМР и профиль Госуслуг совпадают",
        source="Решение проекта: сверка при каждом входе",
        findings=(_identity_finding(facts),),
    )


def _identity_finding(facts: Facts) -> Finding:
    identity = facts.identity
    if isinstance(identity, Unknown):
        return unknown(
            identity.reason, todo="Войдите в кабинет через Госуслуги", actor=Actor.WORKER
        )
    day = words.short_day(identity.checked_on)
    if not identity.equal:
        return Finding(
            verdict=Verdict.FAIL,
            reason=f"Сведения ФРМР и профиля Госуслуг не совпали {day}",
            todo="Проверьте профиль Госуслуг; если он верен, ФРМР исправляет отдел кадров",
            actor=Actor.HR,
        )
    if identity.form_differs:
        return Finding(
            verdict=Verdict.WARN,
            reason=f"Имя записано по-разному: буква «ё» или «е», сверено {day}",
            todo="Попросите отдел кадров записать имя в ФРМР как в паспорте",
            actor=Actor.HR,
        )
    return ok(f"Совпали при входе {day}")
