"""Reports for supervising bodies by gRPC."""

from dataclasses import dataclass

from lkmr.egisz_bridge.v1 import report_service_pb2 as pb
from lkmr.egisz_bridge.v1 import report_service_pb2_grpc as rpc

from lkmr_egisz_bridge.usecases.ports import HealthAuthority
from lkmr_servicekit.grpc_server import Context


@dataclass(slots=True)
class ReportServicer(rpc.ReportServiceServicer):
    """The contract `ReportService`."""

    authority: HealthAuthority[pb.SendReportRequest, pb.ReportReceipt]

    async def SendReport(self, request: pb.SendReportRequest, _: Context) -> pb.ReportReceipt:
        return await self.authority.send(request)

    async def GetReport(self, request: pb.GetReportRequest, _: Context) -> pb.ReportReceipt:
        return await self.authority.get(request.number)
