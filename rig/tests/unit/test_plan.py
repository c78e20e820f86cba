"""The list of processes and what each is told."""

import json
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lkmr_gost import load_certificate, load_private_key
from lkmr_rig import credentials, esia_client, nats, operate, tls
from lkmr_rig.environment import Environment, clock_offset
from lkmr_rig.layout import PROGRAMS, SERVICES, Home, Ports
from lkmr_rig.processes import Plan, suite
from lkmr_rig.supervisor import Process, StartFailed, Task
from lkmr_servicekit.encryption import KeyRing


@pytest.fixture
def home(tmp_path: Path) -> Home:
    one = Home(tmp_path / "home")
    credentials.make_all(one)
    return one


def _plan(home: Home, **caller: str) -> Plan:
    return Plan.from_env(home, caller)


def _processes(plan: Plan) -> dict[str, Process]:
    return {one.name: one for one in suite(plan) if isinstance(one, Process)}


def test_ports_of_the_suite_are_those_that_outside_checks_rely_on(home: Home) -> None:
    found = {name: dict(one.ports) for name, one in _processes(_plan(home)).items()}
    assert found["gateway-1"] == {"http": 8080, "https": 8084, "metrics": 8120}
    assert found["gosuslugi-1"] == {"http": 8081}
    assert found["egisz-1"] == {"http": 8082, "mtls": 8086}
    assert found["mailbox-1"] == {"http": 8083, "smtp": 8087}
    assert found["postgres-1"] == {"postgres": 8100}
    assert found["auth-1"] == {"grpc": 8110, "metrics": 8111}
    assert found["egisz-bridge-1"] == {"grpc": 8114, "metrics": 8115, "callback": 8116}
    assert found["notify-1"] == {"grpc": 8118, "metrics": 8119, "bounces": 8117}


def test_two_instances_share_no_port_and_the_second_gateway_stands_at_ten(home: Home) -> None:
    processes = _processes(_plan(home, LKMR_INSTANCES="2", LKMR_PORT_BASE="9000"))
    taken = [port for one in processes.values() for port in one.ports.values()]
    assert len(taken) == len(set(taken))
    assert {9000 <= port < 9100 for port in taken} == {True}
    assert processes["gateway-2"].ports["http"] == 9010
    assert processes["gateway-2"].ports["https"] == 9014
    assert {f"{one}-2" for one in PROGRAMS} <= set(processes)
    peers = processes["gateway-1"].environment["GATEWAY_AUTH_URL"]
    assert peers == "127.0.0.1:9030,127.0.0.1:9050"


def test_every_need_is_in_the_list_and_none_is_circular(home: Home) -> None:
    entries = {one.name: one for one in suite(_plan(home, LKMR_INSTANCES="2"))}
    order: list[str] = []
    while len(order) < len(entries):
        free = [n for n, one in entries.items() if n not in order and set(one.needs) <= set(order)]
        assert free, "a need is missing or circular"
        order += free
    assert {one.name for one in entries.values() if isinstance(one, Task)} >= {
        f"{service}-migrations" for service in SERVICES
    }


@pytest.mark.parametrize(
    ("role", "variable"),
    [
        ("auth", "AUTH_DATABASE_URL"),
        ("auth", "AUTH_NATS_URL"),
        ("auth", "AUTH_ESIA_BASE_URL"),
        ("auth", "AUTH_SMS_URL"),
        ("auth", "AUTH_EGISZ_BRIDGE_URL"),
        ("auth", "AUTH_ACCREDITATION_URL"),
        ("egisz-bridge", "EGISZ_BRIDGE_FRMR_URL"),
        ("egisz-bridge", "EGISZ_BRIDGE_FERZL_URL"),
        ("egisz-bridge", "EGISZ_BRIDGE_NMO_URL"),
        ("egisz-bridge", "EGISZ_BRIDGE_FRDO_URL"),
        ("egisz-bridge", "EGISZ_BRIDGE_AUTHORITY_URL"),
        ("education", "EDUCATION_EGISZ_BRIDGE_URL"),
        ("egisz-bridge", "EGISZ_BRIDGE_FAC_URL"),
        ("notify", "NOTIFY_SMTP_URL"),
        ("notify", "NOTIFY_AUTH_URL"),
        ("gateway", "GATEWAY_ACCREDITATION_URL"),
        ("gateway", "GATEWAY_NATS_URL"),
        ("egisz", "EGISZ_WEBHOOK_URL"),
        ("gosuslugi", "GOSUSLUGI_SMS_URL"),
    ],
)
def test_proxy_fits_between_a_program_and_each_dependency(
    home: Home, role: str, variable: str
) -> None:
    assert variable in _processes(_plan(home))[f"{role}-1"].environment
    moved = _processes(_plan(home, **{variable: "proxy:1"}))[f"{role}-1"]
    assert moved.environment[variable] == "proxy:1"


def test_program_learns_only_what_is_its_own(home: Home) -> None:
    caller = {"LKMR_HOME": "/x", "AWS_SECRET_ACCESS_KEY": "s", "EGISZ_BRIDGE_POLL_SECONDS": "1"}
    processes = _processes(_plan(home, **caller))
    for name, one in processes.items():
        shown = json.dumps(dict(one.environment))
        assert "LKMR_HOME" not in one.environment
        assert "AWS_SECRET_ACCESS_KEY" not in one.environment
        assert ("EGISZ_BRIDGE_POLL_SECONDS" in one.environment) == (name == "egisz-bridge-1")
        for service in SERVICES:
            secret = (home.secrets(service) / "database_password").read_text()
            owner = (home.secrets(f"{service}-migrations") / "database_password").read_text()
            assert secret not in shown
            assert owner not in shown
    assert processes["auth-1"].environment["AUTH_SECRETS_DIR"].endswith("secrets/auth")


def test_limits_are_a_thousand_times_wider_unless_the_caller_says_otherwise(home: Home) -> None:
    assert _processes(_plan(home))["auth-1"].environment["LKMR_LIMIT_FACTOR"] == "1000"
    strict = _processes(_plan(home, LKMR_LIMIT_FACTOR="1"))["auth-1"]
    assert strict.environment["LKMR_LIMIT_FACTOR"] == "1"


def test_suite_lives_at_the_moment_that_was_asked_for() -> None:
    wanted = datetime.now(UTC) + timedelta(days=90)
    assert clock_offset(wanted.isoformat()) == pytest.approx(90 * 86400, abs=5)
    assert clock_offset(None) == 0
    for unclear in ("2027-01-15T09:00:00", "завтра"):
        with pytest.raises(StartFailed, match="LKMR_NOW"):
            clock_offset(unclear)


@pytest.mark.parametrize(
    "caller",
    [{"LKMR_PORT_BASE": "http"}, {"LKMR_PORT_BASE": "80"}, {"LKMR_INSTANCES": "3"}],
)
def test_unreadable_setting_of_the_suite_is_named(home: Home, caller: dict[str, str]) -> None:
    with pytest.raises(StartFailed, match=r"LKMR_PORT_BASE|LKMR_INSTANCES"):
        Plan.from_env(home, caller)


def test_secrets_survive_the_next_start_and_are_private(home: Home) -> None:
    files = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    credentials.make_all(home)
    assert {path: path.read_bytes() for path in files} == files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    ring = KeyRing.from_file("auth", home.keyring("auth"))
    key = ring.new_data_key()
    assert ring.data_key(key.wrapped).open(key.seal(b"x", "t"), "t") == b"x"


def test_each_program_has_a_key_ring_of_its_own(home: Home) -> None:
    rings = {home.keyring(service).read_text() for service in SERVICES}
    assert len(rings) == len(SERVICES)


def test_certificate_names_its_program_and_chains_to_the_kept_authority(home: Home) -> None:
    tls.make_all(home)
    authority = (home.tls() / "ca.pem").read_bytes()
    first = (home.tls("auth") / "cert.pem").read_bytes()
    tls.make_all(home)
    assert (home.tls() / "ca.pem").read_bytes() == authority
    assert (home.tls("auth") / "cert.pem").read_bytes() != first
    for program in PROGRAMS:
        leaf = x509.load_pem_x509_certificate((home.tls(program) / "cert.pem").read_bytes())
        leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        identity = names.get_values_for_type(x509.UniformResourceIdentifier)
        assert identity == [f"spiffe://lkmr.internal/ns/default/sa/{program}"]
        assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=30)
        key = serialization.load_pem_private_key((home.tls(program) / "key.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(home.tls(program) / "cert.pem", home.tls(program) / "key.pem")


def test_registered_partner_keeps_its_certificate(home: Home) -> None:
    tls.make_all(home)
    path = home.tls() / "partner-demo.pem"
    before = path.read_bytes()
    tls.make_all(home)
    assert path.read_bytes() == before
    names = x509.load_pem_x509_certificate(before).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    (identity,) = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    assert identity == "spiffe://partners.lkmr.internal/partner-demo"


def test_cabinet_is_registered_at_the_stand_in_with_the_key_it_signs_with(home: Home) -> None:
    esia_client.make(home)
    esia_client.make(home)
    private = load_private_key((home.secrets("auth") / "esia-client.key").read_bytes())
    entry = json.loads((home.data("gosuslugi") / "clients" / "LKMR01.json").read_text())
    certificate = load_certificate(entry["certificate"].encode())
    assert certificate.key == private.public_key
    assert entry["jwt_alg"] == "GOST3410_2012_256"


def test_only_own_durables_of_the_contracts_are_open_to_a_service() -> None:
    allowed = nats.permissions("notify")["publish"]
    assert isinstance(allowed, dict)
    subjects = allowed["allow"]
    assert "$JS.API.CONSUMER.MSG.NEXT.LKMR_AUTH.notify-session-revoked" in subjects
    forbidden = (".DELETE", ".PURGE", "STREAM.MSG", "$JS.API.>")
    assert [one for one in subjects if any(word in one for word in forbidden)] == []


def test_operator_command_gets_the_settings_of_the_suite_that_ran_last(home: Home) -> None:
    with pytest.raises(StartFailed, match="make run"):
        operate.environment_of(home, "auth")
    Plan.from_env(home, {"LKMR_PORT_BASE": "9100"}).remember()
    environment = operate.environment_of(home, "auth")
    assert environment["AUTH_DATABASE_URL"] == "postgresql://auth_app@127.0.0.1:9120/auth"


def test_origins_of_sign_in_cover_both_names_and_both_gateways(home: Home) -> None:
    origins = Environment(home, Ports(8080), 2, {}).origins()
    assert len(origins) == 8
    assert {"http://localhost:8080", "https://127.0.0.1:8094"} <= set(origins)
