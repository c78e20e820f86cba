"""The ports through which registers and the portal reach this service."""

from datetime import date
from typing import Any

import pytest

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.certificate import Certificate, Check
from lkmr_education.domain.errors import CreditInvalid, WorkerNotFound
from lkmr_education.usecases.check_documents import check_documents
from lkmr_education.usecases.ports import CheckResult
from lkmr_education.usecases.take_credit import Credit, take_credit

from ..builders import SPECIALTY, WORKER
from .conftest import Service

pytestmark = pytest.mark.servers


class PlayedRegister:
    """Answers what it was told to, and counts who asked."""

    def __init__(self, *answers: Check) -> None:
        self.answers, self.asked = list(answers), 0

    async def check(self, _: Certificate) -> CheckResult:
        self.asked += 1
        return CheckResult(check=self.answers.pop(0))


def a_credit(**more: Any) -> Credit:
    values: dict[str, Any] = {
        "worker": WORKER,
        "external_id": "event-1",
        "kind": Kind.CONFERENCE,
        "title": "Кардионеврология 2026",
        "organizer": "Общество кардиологов",
        "start_date": date(2026, 10, 14),
        "end_date": date(2026, 10, 15),
        "units": 12,
        "specialty": SPECIALTY,
    }
    return Credit(**(values | more))


async def credited(service: Service, credit: Credit) -> bool:
    async with service.new_uow() as uow:
        done = await take_credit(credit, uow=uow, clock=service.clock)
        await uow.commit()
    return done


async def test_due_documents_are_asked_about_by_schedule_until_one_is_found(
    service: Service,
) -> None:
    await service.with_document()
    register = PlayedRegister(Check.SOURCE_DOWN, Check.NOT_FOUND, Check.FOUND)

    async def turn() -> int:
        return await check_documents(checks=register, new_uow=service.new_uow, clock=service.clock)

    assert [await turn(), await turn()] == [1, 0]
    service.clock.move(minutes=59)
    assert await turn() == 0
    service.clock.move(minutes=2)
    assert await turn() == 1
    assert (await service.summary())["main"]["counted_hours"] == 0
    service.clock.move(days=7)
    assert await turn() == 1
    assert (await service.summary())["main"]["counted_hours"] == 36
    service.clock.move(days=60)
    assert (await turn(), register.asked) == (0, 3)


async def test_a_credit_counts_once_and_the_portal_may_correct_itself(service: Service) -> None:
    await service.summary()
    assert [await credited(service, a_credit()), await credited(service, a_credit())] == [
        True,
        False,
    ]
    assert (await service.summary())["main"]["portal_units"] == 12

    await credited(service, a_credit(units=6))

    assert (await service.summary())["main"]["portal_units"] == 6
    assert await service.store.pool.fetchval("SELECT count(*) FROM activity") == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"units": -6},
        {"units": 100_000},
        {"end_date": date(2026, 10, 1)},
        {"end_date": date(2027, 10, 1)},
        {"kind": Kind.PK},
        {"external_id": ""},
    ],
)
async def test_an_impossible_credit_is_refused_and_counts_nothing(
    service: Service, fault: dict[str, Any]
) -> None:
    await service.summary()
    with pytest.raises(CreditInvalid):
        await credited(service, a_credit(**fault))
    assert (await service.summary())["main"]["counted_hours"] == 0


async def test_a_credit_of_an_unknown_person_is_refused(service: Service) -> None:
    with pytest.raises(WorkerNotFound):
        await credited(service, a_credit())
