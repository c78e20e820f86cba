"""Questions that a system puts to a person in the mobile application of Gosuslugi.

ESIA publishes no such interface, so its shape is ours: a system asks with the access token of the
person, and looks at the answer until it comes or the time is over.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from lkmr_gosuslugi_stand_in.world import World

_KIND = "approval"
_KEPT = timedelta(days=1)
MAX_SECONDS = 600
Decision = Literal["APPROVED", "DECLINED"]
State = Literal["PENDING", "APPROVED", "DECLINED", "CANCELLED", "EXPIRED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One question to one person. `client_id` is empty for the portal's own sign-in."""

    id: str
    oid: int
    client_id: str
    text: str
    asked: str
    expires: str
    decision: Literal["", "APPROVED", "DECLINED", "CANCELLED"] = ""

    @property
    def expire_time(self) -> datetime:
        return datetime.fromisoformat(self.expires)

    def state(self, now: datetime) -> State:
        """What became of it; an unanswered question expires."""
        if self.decision:
            return self.decision
        return "PENDING" if now < self.expire_time else "EXPIRED"


def ask(world: World, oid: int, client_id: str, text: str, seconds: int) -> Approval:
    """Put a question; an open one of the same system to this person is cancelled by it."""
    now = world.now()
    for one in _of(world, oid):
        if one.client_id == client_id and one.state(now) == "PENDING":
            _save(world, replace(one, decision="CANCELLED"))
    asked = Approval(
        id=str(uuid4()),
        oid=oid,
        client_id=client_id,
        text=text,
        asked=now.isoformat(),
        expires=(now + timedelta(seconds=min(max(seconds, 1), MAX_SECONDS))).isoformat(),
    )
    return _save(world, asked)


def find(world: World, name: str, oid: int) -> Approval | None:
    """A question to this very person."""
    known = world.store.find(_KIND, name)
    found = Approval(**known) if known else None
    return found if found and found.oid == oid else None


def decide(world: World, name: str, oid: int, decision: Decision) -> State | None:
    """Answer an open question; the state that it has afterwards, None for a foreign one.

    An answer stands: a second one, or one that comes too late, changes nothing.
    """
    found = find(world, name, oid)
    if found is None:
        return None
    if found.state(world.now()) == "PENDING":
        found = _save(world, replace(found, decision=decision))
    return found.state(world.now())


def cancel(world: World, approval: Approval) -> None:
    """The system asks no more."""
    if approval.state(world.now()) == "PENDING":
        _save(world, replace(approval, decision="CANCELLED"))


def list_of(world: World, oid: int) -> list[Approval]:
    """Questions to a person, newest first."""
    return sorted(_of(world, oid), key=lambda one: one.asked, reverse=True)


def forget_answered(world: World) -> int:
    """Drop questions older than a day; gives how many."""
    border = world.now() - _KEPT
    old = [key for key, one in world.store.documents(_KIND) if _before(one["expires"], border)]
    return sum(world.store.delete(_KIND, key) for key in old)


def _before(text: str, border: datetime) -> bool:
    return datetime.fromisoformat(text) < border


def _of(world: World, oid: int) -> list[Approval]:
    return [Approval(**one) for _, one in world.store.documents(_KIND) if one["oid"] == oid]


def _save(world: World, approval: Approval) -> Approval:
    world.store.put(_KIND, approval.id, asdict(approval))
    return approval
