"""`audit …`: the journal of acts, its archive included (docs/audit.md)."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from lkmr_auth.cli.parts import access_of, archive_of, witness_of
from lkmr_auth.config import StoreConfig
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.journal import OwnJournal
from lkmr_auth.storage.months import StoredMonths
from lkmr_auth.usecases.access.policies import retention_in_force
from lkmr_auth.usecases.export_journal import export_journal
from lkmr_auth.usecases.find_acts import Wanted, find_acts
from lkmr_auth.usecases.report_months import report_lines, report_months
from lkmr_auth.usecases.verify_journal import verify_journal
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import MOSCOW, SystemClock, day_in, monotonic
from lkmr_servicekit.database import Database

_FIELDS = ("actor", "organization", "operation", "object", "subject", "result")


def add_commands(audit: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what there is below `audit`."""
    audit.add_parser("verify").set_defaults(work=verify)
    audit.add_parser("retention").set_defaults(work=retention)
    exporting = audit.add_parser("export")
    exporting.add_argument("file", nargs="?", default="-")
    exporting.add_argument("--after", type=int, default=0, help="number of the last row not wanted")
    exporting.set_defaults(work=export)
    finding = audit.add_parser("find")
    for name in _FIELDS:
        finding.add_argument(f"--{name}", default="")
    for name in ("since", "until"):
        finding.add_argument(f"--{name}", type=_moment, help="ISO 8601 with offset")
    finding.set_defaults(work=find)


async def verify(_: argparse.Namespace) -> int:
    """Exit status 0 when the journal is whole, 1 when something is wrong with it."""
    settings, start = StoreConfig.load(), monotonic()
    archive = archive_of(settings)
    async with Database(settings.database_dsn) as database:
        chain = StoredChain(database, SystemClock.from_env())
        found = await verify_journal(chain, archive, witness_of(settings))
    for line in found.report():
        sys.stdout.write(line + "\n")
    seconds = max(monotonic() - start, 0.001)
    verdict = "Журнал цел" if found.sound else "ЖУРНАЛ НАРУШЕН"
    sys.stdout.write(
        f"{verdict}: строк {found.rows}, подписанных отметок {len(found.statements)},"
        f" месяцев в архиве {len(archive.months())}, {found.rows / seconds:.0f} строк/с\n"
    )
    return 0 if found.sound else 1


async def export(asked: argparse.Namespace) -> int:
    """Write the journal into a file, or to the standard output."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    out = Path(asked.file).open("wb") if asked.file != "-" else sys.stdout.buffer  # noqa: ASYNC230, SIM115 - a command, nobody else waits; closed below
    try:
        async with Database(settings.database_dsn) as database:
            chain, witness = StoredChain(database, clock), witness_of(settings)
            async for lines in export_journal(
                chain, archive_of(settings), witness, after=asked.after, now=clock.now()
            ):
                out.write(lines)
    finally:
        if out is not sys.stdout.buffer:
            out.close()
    return 0


async def find(asked: argparse.Namespace) -> int:
    """Print wanted rows as they are stored; the search itself goes into the journal."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    wanted = Wanted(
        **{name: getattr(asked, name) for name in _FIELDS}, since=asked.since, until=asked.until
    )
    async with Database(settings.database_dsn) as database:
        read = Act(operation="journal.read", object="audit-events", actor="programs/operator")
        await OwnJournal(database, clock).write_alone(read)
        async for row in find_acts(wanted, StoredChain(database, clock), archive_of(settings)):
            sys.stdout.buffer.write(row.content + b"\n")
    return 0


async def retention(_: argparse.Namespace) -> int:
    """Exit status 1 when a month lies elsewhere than the policy says."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    async with Database(settings.database_dsn) as database:
        terms = await retention_in_force(parts=access_of(settings, database, clock))
        today = day_in(MOSCOW, clock.now())
        months = StoredMonths(database, clock)
        lines = await report_months(months, archive_of(settings), terms, today)
    sys.stdout.write(
        f"Под рукой {terms.hot_months} мес., всего {terms.whole_months} мес.;"
        " решения о сроках — страница «Политики безопасности»\n"
    )
    for line in report_lines(lines):
        sys.stdout.write(line + "\n")
    return 1 if any(one.late for one in lines) else 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("offset")
    return moment
