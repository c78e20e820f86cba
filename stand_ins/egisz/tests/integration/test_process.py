import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI, Request, Response

from lkmr_rig.guard import free_port
from lkmr_stand_in_kit.server import Listener, serving

from .conftest import Running, Stage

IVANOVA = "90000103798"


async def behave(running: Running, **change: object) -> None:
    async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as http:
        (await http.put("/_control/behaviour", json=change)).raise_for_status()


async def change(running: Running, snils: str, **fields: object) -> dict[str, Any]:
    async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as http:
        answer = await http.patch(f"/_control/register/workers/{snils}", json=fields)
        return dict(answer.raise_for_status().json())


async def get(url: str, context: ssl.SSLContext | None = None) -> httpx2.Response:
    async with httpx2.AsyncClient(verify=context or True, trust_env=False) as http:
        return await http.get(url)


async def test_the_port_for_systems_needs_a_certificate_and_has_no_control(stage: Stage) -> None:
    running = stage.start()
    trusted = stage.client_context()
    url = f"{running.mutual}/frmr/v1/changes?limit=1"
    assert (await get(url, trusted)).json()["total"] == 66
    assert (await get(f"{running.mutual}/_control/behaviour", trusted)).status_code == 404
    assert (await get(f"{running.mutual}/", trusted)).status_code == 404
    nameless = ssl.create_default_context(cafile=stage.folder / "ca.pem")
    old = stage.client_context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    for refused in (nameless, old):
        with pytest.raises(httpx2.TransportError):
            await get(url, refused)
    await behave(running, availability="down", system="frmr")
    with pytest.raises(httpx2.TransportError):
        await get(url, trusted)
    organization = f"{running.mutual}/frmo/v1/org/1.2.643.5.1.13.13.12.2.77.90001"
    assert (await get(organization, trusted)).status_code == 200


async def test_changes_survive_a_kill_and_a_longer_register(stage: Stage) -> None:
    running = stage.start()
    await change(running, IVANOVA, given_name="Инна")
    page = (await get(f"{running.base}/frmr/v1/changes?limit=1000")).json()
    running.kill()
    again = stage.start(generated_workers=53)
    card = (await get(f"{again.base}/_control/register/workers/{IVANOVA}")).json()
    assert (card["name"], card["version"]) == ("Инна", 2)
    url = f"{again.base}/frmr/v1/changes?since={page['nextCursor']}"
    assert len((await get(url)).json()["cards"]) == 3


async def test_sigterm_stops_it_long_before_its_clients_would_leave(stage: Stage) -> None:
    running = stage.start()
    async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as http:
        await http.get("/_control/health")
        await http.put("/_control/behaviour", json={"availability": "slow", "delay_seconds": 60})
        waiting = asyncio.create_task(http.get("/frmr/v1/changes"))
        while not (await http.get("/_control/requests")).json():
            await asyncio.sleep(0)
        assert await asyncio.to_thread(running.stop) < 30  # an answer would come after 60 s
        with pytest.raises((httpx2.TransportError, httpx2.HTTPStatusError)):
            (await waiting).raise_for_status()
    assert running.process.returncode == 0


class Subscriber:
    """Takes calls; refuses the first ones."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.refuse = 0
        self.came = asyncio.Condition()

    async def __call__(self, request: Request) -> Response:
        async with self.came:
            self.calls.append(orjson.loads(await request.body()))
            self.came.notify_all()
        self.refuse -= 1
        return Response(status_code=503 if self.refuse >= 0 else 204)

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(15), self.came:
            await self.came.wait_for(lambda: len(self.calls) >= count)
        return self.calls


@pytest.fixture
async def subscriber() -> AsyncIterator[tuple[Subscriber, int]]:
    taker, app, port = Subscriber(), FastAPI(), free_port()
    app.post("/hook")(taker.__call__)
    async with serving(Listener(f"127.0.0.1:{port}", app)):
        yield taker, port


async def test_a_subscriber_hears_of_each_change_until_it_takes_it(
    stage: Stage, subscriber: tuple[Subscriber, int]
) -> None:
    taker, port = subscriber
    taker.refuse = 2
    hook = f"http://127.0.0.1:{port}/hook"
    running = await asyncio.to_thread(stage.start, webhook_url=hook)
    card = await change(running, IVANOVA, given_name="Инна")
    calls = await taker.wait_for(3)
    assert (
        calls
        == [
            {"event": "frmr.worker.changed", "workerId": card["id"], "version": 2},
        ]
        * 3
    )
    await change(running, IVANOVA, given_name="Анна")
    assert (await taker.wait_for(4))[3]["version"] == 3


async def test_a_register_that_is_down_calls_nobody_and_catches_up_after_a_restart(
    stage: Stage, subscriber: tuple[Subscriber, int]
) -> None:
    taker, port = subscriber
    hook = f"http://127.0.0.1:{port}/hook"
    running = await asyncio.to_thread(stage.start, webhook_url=hook)
    await behave(running, availability="down")
    await change(running, IVANOVA, given_name="Инна")
    await change(running, IVANOVA, given_name="Яна")
    await asyncio.to_thread(running.stop)
    assert taker.calls == []
    await asyncio.to_thread(stage.start, webhook_url=hook)
    assert [call["version"] for call in await taker.wait_for(1)] == [3]


async def test_the_log_holds_no_personal_data(stage: Stage) -> None:
    running = stage.start()
    await change(running, IVANOVA, family_name="Редкофамильная", phone="+79001234567")
    await get(f"{running.base}/frmr/v1/workers?snils={IVANOVA}")
    await asyncio.to_thread(running.stop)
    lines = [orjson.loads(line) for line in running.log.read_bytes().splitlines()]
    assert {"stand_in.serves", "register.changed", "stand_in.stops"} <= {
        line["event"] for line in lines
    }
    whole = running.log.read_text()
    for secret in (IVANOVA, "900-001-037", "Редкофамильная", "79001234567"):
        assert secret not in whole


async def test_a_bulk_load_gets_every_card_once(stage: Stage) -> None:
    running = stage.start(generated_workers=20_000)
    cursor, count = "", 0
    async with httpx2.AsyncClient(base_url=running.base, trust_env=False) as http:
        while True:
            url = f"/frmr/v1/changes?since={cursor}&limit=1000"
            page = orjson.loads((await http.get(url)).content)
            count, cursor = count + len(page["cards"]), page["nextCursor"]
            if not page["hasMore"]:
                break
    assert count == page["total"] == 20_016
