"""One way to serve the reference programs, so that only the programs differ."""

import os
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """uvicorn with its fastest parts, on `BENCH_LISTEN`, until it is told to stop."""
    host, _, port = os.environ["BENCH_LISTEN"].rpartition(":")
    uvicorn.run(
        app,
        host=host,
        port=int(port),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
    )
