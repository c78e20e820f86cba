"""Requests about personal data: terms by working days, states, answers, disputes."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL

from lkmr_auth.domain.data_request import DataRequest, Outcome, RequestKind, RequestStage, Terms
from lkmr_auth.domain.facts import DataRequestMoved
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.usecases.access.data_requests import (
    answer_request,
    extend_request,
    list_own_requests,
    list_requests,
    submit_request,
    take_request,
)
from lkmr_auth.usecases.dispute_access import dispute_access
from lkmr_servicekit.audit import Act
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.personal import Personal

TEXT = "Какие сведения обо мне хранит кабинет?"


def caller(person: Person, role: str = "DOCTOR", organization: str = CLINIC.id) -> Caller:
    return Caller(
        kind=CallerKind.PERSON,
        subject=str(person.id),
        expire_time=0,
        session="s",
        organization=organization,
        roles=(role,),
    )


class Desk:
    """A worker who asks, an officer who answers."""

    def __init__(self) -> None:
        self.world = World()
        self.worker = self.world.store.person(DOCTOR)
        self.officer = self.world.store.person(snils=Personal("90001140708"))
        self.by_officer = caller(self.officer, "SEC_ADMIN")

    async def submit(self, kind: str = "ACCESS", text: str = TEXT) -> DataRequest:
        parts = self.world.access
        return await submit_request(kind, text, caller=caller(self.worker), parts=parts)

    async def answer(self, one: DataRequest, who: Caller | None = None) -> None:
        await answer_request(
            one.id,
            "Ответ: фамилия, СНИЛС, записи о работе.",
            Outcome.SATISFIED,
            caller=who or self.by_officer,
            parts=self.world.access,
        )

    async def own(self) -> DataRequest:
        found = await list_own_requests(caller=caller(self.worker), parts=self.world.access)
        return found[0]

    @property
    def events(self) -> list[str]:
        moved = [one for one in self.world.store.facts if isinstance(one, DataRequestMoved)]
        return [type(announcement_of(one).message).__name__ for one in moved]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("kind", "due"),
    [("ACCESS", date(2026, 12, 7)), ("CORRECTION", date(2026, 12, 2)), ("STOP", date(2026, 12, 7))],
)
async def test_the_term_runs_in_working_days_from_the_next_day(
    desk: Desk, kind: str, due: date
) -> None:
    made = await desk.submit(kind)

    assert (made.state, made.due_date) == (RequestStage.SUBMITTED, due)
    (row,) = await list_requests(caller=desk.by_officer, parts=desk.world.access)
    assert (row.request.text, row.person.id, row.late) == (TEXT, desk.worker.id, False)
    desk.world.clock.move(days=20)
    (row,) = await list_requests(caller=desk.by_officer, parts=desk.world.access)
    assert row.late


async def test_a_term_that_crosses_the_new_year_holidays_skips_them(desk: Desk) -> None:
    desk.world.clock.moment = datetime(2026, 12, 25, 9, tzinfo=UTC)

    assert (await desk.submit()).due_date == date(2027, 1, 19)


async def test_an_answer_is_read_by_the_person_and_told_without_its_words(desk: Desk) -> None:
    made = await desk.submit()
    await take_request(made.id, caller=desk.by_officer, parts=desk.world.access)
    assert (await desk.own()).state is RequestStage.TAKEN

    await desk.answer(made)

    answered = await desk.own()
    assert (answered.state, answered.outcome) == (RequestStage.ANSWERED, Outcome.SATISFIED)
    assert answered.answer.startswith("Ответ")
    assert desk.events == ["DataRequestReceived", "DataRequestAnswered"]
    with pytest.raises(ServiceError, match="DATA_REQUEST_ANSWERED"):
        await desk.answer(made)


async def test_more_time_is_given_once_with_a_reason_and_where_the_law_gives_it(
    desk: Desk,
) -> None:
    parts = desk.world.access
    made, correction = await desk.submit(), await desk.submit("CORRECTION")

    async def extend(identity: uuid.UUID, reason: str = "сведения в архиве") -> None:
        await extend_request(identity, reason, caller=desk.by_officer, parts=parts)

    with pytest.raises(ServiceError, match="REASON_REQUIRED"):
        await extend(made.id, "")
    await extend(made.id)

    found = {one.id: one for one in desk.world.store.beyond.data_requests.values()}
    assert found[made.id].due_date == date(2026, 12, 14)
    assert "DataRequestProlonged" in desk.events
    for refused in (made.id, correction.id):
        with pytest.raises(ServiceError, match="DATA_REQUEST_NOT_EXTENDABLE"):
            await extend(refused)


async def test_nobody_answers_the_own_request_nor_one_of_another_organisation(desk: Desk) -> None:
    made = await desk.submit()
    with pytest.raises(ServiceError, match="SEPARATION_OF_DUTIES"):
        await desk.answer(made, caller(desk.worker, "SEC_ADMIN"))
    with pytest.raises(ServiceError, match="DATA_REQUEST_NOT_FOUND"):
        await desk.answer(made, caller(desk.officer, "SEC_ADMIN", HOSPITAL.id))


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("DISPUTE", TEXT, "DATA_REQUEST_KIND_UNKNOWN"),
        ("ELSE", TEXT, "DATA_REQUEST_KIND_UNKNOWN"),
        ("ACCESS", "  ?  ", "DATA_REQUEST_TEXT_INVALID"),
        ("ACCESS", "я" * 2001, "DATA_REQUEST_TEXT_INVALID"),
    ],
)
async def test_what_is_no_request(desk: Desk, kind: str, text: str, reason: str) -> None:
    with pytest.raises(ServiceError, match=reason):
        await desk.submit(kind, text)


async def test_a_disputed_access_becomes_a_request_once_and_is_answered(desk: Desk) -> None:
    entry, owner = uuid.uuid4(), PersonId(desk.worker.id)
    act = Act(operation="account.read", object="x", subject=f"persons/{owner}")
    desk.world.store.reported.append(Reported(event_id=entry, source="auth", act=act))

    async def dispute() -> Any:
        return await dispute_access(
            owner,
            "",
            entry,
            Personal("кто это?"),
            organization=CLINIC.id,
            parts=desk.world.access,
        )

    first, second = await dispute(), await dispute()

    assert first == second
    (made,) = desk.world.store.beyond.data_requests.values()
    assert (made.id, made.kind, made.event_id) == (first.id, RequestKind.DISPUTE, entry)
    await desk.answer(made)
    assert (await desk.own()).outcome is Outcome.SATISFIED


def test_a_change_of_law_counts_from_its_day() -> None:
    rows = [
        {
            "kind": "ACCESS",
            "valid_from": day,
            "working_days": days,
            "extension": 0,
            "source": "закон",
        }
        for day, days in ((date(2022, 9, 1), 10), (date(2027, 1, 1), 5))
    ]
    terms = Terms.read({"term": rows})

    assert terms.of(RequestKind.ACCESS, date(2026, 12, 31)).working_days == 10
    assert terms.of(RequestKind.ACCESS, date(2027, 1, 1)).working_days == 5
    with pytest.raises(ServiceError, match="DATA_REQUEST_KIND_UNKNOWN"):
        terms.of(RequestKind.ACCESS, date(2022, 8, 31))
