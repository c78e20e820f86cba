#!/usr/bin/env python3
"""A partner system in one file: is this specialist accredited?

Works against `make run`:

    .venv/bin/python docs/partners/example_client.py 900-001-037-98 терапия

A real partner replaces the four files of `Identity` by its own, signs with its certified means, and
generates `lkmr.partner.v1` from `proto/lkmr/partner/v1/specialist_service.proto`.
"""

import argparse
import json
import os
import sys
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
from lkmr.partner.v1 import specialist_service_pb2 as pb
from lkmr.partner.v1.specialist_service_pb2_grpc import SpecialistServiceStub

from lkmr_esia.requests import client_credentials_string, encode_secret, format_timestamp
from lkmr_gost import SoftwareSigner, load_certificate

SCOPE = "http://esia.gosuslugi.ru/org_inf?org_oid=1000400001"


@dataclass(frozen=True)
class Identity:
    """What a partner proves itself with: a TLS certificate and a system at ESIA."""

    tls: Path
    name: str = "partner-demo"
    client_id: str = "PARTNER01"

    def channel(self, address: str) -> grpc.Channel:
        """TLS 1.3 with the client certificate."""
        credentials = grpc.ssl_channel_credentials(
            root_certificates=(self.tls / "ca.pem").read_bytes(),
            private_key=(self.tls / f"{self.name}.key").read_bytes(),
            certificate_chain=(self.tls / f"{self.name}.pem").read_bytes(),
        )
        return grpc.secure_channel(address, credentials)

    def system_token(self, esia: str) -> str:
        """A token of ESIA for this system (`client_credentials`), good for an hour."""
        key, certificate = (self.tls / f"{self.name}-esia.{kind}" for kind in ("key", "pem"))
        given = {
            "client_id": self.client_id,
            "scope": SCOPE,
            "timestamp": format_timestamp(datetime.now(UTC) + _moved()),
            "state": str(uuid.uuid4()),
            "redirect_uri": "http://localhost/",
        }
        signature = SoftwareSigner.from_files(key, certificate).sign(
            client_credentials_string(**given).encode()
        )
        form = given | {
            "client_secret": encode_secret(signature),
            "client_certificate_hash": load_certificate(certificate.read_bytes()).hash,
            "grant_type": "client_credentials",
            "token_type": "Bearer",
        }
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{esia}/aas/oauth2/v3/te", body, timeout=10) as answer:  # noqa: S310 - the address is the caller's
            return str(json.load(answer)["access_token"])


def check(
    stub: SpecialistServiceStub, token: str, snils: str, specialty: str, day: str = ""
) -> pb.SpecialistCheck:
    """One check. Raises grpc.RpcError; its reason is in google.rpc.ErrorInfo."""
    request = pb.CheckSpecialistRequest(
        grounds=pb.Grounds(purpose="EMPLOYMENT", basis="323-FZ-69", request_number="2026-17"),
        query=pb.SpecialistQuery(snils=snils, specialty=specialty, day=day),
    )
    metadata = (("authorization", f"Bearer {token}"),)
    return stub.CheckSpecialist(request, timeout=5, metadata=metadata)


def _moved() -> timedelta:
    """A suite started with LKMR_NOW lives on another day."""
    return timedelta(seconds=float(os.environ.get("LKMR_CLOCK_OFFSET_SECONDS", "0")))


def main() -> int:
    """Ask and print the answer as JSON; exit status 0 for an accredited specialist, else 1."""
    parser = argparse.ArgumentParser(description="Проверка специалиста")
    parser.add_argument("snils")
    parser.add_argument("specialty")
    parser.add_argument("--day", default="", help="ISO 8601, иначе сегодня")
    parser.add_argument(
        "--tls", type=Path, default=Path(os.environ.get("LKMR_HOME", ".lkmr")) / "tls"
    )
    parser.add_argument("--esia", default="http://localhost:8081")
    parser.add_argument("--address", default="localhost:8085")
    given = parser.parse_args()
    me = Identity(given.tls)
    with me.channel(given.address) as channel:
        token = me.system_token(given.esia)
        answer = check(
            SpecialistServiceStub(channel), token, given.snils, given.specialty, given.day
        )
    shown = {
        "verdict": pb.SpecialistCheck.Verdict.Name(answer.verdict).removeprefix("VERDICT_"),
        "reason": answer.reason,
        "registry_number": answer.registry_number,
        "expire_date": answer.expire_date,
        "day": answer.day,
        "confirm_time": answer.confirm_time.ToJsonString(),
    }
    print(json.dumps(shown, ensure_ascii=False))  # noqa: T201 - it talks to a person
    return 0 if answer.verdict == pb.SpecialistCheck.VERDICT_ACCREDITED else 1


if __name__ == "__main__":
    sys.exit(main())
