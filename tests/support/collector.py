"""An OpenTelemetry collector inside the test process: takes spans by OTLP over gRPC."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import (
    trace_service_pb2 as pb,
)
from opentelemetry.proto.collector.trace.v1 import (
    trace_service_pb2_grpc as rpc,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Proto


@dataclass(frozen=True, slots=True)
class Span:
    """A finished step of a trace. Ids are hex; `parent` is empty for the first step."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]


@dataclass
class Collector(rpc.TraceServiceServicer):
    """Keeps what it was given. `raw` holds the same as bytes."""

    endpoint: str = ""
    raw: list[bytes] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def Export(self, request: Any, _: Any) -> Any:
        """Take a portion of spans."""
        found = list(_spans_of(request))
        with self._lock:
            self._spans += found
            self.raw.append(request.SerializeToString())
        return pb.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[Span]:
        """All spans so far."""
        with self._lock:
            return list(self._spans)

    def of_trace(self, trace: str) -> list[Span]:
        """The spans of one trace."""
        return [span for span in self.spans if span.trace == trace]


def _spans_of(request: Any) -> Iterator[Span]:
    for resource in request.resource_spans:
        known = {one.key: one.value.string_value for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service=known.get("service.name", ""),
                    name=span.name,
                    kind=Proto.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    attributes={one.key: one.value.string_value for one in span.attributes},
                )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port while the block runs."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    rpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]  # generated
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(1).wait()
