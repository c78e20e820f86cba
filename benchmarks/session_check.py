"""3: what the check of session and token costs, as a share of a request.

The code that is timed is the gateway's own (cookie, look-up in its memory, validity, right to the
section) and the service's own (caller token, verified before), each called as a request calls it.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import RSAKey
from lkmr.auth.v1 import auth_service_pb2 as pb

from benchmarks.measure import Timing, side_by_side
from benchmarks.place import ROUTE, USER_AGENT, Place
from benchmarks.report import Aim, Report, Table, load_table
from lkmr_gateway.access import rule_of
from lkmr_gateway.exchange import SESSION_COOKIE, Exchange
from lkmr_gateway.session import Sessions
from lkmr_gateway.trust import Hearing
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.identity import Caller, CallerKind, TokenSigner, TokenVerifier

COOKIE = b"Z3VhcmRlZC1ieS1vdXItb3duLWdhdGV3YXktMDAwMDE"
SESSIONS = 10_000
MISSES, HEARD_EACH = 100, 1000
_CLOCK = SystemClock()

Check = Callable[[], Awaitable[object]]


async def run_session_check(
    place: Place, timing: Timing, *, calls: int = 50_000, live: int = 200_000
) -> Report:
    """In this process, against a whole request as it is measured next to it."""
    ours = await place.ours()
    checks = await made_checks()
    micros = {name: await micros_of(check, calls // slow) for name, (check, slow) in checks.items()}
    nothing = micros.pop("nothing")
    costs = {name: max(0.0, value - nothing) for name, value in micros.items()}
    seen = (await side_by_side([ours], timing))[ours.name]
    whole = seen.total_cpu_us
    check = costs["gateway: session"] + costs["service: caller token"]
    verified = costs["for comparison: RS256 verified on each request"]
    table = Table(["check", "µs", "share of a request"])
    table.rows = [
        [name, f"{cost:.2f}", f"{cost / whole:.2%}"]
        for name, cost in {**costs, "session and token together": check}.items()
    ]
    report = Report("session_check", "The check of session and token")
    bytes_each = await bytes_of_a_session(live)
    report.aims = [
        Aim.at_most("share of a request's CPU", 2, check / whole * 100, " %"),
        Aim.at_most("memory of a live session", 2500, bytes_each, " bytes"),
    ]
    held = Table(["live sessions in one gateway", "bytes each", "MiB in all"])
    held.rows = [[str(live), f"{bytes_each:.0f}", f"{bytes_each * live / 2**20:.0f}"]]
    report.tables = [table, load_table({ours.name: seen}), held]
    report.notes = [
        f"The gateway holds {SESSIONS} sessions; another one asks each time.",
        f"One miss in {MISSES}: the work of the gateway itself, without the call to `auth`.",
        f"An RS256 token verified on each request would cost {verified / check:.0f} times that.",
    ]
    return report


async def made_checks() -> dict[str, tuple[Check, int]]:
    """Checks by name, and by how much fewer calls a slow one is measured."""
    sessions, exchanges, hearing = await _sessions()
    rule = rule_of("GET", ROUTE)
    verifier, tokens = _verifier()
    key = RSAKey.generate_key(2048)
    bearer = jwt.encode({"alg": "RS256"}, {"sub": "1000299001"}, key)
    turn = itertools.cycle(exchanges)
    next_token = itertools.cycle(tokens)
    agent = exchanges[0].headers[b"user-agent"]
    numbers, heard = itertools.count(), itertools.count()

    async def nothing() -> object:
        return next(turn)

    async def session() -> object:
        exchange = next(turn)
        if next(heard) % HEARD_EACH == 0:
            hearing.note()  # a busy machine must not make a gateway that lost the bus of this one
        entry = await sessions.get(exchange.cookie(SESSION_COOKIE), exchange.headers[b"user-agent"])
        assert rule.scope_for(entry.roles)
        return entry

    async def missing() -> object:
        number = next(numbers)
        if number % MISSES:
            return await session()
        return await sessions.get(b"fresh" + b"%038d" % number, agent)

    async def caller() -> object:
        return await verifier.verify(next(next_token))

    async def rs256() -> object:
        return jwt.decode(bearer, key)

    for _ in tokens:
        await caller()
    assert (await session()) is not None
    return {
        "nothing": (nothing, 1),
        "gateway: session": (session, 1),
        "gateway: session, one miss in a hundred": (missing, 1),
        "service: caller token": (caller, 1),
        "for comparison: RS256 verified on each request": (rs256, 50),
    }


async def micros_of(check: Check, calls: int) -> float:
    """CPU microseconds of one call: the best of five rows, as others may use the machine."""
    best = float("inf")
    for _ in range(5):
        await asyncio.sleep(0)
        start = time.process_time()
        for _ in range(max(calls // 5, 1)):
            await check()
        best = min(best, (time.process_time() - start) / max(calls // 5, 1))
    return best * 1e6


async def bytes_of_a_session(live: int) -> float:
    """Resident memory of a gateway's session, with a caller token of its own for each."""
    before = psutil.Process().memory_info().rss
    sessions, _, _ = await _sessions(live, keep=False)
    after = psutil.Process().memory_info().rss
    assert len(sessions) == live
    return max(0, after - before) / live


async def _sessions(
    count: int = SESSIONS, *, keep: bool = True
) -> tuple[Sessions, list[Exchange], Hearing]:
    """The gateway's sessions, all resolved, and a request of each."""
    hearing = Hearing()
    hearing.note()

    async def resolve(key: bytes, _: str) -> pb.Session:
        return _session(_CLOCK.now(), key.hex())

    async def touch(_: bytes, __: datetime) -> None:
        raise AssertionError("nothing is reported here")

    async def verify(_: str) -> bool:
        return True

    sessions = Sessions(
        resolve=resolve,
        touch=touch,
        verify=verify,
        hearing=hearing,
        clock=_CLOCK,
        size=max(count, 100_000),
    )
    exchanges = []
    for number in range(count):
        exchange = _exchange(COOKIE[:-6] + b"%06d" % number)
        await sessions.get(exchange.cookie(SESSION_COOKIE), exchange.headers[b"user-agent"])
        if keep:
            exchanges.append(exchange)
    hearing.note()
    return sessions, exchanges, hearing


def _session(now: datetime, own: str) -> pb.Session:
    session = pb.Session(
        name="sessions/1",
        person="00000000-0000-4000-8000-000000000001",
        worker="00000000-0000-4000-8000-000000000020",
        caller_token=own + "x" * 536,
        idle_seconds=900,
        active_profile=pb.Profile(name="org-gp1/DOCTOR", organization="org-gp1", role="DOCTOR"),
    )
    session.caller_token_expire_time.FromDatetime(now + timedelta(minutes=5))
    session.expire_time.FromDatetime(now + timedelta(hours=8))
    session.active_time.FromDatetime(now)
    return session


def _exchange(cookie: bytes) -> Exchange:
    headers = {
        b"host": b"localhost:8080",
        b"user-agent": USER_AGENT.encode(),
        b"accept": b"application/json",
        b"cookie": SESSION_COOKIE + b"=" + cookie,
    }
    scope = {"method": "GET", "path": ROUTE, "query_string": b"", "scheme": "http"}
    return Exchange(scope, headers, "127.0.0.1")


def _verifier() -> tuple[TokenVerifier, list[str]]:
    signer = TokenSigner("k1", Ed25519PrivateKey.generate(), _CLOCK)

    async def keys() -> dict[str, bytes]:
        return {"k1": signer.key.public_key().public_bytes_raw()}

    callers = [
        Caller(
            kind=CallerKind.PERSON,
            subject=str(number),
            expire_time=0,
            session=str(number),
            worker="00000000-0000-4000-8000-000000000020",
            roles=("DOCTOR",),
        )
        for number in range(200)
    ]
    tokens = [signer.caller_token(caller, _CLOCK.now())[0] for caller in callers]
    return TokenVerifier(keys, _CLOCK), tokens
