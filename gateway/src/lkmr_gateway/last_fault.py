"""How the last sign-in of a browser ended, so that «Не получается войти?» can name the cause.

The cookie holds a code of the catalogue and a moment, nothing about the person: whoever changes it
only changes which text of the public catalogue they are shown.
"""

import re
from datetime import UTC, datetime, timedelta

from lkmr_gateway.exchange import Exchange, Header
from lkmr_gateway.problems import Entry, Problem, catalogue

FAULT_COOKIE = b"__Host-lkmr-fault"
_LIFE = timedelta(minutes=30)
_FORM = re.compile(r"([A-Z]{3,5}-\d{3})_(\d{9,11})\Z")
_ATTRIBUTES = "Secure; HttpOnly; SameSite=Lax; Path=/"


def remember(problem: Problem, now: datetime) -> Header:
    """The `Set-Cookie` of a refused sign-in."""
    value = f"{problem.code.removeprefix('LKMR-')}_{int(now.timestamp())}"
    life = int(_LIFE.total_seconds())
    return _header(value, life)


def forget() -> Header:
    """The `Set-Cookie` after a sign-in that worked."""
    return _header("", 0)


def last_fault(exchange: Exchange, now: datetime) -> tuple[Entry, datetime] | None:
    """The entry and the moment; None without a refusal in the last half hour."""
    found = _FORM.match(exchange.cookie(FAULT_COOKIE).decode())
    entry = catalogue().get(f"LKMR-{found[1]}") if found else None
    if found is None or entry is None:
        return None
    moment = datetime.fromtimestamp(int(found[2]), UTC)
    return (entry, moment) if now - _LIFE <= moment <= now + timedelta(minutes=1) else None


def _header(value: str, max_age: int) -> Header:
    text = f"{FAULT_COOKIE.decode()}={value}; {_ATTRIBUTES}; Max-Age={max_age}"
    return (b"set-cookie", text.encode("ascii"))
