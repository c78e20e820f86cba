"""All that happens around a method of the partner edge, in one place and one order.

A call is journalled before its answer leaves; a journal that is away refuses the call.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from lkmr_gateway.partner.admission import SCOPE_OF, Admission
from lkmr_gateway.partner.certificate import Peer, read_certificate
from lkmr_gateway.partner.grounds import Reason, reason_of
from lkmr_gateway.partner.journal import Call, Journal
from lkmr_gateway.partner.refusals import RATE_LIMITED
from lkmr_servicekit import telemetry
from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.errors import Category, ServiceError, status_of
from lkmr_servicekit.grpc_server import Context
from lkmr_servicekit.telemetry import log

_seconds = telemetry.seconds_histogram(
    "lkmr_partner_seconds", "Time to answer a partner's call", ("method", "code")
)
_calls = telemetry.counter(
    "lkmr_partner_calls_total", "Calls of partners by reason of refusal", ("partner", "reason")
)
_FLOOD_SECONDS = 60.0


@dataclass(slots=True)
class _Turn:
    """One call on its way through the gate."""

    method: str
    start: float = field(default_factory=time.perf_counter)
    peer: Peer | None = None
    reason: Reason = field(default_factory=Reason)
    call: Call | None = None


class Gate(grpc.aio.ServerInterceptor):
    """Wraps every method whose scope is known; health and reflection pass."""

    def __init__(self, admission: Admission, journal: Journal) -> None:
        self._admission, self._journal = admission, journal
        self._flooding: dict[str, float] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        handler: Any = await continuation(details)
        method = details.method
        if handler is None or method not in SCOPE_OF:
            return handler
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, handler.unary_stream),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(method, handler.unary_unary),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _unary(
        self, method: str, handle: Callable[[Any, Context], Awaitable[Any]]
    ) -> Callable[[Any, Context], Awaitable[Any]]:
        async def answer(request: Any, context: Context) -> Any:
            turn = _Turn(method)
            with telemetry.continue_trace(method, None):
                try:
                    async with asyncio.timeout(await self._begin(turn, request, context)):
                        response = await handle(request, context)
                        if turn.call is not None:
                            await self._journal.done(turn.call)
                except Exception as fault:  # noqa: BLE001 - one mapper for all faults
                    await self._refuse(turn, fault, context)
                self._count(turn, "")
                return response

        return answer

    def _streaming(
        self, method: str, handle: Callable[[Any, Context], AsyncIterator[Any]]
    ) -> Callable[[Any, Context], AsyncIterator[Any]]:
        async def answer(request: Any, context: Context) -> AsyncIterator[Any]:
            turn = _Turn(method)
            with telemetry.continue_trace(method, None):
                try:
                    await self._begin(turn, request, context)
                    assert turn.peer is not None  # noqa: S101 - `_begin` knows the partner or raises
                    with self._admission.stream(turn.peer.partner):
                        if turn.call is not None:
                            await self._journal.done(turn.call)
                        async for part in handle(request, context):
                            yield part
                except Exception as fault:  # noqa: BLE001 - one mapper for all faults
                    await self._refuse(turn, fault, context)
                self._count(turn, "")

        return answer

    async def _begin(self, turn: _Turn, request: Any, context: Context) -> float:
        """Admit, warn, read the grounds. Returns the seconds for the work."""
        turn.peer = self._admission.recognise(context)
        if turn.peer.warning:
            context.set_trailing_metadata((("lkmr-warning", turn.peer.warning),))
            log.warning("partner.warned", partner=turn.peer.partner.id, warning=turn.peer.warning)
        partner = turn.peer.partner
        metadata: Any = dict(context.invocation_metadata() or ())
        seconds = await self._admission.admit(turn.method, partner, metadata, context)
        turn.reason = reason_of(request.grounds, partner)
        turn.call = self._journal.begin(turn.method, partner, turn.reason)
        return seconds

    async def _refuse(self, turn: _Turn, fault: Exception, context: Context) -> None:
        if isinstance(fault, grpc.aio.AbortError):
            raise fault
        refusal = _refusal_of(fault, turn.method)
        self._count(turn, refusal.reason)
        if self._is_news(turn, refusal):
            who = turn.peer.partner if turn.peer else _stranger(context)
            await self._journal.refused(turn.method, who, turn.reason, refusal)
        await context.abort_with_status(status_of(refusal, "partner"))

    def _is_news(self, turn: _Turn, refusal: ServiceError) -> bool:
        """A flood of calls enters the journal once a minute; all other refusals one by one."""
        if refusal.reason != RATE_LIMITED or turn.peer is None:
            return True
        now = monotonic()
        if self._flooding.get(turn.peer.partner.id, -_FLOOD_SECONDS) + _FLOOD_SECONDS > now:
            return False
        self._flooding[turn.peer.partner.id] = now
        return True

    def _count(self, turn: _Turn, reason: str) -> None:
        partner = turn.peer.partner.id if turn.peer else "unknown"
        _calls.labels(partner, reason).inc()
        seconds = time.perf_counter() - turn.start
        _seconds.labels(turn.method, reason or "OK").observe(seconds)


def _refusal_of(fault: Exception, method: str) -> ServiceError:
    """What a partner may see of a fault; the rest stays in the log."""
    if isinstance(fault, TimeoutError):
        return ServiceError("DEADLINE_EXCEEDED", Category.TIMED_OUT)
    if isinstance(fault, ServiceError):
        return fault
    log.error("partner.failed", method=method, kind=type(fault).__name__)
    return ServiceError("INTERNAL", Category.INTERNAL)


def _stranger(context: Context) -> str:
    """A stranger is named by the key that it showed."""
    pems = tuple(context.auth_context().get("x509_pem_cert", ())) or (b"",)
    shown = read_certificate(bytes(pems[0]))
    return f"unknown-{shown.key_sha256[:16]}" if shown else "unknown"
