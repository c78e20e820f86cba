"""The load: keep-alive HTTP/1.1 connections that ask again as soon as they are answered.

A process of its own, driven by JSON lines: an order comes in, `begin` and `end` go out.
`python -m benchmarks.load`
"""

import asyncio
import gc
import sys
import time
from array import array
from typing import Any

import orjson
import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_ONE_ANSWER_SECONDS = 30.0


class Connection(asyncio.Protocol):
    """One browser that never thinks: the next request leaves when the answer is whole."""

    def __init__(self, requests: list[bytes], begin_with: int) -> None:
        self._requests, self._next = requests, begin_with
        self._buffer = b""
        self._wanted = 0
        self._sent = 0
        self._transport: Any = None
        self.counting = self.stopped = False
        self.latencies = array("Q")
        self.failures: dict[str, int] = {}
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._wanted = 0
        self._buffer = b""
        self._sent = time.perf_counter_ns()
        self._transport.write(self._requests[self._next])
        self._next = (self._next + 1) % len(self._requests)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._wanted:
            end = self._buffer.find(_HEAD_END)
            if end < 0:
                return
            head = self._buffer[:end].lower()
            at = head.find(_LENGTH)
            if at < 0:
                self._fail("no length")
                return
            length = head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]
            self._wanted = end + len(_HEAD_END) + int(length)
        if len(self._buffer) < self._wanted:
            return
        if self._buffer[9:12] != b"200":
            self._count_failure(self._buffer[9:12].decode("latin-1"))
        elif self.counting:
            self.latencies.append(time.perf_counter_ns() - self._sent)
        if self.stopped:
            self._finish()
        else:
            self._ask()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self._count_failure("connection lost")
            self._finish()

    def _count_failure(self, what: str) -> None:
        self.failures[what] = self.failures.get(what, 0) + 1

    def _fail(self, what: str) -> None:
        self._count_failure(what)
        self._finish()

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self._transport.close()


async def run(order: dict[str, Any]) -> dict[str, Any]:
    """One round: warm up, say `begin`, measure, say what was seen."""
    loop = asyncio.get_running_loop()
    requests = [request.encode() for request in order["requests"]]
    made = []
    for number in range(order["connections"]):
        first = number * len(requests) // order["connections"]
        _, connection = await loop.create_connection(
            lambda first=first: Connection(requests, first),  # type: ignore[misc]
            order["host"],
            order["port"],
        )
        made.append(connection)
    await asyncio.sleep(order["warm_seconds"])
    say({"event": "begin"})
    started = time.perf_counter()
    for connection in made:
        connection.counting = True
    await asyncio.sleep(order["seconds"])
    while not any(one.latencies or one.failures for one in made):
        # A round that is shorter than one answer of a busy machine lasts until there is one.
        if time.perf_counter() - started > _ONE_ANSWER_SECONDS:
            break
        await asyncio.sleep(0.01)
    for connection in made:
        connection.counting, connection.stopped = False, True
    seconds = time.perf_counter() - started
    await asyncio.wait_for(asyncio.gather(*(one.done for one in made)), 10)
    latencies = sorted(value for one in made for value in one.latencies)
    failures: dict[str, int] = {}
    for one in made:
        for what, count in one.failures.items():
            failures[what] = failures.get(what, 0) + count
    return {
        "event": "end",
        "requests": len(latencies),
        "seconds": seconds,
        "p50_ms": at(latencies, 0.5),
        "p99_ms": at(latencies, 0.99),
        "failures": failures,
    }


def at(sorted_ns: list[int], share: float) -> float:
    """A quantile of sorted nanoseconds, in milliseconds."""
    if not sorted_ns:
        return 0.0
    return sorted_ns[min(len(sorted_ns) - 1, int(len(sorted_ns) * share))] / 1e6


def say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(message) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    gc.disable()
    for line in sys.stdin.buffer:
        say(uvloop.run(run(orjson.loads(line))))
        gc.collect()


if __name__ == "__main__":
    main()
