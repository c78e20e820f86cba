"""Plots as numbers for inline SVG: hours against the even pace, terms on a line.

Words stand beside the picture, not in it, so that they keep their size on a narrow screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkmr_gateway.pages.views.frame import Tone

WIDTH, HEIGHT = 720, 180
_YEARS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on a line: where, which, and what it means."""

    x: float
    day: date
    words: str
    tone: Tone
    today: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPlot:
    """Hours counted (steps), those that wait, the even pace, the goal and the minimum."""

    steps: str
    area: str
    waiting: str
    pace: str
    goal_y: float
    minimum_y: float
    today_x: float
    today_y: float
    start: date
    end: date
    years: tuple[tuple[float, int], ...]


def hours_plot(hours: Mapping[str, Any], today: date) -> HoursPlot:
    """The plot of `hours` as `GET /api/v1/compliance` gives them for a specialty."""
    start, end = date.fromisoformat(hours["start_date"]), date.fromisoformat(hours["end_date"])
    top = max(hours["needed"], hours["counted"] + hours["waiting"], 1) * 1.05
    now = min(max(today, start), end)

    def x(day: date) -> float:
        whole = max((end - start).days, 1)
        return round(WIDTH * min(max((day - start).days, 0), whole) / whole, 1)

    def y(value: float) -> float:
        return float(round(HEIGHT * (1 - value / top), 1))

    points, level = [f"M0 {y(0)}"], 0
    for one in hours["growth"]:
        place = x(date.fromisoformat(one["date"]))
        points += [f"L{place} {y(level)}", f"L{place} {y(one['hours'])}"]
        level = one["hours"]
    points.append(f"L{x(now)} {y(level)}")
    line = " ".join(points)
    waiting = ""
    if hours["waiting"]:
        waiting = f"M{x(now)} {y(level)} L{x(now)} {y(level + hours['waiting'])}"
    first, last = start.year + 1, end.year
    step = max(1, (last - first) // _YEARS_SHOWN + 1)
    return HoursPlot(
        steps=line,
        area=f"{line} L{x(now)} {y(0)} Z",
        waiting=waiting,
        pace=f"M0 {y(0)} L{WIDTH} {y(hours['needed'])}",
        goal_y=y(hours["needed"]),
        minimum_y=y(hours["needed_programme"]),
        today_x=x(now),
        today_y=y(level),
        start=start,
        end=end,
        years=tuple((x(date(year, 1, 1)), year) for year in range(first, last + 1, step)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPlot:
    """Marks on one line with the part of it that has passed and the window of application."""

    marks: tuple[Mark, ...]
    past: float
    window: tuple[float, float] | None


def terms_plot(specialty: Mapping[str, Any], today: date) -> TermsPlot | None:
    """Terms of a specialty as `GET /api/v1/compliance` gives it; None without a last day."""
    end = _day(specialty["expire_date"])
    if end is None:
        return None
    start = _day(specialty["record_date"]) or min(today, end)
    opens, safe = _day(specialty["window_open_date"]), _day(specialty["safe_submit_date"])
    found: list[tuple[date, str, Tone]] = [(start, "Запись внесена, начало срока", "ok")]
    if opens:
        found.append((opens, "Открывается подача заявления", "info"))
    if safe:
        found.append((safe, "Подать с запасом не позже этого дня", "warn"))
    found += [(end, "Последний день, когда можно работать", "bad"), (today, "Сегодня", "info")]
    first, last = min(one[0] for one in found), max(one[0] for one in found)

    def x(day: date) -> float:
        return round(WIDTH * (day - first).days / max((last - first).days, 1), 1)

    marks = tuple(
        Mark(x(day), day, words, tone, today=words == "Сегодня")
        for day, words, tone in sorted(found, key=lambda one: one[0])
    )
    return TermsPlot(
        marks=marks, past=x(today), window=(x(opens), x(end) - x(opens)) if opens else None
    )


def counted_lines(lines: Sequence[Mapping[str, Any]], value: object) -> list[Mapping[str, Any]]:
    """Lines of a calculation that are counted (True), not counted (False) or sums (None)."""
    return [one for one in lines if one["counted"] is value]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
