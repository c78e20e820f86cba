"""Composition of the partner process."""

from functools import partial

from lkmr.accreditation.v1 import events_pb2 as accreditation
from lkmr.partner.v1.specialist_service_pb2_grpc import add_SpecialistServiceServicer_to_server
from nats.aio.msg import Msg

from lkmr_access.auth_client import AuthClient
from lkmr_esia import TokenPolicy, TrustedCertificates
from lkmr_gateway.journal import Acts
from lkmr_gateway.partner import backend
from lkmr_gateway.partner.acts import ActRecorder
from lkmr_gateway.partner.admission import SERVICE, Admission
from lkmr_gateway.partner.config import Config
from lkmr_gateway.partner.gate import Gate
from lkmr_gateway.partner.journal import Journal
from lkmr_gateway.partner.registry import Registry
from lkmr_gateway.partner.server import PartnerServer
from lkmr_gateway.partner.servicer import Servicer, Wake
from lkmr_gateway.partner.tokens import PartnerTokens
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.events import Bus, subject_of
from lkmr_servicekit.grpc_client import JobTokens, Peer
from lkmr_servicekit.program import Program, run

NAME = "partner"
_CHANGES = (
    accreditation.AccreditationRecorded,
    accreditation.AccreditationChanged,
    accreditation.AccreditationAnnulled,
)


async def start(config: Config, program: Program) -> None:
    """Open connections, then serve partners."""
    enter, clock = program.stack.enter_async_context, SystemClock.from_env()
    to_auth = await enter(Peer("auth", config.auth_url, tls_dir=config.tls_dir))
    to_accreditation = await enter(
        Peer(
            "accreditation",
            config.accreditation_url,
            tls_dir=config.tls_dir,
            repeatable=backend.REPEATABLE,
        )
    )
    registry, wake = Registry(config.registry_file), Wake()
    trusted = TrustedCertificates(config.esia_trust_certs_dir)

    def policy() -> TokenPolicy:
        return TokenPolicy(
            issuer=config.esia_issuer,
            client_ids=registry.client_ids(),
            certificates=trusted,
            system_tokens=True,
        )

    admission = Admission(
        registry,
        PartnerTokens(policy, clock),
        warn_days=config.warn_days,
        replicas=config.replicas,
        factor=config.limit_factor,
    )
    recorder = ActRecorder(to_auth)
    refusals = Acts(recorder.tell)
    journal = Journal(recorder.record, refusals.report, clock)
    program.background("refusals", refusals.run())
    program.background("changes", _hear_changes(config, wake))
    server = PartnerServer(config, Gate(admission, journal))
    tokens = JobTokens(AuthClient(to_auth).job_token, clock)
    specialists = backend.Specialists(to_accreditation, tokens)
    add_SpecialistServiceServicer_to_server(Servicer(specialists, registry, wake), server.grpc)
    server.names.append(SERVICE)
    await enter(server)


async def _hear_changes(config: Config, wake: Wake) -> None:
    """Wake the streams when entries change; without NATS they look by themselves."""

    async def heard(_: Msg) -> None:
        wake.changed()

    async with Bus(config.nats_url, config.nats_password.get_secret_value(), name=NAME) as bus:
        for kind in _CHANGES:
            await bus.watch(subject_of(kind), heard)
        await Wake().wait(float("inf"))


def main() -> None:
    """Run the partner edge until it is told to stop."""
    config = Config.load()
    run(NAME, config, partial(start, config))
