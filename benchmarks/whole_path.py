"""1 and 2: the whole path with nothing cached, and with the answer cache of the gateway warm."""

from collections.abc import Sequence

import httpx2
import orjson

from benchmarks.measure import Failed, Figures, Ratio, Timing, Variant, ratio, side_by_side
from benchmarks.place import ENTRIES, Place
from benchmarks.report import Aim, Report, load_table, memory_table


async def run_whole_path(place: Place, timing: Timing) -> Report:
    """Against the monolith and the floor."""
    ours = await place.ours()
    variants = [ours, await place.monolith(), await place.floor()]
    if place.whole:
        variants[1:1] = [await place.edge(), await place.edge(carried=False)]
    await check_equal(variants)
    seen = await side_by_side(variants, timing)
    report = Report("whole_path", "Whole path, nothing cached: 20 entries of a signed-in person")
    found = seen[ours.name]
    report.aims = [
        Aim.at_least("requests/s against the monolith", 1.5, _rps(found, seen["monolith"])),
        Aim.at_least("requests/s against the floor", 0.35, _rps(found, seen["floor"])),
    ]
    report.tables = [load_table(seen), memory_table(variants)]
    monolith, floor = _cpu(found, seen["monolith"]), _cpu(found, seen["floor"])
    report.notes = [
        f"CPU per request against the monolith {monolith}, against the floor {floor}.",
        "The whole path is three processes (gateway, service, PostgreSQL), the others are two.",
        *_without_gateway(place),
    ]
    if place.whole:
        edge = seen["edge without checks"]
        more = found.total_cpu_us - edge.total_cpu_us
        report.notes.append(
            f"What the gateway adds to a bare edge (session, rights, limits, headers, metrics,"
            f" log): {more:.0f} µs of CPU a request, requests/s {_rps(found, edge)}."
        )
        alone = seen["the same, each call alone"]
        report.notes.append(
            "The second hop, carried together against gRPC calls of their own: requests/s"
            f" {_rps(edge, alone)}, CPU {_cpu(edge, alone)} of the edge's request."
        )
    return report


async def run_cached(place: Place, timing: Timing) -> Report:
    """Against the floor, which asks PostgreSQL each time."""
    report = Report("cached", "The same with the answer cache of the gateway warm")
    what = "requests/s against the floor"
    if not place.whole:
        report.aims = [Aim.not_measured(what, "≥ 3", "there is no gateway")]
        return report
    cached, floor = place.cached(), await place.floor()
    await check_equal([cached, floor])
    seen = await side_by_side([cached, floor], timing)
    report.aims = [Aim.at_least(what, 3, _rps(seen[cached.name], seen["floor"]))]
    report.tables = [load_table(seen), memory_table([cached, floor])]
    report.notes = [f"CPU per request against the floor {_cpu(seen[cached.name], seen['floor'])}."]
    return report


async def check_equal(variants: Sequence[Variant]) -> None:
    """Raises Failed unless all variants give the same 20 entries, byte for byte.

    Only `source.fetch_time` may differ: the register may be read again between two answers.
    """
    bodies = {one.name: await body_of(one) for one in variants}
    first = next(iter(bodies.values()))
    if len(orjson.loads(first)["items"]) != ENTRIES:
        raise Failed(f"{len(orjson.loads(first)['items'])} entries instead of {ENTRIES}")
    for name, body in bodies.items():
        if body != first and _steady(body) != _steady(first):
            raise Failed(f"{name} answers otherwise: {body[:300]!r} … {first[:300]!r}")


async def body_of(variant: Variant) -> bytes:
    """The body that a variant answers to its first request. Raises Failed unless it is 200."""
    head, *lines = variant.requests[0].strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    address = f"http://127.0.0.1:{variant.port}{head.split()[1]}"
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.get(address, headers=headers, timeout=10)
    if answer.status_code != 200:
        raise Failed(f"{variant.name}: {answer.status_code} {answer.text[:300]}")
    return answer.content


def _steady(body: bytes) -> bytes:
    content = orjson.loads(body)
    for item in content["items"]:
        del item["source"]["fetch_time"]
    return orjson.dumps(content)


def _rps(ours: Figures, theirs: Figures) -> Ratio:
    return ratio(ours.rps, theirs.rps)


def _cpu(ours: Figures, theirs: Figures) -> Ratio:
    return ratio(_totals(ours), _totals(theirs))


def _totals(figures: Figures) -> list[float]:
    return [sum(values) for values in zip(*figures.cpu_us.values(), strict=True)]


def _without_gateway(place: Place) -> list[str]:
    if place.whole:
        return []
    return ["**The gateway did not run**: an edge without checks stood in its place."]
