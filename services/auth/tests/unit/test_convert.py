import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as bridge

from lkmr_auth.api import administration_rules, incident_servicer
from lkmr_auth.api.administration_servicer import AdministrationServicer
from lkmr_auth.api.convert import (
    callback_from_proto,
    moment_of,
    purpose_of,
    session_id_of,
    subject_of,
)
from lkmr_auth.api.rules import RULES, SERVICE
from lkmr_auth.api.servicer import AuthServicer
from lkmr_auth.clients.registers import identity_check_from_proto
from lkmr_auth.config import Config
from lkmr_auth.domain.errors import IdentityCheckUnavailable
from lkmr_auth.domain.identity import Match
from lkmr_servicekit.errors import ServiceError


@pytest.mark.parametrize("seconds", [10**18, -(10**18)])
def test_a_moment_beyond_the_calendar_is_refused(seconds: int) -> None:
    with pytest.raises(ServiceError, match="REQUEST_FIELD_INVALID"):
        moment_of(Timestamp(seconds=seconds), "active_time")


@pytest.mark.parametrize("text", ["", "Purpose", "x" * 65, "a b", "a\x00"])
def test_a_purpose_is_a_short_word(text: str) -> None:
    with pytest.raises(ServiceError, match="REQUEST_FIELD_INVALID"):
        purpose_of(text)


@pytest.mark.parametrize(
    "request_",
    [
        pb.GetContactsRequest(),
        pb.GetContactsRequest(worker="persons/1"),
        pb.GetContactsRequest(worker="workers/a\x00b"),
        pb.GetContactsRequest(person="persons/"),
    ],
)
def test_a_subject_that_cannot_be_read_is_refused(request_: pb.GetContactsRequest) -> None:
    with pytest.raises(ServiceError, match=r"REQUEST_FIELD_INVALID|RESOURCE_NAME_INVALID"):
        subject_of(request_)


def test_a_session_id_that_is_none_is_not_found() -> None:
    with pytest.raises(ServiceError, match="SESSION_NOT_FOUND"):
        session_id_of("1; DROP TABLE session")


def test_what_a_browser_says_about_itself_is_cut() -> None:
    request = pb.FinishSignInRequest(address="1" * 999, user_agent="a" * 9999, device="d" * 9999)

    browser = callback_from_proto(request).browser

    assert len(browser.address.open()) == 64
    assert len(browser.user_agent.open()) == 512
    assert len(browser.device) == 1024


def test_every_method_has_a_rule_and_people_never_reach_the_keys() -> None:
    methods = {f"/{SERVICE}/{name}" for name in vars(AuthServicer) if name[0].isupper()}
    for service, servicer in (
        (administration_rules.SERVICE, AdministrationServicer),
        (incident_servicer.SERVICE, incident_servicer.IncidentServicer),
    ):
        methods |= {f"/{service}/{name}" for name in vars(servicer) if name[0].isupper()}
    assert set(RULES) == methods
    assert RULES[f"/{SERVICE}/GetContacts"].peers == {"notify"}


def a_proto_check(**changes: object) -> bridge.IdentityCheck:
    values: dict[str, object] = {
        "in_worker_register": True,
        "name": bridge.MATCH_FORM_DIFFERS,
        "birth_date": bridge.MATCH_EQUAL,
        "card": bridge.WorkerCard(
            name="workers/w1",
            version=9,
            jobs=[bridge.Job(organization_oid="1.2", start_date="2020-01-01", end_date="")],
        ),
    }
    return bridge.IdentityCheck(**(values | changes))  # type: ignore[arg-type]


def test_the_answer_of_the_bridge_is_read_in_our_words() -> None:
    check = identity_check_from_proto(a_proto_check())

    assert check.card
    assert (check.card.worker_id, check.card.version) == ("w1", "9")
    assert check.card.jobs[0].end_date is None
    assert (check.name, check.policy_number) == (Match.FORM_DIFFERS, Match.NOT_COMPARED)
    assert identity_check_from_proto(a_proto_check(in_worker_register=False)).card is None


def test_a_match_that_is_not_known_yet_counts_as_a_difference() -> None:
    raw = a_proto_check().SerializeToString() + b"\x10\x09"

    assert identity_check_from_proto(bridge.IdentityCheck.FromString(raw)).name is Match.DIFFERENT


def test_a_card_that_cannot_be_read_is_no_confirmation() -> None:
    jobs = [bridge.Job(organization_oid="1.2", start_date="yesterday")]
    with pytest.raises(IdentityCheckUnavailable):
        identity_check_from_proto(
            a_proto_check(card=bridge.WorkerCard(name="workers/w1", jobs=jobs))
        )
    with pytest.raises(ServiceError):
        identity_check_from_proto(a_proto_check(card=bridge.WorkerCard(name="w1")))


@pytest.mark.parametrize("origins", ["", "https://a.example/", "ftp://a", "https://a/b", "a"])
def test_origins_are_checked_at_start(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    values = {
        "TLS_DIR": "/tls",
        "AUDIT_DIR": "/audit",
        "JOURNAL_SIGNING_KEY": "k",
        "NATS_URL": "nats://x",
        "DATABASE_URL": "postgresql://x/y",
        "KEYRING_FILE": "/k",
        "ESIA_BASE_URL": "https://esia.example/",
        "ESIA_ISSUER": "http://esia.example/",
        "ESIA_CLIENT_ID": "LKMR01",
        "ESIA_CLIENT_KEY": "/k",
        "ESIA_CLIENT_CERT": "/c",
        "ESIA_TRUST_CERTS_DIR": "/t",
        "SMS_URL": "http://sms",
        "EGISZ_BRIDGE_URL": "127.0.0.1:1",
        "ACCREDITATION_URL": "127.0.0.1:1",
        "ALLOWED_ORIGINS": "https://a.example, http://localhost:8080",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"AUTH_{name}", value)
    monkeypatch.setenv("LKMR_LIMIT_FACTOR", "1000")
    good = Config.load()
    assert good.origins == ("https://a.example", "http://localhost:8080")
    assert good.esia_base_url == "https://esia.example"
    assert good.limit_factor == 1000
    monkeypatch.setenv("AUTH_ESIA_ADAPTER", "gateway")
    with pytest.raises(ValueError, match="esia_gateway_secret"):
        Config.load()
    monkeypatch.delenv("AUTH_ESIA_ADAPTER")
    monkeypatch.setenv("AUTH_ALLOWED_ORIGINS", origins)

    with pytest.raises(ValueError, match="allowed_origins"):
        Config.load()
