"""An account is destroyed: what stays, what does not open, who has to report, the signed act."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stored_people import calls, raw_bytes, stored_person

from lkmr_access.erasure import Scope
from lkmr_auth.clients.witness import ACT_WORDS, FolderWitness
from lkmr_auth.domain.administration import ActByHand
from lkmr_auth.domain.audit import SIGN_IN, AuditEntry, Result
from lkmr_auth.domain.data_request import DataRequest, Outcome, RequestKind
from lkmr_auth.domain.draft import Draft
from lkmr_auth.domain.erasure_act import Operator
from lkmr_auth.domain.incident import Incident, IncidentState
from lkmr_auth.domain.person import AccountState, Person
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.suspicion import Severity
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage import shipped
from lkmr_auth.storage.administration import StoredAdministration
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.usecases.access.data_requests import answer_request, submit_request
from lkmr_auth.usecases.erasure.collect import ask_again, form_acts, keep_erasures, note_report
from lkmr_auth.usecases.erasure.order import order_erasure
from lkmr_auth.usecases.erasure.parts import ErasureParts
from lkmr_rig.leftovers import opens
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.partitions import ensure_months
from lkmr_servicekit.personal import Personal

pytestmark = pytest.mark.servers
OFFICER = Binding(organization=CLINIC, role="SEC_ADMIN")
WHY = "Звонила Горшкова, просила закрыть"
OTHERS = ("accreditation", "education", "notify")


class Applications:
    """`accreditation` as far as auth asks it."""

    def __init__(self) -> None:
        self.open: set[str] = set()

    async def any_of(self, worker_id: str) -> bool:
        return worker_id in self.open


class Desk:
    """A worker who left, an officer who decides."""

    def __init__(self, world: World, store: Database, keyring: KeyRing, folder: Path) -> None:
        self.world, self.store, self.keyring = world, store, keyring
        self.new_uow = partial(
            StoredAdministration, store, keyring, clock=world.clock, announcement=announcement_of
        )
        world.new_uow = self.new_uow
        self.witness = FolderWitness(folder, Ed25519PrivateKey.generate(), 1)
        self.applications = Applications()
        self.parts = ErasureParts(
            access=world.access,
            new_uow=self.new_uow,
            applications=self.applications,
            fate=shipped.fate(),
            operator=Operator(name="Оператор", address="Город, улица"),
            sign=self.witness.sign,
        )
        self.officer: Person

    async def person(self, *bindings: Binding) -> Person:
        made = await stored_person(self.world, *bindings)
        worker = replace(made, worker_id=str(uuid.uuid4()))
        async with self.new_uow() as uow:
            await uow.people.save(worker, self.world.clock.now())
            await uow.commit()
        return worker

    async def leaver(self) -> Person:
        """Somebody whose jobs are over."""
        return await self.person()

    async def asks(self, person: Person) -> DataRequest:
        return await submit_request(
            "ERASURE",
            "Закройте учётную запись",
            caller=calls(person, "DOCTOR"),
            parts=self.parts.access,
        )

    async def orders(self, request: DataRequest) -> Any:
        return await order_erasure(
            request.id,
            "Основание: обращение",
            caller=calls(self.officer, "SEC_ADMIN"),
            parts=self.parts,
        )

    async def reports(self, erasure: uuid.UUID, service: str, **destroyed: int) -> None:
        event = Event(uuid.uuid4(), "s", f"erasures/{erasure}", None)
        await note_report(erasure, service, destroyed, event, parts=self.parts)

    async def chained(self) -> None:
        await ensure_months(self.store, ("journal_entry",), self.world.clock.now())
        chain = StoredChain(self.store, self.world.clock)
        while await chain.advance():
            pass

    async def found(self, erasure: uuid.UUID) -> Any:
        async with self.new_uow() as uow:
            return await uow.erasures.find(erasure)

    async def ordered_events(self, erasure: uuid.UUID) -> int:
        count = await self.store.pool.fetchval(
            "SELECT count(*) FROM outbox WHERE subject = 'lkmr.auth.v1.erasure.ordered'"
            " AND resource_name = $1",
            f"erasures/{erasure}",
        )
        return int(count)


@pytest.fixture
async def desk(store: Database, keyring: KeyRing, tmp_path: Path) -> Desk:
    made = Desk(World(), store, keyring, tmp_path)
    made.officer = await stored_person(made.world, OFFICER)
    return made


async def with_traces(desk: Desk, person: Person) -> None:
    """A draft, a reason of an administrator, an address in the journal."""
    now = desk.world.clock.now()
    async with desk.new_uow() as uow:
        draft = Draft(
            person_id=person.id,
            form="f",
            page="/x",
            fields=Personal({"a": "набросок"}),
            update_time=now,
        )
        await uow.drafts.save(draft, keep=5)
        reason = Personal(WHY)
        act = ActByHand(
            person_id=person.id, actor_id=desk.officer.id, operation="account.block",
            reason=reason, time=now,
        )  # fmt: skip
        await uow.acts.add(act)
        entry = AuditEntry(
            operation=SIGN_IN, object="sign_in", result=Result.ALLOWED, actor=person.id,
            address=Personal("198.51.100.7"),
        )  # fmt: skip
        await uow.journal.add(entry, now)
        await uow.commit()


async def test_an_account_is_gone_and_no_copy_of_it_opens(desk: Desk) -> None:
    person = await desk.leaver()
    await with_traces(desk, person)
    request = await desk.asks(person)
    row = await desk.store.pool.fetchrow("SELECT * FROM person WHERE id = $1", person.id)
    draft = await desk.store.pool.fetchval(
        "SELECT content FROM draft WHERE person_id = $1", person.id
    )
    copies = [
        (row["snils"], ("person", "snils", str(person.id))),
        (row["employee_number"], ("person", "employee_number", str(person.id))),
        (draft, ("draft", "content", f"{person.id} f")),
    ]
    assert all([await opens(desk.store, desk.keyring, one, *place) for one, place in copies])

    await desk.orders(request)

    assert not any([await opens(desk.store, desk.keyring, one, *place) for one, place in copies])
    raw = await raw_bytes(desk.store, "SELECT * FROM person WHERE id = :id", id=person.id)
    assert row["snils_index"] not in raw
    for table in ("binding", "draft", "session", "activation", "one_time_code"):
        query = f"SELECT count(*) FROM {table} WHERE person_id = $1"  # noqa: S608 - names of this test
        assert await desk.store.pool.fetchval(query, person.id) == 0
    async with desk.new_uow() as uow:
        assert await uow.people.find_by_snils(person.snils) is None
        assert await uow.people.find_by_worker(person.worker_id) is None
        assert await uow.recipients.find(person.id) is None
        left = await uow.people.get(person.id)
        asked = await uow.data_requests.find(request.id)
    assert (left.state, left.snils.open(), left.names.greeting()) == (AccountState.ERASED, "", "")
    assert asked is not None
    assert (asked.text, asked.answer, asked.outcome) == ("", "", Outcome.SATISFIED)


async def test_what_the_law_keeps_stays_readable_and_addresses_of_the_journal_do_not(
    desk: Desk,
) -> None:
    person = await desk.leaver()
    await with_traces(desk, person)

    await desk.orders(await desk.asks(person))

    async with desk.new_uow() as uow:
        (act,) = await uow.acts.of_person(person.id, 9)
        (note,) = await uow.journal.list_sign_ins(person.id, 9)
    assert act.reason.open() == WHY
    assert note.address.open() == ""


async def test_whoever_comes_back_begins_anew(desk: Desk) -> None:
    person = await desk.leaver()
    await desk.orders(await desk.asks(person))

    async with desk.new_uow() as uow:
        again = await uow.people.create(person.snils, active=False, now=desk.world.clock.now())
        await uow.commit()

    assert again.id != person.id
    assert again.account_number != person.account_number
    assert again.state is AccountState.NOT_ACTIVATED


async def test_a_job_an_application_an_incident_or_another_request_hold_the_account(
    desk: Desk,
) -> None:
    person = await desk.person(DOCTOR)
    request = await desk.asks(person)
    await submit_request(
        "ACCESS", "Что обо мне?", caller=calls(person, "DOCTOR"), parts=desk.parts.access
    )
    desk.applications.open.add(person.worker_id)
    incident = Incident(
        id=uuid.uuid4(),
        kind="DENIAL_BURST",
        severity=Severity.WARNING,
        state=IncidentState.DETECTED,
        person_id=person.id,
        organization=CLINIC.id,
        session="",
        facts={},
        detect_time=desk.world.clock.now(),
    )
    async with desk.new_uow() as uow:
        await uow.incidents.add(incident)
        await uow.commit()

    with pytest.raises(ServiceError) as refusal:
        await desk.orders(request)

    assert refusal.value.reason == "ERASURE_HELD"
    expected = "CURRENT_JOB,OPEN_APPLICATION,OPEN_INCIDENT,OPEN_REQUEST"
    assert refusal.value.metadata == {"holds": expected}
    assert await desk.found(request.id) is None
    async with desk.new_uow() as uow:
        assert (await uow.people.get(person.id)).state is AccountState.ACTIVE


async def test_an_order_is_given_once_by_somebody_else_and_for_nothing_but_a_destruction(
    desk: Desk,
) -> None:
    person = await desk.leaver()
    request = await desk.asks(person)
    own, parts = calls(person, "SEC_ADMIN"), desk.parts
    with pytest.raises(ServiceError, match="SEPARATION_OF_DUTIES"):
        await order_erasure(request.id, "Сам себе", caller=own, parts=parts)
    by_officer = calls(desk.officer, "SEC_ADMIN")
    with pytest.raises(ServiceError, match="ERASURE_NOT_ASKED"):
        await answer_request(
            request.id, "Уже сделано", Outcome.SATISFIED, caller=by_officer, parts=parts.access
        )
    other = await submit_request(
        "ACCESS", "Что обо мне?", caller=calls(await desk.leaver(), "DOCTOR"), parts=parts.access
    )
    with pytest.raises(ServiceError, match="ERASURE_NOT_ASKED"):
        await order_erasure(other.id, "Не о том", caller=by_officer, parts=parts)

    await desk.orders(request)

    with pytest.raises(ServiceError, match="DATA_REQUEST_ANSWERED"):
        await desk.orders(request)
    assert await desk.ordered_events(request.id) == 1


async def test_the_act_is_formed_when_all_have_reported_and_the_journal_holds_it(
    desk: Desk,
) -> None:
    person = await desk.leaver()
    await with_traces(desk, person)
    made = await desk.orders(await desk.asks(person))
    assert made.waits_for == OTHERS
    for service in OTHERS[:2]:
        await desk.reports(made.id, service, activity=3)
    await desk.chained()
    await form_acts(parts=desk.parts)
    assert (await desk.found(made.id)).act is None, "notify has not reported"

    await desk.reports(made.id, "notify", message=7, person_key=1)
    await desk.reports(made.id, "notify", message=99)
    await form_acts(parts=desk.parts)
    assert (await desk.found(made.id)).act is None, "the report is not in the chain yet"
    await desk.chained()
    await form_acts(parts=desk.parts)

    kept = await desk.found(made.id)
    act = orjson.loads(kept.act)
    text = ACT_WORDS + kept.act.encode()
    desk.witness.public_key.verify(bytes.fromhex(kept.signature), text)
    assert act["subject"] == {"account": person.account_number, "person": f"persons/{person.id}"}
    assert act["operator"] == {"name": "Оператор", "address": "Город, улица"}
    counted = {
        (one["service"], one["data"].split(":")[0]): one["count"] for one in act["destroyed"]
    }
    assert counted["notify", "Сообщения кабинета, их доставка и настройки"] == 8
    assert counted["auth", "Сетевые адреса в журнале действий"] == 1
    assert {one["service"] for one in act["journal"]} == {"auth", *OTHERS}
    assert all(len(one["hash"]) == 64 and one["categories"] for one in act["journal"])
    assert any("Минздрав" in one["ground"] for one in act["kept"])
    assert person.snils.open() not in kept.act
    moment = desk.world.clock.now().date()
    assert date.fromisoformat(act["keep_until"]).year == moment.year + 3


async def test_a_silent_service_is_asked_again_and_the_act_leaves_after_three_years(
    desk: Desk,
) -> None:
    made = await desk.orders(await desk.asks(await desk.leaver()))
    await ask_again(parts=desk.parts)
    assert await desk.ordered_events(made.id) == 1
    desk.world.clock.move(minutes=11)

    await ask_again(parts=desk.parts)
    await ask_again(parts=desk.parts)

    assert await desk.ordered_events(made.id) == 2
    for service in OTHERS:
        await desk.reports(made.id, service)
    await desk.chained()
    await keep_erasures(parts=desk.parts)
    assert (await desk.found(made.id)).act
    desk.world.clock.moment += timedelta(days=3 * 365 + 2)
    await keep_erasures(parts=desk.parts)
    assert await desk.found(made.id) is None


async def test_a_withdrawn_consent_ends_one_purpose_and_leaves_the_account(desk: Desk) -> None:
    person = await desk.person(DOCTOR)
    request = DataRequest(
        id=uuid.uuid4(),
        person_id=person.id,
        organization_id=CLINIC.id,
        kind=RequestKind.ERASURE,
        text="Отзыв согласия",
        create_time=desk.world.clock.now(),
        due_date=desk.world.clock.now().date() + timedelta(days=30),
        scope=Scope.EDUCATION,
    )
    async with desk.new_uow() as uow:
        await uow.data_requests.add(request)
        await uow.commit()

    made = await desk.orders(request)

    assert (made.scope, made.waits_for) == (Scope.EDUCATION, ("education",))
    async with desk.new_uow() as uow:
        assert (await uow.people.get(person.id)).state is AccountState.ACTIVE
        answered = await uow.data_requests.find(request.id)
    assert answered is not None
    assert answered.answer == "Основание: обращение"
