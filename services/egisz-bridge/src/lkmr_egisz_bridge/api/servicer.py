"""gRPC: convert, call one use case, convert back."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2_grpc as rpc

from lkmr_egisz_bridge.api import convert
from lkmr_egisz_bridge.usecases.check_identity import IdentityCheck, check_identity
from lkmr_egisz_bridge.usecases.find_licences import find_licences
from lkmr_egisz_bridge.usecases.get_worker_card import get_worker_card
from lkmr_egisz_bridge.usecases.list_register_states import list_register_states
from lkmr_egisz_bridge.usecases.ports import (
    AccreditationCenter,
    InsuredRegister,
    LicenceRegister,
    Watched,
    WorkerRegister,
)
from lkmr_egisz_bridge.usecases.stream_worker_cards import stream_worker_cards
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.resource_names import ids_in

PORTION = 250


@dataclass(slots=True)
class EgiszBridgeServicer(rpc.EgiszBridgeServiceServicer):
    """The contract `EgiszBridgeService`."""

    workers: WorkerRegister[pb.WorkerCard]
    insured: InsuredRegister
    center: AccreditationCenter[pb.SendApplicationRequest, pb.ListApplicationNewsResponse]
    licences: LicenceRegister[pb.Licence]
    registers: Sequence[Watched]
    clock: Clock
    observe: Callable[[IdentityCheck[pb.WorkerCard]], None]

    async def CheckIdentity(self, request: pb.CheckIdentityRequest, _: Context) -> pb.IdentityCheck:
        check = await check_identity(
            convert.claim_from_proto(request),
            workers=self.workers,
            insured=self.insured,
            clock=self.clock,
            observe=self.observe,
            by_binding=request.by_binding,
        )
        return convert.check_to_proto(check)

    async def GetWorkerCard(self, request: pb.GetWorkerCardRequest, _: Context) -> pb.WorkerCard:
        (worker,) = ids_in(request.name, "workers")
        return await get_worker_card(
            worker,
            min_version=request.min_version,
            caller=caller_of(),
            workers=self.workers,
        )

    async def StreamWorkerCards(
        self, request: pb.StreamWorkerCardsRequest, _: Context
    ) -> AsyncIterator[pb.WorkerCardBatch]:
        before = request.cursor
        async for page in stream_worker_cards(before, workers=self.workers, portion=PORTION):
            for batch in convert.batches_to_proto(page, before):
                yield batch
            before = page.cursor

    async def SendApplication(
        self, request: pb.SendApplicationRequest, _: Context
    ) -> pb.SendApplicationResponse:
        await self.center.send(request)
        return pb.SendApplicationResponse()

    async def ListApplicationNews(
        self, request: pb.ListApplicationNewsRequest, _: Context
    ) -> pb.ListApplicationNewsResponse:
        return await self.center.news(request.cursor)

    async def ListLicences(
        self, request: pb.ListLicencesRequest, _: Context
    ) -> pb.ListLicencesResponse:
        found = await find_licences(
            request.organization_oids, request.number, licences=self.licences
        )
        return pb.ListLicencesResponse(licences=found)

    async def ListLicenceChanges(
        self, request: pb.ListLicenceChangesRequest, _: Context
    ) -> pb.ListLicenceChangesResponse:
        found = await self.licences.changes(request.cursor)
        return pb.ListLicenceChangesResponse(
            numbers=found.numbers,
            organization_oids=found.organization_oids,
            cursor=found.cursor,
        )

    async def ListRegisterStates(
        self,
        request: pb.ListRegisterStatesRequest,  # noqa: ARG002 - the message is empty
        _: Context,
    ) -> pb.ListRegisterStatesResponse:
        return convert.states_to_proto(await list_register_states(self.registers))
