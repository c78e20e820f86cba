"""Command line: `run` starts the suite, `infra` PostgreSQL and NATS alone."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lkmr_rig import report
from lkmr_rig.layout import Home
from lkmr_rig.suite import INFRASTRUCTURE, StartFailed, Suite


def main() -> None:
    """Exit status 0 after an ordered stop, 1 when the start failed."""
    arguments = _arguments()
    home = Home(arguments.home.absolute()) if arguments.home else Home.from_env()
    only = INFRASTRUCTURE if arguments.command == "infra" else None
    base = arguments.ports or report.port_base()
    try:
        suite = Suite(home, base, only=only, say=report.say)
        sys.exit(asyncio.run(_serve(suite, infra=only is not None)))
    except StartFailed as fault:
        report.say(str(fault))
        sys.exit(1)


async def _serve(suite: Suite, *, infra: bool) -> int:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, asked.set)
    began = time.monotonic()
    await suite.start()
    try:
        stop = asyncio.create_task(asked.wait())
        ready = asyncio.create_task(suite.wait_ready())
        await asyncio.wait({stop, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            if infra:
                report.infrastructure(suite)
            else:
                report.addresses(suite, time.monotonic() - began)
            ends: set[asyncio.Future[Any]] = {stop, suite.supervisor.failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if suite.supervisor.failed.done():
            suite.supervisor.failed.result()
    finally:
        report.say("Останавливаю…")
        await suite.stop()
    report.say("Всё остановлено.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lkmr_rig", description=__doc__)
    parser.add_argument("command", choices=["run", "infra"])
    parser.add_argument("--home", type=Path, help="data folder, default $LKMR_HOME or .lkmr")
    parser.add_argument("--ports", type=int, help="port base, default $LKMR_PORT_BASE or 8080")
    return parser.parse_args()


if __name__ == "__main__":
    main()
