"""The demands on security as data: docs/threat-model.toml, of which the page is made."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from lkmr_rig.layout import CHECKOUT

SOURCE = CHECKOUT / "docs" / "threat-model.toml"
PAGE = CHECKOUT / "docs" / "threat-model.md"
BEGIN, END = "## Demands\n", "## Ways in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A gap that the project cannot close itself: what is done instead, and until when."""

    accepted_on: date
    review_on: date
    why: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One of SEC-01…30; `title_ru` and `gap_ru` are for the export, which officers read.

    `facts` names what a running system adds to its evidence.
    """

    id: str
    title: str
    title_ru: str
    kept_by: str = ""
    proven_by: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    remark: str = ""
    gap: str = ""
    gap_ru: str = ""
    accepted: Acceptance | None = None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """From the data file. Raises TypeError for a field that does not exist."""
        values = dict(row)
        if "accepted" in values:
            values["accepted"] = Acceptance(**values["accepted"])
        for name in ("proven_by", "facts"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


def demands(path: Path = SOURCE) -> tuple[Demand, ...]:
    """All of them, in their order."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Demand.read(row) for row in content["demand"])


def reviewed(path: Path = SOURCE) -> Mapping[str, date]:
    """When the model was looked at (`reviewed_on`), and by when it is again (`review_on`)."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: content[name] for name in ("reviewed_on", "review_on")}


def table(rows: Iterable[Demand]) -> str:
    """The table of the page."""
    lines = ["| Demand | What keeps it | Proven by | Gap |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.id} {one.title} | {one.kept_by or '–'} | {_tests(one) or '–'} | {_gap(one)} |"
        for one in rows
    ]
    return "\n".join(lines)


def page(text: str, rows: Iterable[Demand]) -> str:
    """The page with its table renewed."""
    head, _, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    note = "Written from `threat-model.toml` by `make docs`."
    return f"{head}{BEGIN}\n{note}\n\n{table(rows)}\n\n{end}{tail}"


def _tests(one: Demand) -> str:
    return ", ".join(f"`{name}`" for name in one.proven_by)


def _gap(one: Demand) -> str:
    parts = [one.remark] if one.remark else []
    if one.gap:
        parts.append(f"**Gap**: {one.gap}")
    if one.accepted is not None:
        parts.append(
            f"accepted on {one.accepted.accepted_on}, looked at again by {one.accepted.review_on}:"
            f" {one.accepted.why}"
        )
    return "; ".join(parts) or "–"
