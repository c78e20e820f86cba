"""Reading calls over one stream: as calls of their own, but together, and whatever breaks."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from lkmr.carrier.v1 import carrier_service_pb2 as carrier_pb
from lkmr.carrier.v1.carrier_service_pb2_grpc import CarrierServiceStub
from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import (
    NotifyServiceServicer,
    NotifyServiceStub,
    add_NotifyServiceServicer_to_server,
)
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit import carrier_client
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.grpc_server import GrpcServer, Rule, caller_of
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.telemetry import REGISTRY

from .conftest import CLOCK, SERVICE, SIGNER, a_verifier, rules, whole

pytestmark = pytest.mark.servers
READS = (f"/{SERVICE}/ListMessages",)


def token_of(subject: str, *roles: str) -> str:
    caller = Caller(
        kind=CallerKind.PERSON, subject=subject, expire_time=0, session="s", roles=roles
    )
    return SIGNER.caller_token(caller, CLOCK.now())[0]


@whole
class Probe(NotifyServiceServicer):
    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.gate, self.began = asyncio.Event(), asyncio.Event()

    async def ListMessages(self, request: pb.ListMessagesRequest, _: Any) -> JsonDocument:
        self.asked[request.page_token] += 1
        self.began.set()
        if request.page_token == "gate":
            await self.gate.wait()
        if request.page_token == "boom":
            raise RuntimeError("Иванова Анна")
        if request.page_token == "fields":
            faults = [FieldFault("page_token", "BAD", "not so")]
            raise ServiceError("BAD", Category.INVALID_ARGUMENT, {"a": "b"}, fields=faults)
        if request.page_token == "large":
            return JsonDocument(body=b"x" * 900_000)
        return JsonDocument(body=f"{caller_of().subject} {request.page_token}".encode())


RULES = rules(ListMessages=Rule.people("gateway", roles=["DOCTOR"]))


def a_server(tls: Path, probe: Probe, port: int = 0) -> GrpcServer:
    made = GrpcServer(
        "notify",
        f"127.0.0.1:{port}",
        tls_dir=tls / "notify",
        rules=RULES,
        verifier=a_verifier(),
    )
    made.add(SERVICE, probe, add_NotifyServiceServicer_to_server)
    return made


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
async def server(tls: Path, probe: Probe) -> AsyncIterator[GrpcServer]:
    async with a_server(tls, probe) as made:
        yield made


@pytest.fixture
async def peer(server: GrpcServer, tls: Path) -> AsyncIterator[Peer]:
    async with a_peer(tls, server.port) as made:
        yield made


def a_peer(tls: Path, port: int, program: str = "gateway") -> Peer:
    return Peer("notify", f"127.0.0.1:{port}", tls_dir=tls / program, repeatable=READS)


async def ask(peer: Peer, text: str = "", *, token: str | None = None, seconds: float = 5) -> bytes:
    request = pb.ListMessagesRequest(page_token=text)
    given = token_of("p1", "DOCTOR") if token is None else token
    stub = NotifyServiceStub(peer.channel)
    answer: JsonDocument = await peer.call(stub.ListMessages, request, token=given, timeout=seconds)
    return answer.body


async def refusal_of(work: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await work
    return caught.value


def lines_of(peer: Peer) -> Any:
    channel: Any = peer.channel
    return channel._carrier._lines


def carried() -> float:
    """How many calls went out over lines."""
    return REGISTRY.get_sample_value("lkmr_carrier_batch_calls_sum", {"peer": "notify"}) or 0


def messages() -> float:
    """How many messages they went out in."""
    return REGISTRY.get_sample_value("lkmr_carrier_batch_calls_count", {"peer": "notify"}) or 0


async def test_each_reply_finds_its_call_and_calls_of_one_moment_go_together(peer: Peer) -> None:
    await ask(peer)
    before, sent = carried(), messages()

    answers = await asyncio.gather(
        *(ask(peer, f"{n}", token=token_of(f"p{n}", "DOCTOR")) for n in range(32))
    )

    assert answers == [f"p{n} {n}".encode() for n in range(32)]
    assert carried() - before == 32
    assert messages() - sent < 8


async def test_a_slow_call_holds_up_no_other(peer: Peer, probe: Probe) -> None:
    slow = asyncio.create_task(ask(peer, "gate"))
    await probe.began.wait()

    assert await ask(peer, "quick") == b"p1 quick"
    assert not slow.done()
    probe.gate.set()
    assert await slow == b"p1 gate"


async def test_rights_are_checked_for_each_call_of_a_line(peer: Peer) -> None:
    assert await ask(peer) == b"p1 "
    refusals = [
        await refusal_of(ask(peer, token=token))
        for token in ("", "x.y.z", token_of("p2", "REGISTRAR"))
    ]

    assert [one.reason for one in refusals] == [
        "CALLER_UNKNOWN",
        "CALLER_UNKNOWN",
        "SECTION_CLOSED",
    ]


async def test_a_program_that_is_not_on_the_list_is_refused_over_a_line_too(
    server: GrpcServer, tls: Path
) -> None:
    before = carried()
    async with a_peer(tls, server.port, "auth") as stranger:
        refusals = [await refusal_of(ask(stranger)) for _ in range(3)]

    assert {one.reason for one in refusals} == {"PEER_NOT_ALLOWED"}
    assert carried() - before == 3


async def test_a_refusal_keeps_reason_metadata_and_fields(peer: Peer) -> None:
    refusal = await refusal_of(ask(peer, "fields"))

    assert (refusal.reason, refusal.metadata, refusal.domain) == ("BAD", {"a": "b"}, "notify")
    assert refusal.fields == (FieldFault("page_token", "BAD", "not so"),)


async def test_a_bug_ends_its_call_alone_and_shows_nothing_of_its_text(
    peer: Peer, probe: Probe, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = asyncio.create_task(ask(peer, "gate"))
    await probe.began.wait()

    refusal = await refusal_of(ask(peer, "boom"))
    probe.gate.set()

    assert (refusal.reason, refusal.category) == ("INTERNAL", Category.INTERNAL)
    assert "Иванова" not in capsys.readouterr().out
    assert await slow == b"p1 gate"


async def test_work_ends_with_its_deadline_and_the_line_goes_on(peer: Peer) -> None:
    refusal = await refusal_of(ask(peer, "gate", seconds=0.4))

    assert refusal.category is Category.TIMED_OUT
    assert await ask(peer, "quick") == b"p1 quick"


async def test_large_replies_of_one_moment_all_arrive(peer: Peer) -> None:
    answers = await asyncio.gather(*(ask(peer, "large", seconds=20) for _ in range(12)))

    assert {len(one) for one in answers} == {900_000}


async def test_more_calls_than_a_line_takes_are_made_as_calls_of_their_own(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_client, "IN_FLIGHT", 4)
    await ask(peer)
    before = carried()

    answers = await asyncio.gather(*(ask(peer, f"{n}") for n in range(20)))

    assert answers == [f"p1 {n}".encode() for n in range(20)]
    assert carried() - before == 4


async def test_a_server_that_ends_under_a_call_is_asked_again_once_it_is_back(
    tls: Path, probe: Probe
) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    first = a_server(tls, probe, port)
    await first.__aenter__()
    async with a_peer(tls, port) as peer:
        assert await ask(peer) == b"p1 "
        asked = asyncio.create_task(ask(peer, "gate", seconds=20))
        while probe.asked["gate"] == 0:
            await asyncio.sleep(0.01)
        await first._server.stop(grace=0)
        async with a_server(tls, probe, port):
            probe.gate.set()
            assert await asked == b"p1 gate"
            assert await ask(peer, "again") == b"p1 again"


async def test_a_server_that_drains_gives_its_last_reply_and_ends_its_lines(
    server: GrpcServer, peer: Peer, probe: Probe
) -> None:
    slow = asyncio.create_task(ask(peer, "gate"))
    await probe.began.wait()
    line = lines_of(peer)[0]

    await server.drain()
    probe.gate.set()

    assert await slow == b"p1 gate"
    async with asyncio.timeout(5):
        await line.task
    assert probe.asked["gate"] == 1


async def test_a_line_is_renewed_in_time_and_the_old_one_gives_its_last_reply(
    peer: Peer, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_client, "LIFE_SECONDS", 0.3)
    old = asyncio.create_task(ask(peer, "gate"))
    await probe.began.wait()
    lines = lines_of(peer)
    first = lines[0]
    while lines[0] is first:
        await ask(peer)

    probe.gate.set()
    assert await old == b"p1 gate"
    async with asyncio.timeout(5):
        await first.task
    assert not first.open


async def test_a_server_that_knows_no_lines_is_asked_by_calls_of_their_own(tls: Path) -> None:
    """As one of the release before: met while a roll-out is under way."""
    old = grpc.aio.server()
    probe = Probe()

    class Simple(NotifyServiceServicer):
        async def ListMessages(self, request: pb.ListMessagesRequest, _: Any) -> JsonDocument:
            probe.asked[request.page_token] += 1
            return JsonDocument(body=b"plain")

    add_NotifyServiceServicer_to_server(Simple(), old)
    port = old.add_insecure_port("127.0.0.1:0")
    await old.start()
    try:
        async with Peer("notify", f"127.0.0.1:{port}", tls_dir=None, repeatable=READS) as peer:
            answers = [await ask(peer, f"{n}") for n in range(5)]
    finally:
        await old.stop(grace=0)

    assert answers == [b"plain"] * 5
    assert sum(probe.asked.values()) == 5


async def test_an_unknown_method_and_a_foreign_message_are_refused_alone(
    server: GrpcServer, tls: Path
) -> None:
    token = f"Bearer {token_of('p1', 'DOCTOR')}"
    calls = [
        carrier_pb.Call(id=1, method="/no/Such", timeout_ms=1000, authorization=token),
        carrier_pb.Call(
            id=2, method=READS[0], request=b"\xff\xff", timeout_ms=1000, authorization=token
        ),
        carrier_pb.Call(id=3, method=READS[0], timeout_ms=1000, authorization=token),
    ]

    async def requests() -> AsyncIterator[carrier_pb.CarryRequest]:
        yield carrier_pb.CarryRequest(calls=calls)

    codes = {}
    async with a_peer(tls, server.port) as peer:
        async for message in CarrierServiceStub(peer.channel).Carry(requests()):
            codes |= {one.id: one.code for one in message.replies}

    assert codes == {
        1: grpc.StatusCode.UNIMPLEMENTED.value[0],
        2: grpc.StatusCode.INTERNAL.value[0],
        3: 0,
    }


async def test_a_caller_who_gives_up_leaves_nothing_behind(peer: Peer, probe: Probe) -> None:
    asked = asyncio.create_task(ask(peer, "gate"))
    await probe.began.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    assert lines_of(peer)[0]._waiting == {}
    probe.gate.set()
    assert await ask(peer, "next") == b"p1 next"
