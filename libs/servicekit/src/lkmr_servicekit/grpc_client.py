"""The one way to call another service: mutual TLS, a deadline on every call, the caller's token.

`Peer.call` raises ServiceError, whatever went wrong, so that use cases know one kind of refusal.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc

from lkmr_servicekit import telemetry
from lkmr_servicekit.carrier_client import Carrier, CarryingChannel
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError, error_from_call
from lkmr_servicekit.grpc_server import MAX_MESSAGE, current_deadline
from lkmr_servicekit.identity import current_token

Response = TypeVar("Response")

READ_SECONDS = 1.5
WRITE_SECONDS = 3.0
RETURN_SECONDS, TURN_SECONDS = 2.5, 0.5
"""How long a peer that has just gone is waited for (it starts anew, or its connection does), and
one that is long away: it may have come back since its last callers were refused."""
_READY = grpc.ChannelConnectivity.READY
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", 8 * MAX_MESSAGE),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.min_reconnect_backoff_ms", 3_000),  # how long a connection may take to be made
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 250),
]
_RETRY = {
    "maxAttempts": 3,
    "initialBackoff": "0.05s",
    "maxBackoff": "0.5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


class Peer:
    """A channel to one service, over all its instances."""

    def __init__(
        self, service: str, target: str, *, tls_dir: Path | None, repeatable: tuple[str, ...] = ()
    ) -> None:
        """`target` is `host:port[,host:port]`; `repeatable` are full methods that change nothing.

        They are repeated when their connection broke, and carried together (docs/decisions/0014).
        """
        self.service = service
        self._gone = 0.0
        names = [
            dict(zip(("service", "method"), name.strip("/").split("/"), strict=True))
            for name in repeatable
        ]
        config: dict[str, Any] = {
            "loadBalancingConfig": [{"round_robin": {}}],
            "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
            "healthCheckConfig": {"serviceName": ""},
        }
        if names:
            config["methodConfig"] = [{"name": names, "retryPolicy": _RETRY}]
        options = [
            *_OPTIONS,
            ("grpc.service_config", json.dumps(config)),
            ("grpc.ssl_target_name_override", f"{service}.lkmr.internal"),
            ("grpc.default_authority", f"{service}.lkmr.internal"),
        ]
        address = f"ipv4:{target}" if target[:1].isdigit() else target
        if tls_dir is None:
            channel = grpc.aio.insecure_channel(address, options=options)
        else:
            channel = grpc.aio.secure_channel(address, _credentials(tls_dir), options=options)
        lines = Carrier(service, channel, _instances_of(target))
        carrying: Any = CarryingChannel(channel, lines, frozenset(repeatable))
        self.channel: grpc.aio.Channel = carrying

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.channel.close()

    async def call(
        self,
        method: Callable[..., Awaitable[Response]],
        request: object,
        *,
        timeout: float = READ_SECONDS,  # noqa: ASYNC109 - it is sent to the peer as the deadline
        token: str | None = None,
    ) -> Response:
        """Call and wait for the answer. Raises ServiceError.

        `token` defaults to the token of the running request.
        """
        await self._reached(_remaining(timeout))
        try:
            return await method(request, timeout=_remaining(timeout), metadata=_metadata_for(token))
        except grpc.aio.AioRpcError as fault:
            raise error_from_call(fault) from None

    async def _reached(self, seconds: float) -> None:
        """Wait a little for a peer that has gone; less for one that is long away.

        Nothing was sent yet, so that it is safe for writes too. Never more than half the time.
        """
        state = self.channel.get_state(try_to_connect=True)
        if state is _READY:
            self._gone = 0.0
            return
        now = time.monotonic()
        self._gone = self._gone or now
        left = min(max(self._gone + RETURN_SECONDS - now, TURN_SECONDS), seconds / 2)
        with suppress(TimeoutError):  # the call itself says what is wrong
            async with asyncio.timeout(left):
                while state is not _READY:
                    await self.channel.wait_for_state_change(state)
                    state = self.channel.get_state(try_to_connect=True)

    async def stream(
        self,
        method: Callable[..., AsyncIterable[Response]],
        request: object,
        *,
        timeout: float,  # noqa: ASYNC109 - it is sent to the peer as the deadline
        token: str | None = None,
    ) -> AsyncIterator[Response]:
        """Call and give the parts as they come. Raises ServiceError."""
        await self._reached(timeout)
        try:
            async for part in method(request, timeout=timeout, metadata=_metadata_for(token)):
                yield part
        except grpc.aio.AioRpcError as fault:
            raise error_from_call(fault) from None

    async def send(
        self,
        method: Callable[..., Any],
        requests: AsyncIterable[object],
        *,
        timeout: float,  # noqa: ASYNC109 - it is sent to the peer as the deadline
        token: str | None = None,
    ) -> Any:
        """Give a stream, then wait for the one answer. Raises ServiceError.

        A fault of the source ends the call before its end was said, so that the peer knows that
        the stream is not whole.
        """
        await self._reached(timeout)
        call = method(timeout=timeout, metadata=_metadata_for(token))
        try:
            async for request in requests:
                try:
                    await call.write(request)
                except asyncio.InvalidStateError:
                    break  # the peer has answered already: a refusal, told below
            else:
                await call.done_writing()
            return await call
        except grpc.aio.AioRpcError as fault:
            raise error_from_call(fault) from None
        finally:
            call.cancel()

    async def answers(self) -> bool:
        """Whether some instance serves now."""
        from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415 - only readiness asks

        try:
            stub = health_pb2_grpc.HealthStub(self.channel)
            state = await stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            return False
        return bool(state.status == health_pb2.HealthCheckResponse.SERVING)


@dataclass(slots=True)
class JobTokens:
    """Tokens for the background work of this program, renewed in time.

    `issue` asks `auth` for a purpose; it is given by `main.py`.
    """

    issue: Callable[[str], Awaitable[tuple[str, datetime]]]
    clock: Clock
    _held: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, purpose: str) -> str:
        """A token good for at least a minute. Raises ServiceError when `auth` is away."""
        async with self._lock:
            held = self._held.get(purpose)
            if held is None or held[1] - self.clock.now() < timedelta(minutes=1):
                held = self._held[purpose] = await self.issue(purpose)
            return held[0]


def _instances_of(target: str) -> int:
    """How many instances a target may lead to: those that are listed, two behind a name."""
    return target.count(",") + 1 if target[:1].isdigit() else 2


def _remaining(wanted: float) -> float:
    """What the caller's own deadline leaves. Raises ServiceError when nothing is left."""
    deadline = current_deadline.get()
    if deadline is None:
        return wanted
    left = deadline - time.monotonic() - 0.02
    if left <= 0:
        raise ServiceError("DEADLINE_EXCEEDED", Category.TIMED_OUT)
    return min(wanted, left)


def _metadata_for(token: str | None) -> tuple[tuple[str, str], ...]:
    given = current_token.get() if token is None else token
    trace = ("traceparent", telemetry.traceparent())
    return (trace, ("authorization", f"Bearer {given}")) if given else (trace,)


def _credentials(folder: Path) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        root_certificates=(folder / "ca.pem").read_bytes(),
        private_key=(folder / "key.pem").read_bytes(),
        certificate_chain=(folder / "cert.pem").read_bytes(),
    )
