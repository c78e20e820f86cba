"""Translation between the contract with partners and our services; nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator

from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation
from lkmr.partner.v1 import specialist_service_pb2 as pb
from lkmr.partner.v1.specialist_service_pb2_grpc import SpecialistServiceServicer

from lkmr_gateway.partner import refusals
from lkmr_gateway.partner.admission import current_partner
from lkmr_gateway.partner.backend import Specialists
from lkmr_gateway.partner.journal import concerns
from lkmr_gateway.partner.registry import Registry
from lkmr_servicekit.errors import FieldFault
from lkmr_servicekit.grpc_server import Context, current_deadline

PORTION = 200
POLL_SECONDS = 5.0
LAST_WORD_SECONDS = 0.5


class Wake:
    """Streams wait here for the next change; a poll is their net."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def changed(self) -> None:
        """Something changed: whoever waits now goes on."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until something changes, at most so long."""
        event = self._event
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


class Servicer(SpecialistServiceServicer):
    """The partner edge as partners see it."""

    def __init__(self, specialists: Specialists, registry: Registry, wake: Wake) -> None:
        self._specialists, self._registry, self._wake = specialists, registry, wake

    async def CheckSpecialist(
        self, request: pb.CheckSpecialistRequest, _: Context
    ) -> pb.SpecialistCheck:
        (check,) = await self._check([request.query])
        return check

    async def BatchCheckSpecialists(
        self, request: pb.BatchCheckSpecialistsRequest, _: Context
    ) -> pb.BatchCheckSpecialistsResponse:
        return pb.BatchCheckSpecialistsResponse(checks=await self._check(list(request.queries)))

    async def _check(self, queries: list[pb.SpecialistQuery]) -> list[pb.SpecialistCheck]:
        partner = current_partner.get()
        if not 0 < len(queries) <= partner.batch:
            fault = FieldFault("queries", "COUNT_INVALID", f"1 to {partner.batch}")
            raise refusals.request_invalid([fault])
        standings = await self._specialists.check(partner.id, partner.day_quota, queries)
        concerns([one.worker for one in standings if one.worker])
        return [_check_of(one) for one in standings]

    async def WatchAccreditations(
        self, request: pb.WatchAccreditationsRequest, _: Context
    ) -> AsyncIterator[pb.WatchAccreditationsResponse]:
        cursor, first = request.cursor, True
        while (left := self._left()) > 0:
            self._still_welcome()
            changes, cursor = await self._specialists.changes(cursor, PORTION)
            if changes or first:
                made = [_change_of(one) for one in changes]
                yield pb.WatchAccreditationsResponse(changes=made, cursor=cursor)
            first = False
            if len(changes) < PORTION:
                await self._wake.wait(min(POLL_SECONDS, max(0.0, left)))

    def _still_welcome(self) -> None:
        """A partner may be suspended while it listens. Raises ServiceError PARTNER_SUSPENDED."""
        mine = current_partner.get().id
        if not any(one.id == mine and not one.suspended for one in self._registry.all()):
            raise refusals.suspended()

    @staticmethod
    def _left() -> float:
        """Seconds until a stream ends by itself, shortly before its deadline."""
        return (current_deadline.get() or 0.0) - time.monotonic() - LAST_WORD_SECONDS


def _check_of(standing: accreditation.SpecialistStanding) -> pb.SpecialistCheck:
    return pb.SpecialistCheck(
        verdict=pb.SpecialistCheck.Verdict.Value(f"VERDICT_{standing.verdict}"),
        reason=standing.reason,
        accreditation=standing.accreditation,
        registry_number=standing.registry_number,
        kind=standing.kind,
        expire_date=standing.expire_date,
        day=standing.day,
        confirm_time=standing.confirm_time if standing.HasField("confirm_time") else None,
    )


def _change_of(change: accreditation.EntryChange) -> pb.AccreditationChange:
    return pb.AccreditationChange(
        accreditation=change.accreditation, change=change.change, change_time=change.change_time
    )
