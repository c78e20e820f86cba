"""An open page of the cabinet, as far as server-sent events go."""

import json
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httpx2

from .own_suite import eventually
from .visitor import Visitor

OK = 200
RETRY_SECONDS = 0.5


class OpenPage:
    """Holds `/api/v1/events` open with the session of a visitor and collects what comes.

    As a browser does, it connects again after a loss and says what it has seen last.
    """

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._closed = threading.Event()
        self.connections = 0
        self._thread = threading.Thread(target=self._read, name="events", daemon=True)
        self._answer: httpx2.Response | None = None
        self.heard: list[tuple[str, Any]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self._answer, 10, "the stream of events")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        if self._answer is not None:
            wire = self._answer.extensions["network_stream"].get_extra_info("socket")
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)  # unlike a close it ends the waiting of the reader
        self._thread.join(5)

    def data_of(self, event: str) -> list[Any]:
        """What came under a name, oldest first."""
        return [data for name, data in tuple(self.heard) if name == event]

    def _read(self) -> None:
        last = ""
        while not self._closed.is_set():
            try:
                last = self._connection(last)
            except (httpx2.TransportError, httpx2.StreamError, OSError):
                self._closed.wait(RETRY_SECONDS)

    def _connection(self, last: str) -> str:
        """Read one connection to its end; the id of the last event."""
        headers = {
            "accept": "text/event-stream",
            "cookie": self._visitor.cookie_header(),
            "user-agent": self._visitor.user_agent,
            **({"last-event-id": last} if last else {}),
        }
        address = f"{self._visitor.base}/api/v1/events"
        with httpx2.stream("GET", address, headers=headers, timeout=30) as answer:
            if answer.status_code != OK:
                self._closed.wait(RETRY_SECONDS)
                return last
            self.connections += 1
            self._answer = answer
            event: dict[str, str] = {}
            try:
                for line in answer.iter_lines():
                    if line:
                        key, _, value = line.partition(": ")
                        event[key] = value
                        continue
                    if "data" in event:
                        self.heard.append((event["event"], json.loads(event["data"])))
                        last = event.get("id", last)
                    event = {}
            except (httpx2.TransportError, httpx2.StreamError, OSError):
                self._closed.wait(RETRY_SECONDS)
        return last
