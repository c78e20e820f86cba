"""Plain numbers of the gateway, exported when somebody asks for them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from lkmr_servicekit.telemetry import REGISTRY, SECONDS


class Requests(Collector):
    """Requests by route and status, and their seconds; counting costs no lock."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}
        self._seconds: dict[str, list[float]] = {}
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self.codes: dict[str, int] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request."""
        key = (method, route, status)
        self._counts[key] = self._counts.get(key, 0) + 1
        row = self._seconds.get(route)
        if row is None:
            row = self._seconds[route] = [0.0] * (len(SECONDS) + 2)
        row[bisect_left(SECONDS, seconds)] += 1
        row[-1] += seconds

    def note_code(self, code: str) -> None:
        """One shown error."""
        self.codes[code] = self.codes.get(code, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Metrics in the form of Prometheus."""
        counts = CounterMetricFamily(
            "lkmr_gateway_requests", "Requests", labels=("method", "route", "status")
        )
        for (method, route, status), count in tuple(self._counts.items()):
            counts.add_metric((method, route, str(status)), count)
        yield counts
        seconds = HistogramMetricFamily(
            "lkmr_gateway_request_seconds", "Time to answer", labels=("route",)
        )
        for route, row in tuple(self._seconds.items()):
            running, buckets = 0.0, []
            for bound, value in zip((*map(str, SECONDS), "+Inf"), row, strict=False):
                running += value
                buckets.append((bound, running))
            seconds.add_metric((route,), buckets, sum_value=row[-1])
        yield seconds
        yield from self._own()

    def _own(self) -> Iterator[Metric]:
        codes = CounterMetricFamily("lkmr_gateway_errors", "Shown errors", labels=("code",))
        for code, count in tuple(self.codes.items()):
            codes.add_metric((code,), count)
        yield codes
        for name, (text, read) in self.gauges.items():
            gauge = GaugeMetricFamily(name, text)
            gauge.add_metric((), read())
            yield gauge

    def register(self) -> None:
        """Show these numbers in the registry of this process."""
        REGISTRY.register(self)
