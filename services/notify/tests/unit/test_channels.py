import base64
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dkim
import http_ece
import httpx2
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_notify.clients.bounces import bounce_of, return_path
from lkmr_notify.clients.dkim import signer
from lkmr_notify.clients.push.encryption import browser_keys, decode, encode, encrypt
from lkmr_notify.clients.push.sender import PushSender
from lkmr_notify.clients.push.vapid import Vapid
from lkmr_notify.clients.sms import SmsSender
from lkmr_notify.domain.delivery import Outcome
from lkmr_notify.usecases.browsers import PushHosts
from lkmr_notify.usecases.ports import Dispatch, Subscription
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.personal import Personal

SECRET = encode(b"\x07" * 32)


def a_dispatch(**changed: Any) -> Dispatch:
    facts: dict[str, Any] = {
        "delivery": uuid.UUID(int=7),
        "person": uuid.uuid4(),
        "to": Personal("+79000000001"),
        "title": "Новости",
        "subject": "Новости",
        "paragraphs": ("Текст.",),
        "link": "https://cabinet.example/messages/1",
        "create_time": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }
    return Dispatch(**{**facts, **changed})


def test_the_example_of_the_standard_is_met() -> None:
    """RFC 8291, appendix A."""
    browser, auth = browser_keys(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    scalar = decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())

    made = encrypt(
        b"When I grow up, I want to be a watermelon",
        browser,
        auth,
        key=key,
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert encode(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6"
        "TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulc"
        "y4a-fN"
    )


@settings(max_examples=25)
@given(st.binary(max_size=2000))
def test_another_implementation_reads_what_was_encrypted(plain: bytes) -> None:
    private, auth = ec.generate_private_key(ec.SECP256R1()), b"a" * 16
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    made = encrypt(plain, *browser_keys(encode(point), encode(auth)))

    opened = http_ece.decrypt(made, private_key=private, auth_secret=auth, version="aes128gcm")
    assert opened == plain


@pytest.mark.parametrize(("p256dh", "auth"), [("", ""), ("AAAA", encode(b"a" * 16)), ("я", "я")])
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):
        browser_keys(p256dh, auth)


def test_the_sender_proves_itself_for_one_push_service_and_a_short_time() -> None:
    vapid = Vapid(SECRET, "mailto:support@kabinet.example", FakeClock())

    header = vapid.authorization("https://push.example:443/a/b")

    token = header.removeprefix("vapid t=").partition(",")[0]
    claims = orjson.loads(decode(token.split(".")[1]))
    assert claims["aud"] == "https://push.example:443"
    assert 0 < claims["exp"] - FakeClock().now().timestamp() <= 24 * 3600
    assert header.endswith(f"k={vapid.public_key}")
    with pytest.raises(ValueError):
        Vapid("short", "mailto:a@b.example", FakeClock())


async def handover(provider: str = "") -> None:
    """Nobody else has the delivery."""


@pytest.mark.parametrize(
    ("status", "outcome", "forgotten"),
    [
        (201, Outcome.HANDED_OVER, False),
        (410, Outcome.PERMANENT, True),
        (404, Outcome.PERMANENT, True),
        (429, Outcome.TEMPORARY, False),
        (503, Outcome.TEMPORARY, False),
        (400, Outcome.TECHNICAL, False),
    ],
)
async def test_what_a_push_service_says_decides_what_becomes_of_the_browser(
    status: int,
    outcome: Outcome,
    forgotten: bool,  # noqa: FBT001 - a column of the table
) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    name, gone = uuid.uuid4(), []
    browser = Subscription("https://push.example/x", encode(point), encode(b"a" * 16))

    async def browsers(_: uuid.UUID) -> list[tuple[uuid.UUID, Subscription]]:
        return [(name, browser)]

    async def forget(one: uuid.UUID) -> None:
        gone.append(one)

    transport = httpx2.MockTransport(lambda _: httpx2.Response(status))
    async with httpx2.AsyncClient(transport=transport) as http:
        sender = PushSender(
            Vapid(SECRET, "mailto:a@b.example", FakeClock()), http, browsers=browsers, forget=forget
        )
        result = await sender.send(a_dispatch(), handover)

    assert result.outcome is outcome
    assert gone == ([name] if forgotten else [])


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://a.notify.windows.com/x", True),
        ("http://localhost:8083/push/x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.attacker.example/x", False),
        ("https://attacker.example/fcm.googleapis.com", False),
        ("https://fcm.googleapis.com@attacker.example/x", False),
        ("https://notify.windows.com.attacker.example/x", False),
        ("http://localhost:8084/push/x", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
    ],
)
def test_only_known_push_services_are_called(
    endpoint: str,
    allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    hosts = PushHosts(
        frozenset({"fcm.googleapis.com", ".notify.windows.com"}),
        frozenset({"http://localhost:8083"}),
    )

    assert hosts.allow(endpoint) is allowed


@pytest.mark.parametrize(
    ("first", "asked", "outcome", "pinned"),
    [
        (httpx2.Response(201), ["one"], Outcome.HANDED_OVER, False),
        (httpx2.Response(503), ["one", "two"], Outcome.HANDED_OVER, False),
        (httpx2.ConnectError("away"), ["one", "two"], Outcome.HANDED_OVER, False),
        (httpx2.ReadTimeout("late"), ["one"], Outcome.TEMPORARY, True),
        (httpx2.Response(504), ["one"], Outcome.TEMPORARY, True),
        (httpx2.Response(422), ["one"], Outcome.PERMANENT, False),
    ],
)
async def test_the_second_provider_is_asked_only_when_the_first_surely_has_not_taken_it(
    first: httpx2.Response | Exception,
    asked: list[str],
    outcome: Outcome,
    pinned: bool,  # noqa: FBT001 - a column of the table
) -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.host.partition(".")[0])
        if seen[-1] == "two":
            return httpx2.Response(201)
        if isinstance(first, Exception):
            raise first
        return first

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        sender = SmsSender(["https://one.example/sms", "https://two.example/sms"], http)
        result = await sender.send(a_dispatch(), handover)

    assert seen == asked
    assert (result.outcome, result.pinned) == (outcome, pinned)


async def test_a_provider_that_may_have_it_is_the_only_one_that_is_asked_again() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.host)
        return httpx2.Response(201)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        sender = SmsSender(["https://one.example/sms", "https://two.example/sms"], http)
        await sender.send(a_dispatch(provider="sms-2"), handover)

    assert seen == ["two.example"]


def a_report(status: str, action: str = "failed") -> bytes:
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIvanova, no such mailbox\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; a@b.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        "--b--\r\n"
    ).encode()


def test_a_report_names_its_delivery_and_why_it_failed() -> None:
    dispatch = a_dispatch()
    path = return_path(dispatch, "bounce.example")

    found = bounce_of(path, a_report("5.1.1 (no such user)"))

    assert found is not None
    assert (found.delivery, found.made) == (dispatch.delivery, dispatch.create_time)
    assert (found.reason, found.permanent) == ("BOUNCED_5_1_1", True)
    assert bounce_of(path, a_report("4.2.2")) is not None
    assert bounce_of(path, a_report("2.0.0", action="delivered")) is None
    assert bounce_of("somebody@bounce.example", a_report("5.1.1")) is None
    assert return_path(dispatch, "") == ""


@given(st.binary(max_size=400), st.text(max_size=60))
def test_what_comes_in_at_the_door_never_breaks_it(content: bytes, recipient: str) -> None:
    path = return_path(a_dispatch(), "bounce.example")

    bounce_of(path, content)
    bounce_of(recipient, content)


def test_a_signature_is_found_right_by_another_reader(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "dkim.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    public = base64.b64encode(
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    letter = b"From: a@kabinet.example\r\nTo: b@c.example\r\nSubject: x\r\n\r\nText.\r\n"
    sign = signer("kabinet.example", "lkmr", file)

    signed = sign(letter) + letter

    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"lkmr._domainkey.kabinet.example."
        return b"v=DKIM1; k=rsa; p=" + public

    assert dkim.verify(signed, dnsfunc=record)
    assert not dkim.verify(signed.replace(b"Text.", b"Test."), dnsfunc=record)
    file.write_text("no key")
    with pytest.raises(ValueError):
        signer("kabinet.example", "lkmr", file)
