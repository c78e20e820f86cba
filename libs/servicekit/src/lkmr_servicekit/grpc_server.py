"""The one way to serve gRPC: mutual TLS 1.3, allow-list, deadline, caller, rights, errors.

Each method declares a `Rule`; a server with a method that has none does not start.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status  # noqa: F401 - registers rich status
from lkmr.carrier.v1.carrier_service_pb2_grpc import add_CarrierServiceServicer_to_server

from lkmr_servicekit import telemetry
from lkmr_servicekit.audit import CallActs, Journal, RunningAct, is_named, object_of, operation_of
from lkmr_servicekit.carrier_server import Carried, CarrierServicer
from lkmr_servicekit.errors import Category, ServiceError, status_of
from lkmr_servicekit.identity import (
    REDUCED,
    Caller,
    CallerKind,
    TokenVerifier,
    current_caller,
    current_token,
)
from lkmr_servicekit.telemetry import log, where_of

Context = grpc.aio.ServicerContext[Any, Any]
TLS_13_ONLY = "ECDHE-RSA-AES256-GCM-SHA384"
MAX_MESSAGE = 1024 * 1024
MIN_WORK_SECONDS = 0.1
MAX_DEADLINE_SECONDS = 30.0
SHAVE_SECONDS = 0.02
MAX_DROPPED, DROP_SECONDS = 1024, 10.0
_OPEN = ("/grpc.health.", "/grpc.reflection.", "/lkmr.carrier.")
SPIFFE = "spiffe://lkmr.internal/ns/default/sa/"
OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.max_concurrent_streams", 128),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_age_ms", 120_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
    ("grpc.so_reuseport", 0),
]

_seconds = telemetry.seconds_histogram(
    "lkmr_grpc_server_seconds", "Time to answer a call", ("method", "code")
)
current_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a method: programs by certificate, and on whose behalf.

    `step_up` asks for a second factor that the person gave just before; `reduced` lets in people
    who entered while ESIA was away; `practice` keeps out those whose right to practise is over.
    `audit` names the act that each call is in the journal (`accreditation.extract.issued`), or says
    why there is none (`not: …`). A method that changes something has one (docs/audit.md).
    """

    peers: frozenset[str]
    callers: frozenset[CallerKind] = frozenset({CallerKind.PERSON})
    roles: frozenset[str] | None = None
    step_up: bool = False
    reduced: bool = False
    audit: str = ""
    practice: bool = False

    @classmethod
    def people(
        cls,
        *peers: str,
        roles: Sequence[str] | None = None,
        step_up: bool = False,
        reduced: bool = False,
        audit: str = "",
        practice: bool = False,
    ) -> Self:
        """Only on behalf of a person, optionally with one of these roles."""
        held = frozenset(roles) if roles is not None else None
        return cls(
            frozenset(peers),
            roles=held,
            step_up=step_up,
            reduced=reduced,
            audit=audit,
            practice=practice,
        )

    @classmethod
    def jobs(cls, *peers: str, audit: str = "") -> Self:
        """Only for background work of these programs."""
        return cls(frozenset(peers), frozenset({CallerKind.JOB}), audit=audit)

    @classmethod
    def any_caller(cls, *peers: str, audit: str = "") -> Self:
        """For people and for background work."""
        return cls(frozenset(peers), frozenset(CallerKind), audit=audit)

    @classmethod
    def programs(cls, *peers: str, audit: str = "") -> Self:
        """For these programs themselves, before anybody is known (sign-in, keys)."""
        return cls(frozenset(peers), frozenset(), audit=audit)


def caller_of() -> Caller:
    """Who asks, inside a method whose rule lets people or jobs in."""
    caller = current_caller.get()
    if caller is None:
        raise ServiceError("CALLER_UNKNOWN", Category.UNAUTHENTICATED)
    return caller


def peer_of(context: Context) -> str:
    """Name of the program at the other end, from its certificate; empty for a foreign one."""
    return _program_of(tuple(context.auth_context().get("peer_spiffe_id", ())))


@lru_cache(maxsize=64)
def _program_of(identities: tuple[bytes, ...]) -> str:
    names = [
        name.decode()[len(SPIFFE) :] for name in identities if name.decode().startswith(SPIFFE)
    ]
    return names[0] if len(names) == 1 else ""


class _Gate(grpc.aio.ServerInterceptor):
    """All that happens before and after a method, in one place and one order."""

    def __init__(
        self,
        service: str,
        rules: Mapping[str, Rule],
        verifier: TokenVerifier | None,
        *,
        insecure: bool,
        journal: Journal | None,
    ) -> None:
        self._service, self._rules, self._verifier = service, rules, verifier
        self._insecure = insecure
        self._acts = CallActs(journal) if journal is not None else None
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        method = details.method
        ready = self._wrapped.get(method)
        if ready is not None:
            return ready
        handler: Any = await continuation(details)
        if handler is None or method.startswith(_OPEN):
            return handler
        rule = self._rules[method]
        if handler.response_streaming:
            made: Any = grpc.unary_stream_rpc_method_handler(
                self._streaming(method, rule, handler.unary_stream),
                handler.request_deserializer,
                handler.response_serializer,
            )
        elif handler.request_streaming:
            made = grpc.stream_unary_rpc_method_handler(
                self._receiving(method, rule, handler.stream_unary),
                handler.request_deserializer,
                handler.response_serializer,
            )
        else:
            made = grpc.unary_unary_rpc_method_handler(
                self._unary(method, rule, handler.unary_unary),
                handler.request_deserializer,
                handler.response_serializer,
            )
        self._wrapped[method] = made
        return made

    def carried(self, method: str, handler: Any) -> Carried:
        """A unary method as a line carries it: behind the same gate."""
        answer = self._unary(method, self._rules[method], handler.unary_unary)
        return Carried(answer, handler.request_deserializer, handler.response_serializer)

    def _unary(
        self, method: str, rule: Rule, handle: Callable[[Any, Context], Awaitable[Any]]
    ) -> Callable[[Any, Context], Awaitable[Any]]:
        ok = _seconds.labels(method, "OK")
        named = is_named(rule.audit)
        word = rule.audit if named else operation_of(method)

        async def answer(request: Any, context: Context) -> Any:
            start = time.perf_counter()
            metadata = _metadata(context)
            act: RunningAct | None = None
            with telemetry.continue_trace(method, metadata.get("traceparent")):
                try:
                    deadline = await self._admit(rule, metadata, context, cap=MAX_DEADLINE_SECONDS)
                    if named and self._acts:
                        act = self._acts.begin(rule.audit, request, peer_of(context))
                    async with asyncio.timeout(deadline):
                        response = await handle(request, context)
                        if act and self._acts:
                            await self._acts.finish(act, peer_of(context))
                except Exception as fault:  # noqa: BLE001 - one mapper for all faults
                    refusal = _refusal_of(fault, method)
                    await self._note(RunningAct(word, object_of(request)), act, refusal, context)
                    await self._refuse(method, refusal, context, start)
                ok.observe(time.perf_counter() - start)
                return response

        return answer

    def _receiving(
        self, method: str, rule: Rule, handle: Callable[[Any, Context], Awaitable[Any]]
    ) -> Callable[[Any, Context], Awaitable[Any]]:
        """A method that takes a stream; its first message names what the act is about."""
        named = is_named(rule.audit)
        word = rule.audit if named else operation_of(method)

        async def answer(requests: AsyncIterator[Any], context: Context) -> Any:
            start = time.perf_counter()
            metadata = _metadata(context)
            act, first = None, None
            with telemetry.continue_trace(method, metadata.get("traceparent")):
                try:
                    await self._admit(rule, metadata, context, cap=None)
                    first = await _first_of(requests)
                    if named and self._acts:
                        act = self._acts.begin(rule.audit, first, peer_of(context))
                    response = await handle(_with_first(first, requests), context)
                    if act and self._acts:
                        await self._acts.finish(act, peer_of(context))
                except Exception as fault:  # noqa: BLE001 - one mapper for all faults
                    refusal = _refusal_of(fault, method)
                    target = object_of(first) if first is not None else ""
                    await self._note(RunningAct(word, target), act, refusal, context)
                    await _drop_rest(requests)
                    await self._refuse(method, refusal, context, start)
                return response

        return answer

    def _streaming(
        self, method: str, rule: Rule, handle: Callable[[Any, Context], AsyncIterator[Any]]
    ) -> Callable[[Any, Context], AsyncIterator[Any]]:
        named = is_named(rule.audit)
        word = rule.audit if named else operation_of(method)

        async def answer(request: Any, context: Context) -> AsyncIterator[Any]:
            start = time.perf_counter()
            metadata = _metadata(context)
            act: RunningAct | None = None
            with telemetry.continue_trace(method, metadata.get("traceparent")):
                try:
                    await self._admit(rule, metadata, context, cap=None)
                    if named and self._acts:
                        act = self._acts.begin(rule.audit, request, peer_of(context))
                    async for part in handle(request, context):
                        if act and self._acts:
                            await self._acts.finish(act, peer_of(context))
                        yield part
                    if act and self._acts:
                        await self._acts.finish(act, peer_of(context))
                except Exception as fault:  # noqa: BLE001 - one mapper for all faults
                    refusal = _refusal_of(fault, method)
                    await self._note(RunningAct(word, object_of(request)), act, refusal, context)
                    await self._refuse(method, refusal, context, start)

        return answer

    async def _note(
        self, act: RunningAct, begun: RunningAct | None, fault: Exception, context: Context
    ) -> None:
        """Journal how a named act failed, and every want of a right whatever the method."""
        if self._acts is None or not isinstance(fault, ServiceError):
            return
        if begun is not None or fault.category is Category.PERMISSION_DENIED:
            await self._acts.refused(begun or act, fault, peer_of(context) or "unknown")

    async def _admit(
        self, rule: Rule, metadata: Mapping[str, str], context: Context, cap: float | None
    ) -> float:
        """Check transport, program, deadline, caller and role. Returns the seconds for the work."""
        if not self._insecure:
            transport = context.auth_context()  # made anew at each call: asked for once
            if list(transport.get("ssl_tls_version", ())) not in ([], [b"TLSv1.3"]):
                raise ServiceError("TLS_VERSION_REFUSED", Category.PERMISSION_DENIED)
            if _program_of(tuple(transport.get("peer_spiffe_id", ()))) not in rule.peers:
                raise ServiceError("PEER_NOT_ALLOWED", Category.PERMISSION_DENIED)
        remaining = context.time_remaining()
        if remaining is None:
            raise ServiceError("DEADLINE_REQUIRED", Category.INVALID_ARGUMENT)
        if remaining < MIN_WORK_SECONDS:
            raise ServiceError("DEADLINE_TOO_SHORT", Category.TIMED_OUT)
        seconds = remaining - SHAVE_SECONDS
        seconds = min(seconds, cap) if cap is not None else seconds
        current_deadline.set(time.monotonic() + seconds)
        if rule.callers:
            await self._know_caller(rule, metadata)
        return seconds

    async def _know_caller(self, rule: Rule, metadata: Mapping[str, str]) -> None:
        if self._verifier is None:
            raise ServiceError("CALLER_UNKNOWN", Category.UNAUTHENTICATED)
        token = metadata.get("authorization", "").removeprefix("Bearer ")
        caller = await self._verifier.verify(token)
        current_caller.set(caller)
        current_token.set(token)
        if caller.kind not in rule.callers:
            raise ServiceError("CALLER_KIND_REFUSED", Category.PERMISSION_DENIED)
        if (
            rule.roles is not None
            and caller.kind is CallerKind.PERSON
            and rule.roles.isdisjoint(caller.held_roles)
        ):
            raise ServiceError("SECTION_CLOSED", Category.PERMISSION_DENIED)
        if caller.assurance == REDUCED and not rule.reduced:
            raise ServiceError("SESSION_REDUCED", Category.PERMISSION_DENIED)
        if rule.practice:
            caller.require_practice()
        if rule.step_up and caller.kind is CallerKind.PERSON:
            caller.require_step_up()

    async def _refuse(
        self,
        method: str,
        fault: ServiceError | grpc.aio.AbortError,
        context: Context,
        start: float,
    ) -> None:
        if isinstance(fault, grpc.aio.AbortError):
            raise fault
        status = status_of(fault, self._service)
        _seconds.labels(method, status.code.name).observe(time.perf_counter() - start)
        await context.abort_with_status(status)


async def _drop_rest(requests: AsyncIterator[Any]) -> None:
    """Read what is still coming: a caller whose writes fail never gets to hear the refusal."""
    left = MAX_DROPPED
    try:
        async with asyncio.timeout(DROP_SECONDS):
            async for _ in requests:
                left -= 1
                if not left:
                    return
    except TimeoutError:
        return


async def _first_of(requests: AsyncIterator[Any]) -> Any:
    first = await anext(requests, None)
    if first is None:
        raise ServiceError("REQUEST_EMPTY", Category.INVALID_ARGUMENT)
    return first


async def _with_first(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for one in rest:
        yield one


def _refusal_of(fault: Exception, method: str) -> ServiceError | grpc.aio.AbortError:
    """What the caller may see of a fault; the rest stays in the log."""
    if isinstance(fault, grpc.aio.AbortError | ServiceError):
        return fault
    if isinstance(fault, TimeoutError):
        return ServiceError("DEADLINE_EXCEEDED", Category.TIMED_OUT)
    root: BaseException = fault
    while root.__cause__ is not None:
        root = root.__cause__
    kind, below = type(fault).__name__, type(root).__name__
    log.error("rpc.failed", method=method, kind=kind, below=below, where=where_of(fault))
    return ServiceError("INTERNAL", Category.INTERNAL)


def _metadata(context: Context) -> dict[str, str]:
    """Text metadata; values of `…-bin` keys, which are bytes, are never asked for."""
    pairs: Any = context.invocation_metadata() or ()
    return dict(pairs)


class GrpcServer:
    """A server of one process. `services` maps a servicer to the function that registers it.

    `journal` takes the acts that rules name, and refusals.
    Raises LookupError at start when a method has no rule or a rule has no method.
    """

    def __init__(
        self,
        service: str,
        listen: str,
        *,
        tls_dir: Path | None,
        rules: Mapping[str, Rule],
        verifier: TokenVerifier | None,
        journal: Journal | None = None,
        reflect: bool = True,
    ) -> None:
        self._listen, self._tls_dir, self._reflect = listen, tls_dir, reflect
        self._rules = dict(rules)
        self.verifier = verifier
        if journal is None and any(is_named(rule.audit) for rule in self._rules.values()):
            raise LookupError("rules name acts, but there is no journal")
        self._gate = _Gate(
            service, self._rules, verifier, insecure=tls_dir is None, journal=journal
        )
        self._carried: dict[str, Carried] = {}
        self._carrier = CarrierServicer(self._carried, self._is_ours)
        self._server = grpc.aio.server(
            interceptors=[self._gate], options=OPTIONS, maximum_concurrent_rpcs=200
        )
        self._health = health.aio.HealthServicer()
        self._names: list[str] = []
        self.port = 0

    def add(self, full_name: str, servicer: object, register: Callable[[Any, Any], None]) -> None:
        """Register a servicer of a proto service under its full name.

        Raises LookupError when a method of the contract is not written or has no rule.
        """
        kinds = type(servicer).__mro__
        base = next(kind for kind in kinds if kind.__name__.endswith("ServiceServicer"))
        methods = [name for name in vars(base) if not name.startswith("_")]
        unwritten = [name for name in methods if getattr(type(servicer), name) is vars(base)[name]]
        paths = {f"/{full_name}/{method}" for method in methods}
        loose = paths ^ {path for path in self._rules if path.startswith(f"/{full_name}/")}
        if loose or unwritten:
            raise LookupError(f"methods and rules do not fit: {loose} {unwritten}")
        register(servicer, _Noting(self._server, self._note))
        self._names.append(full_name)

    def _note(self, service: str, handlers: Mapping[str, Any]) -> None:
        for name, handler in handlers.items():
            if handler.unary_unary is not None:
                method = f"/{service}/{name}"
                self._carried[method] = self._gate.carried(method, handler)

    def _is_ours(self, context: Context) -> bool:
        return self._tls_dir is None or peer_of(context) != ""

    async def __aenter__(self) -> Self:
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        add_CarrierServiceServicer_to_server(self._carrier, self._server)
        if self._reflect:
            names = (*self._names, reflection.SERVICE_NAME, health.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        if self._tls_dir is None:
            self.port = self._server.add_insecure_port(self._listen)
        else:
            require_tls_13()
            self.port = self._server.add_secure_port(self._listen, _credentials(self._tls_dir))
        await self._server.start()
        for name in ("", *self._names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return self

    async def drain(self) -> None:
        """Tell balancers that no new calls are wanted."""
        await self._health.enter_graceful_shutdown()
        self._carrier.end()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.drain()
        await self._server.stop(grace=3)


def require_tls_13() -> None:
    """Raises RuntimeError unless servers of this process refuse TLS 1.2 at the handshake.

    gRPC has no setting for it. Our certificates are EC, so that with a cipher for RSA alone TLS 1.2
    finds nothing in common and 1.3 stays; the library reads the variable when it is imported.
    """
    if os.environ.get("GRPC_SSL_CIPHER_SUITES") != TLS_13_ONLY:
        raise RuntimeError(f"GRPC_SSL_CIPHER_SUITES={TLS_13_ONLY} is needed in the environment")


def _credentials(folder: Path) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [((folder / "key.pem").read_bytes(), (folder / "cert.pem").read_bytes())],
        root_certificates=(folder / "ca.pem").read_bytes(),
        require_client_auth=True,
    )


class _Noting:
    """A server while a servicer is registered: its handlers are noted on their way."""

    def __init__(
        self, server: grpc.aio.Server, note: Callable[[str, Mapping[str, Any]], None]
    ) -> None:
        self._server, self._note = server, note

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        self._note(service, handlers)
        self._server.add_registered_method_handlers(service, handlers)
