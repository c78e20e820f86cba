"""Sends unary calls together over a stream that stays open (docs/decisions/0014).

A call of its own costs more than the work behind most reads. Calls that are made in one turn of
the event loop go out in one message; nothing waits for company. Only calls that may be repeated
are carried, so that whatever happens to the stream, the call is simply made as a call of its own.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import grpc
from lkmr.carrier.v1 import carrier_service_pb2 as pb
from lkmr.carrier.v1.carrier_service_pb2_grpc import CarrierServiceStub

from lkmr_servicekit.telemetry import histogram, log

IN_FLIGHT, LARGEST_CALL, LARGEST_MESSAGE = 64, 64 * 1024, 512 * 1024
LIFE_SECONDS, REST_SECONDS = 60.0, 1.0
DETAILS = "grpc-status-details-bin"
_READY = grpc.ChannelConnectivity.READY
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_batch = histogram(
    "lkmr_carrier_batch_calls", "Calls in one message", ("peer",), (1, 2, 4, 8, 16, 32, 64)
)


class LineBrokenError(Exception):
    """The stream ended before the reply came."""


class Carrier:
    """The lines to one service, which are renewed in time so that all its instances get some."""

    def __init__(self, service: str, channel: grpc.aio.Channel, lines: int) -> None:
        self._service, self._channel, self._stub = service, channel, CarrierServiceStub(channel)
        self._lines: list[_Line | None] = [None] * lines
        self._turn = itertools.cycle(range(lines))
        self._rest_until = 0.0
        self._running: set[asyncio.Task[None]] = set()

    def line(self) -> "_Line | None":
        """A line with room for a call; None when a call of its own is better now."""
        place = next(self._turn)
        line, now = self._lines[place], time.monotonic()
        if line is not None and line.open and now < line.end:
            return line if line.has_room else None
        if line is not None:
            line.leave()
            if not line.open and not line.worked:
                self._rest_until = now + REST_SECONDS  # refused, or its peer has gone
            self._lines[place] = None
        if now < self._rest_until or self._channel.get_state() is not _READY:
            return None
        made = self._lines[place] = _Line(self._service, self._stub, now + LIFE_SECONDS)
        self._running.add(made.task)
        made.task.add_done_callback(self._running.discard)
        return made

    async def close(self) -> None:
        """End all lines; what is still asked is made as calls of its own."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class _Line:
    """One stream."""

    def __init__(self, service: str, stub: CarrierServiceStub, end: float) -> None:
        self.open, self.worked, self.end = True, False, end
        self._size = _batch.labels(service)
        self._waiting: dict[int, asyncio.Future[pb.Reply]] = {}
        self._ids = itertools.count(1)
        self._queue: list[pb.Call] = []
        self._wake = asyncio.Event()
        self._left = False
        self.task = asyncio.create_task(self._run(stub), name="carrier")

    @property
    def has_room(self) -> bool:
        return len(self._waiting) < IN_FLIGHT

    def leave(self) -> None:
        """No more calls; the stream ends with its last reply."""
        self._left = True
        self._wake.set()

    async def ask(
        self, method: str, request: bytes, seconds: float, metadata: dict[str, str]
    ) -> pb.Reply:
        """The reply to a call. Raises LineBrokenError, TimeoutError."""
        if not self.open:
            raise LineBrokenError
        number = next(self._ids)
        reply: asyncio.Future[pb.Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        self._queue.append(
            pb.Call(
                id=number,
                method=method,
                request=request,
                timeout_ms=max(int(seconds * 1000), 1),
                authorization=metadata.get("authorization", ""),
                traceparent=metadata.get("traceparent", ""),
            )
        )
        self._wake.set()
        try:
            async with asyncio.timeout(seconds):
                return await reply
        finally:
            self._waiting.pop(number, None)

    async def _run(self, stub: CarrierServiceStub) -> None:
        begin: Any = stub.Carry  # without an iterator: what is written comes call by call
        call = begin()
        writer = asyncio.create_task(self._write(call))
        try:
            async for message in call:
                self.worked = True
                for reply in message.replies:
                    asked = self._waiting.get(reply.id)
                    if asked is not None and not asked.done():
                        asked.set_result(reply)
        except grpc.aio.AioRpcError as fault:
            if not self._left:
                log.info("carrier.line_ended", code=fault.code().name)
        finally:
            self.open = False
            writer.cancel()
            with suppress(asyncio.CancelledError, asyncio.InvalidStateError, grpc.RpcError):
                await writer
            call.cancel()
            for asked in self._waiting.values():
                if not asked.done():
                    asked.set_exception(LineBrokenError())

    async def _write(self, call: Any) -> None:
        while not (self._left and not self._queue):
            await self._wake.wait()
            self._wake.clear()
            queue, self._queue = self._queue, []
            for batch in portions(queue, lambda one: len(one.request) + len(one.authorization)):
                self._size.observe(len(batch))
                await call.write(pb.CarryRequest(calls=batch))
        await call.done_writing()


def portions(queue: Sequence[Any], size_of: Callable[[Any], int]) -> list[Sequence[Any]]:
    """A queue in messages of at most `LARGEST_MESSAGE` bytes, or of one piece."""
    found: list[Sequence[Any]] = []
    start = size = 0
    for place, one in enumerate(queue):
        more = size_of(one)
        if size and size + more > LARGEST_MESSAGE:
            found.append(queue[start:place])
            start, size = place, 0
        size += more
    if start < len(queue):
        found.append(queue[start:])
    return found


class CarryingChannel:
    """A channel whose reading methods are carried; everything else is the channel itself."""

    def __init__(
        self, channel: grpc.aio.Channel, carrier: Carrier, carried: frozenset[str]
    ) -> None:
        self._channel, self._carrier, self._carried = channel, carrier, carried

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def unary_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        **more: Any,
    ) -> Any:
        """As of a channel."""
        plain: Any = self._channel.unary_unary(
            method,
            request_serializer=request_serializer,
            response_deserializer=response_deserializer,
            **more,
        )
        if method not in self._carried:
            return plain
        return _Carried(self._carrier, method, request_serializer, response_deserializer, plain)

    async def close(self) -> None:
        """End the lines, then the channel."""
        await self._carrier.close()
        await self._channel.close()


class _Carried:
    """One method, as a stub calls it."""

    def __init__(
        self,
        carrier: Carrier,
        method: str,
        serialize: Callable[[Any], bytes],
        deserialize: Callable[[bytes], Any],
        plain: Callable[..., Awaitable[Any]],
    ) -> None:
        self._carrier, self._method, self._plain = carrier, method, plain
        self._serialize, self._deserialize = serialize, deserialize

    async def __call__(
        self,
        request: Any,
        *,
        timeout: float,  # noqa: ASYNC109 - as of a stub
        metadata: Sequence[tuple[str, str]],
    ) -> Any:
        """The answer. Raises AioRpcError."""
        line, end = self._carrier.line(), time.monotonic() + timeout
        body = self._serialize(request) if line is not None else b""
        if line is None or len(body) > LARGEST_CALL:
            return await self._plain(request, timeout=timeout, metadata=metadata)
        try:
            reply = await line.ask(self._method, body, timeout, dict(metadata))
        except LineBrokenError:
            left = max(end - time.monotonic(), 0)
            return await self._plain(request, timeout=left, metadata=metadata)
        except TimeoutError:
            raise _refusal(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", b"") from None
        if reply.code:
            raise _refusal(_CODES[reply.code], reply.message, reply.status)
        return self._deserialize(reply.response)


def _refusal(code: grpc.StatusCode, message: str, status: bytes) -> grpc.aio.AioRpcError:
    details = grpc.aio.Metadata((DETAILS, status)) if status else grpc.aio.Metadata()
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), details, details=message)
