import uuid
from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from typing import Any

import pytest

from lkmr_notify.clients.letter import letter_of
from lkmr_notify.domain.delivery import Channel, Outcome, Result, State
from lkmr_notify.domain.message import Message
from lkmr_notify.main import load_texts
from lkmr_notify.usecases.deliver import Deliverer
from lkmr_notify.usecases.ports import Dispatch
from lkmr_notify.usecases.tell_about_accreditation import tell_about_accreditation
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.personal import Personal

from .fakes import AWAY, CONTACTS, Accreditations, People, Sender, Store, a_delivery, always

NAME = "workers/w/accreditations/a"
EVENT: Event[Any] = Event(uuid.uuid4(), "subject", NAME, None)


async def tell(store: Store, **changed: Any) -> Message | None:
    parts: dict[str, Any] = {
        "people": People(),
        "accreditations": Accreditations(),
        "texts": load_texts(),
        "new_uow": always(store),
        "clock": FakeClock(),
    }
    return await tell_about_accreditation(
        "ACCREDITATION_CHANGED", NAME, consumer="c", event=EVENT, **{**parts, **changed}
    )


async def test_an_event_gives_one_message_however_often_it_comes() -> None:
    store = Store()

    first, second = await tell(store), await tell(store)

    assert first is not None
    assert second is None
    assert store.kept.count("created") == 1
    assert first.link == "/accreditations/a"
    assert "«терапия»" in first.text
    assert "терапия" not in first.title


async def test_who_never_signed_in_is_told_nothing_and_the_event_is_done() -> None:
    store = Store()

    assert await tell(store, people=People(found=None)) is None
    assert [type(one) for one in store.kept] == [tuple]


async def test_an_entry_that_is_gone_is_told_without_details() -> None:
    message = await tell(Store(), accreditations=Accreditations(found=None))

    assert message is not None
    assert message.link == "/accreditations"
    assert message.text


async def test_while_auth_is_away_the_event_waits() -> None:
    store = Store()

    with pytest.raises(ServiceError, match="PEER_UNAVAILABLE"):
        await tell(store, people=People(fault=AWAY))

    assert store.kept == []


class Pauses(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def a_deliverer(store: Store, sender: Sender, **changed: Any) -> Deliverer:
    parts: dict[str, Any] = {
        "people": People(),
        "senders": {Channel.EMAIL: sender, Channel.SMS: sender},
        "texts": load_texts(),
        "new_uow": always(store),
        "clock": FakeClock(),
        "cabinet_url": "http://localhost:8080/",
        "jitter": lambda: 1.0,
        "pause": Pauses(),
        "observe": lambda *_: None,
    }
    return Deliverer(**{**parts, **changed})


async def test_a_letter_and_an_sms_go_to_their_addresses() -> None:
    mail, sms = a_delivery(), a_delivery(Channel.SMS)
    store, sender = Store(due=[mail, sms]), Sender()

    assert await a_deliverer(store, sender).deliver_due() == 2

    assert [one.to.open() for one in sender.sent] == ["ivanova@demo.example", "+79000000001"]
    assert sender.sent[0].link == f"http://localhost:8080/messages/{mail.message}"
    assert store.kept == [(State.DELIVERED, "")] * 2


@pytest.mark.parametrize(
    ("changed", "end", "announced"),
    [
        ({"people": People(fault=AWAY)}, (State.TECHNICAL_FAILURE, "PEER_UNAVAILABLE"), []),
        (
            {"people": People(found=None)},
            (State.PERMANENT_FAILURE, "PERSON_UNKNOWN"),
            ["failed EMAIL PERSON_UNKNOWN"],
        ),
        (
            {"people": People(found=replace(CONTACTS, email=Personal("")))},
            (State.PERMANENT_FAILURE, "ADDRESS_UNKNOWN"),
            ["failed EMAIL ADDRESS_UNKNOWN"],
        ),
        ({"senders": {}}, (State.TECHNICAL_FAILURE, "CHANNEL_OFF"), []),
    ],
)
async def test_whose_fault_it_was_is_kept_and_a_last_try_is_announced(
    changed: dict[str, Any], end: object, announced: list[str]
) -> None:
    store = Store(due=[a_delivery()])

    await a_deliverer(store, Sender(), **changed).deliver_due()

    assert store.kept == [end, *announced]


async def test_a_try_after_a_day_is_the_last() -> None:
    clock = FakeClock()
    clock.move(hours=24)
    store = Store(due=[a_delivery(attempts=20)])
    sender = Sender(Result(Outcome.TEMPORARY, "RELAY_AWAY"))

    await a_deliverer(store, sender, clock=clock).deliver_due()

    assert store.kept == [(State.TEMPORARY_FAILURE, "RELAY_AWAY"), "failed EMAIL RELAY_AWAY"]


async def test_a_sent_letter_is_not_sent_again_when_the_database_blinks() -> None:
    store, sender = Store(due=[a_delivery()], faults=[AWAY, AWAY]), Sender()
    pauses = Pauses()

    await a_deliverer(store, sender, pause=pauses).deliver_due()

    assert len(sender.sent) == 1
    assert len(pauses) == 2
    assert store.kept == [(State.DELIVERED, "")]


async def test_an_end_that_another_instance_took_over_is_not_announced() -> None:
    store = Store(due=[a_delivery()], mine=False)

    await a_deliverer(store, Sender(Result(Outcome.PERMANENT, "X"))).deliver_due()

    assert store.kept == [(State.PERMANENT_FAILURE, "X")]


def a_dispatch(to: str = "ivanova@demo.example") -> Dispatch:
    delivery = a_delivery()
    template = load_texts().latest("ACCREDITATION_CHANGED")
    return Dispatch(
        delivery=delivery.id,
        to=Personal(to),
        subject=template.subject,
        paragraphs=(*template.letter, "<script>"),
        link="http://localhost:8080/messages/1?a=1&b=2",
        create_time=delivery.create_time,
    )


def test_a_letter_is_plain_text_and_the_same_as_html() -> None:
    dispatch = a_dispatch()
    sender = Address("Кабинет медработника", addr_spec="no-reply@kabinet.example")

    letter = message_from_bytes(letter_of(dispatch, sender).as_bytes(), policy=default)

    assert letter["Subject"] == "Изменилась запись об аккредитации"
    assert letter["From"] == "Кабинет медработника <no-reply@kabinet.example>"
    assert letter["Message-ID"] == f"<{dispatch.delivery}@kabinet.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, rich = letter.iter_parts()
    assert "изменилась запись" in plain.get_content()
    assert dispatch.link in plain.get_content()
    assert "&lt;script&gt;" in rich.get_content()
    assert "a=1&amp;b=2" in rich.get_content()


@pytest.mark.parametrize("to", ["", "no-at-sign", "a@b\r\nBcc: c@d.example", "a b@c d"])
def test_an_address_that_is_none_makes_no_letter(to: str) -> None:
    sender = Address("", addr_spec="no-reply@kabinet.example")

    with pytest.raises((ValueError, IndexError, LookupError)):
        letter_of(a_dispatch(to), sender)
