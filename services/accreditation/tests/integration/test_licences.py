"""Licences follow the register, and what rests on them follows the licences."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lkmr_accreditation.domain.errors import RegisterUnavailable
from lkmr_accreditation.domain.licences import LicenceRecord, LicenceState
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.keep_compliance import judge_due
from lkmr_accreditation.usecases.licences import (
    LicenceChanges,
    ask_of_others,
    check_papers,
    follow_register,
    list_licences,
)
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

from ..builders import NOON, a_card, an_entry
from .document_parts import ORGANIZATION, Papers, a_caller, made_papers
from .test_staff import BOOK

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
NUMBER = "Л041-01137-77/00312345"
GOOD = LicenceRecord(
    number=NUMBER,
    kind="MEDICAL",
    organization_oid=ORGANIZATION,
    issuer="Росздравнадзор (проба)",
    issue_date=date(2021, 3, 1),
    valid_until=None,
    state=LicenceState.VALID,
    works=("терапия",),
)


class Register:
    """A licence register in memory."""

    def __init__(self) -> None:
        self.licences = {NUMBER: GOOD}
        self.written: list[str] = []
        self.away = False

    def write(self, record: LicenceRecord | None, number: str = NUMBER) -> None:
        if record is None:
            del self.licences[number]
        else:
            self.licences[number] = record
        self.written.append(number)

    async def of_organizations(self, oids: Sequence[str]) -> list[LicenceRecord]:
        self._answers()
        return [one for one in self.licences.values() if one.organization_oid in oids]

    async def by_number(self, number: str) -> LicenceRecord | None:
        self._answers()
        return self.licences.get(number)

    async def changes(self, cursor: str) -> LicenceChanges:
        self._answers()
        news = self.written[int(cursor or 0) :]
        oids = [ORGANIZATION] if news else []
        return LicenceChanges(news, oids, str(len(self.written)))

    def _answers(self) -> None:
        if self.away:
            raise RegisterUnavailable


class World:
    def __init__(self, store: Database, new_uow: NewUow, clock: FakeClock, papers: Papers) -> None:
        self.store, self.new_uow, self.clock, self.papers = store, new_uow, clock, papers
        self.register = Register()
        self.parts = {"register": self.register, "new_uow": new_uow, "clock": clock}

    async def turn(self) -> None:
        """What the background work does."""
        self.clock.move(seconds=5)
        await follow_register(**self.parts)  # type: ignore[arg-type]
        await check_papers(**self.parts)  # type: ignore[arg-type]
        await ask_of_others(**self.parts)  # type: ignore[arg-type]
        while await judge_due(new_uow=self.new_uow, book=BOOK, clock=self.clock):
            pass

    async def verdict(self) -> str:
        """The word of R-ACC-12 in the print of the worker."""
        found = await self.store.pool.fetchval("SELECT print FROM compliance")
        return str(next(part for part in found.split(" ") if part.startswith("12"))[2])


@pytest.fixture
async def world(
    store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock, tmp_path: Path
) -> World:
    papers = made_papers(store, keys, new_uow, clock, tmp_path / "files")
    card = a_card(an_entry())
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    await judge_due(new_uow=new_uow, book=BOOK, clock=clock)
    papers.worker = card.worker
    papers.act_as("HR", card.worker)
    papers.caller = replace(a_caller("DOCTOR", card.worker))
    return World(store, new_uow, clock, papers)


async def test_a_change_in_the_register_reaches_verdicts_by_itself(world: World) -> None:
    assert await world.verdict() == "U"
    await world.turn()
    assert await world.verdict() == "O"

    world.register.write(replace(GOOD, works=("хирургия",)))
    await world.turn()
    assert await world.verdict() == "F"
    world.register.write(replace(GOOD, state=LicenceState.REISSUE))
    await world.turn()
    assert await world.verdict() == "W"
    world.register.write(None)
    await world.turn()
    assert await world.verdict() == "F"
    history = await world.store.pool.fetch("SELECT content->>'state' FROM licence_history")
    assert len(history) == 3


async def test_a_register_that_is_away_keeps_what_was_known(world: World) -> None:
    await world.turn()
    world.register.away = True
    world.register.write(None)

    with pytest.raises(RegisterUnavailable):
        await world.turn()

    assert await world.verdict() == "O"
    world.register.away = False
    await world.turn()
    assert await world.verdict() == "F"


async def test_licences_of_the_own_organizations_are_listed_with_their_check(world: World) -> None:
    async def listed() -> list[tuple[str, str, bool]]:
        known = await list_licences(
            world.papers.caller,
            reader=PostgresReader(world.store),
            **world.parts,  # type: ignore[arg-type]
        )
        return [
            (one.number, one.state.value, of.check_time is not None)
            for of in known
            for one in of.licences
        ]

    world.register.away = True
    assert await listed() == []
    world.register.away = False
    assert await listed() == [(NUMBER, "VALID", True)]


@pytest.mark.proves("F-005")
async def test_a_licence_record_shows_its_number_and_what_the_register_says(world: World) -> None:
    fields = {"kind": "LICENCE_IP", "number": NUMBER, "issue_date": "2021-03-01"}
    made = await world.papers.upload(fields)
    unknown = await world.papers.upload({**fields, "number": "Л041-00000-00/1"})
    assert made["state"] == unknown["state"] == "CHECKING"

    await world.turn()
    made, unknown = await world.papers.read(made["id"]), await world.papers.read(unknown["id"])

    assert (made["number"], made["state"], made["check"]["by"]) == (NUMBER, "VERIFIED", "LICENCES")
    assert made["check"]["time"] is not None
    assert (unknown["state"], unknown["check"]["reason"]) == (
        "REJECTED",
        "Лицензии с таким номером нет в реестре",
    )
    world.register.write(replace(GOOD, state=LicenceState.REVOKED))
    await world.turn()
    revoked = await world.papers.read(made["id"])
    assert (revoked["state"], revoked["check"]["reason"]) == ("REJECTED", "Лицензия аннулирована")
