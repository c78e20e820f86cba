import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from time import monotonic
from typing import Any

import aiosmtplib
import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home
from lkmr_rig.tls import make_all

TO, PHONE = "ivanova@demo.example", "+79000000001"


@dataclass
class Mailbox:
    """The stand-in as a process."""

    process: subprocess.Popen[bytes]
    base: str
    smtp_port: int

    def stop(self) -> None:
        """Raises subprocess.TimeoutExpired for a process that waits for its clients."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def started(folder: Path, **more: str) -> Mailbox:
    http, smtp = free_port(), free_port()
    env = {
        "PATH": os.environ["PATH"],
        "LKMR_NOW": "2026-11-23T14:32:00+03:00",
        "MAILBOX_DATA_DIR": str(folder),
        "MAILBOX_LISTEN": f"127.0.0.1:{http}",
        "MAILBOX_SMTP_LISTEN": f"127.0.0.1:{smtp}",
        "MAILBOX_MAX_LETTER_BYTES": "20000",
        **more,
    }
    with (folder / "log.jsonl").open("ab") as sink:
        command = [sys.executable, "-m", "lkmr_mailbox_stand_in"]
        process = subprocess.Popen(command, env=env, stdout=sink, stderr=sink)
    mailbox = Mailbox(process, f"http://127.0.0.1:{http}", smtp)
    with httpx2.Client(trust_env=False) as client:
        until = monotonic() + 20
        while process.poll() is None and monotonic() < until:
            try:
                client.get(f"{mailbox.base}/_control/health").raise_for_status()
            except httpx2.TransportError:
                continue
            return mailbox
    raise AssertionError((folder / "log.jsonl").read_text())


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    one = started(tmp_path)
    yield one
    if one.process.poll() is None:
        one.process.kill()
        one.process.wait()


@pytest.fixture
async def http(mailbox: Mailbox) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=mailbox.base, trust_env=False) as client:
        yield client


def letter(text: str = "Осталось 30 дней.", to: str = TO) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "cabinet@demo.example", to
    message["Subject"] = "Срок аккредитации"
    message.set_content(text)
    return message


async def send(mailbox: Mailbox, message: EmailMessage, **options: Any) -> None:
    given = {"hostname": "127.0.0.1", "port": mailbox.smtp_port, "timeout": 10, **options}
    await aiosmtplib.send(message, start_tls=False, **given)


async def texts(http: httpx2.AsyncClient, to: str = TO) -> list[str]:
    answer = await http.get("/api/messages", params={"to": to})
    return [one["text"] for one in answer.json()]


async def behave(http: httpx2.AsyncClient, **change: object) -> None:
    (await http.put("/_control/behaviour", json=change)).raise_for_status()


async def test_a_letter_arrives_with_and_without_a_password(
    mailbox: Mailbox, http: httpx2.AsyncClient
) -> None:
    await send(mailbox, letter("первое"))
    await send(mailbox, letter("второе"), username="notify", password="secret")
    assert await texts(http, "IVANOVA@demo.example") == ["второе", "первое"]
    (newest, _) = (await http.get("/api/messages", params={"to": TO})).json()
    assert (newest["channel"], newest["subject"]) == ("EMAIL", "Срок аккредитации")
    assert newest["time"].startswith("2026-11-23T11:32")


async def test_each_recipient_gets_the_letter(mailbox: Mailbox, http: httpx2.AsyncClient) -> None:
    await send(mailbox, letter("всем"), recipients=[TO, "petrov@demo.example"])
    assert await texts(http) == await texts(http, "petrov@demo.example") == ["всем"]


async def test_a_letter_that_is_too_large_is_refused_for_good(
    mailbox: Mailbox, http: httpx2.AsyncClient
) -> None:
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await send(mailbox, letter("ж" * 20_000))
    assert refused.value.code == 552
    assert await texts(http) == []


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        ({"availability": "overloaded"}, "later"),
        ({"availability": "maintenance", "until": "2026-11-23T20:00:00Z"}, "20:00:00Z"),
        ({"error_rate": 1}, "error"),
    ],
)
async def test_451_when_told_and_taken_again_afterwards(
    mailbox: Mailbox, http: httpx2.AsyncClient, behaviour: dict[str, object], word: str
) -> None:
    await behave(http, system="smtp", **behaviour)
    with pytest.raises(
        (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError), match=word
    ) as refused:
        await send(mailbox, letter())
    assert refused.value.code == 451
    assert await texts(http) == []
    await behave(http, availability="up")
    await send(mailbox, letter())
    assert len(await texts(http)) == 1


async def test_down_cuts_open_and_new_connections_and_reading_works(
    mailbox: Mailbox, http: httpx2.AsyncClient
) -> None:
    client = aiosmtplib.SMTP(
        hostname="127.0.0.1", port=mailbox.smtp_port, timeout=10, start_tls=False
    )
    await client.connect()
    await behave(http, availability="down")
    with pytest.raises(aiosmtplib.SMTPException):
        await client.noop()
    with pytest.raises(aiosmtplib.SMTPException):
        await send(mailbox, letter())
    with pytest.raises(httpx2.TransportError):
        await http.post("/sms", json={"to": PHONE, "text": "x"})
    assert await texts(http) == []


async def test_slow_takes_the_letter_late(mailbox: Mailbox, http: httpx2.AsyncClient) -> None:
    await behave(http, availability="slow", delay_seconds=0.4, system="smtp")
    begin = monotonic()
    await send(mailbox, letter("поздно"))
    assert monotonic() - begin >= 0.4
    assert await texts(http) == ["поздно"]


async def test_sms_and_push_and_the_page(http: httpx2.AsyncClient) -> None:
    for _ in range(2):
        sent = await http.post(
            "/sms",
            json={"to": PHONE, "text": "Код 123456"},
            headers={"Idempotency-Key": "one"},
        )
        assert sent.status_code == 201
    pushed = await http.post(
        "/push/sub-1",
        json={"title": "Аккредитация", "body": "<b>30 дней</b>"},
        headers={"TTL": "60"},
    )
    assert (pushed.status_code, "location" in pushed.headers) == (201, True)
    assert await texts(http, "+7 900 000-00-01") == ["Код 123456"]
    (push,) = (await http.get("/api/messages", params={"to": "sub-1"})).json()
    assert (push["channel"], push["subject"]) == ("PUSH", "Аккредитация")
    page = (await http.get("/")).text
    assert "Код 123456" in page
    assert "&lt;b&gt;30 дней" in page


async def test_what_providers_refuse(http: httpx2.AsyncClient) -> None:
    for body in ({"to": "abc", "text": "x"}, {"to": PHONE}, {"to": PHONE, "text": "", "more": 1}):
        assert (await http.post("/sms", json=body)).status_code == 422
    assert (await http.post("/push/sub-1", content=b"x")).status_code == 400
    long = await http.post("/push/sub-1", content=b"x" * 4097, headers={"TTL": "0"})
    assert long.status_code == 413
    await behave(http, availability="overloaded", system="sms")
    overloaded = await http.post("/sms", json={"to": PHONE, "text": "x"})
    assert (overloaded.status_code, overloaded.headers["retry-after"]) == (429, "1")


async def test_messages_survive_a_restart_and_leave_no_trace_in_the_log(
    mailbox: Mailbox, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    await send(mailbox, letter("останется"))
    await http.post("/sms", json={"to": PHONE, "text": "и это"})
    idle = await asyncio.open_connection("127.0.0.1", mailbox.smtp_port)
    await asyncio.to_thread(mailbox.stop)
    assert mailbox.process.returncode == 0
    idle[1].close()
    again = await asyncio.to_thread(started, tmp_path)
    async with httpx2.AsyncClient(base_url=again.base, trust_env=False) as client:
        assert await texts(client) == ["останется"]
        assert await texts(client, PHONE) == ["и это"]
    await asyncio.to_thread(again.stop)
    log = (tmp_path / "log.jsonl").read_text()
    for secret in (TO, "9000000001", "останется", "Срок"):
        assert secret not in log


async def manners(http: httpx2.AsyncClient, system: str, **change: object) -> None:
    answer = await http.put("/_control/manners", json={"system": system, **change})
    assert answer.status_code == 204


async def test_a_tarpit_answers_every_step_late(mailbox: Mailbox, http: httpx2.AsyncClient) -> None:
    await manners(http, "smtp", reply_delay_seconds=0.1)
    begin = monotonic()
    await send(mailbox, letter("медленно"))
    assert monotonic() - begin >= 0.5  # greeting, EHLO, MAIL, RCPT, DATA, the end
    assert await texts(http) == ["медленно"]


@pytest.mark.parametrize(("cut", "kept"), [("in_message", []), ("before_reply", ["оборвано"])])
async def test_a_connection_breaks_in_the_letter_or_before_the_answer(
    mailbox: Mailbox, http: httpx2.AsyncClient, cut: str, kept: list[str]
) -> None:
    await manners(http, "smtp", cut=cut, times=1)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox, letter("оборвано"))
    assert await texts(http) == kept
    await send(mailbox, letter("целое"))
    assert await texts(http) == ["целое", *kept]


async def test_a_recipient_is_refused_in_the_words_that_were_given(
    mailbox: Mailbox, http: httpx2.AsyncClient
) -> None:
    await manners(http, "smtp", refuse="452 4.2.2 Mailbox full", times=1)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(mailbox, letter())
    assert refused.value.recipients[0].code == 452
    await send(mailbox, letter())
    assert (await http.put("/_control/manners", json={"system": "fax"})).status_code == 422


async def test_a_provider_that_took_an_sms_may_fail_to_say_so(http: httpx2.AsyncClient) -> None:
    body, once = {"to": PHONE, "text": "один"}, {"Idempotency-Key": "k"}
    await manners(http, "sms", cut="before_reply", times=1)
    with pytest.raises(httpx2.TransportError):
        await http.post("/sms", json=body, headers=once)
    assert (await http.post("/sms", json=body, headers=once)).status_code == 201
    assert await texts(http, PHONE) == ["один"]
    await http.post("/sms-2", json=body, headers=once)
    assert await texts(http, PHONE) == ["один", "один"]


async def test_tls_from_the_first_byte_and_by_starttls(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make_all(home)
    tls, port = home.tls("gateway-https"), free_port()
    mailbox = await asyncio.to_thread(
        lambda: started(
            tmp_path,
            MAILBOX_SMTPS_LISTEN=f"127.0.0.1:{port}",
            MAILBOX_TLS_CERT=str(tls / "cert.pem"),
            MAILBOX_TLS_KEY=str(tls / "key.pem"),
        )
    )
    trusted = {"cert_bundle": str(tls / "ca.pem")}
    try:
        await aiosmtplib.send(
            letter("сразу"), hostname="127.0.0.1", port=port, use_tls=True, **trusted
        )
        await aiosmtplib.send(
            letter("потом"), hostname="127.0.0.1", port=mailbox.smtp_port, start_tls=True, **trusted
        )
        with pytest.raises(aiosmtplib.SMTPConnectError):
            await aiosmtplib.send(letter(), hostname="127.0.0.1", port=port, use_tls=True)
        async with httpx2.AsyncClient(base_url=mailbox.base, trust_env=False) as client:
            assert await texts(client) == ["потом", "сразу"]
    finally:
        await asyncio.to_thread(mailbox.stop)


async def test_a_letter_comes_back_to_its_return_path(tmp_path: Path) -> None:
    reports: list[Envelope] = []

    class Door:
        async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
            reports.append(envelope)
            return "250 OK"

    port = free_port()
    controller = Controller(Door(), hostname="127.0.0.1", port=port)
    controller.start()
    mailbox = await asyncio.to_thread(
        lambda: started(tmp_path, MAILBOX_BOUNCE_TO=f"127.0.0.1:{port}")
    )
    try:
        async with httpx2.AsyncClient(base_url=mailbox.base, trust_env=False) as client:
            wanted = {"to": TO, "status": "5.1.1"}
            assert (await client.post("/_control/bounces", json=wanted)).status_code == 404
            await send(mailbox, letter(), sender="bounce+1@bounce.example")
            assert (await client.post("/_control/bounces", json=wanted)).status_code == 202
    finally:
        await asyncio.to_thread(mailbox.stop)
        controller.stop()
    (report,) = reports
    assert (report.mail_from, report.rcpt_tos) == ("<>", ["bounce+1@bounce.example"])
    assert b"Status: 5.1.1" in bytes(report.original_content or b"")
