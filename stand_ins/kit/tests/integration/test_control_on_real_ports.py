import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx2
import pytest
import trustme
from fastapi import FastAPI, Request

from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.control import BehaviourMiddleware, Control, control_router
from lkmr_stand_in_kit.server import Listener, MutualTls, serving


@asynccontextmanager
async def stand_in(tls: MutualTls | None = None) -> AsyncIterator[str]:
    control = Control(FakeClock(), systems=("one", "two"))
    app = FastAPI()
    app.include_router(control_router(control))

    @app.post("/{system}/echo")
    async def echo(system: str, request: Request) -> dict[str, int]:
        return {"length": len(await request.body())}

    wrapped = BehaviourMiddleware(app, control, system_of=lambda path: path.split("/")[1])
    async with serving(Listener("127.0.0.1:0", wrapped, tls)) as (port,):
        yield f"{'https' if tls else 'http'}://localhost:{port}"


@pytest.fixture
async def base() -> AsyncIterator[str]:
    async with stand_in() as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        yield client


async def behave(http: httpx2.AsyncClient, base: str, **change: object) -> None:
    answer = await http.put(f"{base}/_control/behaviour", json=change)
    assert answer.status_code == 200, answer.text


async def test_down_cuts_the_connection_of_one_system_and_control_still_answers(
    base: str, http: httpx2.AsyncClient
) -> None:
    await behave(http, base, availability="down", system="one")
    with pytest.raises(httpx2.TransportError):
        await http.post(f"{base}/one/echo", content=b"x")
    assert (await http.post(f"{base}/two/echo", content=b"x")).status_code == 200
    assert (await http.get(f"{base}/_control/behaviour")).json()["systems"]["one"] == {
        "availability": "down",
        "delay_seconds": 0,
        "error_rate": 0,
    }


async def test_overloaded_is_429_and_503_with_retry_after(
    base: str, http: httpx2.AsyncClient
) -> None:
    await behave(http, base, availability="overloaded", delay_seconds=1.5)
    answers = [await http.post(f"{base}/one/echo", content=b"x" * 100_000) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [429, 503]
    assert {answer.headers["retry-after"] for answer in answers} == {"2"}


async def test_maintenance_tells_its_end(base: str, http: httpx2.AsyncClient) -> None:
    await behave(http, base, availability="maintenance", until="2026-11-23T12:02:00Z")
    answer = await http.post(f"{base}/one/echo")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1800"
    assert answer.json() == {"code": "MAINTENANCE", "until": "2026-11-23T12:02:00Z"}


async def test_slow_answers_late_and_rightly(base: str, http: httpx2.AsyncClient) -> None:
    await behave(http, base, availability="slow", delay_seconds=0.3)
    start = monotonic()
    assert (await http.post(f"{base}/one/echo", content=b"abc")).json() == {"length": 3}
    assert monotonic() - start >= 0.3


async def test_a_share_of_one_makes_every_answer_500(base: str, http: httpx2.AsyncClient) -> None:
    await behave(http, base, error_rate=1)
    assert (await http.post(f"{base}/one/echo")).status_code == 500
    assert (await http.get(f"{base}/_control/health")).status_code == 200


async def test_the_log_of_requests_tells_what_came_without_secrets_or_query_values(
    base: str, http: httpx2.AsyncClient
) -> None:
    await http.post(
        f"{base}/one/echo?snils=90000103798",
        content="ё" * 20_000,
        headers={"X-Auth-Token": "secret", "User-Agent": "probe"},
    )
    (entry,) = (await http.get(f"{base}/_control/requests?system=one")).json()
    assert (entry["method"], entry["path"], entry["query_keys"]) == ("POST", "/one/echo", ["snils"])
    assert entry["status"] == 200
    assert entry["headers"] == {"user-agent": "probe", "accept": "*/*", "content-length": "40000"}
    assert len(entry["body"].encode()) == 16 * 1024
    assert (await http.delete(f"{base}/_control/requests")).status_code == 204
    assert (await http.get(f"{base}/_control/requests")).json() == []


@pytest.mark.parametrize("change", [{"availability": "off"}, {"error_rate": 2}, {"system": "x"}])
async def test_a_behaviour_that_does_not_exist_is_refused(
    base: str, http: httpx2.AsyncClient, change: dict[str, object]
) -> None:
    answer = await http.put(f"{base}/_control/behaviour", json=change)
    assert answer.status_code == 422


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path) -> MutualTls:
    leaf = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    leaf.private_key_pem.write_to_path(tmp_path / "key.pem")
    return MutualTls(tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem")


async def post(base: str, context: ssl.SSLContext) -> int:
    async with httpx2.AsyncClient(verify=context, trust_env=False) as client:
        return (await client.post(f"{base}/one/echo")).status_code


async def test_mutual_tls_serves_only_clients_of_the_authority_and_only_tls_1_3(
    authority: trustme.CA, tls: MutualTls
) -> None:
    trusted, nameless, stranger, old = (ssl.create_default_context(cafile=tls.ca) for _ in range(4))
    authority.issue_cert("client@localhost").configure_cert(trusted)
    trustme.CA().issue_cert("client@localhost").configure_cert(stranger)
    authority.issue_cert("client@localhost").configure_cert(old)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with stand_in(tls) as base:
        assert await post(base, trusted) == 200
        for refused in (nameless, stranger, old):
            with pytest.raises(httpx2.TransportError):
                await post(base, refused)
