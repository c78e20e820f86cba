"""Two gateways behind one address, as a balancer shows them to a browser."""

import itertools
from typing import Any

import httpx2

from ..support.visitor import Visitor


class _Turns(httpx2.BaseTransport):
    """Sends requests for the public address to one gateway after another; `Host` stays."""

    def __init__(self, public: int, ports: tuple[int, ...]) -> None:
        self._inner = httpx2.HTTPTransport()
        self._public, self._ports = public, itertools.cycle(ports)
        self.served: list[int] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.port == self._public:
            port = next(self._ports)
            self.served.append(port)
            request.url = request.url.copy_with(port=port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


class Balanced(Visitor):
    """A visitor whose every request to the cabinet is served by the other gateway."""

    def __init__(self, suite: Any) -> None:
        super().__init__(suite)
        self._client.close()
        ports = (suite.ports.gateway_http(1), suite.ports.gateway_http(2))
        self.turns = _Turns(ports[0], ports)
        self._client = httpx2.Client(timeout=20, follow_redirects=False, transport=self.turns)
