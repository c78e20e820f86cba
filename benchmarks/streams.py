"""Open pages: how many a process holds, what each costs, when the last one has a message.

The gateway's streams against FastAPI's `StreamingResponse`, each alone in a process of its own,
with the same pages and the same messages.
"""

import asyncio
import resource
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from benchmarks.measure import PYTHON, Failed, cpu_seconds, memory_of, ratio
from benchmarks.report import Aim, Report, Table
from lkmr_rig.guard import free_port
from lkmr_rig.layout import CHECKOUT

_ASK = b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_TELL = b"POST /tell HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
_PATIENCE_SECONDS = 60.0
_TOGETHER, _MESSAGES = 100, 10
_LEAST = 0.01  # what few pages cost is below what can be seen


class Page(asyncio.Protocol):
    """An open page that counts messages and knows when it had the last one."""

    def __init__(self) -> None:
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def expect(self) -> "asyncio.Future[float]":
        """The moment of the next message."""
        self.heard = asyncio.get_running_loop().create_future()
        return self.heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # that of uvloop is one by its form
        self.transport.write(_ASK)

    def data_received(self, data: bytes) -> None:
        if b"retry: " in data and not self.open.done():
            self.open.set_result(None)
        if b"event: message" in data and not self.heard.done():
            self.heard.set_result(time.perf_counter())

    def connection_lost(self, _: Exception | None) -> None:
        for waits in (self.open, self.heard):
            if not waits.done():
                waits.set_exception(Failed("a page was cut"))
                waits.exception()


@dataclass(slots=True)
class Seen:
    """Figures of one way, a value for each round."""

    kib: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    last_ms: list[float] = field(default_factory=list)


async def run_streams(*, pages: int = 2000, rounds: int = 3) -> Report:
    """Open pages, tell all of them, close them; each way in turn."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < pages + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, pages + 1000), hard))
    seen = {"ours": Seen(), "streaming": Seen()}
    for _ in range(rounds):
        for name, figures in seen.items():
            async with _server(name) as (port, pid):
                await _measure(port, pid, pages, figures)
    return _report(pages, seen)


async def _measure(port: int, pid: int, pages: int, figures: Seen) -> None:
    await _close(await _open(port, _TOGETHER))  # what the first connections cost once
    before = memory_of(pid).pss
    opened = await _open(port, pages)
    figures.kib.append(max(memory_of(pid).pss - before, _LEAST) * 1024 / pages)
    cpu, first, last = cpu_seconds(pid), list[float](), list[float]()
    for _ in range(_MESSAGES):
        waits = [page.expect() for page in opened]
        started = time.perf_counter()
        await _tell(port)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            heard = await asyncio.gather(*waits)
        first.append((min(heard) - started) * 1000)
        last.append((max(heard) - started) * 1000)
    spent = max(cpu_seconds(pid) - cpu, _LEAST)
    figures.cpu_us.append(spent / pages / _MESSAGES * 1e6)
    figures.first_ms.append(statistics.median(first))
    figures.last_ms.append(statistics.median(last))
    await _close(opened)


async def _open(port: int, pages: int) -> list[Page]:
    loop, opened = asyncio.get_running_loop(), list[Page]()
    while len(opened) < pages:
        count = min(_TOGETHER, pages - len(opened))
        made = await asyncio.gather(
            *(loop.create_connection(Page, "127.0.0.1", port) for _ in range(count))
        )
        opened += [page for _, page in made]
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await asyncio.gather(*(page.open for _, page in made))
    return opened


async def _close(opened: Sequence[Page]) -> None:
    for page in opened:
        page.transport.abort()
    await asyncio.sleep(0.2)


async def _tell(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_TELL)
    await writer.drain()


@asynccontextmanager
async def _server(name: str) -> AsyncIterator[tuple[int, int]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *PYTHON, "-m", "benchmarks.stream_server", name, str(port), cwd=CHECKOUT
    )
    try:
        await _answering(port, process)
        yield port, process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answering(port: int, process: asyncio.subprocess.Process) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise Failed("the server of streams does not answer")


def _report(pages: int, seen: dict[str, Seen]) -> Report:
    words = {
        "ours": "the gateway: one task a page, bounded queue, resumable",
        "streaming": "FastAPI StreamingResponse with a queue",
    }
    table = Table(
        [f"{pages} open pages", "KiB each", "CPU µs a message", "first ms", "last ms"],
        [
            [
                words[name],
                f"{min(one.kib):.1f}",
                f"{min(one.cpu_us):.0f}",
                f"{min(one.first_ms):.0f}",
                f"{min(one.last_ms):.0f}",
            ]
            for name, one in seen.items()
        ],
    )
    ours, theirs = seen["ours"], seen["streaming"]
    report = Report("streams", "Open pages: memory and delivery")
    memory, work = ratio(ours.kib, theirs.kib), ratio(ours.cpu_us, theirs.cpu_us)
    report.aims = [
        Aim.at_most("memory of a page against StreamingResponse", 0.6, memory.value),
    ]
    report.tables = [table]
    report.notes = [
        f"Memory {memory}, CPU {work} of StreamingResponse, which reads no message for anybody.",
        "A page is a person of its own, so that each message is read by the gateway once.",
        "10 000 pages are the limit of a process, 5 that of a session.",
    ]
    return report
