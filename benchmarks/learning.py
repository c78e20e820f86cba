"""Learning: the portal's credits through the real path, a summary, search in the catalogue.

The credit feed runs stand-in → egisz-bridge (mutual TLS) → education → PostgreSQL, in the whole
suite, and education is killed in its middle; summary and search run in this process over the same
database.
"""

import statistics
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path

from benchmarks.credit_feed import feed, followed, followed_table
from benchmarks.measure import Failed
from benchmarks.report import Aim, Report, Table
from lkmr_education.api.convert import document, summary_of
from lkmr_education.domain.activity import Kind
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.posts import Posts
from lkmr_education.main import data
from lkmr_education.messaging.announce import announce
from lkmr_education.storage.catalogue import CatalogueReader
from lkmr_education.storage.reader import PostgresReader
from lkmr_education.storage.unit_of_work import EducationUnitOfWork
from lkmr_education.usecases.account import account_of
from lkmr_education.usecases.load_catalogue import load_catalogue
from lkmr_education.usecases.present_worker import Present, today_at
from lkmr_egisz_stand_in.programmes import Programmes
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

EACH, BATCH = 100, 1000
_QUERIES = ("анемией", "аритмиями", "пневмонея", "сестринский уход", "хирургия")
_COUNTED = """
SELECT worker_id::text FROM activity WHERE external_id LIKE 'gen-%'
 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $1
"""


async def run_learning(
    home: Path,
    *,
    credited: int = 60_000,
    sizes: Sequence[int] = (20_000, 200_000),
    calls: int = 200,
    seconds: float = 600,
) -> Report:
    """Everything over one suite with a small register; the feed may stand still for `seconds`."""
    environment = {
        "LKMR_REGISTER_WORKERS": str(max(1, credited // EACH)),
        "EGISZ_GENERATED_CREDITS": str(credited),
        "EDUCATION_CATALOGUE_DELAY_SECONDS": "1000000",  # this process loads it
    }
    async with Suite(home, free_base(), env=environment) as suite:
        fed = await feed(suite, credited, seconds)
        after = await followed(suite, seconds)
        secret = password(suite.home, "education", "database_password")
        url = postgres.url(suite.ports, "education").replace("@", f":{secret}@", 1)
        keys = KeyRing.from_file("education", suite.home.keyring("education"))
        async with Database(url) as store:
            floor, summary = await _summary(store, keys, calls)
            found = [await _search(store, keys, size, calls) for size in sizes]
    report = Report("learning", "Learning: credits of the portal, a summary, search")
    report.aims = [
        *fed.aims(),
        Aim.at_most("summary of a worker to the floor read", 4.0, summary / floor, "×"),
        *(
            Aim.at_most(f"slowest search among {size}", 300, slowest, " ms")
            for size, (_, slowest) in zip(sizes, found, strict=True)
        ),
    ]
    report.tables = [
        *fed.tables(),
        followed_table(after),
        Table(
            ["what", "µs", "to the floor read"],
            [
                ["floor read of the same rows", f"{floor:.0f}", "1.0"],
                ["summary with calculation", f"{summary:.0f}", f"{summary / floor:.1f}"],
            ],
            "One worker",
        ),
        Table(
            ["programmes", "median ms", "slowest ms"],
            [
                [str(size), f"{middle:.1f}", f"{slowest:.1f}"]
                for size, (middle, slowest) in zip(sizes, found, strict=True)
            ],
            "Search in any form and with slips of the pen",
        ),
    ]
    report.notes = [f"{credited} confirmations of {credited // EACH} workers."]
    return report


async def _summary(store: Database, keys: KeyRing, calls: int) -> tuple[float, float]:
    """Microseconds of the read alone, and of the whole answer."""
    reader, today = PostgresReader(store, keys), today_at(SystemClock.from_env().now())
    law = files("lkmr_accreditation").joinpath("law.toml").read_text("utf-8")
    norms = Norms.from_data(tomllib.loads(law))
    posts = Posts.from_data(data("posts.toml"), data("directions.toml"))
    ids = [row[0] for row in await store.pool.fetch(_COUNTED, calls)]

    async def whole(one: str) -> object:
        worker = await reader.find_worker(one)
        if worker is None:
            raise Failed("a credited worker is unknown")
        present = Present(worker=worker, today=today, stale=False)
        return document(summary_of(account_of(present, norms, posts)))

    return await _micros(reader.find_worker, ids), await _micros(whole, ids)


async def _search(store: Database, keys: KeyRing, size: int, calls: int) -> tuple[float, float]:
    """Milliseconds of the middle and of the slowest search among so many programmes."""
    clock = SystemClock.from_env()
    new_uow = partial(EducationUnitOfWork, store, keys=keys, clock=clock, announce=announce)
    today = today_at(clock.now())
    stored = await load_catalogue(_catalogue(today, size), generation=size, new_uow=new_uow)
    if stored != size:
        raise Failed(f"{stored} of {size} programmes were loaded")
    reader, took = CatalogueReader(store), []
    for number in range(calls):
        begun = time.perf_counter()
        query = _QUERIES[number % len(_QUERIES)]
        if not await reader.search(query, specialty="", kind="", today=today, size=25, skip=0):
            raise Failed(f"nothing found for «{query}»")
        took.append(1000 * (time.perf_counter() - begun))
    return statistics.median(took), max(took)


async def _catalogue(today: date, size: int) -> AsyncIterator[list[Programme]]:
    made = Programmes(today, size)
    for start in range(0, size, BATCH):
        yield [
            Programme(
                id=one["id"],
                title=one["title"],
                provider=one["provider"],
                kind=Kind(one["kind"]),
                hours=one["hours"],
                specialties=tuple(one["specialties"]),
                annotation=one["annotation"],
                start_date=date.fromisoformat(one["startDate"]) if one["startDate"] else None,
                end_date=date.fromisoformat(one["endDate"]) if one["endDate"] else None,
            )
            for one in made.page(start, BATCH)
        ]


async def _micros(work: Callable[[str], Awaitable[object]], ids: Sequence[str]) -> float:
    """Median microseconds of a call."""
    took = []
    for one in ids:
        begun = time.perf_counter()
        await work(one)
        took.append(1e6 * (time.perf_counter() - begun))
    return statistics.median(took)
