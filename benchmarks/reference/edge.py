"""The edge without checks: bare ASGI that asks the accreditation service and passes its bytes on.

It knows one worker and one caller token, read anew from a file. Against the gateway it shows what
all checks and layers of the gateway cost; in front of the service alone it stands in for it. With
`BENCH_ALONE` each call is a call of its own, as gRPC makes it (docs/decisions/0014).
"""

import asyncio
import os
from pathlib import Path
from typing import Any

from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceStub

from benchmarks.reference.serve import serve
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

TOKEN_SECONDS = 5.0
_LIST = "/lkmr.accreditation.v1.AccreditationService/ListAccreditations"


class Edge:
    """The ASGI application."""

    def __init__(self, target: str, tls: Path, worker: str, token: Path, *, carried: bool) -> None:
        self.target, self.tls, self.token_file = target, tls, token
        self.repeatable = (_LIST,) if carried else ()
        self.parent = f"workers/{worker}"
        self.token = token.read_text(encoding="ascii")
        self.peer: Peer
        self.list: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        request = pb.ListAccreditationsRequest(parent=self.parent)
        try:
            answer = await self.peer.call(self.list, request, token=self.token)
            status, body, etag = 200, answer.body, answer.etag
        except ServiceError as fault:
            status, body, etag = 503, fault.reason.encode(), ""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"etag", b'"%s"' % etag.encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with Peer(
            "accreditation", self.target, tls_dir=self.tls, repeatable=self.repeatable
        ) as self.peer:
            self.list = AccreditationServiceStub(self.peer.channel).ListAccreditations
            renewal = asyncio.create_task(self._renew())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            renewal.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(TOKEN_SECONDS)
            self.token = await asyncio.to_thread(self.token_file.read_text, encoding="ascii")


if __name__ == "__main__":
    given = os.environ
    serve(
        Edge(
            given["BENCH_TARGET"],
            Path(given["BENCH_TLS"]),
            given["BENCH_WORKER"],
            Path(given["BENCH_TOKEN"]),
            carried="BENCH_ALONE" not in given,
        )
    )
