"""What each program is told. A variable of the caller that carries a program's prefix wins."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lkmr_rig import nats, postgres
from lkmr_rig.credentials import password
from lkmr_rig.layout import LOOPBACK, SERVICES, Home, Ports, prefix
from lkmr_rig.supervisor import StartFailed
from lkmr_servicekit.grpc_server import TLS_13_ONLY

ESIA_CLIENT = "LKMR01"
ESIA_ISSUER = "http://esia.gosuslugi.ru/"
LIMIT_FACTOR, REGISTER_WORKERS = "1000", "100000"
_SHARED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LKMR_TRACE_RATIO", "PYTHONHASHSEED")


def clock_offset(now: str | None) -> float:
    """Seconds between `LKMR_NOW` and the real time. Raises StartFailed when it cannot be read."""
    if not now:
        return 0.0
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - refused below, as it has no offset
    if moment.tzinfo is None:
        raise StartFailed(
            f"LKMR_NOW={now}: нужна дата со сдвигом, например 2027-01-15T09:00:00+03:00"
        )
    return (moment - datetime.now(UTC)).total_seconds()


@dataclass(frozen=True, slots=True)
class Environment:
    """Builds the environment of each program; `LKMR_HOME` is told to nobody."""

    home: Home
    ports: Ports
    instances: int
    caller: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def base(self) -> dict[str, str]:
        """What all programs share."""
        shared = {name: self.caller[name] for name in _SHARED if name in self.caller}
        shared["PGSSLMODE"] = self.caller.get("PGSSLMODE", "disable")  # the wheel has no TLS
        shared |= {k: v for k, v in self.caller.items() if k.startswith("OTEL_")}
        return shared

    def _program(self, name: str, settings: Mapping[str, str]) -> dict[str, str]:
        own = {f"{prefix(name)}{key}": value for key, value in settings.items()}
        given = {k: v for k, v in self.caller.items() if k.startswith(prefix(name))}
        if name == "egisz":
            given = {k: v for k, v in given.items() if not k.startswith(prefix("egisz-bridge"))}
        common = {
            "LKMR_CLOCK_OFFSET_SECONDS": self.caller.get("LKMR_CLOCK_OFFSET_SECONDS", "0"),
            "LKMR_LIMIT_FACTOR": self.caller.get("LKMR_LIMIT_FACTOR", LIMIT_FACTOR),
            "GRPC_SSL_CIPHER_SUITES": TLS_13_ONLY,
            "GRPC_VERBOSITY": self.caller.get("GRPC_VERBOSITY", "ERROR"),
            "PYTHONUNBUFFERED": "1",
        }
        return {**self.base(), **common, **own, **given}

    def migrations(self, service: str) -> dict[str, str]:
        """The owner of the database is known to migrations only."""
        address = postgres.owner_url(self.home, self.ports, service)
        return self._program(service, {"MIGRATION_URL": address})

    def service(self, name: str, number: int) -> dict[str, str]:
        """Settings of a service: common ones and its own."""
        own = {
            "auth": self._auth,
            "accreditation": self._accreditation,
            "education": self._education,
            "egisz-bridge": self._egisz_bridge,
            "notify": self._notify,
        }[name]
        settings = self._common(name, number, self.ports.metrics(name, number)) | {
            "GRPC_LISTEN": _at(self.ports.grpc(name, number)),
            "DATABASE_URL": postgres.url(self.ports, name),
            "KEYRING_FILE": str(self.home.keyring(name)),
        }
        return self._program(name, settings | own(number))

    def gateway(self, number: int) -> dict[str, str]:
        """Settings of the gateway."""
        https = self.home.tls("gateway-https")
        settings = self._common("gateway", number, self.ports.gateway_metrics(number)) | {
            "HTTP_LISTEN": _at(self.ports.gateway_http(number)),
            "HTTPS_LISTEN": _at(self.ports.gateway_https(number)),
            "HTTPS_CERT": str(https / "cert.pem"),
            "HTTPS_KEY": str(https / "key.pem"),
            "PUBLIC_ORIGINS": ",".join(self.origins()),
            "ESIA_ISSUER": ESIA_ISSUER,
            "ESIA_CLIENT_ID": ESIA_CLIENT,
            "ESIA_TRUST_CERTS_DIR": str(self.home.esia_certificates),
            "ESIA_BASE_URL": _public(self.ports.gosuslugi),
            "REPLICAS": str(self.instances),
            "SPOOL_DIR": str(self.home.folder("spool", f"gateway-{number}")),
        }
        return self._program("gateway", settings)

    def partner(self, number: int) -> dict[str, str]:
        """Settings of the partner edge."""
        served = self.home.tls("partner-edge")
        settings = self._common("partner", number, self.ports.partner_metrics(number)) | {
            "LISTEN": _at(self.ports.partner(number)),
            "SERVER_CERT": str(served / "cert.pem"),
            "SERVER_KEY": str(served / "key.pem"),
            "CLIENT_CA": str(served / "ca.pem"),
            "REGISTRY_FILE": str(self.home.partners),
            "REFLECTION": "true",
            "WARN_DAYS": "10",  # its certificate lives 30 days and is renewed after 15
            "ESIA_ISSUER": ESIA_ISSUER,
            "ESIA_TRUST_CERTS_DIR": str(self.home.esia_certificates),
            "REPLICAS": str(self.instances),
        }
        return self._program("partner", settings)

    def stand_in(self, name: str) -> dict[str, str]:
        """Settings of a program that plays the outside world."""
        own = {"mailbox": self._mailbox, "gosuslugi": self._gosuslugi, "egisz": self._egisz}[name]
        return self._program(name, {"DATA_DIR": str(self.home.data(name))} | own())

    def origins(self) -> list[str]:
        """Where the cabinet is opened in a browser."""
        numbers = range(1, self.instances + 1)
        return [
            f"{scheme}://{host}:{port(number)}"
            for number in numbers
            for scheme, port in (
                ("http", self.ports.gateway_http),
                ("https", self.ports.gateway_https),
            )
            for host in ("localhost", LOOPBACK)
        ]

    def _common(self, program: str, number: int, metrics: int) -> dict[str, str]:
        peers = {f"{prefix(one)}URL": self._peer(one) for one in SERVICES if one != program}
        return peers | {
            "INSTANCE": str(number),
            "METRICS_LISTEN": _at(metrics),
            "TLS_DIR": str(self.home.tls(program)),
            "SECRETS_DIR": str(self.home.secrets(program)),
            "NATS_URL": nats.url(self.ports, program),
        }

    def _peer(self, service: str) -> str:
        numbers = range(1, self.instances + 1)
        return ",".join(_at(self.ports.grpc(service, number)) for number in numbers)

    def _auth(self, _: int) -> dict[str, str]:
        secrets = self.home.secrets("auth")
        return {
            "ESIA_BASE_URL": _public(self.ports.gosuslugi),
            "ESIA_GATEWAY_URL": _public(self.ports.gosuslugi),
            "ESIA_ISSUER": ESIA_ISSUER,
            "ESIA_CLIENT_ID": ESIA_CLIENT,
            "ESIA_CLIENT_KEY": str(secrets / "esia-client.key"),
            "ESIA_CLIENT_CERT": str(secrets / "esia-client.pem"),
            "ESIA_TRUST_CERTS_DIR": str(self.home.esia_certificates),
            "ALLOWED_ORIGINS": ",".join(self.origins()),
            "ESIA_APPROVAL_URL": f"{_public(self.ports.gosuslugi)}/app/api/v1/approvals",
            "SMS_URL": self._sms(),
            "AUDIT_DIR": str(self.home.folder("audit")),
            "ARCHIVE_DIR": str(self.home.folder("audit", "archive")),
            "OPERATOR_ORGANIZATION": "org-lkmr",
            "OPERATOR_NAME": "Оператор кабинета (демонстрация)",
            "OPERATOR_ADDRESS": "Демонстрационный стенд",
            "NETWORKS_FILE": str(Path(__file__).with_name("networks.csv")),
        }

    def _accreditation(self, _: int) -> dict[str, str]:
        secrets = self.home.secrets("accreditation")
        return {
            "FILES_DIR": str(self.home.folder("files", "accreditation")),
            "SEAL_CERTIFICATES": str(secrets / "seal_certificates"),
            "SEAL_KEY": str(secrets / "seal_key"),
        }

    def _education(self, _: int) -> dict[str, str]:
        secrets = self.home.secrets("education")
        return {
            "FILES_DIR": str(self.home.folder("files", "education")),
            "SIGNING_KEY": str(secrets / "report-signer.key"),
            "SIGNING_CERTIFICATE": str(secrets / "report-signer.pem"),
        }

    def _egisz_bridge(self, number: int) -> dict[str, str]:
        client = self.home.tls("egisz-client")
        outside = f"https://localhost:{self.ports.egisz_mtls}"
        return {
            "CALLBACK_LISTEN": _at(self.ports.bridge_callback(number)),
            "FRMR_URL": outside,
            "FERZL_URL": f"{outside}/ferzl",
            "NMO_URL": outside,
            "FRDO_URL": outside,
            "FAC_URL": outside,
            "LICENCES_URL": outside,
            "AUTHORITY_URL": outside,
            "EGISZ_CA": str(client / "ca.pem"),
            "EGISZ_CERT": str(client / "cert.pem"),
            "EGISZ_KEY": str(client / "key.pem"),
        }

    def _notify(self, number: int) -> dict[str, str]:
        mailbox = f"http://{LOOPBACK}:{self.ports.mailbox}"
        return {
            "PUSH_HOSTS": f"{mailbox},{_public(self.ports.mailbox)}",
            "SMTP_URL": f"smtp+starttls://localhost:{self.ports.smtp}",
            "SMTP_CA": str(self.home.tls("notify") / "ca.pem"),
            "BOUNCE_DOMAIN": "bounces.kabinet.example",
            "BOUNCE_LISTEN": _at(self.ports.bounces(number)),
            "SMS_URL": f"{self._sms()},{mailbox}/sms-2",
            "CABINET_URL": _public(self.ports.gateway_http()),
        }

    def _mailbox(self) -> dict[str, str]:
        tls = self.home.tls("mailbox")
        return {
            "LISTEN": _at(self.ports.mailbox),
            "SMTP_LISTEN": _at(self.ports.smtp),
            "TLS_CERT": str(tls / "cert.pem"),
            "TLS_KEY": str(tls / "key.pem"),
            "BOUNCE_TO": _at(self.ports.bounces()),
        }

    def _gosuslugi(self) -> dict[str, str]:
        return {
            "LISTEN": _at(self.ports.gosuslugi),
            "BASE_URL": _public(self.ports.gosuslugi),
            "ISSUER": ESIA_ISSUER,
            "SMS_URL": self._sms(),
            "SMTP_URL": f"smtp://localhost:{self.ports.smtp}",
            "SMTP_CA": str(self.home.tls("mailbox") / "ca.pem"),
            "EXPORT_DIR": str(self.home.esia_certificates),
            "CLIENTS_DIR": str(self.home.folder("data", "gosuslugi", "clients")),
            "CABINET_URL": _public(self.ports.gateway_http()),
        }

    def _egisz(self) -> dict[str, str]:
        tls = self.home.tls("egisz-stand-in")
        callbacks = (self.ports.bridge_callback(one) for one in range(1, self.instances + 1))
        hooks = (f"https://localhost:{port}/callbacks/frmr" for port in callbacks)
        return {
            "LISTEN": _at(self.ports.egisz),
            "MTLS_LISTEN": _at(self.ports.egisz_mtls),
            "TLS_CERT": str(tls / "cert.pem"),
            "TLS_KEY": str(tls / "key.pem"),
            "TLS_CA": str(tls / "ca.pem"),
            "WEBHOOK_URL": ",".join(hooks),
            "WEBHOOK_CA": str(tls / "ca.pem"),
            "WEBHOOK_CERT": str(tls / "cert.pem"),
            "WEBHOOK_KEY": str(tls / "key.pem"),
            "FERZL_TOKEN": password(self.home, "egisz-bridge", "ferzl_token"),
            "GENERATED_WORKERS": self.caller.get("LKMR_REGISTER_WORKERS", REGISTER_WORKERS),
        }

    def _sms(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.mailbox}/sms"


def _at(port: int) -> str:
    return f"{LOOPBACK}:{port}"


def _public(port: int) -> str:
    return f"http://localhost:{port}"
