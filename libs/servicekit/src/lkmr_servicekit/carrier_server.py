"""Answers calls that came together over a stream that stays open (docs/decisions/0014)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from lkmr.carrier.v1 import carrier_service_pb2 as pb
from lkmr.carrier.v1.carrier_service_pb2_grpc import CarrierServiceServicer

from lkmr_servicekit.carrier_client import DETAILS, portions
from lkmr_servicekit.telemetry import log

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Carried:
    """A unary method: what its gate and servicer do, and how its messages are read and written."""

    answer: Callable[[Any, Any], Awaitable[Any]]
    deserialize: Callable[[bytes], Any]
    serialize: Callable[[Any], bytes]


class CarrierServicer(CarrierServiceServicer):
    """Lines of callers. `allow` tells by the certificate whether a program is one of ours."""

    def __init__(self, methods: Mapping[str, Carried], allow: Callable[[Any], bool]) -> None:
        self._methods, self._allow = methods, allow
        self._readers: set[asyncio.Task[None]] = set()
        self._running, self._ending = 0, False

    def end(self) -> None:
        """Take no more calls; each line ends with its last reply."""
        self._ending = True
        for reader in self._readers:
            reader.cancel()

    async def Carry(  # noqa: N802 - named by the contract
        self, requests: AsyncIterator[pb.CarryRequest], context: Any
    ) -> AsyncIterator[pb.CarryResponse]:
        """Reply to each call as soon as its answer is there; those of one moment go together."""
        if not self._allow(context):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "PEER_NOT_ALLOWED")
        if self._ending:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "SERVER_ENDING")
        line = _Line()
        reader = line.start(self._read(requests, line, context.auth_context()))
        self._readers.add(reader)
        try:
            while not (reader.done() and not line.tasks and not line.replies):
                await line.wake.wait()
                line.wake.clear()
                replies, line.replies = line.replies, []
                for batch in portions(replies, lambda one: len(one.response) + len(one.status)):
                    yield pb.CarryResponse(replies=batch)
        finally:
            self._readers.discard(reader)
            for task in [reader, *line.tasks]:
                task.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(
        self, requests: AsyncIterator[pb.CarryRequest], line: "_Line", transport: Any
    ) -> None:
        async for message in requests:
            for call in message.calls:
                line.begin(self._reply(call, transport))

    async def _reply(self, call: pb.Call, transport: Any) -> pb.Reply:
        method = self._methods.get(call.method)
        if method is None:
            return _refused(call, grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN")
        if self._running >= AT_ONCE:
            return _refused(call, grpc.StatusCode.RESOURCE_EXHAUSTED, "PEER_OVERLOADED")
        self._running += 1
        try:
            request = method.deserialize(call.request)
            response = await method.answer(request, _Context(call, transport))
            return pb.Reply(id=call.id, response=method.serialize(response))
        except _Refusal as refusal:
            return refusal.reply_to(call)
        except Exception as fault:  # noqa: BLE001 - one call never ends the line of the others
            log.error("carrier.call_failed", method=call.method, kind=type(fault).__name__)
            return _refused(call, grpc.StatusCode.INTERNAL, "INTERNAL")
        finally:
            self._running -= 1


class _Line:
    """What one stream has still to answer."""

    def __init__(self) -> None:
        self.replies: list[pb.Reply] = []
        self.tasks: set[asyncio.Task[pb.Reply]] = set()
        self.wake = asyncio.Event()

    def start(self, work: Any) -> asyncio.Task[None]:
        """Run a work; its end wakes the line."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        task.add_done_callback(lambda _: self.wake.set())
        return task

    def begin(self, work: Any) -> None:
        """Run a call; its reply wakes the line."""
        task: asyncio.Task[pb.Reply] = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[pb.Reply]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            self.replies.append(task.result())
        self.wake.set()


class _Refusal(grpc.aio.AbortError):
    """How a gate ends a call."""

    def __init__(self, status: grpc.Status) -> None:
        super().__init__()
        self._status = status

    def reply_to(self, call: pb.Call) -> pb.Reply:
        """The status as a line carries it."""
        details: Any = dict(self._status.trailing_metadata or ()).get(DETAILS, b"")
        code, message = self._status.code.value[0], self._status.details or ""
        return pb.Reply(id=call.id, code=code, message=message, status=details)


class _Context:
    """What a gate and a servicer may ask of a call."""

    __slots__ = ("_call", "_end", "_transport")

    def __init__(self, call: pb.Call, transport: Any) -> None:
        self._call, self._transport = call, transport
        self._end = time.monotonic() + call.timeout_ms / 1000

    def auth_context(self) -> Any:
        """Who is at the other end of the line."""
        return self._transport

    def time_remaining(self) -> float:
        """Seconds that the caller still waits."""
        return max(self._end - time.monotonic(), 0)

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """Metadata of the call."""
        call = self._call
        return (("authorization", call.authorization), ("traceparent", call.traceparent))

    async def abort_with_status(self, status: grpc.Status) -> None:
        """End the call."""
        raise _Refusal(status)


def _refused(call: pb.Call, code: grpc.StatusCode, message: str) -> pb.Reply:
    return pb.Reply(id=call.id, code=code.value[0], message=message)
