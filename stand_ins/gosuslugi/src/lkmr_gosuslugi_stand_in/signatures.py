"""Checks of `client_secret`: raw GOST signatures of v2/v3 and CMS containers of v1."""

from datetime import timedelta

from lkmr_esia.requests import decode_secret, parse_timestamp, v1_string
from lkmr_gost import Certificate, CertificateVerifier
from lkmr_gost.cms import CmsRefused, CmsSignerUnknown, verify_signed
from lkmr_gosuslugi_stand_in.clients import Client
from lkmr_gosuslugi_stand_in.faults import EsiaFault, missing
from lkmr_gosuslugi_stand_in.parameters import Parameters
from lkmr_gosuslugi_stand_in.signed_log import SignedString, spelling_of
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.clock import real_now


def check_time(world: World, timestamp: str) -> None:
    """Raises EsiaFault: 007014 for another form, 007015 for a time too far from ours."""
    try:
        moment = parse_timestamp(timestamp)
    except ValueError:
        raise missing("timestamp") from None
    if abs(moment - world.now()) > timedelta(seconds=world.switches.timestamp_skew_seconds):
        raise EsiaFault("007015")


def check_raw(
    world: World, client: Client, given: Parameters, endpoint: str, rows: dict[str, str]
) -> str:
    """Accept the first row whose string the client signed; gives the row. Raises 007053."""
    certificate, hash_state = _certificate_of(client, given)
    try:
        signature = decode_secret(given["client_secret"])
        spelling = spelling_of(given["client_secret"])
    except ValueError:
        signature, spelling = b"", "unreadable"
    accepted = [row for row, text in rows.items() if _fits(text, signature, certificate)]
    for row, text in rows.items():
        if row in (accepted or rows):
            entry = SignedString(
                time=world.now().isoformat(timespec="seconds"),
                endpoint=endpoint,
                client_id=client.client_id,
                row=row,
                string=text,
                spelling=spelling,
                hash=hash_state,
                verdict="accepted" if accepted else "ESIA-007053",
            )
            world.signed.add(entry)
    if not accepted:
        raise EsiaFault("007053")
    return accepted[0]


def _fits(text: str, signature: bytes, certificate: Certificate | None) -> bool:
    if certificate is None:
        return False
    return CertificateVerifier().verify(text.encode(), signature, certificate)


def _certificate_of(client: Client, given: Parameters) -> tuple[Certificate | None, str]:
    """By the hash; without one (row 6b) the client must have a single certificate.

    Dates of certificates are judged by real time, by which they are issued, not by the suite's.
    """
    hash_, now = given.get("client_certificate_hash", ""), real_now()
    if not hash_:
        only = client.certificates[0] if len(client.certificates) == 1 else None
        return (only if only and only.valid_at(now) else None), "absent"
    found = client.certificate(hash_, now)
    if found is None:
        return None, "unknown"
    return found, "known" if hash_ == hash_.upper() else "lower case"


def check_cms(world: World, client: Client, given: Parameters, endpoint: str, row: str) -> None:
    """v1: raises 007002 for a container that the client's certificate did not sign, 007005 else."""
    text = v1_string(
        scope=given["scope"],
        timestamp=given["timestamp"],
        client_id=given["client_id"],
        state=given["state"],
    )
    fault = _cms_fault(client, given["client_secret"], text)
    world.signed.add(
        SignedString(
            time=world.now().isoformat(timespec="seconds"),
            endpoint=endpoint,
            client_id=client.client_id,
            row=row,
            string=text,
            spelling=spelling_of(given["client_secret"]),
            hash="not needed",
            verdict=f"ESIA-{fault}" if fault else "accepted",
        )
    )
    if fault:
        raise EsiaFault(fault)


def _cms_fault(client: Client, secret: str, text: str) -> str:
    try:
        container = decode_secret(secret)
    except ValueError:
        return "007005"
    now, fault = real_now(), "007002"
    for certificate in client.certificates:
        if not certificate.valid_at(now) or not (certificate.is_gost or client.record.legacy_rsa):
            continue
        try:
            verify_signed(container, text.encode(), certificate)
        except CmsSignerUnknown:
            continue
        except CmsRefused:
            fault = "007005"
        else:
            return ""
    return fault
