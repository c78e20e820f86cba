"""Reports for supervising bodies by gRPC."""

from collections.abc import Callable
from dataclasses import dataclass

from lkmr.egisz_bridge.v1 import report_service_pb2 as pb
from lkmr.egisz_bridge.v1 import report_service_pb2_grpc as rpc

from lkmr_egisz_bridge.domain.receipt import Exchange, Receipt
from lkmr_egisz_bridge.usecases.exchange_reports import ask_report, send_report
from lkmr_egisz_bridge.usecases.ports import HealthAuthority, ReceiptStore
from lkmr_servicekit.grpc_server import Context
from lkmr_servicekit.resource_names import ids_in, name_of


@dataclass(slots=True)
class ReportServicer(rpc.ReportServiceServicer):
    """The contract `ReportService`."""

    authority: HealthAuthority[pb.SendReportRequest, pb.ReportReceipt]
    new_store: Callable[[], ReceiptStore]

    async def SendReport(self, request: pb.SendReportRequest, _: Context) -> pb.ReportReceipt:
        return await send_report(
            request, _sent(request), authority=self.authority, new_store=self.new_store
        )

    async def GetReport(self, request: pb.GetReportRequest, _: Context) -> pb.ReportReceipt:
        return await ask_report(request.number, authority=self.authority, new_store=self.new_store)


def _sent(request: pb.SendReportRequest) -> Receipt:
    sender = name_of(persons=ids_in(request.sender, "persons")[0]) if request.sender else ""
    return Receipt(
        exchange=Exchange.REPORT,
        resource=name_of(reports=request.report),
        version=request.version,
        sender=sender,
    )
