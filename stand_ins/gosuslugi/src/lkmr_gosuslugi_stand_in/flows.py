"""A sign-in in progress: from the first page to the consent, kept across restarts."""

import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.authorization import AuthorizationRequest
from lkmr_gosuslugi_stand_in.world import World

_KIND = "flow"
_LIFE = timedelta(minutes=30)
CODE_DIGITS = 6
Stage = Literal["password", "phone", "code", "app", "consent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """A one-time code on its way; only keyed digests are kept."""

    mac: str
    earlier: list[str]
    sent: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One sign-in of one browser; `request` is None for the portal's own."""

    id: str
    browser: str
    site: str
    """The address under which this browser reaches us."""
    started: str
    request: dict[str, Any] | None
    return_to: str = "/"
    stage: Stage = "password"
    oid: int = 0
    phone: str = ""
    approval: str = ""
    """The question in the application that this sign-in waits for."""
    code: dict[str, Any] | None = None
    earlier: list[str] = field(default_factory=list)

    @property
    def authorization(self) -> AuthorizationRequest | None:
        return AuthorizationRequest(**self.request) if self.request else None

    @property
    def sent_code(self) -> SentCode | None:
        return SentCode(**self.code) if self.code else None


def begin(
    world: World,
    browser: str,
    site: str,
    request: AuthorizationRequest | None,
    return_to: str = "/",
) -> Flow:
    """Start a sign-in for a browser."""
    flow = Flow(
        id=secrets.token_urlsafe(18),
        browser=world.mac("browser", browser),
        site=site,
        started=world.now().isoformat(),
        request=asdict(request) if request else None,
        return_to=return_to,
    )
    return save(world, flow)


def save(world: World, flow: Flow) -> Flow:
    world.store.put(_KIND, flow.id, asdict(flow))
    return flow


def find(world: World, flow_id: str, browser: str) -> Flow | None:
    """The sign-in of this very browser, if it is not older than half an hour."""
    known = world.store.find(_KIND, flow_id)
    if known is None or _is_late(world, known["started"]):
        return None
    flow = Flow(**known)
    return flow if flow.browser == world.mac("browser", browser) else None


def end(world: World, flow: Flow) -> None:
    world.store.delete(_KIND, flow.id)


def new_code(world: World, flow: Flow, person: Person) -> tuple[Flow, str]:
    """Make a code that replaces the one before; the caller sends it."""
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    before = flow.sent_code
    earlier = [*before.earlier, before.mac][-5:] if before else []
    sent = SentCode(
        mac=_mac(world, flow, digits),
        earlier=earlier,
        sent=world.now().isoformat(),
        left=world.switches.sms_attempts,
    )
    changed = replace(flow, stage="code", oid=person.esia_oid or 0, code=asdict(sent))
    return save(world, changed), digits


def seconds_to_resend(world: World, flow: Flow) -> int:
    """How long the person must wait before asking a new code."""
    sent = flow.sent_code
    if sent is None:
        return 0
    wait = timedelta(seconds=world.switches.sms_resend_seconds)
    left = datetime.fromisoformat(sent.sent) + wait - world.now()
    return max(0, -int(-left.total_seconds() // 1))


def forget_late(world: World) -> int:
    """Drop sign-ins that were given up; gives how many."""
    late = [key for key, one in world.store.documents(_KIND) if _is_late(world, one["started"])]
    return sum(world.store.delete(_KIND, key) for key in late)


Verdict = Literal["right", "wrong", "earlier", "late", "used up"]


def try_code(world: World, flow: Flow, digits: str) -> tuple[Verdict, int]:
    """Compare a code; an attempt is taken before the comparison. Gives the attempts left."""
    sent = flow.sent_code
    if sent is None or sent.left <= 0:
        return "used up", 0
    life = timedelta(seconds=world.switches.sms_ttl_seconds)
    if world.now() > datetime.fromisoformat(sent.sent) + life:
        return "late", sent.left
    mac, left = _mac(world, flow, digits), sent.left - 1
    save(world, replace(flow, code=asdict(replace(sent, left=left))))
    if secrets.compare_digest(mac, sent.mac):
        return "right", left
    if mac in sent.earlier:
        return "earlier", left
    return ("wrong" if left else "used up"), left


def _mac(world: World, flow: Flow, digits: str) -> str:
    return world.mac("code", f"{flow.id}:{digits}")


def _is_late(world: World, started: str) -> bool:
    return world.now() - datetime.fromisoformat(started) > _LIFE
