"""The one way in which a program reports an act to the journal (журнал аудита): docs/audit.md.

A method of a service names its act in its rule (`audit="accreditation.extract.issued"`). The act is
written into the outbox by the first commit of the method, in the transaction of the work; a read,
or a refusal, is written in a transaction of its own before the answer. `auth` chains what arrives.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, ParamSpec, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit import telemetry
from lkmr_servicekit.database import passenger
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller, CallerKind, current_caller
from lkmr_servicekit.telemetry import log

P = ParamSpec("P")
T = TypeVar("T")
NOT_HERE = "not: "
"""How the `audit` of a rule begins when the mechanism writes nothing; the reason follows."""
_OPERATION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}\Z")
_NAME = re.compile(r"[A-Za-z0-9_/{}.:@*-]{0,300}\Z")
_REASON = re.compile(r"([A-Z][A-Z0-9_-]{1,63})?\Z")
_OWNERS = ("workers", "persons", "patients")
_OBJECT_FIELDS = ("name", "parent", "worker", "person", "session")
_DENYING = {Category.PERMISSION_DENIED, Category.NOT_FOUND, Category.UNAUTHENTICATED}

_lost = telemetry.counter("lkmr_acts_not_journalled_total", "Refusals that no journal took")


class Result(Enum):
    """How an act ended: done; refused for want of a right; not done for another reason."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act of a person or program: who, in which role, what, on what, how it ended, why.

    `object` is a resource name, never a name or number of a person. `subject` says whose data it
    is (`workers/…`, `persons/…`, `patients/…`) and is read from the object when left empty.
    `actor` is `persons/…`, `programs/…` or `partners/…`.
    Raises ValueError for what could carry free text.
    """

    operation: str
    object: str
    subject: str = ""
    result: Result = Result.ALLOWED
    reason: str = ""
    time: datetime | None = None
    actor: str = ""
    on_behalf_of: str = ""
    roles: tuple[str, ...] = ()
    organization: str = ""
    session: str = ""
    purpose: str = ""
    basis: str = ""
    trace_id: str = ""
    device: str = ""

    def __post_init__(self) -> None:
        if not _OPERATION.match(self.operation):
            raise ValueError("operation")
        if not _REASON.match(self.reason):
            raise ValueError("reason")
        for field in ("object", "subject", "actor", "on_behalf_of", "session", "organization"):
            if not _NAME.match(getattr(self, field)):
                raise ValueError(field)
        if not self.subject:
            object.__setattr__(self, "subject", subject_of_object(self.object))


def subject_of_object(name: str) -> str:
    """Whose data a resource name speaks of: `workers/7/accreditations/9` → `workers/7`."""
    parts = name.split("/")
    owned = len(parts) > 1 and parts[0] in _OWNERS and "{" not in parts[1]
    return "/".join(parts[:2]) if owned else ""


def done_by(act: Act, caller: Caller | None) -> Act:
    """The act with who did it; a program known by its certificate is named by whoever reports."""
    if caller is None:
        return act
    if caller.kind is CallerKind.JOB:
        return replace(
            act, actor=f"programs/{caller.subject}", purpose=act.purpose or caller.purpose
        )
    return replace(
        act,
        actor=f"persons/{caller.subject}",
        roles=caller.roles,
        organization=caller.organization,
        session=caller.session,
        purpose=act.purpose or caller.purpose,
    )


class Journal(Protocol):
    """Where acts of a service go."""

    async def write(self, connection: AsyncConnection, act: Act) -> None:
        """Write in the transaction of the work."""
        ...

    async def write_alone(self, act: Act) -> None:
        """Write in a transaction of its own. Raises ServiceError DATABASE_UNAVAILABLE."""
        ...


@dataclass(slots=True)
class RunningAct:
    """The act of the call that is being answered; the method may say more about it."""

    operation: str
    object: str
    subject: str = ""
    purpose: str = ""
    basis: str = ""
    written: bool = False

    def ended(self, result: Result = Result.ALLOWED, reason: str = "") -> Act:
        """What goes into the journal."""
        return Act(
            operation=self.operation,
            object=self.object,
            subject=self.subject,
            result=result,
            reason=reason if _REASON.match(reason) else "INTERNAL",
            purpose=self.purpose,
            basis=self.basis,
        )


_running: ContextVar[RunningAct | None] = ContextVar("running_act", default=None)


def about(object_name: str = "", *, subject: str = "", purpose: str = "", basis: str = "") -> None:
    """Say more about the act of this call: what it made, whose data it is, what for.

    Without an audited call around it, as in tests of a servicer, it does nothing.
    """
    act = _running.get()
    if act is None:
        return
    act.object, act.subject = object_name or act.object, subject or act.subject
    act.purpose, act.basis = purpose or act.purpose, basis or act.basis


@contextmanager
def apart() -> Iterator[None]:
    """Work beside the act of this call: its commits do not carry the act."""
    mark = passenger.set(None)
    try:
        yield
    finally:
        passenger.reset(mark)


def beside(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The same work, done `apart` from the act of the call that needs it."""

    async def done(*args: P.args, **kwargs: P.kwargs) -> T:
        with apart():
            return await work(*args, **kwargs)

    return done


@dataclass(frozen=True, slots=True)
class _Aboard:
    """The act of a call on its way into the first commit that is kept."""

    act: RunningAct
    journal: Journal
    peer: str

    async def board(self, connection: AsyncConnection) -> None:
        if not self.act.written:
            await self.journal.write(connection, signed(self.act.ended(), self.peer))

    def arrived(self) -> None:
        self.act.written = True


def signed(act: Act, peer: str) -> Act:
    """The act with the caller of this call, or else with the program at the other end."""
    caller = current_caller.get()
    return replace(act, actor=f"programs/{peer}") if caller is None else done_by(act, caller)


class CallActs:
    """What the server of a service does about the acts of its methods."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def begin(self, operation: str, request: Any, peer: str) -> RunningAct:
        """Expect one act; the first commit of the method will carry it."""
        act = RunningAct(operation, object_of(request))
        _running.set(act)
        passenger.set(_Aboard(act, self._journal, peer))
        return act

    async def finish(self, act: RunningAct, peer: str) -> None:
        """A method that committed nothing was a read: journalled before its answer."""
        if not act.written:
            await self._journal.write_alone(signed(act.ended(), peer))
            act.written = True

    async def refused(self, act: RunningAct, fault: ServiceError, peer: str) -> None:
        """Journal a refusal; a journal that is away does not turn it into a grant."""
        result = Result.DENIED if fault.category in _DENYING else Result.FAILED
        try:
            await self._journal.write_alone(signed(act.ended(result, fault.reason), peer))
        except Exception as away:  # noqa: BLE001 - the refusal stands whatever the journal does
            _lost.inc()
            log.error("refusal.not_journalled", operation=act.operation, kind=type(away).__name__)


def object_of(request: Any) -> str:
    """The resource name in a request; empty when it has none or an unreadable one."""
    known = request.DESCRIPTOR.fields_by_name
    for field in _OBJECT_FIELDS:
        if field in known and isinstance(value := getattr(request, field), str) and value:
            return value if _NAME.match(value) else ""
    return ""


def operation_of(method: str) -> str:
    """A word for a method whose rule names no act: `/lkmr.auth.v1.AuthService/GetContacts`."""
    package, _, name = method.rpartition("/")
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return f"{package.strip('/').split('.')[1]}.rpc.{words}"


def is_named(audit: str) -> bool:
    """Whether a rule names an act. Raises ValueError for a word that is neither."""
    if not audit or audit.startswith(NOT_HERE):
        return False
    if not _OPERATION.match(audit):
        raise ValueError(f"not an operation: {audit}")
    return True
