"""The service over real PostgreSQL, NATS, mutual TLS and the stand-in."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx2
import pytest
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2_grpc as rpc
from lkmr.egisz_bridge.v1.events_pb2 import RegisterRecordChanged
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy
from nats.js.errors import NotFoundError

from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Bus, stream_of, subject_of
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.program import STOP_SECONDS

from .conftest import GENERATED, SIGNER, Suite

pytestmark = pytest.mark.servers
IVANOVA = {
    "snils": "90000103798",
    "family_name": "Иванова",
    "given_name": "Анна",
    "patronymic": "Сергеевна",
    "birth_date": "1984-03-12",
    "policy_number": "7756510887007010",
}


@pytest.fixture
async def auth_peer(suite: Suite) -> AsyncIterator[Peer]:
    async with suite.peer("auth") as peer:
        yield peer


@pytest.fixture
async def accreditation_peer(suite: Suite) -> AsyncIterator[Peer]:
    async with suite.peer("accreditation") as peer:
        yield peer


@pytest.fixture
async def heard(suite: Suite) -> AsyncIterator[asyncio.Queue[RegisterRecordChanged]]:
    queue: asyncio.Queue[RegisterRecordChanged] = asyncio.Queue()
    secret = suite.infra.nats_password("bootstrap")
    async with Bus(suite.infra.nats_url("bootstrap"), secret, name="test") as bus:

        async def note(message: Msg) -> None:
            queue.put_nowait(RegisterRecordChanged.FromString(message.data))

        await stream_exists(bus)
        await bus.stream.subscribe(
            subject_of(RegisterRecordChanged),
            cb=note,
            ordered_consumer=True,
            deliver_policy=DeliverPolicy.NEW,
        )
        yield queue


def job_token() -> str:
    """A fresh token: one of five minutes made at the start would not live through a long run."""
    return SIGNER.job_token("accreditation", "test")[0]


async def stream_exists(bus: Bus) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await bus.stream.stream_info(stream_of("egisz-bridge"))
            except NotFoundError:
                await asyncio.sleep(0.05)
            else:
                return


async def check(peer: Peer, **changed: str) -> pb.IdentityCheck:
    stub = rpc.EgiszBridgeServiceStub(peer.channel)
    request = pb.CheckIdentityRequest(**{**IVANOVA, **changed})
    return await peer.call(stub.CheckIdentity, request, timeout=5)


async def behave(suite: Suite, **behaviour: object) -> None:
    async with httpx2.AsyncClient() as client:
        answer = await client.put(f"{suite.control}/behaviour", json=behaviour)
        assert answer.is_success, answer.text


async def change_accreditation(suite: Suite, number: str = "7726 039990001") -> None:
    body = {"kind": "PERIODIC", "specialty": "терапия", "recorded_at": "2026-11-01"}
    async with httpx2.AsyncClient() as client:
        path = f"{suite.control}/register/workers/900-001-037%2098/accreditations/{number}"
        answer = await client.put(path, json=body)
        assert answer.is_success, answer.text


@pytest.mark.proves("F-288")
async def test_people_are_compared_with_both_registers(auth_peer: Peer) -> None:
    same = await check(auth_peer)
    assert (same.name, same.birth_date, same.policy_number) == (pb.MATCH_EQUAL,) * 3
    assert same.card.accreditations[0].specialty == "терапия"

    other_name = await check(auth_peer, family_name="Петрова")
    assert other_name.name == pb.MATCH_DIFFERENT

    other_policy = await check(auth_peer, policy_number="7752210892007998")
    assert other_policy.policy_number == pb.MATCH_DIFFERENT

    nobody = await check(auth_peer, snils="900-019-703 45", policy_number="")
    assert not nobody.in_worker_register


async def test_a_wrong_snils_is_refused_before_any_register_is_asked(auth_peer: Peer) -> None:
    with pytest.raises(ServiceError, match="SNILS_INVALID"):
        await check(auth_peer, snils="900-001-037 99")


@pytest.mark.parametrize("system", ["frmr", "ferzl"])
@pytest.mark.parametrize(
    "behaviour",
    [
        {"availability": "down"},
        {"availability": "slow"},
        {"availability": "overloaded"},
        {"availability": "maintenance"},
        {"availability": "up", "error_rate": 1},
    ],
)
async def test_a_register_in_trouble_is_unavailable_and_comes_back_by_itself(
    suite: Suite, auth_peer: Peer, system: str, behaviour: dict[str, object]
) -> None:
    await behave(suite, system=system, **behaviour)
    try:
        for _ in range(2):
            with pytest.raises(ServiceError, match="REGISTER_UNAVAILABLE") as refused:
                await check(auth_peer)
            register = {"frmr": "worker_register", "ferzl": "insured_register"}[system]
            assert refused.value.metadata["register"] == register
    finally:
        await behave(suite, availability="up")

    async with asyncio.timeout(10):
        while True:
            try:
                back = await check(auth_peer)
                break
            except ServiceError:
                await asyncio.sleep(0.1)
    assert back.name == pb.MATCH_EQUAL


async def test_states_of_the_registers_are_told_to_the_gateway(suite: Suite) -> None:
    async with suite.peer("gateway") as peer:
        stub = rpc.EgiszBridgeServiceStub(peer.channel)
        states = await peer.call(stub.ListRegisterStates, pb.ListRegisterStatesRequest(), timeout=5)

    assert {state.register: state.available for state in states.registers} == {
        "worker_register": True,
        "insured_register": True,
        "licence_register": True,
        "learning_portal": True,
        "document_register": True,
        "accreditation_center": True,
        "health_authority": True,
    }


async def test_only_the_named_programs_and_callers_are_let_in(
    suite: Suite, accreditation_peer: Peer
) -> None:
    with pytest.raises(ServiceError, match="PEER_NOT_ALLOWED"):
        await check(accreditation_peer)
    stub = rpc.EgiszBridgeServiceStub(accreditation_peer.channel)
    person = Caller(CallerKind.PERSON, "p", 0, session="s", worker="another")
    token = SIGNER.caller_token(person, SystemClock().now())[0]
    request = pb.GetWorkerCardRequest(name="workers/somebody")
    with pytest.raises(ServiceError, match="CARD_FOREIGN"):
        await accreditation_peer.call(stub.GetWorkerCard, request, token=token)


async def test_a_card_is_read_by_name_and_is_never_older_than_asked_for(
    suite: Suite, auth_peer: Peer, accreditation_peer: Peer
) -> None:
    card = (await check(auth_peer)).card
    stub = rpc.EgiszBridgeServiceStub(accreditation_peer.channel)
    await change_accreditation(suite, "7726 039990777")

    fresh = await accreditation_peer.call(
        stub.GetWorkerCard, pb.GetWorkerCardRequest(name=card.name), token=job_token()
    )
    assert fresh.version > card.version
    assert "7726 039990777" in {entry.registry_number for entry in fresh.accreditations}
    again = await accreditation_peer.call(  # the register says that nothing has changed
        stub.GetWorkerCard, pb.GetWorkerCardRequest(name=card.name), token=job_token()
    )
    assert again.version == fresh.version
    fresh.fetch_time.CopyFrom(again.fetch_time)
    enough = pb.GetWorkerCardRequest(name=card.name, min_version=fresh.version)
    assert await accreditation_peer.call(stub.GetWorkerCard, enough, token=job_token()) == fresh

    unknown = pb.GetWorkerCardRequest(name="workers/00000000-0000-4000-8000-000000000000")
    with pytest.raises(ServiceError, match="WORKER_CARD_NOT_FOUND"):
        await accreditation_peer.call(stub.GetWorkerCard, unknown, token=job_token())


async def stream(peer: Peer, cursor: str = "") -> list[pb.WorkerCardBatch]:
    stub = rpc.EgiszBridgeServiceStub(peer.channel)
    request = pb.StreamWorkerCardsRequest(cursor=cursor)
    parts = peer.stream(stub.StreamWorkerCards, request, timeout=30, token=job_token())
    return [part async for part in parts]


async def test_the_whole_register_streams_and_goes_on_from_any_place(
    accreditation_peer: Peer,
) -> None:
    parts = await stream(accreditation_peer)

    names = [card.name for part in parts for card in part.cards]
    assert len(set(names)) == len(names) == parts[-1].total > GENERATED
    assert max(part.ByteSize() for part in parts) < 1024**2
    middle = next(at for at, part in enumerate(parts) if part.cursor)
    rest = await stream(accreditation_peer, parts[middle].cursor)
    begun = sum(len(part.cards) for part in parts[: middle + 1])
    assert [card.name for part in rest for card in part.cards] == names[begun:]
    with pytest.raises(ServiceError, match="CURSOR_INVALID"):
        await stream(accreditation_peer, "nonsense")


async def test_a_change_is_announced_once_also_over_a_kill(
    suite: Suite, heard: asyncio.Queue[RegisterRecordChanged]
) -> None:
    await change_accreditation(suite, "7726 039990001")
    async with asyncio.timeout(5):
        first = await heard.get()

    suite.stop("bridge", signal.SIGKILL)
    await change_accreditation(suite, "7726 039990002")
    suite.start_bridge()
    async with asyncio.timeout(15):
        second = await heard.get()

    assert first.worker == second.worker
    assert second.version > first.version
    connection = await asyncpg.connect(suite.database.superuser_url)
    rows = await connection.fetch(
        "SELECT event_id FROM outbox WHERE resource_name = $1", first.worker
    )
    await connection.close()
    assert heard.empty()
    assert len(rows) <= 4, "the mass import and the demo people are not announced"


async def test_every_call_is_recorded_without_a_word_about_a_person(
    suite: Suite, auth_peer: Peer
) -> None:
    await check(auth_peer)
    connection = await asyncpg.connect(suite.database.superuser_url)
    try:
        async with asyncio.timeout(10):
            while True:
                rows = await connection.fetch("SELECT * FROM exchange_log")
                done = {(row["system"], row["operation"], row["result"]) for row in rows}
                if ("insured_register", "get_person_data", "OK") in done:
                    break
                await asyncio.sleep(0.1)
        parts = await connection.fetch(
            "SELECT DISTINCT tableoid::regclass::text AS part FROM exchange_log"
        )
    finally:
        await connection.close()
    assert ("worker_register", "find_worker", "OK") in done
    month = SystemClock().now().strftime("%Y_%m")
    assert {row["part"] for row in parts} == {f"months.exchange_log_{month}"}
    words = " ".join(str(dict(row)) for row in rows) + suite.log("bridge")
    assert not re.search("Иванов|9000010379|7756510887|1984-03", words)


async def test_it_stops_within_seconds_when_told(suite: Suite) -> None:
    started = SystemClock().now()

    assert suite.stop("bridge") == 0
    assert SystemClock().now() - started < timedelta(seconds=STOP_SECONDS + 5)
    suite.start_bridge()


@pytest.mark.parametrize("suite", [60.0], indirect=True)
async def test_a_call_from_the_register_wakes_the_feed_at_once(
    suite: Suite, heard: asyncio.Queue[RegisterRecordChanged]
) -> None:
    await change_accreditation(suite)

    async with asyncio.timeout(5):
        assert (await heard.get()).version > 1
