"""A worker's own data are destroyed; the copy of the register stays under a fresh key."""

import uuid
from typing import Any

import pytest
from lkmr.accreditation.v1.events_pb2 import ErasureReported

from lkmr_access.erasure_wire import ErasureHandler
from lkmr_accreditation.clients.vault import DocumentVault
from lkmr_accreditation.storage import rows
from lkmr_accreditation.storage.application_reader import PostgresApplications
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.usecases.keep_compliance import judge_due
from lkmr_rig.leftovers import an_order, holding, opens
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.files import FileVault, FolderStore

from ..application_builders import FULL, World, a_world
from .document_parts import FIELDS, Papers, a_pdf
from .test_documents import NewUow, papers
from .test_extract import Issuing, issuing
from .test_staff import BOOK

__all__ = ["issuing", "papers"]
pytestmark = pytest.mark.servers
REGISTER = {"worker", "accreditation", "compliance", "compliance_due", "outbox", "inbox"}


@pytest.fixture
def handler(papers: Papers, keys: KeyRing, new_uow: NewUow, clock: FakeClock) -> ErasureHandler:
    vault = DocumentVault(FileVault(FolderStore(papers.folder), keys))
    return ErasureHandler(
        "accreditation", ErasureReported, new_uow=new_uow, clock=clock, drop=vault.drop
    )


@pytest.fixture
def world(
    papers: Papers, store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock
) -> World:
    return a_world(store, keys, new_uow, clock, papers.worker)


@pytest.fixture
async def filed(papers: Papers, issuing: Issuing, world: World, store: Database) -> World:
    """A worker with a document in two versions, an application and an extract."""
    made = await papers.upload(FIELDS, a_pdf("1"))
    await papers.upload(FIELDS, a_pdf("2"), document=made["id"], etag=made["etag"])
    await world.fill(await world.create(), **FULL)
    found = await PostgresReader(store).find_worker(papers.worker)
    assert found is not None
    await issuing.issue(papers.worker, found.entries[0].id)
    return world


async def reports(store: Database, erasure: str) -> list[dict[str, int]]:
    found = await store.pool.fetch(
        "SELECT body FROM outbox WHERE subject = 'lkmr.accreditation.v1.erasure.reported'"
        " AND resource_name = $1 ORDER BY id",
        erasure,
    )
    read = [ErasureReported.FromString(row["body"]) for row in found]
    return [{one.kind: one.count for one in report.destroyed} for report in read]


async def sealed(store: Database, worker: str) -> list[tuple[bytes, tuple[str, ...]]]:
    """Sealed values of the worker, as a copy of the database would hold them."""
    asked = uuid.UUID(worker)
    found: list[tuple[bytes, tuple[str, ...]]] = []
    for table, column in (("application", "content"), ("extract", "content"), ("extract", "pdf")):
        query = f"SELECT id, {column} FROM {table} WHERE worker_id = $1"  # noqa: S608 - names of this test
        for one, value in await store.pool.fetch(query, asked):
            found += [(value, (table, column, str(one)))]
    papers = await store.pool.fetch(
        "SELECT v.document_id, v.version, v.sealed FROM document_version v"
        " JOIN document d ON d.id = document_id WHERE worker_id = $1",
        asked,
    )
    found += [
        (value, ("document_version", "sealed", str(document), str(version)))
        for document, version, value in papers
    ]
    personal = await store.pool.fetchval("SELECT personal FROM worker WHERE id = $1", asked)
    return [*found, (personal, ("worker", "personal", worker))]


async def test_what_the_cabinet_held_is_gone_and_no_copy_of_it_opens(
    filed: World, papers: Papers, handler: ErasureHandler, store: Database, keys: KeyRing
) -> None:
    worker, person = papers.worker, str(uuid.uuid4())
    copies = await sealed(store, worker)
    assert len(copies) == 6
    assert all([await opens(store, keys, copy, *place) for copy, place in copies])
    assert len(papers.files()) == 2
    order = an_order(person, worker)

    await handler.on_erasure_ordered(order)
    await handler.on_erasure_ordered(order)

    assert not papers.files()
    assert set(await holding(store, worker)) <= REGISTER
    assert not any([await opens(store, keys, copy, *place) for copy, place in copies])
    (report,) = await reports(store, order.data.erasure)
    expected = {"file": 2, "document": 1, "document_version": 2, "application": 1, "extract": 1}
    assert report.items() >= (expected | {"data_key": 1}).items()


async def test_the_copy_of_the_register_stays_readable_and_is_followed_further(
    filed: World, papers: Papers, handler: ErasureHandler, store: Database, keys: KeyRing
) -> None:
    await handler.on_erasure_ordered(an_order(str(uuid.uuid4()), papers.worker))

    row = await store.pool.fetchrow(
        "SELECT data_key, personal FROM worker WHERE id = $1", uuid.UUID(papers.worker)
    )
    facts = rows.open_personal(row["personal"], papers.worker, keys.data_key(row["data_key"]))
    assert facts.given_name == "Проба"
    await judge_due(new_uow=filed.parts.new_uow, book=BOOK, clock=filed.clock)
    found = await PostgresReader(store).find_worker(papers.worker)
    assert found is not None
    assert len(found.entries) == 1
    assert (await papers.page())["items"] == [], "the worker begins with an empty shelf"
    await papers.upload(FIELDS, a_pdf("3"))


async def test_without_the_object_store_nothing_is_done_until_it_is_back(
    filed: World, papers: Papers, handler: ErasureHandler, store: Database, keys: KeyRing
) -> None:
    """Files go first, so that a row that knows a file is never gone before it."""
    order, drop = an_order(str(uuid.uuid4()), papers.worker), handler._drop

    async def away(key: str) -> None:
        raise ServiceError("OBJECT_STORE_UNAVAILABLE", Category.UNAVAILABLE)

    handler._drop = away
    with pytest.raises(ServiceError, match="OBJECT_STORE_UNAVAILABLE"):
        await handler.on_erasure_ordered(order)
    assert await reports(store, order.data.erasure) == []
    assert "document" in await holding(store, papers.worker)

    handler._drop = drop
    await handler.on_erasure_ordered(order)

    assert not papers.files()
    assert len(await reports(store, order.data.erasure)) == 1


@pytest.mark.parametrize("scope", ["EDUCATION", "NOTICES"])
async def test_other_purposes_end_nothing_here(
    filed: World, papers: Papers, handler: ErasureHandler, store: Database, scope: str
) -> None:
    before: Any = await holding(store, papers.worker, but=["outbox", "inbox"])
    order = an_order(str(uuid.uuid4()), papers.worker, scope)

    await handler.on_erasure_ordered(order)

    assert await holding(store, papers.worker, but=["outbox", "inbox"]) == before
    assert await reports(store, order.data.erasure) == [{}]


async def test_somebody_without_a_medical_post_holds_nothing_here(
    handler: ErasureHandler, store: Database
) -> None:
    order = an_order(str(uuid.uuid4()))

    await handler.on_erasure_ordered(order)

    assert await reports(store, order.data.erasure) == [{}]


async def test_an_application_counts_while_somebody_else_has_it(
    world: World, store: Database, keys: KeyRing
) -> None:
    reader = PostgresApplications(store, keys)
    made = await world.create()
    await world.fill(made, **FULL)
    assert await reader.count_open(world.worker) == 0, "a draft is the person's alone"

    await world.act(made, "ASK_AGREEMENT")
    assert await reader.count_open(world.worker) == 1
    await world.decide(made, "AGREE")
    assert await reader.count_open(world.worker) == 0, "agreed, and with the person again"
    assert await reader.count_open(str(uuid.uuid4())) == 0
