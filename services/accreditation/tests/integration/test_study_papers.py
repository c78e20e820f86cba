"""Documents about education are checked with ФИС ФРДО by the cabinet itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from lkmr_accreditation.domain.documents import Document
from lkmr_accreditation.domain.errors import RegisterUnavailable
from lkmr_accreditation.domain.study_check import Found, Said
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.study_papers import check_study_papers
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database

from ..builders import NOON
from .document_parts import FIELDS, Papers, a_pdf
from .test_documents import papers
from .test_staff import BOOK

__all__ = ["papers"]
pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]


class Register:
    """ФИС ФРДО that says what it is told to say."""

    def __init__(self, said: Said) -> None:
        self.said, self.away = said, False
        self.asked: list[str] = []

    async def ask(self, document: Document) -> Said:
        if self.away:
            raise RegisterUnavailable
        self.asked.append(document.version.content.number)
        return self.said


def diploma(days_ago: int) -> dict[str, str]:
    issued = NOON.date() - timedelta(days=days_ago)
    fields = {"kind": "DIPLOMA", "issuer": "Проверочный университет", "number": "107704 0000001"}
    return FIELDS | fields | {"issue_date": issued.isoformat(), "valid_until": ""}


async def checked(
    register: Register, new_uow: NewUow, clock: FakeClock, papers: Papers, document: str
) -> tuple[str, str]:
    await check_study_papers(register=register, new_uow=new_uow, book=BOOK, clock=clock)
    check = (await papers.read(document))["check"]
    return check["status"], check["reason"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Said(Found.FOUND), ("VERIFIED", "")),
        (
            Said(Found.MISMATCH, ("issueDate", "surname")),
            ("REJECTED", "В ФИС ФРДО записано иначе: дата выдачи, фамилия"),
        ),
        (Said(Found.ANNULLED), ("REJECTED", "Документ аннулирован в ФИС ФРДО")),
        (
            Said(Found.NOT_FOUND),
            ("UNVERIFIED", "В ФИС ФРДО не найден: подтвердит отдел кадров"),
        ),
    ],
)
async def test_an_answer_of_the_register_decides_about_a_diploma(
    papers: Papers, new_uow: NewUow, clock: FakeClock, said: Said, outcome: tuple[str, str]
) -> None:
    made = await papers.upload(diploma(days_ago=400), a_pdf())
    assert made["check"]["status"] == "CHECKING"

    found = await checked(Register(said), new_uow, clock, papers, made["id"])

    assert found == outcome


async def test_a_fresh_document_is_asked_about_each_week_until_it_is_entered(
    papers: Papers, new_uow: NewUow, clock: FakeClock, store: Database
) -> None:
    made = await papers.upload(diploma(days_ago=3), a_pdf())
    register = Register(Said(Found.NOT_FOUND))
    register.away = True
    with pytest.raises(RegisterUnavailable):
        await checked(register, new_uow, clock, papers, made["id"])
    register.away = False

    for _ in range(2):
        found = await checked(register, new_uow, clock, papers, made["id"])
        assert found == ("CHECKING", "В ФИС ФРДО пока не найден: спросим ещё раз")
    assert len(register.asked) == 1
    clock.move(days=8)
    register.said = Said(Found.FOUND)
    assert (await checked(register, new_uow, clock, papers, made["id"]))[0] == "VERIFIED"
    told = await store.pool.fetchval(
        "SELECT count(*) FROM outbox WHERE subject LIKE '%document.checked'"
    )
    assert told == 1


async def test_what_is_never_entered_goes_to_a_person_in_the_end(
    papers: Papers, new_uow: NewUow, clock: FakeClock
) -> None:
    made = await papers.upload(diploma(days_ago=3), a_pdf())
    register = Register(Said(Found.NOT_FOUND))
    weeks = []
    for _ in range(10):
        weeks.append((await checked(register, new_uow, clock, papers, made["id"]))[0])
        clock.move(days=7, minutes=1)

    assert weeks == ["CHECKING"] * 9 + ["UNVERIFIED"]
    assert len(register.asked) == 10
