import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from lkmr.accreditation.v1.events_pb2 import ApplicationTermChanged, TermChanged

from lkmr_accreditation.domain.application import State
from lkmr_accreditation.domain.errors import (
    AppealTooLate,
    ApplicationChanged,
    ApplicationNotFound,
    ApplicationOpen,
    FormUnknown,
    HoursNotMet,
    OrganizationRequired,
    OwnReport,
    RefilePause,
    ReportNotAgreed,
    TooEarly,
    TransitionRefused,
)
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.exchange_applications import follow_center, send_next
from lkmr_accreditation.usecases.keep_compliance import judge_due, judge_turned
from lkmr_accreditation.usecases.read_applications import (
    list_staff_applications,
    read_application,
    read_staff_application,
)
from lkmr_accreditation.usecases.read_compliance import read_compliance
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_accreditation.usecases.turn_applications import (
    finish_extracts,
    record_passed,
    turn_applications,
)
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError

from ..application_builders import FULL, World, a_head, a_worker, a_world, at_once
from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
EXPIRES = NOON.date() + timedelta(days=150)


@pytest.fixture
async def world(store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock) -> World:
    card = a_card(an_entry(expire_date=EXPIRES, education_level="HIGHER"))
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    return a_world(store, keys, new_uow, clock, card.worker)


async def exchange(world: World) -> None:
    while await send_next(center=world.center, parts=world.parts):
        if world.center.away:
            return
    await follow_center(center=world.center, parts=world.parts)


async def events_of(store: Database, application: str) -> list[str]:
    rows = await store.pool.fetch(
        "SELECT subject FROM outbox WHERE resource_name LIKE '%' || $1 ORDER BY id",
        f"applications/{application}",
    )
    return [row["subject"] for row in rows]


async def faults(work: Any) -> dict[str, str]:
    with pytest.raises(ServiceError) as refusal:
        await work
    assert refusal.value.reason == "FIELDS_INVALID"
    return {one.field: one.code for one in refusal.value.fields}


async def test_the_whole_path_from_draft_to_the_entry_in_the_register(
    world: World, new_uow: NewUow, store: Database
) -> None:
    made = await world.create()
    assert (await world.read(made)).application.answers == {"education_level": "HIGHER"}
    await world.fill(made, **FULL)
    await world.act(made, "ASK_AGREEMENT")
    assert await world.state(made) == "REPORT_APPROVAL"
    await world.decide(made, "AGREE")
    assert await world.state(made) == "DRAFT"
    await world.act(made, "SUBMIT")
    assert await world.state(made) == "SUBMITTED"
    world.center.say(made, "REGISTERED", registration_number="ФАЦ-1", registered_on="2026-11-24")
    world.center.say(made, "FAC_CHECK")
    world.center.say(made, "CAC_REVIEW", meeting_on="2026-12-22")
    world.center.say(made, "PASSED", protocol_number="ЦАК-7", protocol_on="2026-12-25")
    await exchange(world)

    assert [one.act for one in world.center.heard] == ["SUBMIT"]
    passed = (await world.read(made)).application
    assert passed.state.value == "PASSED"
    assert passed.outside.registration_number == "ФАЦ-1"
    assert passed.outside.meeting_on == "2026-12-22"
    assert passed.outside.protocol_number == "ЦАК-7"
    assert await record_passed(world.parts) == 0
    newer = an_entry("7726 900000001", record_date=NOON.date(), expire_date=date(2031, 11, 23))
    old = an_entry(expire_date=EXPIRES, education_level="HIGHER")
    async with new_uow() as uow:
        await store_card(a_card(old, newer, worker=world.worker, version=2), now=NOON, uow=uow)
        await uow.commit()
    assert await record_passed(world.parts) == 1

    stored = await world.read(made)
    assert stored.application.state.value == "RECORDED"
    assert [one.after.value for one in stored.steps] == [
        "REPORT_APPROVAL", "DRAFT", "SUBMITTED", "REGISTERED", "FAC_CHECK", "CAC_REVIEW",
        "PASSED", "RECORDED",
    ]  # fmt: skip
    assert "7726 900000001" in stored.steps[-1].reason
    assert len(await events_of(store, made)) == 9
    with pytest.raises(TransitionRefused):
        await world.act(made, "WITHDRAW")


async def test_fifty_attempts_at_once_leave_one_open_application(world: World) -> None:
    found = await at_once(50, world.create)

    made = [one for one in found if isinstance(one, str)]
    refused = [one for one in found if isinstance(one, ApplicationOpen)]
    assert (len(made), len(refused)) == (1, 49)
    assert {one.metadata["application"] for one in refused} == {made[0]}


async def test_a_repeat_with_the_same_id_is_the_same_application(world: World) -> None:
    id_ = str(uuid.uuid4())

    assert await world.create(request_id=id_) == await world.create(request_id=id_)


async def test_a_draft_is_kept_as_it_is_typed_and_two_versions_never_mix(world: World) -> None:
    made = await world.create()
    first = await world.fill(made, phone="+7 900 000-00-01")
    await world.fill(made, version=first.version, email="proba@demo.example")

    with pytest.raises(ApplicationChanged):
        await world.fill(made, version=first.version, phone="+7 900 000-00-02")

    answers = (await world.read(made)).application.answers
    assert answers["phone"] == "+7 900 000-00-01"
    assert answers["email"] == "proba@demo.example"


async def test_every_field_says_what_is_wrong(world: World) -> None:
    made = await world.create()

    found = await faults(
        world.fill(
            made, phone="12", email="x", education_level="PHD", consent="no", other="1",
            report="т" * 4001,
        )
    )  # fmt: skip

    assert found == {
        "phone": "PHONE", "email": "EMAIL", "education_level": "UNKNOWN", "consent": "UNKNOWN",
        "other": "UNKNOWN_FIELD", "report": "TOO_LONG",
    }  # fmt: skip


async def test_nothing_is_sent_that_the_centre_would_refuse(world: World, clock: FakeClock) -> None:
    made = await world.create()
    assert "phone" in await faults(world.act(made, "SUBMIT"))
    await world.fill(made, **FULL)
    with pytest.raises(ReportNotAgreed):
        await world.act(made, "SUBMIT")
    await world.fill(made, agreement="NOT_WORKING")
    world.hours.programme = 100
    with pytest.raises(HoursNotMet) as lack:
        await world.act(made, "SUBMIT")
    assert lack.value.metadata == {"missing_hours": "44"}
    world.hours.waiting = 44
    await world.act(made, "SUBMIT")
    assert await world.state(made) == "SUBMITTED"


async def test_before_the_window_opens_nothing_is_sent(world: World, clock: FakeClock) -> None:
    made = await world.create()
    await world.fill(made, **FULL | {"agreement": "CHIEF_DOCTOR"})
    clock.move(days=-60)

    with pytest.raises(TooEarly) as early:
        await world.act(made, "SUBMIT")

    opens = EXPIRES - timedelta(days=180)
    assert early.value.metadata["open_date"] == opens.strftime("%d.%m.%Y")


async def test_documents_are_asked_about_anew_before_they_are_sent(world: World) -> None:
    made = await world.create()
    await world.fill(made, **FULL | {"agreement": "CHIEF_DOCTOR"})
    assert world.hours.rechecked == []
    world.hours.annulled = 36

    with pytest.raises(HoursNotMet):
        await world.act(made, "SUBMIT")

    assert world.hours.rechecked == [world.worker]
    assert await world.state(made) == "DRAFT"


async def test_another_report_has_to_be_agreed_anew(world: World) -> None:
    made = await world.create()
    await world.fill(made, **FULL)
    await world.act(made, "ASK_AGREEMENT")
    await world.decide(made, "AGREE")
    await world.fill(made, email="other@demo.example")
    assert (await world.read(made)).application.report.agreement.value == "AGREED"

    await world.fill(made, report="Другой отчёт.")

    assert (await world.read(made)).application.report.agreement.value == "NONE"
    with pytest.raises(ReportNotAgreed):
        await world.act(made, "SUBMIT")


async def test_a_refusal_of_the_head_is_signed_and_goes_with_the_application(world: World) -> None:
    made = await world.create()
    await world.fill(made, **FULL)
    await world.act(made, "ASK_AGREEMENT")
    assert await faults(world.decide(made, "REFUSE_AGREEMENT")) == {"reason": "REQUIRED"}
    await world.decide(made, "REFUSE_AGREEMENT", reason="Не указаны показатели за 2024 год")

    await world.act(made, "SUBMIT")
    detail = await read_application(made, worker=world.worker, parts=world.parts)

    report = detail.stored.application.report
    assert report.signature.startswith("signed:")
    assert "Не указаны показатели" in report.signature
    pieces = {one.code: one for one in detail.pieces}
    assert pieces["REFUSAL"].detail == "Не указаны показатели за 2024 год"
    assert pieces["REPORT"].readiness.value == "READY"


async def test_a_head_sees_reports_of_the_own_staff_only_and_never_decides_about_the_own(
    world: World,
) -> None:
    made = await world.create()
    await world.fill(made, **FULL)
    with pytest.raises(ApplicationNotFound):
        await read_staff_application(a_head(), made, parts=world.parts)
    await world.act(made, "ASK_AGREEMENT")

    listed, _ = await list_staff_applications(
        a_head(), page_size=0, page_token="", parts=world.parts
    )
    foreign = a_head(oid="1.2.643.5.1.13.13.12.2.77.90002")

    assert [one.application.id for one in listed] == [made]
    with pytest.raises(ApplicationNotFound):
        await world.decide(made, "AGREE", caller=foreign)
    with pytest.raises(ApplicationNotFound):
        await world.decide(made, "AGREE", caller=a_head(role="HR"))
    with pytest.raises(OwnReport):
        await world.decide(made, "AGREE", caller=a_head(worker=world.worker))
    with pytest.raises(ServiceError, match="STEP_UP_REQUIRED"):
        await world.decide(made, "AGREE", caller=replace(a_head(), assurance="SIGNED_IN"))
    assert await world.state(made) == "REPORT_APPROVAL"


async def test_the_head_of_a_department_agrees_for_the_own_department_only(
    world: World, new_uow: NewUow
) -> None:
    await works_in("терапия", world, new_uow)
    made = await world.create()
    await world.fill(made, **FULL)
    await world.act(made, "ASK_AGREEMENT")
    own = a_head(role="HEAD_DEPT", department="терапия")
    other = a_head(role="HEAD_DEPT", department="хирургия")

    listed, _ = await list_staff_applications(own, page_size=0, page_token="", parts=world.parts)
    foreign, _ = await list_staff_applications(other, page_size=0, page_token="", parts=world.parts)

    assert ([one.application.id for one in listed], foreign) == ([made], [])
    assert (await read_staff_application(own, made, parts=world.parts)).application.id == made
    with pytest.raises(ApplicationNotFound):
        await read_staff_application(other, made, parts=world.parts)
    with pytest.raises(ApplicationNotFound):
        await world.decide(made, "AGREE", caller=other)
    with pytest.raises(OrganizationRequired):
        await world.decide(made, "AGREE", caller=a_head(role="HEAD_DEPT"))
    with pytest.raises(OwnReport):
        await world.decide(made, "AGREE", caller=replace(own, worker=world.worker))
    await world.decide(made, "AGREE", caller=own)
    report = (await world.read(made)).application.report
    assert (report.agreement.value, report.decided_as) == ("AGREED", "HEAD_DEPT")
    assert '"decided_as":"HEAD_DEPT"' in report.signature


async def works_in(department: str, world: World, new_uow: NewUow) -> None:
    """Have the register name a department, and the background work make a member of staff."""
    entry = an_entry(expire_date=EXPIRES, education_level="HIGHER")
    card = a_card(entry, worker=world.worker, version=2)
    card = replace(card, jobs=(replace(card.jobs[0], department=department),))
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    while await judge_due(new_uow=new_uow, book=world.parts.book, clock=world.clock):
        pass


async def test_a_stranger_cannot_read_or_move_an_application(world: World) -> None:
    made, stranger = await world.create(), str(uuid.uuid4())

    with pytest.raises(ApplicationNotFound):
        await world.parts.reader.one(made, worker=stranger)
    with pytest.raises(ApplicationNotFound):
        await world.act(made, "DELETE", worker=stranger)


async def test_a_returned_set_is_corrected_and_sent_as_a_new_version(world: World) -> None:
    made = await world.submitted()
    world.center.say(made, "REGISTERED")
    world.center.say(made, "RETURNED", remarks=("Нет печати", "Нет даты"))
    await exchange(world)
    stored = await world.read(made)
    assert stored.application.outside.remarks == ("Нет печати", "Нет даты")
    assert stored.steps[-1].reason == "Нет печати; Нет даты"

    await world.act(made, "REVISE")
    await world.act(made, "SUBMIT")
    await exchange(world)

    assert [one.application.file_set for one in world.center.heard] == [1, 2]
    assert await world.state(made) == "SUBMITTED"


async def test_an_appeal_leads_back_to_the_stage_that_was_annulled(world: World) -> None:
    made = await world.submitted()
    world.center.say(made, "FAC_CHECK")
    world.center.say(made, "CAC_REVIEW")
    world.center.say(made, "FAILED")
    await exchange(world)
    assert await faults(world.act(made, "APPEAL")) == {"reason": "REQUIRED"}
    await world.act(made, "APPEAL", reason="Часы засчитаны не полностью")
    world.center.say(made, "APPEAL_FILED")
    world.center.say(made, "APPEAL_GRANTED")
    await exchange(world)

    assert world.center.heard[-1].reason == "Часы засчитаны не полностью"
    stored = await world.read(made)
    assert [one.after.value for one in stored.steps[-3:]] == [
        "APPEAL_FILED", "APPEAL_GRANTED", "CAC_REVIEW",
    ]  # fmt: skip


async def test_after_failing_one_appeals_in_time_or_begins_anew_after_a_pause(
    world: World, clock: FakeClock
) -> None:
    made = await world.submitted()
    world.center.say(made, "FAILED")
    await exchange(world)

    with pytest.raises(RefilePause):
        await world.create()
    clock.move(days=31)
    with pytest.raises(AppealTooLate):
        await world.act(made, "APPEAL", reason="Поздно")
    assert await world.create() != made


async def test_a_withdrawal_reaches_the_centre_and_the_end_stays_the_end(world: World) -> None:
    made = await world.submitted()
    world.center.say(made, "FAC_CHECK")
    await exchange(world)
    await world.act(made, "WITHDRAW", reason="Передумала")
    world.center.say(made, "PASSED")
    await exchange(world)

    assert [one.act for one in world.center.heard] == ["SUBMIT", "WITHDRAW"]
    assert await world.state(made) == "WITHDRAWN"
    assert (await world.read(made)).application.outside.raw_state == "PASSED"
    assert await world.create() != made


async def test_a_word_that_nobody_knows_is_shown_as_it_is_and_the_next_one_goes_on(
    world: World,
) -> None:
    made = await world.submitted()
    world.center.say(made, "НА_ДОРАБОТКЕ_2", text="Ждём ответа ведомства")
    await exchange(world)
    known = (await world.read(made)).application
    assert (known.state.value, known.outside.raw_text) == (
        "UNKNOWN_EXTERNAL", "Ждём ответа ведомства",
    )  # fmt: skip

    world.center.say(made, "CAC_REVIEW")
    await exchange(world)

    assert await world.state(made) == "CAC_REVIEW"


async def test_while_the_centre_is_away_nothing_is_lost_and_it_goes_by_itself(
    world: World, clock: FakeClock
) -> None:
    world.center.away = True
    made = await world.submitted()
    assert await send_next(center=world.center, parts=world.parts)
    waiting = await world.read(made)
    assert (waiting.application.state.value, waiting.delivery.act, waiting.delivery.attempts) == (
        "SUBMITTED", "SUBMIT", 1,
    )  # fmt: skip
    assert not await send_next(center=world.center, parts=world.parts)

    world.center.away, world.center.loses_answer = False, True
    clock.move(seconds=5)
    assert await send_next(center=world.center, parts=world.parts)
    clock.move(seconds=10)
    assert await send_next(center=world.center, parts=world.parts)

    assert [one.application.file_set for one in world.center.heard] == [1, 1]
    assert (await world.read(made)).delivery.act == ""


async def test_terms_are_warned_of_once_each_and_end_what_was_left_alone(
    world: World, clock: FakeClock, store: Database
) -> None:
    made = await world.create()
    for days, warned in ((89, 0), (1, 50), (0, 50), (54, 80), (36, 80)):
        clock.move(days=days)
        await turn_applications(world.parts)
        assert (await world.read(made)).application.warned == warned, days
    clock.move(days=1)
    await turn_applications(world.parts)

    assert (await world.read(made)).application.state is State.DELETED
    assert len(await events_of(store, made)) == 4


async def test_an_overdue_step_of_the_centre_fails_the_rule_of_the_law_and_is_announced(
    world: World, clock: FakeClock, store: Database
) -> None:
    made = await world.submitted()
    world.center.say(made, "FAC_CHECK")
    await exchange(world)
    rules = {one.id: one for one in (await compliance_of(world)).report.rules}
    assert rules["R-ACC-13"].verdict.value == "OK"

    clock.move(days=45)
    await turn_applications(world.parts)
    await turn_applications(world.parts)
    rules = {one.id: one for one in (await compliance_of(world)).report.rules}

    assert rules["R-ACC-13"].verdict.value == "FAIL"
    assert rules["R-ACC-13"].worst.subject == made
    (late,) = [one for one in await terms_of_step(store, made) if not one.solved]
    assert late.expire_date < clock.now().date().isoformat()
    world.center.say(made, "CAC_REVIEW")
    await exchange(world)
    assert (await terms_of_step(store, made))[-1].solved


async def terms_of_step(store: Database, application: str) -> list[ApplicationTermChanged]:
    rows = await store.pool.fetch(
        "SELECT body FROM outbox WHERE resource_name LIKE $1 ORDER BY id",
        f"%/applications/{application}/steps/present",
    )
    return [ApplicationTermChanged.FromString(row["body"]) for row in rows]


async def compliance_of(world: World) -> Any:
    return await read_compliance(world.worker, world.parts.compliance())


@pytest.mark.parametrize("form", ["F4", "F5", "F9"])
async def test_a_request_to_personnel_goes_through_its_states_and_refuses_wrong_ones(
    world: World, form: str
) -> None:
    answers = {
        "F4": {"subject": "NAME", "register_value": "Образцова", "proposed_value": "Примерова"},
        "F5": {
            "kind": "CERTIFICATE", "number": "0000", "issue_date": "2019-01-01", "issuer": "Вуз",
        },
        "F9": {"change": "SUSPEND_REMINDERS", "until": "2027-06-01", "reason": "Отпуск"},
    }[form]  # fmt: skip
    personnel = a_head(role="HR")
    made = await world.create(form, **answers)
    with pytest.raises(ApplicationNotFound):
        await read_staff_application(personnel, made, parts=world.parts)
    await world.act(made, "SUBMIT")
    with pytest.raises(TransitionRefused):
        await world.decide(made, "FINISH", caller=personnel)
    await world.decide(made, "TAKE", caller=personnel)
    with pytest.raises(TransitionRefused):
        await world.act(made, "WITHDRAW")
    await world.decide(made, "FINISH", caller=personnel)

    assert await world.state(made) == "DONE"
    assert await world.create(form) != made


async def test_a_finished_f9_stops_reminders_of_the_specialty_until_its_day(
    world: World, new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    async def judged() -> list[tuple[bool, str]]:
        """What was told of the term of the entry so far: solved, and its last day."""
        while await judge_due(new_uow=new_uow, book=world.parts.book, clock=clock):
            pass
        while await judge_turned(new_uow=new_uow, book=world.parts.book, clock=clock):
            pass
        rows = await store.pool.fetch(
            "SELECT body FROM outbox WHERE subject = 'lkmr.accreditation.v1.term.changed'"
            " ORDER BY id"
        )
        told = [TermChanged.FromString(row["body"]) for row in rows]
        return [(one.solved, one.expire_date) for one in told]

    personnel = a_head(role="HR")
    end = EXPIRES.isoformat()
    assert await judged() == [(False, end)]
    made = await world.create("F9", change="SUSPEND_REMINDERS", until="2026-12-31", reason="Отпуск")
    await world.act(made, "SUBMIT")
    await world.decide(made, "TAKE", caller=personnel)
    assert await judged() == [(False, end)]

    await world.decide(made, "FINISH", caller=personnel)

    assert (await judged())[1:] == [(True, end)]
    standing = (await compliance_of(world)).report.standings[0]
    assert standing.until == EXPIRES
    clock.move(days=38)
    assert (await judged())[2:] == []
    clock.move(days=1)
    assert (await judged())[2:] == [(False, end)]

    over = await world.create("F9", change="END_OF_PRACTICE", reason="Другая работа")
    await world.act(over, "SUBMIT")
    await world.decide(over, "TAKE", caller=personnel)
    await world.decide(over, "FINISH", caller=personnel)
    assert (await judged())[3:] == [(True, end)]
    again = await world.create("F9", change="RESUME_REMINDERS", reason="Вернулась")
    await world.act(again, "SUBMIT")
    await world.decide(again, "TAKE", caller=personnel)
    await world.decide(again, "FINISH", caller=personnel)
    assert (await judged())[4:] == [(False, end)]


async def test_a_pause_that_is_over_before_it_begins_is_refused(world: World) -> None:
    made = await world.create(
        "F9", change="SUSPEND_REMINDERS", until=NOON.date().isoformat(), reason="Отпуск"
    )

    assert await faults(world.act(made, "SUBMIT")) == {"until": "IN_PAST"}


async def test_an_extract_is_asked_for_registered_and_ready(world: World) -> None:
    made = await world.create("F3")
    await world.act(made, "SUBMIT")
    assert await world.state(made) == "REGISTERED"
    assert await finish_extracts(world.parts) == 1

    stored = await world.read(made)
    assert [one.after.value for one in stored.steps] == [
        "EXTRACT_REQUESTED", "REGISTERED", "READY",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["F2", "F6", "F7", "F8", "F10"])
async def test_forms_that_are_acts_or_of_others_are_not_begun_by_a_worker(
    world: World, form: str
) -> None:
    with pytest.raises(FormUnknown):
        await world.create(form)


async def test_what_people_wrote_lies_sealed(world: World, store: Database) -> None:
    made = await world.submitted()
    row = await store.pool.fetchrow(
        "SELECT a::text AS all, (SELECT string_agg(s::text, ' ') FROM application_step s) AS steps,"
        " (SELECT string_agg(f::text, ' ') FROM application_file_set f) AS files"
        " FROM application a WHERE id = $1",
        uuid.UUID(made),
    )
    texts = " ".join(row.values())
    for secret in ("proba@demo.example", "000000", "Принимала"):
        assert secret not in texts
        assert secret.encode().hex() not in texts
    assert a_worker(world.worker).worker in texts
