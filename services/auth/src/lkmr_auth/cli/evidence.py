"""`evidence …`: what auth knows about how demands on security are kept, and the signature over it.

The export itself is made by the command of the suite (`bin/lkmr evidence export`).
"""

import argparse
import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from lkmr_auth.cli.parts import access_of, archive_of, witness_of
from lkmr_auth.config import StoreConfig
from lkmr_auth.domain.assessment import AssessmentDue
from lkmr_auth.domain.evidence_seal import seal_holds, seal_of
from lkmr_auth.domain.verification import Verification
from lkmr_auth.storage import shipped
from lkmr_auth.storage.assessments import StoredAssessments
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.evidence import EvidenceReader
from lkmr_auth.storage.journal import OwnJournal
from lkmr_auth.storage.months import StoredMonths
from lkmr_auth.usecases.access.policies import retention_in_force
from lkmr_auth.usecases.assess import list_dues
from lkmr_auth.usecases.report_months import MonthLine, report_months
from lkmr_auth.usecases.verify_journal import verify_journal
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import MOSCOW, SystemClock, day_in
from lkmr_servicekit.database import Database

EXPORTED = "evidence.export"


def add_commands(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what there is below `evidence`."""
    words.add_parser("facts").set_defaults(work=facts)
    for name, work in (("sign", sign), ("check", check)):
        one = words.add_parser(name)
        one.add_argument("manifest", type=Path)
        one.set_defaults(work=work)


async def facts(_: argparse.Namespace) -> int:
    """Print them as one JSON object; no data of people are in it."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    now, today = clock.now(), day_in(MOSCOW, clock.now())
    archive = archive_of(settings)
    async with Database(settings.database_dsn) as database:
        chain = StoredChain(database, clock)
        await chain.advance()
        found = await verify_journal(chain, archive, witness_of(settings))
        terms = await retention_in_force(parts=access_of(settings, database, clock))
        months = await report_months(StoredMonths(database, clock), archive, terms, today)
        dues = await list_dues(
            terms=shipped.assessments(),
            assessments=StoredAssessments(database, clock),
            clock=clock,
        )
        counts = await EvidenceReader(database).counts(now)
    purposes = {one.id: one.purpose for one in shipped.legal().documents}
    told: dict[str, Any] = {
        **counts,
        "consents": [
            row | {"purpose": purposes.get(row["document"], "")} for row in counts["consents"]
        ],
        "journal": _journal(found, len(archive.months())),
        "retention": {
            "hot_months": terms.hot_months,
            "whole_months": terms.whole_months,
            "months": [_month(one) for one in months],
        },
        "assessments": [_due(one, late=one.late(today)) for one in dues],
        "time": now,
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False, default=_plain) + "\n")
    return 0


async def sign(asked: argparse.Namespace) -> int:
    """Print the signature over a manifest, and journal that evidence was exported."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    seal = seal_of(_sum_of(asked.manifest), clock.now(), settings.statement_key)
    async with Database(settings.database_dsn) as database:
        act = Act(operation=EXPORTED, object="evidence", actor="programs/operator")
        await OwnJournal(database, clock).write_alone(act)
    sys.stdout.write(json.dumps(seal) + "\n")
    return 0


async def check(asked: argparse.Namespace) -> int:
    """Exit status 1 when the signature beside a manifest is not ours or not about it."""
    seal = json.loads(asked.manifest.with_suffix(".signature.json").read_text(encoding="utf-8"))
    key = StoreConfig.load().statement_key.public_key()
    holds = seal_holds(seal, _sum_of(asked.manifest), key)
    sys.stdout.write("Подпись верна\n" if holds else "ПОДПИСЬ НЕВЕРНА\n")
    return 0 if holds else 1


def _sum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _journal(found: Verification, archived: int) -> dict[str, Any]:
    return {
        "sound": found.sound,
        "rows": found.rows,
        "head": found.head.seq,
        "statements": len(found.statements),
        "archived_months": archived,
        "flaws": [f"{one.kind} {one.seq}" for one in found.flaws],
    }


def _month(one: MonthLine) -> dict[str, Any]:
    return {
        "month": str(one.month),
        "place": one.place.value,
        "first": one.first,
        "last": one.last,
        "archive_on": one.archive_on.isoformat(),
        "end_on": one.end_on.isoformat(),
        "late": one.late,
    }


def _due(one: AssessmentDue, *, late: bool) -> dict[str, Any]:
    last = one.last
    return {
        "kind": one.term.kind,
        "words": one.term.words,
        "source": one.term.source,
        "last": last.assess_date.isoformat() if last else None,
        "value": last.value if last else None,
        "document": last.document if last else None,
        "due_on": one.due_on.isoformat(),
        "late": late,
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(type(value).__name__)
