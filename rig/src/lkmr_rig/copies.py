"""What was copied and restored when, how long it took: the record that a drill leaves."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lkmr_rig.layout import Home
from lkmr_servicekit.clock import real_now

# Rules of the cabinet (SEC-24): a copy each day, a restore into an empty place each week.
COPY_EACH, DRILL_EACH = timedelta(hours=24), timedelta(days=7)
BACKUP, RESTORE, DRILL = "backup", "restore", "drill"


def note(home: Home, kind: str, seconds: float, manifest: dict[str, Any]) -> dict[str, Any]:
    """Add a line to the record of the suite; gives the line."""
    line = {
        "kind": kind,
        "time": real_now().isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "copy_time": manifest["time"],
        "rows": sum(sum(one["rows"].values()) for one in manifest["databases"].values()),
        "files": len(manifest["sums"]),
    }
    with _record(home).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return line


def noted(home: Home) -> list[dict[str, Any]]:
    """All lines, the oldest first."""
    path = _record(home)
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def late(lines: list[dict[str, Any]], now: datetime) -> list[str]:
    """What the rules want and the record does not show, in words."""
    found = []
    if _age(lines, {BACKUP}, now) > COPY_EACH:
        found.append("копии за последние сутки нет")
    if _age(lines, {RESTORE, DRILL}, now) > DRILL_EACH:
        found.append("восстановление за последние семь дней не проверялось")
    return found


def _age(lines: list[dict[str, Any]], kinds: set[str], now: datetime) -> timedelta:
    times = [datetime.fromisoformat(one["time"]) for one in lines if one["kind"] in kinds]
    return now - max(times) if times else timedelta.max


def _record(home: Home) -> Path:
    return home.folder("run") / "copies.jsonl"
