import uuid
from collections.abc import Iterator

import httpx2
import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from lkmr_notify.clients.sms import SmsSender
from lkmr_notify.clients.smtp import SmtpSender
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.ports import Dispatch
from lkmr_rig.guard import free_port
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.personal import Personal

from .conftest import Relay

HANDED_OVER = Result(Outcome.HANDED_OVER)


async def handover(provider: str = "") -> None:
    """Nobody else has the delivery."""


@pytest.fixture
def relay() -> Iterator[tuple[Relay, int]]:
    made, port = Relay(), free_port()
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    yield made, port
    controller.stop()


def a_dispatch(to: str) -> Dispatch:
    return Dispatch(
        delivery=uuid.uuid4(),
        person=uuid.uuid4(),
        title="Изменилась запись",
        to=Personal(to),
        subject="Изменилась запись",
        paragraphs=("Изменилась запись.",),
        link="http://localhost:8080/messages/1",
        create_time=FakeClock().now(),
    )


def a_sender(port: int, scheme: str = "smtp") -> SmtpSender:
    url = f"{scheme}://127.0.0.1:{port}"
    return SmtpSender(url, password=SecretStr(""), mail_from="Кабинет <no-reply@kabinet.example>")


@pytest.mark.parametrize(
    ("to", "answers", "expected"),
    [
        ("ivanova@demo.example", [], HANDED_OVER),
        ("refused@demo.example", [], Result(Outcome.PERMANENT, "ADDRESS_REFUSED_550")),
        ("a@demo.example", ["451 later"], Result(Outcome.TEMPORARY, "LETTER_REFUSED_451")),
        ("a@demo.example", ["554 no"], Result(Outcome.PERMANENT, "LETTER_REFUSED_554")),
        ("not an address", [], Result(Outcome.PERMANENT, "ADDRESS_INVALID")),
        ("a@b.example\r\nBcc: c@d.example", [], Result(Outcome.PERMANENT, "ADDRESS_INVALID")),
    ],
)
async def test_what_the_relay_says_decides_whose_fault_it_is(
    relay: tuple[Relay, int], to: str, answers: list[str], expected: Result
) -> None:
    relay[0].answers += answers

    assert await a_sender(relay[1]).send(a_dispatch(to), handover) == expected
    assert len(relay[0].letters) == (expected == HANDED_OVER)


async def test_a_repeat_has_the_same_message_id(relay: tuple[Relay, int]) -> None:
    dispatch = a_dispatch("ivanova@demo.example")

    for _ in range(2):
        await a_sender(relay[1]).send(dispatch, handover)

    first, second = (letter["Message-ID"] for letter in relay[0].letters)
    assert first == second == f"<{dispatch.delivery}@kabinet.example>"


async def test_a_relay_that_is_away_or_without_tls_is_a_passing_fault(
    relay: tuple[Relay, int],
) -> None:
    dispatch = a_dispatch("ivanova@demo.example")

    away = await a_sender(free_port()).send(dispatch, handover)
    bare = await a_sender(relay[1], "smtp+starttls").send(dispatch, handover)

    assert away == bare == Result(Outcome.TEMPORARY, "RELAY_AWAY")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.HANDED_OVER),
        (202, Outcome.HANDED_OVER),
        (400, Outcome.PERMANENT),
        (401, Outcome.TECHNICAL),
        (429, Outcome.TEMPORARY),
        (503, Outcome.TEMPORARY),
    ],
)
async def test_what_the_sms_provider_says_decides_whose_fault_it_is(
    status: int, outcome: Outcome
) -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(status)

    dispatch = a_dispatch("+79000000001")
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
        result = await SmsSender(["http://sms.example/sms"], client).send(dispatch, handover)

    assert result.outcome is outcome
    assert seen[0].headers["idempotency-key"] == str(dispatch.delivery)


async def test_an_sms_provider_that_is_away_is_a_passing_fault() -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        sender = SmsSender([f"http://127.0.0.1:{free_port()}/sms"], client)

        result = await sender.send(a_dispatch("+79000000001"), handover)

    assert result == Result(Outcome.TEMPORARY, "PROVIDER_AWAY")
