"""Calls between two programs over mutual TLS, with everything the gate checks."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import (
    NotifyServiceServicer,
    NotifyServiceStub,
    add_NotifyServiceServicer_to_server,
)
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.grpc_server import GrpcServer, Rule, caller_of
from lkmr_servicekit.identity import Caller, CallerKind

from .conftest import CLOCK, SERVICE, SIGNER, a_verifier, rules, whole

pytestmark = pytest.mark.servers
METHODS = ("ListMessages", "ReadMessage", "ListMessagesSince", "MarkMessageRead", "GetInboxSummary")
PERSON = Caller(
    kind=CallerKind.PERSON,
    subject="p1",
    expire_time=0,
    session="s1",
    worker="w1",
    roles=("DOCTOR",),
)


@whole
class Probe(NotifyServiceServicer):
    async def ListMessages(self, request: pb.ListMessagesRequest, _: Any) -> JsonDocument:
        if request.page_token == "boom":
            raise RuntimeError("Иванова Анна 900-001-037 98")
        if request.page_token == "slow":
            await asyncio.sleep(5)
        if request.page_token == "fields":
            faults = [FieldFault("page_token", "BAD", "not so")]
            raise ServiceError("BAD", Category.INVALID_ARGUMENT, {"a": "b"}, fields=faults)
        return JsonDocument(body=caller_of().subject.encode())

    async def ReadMessage(self, request: Any, _: Any) -> JsonDocument:
        return JsonDocument()

    async def ListMessagesSince(self, request: Any, _: Any) -> JsonDocument:
        return JsonDocument()

    async def MarkMessageRead(self, request: Any, _: Any) -> JsonDocument:
        return JsonDocument()

    async def GetInboxSummary(self, request: Any, _: Any) -> pb.InboxSummary:
        return pb.InboxSummary(unread_count=7)


RULES = rules(**{name: Rule.people("gateway", roles=["DOCTOR"]) for name in METHODS})
RULES[f"/{SERVICE}/GetInboxSummary"] = Rule.jobs("gateway")


@pytest.fixture
async def server(tls: Path) -> AsyncIterator[GrpcServer]:
    made = GrpcServer(
        "notify",
        "127.0.0.1:0",
        tls_dir=tls / "notify",
        rules=RULES,
        verifier=a_verifier(),
    )
    made.add(SERVICE, Probe(), add_NotifyServiceServicer_to_server)
    async with made:
        yield made


@pytest.fixture
async def gateway(server: GrpcServer, tls: Path) -> AsyncIterator[Peer]:
    async with Peer("notify", f"127.0.0.1:{server.port}", tls_dir=tls / "gateway") as peer:
        yield peer


def token_of(caller: Caller = PERSON) -> str:
    return SIGNER.caller_token(caller, CLOCK.now())[0]


async def ask(peer: Peer, page_token: str = "", token: str | None = None, **more: Any) -> bytes:
    stub = NotifyServiceStub(peer.channel)
    request = pb.ListMessagesRequest(page_token=page_token)
    given = token_of() if token is None else token
    answer = await peer.call(stub.ListMessages, request, token=given, **more)
    return answer.body


async def refusal_of(work: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await work
    return caught.value


async def test_a_call_carries_the_caller_to_the_method(gateway: Peer) -> None:
    assert await ask(gateway) == b"p1"


async def test_a_program_that_is_not_on_the_list_is_refused(server: GrpcServer, tls: Path) -> None:
    async with Peer("notify", f"127.0.0.1:{server.port}", tls_dir=tls / "auth") as stranger:
        refusal = await refusal_of(ask(stranger))

    assert (refusal.reason, refusal.category) == ("PEER_NOT_ALLOWED", Category.PERMISSION_DENIED)


@pytest.mark.parametrize("token", ["", "x.y.z", "Bearer", "a" * 9000])
@pytest.mark.proves("F-237")
async def test_a_token_that_is_none_is_refused(gateway: Peer, token: str) -> None:
    assert (await refusal_of(ask(gateway, token=token))).reason == "CALLER_UNKNOWN"


async def test_a_role_without_the_right_and_a_job_in_place_of_a_person_are_refused(
    gateway: Peer,
) -> None:
    registrar = token_of(replace(PERSON, roles=("REGISTRAR",)))
    job = SIGNER.job_token("gateway", "probe")[0]

    assert (await refusal_of(ask(gateway, token=registrar))).reason == "SECTION_CLOSED"
    assert (await refusal_of(ask(gateway, token=job))).reason == "CALLER_KIND_REFUSED"


async def test_a_bug_shows_nothing_of_its_text(
    gateway: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = await refusal_of(ask(gateway, "boom"))

    assert (refusal.reason, refusal.category) == ("INTERNAL", Category.INTERNAL)
    assert "Иванова" not in capsys.readouterr().out


async def test_a_refusal_keeps_reason_metadata_and_fields(gateway: Peer) -> None:
    refusal = await refusal_of(ask(gateway, "fields"))

    assert (refusal.reason, refusal.metadata, refusal.domain) == ("BAD", {"a": "b"}, "notify")
    assert refusal.fields == (FieldFault("page_token", "BAD", "not so"),)


async def test_work_ends_with_its_deadline(gateway: Peer) -> None:
    refusal = await refusal_of(ask(gateway, "slow", timeout=0.3))

    assert refusal.category is Category.TIMED_OUT


async def test_a_call_without_a_deadline_is_refused(gateway: Peer) -> None:
    stub = NotifyServiceStub(gateway.channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.ListMessages(pb.ListMessagesRequest())

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_revoked_session_is_refused_at_once(gateway: Peer, server: GrpcServer) -> None:
    assert await ask(gateway) == b"p1"
    server.verifier.revoke("s1")  # type: ignore[union-attr]

    assert (await refusal_of(ask(gateway))).reason == "SESSION_REVOKED"


async def test_a_service_that_is_away_is_unavailable(tls: Path) -> None:
    async with Peer("notify", "127.0.0.1:9", tls_dir=tls / "gateway") as peer:
        assert (await refusal_of(ask(peer))).category is Category.UNAVAILABLE


async def test_a_service_that_is_just_starting_is_waited_for(server: GrpcServer, tls: Path) -> None:
    """Its first callers have tried already, and would try again only after a pause."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    async with Peer("notify", f"127.0.0.1:{port}", tls_dir=tls / "gateway") as peer:
        asked = asyncio.create_task(ask(peer, timeout=10))
        while peer.channel.get_state() is not grpc.ChannelConnectivity.TRANSIENT_FAILURE:
            await asyncio.sleep(0.01)
        async with slow_wire(server.port, seconds=0, port=port):
            assert await asked == b"p1"


async def test_a_service_that_comes_back_after_long_is_there_for_its_next_caller(
    server: GrpcServer, tls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lkmr_servicekit.grpc_client.RETURN_SECONDS", 0.0)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    async with Peer("notify", f"127.0.0.1:{port}", tls_dir=tls / "gateway") as peer:
        for _ in range(3):
            await refusal_of(ask(peer))
        async with slow_wire(server.port, seconds=0, port=port):
            assert await ask(peer, timeout=10) == b"p1"


async def test_a_service_that_is_long_away_is_waited_for_in_no_call_for_long(
    tls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lkmr_servicekit.grpc_client.RETURN_SECONDS", 0.1)
    monkeypatch.setattr("lkmr_servicekit.grpc_client.TURN_SECONDS", 0.1)
    async with Peer("notify", "127.0.0.1:9", tls_dir=tls / "gateway") as peer:
        await refusal_of(ask(peer))
        await asyncio.sleep(0.1)  # what is measured is time itself
        waits = [asyncio.create_task(refusal_of(ask(peer, timeout=10))) for _ in range(20)]
        async with asyncio.timeout(4):  # half of a deadline each, if it were waited for
            refusals = await asyncio.gather(*waits)

    assert {one.category for one in refusals} == {Category.UNAVAILABLE}


async def test_a_server_with_a_method_without_a_rule_does_not_start() -> None:
    server = GrpcServer("notify", "127.0.0.1:0", tls_dir=None, rules={}, verifier=None)
    with pytest.raises(LookupError):
        server.add(SERVICE, Probe(), add_NotifyServiceServicer_to_server)


async def test_a_peer_whose_handshake_takes_its_time_is_not_away(
    server: GrpcServer, tls: Path
) -> None:
    """On a loaded machine a handshake takes longer than the pause before another try."""
    async with (
        slow_wire(server.port, seconds=0.2) as port,
        Peer("notify", f"127.0.0.1:{port}", tls_dir=tls / "gateway") as peer,
    ):
        assert await ask(peer, timeout=10) == b"p1"


@asynccontextmanager
async def slow_wire(target: int, *, seconds: float, port: int = 0) -> AsyncIterator[int]:
    """A port on which every piece of a conversation comes so much later."""

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await source.read(65536):
                await asyncio.sleep(seconds)
                sink.write(piece)
                await sink.drain()
        sink.close()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    wire = await asyncio.start_server(converse, "127.0.0.1", port)
    async with wire:
        yield wire.sockets[0].getsockname()[1]
