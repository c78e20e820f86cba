"""The gRPC service of requests about personal data: convert, call one use case, convert back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import orjson
from lkmr.auth.v1 import data_request_service_pb2 as pb
from lkmr.auth.v1.data_request_service_pb2_grpc import DataRequestServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_access.matrix import roles_with
from lkmr_auth.api.administration_json import Json, document, id_of, named, text_of
from lkmr_auth.domain.access_errors import DataRequestNotFound, ErasureNotFound
from lkmr_auth.domain.data_request import DataRequest, Outcome
from lkmr_auth.domain.erasure import Erasure
from lkmr_auth.domain.errors import RequestFieldInvalid
from lkmr_auth.usecases.access import data_requests as requests
from lkmr_auth.usecases.erasure.order import order_erasure
from lkmr_auth.usecases.erasure.parts import ErasureParts
from lkmr_auth.usecases.erasure.read import ordered_on, read_act
from lkmr_auth.usecases.parts import AccessParts
from lkmr_servicekit.audit import about
from lkmr_servicekit.grpc_server import Context, Rule, caller_of
from lkmr_servicekit.resource_names import ids_in

SERVICE = "lkmr.auth.v1.DataRequestService"
_OFFICERS = sorted(roles_with("incidents", "U", "g"))
_STEPS = pb.AdvanceDataRequestRequest
NOTHING: Mapping[uuid.UUID, Erasure] = MappingProxyType({})
RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "SubmitDataRequest": Rule.people("gateway", audit="data_request.submit"),
        "ListOwnDataRequests": Rule.people("gateway"),
        "ListDataRequests": Rule.people("gateway", roles=_OFFICERS, audit="data_request.list"),
        "OrderErasure": Rule.people("gateway", roles=_OFFICERS, audit="erasure.order"),
        "ReadErasureAct": Rule.programs("gateway"),
        "AdvanceDataRequest": Rule.people("gateway", roles=_OFFICERS, audit="data_request.advance"),
    }.items()
}


@dataclass(slots=True)
class DataRequestServicer(DataRequestServiceServicer):
    """Serves `lkmr.auth.v1.DataRequestService`."""

    parts: AccessParts
    erasing: ErasureParts

    async def SubmitDataRequest(
        self, request: pb.SubmitDataRequestRequest, _: Context
    ) -> JsonDocument:
        made = await requests.submit_request(
            request.kind, request.text, caller=caller_of(), parts=self.parts
        )
        about(made.name, purpose=made.kind.value)
        return document(_request(made))

    async def ListOwnDataRequests(
        self, _: pb.ListOwnDataRequestsRequest, __: Context
    ) -> JsonDocument:
        found = await requests.list_own_requests(caller=caller_of(), parts=self.parts)
        ordered = await ordered_on([one.id for one in found], parts=self.erasing)
        return document({"items": [_request(one, ordered) for one in found]})

    async def ListDataRequests(self, _: pb.ListDataRequestsRequest, __: Context) -> JsonDocument:
        found = await requests.list_requests(caller=caller_of(), parts=self.parts)
        ordered = await ordered_on([row.request.id for row in found], parts=self.erasing)
        items = [
            _request(row.request, ordered)
            | {"person": named(row.person, masked=False), "late": row.late}
            for row in found
        ]
        return document({"items": items})

    async def AdvanceDataRequest(
        self, request: pb.AdvanceDataRequestRequest, _: Context
    ) -> pb.AdvanceDataRequestResponse:
        identity, caller = id_of(request.id, DataRequestNotFound), caller_of()
        about(f"dataRequests/{identity}", purpose=_STEPS.Step.Name(request.step))
        if request.step == _STEPS.STEP_TAKE:
            await requests.take_request(identity, caller=caller, parts=self.parts)
        elif request.step == _STEPS.STEP_EXTEND:
            await requests.extend_request(identity, request.text, caller=caller, parts=self.parts)
        elif request.step in {_STEPS.STEP_SATISFY, _STEPS.STEP_REFUSE}:
            satisfied = request.step == _STEPS.STEP_SATISFY
            outcome = Outcome.SATISFIED if satisfied else Outcome.REFUSED
            await requests.answer_request(
                identity, request.text, outcome, caller=caller, parts=self.parts
            )
        else:
            raise RequestFieldInvalid(field="step")
        return pb.AdvanceDataRequestResponse()

    async def OrderErasure(
        self, request: pb.OrderErasureRequest, _: Context
    ) -> pb.OrderErasureResponse:
        identity = id_of(request.id, DataRequestNotFound)
        about(f"erasures/{identity}")
        made = await order_erasure(identity, request.text, caller=caller_of(), parts=self.erasing)
        return pb.OrderErasureResponse(erasure=made.name)

    async def ReadErasureAct(self, request: pb.ReadErasureActRequest, _: Context) -> JsonDocument:
        (identity,) = ids_in(request.name, "erasures")
        found = await read_act(id_of(identity, ErasureNotFound), parts=self.erasing)
        act = orjson.loads(found.act) if found.act else None
        return document(_erasure(found) | {"act": act, "signature": found.signature})


def _erasure(one: Erasure) -> Json:
    return {
        "id": str(one.id),
        "scope": one.scope.value,
        "order_time": text_of(one.order_time),
        "waits_for": list(one.waits_for),
        "act_time": text_of(one.act_time),
    }


def _request(one: DataRequest, ordered: Mapping[uuid.UUID, Erasure] = NOTHING) -> Json:
    erasure = ordered.get(one.id)
    return {
        "id": str(one.id),
        "number": one.number,
        "kind": one.kind.value,
        "state": one.state.value,
        "text": one.text,
        "entry": str(one.event_id) if one.event_id else "",
        "create_time": text_of(one.create_time),
        "due_date": one.due_date.isoformat(),
        "extend_reason": one.extend_reason,
        "answer": one.answer,
        "outcome": one.outcome.value if one.outcome else "",
        "answer_time": text_of(one.answer_time),
        "scope": one.scope.value if one.scope else "",
        "erasure": _erasure(erasure) if erasure else None,
    }
