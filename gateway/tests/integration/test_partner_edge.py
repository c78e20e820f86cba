"""The partner edge on the wire: who is let in, what is refused with which reason, what is noted."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from lkmr.partner.v1 import specialist_service_pb2 as pb

from lkmr_servicekit.audit import Act, Result

from .partner_edge import GROUNDS, Edge, days_ahead, partner_edge, reason_of

pytestmark = pytest.mark.servers
REFUSED = {"refused", "closed"}
ALL = pb.SpecialistQuery(snils="90000103791", specialty="терапия")
NOBODY = pb.SpecialistQuery(snils="90000103792", specialty="терапия")


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with partner_edge(tmp_path) as made:
        yield made


async def checked(edge: Edge, **given: Any) -> tuple[pb.SpecialistCheck, dict[str, str]]:
    """A check and its trailers; what is not given is as it should be."""
    token = given.pop("token", None) or edge.token()
    name = given.pop("name", "partner-demo")
    values: dict[str, Any] = {"timeout": 5, "metadata": (("authorization", f"Bearer {token}"),)}
    request = pb.CheckSpecialistRequest(
        grounds=given.pop("grounds", GROUNDS), query=given.pop("query", ALL)
    )
    async with edge.partner(name) as stub:
        call = stub.CheckSpecialist(request, **values | given)
        answer = await call
        trailers = {one[0]: str(one[1]) for one in await call.trailing_metadata() or ()}
        return answer, trailers


async def refused(edge: Edge, **given: Any) -> tuple[str, str, dict[str, str]]:
    with pytest.raises(grpc.aio.AioRpcError) as fault:
        await checked(edge, **given)
    return reason_of(fault.value)


async def test_a_registered_partner_is_answered_and_the_journal_knows_it_before(edge: Edge) -> None:
    answer, trailers = await checked(edge)

    assert answer.verdict == pb.SpecialistCheck.VERDICT_ACCREDITED
    assert "lkmr-warning" not in trailers
    (act,) = edge.acts
    assert (act.actor, act.operation, act.object, act.subject) == (
        *("partners/one", "partner.check_specialist", "workers/0", "workers/0"),
    )
    assert (act.purpose, act.basis, act.result) == ("EMPLOYMENT", "323-FZ-69 17", Result.ALLOWED)
    assert act.roles == ("PARTNER",)


async def test_without_the_journal_nobody_is_answered(edge: Edge) -> None:
    edge.journal_away = True

    assert (await refused(edge))[:2] == ("UNAVAILABLE", "PEER_UNAVAILABLE")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"client_id": "LKMR01"}, "the cabinet's own system"),
        ({"client_id": "PARTNER02"}, "another system"),
        ({"iss": "http://esia.gosuslugi.ru"}, "no trailing slash"),
        ({"iat": 1, "nbf": 1, "exp": 3600}, "long over"),
    ],
)
async def test_a_token_counts_only_with_the_certificate_it_is_registered_with(
    edge: Edge, claims: dict[str, Any], why: str
) -> None:
    answer = await refused(edge, token=edge.token(**claims))

    assert answer[:2] == ("UNAUTHENTICATED", "PARTNER_TOKEN_REFUSED"), why
    assert [(act.result, act.reason) for act in edge.acts] == [
        (Result.DENIED, "PARTNER_TOKEN_REFUSED")
    ]


@pytest.mark.parametrize("metadata", [(), (("authorization", "Basic eDp5"),)])
async def test_a_call_without_a_bearer_token_is_refused(edge: Edge, metadata: Any) -> None:
    assert (await refused(edge, metadata=metadata))[1] == "PARTNER_TOKEN_REFUSED"


async def test_a_partner_without_a_system_at_esia_may_be_let_in_and_the_journal_says_so(
    edge: Edge,
) -> None:
    edge.register("token_required = false")

    await checked(edge, metadata=())

    assert edge.acts[0].roles == ("PARTNER_WITHOUT_TOKEN",)


async def test_a_certificate_of_a_trusted_authority_that_nobody_registered_is_refused(
    edge: Edge,
) -> None:
    assert (await refused(edge, name="notify"))[:2] == ("UNAUTHENTICATED", "PARTNER_UNKNOWN")
    assert edge.acts[0].actor.startswith("partners/unknown-")


async def test_a_certificate_ends_by_date_with_a_warning_before(edge: Edge) -> None:
    edge.register(pin=f"valid_until = {days_ahead(5)}")
    _, trailers = await checked(edge)
    assert trailers["lkmr-warning"] == f"certificate_ends={days_ahead(5)}"

    await _replaced(edge, pin=f"valid_until = {days_ahead(-2)}")
    assert (await refused(edge))[1] == "PARTNER_CERTIFICATE_OUTDATED"


async def _replaced(edge: Edge, more: str = "", pin: str = "") -> None:
    """A new register, and the moment in which the edge has looked at it."""
    before = edge.registry.stat().st_mtime_ns
    edge.register(more, pin)
    os.utime(edge.registry, ns=(before + 10**9, before + 10**9))
    await asyncio.sleep(1.05)  # it looks once a second


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("suspended = true", ("PERMISSION_DENIED", "PARTNER_SUSPENDED")),
        ("per_second = 0.001\nburst = 1", ("RESOURCE_EXHAUSTED", "PARTNER_RATE_LIMITED")),
        ("batch = 1", ("OK", "")),
    ],
)
async def test_what_the_register_says_holds(edge: Edge, more: str, reason: tuple[str, str]) -> None:
    edge.register(more)
    if reason[1] == "PARTNER_RATE_LIMITED":
        await checked(edge)
    if reason[0] == "OK":
        await checked(edge)
    else:
        assert (await refused(edge))[:2] == reason


async def test_a_flood_enters_the_journal_once_a_minute(edge: Edge) -> None:
    edge.register("per_second = 0.001\nburst = 1")
    await checked(edge)

    for _ in range(3):
        assert (await refused(edge))[1] == "PARTNER_RATE_LIMITED"

    assert [act.reason for act in edge.acts] == ["", "PARTNER_RATE_LIMITED"]


async def test_a_method_opens_by_its_scope_only(edge: Edge) -> None:
    text = edge.registry.read_text().replace('"specialists.check", ', "")
    edge.registry.write_text(text)

    assert await refused(edge) == (
        *("PERMISSION_DENIED", "PARTNER_SCOPE_MISSING"),
        {"scope": "specialists.check"},
    )


async def test_a_deadline_is_needed_and_grounds_are(edge: Edge) -> None:
    assert (await refused(edge, timeout=None))[1] == "DEADLINE_REQUIRED"
    assert (await refused(edge, grounds=pb.Grounds()))[1] == "PARTNER_REQUEST_INVALID"


async def test_a_batch_answers_in_order_and_is_one_act_for_each_worker_found(edge: Edge) -> None:
    edge.register("batch = 3")
    metadata = (("authorization", f"Bearer {edge.token()}"),)
    async with edge.partner() as stub:
        asked = pb.BatchCheckSpecialistsRequest(grounds=GROUNDS, queries=[ALL, NOBODY, ALL])
        answer = await stub.BatchCheckSpecialists(asked, timeout=5, metadata=metadata)
        asked.queries.append(ALL)
        with pytest.raises(grpc.aio.AioRpcError) as fault:
            await stub.BatchCheckSpecialists(asked, timeout=5, metadata=metadata)

    assert [one.verdict for one in answer.checks] == [
        *(pb.SpecialistCheck.VERDICT_ACCREDITED, pb.SpecialistCheck.VERDICT_WORKER_UNKNOWN),
        pb.SpecialistCheck.VERDICT_ACCREDITED,
    ]
    assert [act.object for act in edge.acts[:2]] == ["workers/0", "workers/2"]
    assert reason_of(fault.value)[1] == "PARTNER_REQUEST_INVALID"


async def test_a_stream_tells_changes_as_they_come_and_a_suspension_ends_it(edge: Edge) -> None:
    edge.register("streams = 1")
    metadata = (("authorization", f"Bearer {edge.token()}"),)
    request = pb.WatchAccreditationsRequest(grounds=GROUNDS, cursor="7")
    async with edge.partner() as stub:
        stream = stub.WatchAccreditations(request, timeout=20, metadata=metadata)
        first = await stream.read()
        edge.changes.put_nowait("workers/1/accreditations/2")
        edge.wake.changed()
        second = await stream.read()
        with pytest.raises(grpc.aio.AioRpcError) as busy:
            await stub.WatchAccreditations(request, timeout=5, metadata=metadata).read()
        await _replaced(edge, "suspended = true")
        edge.wake.changed()
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await stream.read()

    assert (list(first.changes), first.cursor) == ([], "7")
    assert [one.accreditation for one in second.changes] == ["workers/1/accreditations/2"]
    assert second.cursor == "8"
    assert reason_of(busy.value)[1] == "PARTNER_STREAMS_EXHAUSTED"
    assert reason_of(ended.value)[1] == "PARTNER_SUSPENDED"


async def test_a_stream_ends_by_itself_before_its_deadline(edge: Edge) -> None:
    metadata = (("authorization", f"Bearer {edge.token()}"),)
    async with edge.partner() as stub:
        request = pb.WatchAccreditationsRequest(grounds=GROUNDS)
        parts = [
            part async for part in stub.WatchAccreditations(request, timeout=1, metadata=metadata)
        ]

    assert len(parts) == 1


async def _handshake(edge: Edge, version: ssl.TLSVersion, *, certificate: bool) -> str:
    """The protocol that was agreed on, or the fault of the handshake."""
    folder = edge.home.tls()
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.set_alpn_protocols(["h2"])
    context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(folder / "partner-demo.pem", folder / "partner-demo.key")
    try:
        reader, writer = await asyncio.open_connection("localhost", edge.port, ssl=context)
    except (ssl.SSLError, ConnectionError):
        return "refused"
    agreed = writer.get_extra_info("ssl_object").version()
    try:
        answered = await asyncio.wait_for(reader.read(1), 5)
    except (ssl.SSLError, ConnectionError):
        return "refused"
    finally:
        writer.close()
    return str(agreed) if answered else "closed"


async def test_the_wire_speaks_tls_13_with_a_client_certificate_and_nothing_else(
    edge: Edge,
) -> None:
    assert await _handshake(edge, ssl.TLSVersion.TLSv1_3, certificate=True) == "TLSv1.3"
    assert await _handshake(edge, ssl.TLSVersion.TLSv1_2, certificate=True) in REFUSED
    without = await _handshake(edge, ssl.TLSVersion.TLSv1_3, certificate=False)
    assert without in REFUSED


@pytest.mark.parametrize("on", [True, False])
async def test_reflection_is_a_setting(tmp_path: Path, *, on: bool) -> None:
    async with partner_edge(tmp_path, reflection=on) as edge:
        address = f"localhost:{edge.port}"
        async with grpc.aio.secure_channel(address, edge.credentials()) as channel:
            asked = reflection_pb2.ServerReflectionRequest(list_services="")
            stub = reflection_pb2_grpc.ServerReflectionStub(channel)
            stream = stub.ServerReflectionInfo(iter([asked]), timeout=5)
            if on:
                names = {one.name for one in (await stream.read()).list_services_response.service}
                assert "lkmr.partner.v1.SpecialistService" in names
            else:
                with pytest.raises(grpc.aio.AioRpcError) as fault:
                    await stream.read()
                assert fault.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_act_takes_what_the_edge_says() -> None:
    assert Act(operation="partner.check_specialist", object="specialists").subject == ""
