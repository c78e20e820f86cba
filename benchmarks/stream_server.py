"""Open streams of events alone: the gateway's own, or FastAPI's `StreamingResponse`.

`python -m benchmarks.stream_server ours|streaming PORT`. Nobody is asked for a session; each
connection is a person of its own. `POST /tell` gives everybody a message.
"""

import asyncio
import logging
import sys
import uuid
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import orjson
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from lkmr_gateway.listen import Connections, configuration, listening
from lkmr_gateway.sse import Inbox, Streams, frame
from lkmr_servicekit.clock import SystemClock

ITEM = {
    "id": "0b9c7a54-4a54-4f1f-8b62-3f6a0a4f5c11",
    "kind": "ACCREDITATION_CHANGED",
    "title": "Изменилась запись об аккредитации",
    "text": "В федеральном регистре изменилась запись о вашей аккредитации.",
    "link": "/accreditations/5e0e2fbc-6a0f-4c55-9a54-6f6f63b1d3c1",
}
_REST = b'",' + orjson.dumps({key: ITEM[key] for key in ITEM if key != "id"})[1:]


async def serve_ours(port: int) -> None:
    """The gateway's listener and streams."""
    numbers = 0

    async def read(_: Any, name: str) -> bytes:
        return b'{"id":"' + name.encode() + _REST

    async def nothing(*_: Any) -> bytes:
        return b'{"items":[]}'

    async def renew(entry: Any) -> Any:
        return entry

    streams = Streams(Inbox(read, nothing, nothing), SystemClock(), renew, total=100_000)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal numbers
        if scope["method"] == "POST":
            await receive()
            for person in tuple(streams._by_person):  # noqa: SLF001 - all that are open
                await streams.message_created(person, str(uuid.uuid4()))
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        numbers += 1
        entry = SimpleNamespace(key=str(numbers).encode(), person=str(numbers), worker="")
        exchange: Any = SimpleNamespace(session=entry, header=lambda _: "")
        await streams.serve(exchange, scope, receive, send)

    connections = Connections(factor=1000, limit_factor=100_000, streams=streams)
    async with listening(configuration(app, f"127.0.0.1:{port}", connections)):
        await asyncio.Event().wait()


async def serve_streaming(port: int) -> None:
    """What the manual of FastAPI shows: a generator and a queue for each page."""
    app, queues = FastAPI(), set[asyncio.Queue[bytes]]()

    async def events() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        queues.add(queue)
        try:
            yield b"retry: 2000\n\n"
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    @app.get("/{_:path}")
    async def stream(_: str) -> StreamingResponse:
        return StreamingResponse(events(), media_type="text/event-stream")

    @app.post("/tell", status_code=204)
    async def tell() -> None:
        for queue in queues:
            name = str(uuid.uuid4())
            queue.put_nowait(frame("message", orjson.dumps({**ITEM, "id": name}), name))

    config = uvicorn.Config(app, port=port, access_log=False, log_level="error", backlog=8192)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chosen = {"ours": serve_ours, "streaming": serve_streaming}[sys.argv[1]]
    uvloop.run(chosen(int(sys.argv[2])))
