import hashlib
import uuid
from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from typing import Any

import pytest

from lkmr_notify.clients.letter import letter_of
from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.delivery import Outcome, Result, State
from lkmr_notify.domain.errors import UnsubscribeLinkInvalid
from lkmr_notify.domain.message import Message
from lkmr_notify.domain.preferences import Preferences
from lkmr_notify.main import load_data
from lkmr_notify.usecases.courier import take_due
from lkmr_notify.usecases.deliver import Delivering, deliver
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import Dispatch, Recipient
from lkmr_notify.usecases.tell_of_fact import Fact, Telling, tell_of_fact, tell_of_facts
from lkmr_notify.usecases.unsubscribe_links import UnsubscribeLinks
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.personal import Personal

from .fakes import AWAY, CONTACTS, HEAD, PERSON, People, Sender, Store, Told, a_delivery, always

NAME = "workers/w/accreditations/a"
EVENT: Event[Any] = Event(uuid.uuid4(), "subject", NAME, None)
TEXTS, RULES = load_data()


FIELDS = {"accreditation": NAME, "version": 2}


def telling(**changed: Any) -> Telling:
    parts: dict[str, Any] = {
        "people": People(),
        "facts": {"accreditation": Told()},
        "texts": TEXTS,
        "rules": RULES,
        "new_uow": always(Store()),
        "clock": FakeClock(),
    }
    return Telling(**{**parts, **changed})


async def tell(store: Store, event: str = "AccreditationChanged", **changed: Any) -> list[Message]:
    fact = Fact(EVENT, f"lkmr.accreditation.v1.{event}", FIELDS)
    parts = telling(new_uow=always(store), **changed)
    return await tell_of_fact(fact, consumer="c", parts=parts)


async def test_an_event_gives_one_message_however_often_it_comes() -> None:
    store = Store()

    (first,) = await tell(store)

    assert await tell(store) == []
    assert store.kept.count("created") == 1
    assert first.link == "/accreditations/a"
    assert "«терапия»" in first.text
    assert "терапия" not in first.title
    assert first.why
    assert [one.channel for one in first.deliveries] == [Channel.EMAIL]


async def test_who_never_signed_in_is_told_nothing_and_the_event_is_done() -> None:
    store = Store()

    assert await tell(store, people=People(found=None)) == []
    assert [type(one) for one in store.kept] == [tuple]


async def test_an_entry_that_is_gone_is_told_without_details() -> None:
    (message,) = await tell(Store(), facts={"accreditation": Told(found={})})

    assert message.link == "/accreditations"
    assert message.text


async def test_while_auth_is_away_the_event_waits() -> None:
    store = Store()

    with pytest.raises(ServiceError, match="PEER_UNAVAILABLE"):
        await tell(store, people=People(fault=AWAY))

    assert store.kept == []


async def test_what_was_muted_stays_in_the_cabinet_but_a_critical_letter_goes_out() -> None:
    muted = {(group, Channel.EMAIL): False for group in Group}
    store = Store(wanted={PERSON: Preferences(chosen=muted)})

    (quiet,) = await tell(store)
    (critical,) = await tell(
        Store(wanted={PERSON: Preferences(chosen=muted)}), "AccreditationAnnulled"
    )

    assert quiet.deliveries == ()
    assert Channel.EMAIL in {one.channel for one in critical.deliveries}
    assert critical.task


async def test_a_portion_is_one_transaction_and_leaves_out_what_was_told_before() -> None:
    store = Store()
    facts = [
        Fact(
            replace(EVENT, id=uuid.UUID(int=number)),
            "lkmr.accreditation.v1.AccreditationChanged",
            {"accreditation": f"workers/w/accreditations/{number}"},
        )
        for number in range(1, 5)
    ]
    parts = telling(new_uow=always(store))
    (first,) = await tell_of_fact(facts[0], consumer="c", parts=parts)

    made = await tell_of_facts([*facts, facts[1]], consumer="c", parts=parts)

    assert [first.link, *(one.link for one in made)] == [
        f"/accreditations/{number}" for number in range(1, 5)
    ]
    assert store.kept.count("created") == 4


async def test_a_peer_that_is_away_is_everybodys_in_a_portion() -> None:
    store, fact = Store(), Fact(EVENT, "lkmr.accreditation.v1.AccreditationChanged", FIELDS)

    with pytest.raises(ServiceError, match="PEER_UNAVAILABLE"):
        await tell_of_facts(
            [fact, fact],
            consumer="c",
            parts=telling(new_uow=always(store), people=People(fault=AWAY)),
        )

    assert store.kept == []


async def test_who_stands_in_for_a_head_is_told_why_and_who_is_both_is_told_as_oneself() -> None:
    people = People(deputies=[Recipient(PERSON, deputy=True), Recipient(HEAD, deputy=True)])
    fact = Fact(
        EVENT,
        "lkmr.education.v1.ActivityRescheduled",
        {"activity": "workers/w/activities/a", "days": 1},
    )

    made = await tell_of_fact(fact, consumer="c", parts=telling(people=people))

    heads = {one.person: one for one in made if one.kind == "COLLEAGUE_ACTIVITY_RESCHEDULED"}
    assert "замещаете" in heads[PERSON].why
    assert "заведуете" in heads[HEAD].why
    assert heads[PERSON].text == heads[HEAD].text


class Pauses(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def delivering(store: Store, sender: Sender, **changed: Any) -> Delivering:
    parts: dict[str, Any] = {
        "people": People(),
        "senders": {Channel.EMAIL: sender, Channel.SMS: sender},
        "texts": TEXTS,
        "rules": RULES,
        "notes": Notes(always(store), FakeClock()),
        "clock": FakeClock(),
        "cabinet_url": "http://localhost:8080/",
        "unsubscribe": lambda _, group: f"http://localhost:8080/unsubscribe/{group}",
        "jitter": lambda: 1.0,
        "pause": Pauses(),
        "observe": lambda *_: None,
    }
    return Delivering(**{**parts, **changed})


async def deliver_all(store: Store, sender: Sender, **changed: Any) -> None:
    parts = delivering(store, sender, **changed)
    for one in await take_due(48, 24, new_uow=always(store), clock=parts.clock):
        await deliver(one, parts=parts)


async def test_a_letter_and_an_sms_go_to_their_addresses() -> None:
    mail, sms = a_delivery(), a_delivery(Channel.SMS)
    store, sender = Store(due=[mail, sms]), Sender()

    await deliver_all(store, sender)

    assert [one.to.open() for one in sender.sent] == ["ivanova@demo.example", "+79000000001"]
    assert sender.sent[0].link == f"http://localhost:8080/messages/{mail.message}"
    assert sender.sent[0].unsubscribe == "http://localhost:8080/unsubscribe/DOCUMENTS"
    assert [one for one in store.kept if isinstance(one, tuple)] == [(State.DELIVERED, "")] * 2


async def test_urgent_ones_are_taken_first_and_a_bulk_leaves_room() -> None:
    bulk = [a_delivery(priority=2) for _ in range(30)]
    urgent = [a_delivery(priority=0) for _ in range(3)]
    store = Store(due=[*bulk, *urgent])

    taken = await take_due(20, 5, new_uow=always(store), clock=FakeClock())

    assert [one.priority for one in taken] == [0, 0, 0, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("changed", "end", "announced"),
    [
        ({"people": People(fault=AWAY)}, (State.TECHNICAL_FAILURE, "PEER_UNAVAILABLE"), []),
        (
            {"people": People(found=None)},
            (State.PERMANENT_FAILURE, "PERSON_UNKNOWN"),
            ["failed EMAIL PERSON_UNKNOWN", "instead SMS"],
        ),
        (
            {"people": People(found=replace(CONTACTS, email=Personal("")))},
            (State.PERMANENT_FAILURE, "ADDRESS_UNKNOWN"),
            ["failed EMAIL ADDRESS_UNKNOWN", "instead SMS"],
        ),
        ({"senders": {}}, (State.TECHNICAL_FAILURE, "CHANNEL_OFF"), []),
    ],
)
async def test_whose_fault_it_was_is_kept_and_another_channel_stands_in(
    changed: dict[str, Any], end: object, announced: list[str]
) -> None:
    store = Store(due=[a_delivery(fallback=(Channel.SMS, Channel.PUSH))])

    await deliver_all(store, Sender(), **changed)

    assert store.kept == [end, *announced]


async def test_a_channel_that_was_used_does_not_stand_in_again() -> None:
    store = Store(
        due=[a_delivery(fallback=(Channel.SMS, Channel.PUSH))],
        used={Channel.EMAIL, Channel.SMS},
    )

    await deliver_all(store, Sender(Result(Outcome.PERMANENT, "X")))

    assert store.kept == [(State.PERMANENT_FAILURE, "X"), "failed EMAIL X", "instead PUSH"]


async def test_a_try_after_three_days_is_the_last() -> None:
    clock = FakeClock()
    clock.move(hours=72)
    store = Store(due=[a_delivery(attempts=20)])
    sender = Sender(Result(Outcome.TEMPORARY, "RELAY_AWAY"))

    await deliver_all(store, sender, clock=clock)

    assert store.kept == [(State.TEMPORARY_FAILURE, "RELAY_AWAY"), "failed EMAIL RELAY_AWAY"]


async def test_an_end_that_nobody_knows_is_not_tried_again_on_that_channel() -> None:
    store, sender = Store(due=[a_delivery(handed_over=True, fallback=(Channel.SMS,))]), Sender()

    await deliver_all(store, sender)

    assert sender.sent == []
    assert store.kept == [
        (State.TECHNICAL_FAILURE, "END_UNKNOWN"),
        "failed EMAIL END_UNKNOWN",
        "instead SMS",
    ]


async def test_a_provider_that_knows_repeats_is_asked_again() -> None:
    sender = Sender(repeats_known=True)
    store = Store(due=[a_delivery(Channel.SMS, handed_over=True, provider="sms-2")])

    await deliver_all(store, sender)

    assert [one.provider for one in sender.sent] == ["sms-2"]


async def test_nothing_is_handed_over_when_another_instance_has_it() -> None:
    store, sender = Store(due=[a_delivery()], mine=False), Sender()

    await deliver_all(store, sender)

    assert sender.sent == []
    assert store.kept == []


async def test_a_broken_text_stops_one_message_only() -> None:
    broken, sound = a_delivery(kind="NO_SUCH_KIND"), a_delivery()
    store, sender = Store(due=[broken, sound]), Sender()

    await deliver_all(store, sender)

    assert store.kept == [
        (State.TECHNICAL_FAILURE, "TEMPLATE_OR_CHANNEL_BROKEN"),
        (State.DELIVERED, ""),
    ]


async def test_a_sent_letter_is_not_sent_again_when_the_database_blinks() -> None:
    store, sender = Store(due=[a_delivery()], faults=[AWAY, AWAY]), Sender()
    pauses = Pauses()

    await deliver_all(store, sender, pause=pauses)

    assert len(sender.sent) == 1
    assert len(pauses) == 2
    assert store.kept == [(State.DELIVERED, "")]


def a_dispatch(to: str = "ivanova@demo.example", **changed: Any) -> Dispatch:
    delivery = a_delivery()
    outside = TEXTS.latest("ACCREDITATION_CHANGED").outside({})
    facts: dict[str, Any] = {
        "delivery": delivery.id,
        "person": PERSON,
        "to": Personal(to),
        "title": outside.subject,
        "subject": outside.subject,
        "paragraphs": (*outside.paragraphs, "<script>"),
        "link": "http://localhost:8080/messages/1?a=1&b=2",
        "create_time": delivery.create_time,
    }
    return Dispatch(**{**facts, **changed})


def test_a_letter_is_plain_text_and_the_same_as_html() -> None:
    dispatch = a_dispatch(unsubscribe="https://cabinet.example/unsubscribe/x", group="DOCUMENTS")
    sender = Address("Кабинет медработника", addr_spec="no-reply@kabinet.example")

    letter = message_from_bytes(letter_of(dispatch, sender).as_bytes(), policy=default)

    assert letter["Subject"] == "Изменилась запись об аккредитации"
    assert letter["From"] == "Кабинет медработника <no-reply@kabinet.example>"
    assert letter["Message-ID"] == f"<{dispatch.delivery}@kabinet.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == "<https://cabinet.example/unsubscribe/x>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, rich = letter.iter_parts()
    assert "изменилась запись" in plain.get_content()
    assert dispatch.link in plain.get_content()
    assert "&lt;script&gt;" in rich.get_content()
    assert "a=1&amp;b=2" in rich.get_content()


def test_a_letter_that_cannot_be_stopped_does_not_say_that_it_can() -> None:
    sender = Address("", addr_spec="no-reply@kabinet.example")

    assert "List-Unsubscribe" not in letter_of(a_dispatch(), sender)


@pytest.mark.parametrize("to", ["", "no-at-sign", "a@b\r\nBcc: c@d.example", "a b@c d"])
def test_an_address_that_is_none_makes_no_letter(to: str) -> None:
    sender = Address("", addr_spec="no-reply@kabinet.example")

    with pytest.raises((ValueError, IndexError, LookupError)):
        letter_of(a_dispatch(to), sender)


def test_a_link_that_stops_letters_cannot_be_made_up() -> None:
    links = UnsubscribeLinks(
        "https://cabinet.example/", lambda text: hashlib.sha256(text.encode()).digest()[:16]
    )
    token = links.link(PERSON, "NEWS").rpartition("/")[2]

    assert links.read(token) == (PERSON, "NEWS")
    assert links.read(links.link(PERSON, "DIGEST").rpartition("/")[2]) == (PERSON, "DIGEST")
    for wrong in ("", "x", token[:-2], f"{token[:5]}A{token[6:]}", "A" * len(token), "я"):
        with pytest.raises(UnsubscribeLinkInvalid):
            links.read(wrong)
