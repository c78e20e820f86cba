"""`python -m benchmarks [NAME…]`: run benchmarks and write what they found."""

import argparse
import asyncio
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog
import uvloop

from benchmarks.arrival import run_arrival
from benchmarks.bulk import run_bulk
from benchmarks.compliance import run_compliance
from benchmarks.extracts import run_extracts
from benchmarks.flat import run_flat
from benchmarks.journal import run_journal
from benchmarks.learning import run_learning
from benchmarks.measure import Failed, Timing
from benchmarks.notices import run_notices
from benchmarks.outbox import run_outbox
from benchmarks.place import Place, service_alone, whole_suite
from benchmarks.reminders import run_reminders
from benchmarks.report import RESULTS, Report, write_document
from benchmarks.session_check import run_session_check
from benchmarks.sign_in import run_sign_in
from benchmarks.streams import run_streams
from benchmarks.whole_path import run_cached, run_whole_path
from lkmr_rig import StartFailed

HTTP = {
    "whole_path": run_whole_path,
    "cached": run_cached,
    "session_check": run_session_check,
}
IN_SUITE: Mapping[str, Callable[[Place], Awaitable[Report]]] = {
    "arrival": run_arrival,
    "sign_in": run_sign_in,
}
NAMES = (
    *HTTP,
    "arrival",
    "sign_in",
    "outbox",
    "flat",
    "compliance",
    "journal",
    "notices",
    "bulk",
    "streams",
    "learning",
    "extracts",
    "reminders",
)
WORKERS = 10_000


async def run_until_told(arguments: argparse.Namespace) -> None:
    """`run`, ended in good order by SIGTERM too, so that nothing stays behind."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await run(arguments)


async def run(arguments: argparse.Namespace) -> None:
    """Run what was asked for; renew its sections of `docs/performance.md`."""
    names = arguments.names or NAMES
    timing = Timing(arguments.seconds, arguments.rounds)
    home = Path(tempfile.mkdtemp(prefix="lkmr-bench-"))
    try:
        over_http = [one for one in names if one in HTTP or one in IN_SUITE]
        await _over_http(over_http, home / "http", timing, arguments)
        for name, measure in _of_one_place(home, arguments).items():
            if name in names:
                _done(await measure(), arguments)
        if "flat" in names:
            whole = not arguments.alone
            found = await run_flat(home / "flat", timing, sizes=arguments.sizes, whole=whole)
            _done(found, arguments)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if not arguments.alone:
        write_document(NAMES)
        print("docs/performance.md")


def _of_one_place(
    home: Path, arguments: argparse.Namespace
) -> dict[str, Callable[[], Awaitable[Report]]]:
    """Benchmarks with a place of their own, in their order."""
    rounds: int = arguments.rounds
    return {
        "outbox": lambda: run_outbox(home / "outbox", rounds=rounds),
        "compliance": lambda: run_compliance(home / "compliance"),
        "journal": lambda: run_journal(home / "journal", rounds=rounds),
        "notices": lambda: run_notices(home / "notices", rounds=rounds),
        "bulk": lambda: run_bulk(home / "bulk", people=arguments.people),
        "streams": lambda: run_streams(rounds=rounds),
        "learning": lambda: run_learning(home / "learning", credited=arguments.credits),
        "extracts": lambda: run_extracts(home / "extracts", rounds=rounds),
        "reminders": lambda: run_reminders(home / "reminders"),
    }


async def _over_http(
    names: Sequence[str], home: Path, timing: Timing, arguments: argparse.Namespace
) -> None:
    if not names:
        return
    opened = service_alone if arguments.alone else whole_suite
    async with opened(home, workers=WORKERS) as place:
        for name in names:
            if name in HTTP:
                _done(await HTTP[name](place, timing), arguments)
            elif place.whole:
                _done(await IN_SUITE[name](place), arguments)


def _done(report: Report, arguments: argparse.Namespace) -> None:
    report.save(RESULTS / "alone" if arguments.alone else RESULTS)
    print(report.markdown(), flush=True)


def main() -> None:
    """Exit status 1 when a benchmark could not be run; a missed aim is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(NAMES))
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--sizes",
        type=lambda text: tuple(int(one) for one in text.split(",")),
        default=(10_000, 100_000, 1_000_000),
        help="workers for `flat`, comma list",
    )
    parser.add_argument("--people", type=int, default=20_000, help="recipients for `bulk`")
    parser.add_argument("--credits", type=int, default=60_000, help="confirmations for `learning`")
    parser.add_argument(
        "--alone", action="store_true", help="the accreditation service without gateway and bridge"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        uvloop.run(run_until_told(arguments))
    except (Failed, StartFailed) as fault:
        print(f"bench: {fault}", file=sys.stderr)
        sys.exit(1)
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit(130)


if __name__ == "__main__":
    main()
