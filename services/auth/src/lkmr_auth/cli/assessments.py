"""`assessments …`: what the operator assessed (КЗИ, maturity), and when the next is due."""

import argparse
import sys
import uuid
from datetime import date

from lkmr_auth.config import StoreConfig
from lkmr_auth.domain.assessment import Assessment
from lkmr_auth.storage import shipped
from lkmr_auth.storage.assessments import StoredAssessments
from lkmr_auth.usecases.assess import list_dues, record_assessment
from lkmr_servicekit.clock import MOSCOW, SystemClock, day_in
from lkmr_servicekit.database import Database


def add_commands(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what there is below `assessments`."""
    words.add_parser("list").set_defaults(work=show)
    recording = words.add_parser("record")
    recording.add_argument("kind", help="KZI, MATURITY")
    recording.add_argument("--date", type=date.fromisoformat, required=True, help="2026-11-20")
    recording.add_argument("--value", required=True, help="as the method gives it")
    recording.add_argument("--document", required=True, help="number and day of the act; no names")
    recording.set_defaults(work=record)


async def record(asked: argparse.Namespace) -> int:
    """Keep one; exit status 2 for a field that cannot be."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    made = Assessment(
        id=uuid.uuid4(), kind=asked.kind, assess_date=asked.date, value=asked.value,
        document=asked.document, record_time=clock.now(),
    )  # fmt: skip
    async with Database(settings.database_dsn) as database:
        stored = StoredAssessments(database, clock)
        try:
            await record_assessment(
                made, terms=shipped.assessments(), assessments=stored, clock=clock
            )
        except ValueError as wrong:
            sys.stderr.write(f"assessments record: {wrong}\n")
            return 2
    return await show(asked)


async def show(_: argparse.Namespace) -> int:
    """Exit status 1 when one is overdue."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    today = day_in(MOSCOW, clock.now())
    async with Database(settings.database_dsn) as database:
        found = await list_dues(
            terms=shipped.assessments(),
            assessments=StoredAssessments(database, clock),
            clock=clock,
        )
    for one in found:
        last = one.last
        done = f"{last.assess_date}: {last.value}, {last.document}" if last else "не проводилась"
        late = "\tПРОСРОЧЕНО" if one.late(today) else ""
        sys.stdout.write(f"{one.term.kind}\t{one.term.words}\t{done}\tдо {one.due_on}{late}\n")
    return 1 if any(one.late(today) for one in found) else 0
