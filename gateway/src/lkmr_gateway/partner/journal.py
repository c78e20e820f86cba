"""Every call of a partner becomes acts of the audit journal, before its answer leaves.

A check is an act about each worker whom it found, so that workers see who looked and why. The
journal is `auth`'s; while it is away no partner is answered.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from lkmr_gateway.partner.grounds import Reason
from lkmr_gateway.partner.registry import Partner
from lkmr_servicekit.audit import Act, Result
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import current_trace

Record = Callable[[Sequence[Act]], Awaitable[None]]
AT_ONCE = 200
NOTHING_NAMED = "specialists"
_DENYING = {Category.PERMISSION_DENIED, Category.UNAUTHENTICATED}

_call: ContextVar["Call | None"] = ContextVar("partner_call", default=None)


@dataclass(slots=True)
class Call:
    """A call that was let in, and the workers whom it turned out to concern."""

    method: str
    partner: Partner
    reason: Reason
    workers: list[str] = field(default_factory=list)


def concerns(workers: Sequence[str]) -> None:
    """Say whose data the running call gives out (`workers/{worker}`)."""
    call = _call.get()
    if call is not None:
        call.workers += workers


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes acts of partners: by `record` at once or not at all, by `report` at once or later."""

    record: Record
    report: Callable[[Act], Awaitable[None]]
    clock: Clock

    def begin(self, method: str, partner: Partner, reason: Reason) -> Call:
        """A call begins; `concerns` adds to it until it is done."""
        call = Call(method, partner, reason)
        _call.set(call)
        return call

    async def done(self, call: Call) -> None:
        """Journal what was done. Raises ServiceError when the journal is away."""
        objects = list(dict.fromkeys(call.workers)) or [NOTHING_NAMED]
        acts = [
            self._act(call.method, call.partner, call.reason, object_name=one) for one in objects
        ]
        for start in range(0, len(acts), AT_ONCE):
            await self.record(acts[start : start + AT_ONCE])

    async def refused(
        self, method: str, who: Partner | str, reason: Reason, refusal: ServiceError
    ) -> None:
        """Journal a refusal; it stands, and is told later, while the journal is away."""
        result = Result.DENIED if refusal.category in _DENYING else Result.FAILED
        act = self._act(method, who, reason, result=result, code=refusal.reason)
        await self.report(act)

    def _act(
        self,
        method: str,
        who: Partner | str,
        reason: Reason,
        *,
        object_name: str = NOTHING_NAMED,
        result: Result = Result.ALLOWED,
        code: str = "",
    ) -> Act:
        trace = current_trace()
        return Act(
            operation=operation_of(method),
            object=object_name,
            result=result,
            reason=code,
            time=self.clock.now(),
            actor=f"partners/{who.id if isinstance(who, Partner) else who}",
            roles=(_role_of(who),) if isinstance(who, Partner) else (),
            purpose=reason.purpose,
            basis=reason.basis,
            trace_id=trace.trace_id if trace else "",
        )


def operation_of(method: str) -> str:
    """`/…SpecialistService/CheckSpecialist` → `partner.check_specialist`."""
    name = method.rpartition("/")[2]
    return "partner." + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _role_of(partner: Partner) -> str:
    """The journal says when a certificate alone was enough."""
    return "PARTNER" if partner.token_required else "PARTNER_WITHOUT_TOKEN"
