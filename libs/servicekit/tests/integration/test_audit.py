"""Acts of a real server over a real database: in the transaction of the work, whatever happens."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import (
    NotifyServiceServicer,
    NotifyServiceStub,
    add_NotifyServiceServicer_to_server,
)
from lkmr.type.v1.act_pb2 import Act
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.audit import about, apart
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.grpc_server import GrpcServer, Rule
from lkmr_servicekit.identity import Caller, CallerKind

from .conftest import CLOCK, SERVICE, SIGNER, a_verifier, rules, whole

pytestmark = pytest.mark.servers
NAME = "persons/7/messages/1"
RULES = rules(
    **{
        name: Rule.people("gateway", roles=["DOCTOR"], audit=audit)
        for name, audit in {
            "ListMessages": "",
            "ReadMessage": "notify.message.opened",
            "ListMessagesSince": "",
            "MarkMessageRead": "notify.message.read",
            "GetInboxSummary": "",
        }.items()
    }
)


@whole
class Probe(NotifyServiceServicer):
    """Work that commits, reads, fails before or after its commit, or does other work beside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _commit(self, *, kept: bool = True) -> None:
        async with UnitOfWork(self._database) as uow:
            await uow.connection.execute(
                sa.text("INSERT INTO inbox VALUES ('work', gen_random_uuid(), '2026-01-01')")
            )
            if kept:
                await uow.commit()

    async def MarkMessageRead(self, request: Any, _: Any) -> JsonDocument:
        if request.request_id == "beside":
            with apart():
                await self._commit()
            raise ServiceError("GONE", Category.NOT_FOUND)
        if request.request_id == "before":
            await self._commit(kept=False)
            raise ServiceError("WRONG_STATE", Category.FAILED_PRECONDITION)
        about(subject="persons/9", purpose="treatment")
        await self._commit()
        await self._commit()
        return JsonDocument()

    async def ReadMessage(self, request: Any, _: Any) -> JsonDocument:
        return JsonDocument(body=b"{}")

    async def ListMessages(self, request: Any, _: Any) -> JsonDocument:
        raise ServiceError("PAGE_TOKEN_INVALID", Category.INVALID_ARGUMENT)

    async def ListMessagesSince(self, request: Any, _: Any) -> JsonDocument:
        raise ServiceError("NOT_OWN", Category.PERMISSION_DENIED)

    async def GetInboxSummary(self, request: Any, _: Any) -> pb.InboxSummary:
        return pb.InboxSummary()


@pytest.fixture(scope="module")
def notify(database: Callable[..., TestDatabase]) -> TestDatabase:
    return database("notify")


@pytest.fixture
async def store(notify: TestDatabase) -> AsyncIterator[Database]:
    async with Database(notify.url) as opened:
        await opened.pool.execute("DELETE FROM outbox")
        await opened.pool.execute("DELETE FROM inbox")
        yield opened


@pytest.fixture
async def server(tls: Path, store: Database) -> AsyncIterator[GrpcServer]:
    made = GrpcServer(
        "notify",
        "127.0.0.1:0",
        tls_dir=tls / "notify",
        rules=RULES,
        verifier=a_verifier(),
        journal=OutboxJournal(store, "notify", CLOCK),
    )
    made.add(SERVICE, Probe(store), add_NotifyServiceServicer_to_server)
    async with made:
        yield made


async def call(
    server: GrpcServer,
    tls: Path,
    method: str,
    request: Any,
    *,
    role: str = "DOCTOR",
    program: str = "gateway",
) -> str:  # fmt: skip
    person = Caller(
        kind=CallerKind.PERSON, subject="7", expire_time=0, session="persons/7/sessions/1",
        organization="org-1", roles=(role,),
    )  # fmt: skip
    token = SIGNER.caller_token(person, CLOCK.now())[0]
    async with Peer("notify", f"127.0.0.1:{server.port}", tls_dir=tls / program) as peer:
        try:
            await peer.call(getattr(NotifyServiceStub(peer.channel), method), request, token=token)
        except ServiceError as refusal:
            return refusal.reason
    return ""


async def acts(store: Database) -> list[Act]:
    rows = await store.pool.fetch("SELECT subject, body FROM outbox ORDER BY id")
    assert {row["subject"] for row in rows} <= {"lkmr.notify.v1.act.recorded"}
    return [Act.FromString(row["body"]) for row in rows]


async def test_the_first_kept_commit_of_a_method_carries_its_act(
    server: GrpcServer, store: Database, tls: Path
) -> None:
    assert not await call(server, tls, "MarkMessageRead", pb.MarkMessageReadRequest(name=NAME))

    (act,) = await acts(store)
    assert (act.operation, act.object, act.result) == (
        "notify.message.read", NAME, Act.RESULT_ALLOWED,
    )  # fmt: skip
    assert (act.actor, list(act.roles), act.organization) == ("persons/7", ["DOCTOR"], "org-1")
    assert (act.session, act.subject, act.purpose) == (
        "persons/7/sessions/1", "persons/9", "treatment",
    )  # fmt: skip
    assert len(act.trace_id) == 32
    assert act.HasField("time")


async def test_a_read_is_journalled_before_its_answer(
    server: GrpcServer, store: Database, tls: Path
) -> None:
    assert not await call(server, tls, "ReadMessage", pb.ReadMessageRequest(name=NAME))

    (act,) = await acts(store)
    assert (act.operation, act.result) == ("notify.message.opened", Act.RESULT_ALLOWED)


@pytest.mark.proves("F-237")
async def test_a_read_that_cannot_be_journalled_is_not_answered(
    server: GrpcServer, store: Database, tls: Path, notify: TestDatabase
) -> None:
    async with Database(notify.superuser_url) as over:
        await over.pool.execute("ALTER TABLE outbox RENAME TO outbox_away")
        try:
            refused = await call(server, tls, "ReadMessage", pb.ReadMessageRequest(name=NAME))
            denied = await call(
                server, tls, "ReadMessage", pb.ReadMessageRequest(name=NAME), role="PKU"
            )
        finally:
            await over.pool.execute("ALTER TABLE outbox_away RENAME TO outbox")

    assert refused == "INTERNAL"
    assert denied == "SECTION_CLOSED"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("before", ("WRONG_STATE", Act.RESULT_FAILED, 0)),
        ("beside", ("GONE", Act.RESULT_DENIED, 1)),
    ],
)
async def test_work_that_failed_is_journalled_as_such_and_once(
    server: GrpcServer, store: Database, tls: Path, how: str, expected: tuple[str, int, int]
) -> None:
    reason, result, kept = expected
    request = pb.MarkMessageReadRequest(name=NAME, request_id=how)

    assert await call(server, tls, "MarkMessageRead", request) == reason

    (act,) = await acts(store)
    assert (act.result, act.reason, act.object) == (result, reason, NAME)
    assert await store.pool.fetchval("SELECT count(*) FROM inbox") == kept


async def test_every_want_of_a_right_is_journalled_whatever_the_method(
    server: GrpcServer, store: Database, tls: Path
) -> None:
    assert await call(server, tls, "ListMessages", pb.ListMessagesRequest()) != ""
    assert await acts(store) == []

    since = pb.ListMessagesSinceRequest(last_name=NAME)
    assert await call(server, tls, "ListMessagesSince", since) == "NOT_OWN"
    closed = await call(server, tls, "GetInboxSummary", pb.GetInboxSummaryRequest(), role="STAT")
    assert closed == "SECTION_CLOSED"

    refused = [(act.operation, act.actor, act.reason) for act in await acts(store)]
    assert refused == [
        ("notify.rpc.list_messages_since", "persons/7", "NOT_OWN"),
        ("notify.rpc.get_inbox_summary", "persons/7", "SECTION_CLOSED"),
    ]


async def test_a_foreign_program_is_refused_and_journalled_by_its_name(
    server: GrpcServer, store: Database, tls: Path
) -> None:
    answer = await call(
        server, tls, "ReadMessage", pb.ReadMessageRequest(name=NAME), program="egisz-bridge"
    )

    assert answer == "PEER_NOT_ALLOWED"
    (act,) = await acts(store)
    assert (act.actor, act.operation) == ("programs/egisz-bridge", "notify.message.opened")
    assert (act.result, act.reason) == (Act.RESULT_DENIED, "PEER_NOT_ALLOWED")


def test_rules_that_name_acts_need_a_journal(tls: Path) -> None:
    with pytest.raises(LookupError, match="journal"):
        GrpcServer("notify", "127.0.0.1:0", tls_dir=None, rules=RULES, verifier=None)
