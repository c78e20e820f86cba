"""A gateway on a real port over services that are played in this process."""

import asyncio
import hashlib
import json
import sys
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation_pb
from lkmr.accreditation.v1 import accreditation_service_pb2_grpc as accreditation_grpc
from lkmr.accreditation.v1 import compliance_service_pb2 as compliance_pb
from lkmr.accreditation.v1 import compliance_service_pb2_grpc as compliance_grpc
from lkmr.accreditation.v1 import document_service_pb2 as document_pb
from lkmr.accreditation.v1 import document_service_pb2_grpc as document_grpc
from lkmr.auth.v1 import access_service_pb2 as access_pb
from lkmr.auth.v1 import access_service_pb2_grpc as access_grpc
from lkmr.auth.v1 import administration_service_pb2 as administration_pb
from lkmr.auth.v1 import administration_service_pb2_grpc as administration_grpc
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import auth_service_pb2_grpc as auth_grpc
from lkmr.auth.v1 import data_request_service_pb2 as request_pb
from lkmr.auth.v1 import data_request_service_pb2_grpc as request_grpc
from lkmr.auth.v1 import draft_service_pb2 as draft_pb
from lkmr.auth.v1 import draft_service_pb2_grpc as draft_grpc
from lkmr.auth.v1 import identity_service_pb2 as identity_pb
from lkmr.auth.v1 import identity_service_pb2_grpc as identity_grpc
from lkmr.auth.v1 import passkey_service_pb2 as passkey_pb
from lkmr.auth.v1 import passkey_service_pb2_grpc as passkey_grpc
from lkmr.education.v1 import education_service_pb2 as education_pb
from lkmr.education.v1 import education_service_pb2_grpc as education_grpc
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as bridge_pb
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2_grpc as bridge_grpc
from lkmr.notify.v1 import notify_service_pb2 as notify_pb
from lkmr.notify.v1 import notify_service_pb2_grpc as notify_grpc
from lkmr.type.v1.json_document_pb2 import JsonDocument

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "pages"))

import compliance_samples as judged_samples

from lkmr_gateway import main as gateway_main
from lkmr_gateway.config import Config
from lkmr_gateway.edge import Edge
from lkmr_gateway.facts import Facts
from lkmr_gateway.listen import configuration, listening
from lkmr_gateway.parts import Parts
from lkmr_rig.guard import free_port
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.grpc_server import GrpcServer, Rule
from lkmr_servicekit.health import Health

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36"
PERSON, WORKER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
ENTRY_ID, MESSAGE_ID = str(uuid.UUID(int=3)), str(uuid.UUID(int=4))
COOKIE = "s" * 43


def stamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made


def _played(base: type, name: str) -> type:
    """A servicer all of whose methods call `self.on[method]`."""

    def method_of(method: str) -> Callable[..., Any]:
        async def answer(self: Any, request: Any, context: Any) -> Any:
            self.calls.append((method, request))
            self.tokens.append(
                next((v for k, v in context.invocation_metadata() if k == "authorization"), "")
            )
            action = self.on.get(method)
            if action is None:
                raise ServiceError("PLAYED_NOT", Category.INTERNAL)
            made = action(request)
            return await made if asyncio.iscoroutine(made) else made

        return answer

    def init(self: Any) -> None:
        self.on, self.calls, self.tokens = {}, [], []

    methods = {one: method_of(one) for one in vars(base) if not one.startswith("_")}
    return type(name, (base,), {**methods, "__init__": init})


PlayedAuth = _played(auth_grpc.AuthServiceServicer, "PlayedAuth")
PlayedIdentity = _played(identity_grpc.IdentityServiceServicer, "PlayedIdentity")
PlayedAdministration = _played(
    administration_grpc.AdministrationServiceServicer, "PlayedAdministration"
)
PlayedDrafts = _played(draft_grpc.DraftServiceServicer, "PlayedDrafts")
PlayedDataRequests = _played(request_grpc.DataRequestServiceServicer, "PlayedDataRequests")
PlayedAccess = _played(access_grpc.AccessServiceServicer, "PlayedAccess")
PlayedPasskeys = _played(passkey_grpc.PasskeyServiceServicer, "PlayedPasskeys")
PlayedAccreditation = _played(
    accreditation_grpc.AccreditationServiceServicer, "PlayedAccreditation"
)
PlayedCompliance = _played(compliance_grpc.ComplianceServiceServicer, "PlayedCompliance")


class PlayedDocuments(_played(document_grpc.DocumentServiceServicer, "PlayedVault")):  # type: ignore[misc]
    """Its one stream out gives the parts that `on` makes."""

    async def DownloadDocument(self, request: Any, _: Any) -> Any:
        for part in self.on["DownloadDocument"](request):
            yield part


PlayedNotify = _played(notify_grpc.NotifyServiceServicer, "PlayedNotify")
PlayedEducation = _played(education_grpc.EducationServiceServicer, "PlayedEducation")
PlayedBridge = _played(bridge_grpc.EgiszBridgeServiceServicer, "PlayedBridge")


def an_item(**more: Any) -> dict[str, Any]:
    return {
        "id": ENTRY_ID,
        "name": "Аккредитация: терапия",
        "specialty": "терапия",
        "kind": "PERIODIC",
        "state": "EXPIRING",
        "registry_number": "7723 031234567",
        "record_date": "2022-04-20",
        "expire_date": "2027-04-20",
        "days_left": 147,
        "organizations": [{"oid": "1.2.3", "name": "ГП № 1"}],
        "source": {
            "system": "ФРМР",
            "version": "7",
            "fetch_time": "2026-11-24T06:00:00.000Z",
            "stale": False,
        },
        **more,
    }


def a_detail(**more: Any) -> dict[str, Any]:
    return {
        **an_item(),
        "version": 2,
        "specialty_code": "4",
        "education_level": "высшее",
        "commission": "ЦАК",
        "protocol_number": "12",
        "protocol_date": "2022-04-19",
        "printed_expire_date": "2027-04-20",
        "extension": None,
        "update_time": "2026-11-24T06:00:00.000Z",
        "history": [],
        **more,
    }


def a_message(identity: str = MESSAGE_ID, **more: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "kind": "ACCREDITATION_RECORDED",
        "title": "Новая запись об аккредитации",
        "text": "В федеральном регистре появилась запись.",
        "create_time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "read_time": None,
        "group": "DOCUMENTS",
        "why": "Вы владелец этой записи.",
        "urgency": "NOW",
        "task": False,
        "deadline": None,
        "action": "Открыть запись",
        "owner": "",
        "done_time": None,
        "done_by": "",
        "deliveries": [],
        "link": f"/accreditations/{ENTRY_ID}",
        **more,
    }


def document(value: Any) -> JsonDocument:
    body = json.dumps(value, ensure_ascii=False).encode()
    return JsonDocument(body=body, etag=hashlib.sha256(body).hexdigest()[:16])


def a_session(role: str = "DOCTOR", worker: str = WORKER, **more: Any) -> auth_pb.Session:
    now = datetime.now(UTC)
    profile = auth_pb.Profile(
        name=f"org-gp1/{role}",
        organization="org-gp1",
        organization_name="ГБУЗ «Городская поликлиника № 1»",
        organization_short_name="ГП № 1",
        role=role,
        position="врач-терапевт участковый",
    )
    made = auth_pb.Session(
        name=f"persons/{PERSON}/sessions/{uuid.UUID(int=9)}",
        person=PERSON,
        worker=worker,
        family_name="Иванова",
        given_name="Анна",
        patronymic="Сергеевна",
        account_number="ЛК-000001",
        profiles=[profile] if role else [],
        assurance=auth_pb.ASSURANCE_SIGNED_IN,
        expire_time=stamp(now + timedelta(hours=8)),
        active_time=stamp(now),
        idle_seconds=900,
        caller_token="token-of-ivanova",
        caller_token_expire_time=stamp(now + timedelta(minutes=5)),
        start_time=stamp(now),
    )
    if role:
        made.active_profile.CopyFrom(profile)
    for name, value in more.items():
        setattr(made, name, value)
    return made


@dataclass
class Cabinet:
    """A gateway and the services that it sees."""

    url: str
    auth: Any
    accreditation: Any
    notify: Any
    bridge: Any
    education: Any
    parts: Parts
    edge: Edge
    facts: Facts
    client: httpx2.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    identity: Any = None
    passkeys: Any = None
    access: Any = None
    drafts: Any = None
    data_requests: Any = None
    administration: Any = None
    compliance: Any = None
    documents: Any = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def signed_in(self, session: auth_pb.Session | None = None) -> None:
        """Let the cookie of the client mean this session."""
        made = session or a_session()
        self.auth.on["ResolveSession"] = lambda _: made
        self.headers["cookie"] = f"__Host-lkmr={COOKIE}"

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers={**self.headers, **named})

    async def page(self, path: str) -> httpx2.Response:
        return await self.get(path, accept="text/html")

    async def post(
        self, path: str, data: Any = None, *, csrf: str = "", **headers: str
    ) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if csrf:
            named["x-csrf-token"] = csrf
        return await self.client.post(path, headers={**self.headers, **named}, data=data)

    async def csrf(self) -> str:
        return str((await self.get("/api/v1/session")).json()["csrf_token"])


Build = Callable[..., Any]
IDENTITY = identity_pb.DESCRIPTOR.services_by_name["IdentityService"]
ADMINISTRATION = administration_pb.DESCRIPTOR.services_by_name["AdministrationService"]
DATA_REQUESTS = request_pb.DESCRIPTOR.services_by_name["DataRequestService"]
DRAFTS = draft_pb.DESCRIPTOR.services_by_name["DraftService"]
ACCESS = access_pb.DESCRIPTOR.services_by_name["AccessService"]
PASSKEYS = passkey_pb.DESCRIPTOR.services_by_name["PasskeyService"]
DOCUMENTS = document_pb.DESCRIPTOR.services_by_name["DocumentService"]
COMPLIANCE = compliance_pb.DESCRIPTOR.services_by_name["ComplianceService"]


def rules_of(service: Any) -> dict[str, Rule]:
    """The gateway may call every method of a played service."""
    return {f"/{service.full_name}/{one.name}": Rule.programs("gateway") for one in service.methods}


async def a_cabinet(stack: AsyncExitStack, folder: Path, settings: dict[str, Any]) -> Cabinet:
    played, peers, proofs, judged = [], [], PlayedIdentity(), PlayedCompliance()
    keys, beyond, office = PlayedPasskeys(), PlayedAccess(), PlayedAdministration()
    keys.on["ReadPasskeys"] = lambda _: document({"items": [], "backup_codes_left": 0})
    drafts = PlayedDrafts()
    papers = PlayedDocuments()
    drafts, requests = PlayedDrafts(), PlayedDataRequests()
    judged.on.update(_verdicts())
    for service, servicer, contract, register in (
        ("auth", PlayedAuth(), auth_pb, auth_grpc.add_AuthServiceServicer_to_server),
        (
            "accreditation",
            PlayedAccreditation(),
            accreditation_pb,
            accreditation_grpc.add_AccreditationServiceServicer_to_server,
        ),
        ("notify", PlayedNotify(), notify_pb, notify_grpc.add_NotifyServiceServicer_to_server),
        (
            "egisz-bridge",
            PlayedBridge(),
            bridge_pb,
            bridge_grpc.add_EgiszBridgeServiceServicer_to_server,
        ),
        (
            "education",
            PlayedEducation(),
            education_pb,
            education_grpc.add_EducationServiceServicer_to_server,
        ),
    ):
        described = next(iter(contract.DESCRIPTOR.services_by_name.values()))
        rules = rules_of(described)
        if service == "auth":
            for one in (IDENTITY, PASSKEYS, ACCESS, ADMINISTRATION, DRAFTS, DATA_REQUESTS):
                rules |= rules_of(one)
        if service == "accreditation":
            rules |= rules_of(COMPLIANCE) | rules_of(DOCUMENTS)
        server = GrpcServer(
            service, "127.0.0.1:0", tls_dir=None, rules=rules, verifier=None, reflect=False
        )
        server.add(described.full_name, servicer, register)
        if service == "auth":
            server.add(
                IDENTITY.full_name, proofs, identity_grpc.add_IdentityServiceServicer_to_server
            )
            server.add(PASSKEYS.full_name, keys, passkey_grpc.add_PasskeyServiceServicer_to_server)
            server.add(
                DATA_REQUESTS.full_name,
                requests,
                request_grpc.add_DataRequestServiceServicer_to_server,
            )
            server.add(DRAFTS.full_name, drafts, draft_grpc.add_DraftServiceServicer_to_server)
            server.add(ACCESS.full_name, beyond, access_grpc.add_AccessServiceServicer_to_server)
            server.add(
                ADMINISTRATION.full_name,
                office,
                administration_grpc.add_AdministrationServiceServicer_to_server,
            )
        if service == "accreditation":
            server.add(
                COMPLIANCE.full_name,
                judged,
                compliance_grpc.add_ComplianceServiceServicer_to_server,
            )
            server.add(
                DOCUMENTS.full_name, papers, document_grpc.add_DocumentServiceServicer_to_server
            )
        await stack.enter_async_context(server)
        peer = Peer(service, f"127.0.0.1:{server.port}", tls_dir=None)
        peers.append(await stack.enter_async_context(peer))
        played.append(servicer)
    _usual_answers(*played)
    health = Health()
    health.started = True
    port = free_port()
    config = Config(
        **{
            "tls_dir": folder,
            "nats_url": "nats://gateway@127.0.0.1:1",
            "auth_url": "-",
            "accreditation_url": "-",
            "education_url": "-",
            "egisz_bridge_url": "-",
            "notify_url": "-",
            "csrf_key": "key of the test",
            "esia_trust_certs_dir": folder,
            "esia_base_url": "https://esia.example",
            "access_log_ratio": 0,
            "public_origins": f"http://127.0.0.1:{port},http://localhost:{port}",
            **settings,
        }
    )
    parts, edge, facts, connections = gateway_main.build(health, config, peers)
    plain = await stack.enter_async_context(
        listening(configuration(edge, f"127.0.0.1:{port}", connections))
    )
    assert plain.port == port
    url = f"http://127.0.0.1:{port}"
    client = await stack.enter_async_context(
        httpx2.AsyncClient(base_url=url, headers={"user-agent": CHROME})
    )
    tasks = [asyncio.create_task(parts.streams.catch_up())]
    stack.push_async_callback(_end, tasks)
    return Cabinet(
        url,
        *played,
        parts,
        edge,
        facts,
        client,
        identity=proofs,
        passkeys=keys,
        access=beyond,
        administration=office,
        drafts=drafts,
        data_requests=requests,
        compliance=judged,
        documents=papers,
    )


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


REPORT_LISTS = ("expired", "missing", "behind", "waiting_register", "violations")


def _verdicts() -> dict[str, Callable[[Any], Any]]:
    member = {**judged_samples.MOST, "member": judged_samples.a_member()}
    return {
        "ReadCompliance": lambda _: document(judged_samples.MOST),
        "SimulateCompliance": lambda _: document(judged_samples.MOST),
        "ReadStaffBoard": lambda _: document(judged_samples.BOARD),
        "ReadStaffMember": lambda _: document(member),
        "ReadStaffReport": lambda _: document(
            {
                **judged_samples.REPORT,
                **{name: [] for name in REPORT_LISTS},
            }
        ),
        "ListLawChanges": lambda _: document(
            {"items": judged_samples.CHANGES, "next_page_token": ""}
        ),
    }


def _usual_answers(
    auth: Any, accreditation: Any, notify: Any, bridge: Any, _education: Any
) -> None:
    auth.on["GetSignInHealth"] = lambda _: auth_pb.SignInHealth(state=auth_pb.SignInHealth.STATE_UP)
    auth.on["RecordActs"] = lambda _: auth_pb.RecordActsResponse()
    auth.on["TouchSession"] = lambda _: auth_pb.TouchSessionResponse()
    auth.on["ResolveSession"] = refusing("SESSION_UNKNOWN", Category.UNAUTHENTICATED)
    page = {"items": [an_item()], "next_page_token": ""}
    accreditation.on["ListAccreditations"] = lambda _: document(page)
    accreditation.on["ReadAccreditation"] = lambda _: document(a_detail())
    accreditation.on["GetRegisterSync"] = lambda _: accreditation_pb.RegisterSync(
        loaded=50, total=100
    )
    inbox = {"items": [a_message()], "next_page_token": "", "unread_count": 1}
    notify.on["ListMessages"] = lambda _: document(inbox)
    notify.on["ReadMessage"] = lambda request: document(a_message(request.name.split("/")[-1]))
    notify.on["GetInboxSummary"] = lambda _: notify_pb.InboxSummary(unread_count=1)
    bridge.on["ListRegisterStates"] = lambda _: bridge_pb.ListRegisterStatesResponse()


def refusing(reason: str, category: Category, /, **metadata: str) -> Callable[[Any], Any]:
    def refuse(_: Any) -> Any:
        raise ServiceError(reason, category, metadata)

    return refuse


async def until(condition: Callable[[], Any], seconds: float = 5) -> None:
    """Wait for a condition. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
