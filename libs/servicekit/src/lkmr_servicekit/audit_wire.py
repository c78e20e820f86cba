"""Acts as messages, and the way by which those of a service leave: its outbox."""

from dataclasses import replace
from datetime import UTC

from lkmr.type.v1 import act_pb2 as pb
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit import telemetry
from lkmr_servicekit.audit import Act, Result, apart
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.outbox import Outbox

ACT_TOPIC = "lkmr.{service}.v1.act.recorded"
"""The subject on which a service announces its acts."""


def act_to_proto(act: Act) -> pb.Act:
    """The message of an act whose time is known."""
    made = pb.Act(
        operation=act.operation,
        object=act.object,
        subject=act.subject,
        result=pb.Act.Result.Value(f"RESULT_{act.result.value}"),
        reason=act.reason,
        actor=act.actor,
        on_behalf_of=act.on_behalf_of,
        roles=act.roles,
        organization=act.organization,
        session=act.session,
        purpose=act.purpose,
        basis=act.basis,
        trace_id=act.trace_id,
        device=act.device,
    )
    if act.time is not None:
        made.time.FromDatetime(act.time)
    return made


def act_from_proto(act: pb.Act) -> Act:
    """The act of a message. Raises ValueError for one that cannot stand in the journal."""
    word = pb.Act.Result.Name(act.result).removeprefix("RESULT_")
    if word == "UNSPECIFIED" or not act.HasField("time"):
        raise ValueError("ACT_INCOMPLETE")
    return Act(
        operation=act.operation,
        object=act.object,
        subject=act.subject,
        result=Result(word),
        reason=act.reason,
        time=act.time.ToDatetime(UTC),
        actor=act.actor,
        on_behalf_of=act.on_behalf_of,
        roles=tuple(act.roles),
        organization=act.organization,
        session=act.session,
        purpose=act.purpose,
        basis=act.basis,
        trace_id=act.trace_id,
        device=act.device,
    )


class OutboxJournal:
    """Acts leave through the outbox of the service and reach `auth` exactly once in effect."""

    def __init__(self, database: Database, source: str, clock: Clock) -> None:
        self._database, self._source, self._clock = database, source, clock

    async def write(self, connection: AsyncConnection, act: Act) -> None:
        trace = telemetry.current_trace()
        act = replace(
            act,
            time=act.time or self._clock.now(),
            trace_id=act.trace_id or (trace.trace_id if trace else ""),
        )
        topic = ACT_TOPIC.format(service=self._source.replace("-", "_"))
        announcement = Announcement(act.object or "acts", act_to_proto(act), topic=topic)
        await Outbox(connection, source=self._source, clock=self._clock).add([announcement])

    async def write_alone(self, act: Act) -> None:
        with apart():
            async with UnitOfWork(self._database) as uow:
                await self.write(uow.connection, act)
                await uow.commit()
