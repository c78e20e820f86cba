"""What is held about the education of a worker is destroyed, with its key and its files."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.events_pb2 import ErasureReported

from lkmr_access.erasure_wire import ErasureHandler
from lkmr_education.clients.vault import VaultFiles
from lkmr_education.domain.certificate import Check
from lkmr_rig.leftovers import an_order, holding, opens
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.files import FileVault, FolderStore

from ..builders import WORKER
from .conftest import PlayedRegister, PlayedScanner, Service, World
from .test_asked_register import decided, hear, turn
from .test_feeds import PDF, a_course, uploaded
from .test_service import checked

pytestmark = pytest.mark.servers
PERSON = str(uuid.uuid4())


@pytest.fixture
def handler(service: Service, keys: KeyRing, tmp_path: Path) -> ErasureHandler:
    files = VaultFiles(FileVault(FolderStore(tmp_path), keys), PlayedScanner())
    return ErasureHandler(
        "education",
        ErasureReported,
        new_uow=service.new_uow,
        clock=service.clock,
        drop=files.drop,
    )


async def reports(service: Service, erasure: str) -> list[dict[str, int]]:
    rows = await service.store.pool.fetch(
        "SELECT body FROM outbox WHERE subject = 'lkmr.education.v1.erasure.reported'"
        " AND resource_name = $1 ORDER BY id",
        erasure,
    )
    read = [ErasureReported.FromString(row["body"]) for row in rows]
    return [{one.kind: one.count for one in report.destroyed} for report in read]


async def with_file(service: Service) -> str:
    """A finished activity whose document was found by the register; the id of the document."""
    made = (await service.with_document())["certificate"]
    name = f"workers/{WORKER}/certificates/{made['id']}"
    await uploaded(service, "AttachCertificateFile", name, PDF)
    await checked(service, made["id"], Check.FOUND)
    return str(made["id"])


def kept_files(folder: Path) -> list[Path]:
    return [one for one in (folder / "certificates").rglob("*") if one.is_file()]


async def test_rows_key_and_file_are_gone_and_no_copy_opens(
    service: Service, handler: ErasureHandler, keys: KeyRing, tmp_path: Path
) -> None:
    certificate = await with_file(service)
    copy = await service.store.pool.fetchval("SELECT numbers FROM certificate")
    place = ("certificate", "numbers", certificate)
    assert await opens(service.store, keys, copy, *place)
    assert len(kept_files(tmp_path)) == 1
    order = an_order(PERSON, WORKER)

    await handler.on_erasure_ordered(order)
    await handler.on_erasure_ordered(order)

    assert not kept_files(tmp_path)
    assert set(await holding(service.store, WORKER)) <= {"outbox", "inbox", "request_log"}
    assert not await opens(service.store, keys, copy, *place)
    (report,) = await reports(service, order.data.erasure)
    expected = {"file": 1, "certificate": 1, "activity": 1, "confirmation": 1, "worker": 1}
    assert report.items() >= expected.items()


async def test_whoever_comes_back_begins_anew(service: Service, handler: ErasureHandler) -> None:
    await with_file(service)
    await handler.on_erasure_ordered(an_order(PERSON, WORKER))

    listed = await service.call(
        "ListActivities", pb.ListActivitiesRequest(parent=f"workers/{WORKER}")
    )

    assert listed["items"] == []
    await service.with_document()


async def test_a_withdrawn_consent_ends_what_registers_answered_and_leaves_the_rest(
    service: Service, handler: ErasureHandler
) -> None:
    certificate = await with_file(service)
    order = an_order(PERSON, WORKER, "EDUCATION")

    await handler.on_erasure_ordered(order)

    row = await service.store.pool.fetchrow("SELECT * FROM certificate")
    assert (str(row["id"]), row["check_state"]) == (certificate, "NOT_CHECKED")
    assert (row["check_time"], row["next_check_time"]) == (None, None)
    assert await reports(service, order.data.erasure) == [{"certificate_check": 1}]


@pytest.mark.parametrize("order_first", [True, False])
async def test_a_consent_that_is_given_anew_has_registers_asked_whenever_the_order_comes(
    service: Service, handler: ErasureHandler, *, order_first: bool
) -> None:
    await with_file(service)
    start, order = service.clock.now(), an_order(PERSON, WORKER, "EDUCATION")
    await hear(service, decided("WITHDRAWN", start))
    given, register = decided("GIVEN", start + timedelta(seconds=1)), PlayedRegister(Check.FOUND)
    service.clock.move(seconds=1)

    if order_first:
        await handler.on_erasure_ordered(order)
        assert await turn(service, register) == []
        await hear(service, given)
    else:
        await hear(service, given)
        await handler.on_erasure_ordered(order)

    assert await turn(service, register) == ["ПК-1"]


async def test_a_closed_account_leaves_no_decision_behind(
    service: Service, handler: ErasureHandler
) -> None:
    await with_file(service)
    await hear(service, decided("GIVEN", service.clock.now()))
    order = an_order(PERSON, WORKER)

    await handler.on_erasure_ordered(order)

    assert "consent" not in await holding(service.store, WORKER)
    (report,) = await reports(service, order.data.erasure)
    assert report["consent"] == 1


async def test_others_lose_nothing(service: Service, handler: ErasureHandler, world: World) -> None:
    await world.tell(a_course(1))
    before = await world.activities()

    await handler.on_erasure_ordered(an_order(PERSON, str(uuid.uuid4())))
    await handler.on_erasure_ordered(an_order(PERSON))

    assert await world.activities() == before
