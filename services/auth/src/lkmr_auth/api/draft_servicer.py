"""The gRPC service of drafts: convert, call one use case, convert back."""

import uuid
from dataclasses import dataclass

from lkmr.auth.v1 import draft_service_pb2 as pb
from lkmr.auth.v1.draft_service_pb2_grpc import DraftServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.api.administration_json import document, text_of
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.keep_drafts import drop_draft, list_drafts, save_draft, save_lost_form
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.grpc_server import Context, Rule, caller_of

SERVICE = "lkmr.auth.v1.DraftService"
_OWN_NOTES = "not: a person's own notes before any act; the act itself is journalled"
RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ListDrafts": Rule.people("gateway"),
        "SaveDraft": Rule.people("gateway", audit=_OWN_NOTES),
        "DeleteDraft": Rule.people("gateway", audit=_OWN_NOTES),
        "SaveLostForm": Rule.programs("gateway", audit=_OWN_NOTES),
    }.items()
}


@dataclass(slots=True)
class DraftServicer(DraftServiceServicer):
    """Serves `lkmr.auth.v1.DraftService`."""

    new_uow: NewUnitOfWork
    clock: Clock

    async def ListDrafts(self, _: pb.ListDraftsRequest, __: Context) -> JsonDocument:
        found = await list_drafts(_owner(), new_uow=self.new_uow, clock=self.clock)
        items = [
            {
                "form": one.form,
                "page": one.page,
                "fields": one.fields.open(),
                "update_time": text_of(one.update_time),
            }
            for one in found
        ]
        return document({"items": items})

    async def SaveDraft(self, request: pb.SaveDraftRequest, _: Context) -> pb.SaveDraftResponse:
        saved = await save_draft(
            _owner(),
            request.form,
            request.page,
            dict(request.fields),
            new_uow=self.new_uow,
            clock=self.clock,
        )
        return pb.SaveDraftResponse(update_time=text_of(saved.update_time))

    async def DeleteDraft(
        self, request: pb.DeleteDraftRequest, _: Context
    ) -> pb.DeleteDraftResponse:
        await drop_draft(_owner(), request.form, new_uow=self.new_uow)
        return pb.DeleteDraftResponse()

    async def SaveLostForm(
        self, request: pb.SaveLostFormRequest, _: Context
    ) -> pb.SaveLostFormResponse:
        await save_lost_form(
            request.session_hash,
            request.form,
            request.page,
            dict(request.fields),
            new_uow=self.new_uow,
            clock=self.clock,
        )
        return pb.SaveLostFormResponse()


def _owner() -> PersonId:
    return PersonId(uuid.UUID(caller_of().subject))
