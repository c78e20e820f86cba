"""The gRPC service of incidents: convert, call one use case, convert back."""

import uuid
from dataclasses import dataclass

from lkmr.auth.v1 import incident_service_pb2 as pb
from lkmr.auth.v1.incident_service_pb2_grpc import IncidentServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_access.matrix import allowed, roles_with
from lkmr_auth.api import incident_json as made
from lkmr_auth.api.administration_json import id_of
from lkmr_auth.domain.errors import IncidentNotFound
from lkmr_auth.usecases.administration.incidents import (
    advance_leak,
    close_incident,
    list_incidents,
    read_incident,
    report_leak,
    take_incident,
)
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.audit import about
from lkmr_servicekit.grpc_server import Context, Rule, caller_of
from lkmr_servicekit.resource_names import ids_in

SERVICE = "lkmr.auth.v1.IncidentService"
_READERS = sorted(roles_with("incidents", "R", "gam"))
_WORKERS = sorted(roles_with("incidents", "U", "g"))


def _work(audit: str, *, step_up: bool = False) -> Rule:
    return Rule.people("gateway", roles=_WORKERS, audit=audit, step_up=step_up)


RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ListIncidents": Rule.people("gateway", roles=_READERS, audit="incident.list"),
        "ReadIncident": Rule.people("gateway", roles=_READERS, audit="incident.read"),
        "AdvanceIncident": _work("incident.advance"),
        "ReportLeak": _work("incident.leak_report", step_up=True),
        "AdvanceLeak": _work("incident.leak_advance", step_up=True),
    }.items()
}


def _masked() -> bool:
    """Whether the caller sees incidents without people (scopes `a` and `m` of the matrix)."""
    return allowed(caller_of().held_roles, "incidents", "R") != "g"


def _id(name: str) -> uuid.UUID:
    (identity,) = ids_in(name, "incidents")
    return id_of(identity, IncidentNotFound)


@dataclass(slots=True)
class IncidentServicer(IncidentServiceServicer):
    """Serves `lkmr.auth.v1.IncidentService`."""

    parts: AdministrationParts

    async def ListIncidents(self, request: pb.ListIncidentsRequest, _: Context) -> JsonDocument:
        found = await list_incidents(request.state, caller=caller_of(), parts=self.parts)
        return made.incidents_page(found, masked=_masked())

    async def ReadIncident(self, request: pb.ReadIncidentRequest, _: Context) -> JsonDocument:
        identity = _id(request.name)
        found = await read_incident(identity, caller=caller_of(), parts=self.parts)
        return made.incident(found, masked=_masked())

    async def AdvanceIncident(
        self, request: pb.AdvanceIncidentRequest, _: Context
    ) -> pb.AdvanceIncidentResponse:
        identity, caller = _id(request.name), caller_of()
        about(purpose="CLOSE" if request.resolution else "TAKE")
        if request.resolution:
            await close_incident(identity, request.resolution, caller=caller, parts=self.parts)
        else:
            await take_incident(identity, caller=caller, parts=self.parts)
        return pb.AdvanceIncidentResponse()

    async def ReportLeak(self, request: pb.ReportLeakRequest, _: Context) -> pb.ReportLeakResponse:
        content = dict(request.content)
        discovered = made.discover_time_of(content)
        identity = await report_leak(discovered, content, caller=caller_of(), parts=self.parts)
        return pb.ReportLeakResponse(name=f"incidents/{identity}")

    async def AdvanceLeak(
        self, request: pb.AdvanceLeakRequest, _: Context
    ) -> pb.AdvanceLeakResponse:
        step = made.leak_step_of(request.step)
        about(purpose=step.value)
        await advance_leak(
            _id(request.name), step, request.text, caller=caller_of(), parts=self.parts
        )
        return pb.AdvanceLeakResponse()
