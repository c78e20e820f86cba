"""Logs as JSON lines, thin traces, plain metrics.

Traces: `traceparent` always travels; an OpenTelemetry span is made only when the trace is sampled,
so an unsampled request pays for two context variables and nothing else.
"""

import logging
import random
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_PLACES = 6
_HEX_TRACE, _HEX_SPAN, _PARENT_PARTS = 32, 16, 4


@dataclass(frozen=True, slots=True)
class TraceContext:
    """Where in a trace the running work stands (W3C Trace Context, level 1)."""

    trace_id: str
    span_id: str
    sampled: bool

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_current: ContextVar[TraceContext | None] = ContextVar("trace", default=None)
_recorded: ContextVar[Any] = ContextVar("recorded_span", default=None)
_state: dict[str, Any] = {"tracer": None, "ratio": 0.0, "provider": None}


def configure_logging(service: str, instance: int = 1) -> None:
    """JSON lines on stdout; third-party loggers speak from WARNING on."""

    def stamp(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"], event["instance"] = service, instance
        if trace := _current.get():
            event["trace_id"] = trace.trace_id
        return event

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            stamp,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_JsonHandler()], force=True)


class _JsonHandler(logging.Handler):
    """Third-party records: logger, level, kind and place of the fault, never texts with data."""

    def emit(self, record: logging.LogRecord) -> None:
        kind, fault, _ = record.exc_info or (None, None, None)
        structlog.get_logger().warning(
            "library.message",
            logger_name=record.name,
            record_level=record.levelname.lower(),
            template=str(record.msg)[:200] if record.args else "",
            fault=kind.__name__ if kind else "",
            place=where_of(fault),
        )


log = structlog.get_logger()


def places_of(fault: BaseException | None) -> list[str]:
    """Kinds and places of a fault or of a group of them; never their texts, which may hold data."""
    if isinstance(fault, BaseExceptionGroup):
        return [place for one in fault.exceptions for place in places_of(one)]
    if fault is None:
        return []
    return [", ".join([type(fault).__name__, *where_of(fault)])]


def where_of(fault: BaseException | None) -> list[str]:
    """The innermost places of a fault, without its text, which may hold data about a person."""
    frames = extract_tb(fault.__traceback__ if fault else None)[-_PLACES:]
    return [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]


def configure_traces(service: str, endpoint: str | None, ratio: float = 0.01) -> None:
    """Send sampled spans to an OTLP collector; without an endpoint no span is ever made."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415 - 27 MiB, only when used
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - same
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - same

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    _state.update(tracer=provider.get_tracer("lkmr"), ratio=ratio, provider=provider)


def flush_traces() -> None:
    """Hand over what is still in the buffer; called once at stop."""
    if _state["provider"] is not None:
        _state["provider"].shutdown()


def current_trace() -> TraceContext | None:
    """The trace of the running work, if it has one."""
    return _current.get()


def traceparent() -> str:
    """The header for an outgoing call; starts a trace when there is none."""
    return (_current.get() or _new_trace()).traceparent


def parse_traceparent(header: str | None) -> TraceContext | None:
    """Read a W3C header; None when it is absent or malformed."""
    parts = (header or "").split("-")
    if len(parts) != _PARENT_PARTS or len(parts[1]) != _HEX_TRACE or len(parts[2]) != _HEX_SPAN:
        return None
    try:
        known = int(parts[1], 16) and int(parts[2], 16)
        flags = int(parts[3], 16)
    except ValueError:
        return None
    return TraceContext(parts[1].lower(), parts[2].lower(), bool(flags & 1)) if known else None


def _new_trace() -> TraceContext:
    sampled = _state["tracer"] is not None and random.random() < _state["ratio"]  # noqa: S311 - sampling, not secrecy
    ids = f"{random.getrandbits(192):048x}"
    return TraceContext(ids[:_HEX_TRACE], ids[_HEX_TRACE:], sampled)


class _Unsampled:
    """Work inside a trace that is not sampled: a context variable, and no generator."""

    __slots__ = ("_here", "_token")

    def __init__(self, here: TraceContext) -> None:
        self._here = here

    def __enter__(self) -> TraceContext:
        self._token = _current.set(self._here)
        return self._here

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


_NOTHING = nullcontext()


def continue_trace(
    name: str, header: str | None, *, kind: str = "SERVER", trust: bool = True
) -> AbstractContextManager[TraceContext]:
    """Work that another program, or a browser, asked for, as part of its trace.

    `trust=False` keeps the ids of the browser but decides about sampling here.
    """
    parent = parse_traceparent(header)
    here = parent if parent is not None and trust else _new_trace()
    if parent is not None and not trust:
        here = TraceContext(parent.trace_id, parent.span_id, here.sampled)
    if not here.sampled or _state["tracer"] is None:
        return _Unsampled(here)
    return _entered(name, here, kind, {}, root=parent is None)


def span(
    name: str, *, kind: str = "INTERNAL", attributes: Mapping[str, str | int] | None = None
) -> AbstractContextManager[object]:
    """A step worth seeing in a trace; free when the trace is not sampled."""
    parent = _current.get()
    if parent is None or not parent.sampled or _state["tracer"] is None:
        return _NOTHING
    return _entered(name, parent, kind, attributes or {})


@contextmanager
def _entered(
    name: str,
    parent: TraceContext,
    kind: str,
    attributes: Mapping[str, str | int],
    *,
    root: bool = False,
) -> Iterator[TraceContext]:
    from opentelemetry import trace as otel  # noqa: PLC0415 - only sampled work pays for it

    above = otel.SpanContext(
        int(parent.trace_id, 16), int(parent.span_id, 16), True, otel.TraceFlags(1)
    )
    context = None if root else otel.set_span_in_context(otel.NonRecordingSpan(above))
    made = _state["tracer"].start_span(
        name, context=context, kind=otel.SpanKind[kind], attributes=dict(attributes)
    )
    inner = made.get_span_context()
    here = TraceContext(f"{inner.trace_id:032x}", f"{inner.span_id:016x}", True)
    token, recorded = _current.set(here), _recorded.set(made)
    try:
        yield here
    except BaseException as fault:
        made.set_status(otel.StatusCode.ERROR, type(fault).__name__)
        raise
    finally:
        _recorded.reset(recorded)
        _current.reset(token)
        made.end()


def describe(name: str, attributes: Mapping[str, str | int]) -> None:
    """Name the running span by what became known of it; nothing when it is not sampled."""
    made = _recorded.get()
    if made is not None:
        made.update_name(name)
        made.set_attributes(attributes)


def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    """A counter in the registry of this process; its unit stands in the name."""
    return Counter(name, text, labels, registry=REGISTRY)


def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
    """A value that rises and falls, in the registry of this process."""
    return Gauge(name, text, labels, registry=REGISTRY)


def histogram(
    name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]
) -> Histogram:
    """A histogram of anything but seconds, in the registry of this process."""
    return Histogram(name, text, labels, registry=REGISTRY, buckets=buckets)


def seconds_histogram(name: str, text: str, labels: tuple[str, ...] = ()) -> Histogram:
    """A histogram of seconds in the registry of this process."""
    return Histogram(name, text, labels, registry=REGISTRY, buckets=SECONDS)
