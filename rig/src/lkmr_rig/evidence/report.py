"""The export of evidence as a page for people and as data: one section for each demand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from lkmr_rig.evidence.demands import Demand
from lkmr_rig.evidence.fact import Fact, State
from lkmr_rig.evidence.results import FAILED, PASSED, SKIPPED


class Standing(Enum):
    """What there is for a demand. With a gap beside the evidence it is a part; the gap is told."""

    EVIDENCE = "EVIDENCE"
    PARTIAL = "PARTIAL"
    ATTENTION = "ATTENTION"
    ACCEPTED = "ACCEPTED"
    MISSING = "MISSING"


_WORDS = {
    Standing.EVIDENCE: "подтверждено",
    Standing.PARTIAL: "подтверждена часть, пробел назван",
    Standing.ATTENTION: "подтверждено, нужно действие",
    Standing.ACCEPTED: "подтверждения нет, принято с датой пересмотра",
    Standing.MISSING: "ПОДТВЕРЖДЕНИЯ НЕТ",
}
FACTS = {
    "assessments": "оценки защищённости",
    "channels": "протокол портов",
    "consents": "решения о согласиях",
    "copies": "копии и восстановления",
    "data_requests": "обращения о персональных данных",
    "incidents": "инциденты",
    "journal": "журнал действий",
    "keys": "ключи",
    "law": "реестр норм",
    "migrations": "схемы баз",
    "model": "модель угроз",
    "processes": "программы",
    "register": "реестр обработки",
    "retention": "сроки журнала",
    "scan": "проверка уязвимостей",
    "seal": "печать",
    "sessions": "сеансы",
    "sign_ins": "входы и второй фактор за 90 дней",
}
_OUTCOMES = {PASSED: "прошёл", FAILED: "НЕ ПРОШЁЛ", SKIPPED: "пропущен"}


@dataclass(frozen=True, slots=True)
class Item:
    """A demand with what was found for it. `outcomes` are those of its tests, where known."""

    demand: Demand
    facts: Mapping[str, Fact]
    outcomes: Mapping[str, str] = field(default_factory=dict)

    @property
    def to_do(self) -> tuple[str, ...]:
        """What an officer must look at."""
        failed = [f"тест не прошёл: {name}" for name, one in self.outcomes.items() if one == FAILED]
        return (*(line for one in self.facts.values() for line in one.to_do), *failed)

    @property
    def standing(self) -> Standing:
        """Evidence is a test that proves it, or a fact of this system."""
        seen = any(one.state is not State.ABSENT for one in self.facts.values())
        if self.demand.proven_by or seen:
            if self.to_do:
                return Standing.ATTENTION
            return Standing.PARTIAL if self.demand.gap else Standing.EVIDENCE
        return Standing.MISSING if self.demand.accepted is None else Standing.ACCEPTED


def items(
    rows: Iterable[Demand], facts: Mapping[str, Fact], outcomes: Mapping[str, str]
) -> list[Item]:
    """Put together. Raises KeyError for a fact that nobody gathers."""
    return [
        Item(
            one,
            {name: facts[name] for name in one.facts},
            {name: outcomes[name] for name in one.proven_by if name in outcomes},
        )
        for one in rows
    ]


def as_json(found: Sequence[Item], time: datetime) -> dict[str, Any]:
    """For programs."""
    return {
        "form": 1,
        "time": time.isoformat(timespec="seconds"),
        "demands": [
            {
                "id": one.demand.id,
                "title": one.demand.title_ru,
                "standing": one.standing.value,
                "kept_by": one.demand.kept_by,
                "proven_by": [
                    {"test": name, "outcome": one.outcomes.get(name)}
                    for name in one.demand.proven_by
                ],
                "facts": {name: made.to_json() for name, made in one.facts.items()},
                "to_do": list(one.to_do),
                "gap": one.demand.gap_ru,
                "accepted": _accepted(one.demand),
            }
            for one in found
        ],
    }


def as_page(found: Sequence[Item], time: datetime) -> str:
    """Markdown for officers."""
    counts = {standing: sum(one.standing is standing for one in found) for standing in Standing}
    lines = [
        "# Подтверждения по требованиям безопасности SEC-01…SEC-30",
        "",
        f"Собрано {time:%Y-%m-%d %H:%M} UTC командой `bin/lkmr evidence export`",
        "из данных проекта и работающей системы. Персональных данных здесь нет.",
        "Подпись: `manifest.signature.json`; проверка — `bin/lkmr evidence check ПАПКА`.",
        "",
        *(f"- {_WORDS[standing]}: {count}" for standing, count in counts.items() if count),
        "",
        "| Требование | Что есть | Что сделать | Чего не хватает |",
        "| --- | --- | --- | --- |",
        *(_row(one) for one in found),
        "",
    ]
    for one in found:
        lines += [*_section(one), ""]
    return "\n".join(lines)


def _row(one: Item) -> str:
    cells = (
        f"{one.demand.id} {one.demand.title_ru}",
        _WORDS[one.standing],
        str(len(one.to_do)) if one.to_do else "–",
        "есть пробел" if one.demand.gap_ru else "–",
    )
    return f"| {' | '.join(cells)} |"


def _section(one: Item) -> Iterator[str]:
    demand = one.demand
    yield f"## {demand.id} {demand.title_ru}"
    yield ""
    yield f"**Итог:** {_WORDS[one.standing]}."
    if demand.kept_by:
        yield f"\n**Чем выполняется:** {demand.kept_by}."
    if demand.proven_by:
        yield "\n**Чем доказано:**\n"
        yield from (f"- `{name}`{_outcome(one.outcomes.get(name))}" for name in demand.proven_by)
    for name, made in one.facts.items():
        yield f"\n**Сейчас, {FACTS[name]}:**\n"
        yield from (f"- {line}" for line in made.lines)
        if made.absent:
            yield f"- не проверено: {made.absent}"
    if one.to_do:
        yield "\n**Нужно сделать:**\n"
        yield from (f"- {line}" for line in one.to_do)
    if demand.gap_ru:
        yield f"\n**Пробел:** {demand.gap_ru}."
    if demand.accepted is not None:
        accepted = demand.accepted
        yield (
            f"\n**Принято {accepted.accepted_on}, пересмотр до {accepted.review_on}.**"
            f" Оператору: {accepted.operator}."
        )


def _outcome(word: str | None) -> str:
    return f" — {_OUTCOMES[word]}" if word else ""


def _accepted(one: Demand) -> dict[str, str] | None:
    if one.accepted is None:
        return None
    return {
        "accepted_on": one.accepted.accepted_on.isoformat(),
        "review_on": one.accepted.review_on.isoformat(),
        "operator": one.accepted.operator,
    }
