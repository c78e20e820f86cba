"""Sign-in over gRPC and through the pages of the Gosuslugi stand-in."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import asyncpg
import httpx2
import orjson
import pytest
from auth_suite import ORIGIN, Browser, Suite, wait_until
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub
from lkmr.auth.v1.events_pb2 import SessionRevoked
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as bridge

from lkmr_access.auth_client import AuthClient
from lkmr_rig.pytest_plugin import Infra, TestDatabase
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.events import Bus, subject_of
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.identity import TokenVerifier

pytestmark = pytest.mark.servers

DEVICE, AGENT = "device-1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
IVANOVA, NOVIKOV, PETROV = "+79000000001", "+79000000015", "+79000000002"


@pytest.fixture(scope="module")
def suite(
    infra: Infra,
    silent_nats: Infra,
    database: Callable[..., TestDatabase],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Suite]:
    made = Suite(tmp_path_factory.mktemp("auth"), infra, database("auth"))
    try:
        made.start_outside()
        made.import_people()
        made.start_auth()
        yield made
    finally:
        made.close()


@pytest.fixture(autouse=True)
def agreeing(suite: Suite) -> None:
    suite.bridge.changes, suite.bridge.away = {}, False
    suite.bridge.oids = ["1.2.643.5.1.13.13.12.2.77.90001"]
    suite.control("PUT", "/behaviour", {"availability": "up"})


@pytest.fixture
async def gateway(suite: Suite) -> AsyncIterator[Peer]:
    async with suite.peer("gateway") as peer:
        yield peer


class Cabinet:
    """What the gateway does for one browser."""

    def __init__(self, suite: Suite, peer: Peer) -> None:
        self.suite, self.peer = suite, peer
        self.stub = AuthServiceStub(peer.channel)
        self.browser = Browser(suite)

    async def call(self, method: str, request: Any, token: str = "") -> Any:
        return await self.peer.call(getattr(self.stub, method), request, timeout=15, token=token)

    async def start(self) -> pb.StartSignInResponse:
        request = pb.StartSignInRequest(
            origin=ORIGIN, return_to="/accreditations", address="127.0.0.1", user_agent=AGENT
        )
        return await self.call("StartSignIn", request)

    async def callback(self, login: str, phone: str) -> pb.FinishSignInRequest:
        started = await self.start()
        found = await asyncio.to_thread(
            self.browser.pass_gosuslugi, started.redirect_url, login, phone
        )
        return pb.FinishSignInRequest(
            login_cookie=started.login_cookie,
            address="127.0.0.1",
            user_agent=AGENT,
            device=DEVICE,
            **{
                name: found.get(name, "")
                for name in ("code", "state", "error", "error_description")
            },
        )

    async def sign_in(self, login: str, phone: str) -> pb.SignInStep:
        return await self.call("FinishSignIn", await self.callback(login, phone))

    async def session(self, login: str = "ivanova", phone: str = IVANOVA) -> bytes:
        step = await self.sign_in(login, phone)
        assert step.WhichOneof("step") == "session", step
        return hashlib.sha256(step.session.session_cookie.encode()).digest()

    async def resolve(self, secret_hash: bytes) -> pb.Session:
        return await self.call(
            "ResolveSession", pb.ResolveSessionRequest(session_hash=secret_hash, device=DEVICE)
        )


@pytest.fixture
def cabinet(suite: Suite, gateway: Peer) -> Cabinet:
    return Cabinet(suite, gateway)


async def reason_of(work: Any) -> tuple[str, dict[str, str]]:
    with pytest.raises(ServiceError) as refused:
        await work
    assert refused.value.category is not Category.INTERNAL
    return refused.value.reason, refused.value.metadata


@pytest.mark.proves("F-165", "F-171")
async def test_a_doctor_signs_in_through_gosuslugi(cabinet: Cabinet) -> None:
    step = await cabinet.sign_in("ivanova", IVANOVA)

    assert step.session.return_to == "/accreditations"
    secret_hash = hashlib.sha256(step.session.session_cookie.encode()).digest()
    session = await cabinet.resolve(secret_hash)
    assert (session.family_name, session.given_name, session.patronymic) == (
        "Иванова",
        "Анна",
        "Сергеевна",
    )
    assert session.active_profile.name == "org-gp1/DOCTOR"
    assert session.active_profile.position == "врач-терапевт участковый"
    assert session.worker == "w-90000103798"
    assert session.register_version == "3"
    assert abs(session.data_check_time.seconds - session.start_time.seconds) < 10
    assert session.esia_access_token.count(".") == 2
    asked = cabinet.suite.bridge.asked[-1]
    assert (asked.snils, asked.birth_date) == ("90000103798", "1984-03-12")
    assert asked.policy_number == "7756510887007010"
    keys = AuthClient(cabinet.peer).verification_keys
    caller = await TokenVerifier(keys, SystemClock()).verify(session.caller_token)
    assert (caller.session, caller.roles) == (session.name, ("DOCTOR",))


async def test_the_second_sign_in_of_a_browser_passes_without_any_page(cabinet: Cabinet) -> None:
    await cabinet.session()
    started = await cabinet.start()

    answer = await asyncio.to_thread(cabinet.browser.http.get, started.redirect_url)

    assert answer.is_redirect
    assert answer.headers["location"].startswith(f"{ORIGIN}/auth/callback?code=")


@pytest.mark.proves("F-126")
async def test_without_a_second_factor_at_gosuslugi_our_own_code_comes_by_sms(
    cabinet: Cabinet,
) -> None:
    step = await cabinet.sign_in("novikov", NOVIKOV)

    assert step.WhichOneof("step") == "code"
    assert step.code.phone_masked.endswith("-15")
    cookie = step.login_cookie
    shown = await cabinet.call("GetSignIn", pb.GetSignInRequest(login_cookie=cookie))
    assert shown.code.attempts_left == 3
    resend = pb.ResendSignInCodeRequest(login_cookie=cookie)
    assert (await reason_of(cabinet.call("ResendSignInCode", resend)))[0] == "CODE_TOO_SOON"
    digits = cabinet.suite.last_code(NOVIKOV)
    wrong = f"{(int(digits) + 1) % 1_000_000:06d}"
    refused = await reason_of(
        cabinet.call(
            "SubmitSignInCode", pb.SubmitSignInCodeRequest(login_cookie=cookie, code=wrong)
        )
    )
    assert refused == ("CODE_WRONG", {"attempts_left": "2"})
    typed = f" {digits[:3]} {digits[3:]} "
    opened = await cabinet.call(
        "SubmitSignInCode", pb.SubmitSignInCodeRequest(login_cookie=cookie, code=typed)
    )
    assert opened.WhichOneof("step") == "session"


async def test_two_organisations_are_chosen_between_and_switched(cabinet: Cabinet) -> None:
    cabinet.suite.bridge.oids.append("1.2.643.5.1.13.13.12.2.77.90002")
    step = await cabinet.sign_in("petrov", PETROV)
    names = [one.name for one in step.profile.profiles]
    assert names == ["org-gp1/DOCTOR", "org-kb2/DOCTOR"]
    chosen = await cabinet.call(
        "ChooseProfile",
        pb.ChooseProfileRequest(login_cookie=step.login_cookie, profile="org-kb2/DOCTOR"),
    )
    first = hashlib.sha256(chosen.session.session_cookie.encode()).digest()

    switched = await cabinet.call(
        "SwitchProfile", pb.SwitchProfileRequest(session_hash=first, profile="org-gp1/DOCTOR")
    )

    second = hashlib.sha256(switched.session_cookie.encode()).digest()
    assert (await cabinet.resolve(second)).active_profile.organization == "org-gp1"
    assert (await cabinet.resolve(first)).active_profile.organization == "org-kb2"


@pytest.mark.parametrize(
    ("login", "phone", "changes", "reason"),
    [
        ("vasilev", "+79000000017", {"birth_date": 3}, "IDENTITY_BIRTH_DATE_DIFFERS"),
        ("solovyova", "+79000000018", {"policy_number": 3}, "IDENTITY_POLICY_DIFFERS"),
        ("guseva", "+79000000019", {"in_worker_register": False}, "WORKER_NOT_IN_REGISTER"),
        ("tikhonov", "+79000000020", {}, "ACCOUNT_NOT_CONFIRMED"),
    ],
)
async def test_the_demo_people_who_are_refused(
    cabinet: Cabinet, login: str, phone: str, changes: dict[str, Any], reason: str
) -> None:
    cabinet.suite.bridge.changes = changes

    assert (await reason_of(cabinet.sign_in(login, phone)))[0] == reason


async def test_an_auditor_gets_in_without_a_card(cabinet: Cabinet) -> None:
    cabinet.suite.bridge.changes = {
        "in_worker_register": False,
        "name": bridge.MATCH_UNSPECIFIED,
        "birth_date": bridge.MATCH_UNSPECIFIED,
    }

    session = await cabinet.resolve(await cabinet.session("nikitina", "+79000000012"))

    assert session.active_profile.name == "org-lkmr/AUDITOR"
    assert session.worker == ""


async def test_an_account_to_activate_is_greeted(cabinet: Cabinet) -> None:
    step = await cabinet.sign_in("popova", "+79000000016")

    assert step.WhichOneof("step") == "activation"
    assert step.activation.greeting_name
    shown = await cabinet.call("GetSignIn", pb.GetSignInRequest(login_cookie=step.login_cookie))
    assert shown.activation == step.activation


async def test_the_bridge_away_is_told_and_sign_in_recovers(cabinet: Cabinet) -> None:
    cabinet.suite.bridge.away = True
    assert (await reason_of(cabinet.sign_in("ivanova", IVANOVA)))[0] == (
        "IDENTITY_CHECK_UNAVAILABLE"
    )
    cabinet.suite.bridge.away = False
    assert await cabinet.session()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"availability": "down"}, "ESIA_UNAVAILABLE"),
        ({"availability": "slow", "delay_seconds": 4}, "ESIA_UNAVAILABLE"),
        ({"availability": "maintenance"}, "ESIA_MAINTENANCE"),
        ({"availability": "overloaded", "delay_seconds": 7}, "ESIA_OVERLOADED"),
        ({"availability": "up", "error_rate": 1}, "ESIA_UNAVAILABLE"),
    ],
)
async def test_esia_in_trouble_is_explained_before_and_after_its_page(
    cabinet: Cabinet, behaviour: dict[str, Any], reason: str
) -> None:
    callback = await cabinet.callback("ivanova", IVANOVA)
    cabinet.suite.control("PUT", "/behaviour", behaviour)
    if behaviour["availability"] != "slow":
        found, metadata = await reason_of(cabinet.call("FinishSignIn", callback))
        assert found == reason
        assert metadata.get("seconds", "7") == "7"

    async def refused() -> bool:
        try:
            await cabinet.start()
        except ServiceError as refusal:
            return refusal.reason == reason
        return False

    await eventually(refused)
    health = await cabinet.call("GetSignInHealth", pb.GetSignInHealthRequest())
    assert health.state != pb.SignInHealth.STATE_UP
    cabinet.suite.control("PUT", "/behaviour", {"availability": "up"})

    async def recovered() -> bool:
        try:
            return bool(await cabinet.start())
        except ServiceError:
            return False

    await eventually(recovered)


async def eventually(check: Callable[[], Any]) -> None:
    async with asyncio.timeout(12):
        while not await check():
            await asyncio.sleep(0.1)


async def test_a_callback_is_good_once(cabinet: Cabinet) -> None:
    callback = await cabinet.callback("ivanova", IVANOVA)
    assert (await cabinet.call("FinishSignIn", callback)).session.session_cookie

    assert (await reason_of(cabinet.call("FinishSignIn", callback)))[0] == "SIGN_IN_STATE_LOST"


async def test_a_code_of_another_sign_in_is_refused_by_gosuslugi(cabinet: Cabinet) -> None:
    used = await cabinet.callback("ivanova", IVANOVA)
    await cabinet.call("FinishSignIn", used)
    fresh = await cabinet.callback("ivanova", IVANOVA)
    fresh.code = used.code

    assert (await reason_of(cabinet.call("FinishSignIn", fresh)))[0] == "ESIA_CODE_REFUSED"


async def test_signing_out_reaches_the_others_by_nats(cabinet: Cabinet, infra: Infra) -> None:
    secret_hash = await cabinet.session()
    session = await cabinet.resolve(secret_hash)
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(message: Any) -> None:
        await heard.put(message.data)

    async with Bus(
        infra.nats_url("gateway"), infra.nats_password("gateway"), name="gateway"
    ) as bus:
        await bus.watch(subject_of(SessionRevoked), hear)
        await bus.client.flush()
        ended = await cabinet.call(
            "EndSession", pb.EndSessionRequest(session_hash=secret_hash, origin=ORIGIN)
        )
        fact = SessionRevoked.FromString(await asyncio.wait_for(heard.get(), 10))
    assert (fact.session, fact.session_hash) == (session.name, secret_hash)
    assert fact.reason == "SIGNED_OUT"
    assert ended.esia_logout_url.startswith(f"{cabinet.suite.esia}/idp/ext/Logout?client_id=")
    left = await asyncio.to_thread(cabinet.browser.http.get, ended.esia_logout_url)
    assert left.headers["location"] == f"{ORIGIN}/"
    assert (await reason_of(cabinet.resolve(secret_hash)))[0] == "SESSION_REVOKED"


async def test_own_sessions_over_the_wire(cabinet: Cabinet) -> None:
    first = await cabinet.resolve(await cabinet.session())
    second = await cabinet.resolve(await cabinet.session())

    listed = orjson.loads(
        (await cabinet.call("ListSessions", pb.ListSessionsRequest(), second.caller_token)).body
    )

    mine = {one["name"]: one for one in listed["items"]}
    assert mine[second.name]["current"]
    assert not mine[first.name]["current"]
    assert mine[first.name]["device"] == "Firefox, Linux"
    assert listed["sign_ins"][0]["result"] == "ALLOWED"
    await cabinet.call(
        "RevokeSession", pb.RevokeSessionRequest(name=first.name), second.caller_token
    )
    foreign = pb.RevokeSessionRequest(name="persons/x/sessions/y")
    assert (await reason_of(cabinet.call("RevokeSession", foreign, second.caller_token)))[0] == (
        "SESSION_NOT_FOUND"
    )


async def test_only_notify_learns_contacts_and_only_with_a_job_token(
    cabinet: Cabinet, suite: Suite
) -> None:
    session = await cabinet.resolve(await cabinet.session())
    request = pb.GetContactsRequest(worker=f"workers/{session.worker}")
    async with suite.peer("notify") as peer, suite.peer("accreditation") as other:
        token, _ = await AuthClient(peer).job_token("deliveries")
        contacts = await peer.call(AuthServiceStub(peer.channel).GetContacts, request, token=token)
        assert (contacts.phone, contacts.email) == (IVANOVA, "ivanova@demo.example")
        refusals = [
            (peer, session.caller_token, "CALLER_KIND_REFUSED"),
            (peer, "", "CALLER_UNKNOWN"),
            (other, (await AuthClient(other).job_token("x"))[0], "PEER_NOT_ALLOWED"),
        ]
        for caller, held, reason in refusals:
            stub = AuthServiceStub(caller.channel)
            assert (await reason_of(caller.call(stub.GetContacts, request, token=held)))[
                0
            ] == reason


async def test_a_refusal_of_the_gateway_is_journalled(cabinet: Cabinet, suite: Suite) -> None:
    session = await cabinet.resolve(await cabinet.session())
    request = pb.RecordRefusalRequest(
        operation="api.read", object="/api/v1/reports", reason="SECTION_CLOSED", trace_id="a" * 32
    )

    await cabinet.call("RecordRefusal", request, session.caller_token)

    connection = await asyncpg.connect(suite.database.url)
    try:
        asked = "SELECT * FROM journal_entry WHERE trace_id = $1"
        async with asyncio.timeout(10):
            while (row := await connection.fetchrow(asked, "a" * 32)) is None:
                await asyncio.sleep(0.05)
    finally:
        await connection.close()
    assert (row["actor"], row["session"]) == (f"persons/{session.person}", session.name)
    assert (row["result"], row["roles"], row["trace_id"]) == ("DENIED", ["DOCTOR"], "a" * 32)


async def test_tokens_that_end_are_renewed_in_the_background(
    cabinet: Cabinet, suite: Suite
) -> None:
    secret_hash = await cabinet.session()
    before = (await cabinet.resolve(secret_hash)).esia_access_token
    connection = await asyncpg.connect(suite.database.url)
    try:
        await connection.execute("UPDATE esia_session SET expire_time = now()")
    finally:
        await connection.close()

    async def renewed() -> bool:
        found = (await cabinet.resolve(secret_hash)).esia_access_token
        return bool(found) and found != before

    await eventually(renewed)


async def test_sessions_and_keys_survive_a_restart(cabinet: Cabinet, suite: Suite) -> None:
    secret_hash = await cabinet.session()
    before = await AuthClient(cabinet.peer).verification_keys()
    assert suite.stop("auth") == 0
    suite.start_auth()

    async def known() -> bool:
        try:
            return bool((await cabinet.resolve(secret_hash)).name)
        except ServiceError:
            return False

    await eventually(known)
    assert await AuthClient(cabinet.peer).verification_keys() == before


async def test_nothing_personal_is_logged_and_figures_are_shown(suite: Suite) -> None:
    metrics = f"http://127.0.0.1:{suite.metrics}/metrics"
    shown = wait_until(lambda: httpx2.get(metrics, trust_env=False).text, "metrics")
    assert "lkmr_auth_sign_in_steps_total" in shown
    text = suite.log("auth") + suite.log("import")
    for secret in ("Иванова", "79000000001", "90000103798", "900-001", "1984-03-12", "eyJ"):
        assert secret not in text
    assert "Traceback" not in text


async def test_the_import_may_be_repeated(suite: Suite) -> None:
    connection = await asyncpg.connect(suite.database.url)
    counted = "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM binding)"
    try:
        before = await connection.fetchrow(counted)
        suite.import_people()
        assert await connection.fetchrow(counted) == before
    finally:
        await connection.close()
