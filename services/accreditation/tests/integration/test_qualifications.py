"""Educations and categories of the register: kept with history, changed by its events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lkmr_accreditation.domain.worker import Card, Qualification
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.refresh_worker import refresh_worker
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError

from ..builders import a_card, an_entry
from .document_parts import Papers, made_papers

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
DIPLOMA = Qualification(
    kind="DIPLOMA",
    series="1077",
    number="0123456",
    issuer="Университет (проба)",
    specialty="лечебное дело",
    level="",
    issue_date=None,
    expire_date=None,
    issue_year=2008,
)
CATEGORY = Qualification(
    kind="CATEGORY",
    series="",
    number="17-к",
    issuer="",
    specialty="терапия",
    level="первая",
    issue_date=date(2024, 3, 1),
    expire_date=date(2029, 3, 1),
)


class World:
    def __init__(self, new_uow: NewUow, clock: FakeClock, papers: Papers) -> None:
        self.new_uow, self.clock, self.papers = new_uow, clock, papers
        self.card: Card = replace(a_card(an_entry()), qualifications=(DIPLOMA,))
        papers.worker = self.card.worker
        papers.act_as("DOCTOR", self.card.worker)

    async def get_card(self, worker: str, **_: Any) -> Card:
        assert worker == self.card.worker
        return self.card

    async def changed(self, *qualifications: Qualification) -> None:
        """The register changes, and its event is handled."""
        self.card = replace(self.card, version=self.card.version + 1, qualifications=qualifications)
        await self.refreshed()

    async def refreshed(self) -> None:
        await refresh_worker(
            self.card.worker,
            register=self,  # type: ignore[arg-type]
            new_uow=self.new_uow,
            clock=self.clock,
        )

    async def listed(self) -> dict[str, Any]:
        return {one["kind"]: one for one in (await self.papers.page())["items"]}


@pytest.fixture
async def world(
    store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock, tmp_path: Path
) -> World:
    made = World(new_uow, clock, made_papers(store, keys, new_uow, clock, tmp_path / "files"))
    await made.refreshed()
    return made


async def test_what_the_register_knows_stands_among_the_documents(world: World) -> None:
    diploma = (await world.listed())["DIPLOMA"]

    assert (diploma["state"], diploma["source"], diploma["check"]["by"]) == (
        "VERIFIED",
        "REGISTER",
        "REGISTER",
    )
    assert (diploma["series"], diploma["number"]) == ("1077", "0123456")
    assert diploma["note"] == "год выдачи 2008"


async def test_a_change_of_the_register_is_a_version_and_what_is_gone_is_put_aside(
    world: World, store: Database
) -> None:
    await world.changed(DIPLOMA, CATEGORY)
    await world.changed(DIPLOMA, replace(CATEGORY, level="высшая"))
    category = (await world.listed())["CATEGORY"]
    read = await world.papers.read(category["id"])

    assert [one["level"] for one in read["versions"]] == ["высшая", "первая"]
    assert read["may"] == []
    with pytest.raises(ServiceError, match="DOCUMENT_FIXED"):
        await world.papers.archive(category["id"], category["etag"])
    subjects = await store.pool.fetch("SELECT subject FROM outbox ORDER BY id")
    told = [one["subject"].rpartition(".v1.")[2] for one in subjects]
    assert told == ["document.added", "document.changed"], "the first set is not announced"

    await world.changed(DIPLOMA)
    assert set(await world.listed()) == {"DIPLOMA"}
    await world.changed(DIPLOMA, CATEGORY)
    again = (await world.listed())["CATEGORY"]
    assert (again["id"], again["version"]) == (category["id"], 3)


async def test_a_stream_that_leaves_them_out_changes_nothing(world: World) -> None:
    world.card = replace(world.card, version=5, qualifications=None)
    await world.refreshed()

    assert set(await world.listed()) == {"DIPLOMA"}


async def test_an_own_document_is_confirmed_by_what_the_register_knows(world: World) -> None:
    fields = {
        "kind": "CATEGORY",
        "number": "17-К",
        "specialty": "терапия",
        "level": "первая",
        "issue_date": "2024-03-01",
    }
    before = await world.papers.upload(fields)
    assert before["state"] == "UNVERIFIED"
    await world.changed(DIPLOMA, CATEGORY)
    assert (await world.papers.read(before["id"]))["state"] == "VERIFIED"

    after = await world.papers.upload(
        {"kind": "DIPLOMA", "series": "1077", "number": "0123456", "issue_date": "2008-06-30"}
    )
    assert (after["state"], after["check"]["by"]) == ("VERIFIED", "REGISTER")
