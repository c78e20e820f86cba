"""The gRPC service of proofs of identity: convert, call one use case, convert back."""

from dataclasses import dataclass

from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as pb
from lkmr.auth.v1.identity_service_pb2_grpc import IdentityServiceServicer

from lkmr_auth.api import convert
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.step_up import StepUp, confirm_step_up, get_step_up, start_step_up
from lkmr_servicekit.grpc_server import Context, Rule
from lkmr_servicekit.personal import Personal

SERVICE = "lkmr.auth.v1.IdentityService"
_MAX_PASSWORD = 256
RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "GetStepUp": Rule.people("gateway"),
        "StartStepUp": Rule.people("gateway", audit="not: the use case journals its refusals"),
        "ConfirmStepUp": Rule.people("gateway", audit="not: the use case journals how it ended"),
    }.items()
}


@dataclass(slots=True)
class IdentityServicer(IdentityServiceServicer):
    """Serves `lkmr.auth.v1.IdentityService`."""

    parts: IdentityParts

    async def GetStepUp(self, request: pb.GetStepUpRequest, _: Context) -> pb.StepUp:
        return _step_up_to_proto(await get_step_up(request.session_hash, parts=self.parts))

    async def StartStepUp(self, request: pb.StartStepUpRequest, _: Context) -> pb.StepUp:
        return _step_up_to_proto(await start_step_up(request.session_hash, parts=self.parts))

    async def ConfirmStepUp(
        self, request: pb.ConfirmStepUpRequest, _: Context
    ) -> auth_pb.SessionStarted:
        password = Personal(request.password[:_MAX_PASSWORD])
        step = await confirm_step_up(request.session_hash, request.code, password, parts=self.parts)
        return convert.session_started_to_proto(step)


def _step_up_to_proto(found: StepUp) -> pb.StepUp:
    made = pb.StepUp(password_required=found.password_required)
    if found.code is not None:
        made.code.CopyFrom(convert.code_to_proto(found.code))
    if found.expire_time is not None:
        made.expire_time.FromDatetime(found.expire_time)
    return made
