"""The real service and the real stand-in `mailbox`: TLS, tarpits, cuts, bounces, two providers."""

import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lkmr.accreditation.v1.events_pb2 import AccreditationAnnulled
from lkmr.auth.v1.events_pb2 import IncidentDetected
from lkmr.notify.v1 import notify_service_pb2 as pb
from pydantic import SecretStr

from lkmr_notify.clients import smtp
from lkmr_notify.clients.push.encryption import encode
from lkmr_notify.clients.smtp import SmtpSender
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home
from lkmr_rig.tls import make_all
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.events import Announcement, Bus, headers_of

from .conftest import PHONES, Suite
from .mailbox import Mailbox
from .test_senders import a_dispatch, handover
from .test_service import caller_through, rows, until

pytestmark = pytest.mark.servers

DOMAIN = "bounce.kabinet.example"


@pytest.fixture(scope="module")
def box(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    door = free_port()
    made = Mailbox(tmp_path_factory.mktemp("mailbox"), suite.home, door)
    suite.stop()
    suite.settings |= {
        "SMTP_URL": f"smtp+starttls://127.0.0.1:{made.smtp_port}",
        "SMTP_CA": str(made.ca),
        "SMS_URL": f"{made.base}/sms,{made.base}/sms-2",
        "VAPID_KEY": encode(secrets.token_bytes(32)),
        "PUSH_HOSTS": made.base,
        "BOUNCE_DOMAIN": DOMAIN,
        "BOUNCE_LISTEN": f"127.0.0.1:{door}",
    }
    suite.start()
    yield made
    made.stop()


@pytest.fixture
def mailbox(box: Mailbox) -> Iterator[Mailbox]:
    yield box
    box.good_again()


@pytest.fixture
async def bus(suite: Suite) -> AsyncIterator[Bus]:
    secret = suite.infra.nats_password("bootstrap")
    async with Bus(suite.infra.nats_url("bootstrap"), secret, name="test") as opened:
        await opened.ensure_stream("accreditation")
        await opened.ensure_stream("auth")
        yield opened


@pytest.fixture
def person() -> str:
    made = str(uuid.uuid4())
    PHONES[made] = f"+79{uuid.UUID(made).int % 10**9:09d}"
    return made


async def annul(bus: Bus, person: str) -> None:
    """A fact that goes out by letter and push."""
    name = f"workers/w-{person}/accreditations/{uuid.uuid4()}"
    fact = Announcement(name, AccreditationAnnulled(accreditation=name, version=2))
    await publish(bus, fact, "accreditation")


async def warn(bus: Bus, person: str) -> None:
    """A fact that goes out by letter and SMS."""
    name = f"incidents/{uuid.uuid4()}"
    told = IncidentDetected(incident=name, kind="TOKEN_REPLAY", person=f"persons/{person}")
    await publish(bus, Announcement(name, told), "auth")


async def publish(bus: Bus, fact: Announcement, source: str) -> None:
    headers = headers_of(fact, uuid.uuid4(), source, SystemClock().now())
    await bus.stream.publish(fact.subject, fact.message.SerializeToString(), headers=headers)


async def ends(suite: Suite, person: str) -> dict[str, tuple[str, str]]:
    """State and reason of what has ended, by channel."""
    found = await rows(
        suite,
        "SELECT channel, state, reason FROM delivery"
        " WHERE person_id = $1 AND next_try_time IS NULL",
        uuid.UUID(person),
    )
    return {row["channel"]: (row["state"], row["reason"]) for row in found}


async def end(suite: Suite, person: str, channel: str, seconds: float = 30) -> tuple[str, str]:
    async def look() -> tuple[str, str] | None:
        return (await ends(suite, person)).get(channel)

    found: tuple[str, str] = await until(look, seconds=seconds)
    return found


def a_sender(mailbox: Mailbox, url: str = "", ca: Path | None = None) -> SmtpSender:
    return SmtpSender(
        url or f"smtp+starttls://127.0.0.1:{mailbox.smtp_port}",
        password=SecretStr(""),
        mail_from="a@kabinet.example",
        ca_file=str(ca or mailbox.ca),
    )


async def send(sender: SmtpSender, to: str) -> Result:
    try:
        return await sender.send(a_dispatch(to), handover)
    finally:
        await sender.close()


@pytest.fixture
def to() -> str:
    return f"{uuid.uuid4().hex}@demo.example"


async def test_a_letter_goes_under_tls_to_a_relay_with_the_right_certificate_only(
    mailbox: Mailbox, to: str, tmp_path: Path
) -> None:
    stranger = Home(tmp_path)
    make_all(stranger)
    implicit = f"smtps://127.0.0.1:{mailbox.smtps_port}"
    foreign = stranger.tls("gateway-https") / "ca.pem"

    good = [await send(a_sender(mailbox), to), await send(a_sender(mailbox, implicit), to)]
    bad = [
        await send(a_sender(mailbox, ca=foreign), to),
        await send(a_sender(mailbox, implicit, ca=foreign), to),
    ]

    assert good == [Result(Outcome.HANDED_OVER)] * 2
    assert bad == [Result(Outcome.TEMPORARY, "RELAY_AWAY")] * 2
    assert len(mailbox.to(to)) == 2


async def test_many_letters_go_over_one_connection(mailbox: Mailbox, to: str) -> None:
    sender = a_sender(mailbox)

    for _ in range(5):
        assert await sender.send(a_dispatch(to), handover) == Result(Outcome.HANDED_OVER)

    assert len(sender._idle) == 1
    await sender.close()


async def test_a_kept_connection_that_was_cut_meanwhile_costs_nothing(
    mailbox: Mailbox, to: str
) -> None:
    sender = a_sender(mailbox)
    await sender.send(a_dispatch(to), handover)
    mailbox.behave(availability="down", system="smtp")
    assert await sender.send(a_dispatch(to), handover) == Result(Outcome.TEMPORARY, "RELAY_AWAY")
    mailbox.behave(availability="up", system="smtp")

    assert await send(sender, to) == Result(Outcome.HANDED_OVER)
    assert len(mailbox.to(to)) == 2


async def test_a_tarpit_holds_a_letter_up_and_loses_none(
    mailbox: Mailbox, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.manners("smtp", reply_delay_seconds=0.2)
    assert await send(a_sender(mailbox), to) == Result(Outcome.HANDED_OVER)
    mailbox.manners("smtp", reply_delay_seconds=3)
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.5)

    assert await send(a_sender(mailbox), to) == Result(Outcome.TEMPORARY, "RELAY_AWAY")
    assert len(mailbox.to(to)) == 1


@pytest.mark.parametrize(("cut", "kept"), [("in_message", 0), ("before_reply", 1)])
async def test_nobody_knows_the_end_of_a_letter_in_which_the_connection_broke(
    mailbox: Mailbox, to: str, cut: str, kept: int
) -> None:
    mailbox.manners("smtp", cut=cut, times=1)

    assert await send(a_sender(mailbox), to) == Result(Outcome.UNKNOWN, "RELAY_SILENT")
    assert len(mailbox.to(to)) == kept


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ("550 5.1.1 No such mailbox", Result(Outcome.PERMANENT, "ADDRESS_REFUSED_550")),
        ("452 4.2.2 Mailbox full", Result(Outcome.TEMPORARY, "ADDRESS_REFUSED_452")),
    ],
)
async def test_a_recipient_that_is_refused(
    mailbox: Mailbox, to: str, refusal: str, expected: Result
) -> None:
    mailbox.manners("smtp", refuse=refusal, times=1)
    sender = a_sender(mailbox)

    assert await sender.send(a_dispatch(to), handover) == expected
    assert await send(sender, to) == Result(Outcome.HANDED_OVER)


async def test_a_letter_that_comes_back_is_a_failed_one_however_often_the_report_comes(
    suite: Suite, bus: Bus, mailbox: Mailbox, person: str
) -> None:
    to = f"{person}@demo.example"
    await annul(bus, person)
    assert await end(suite, person, "EMAIL") == ("DELIVERED", "")

    mailbox.send_back(to, status="4.2.2", action="delayed")
    mailbox.send_back(to, status="5.1.1", times=2)

    async def failed() -> bool:
        state, _ = await end(suite, person, "EMAIL")
        return state == "PERMANENT_FAILURE"

    await until(failed)
    assert await end(suite, person, "EMAIL") == ("PERMANENT_FAILURE", "BOUNCED_5_1_1")
    told = await rows(
        suite,
        "SELECT 1 FROM outbox WHERE subject LIKE '%delivery.failed' AND resource_name LIKE $1",
        f"persons/{person}/%",
    )
    assert len(told) == 1
    assert len(mailbox.to(to)) == 1


async def test_a_letter_cut_before_the_answer_goes_out_once_and_its_end_is_shown_as_unknown(
    suite: Suite, bus: Bus, mailbox: Mailbox, person: str
) -> None:
    mailbox.manners("smtp", cut="before_reply", times=1)

    await warn(bus, person)

    assert await end(suite, person, "EMAIL") == ("TECHNICAL_FAILURE", "RELAY_SILENT")
    assert await end(suite, person, "SMS") == ("DELIVERED", "")
    assert len(mailbox.to(f"{person}@demo.example")) == 1


async def test_the_second_provider_stands_in_for_one_that_is_down(
    suite: Suite, bus: Bus, mailbox: Mailbox, person: str
) -> None:
    mailbox.behave(availability="overloaded", system="sms")

    await warn(bus, person)

    assert await end(suite, person, "SMS") == ("DELIVERED", "")
    assert len(mailbox.to(PHONES[person], "SMS")) == 1
    (row,) = await rows(
        suite,
        "SELECT provider FROM delivery WHERE person_id = $1 AND channel = 'SMS'",
        uuid.UUID(person),
    )
    assert row["provider"] == "sms-2"


async def test_a_provider_that_took_it_and_did_not_say_so_is_asked_again_and_no_other(
    suite: Suite, bus: Bus, mailbox: Mailbox, person: str
) -> None:
    mailbox.manners("sms", cut="before_reply", times=1)

    await warn(bus, person)

    assert await end(suite, person, "SMS") == ("DELIVERED", "")
    assert len(mailbox.to(PHONES[person], "SMS")) == 1
    (row,) = await rows(
        suite,
        "SELECT provider, attempts FROM delivery WHERE person_id = $1 AND channel = 'SMS'",
        uuid.UUID(person),
    )
    assert (row["provider"], row["attempts"]) == ("sms-1", 2)


async def test_a_browser_reads_its_push_and_one_that_is_gone_is_forgotten(
    suite: Suite, bus: Bus, mailbox: Mailbox, person: str
) -> None:
    browser = mailbox.ask("POST", "/push-subscriptions")
    name = browser["endpoint"].rpartition("/")[2]
    async with suite.peer() as peer:
        ask: Callable[..., Any] = caller_through(peer)
        request = pb.SubscribeBrowserRequest(endpoint=browser["endpoint"], **browser["keys"])
        await ask("SubscribeBrowser", request, person)
    await annul(bus, person)

    assert await end(suite, person, "PUSH") == ("DELIVERED", "")
    (told,) = mailbox.to(name, "PUSH")
    assert told["subject"]
    assert "кардиология" not in told["subject"] + told["text"]

    mailbox.ask("DELETE", f"/push-subscriptions/{name}")
    await annul(bus, person)

    async def forgotten() -> bool:
        found = await rows(
            suite, "SELECT 1 FROM push_subscription WHERE person_id = $1", uuid.UUID(person)
        )
        return not found

    await until(forgotten)
    assert len(mailbox.to(name, "PUSH")) == 1
