"""An open page of the cabinet, as far as server-sent events go."""

import json
import socket
import threading
from types import TracebackType
from typing import Any, Self

import httpx2

from .own_suite import eventually
from .visitor import Visitor


class OpenPage:
    """Holds `/api/v1/events` open with the session of a visitor and collects what comes."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
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
        if self._answer is not None:
            wire = self._answer.extensions["network_stream"].get_extra_info("socket")
            wire.shutdown(socket.SHUT_RDWR)  # unlike a close it ends the waiting of the reader
        self._thread.join(5)

    def data_of(self, event: str) -> list[Any]:
        """What came under a name, oldest first."""
        return [data for name, data in tuple(self.heard) if name == event]

    def _read(self) -> None:
        headers = {
            "accept": "text/event-stream",
            "cookie": self._visitor.cookie_header(),
            "user-agent": self._visitor.user_agent,
        }
        address = f"{self._visitor.base}/api/v1/events"
        try:
            with httpx2.stream("GET", address, headers=headers, timeout=30) as answer:
                assert answer.status_code == 200, answer.read()
                self._answer = answer
                name = ""
                for line in answer.iter_lines():
                    key, _, value = line.partition(": ")
                    if key == "event":
                        name = value
                    elif key == "data":
                        self.heard.append((name, json.loads(value)))
        except (httpx2.TransportError, httpx2.StreamError, OSError):
            return  # the page was closed
