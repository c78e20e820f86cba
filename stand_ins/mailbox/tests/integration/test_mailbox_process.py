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

from lkmr_rig.guard import free_port

TO, PHONE = "ivanova@demo.example", "+79000000001"


@dataclass
class Mailbox:
    """The stand-in as a process."""

    process: subprocess.Popen[bytes]
    base: str
    smtp_port: int

    def stop(self) -> float:
        begin = monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        return monotonic() - begin


def started(folder: Path) -> Mailbox:
    http, smtp = free_port(), free_port()
    env = {
        "PATH": os.environ["PATH"],
        "LKMR_NOW": "2026-11-23T14:32:00+03:00",
        "MAILBOX_DATA_DIR": str(folder),
        "MAILBOX_LISTEN": f"127.0.0.1:{http}",
        "MAILBOX_SMTP_LISTEN": f"127.0.0.1:{smtp}",
        "MAILBOX_MAX_LETTER_BYTES": "20000",
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
    assert await asyncio.to_thread(mailbox.stop) < 2
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
