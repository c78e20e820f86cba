"""The gRPC service of passkeys and backup codes: convert, call one use case, convert back."""

import hashlib
import uuid
from dataclasses import dataclass

import orjson
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import passkey_service_pb2 as pb
from lkmr.auth.v1.passkey_service_pb2_grpc import PasskeyServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.api import convert
from lkmr_auth.api.administration_json import id_of
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.proof_errors import PasskeyNotFound
from lkmr_auth.usecases.parts import IdentityParts, PasskeyParts
from lkmr_auth.usecases.passkeys.keep_backup_codes import make_backup_codes
from lkmr_auth.usecases.passkeys.keep_passkeys import (
    OwnKeys,
    read_own_keys,
    register,
    remove_passkey,
    rename_passkey,
    start_registration,
)
from lkmr_auth.usecases.passkeys.prove import (
    prove_by_backup_code,
    prove_by_passkey,
    start_passkey_proof,
)
from lkmr_servicekit.grpc_server import Context, Rule, caller_of
from lkmr_servicekit.personal import Personal

SERVICE = "lkmr.auth.v1.PasskeyService"
_MAX_PASSWORD = 256
_BY_USE_CASE = "not: the use case journals it with the key"
_PROOF = Rule.people("gateway", audit="not: the use case journals how the step-up ended")
RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ReadPasskeys": Rule.people("gateway"),
        "StartPasskey": Rule.people(
            "gateway", step_up=True, audit="not: nothing is kept until the browser answers"
        ),
        "CreatePasskey": Rule.people("gateway", step_up=True, audit=_BY_USE_CASE),
        "RenamePasskey": Rule.people("gateway", audit="not: a name in the owner's own list"),
        "DeletePasskey": Rule.people("gateway", step_up=True, audit=_BY_USE_CASE),
        "IssueBackupCodes": Rule.people("gateway", step_up=True, audit=_BY_USE_CASE),
        "StartPasskeyProof": _PROOF,
        "ProveByPasskey": _PROOF,
        "ProveByBackupCode": _PROOF,
    }.items()
}


@dataclass(slots=True)
class PasskeyServicer(PasskeyServiceServicer):
    """Serves `lkmr.auth.v1.PasskeyService`."""

    identity: IdentityParts
    parts: PasskeyParts

    async def ReadPasskeys(self, _: pb.ReadPasskeysRequest, __: Context) -> JsonDocument:
        return await self._own()

    async def StartPasskey(self, request: pb.StartPasskeyRequest, _: Context) -> pb.PasskeyOptions:
        options = await start_registration(_owner(), request.origin, parts=self.parts)
        return pb.PasskeyOptions(options=options)

    async def CreatePasskey(self, request: pb.CreatePasskeyRequest, _: Context) -> JsonDocument:
        await register(
            _owner(),
            request.display_name,
            request.credential,
            session=caller_of().session,
            parts=self.parts,
        )
        return await self._own()

    async def RenamePasskey(self, request: pb.RenamePasskeyRequest, _: Context) -> JsonDocument:
        key = id_of(request.passkey, PasskeyNotFound)
        await rename_passkey(_owner(), key, request.display_name, parts=self.parts)
        return await self._own()

    async def DeletePasskey(self, request: pb.DeletePasskeyRequest, _: Context) -> JsonDocument:
        key = id_of(request.passkey, PasskeyNotFound)
        await remove_passkey(_owner(), key, session=caller_of().session, parts=self.parts)
        return await self._own()

    async def IssueBackupCodes(
        self, _: pb.IssueBackupCodesRequest, __: Context
    ) -> pb.IssueBackupCodesResponse:
        codes = await make_backup_codes(_owner(), session=caller_of().session, parts=self.parts)
        return pb.IssueBackupCodesResponse(codes=codes)

    async def StartPasskeyProof(
        self, request: pb.StartPasskeyProofRequest, _: Context
    ) -> pb.PasskeyOptions:
        options = await start_passkey_proof(
            request.session_hash, request.origin, identity=self.identity, parts=self.parts
        )
        return pb.PasskeyOptions(options=options)

    async def ProveByPasskey(
        self, request: pb.ProveByPasskeyRequest, _: Context
    ) -> auth_pb.SessionStarted:
        step = await prove_by_passkey(
            request.session_hash, request.credential, identity=self.identity, parts=self.parts
        )
        return convert.session_started_to_proto(step)

    async def ProveByBackupCode(
        self, request: pb.ProveByBackupCodeRequest, _: Context
    ) -> auth_pb.SessionStarted:
        step = await prove_by_backup_code(
            request.session_hash,
            request.code,
            Personal(request.password[:_MAX_PASSWORD]),
            identity=self.identity,
            parts=self.parts,
        )
        return convert.session_started_to_proto(step)

    async def _own(self) -> JsonDocument:
        return _keys_to_proto(await read_own_keys(_owner(), parts=self.parts))


def _owner() -> PersonId:
    return PersonId(uuid.UUID(caller_of().subject))


def _keys_to_proto(found: OwnKeys) -> JsonDocument:
    items = [
        {
            "id": str(one.id),
            "name": one.name.open(),
            "address": one.relying_party,
            "create_time": convert.moment_text(one.create_time),
            "use_time": convert.moment_text(one.use_time) if one.use_time else None,
        }
        for one in found.passkeys
    ]
    body = orjson.dumps({"items": items, "backup_codes_left": found.backup_codes_left})
    return JsonDocument(body=body, etag=hashlib.sha256(body).hexdigest()[:32])
