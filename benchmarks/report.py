"""What a benchmark found, as JSON for machines and Markdown for people."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Figures, Memory, Ratio, Variant, machine, memory_of
from lkmr_rig.layout import CHECKOUT

RESULTS = CHECKOUT / "benchmarks" / "results"
DOCUMENT = CHECKOUT / "docs" / "performance.md"
_HEAD = """\
# Performance

Written by `make bench`, each section by its own benchmark; do not edit. Only ratios are to be
compared: each is the median over rounds in which all variants ran in turn, in brackets its lowest
and highest round. CPU is user and system time of a program with its children, per request. The load
generator (32 keep-alive connections, a process of its own on the same machine) is in no figure, but
it shares the cores.
How each is measured, and against what: [benchmarks/README.md](../benchmarks/README.md).
"""
_MARK = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)
_HEADING = re.compile(r"^## (?:\d+\. )?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure and what it should be. `figure` None: not measured, with the reason in `seen`."""

    what: str
    wanted: str
    figure: float | None
    seen: str
    reached: bool | None

    @classmethod
    def at_least(cls, what: str, bound: float, value: Ratio) -> "Aim":
        """A ratio that should not be smaller."""
        return cls(what, f"≥ {bound:g}", value.value, str(value), value.value >= bound)

    @classmethod
    def at_most(cls, what: str, bound: float, value: float, unit: str = "") -> "Aim":
        """A figure that should not be greater."""
        return cls(what, f"≤ {bound:g}{unit}", value, f"{value:.3g}{unit}", value <= bound)

    @classmethod
    def not_measured(cls, what: str, wanted: str, why: str) -> "Aim":
        return cls(what, wanted, None, f"not measured: {why}", None)


@dataclass(slots=True)
class Table:
    """Rows of cells under names of columns."""

    columns: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)
    title: str = ""

    def markdown(self) -> str:
        lines = [f"**{self.title}**", ""] if self.title else []
        lines += [_line(self.columns), _line(["---"] * len(self.columns))]
        return "\n".join([*lines, *(_line(row) for row in self.rows)])


@dataclass(slots=True)
class Report:
    """All that one benchmark found."""

    name: str
    title: str
    aims: list[Aim] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="minutes"))
    machine: str = field(default_factory=machine)

    def save(self, folder: Path = RESULTS) -> None:
        """Write `<name>.json` and `<name>.md`."""
        folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / f"{self.name}.json").write_text(content + "\n", encoding="utf-8")
        (folder / f"{self.name}.md").write_text(self.markdown(), encoding="utf-8")

    @classmethod
    def load(cls, name: str, folder: Path = RESULTS) -> "Report | None":
        """What was found last; None when this benchmark never ran."""
        path = folder / f"{name}.json"
        if not path.is_file():
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        content["aims"] = [Aim(**one) for one in content["aims"]]
        content["tables"] = [Table(**one) for one in content["tables"]]
        return cls(**content)

    def markdown(self) -> str:
        aims = Table(["aim", "wanted", "measured", ""])
        aims.rows = [[one.what, one.wanted, one.seen, _verdict(one)] for one in self.aims]
        parts = [f"## {self.title}", f"{self.time[:10]}, {self.machine}."]
        parts += [aims.markdown()] if self.aims else []
        parts += [table.markdown() for table in self.tables]
        parts += ["\n".join(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n\n".join(parts) + "\n"


def write_document(names: Sequence[str], path: Path = DOCUMENT) -> None:
    """Renew sections of `docs/performance.md` that have a result here; others stay as they stand.

    Sections follow `names`, each under a comment with its name, and are numbered.
    """
    sections = _standing(path)
    for name in names:
        if (report := Report.load(name)) is not None:
            sections[name] = report.markdown()
    shown = [name for name in names if name in sections]
    parts = [
        f"<!-- {name} -->\n\n{_HEADING.sub(f'## {number}. ', sections[name], count=1).strip()}\n"
        for number, name in enumerate(shown, 1)
    ]
    path.write_text("\n".join([_HEAD, *parts]), encoding="utf-8")


def _standing(path: Path) -> dict[str, str]:
    """Sections of the document by name."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    _, *parts = _MARK.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def load_table(seen: Mapping[str, Figures]) -> Table:
    """Requests, times and CPU of variants, one row each."""
    roles = list(dict.fromkeys(role for one in seen.values() for role in one.cpu_us))
    columns = ["variant", "requests/s", "p50 ms", "p99 ms", "CPU µs/request"]
    table = Table([*columns, *(f"of it {role}" for role in roles)])
    for name, one in seen.items():
        parts = [one.median_cpu_us(role) for role in roles]
        table.rows.append(
            [
                name,
                f"{_median(one.rps):.0f}",
                f"{_median(one.p50_ms):.2f}",
                f"{_median(one.p99_ms):.2f}",
                f"{one.total_cpu_us:.0f}",
                *("–" if part is None else f"{part:.0f}" for part in parts),
            ]
        )
    return table


def memory_table(variants: Sequence[Variant]) -> Table:
    """Memory of every program that took part, after the load."""
    programs = {role: pid for one in variants for role, pid in one.processes.items()}
    return memory_rows({role: memory_of(pid) for role, pid in programs.items()})


def memory_rows(found: Mapping[str, Memory]) -> Table:
    table = Table(
        ["process", "RSS MiB", "PSS MiB"],
        title="Memory after the load (RSS counts shared pages in each process, PSS divides them)",
    )
    table.rows = [[role, f"{one.rss:.0f}", f"{one.pss:.0f}"] for role, one in found.items()]
    return table


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _verdict(aim: Aim) -> str:
    return "" if aim.reached is None else "reached" if aim.reached else "**missed**"


def _line(cells: Sequence[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
