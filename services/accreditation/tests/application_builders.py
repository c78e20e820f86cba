"""A world around applications: real storage, a played centre and played hours."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lkmr_accreditation.domain.hours import Activity, Outcome, Statement
from lkmr_accreditation.storage.application_reader import PostgresApplications
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.shipped import shipped_book, shipped_forms
from lkmr_accreditation.storage.traits import PostgresTraits
from lkmr_accreditation.usecases.advance_application import advance_application
from lkmr_accreditation.usecases.application_parts import ApplicationParts
from lkmr_accreditation.usecases.application_ports import CenterNews, NewsPage, Outgoing, Stored
from lkmr_accreditation.usecases.create_application import create_application
from lkmr_accreditation.usecases.decide_application import decide_application
from lkmr_accreditation.usecases.read_compliance import ComplianceParts, Course
from lkmr_accreditation.usecases.save_draft import save_draft
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import STEPPED_UP, Caller, CallerKind

OID = "1.2.643.5.1.13.13.12.2.77.90001"
FULL = {
    "phone": "+7 900 000-00-01",
    "email": "proba@demo.example",
    "education_level": "HIGHER",
    "diploma": "ЭВ № 000000, 2008, Проверочный университет",
    "report": "Принимала пациентов, освоила два метода.",
    "agreement": "HEAD",
    "employment": "yes",
    "consent": "yes",
}


class PlayedHours:
    """Education that answers with so many hours of programmes."""

    def __init__(self) -> None:
        self.programme, self.waiting = 144, 0
        self.rechecked: list[str] = []
        self.annulled = 0

    async def recheck(self, worker: str) -> None:
        """ФИС ФРДО was asked anew: what it annulled meanwhile counts no longer."""
        self.rechecked.append(worker)
        self.programme -= self.annulled

    async def statement(
        self, worker: str, specialty: str, start: date, end: date, courses: Sequence[Course]
    ) -> Statement:
        rows = [
            Activity(
                id="a", title="ПК", programme=True, hours=self.programme, outcome=Outcome.COUNTED
            ),
            Activity(
                id="b", title="ПК", programme=True, hours=self.waiting, outcome=Outcome.WAITING
            ),
        ]
        return Statement(
            specialty=specialty,
            start=start,
            end=end,
            activities=tuple(one for one in rows if one.hours),
        )


class PlayedCenter:
    """A centre that hears acts, may be away, and says what it is told to say."""

    def __init__(self) -> None:
        self.heard: list[Outgoing] = []
        self.away, self.loses_answer = False, False
        self.told: list[CenterNews] = []

    async def send(self, outgoing: Outgoing, snils: str) -> None:
        if self.away:
            raise ServiceError("REGISTER_UNAVAILABLE", Category.UNAVAILABLE)
        self.heard.append(outgoing)
        if self.loses_answer:
            self.loses_answer = False
            raise ServiceError("REGISTER_UNAVAILABLE", Category.UNAVAILABLE)

    async def news(self, cursor: str) -> NewsPage:
        if self.away:
            raise ServiceError("REGISTER_UNAVAILABLE", Category.UNAVAILABLE)
        place = int(cursor or 0)
        return NewsPage(news=self.told[place:], cursor=str(len(self.told)))

    def say(self, application: str, state: str, **more: Any) -> None:
        self.told.append(CenterNews(application=application, state=state, **more))


class PlainSigner:
    """Signs by naming what was signed."""

    def statement(self, payload: bytes) -> str:
        return f"signed:{payload.decode()}"


def a_worker(worker: str) -> Caller:
    return Caller(
        kind=CallerKind.PERSON, subject="p-1", expire_time=0, worker=worker, roles=("DOCTOR",)
    )


def a_head(
    *, worker: str = "", oid: str = OID, role: str = "HEAD_ORG", department: str = ""
) -> Caller:
    return Caller(
        kind=CallerKind.PERSON,
        subject="p-2",
        expire_time=0,
        worker=worker,
        roles=(role,),
        organization_oid=oid,
        department=department,
        assurance=STEPPED_UP,
    )


async def unchanged(worker: str) -> None:
    """The register has nothing new."""


@dataclass
class World:
    """Acts of a worker in short."""

    parts: ApplicationParts
    clock: FakeClock
    worker: str
    hours: PlayedHours = field(default_factory=PlayedHours)
    center: PlayedCenter = field(default_factory=PlayedCenter)

    async def create(self, form: str = "F1", *, request_id: str = "", **answers: str) -> str:
        return await create_application(
            self.worker,
            form=form,
            specialty="терапия",
            answers=answers,
            caller=a_worker(self.worker),
            request_id=request_id,
            body=form.encode(),
            parts=self.parts,
        )

    async def fill(self, application: str, *, version: int = 0, **answers: str) -> Any:
        return await save_draft(
            application,
            worker=self.worker,
            answers=answers,
            version=version,
            parts=self.parts,
        )

    async def act(self, application: str, act: str, *, reason: str = "", **more: Any) -> None:
        given = {"worker": self.worker, "version": 0, "request_id": "", "body": b"", **more}
        await advance_application(
            application,
            act,
            reason=reason,
            caller=a_worker(given["worker"]),
            parts=self.parts,
            **given,
        )

    async def decide(
        self, application: str, act: str, *, reason: str = "", caller: Caller | None = None
    ) -> None:
        await decide_application(
            application,
            act,
            reason=reason,
            version=0,
            caller=caller or a_head(),
            request_id="",
            body=b"",
            signer=PlainSigner(),
            parts=self.parts,
        )

    async def state(self, application: str) -> str:
        return (await self.read(application)).application.state.value

    async def read(self, application: str) -> Stored:
        return await self.parts.reader.one(application, worker=self.worker)

    async def submitted(self, **answers: str) -> str:
        """An application that was agreed and sent."""
        made = await self.create()
        await self.fill(made, **(FULL | answers))
        await self.act(made, "ASK_AGREEMENT")
        await self.decide(made, "AGREE")
        await self.act(made, "SUBMIT")
        return made


def a_world(
    store: Any, keys: Any, new_uow: Callable[[], Any], clock: FakeClock, worker: str
) -> World:
    hours, book = PlayedHours(), shipped_book()
    reader = PostgresApplications(store, keys)

    def compliance() -> ComplianceParts:
        return ComplianceParts(
            reader=PostgresReader(store),
            traits=PostgresTraits(store),
            steps=reader,
            hours=hours,
            refresh=unchanged,
            registry=book.registry,
            clock=clock,
        )

    parts = ApplicationParts(
        recheck=hours.recheck,
        new_uow=new_uow,
        reader=reader,
        compliance=compliance,
        forms=shipped_forms(),
        book=book,
        clock=clock,
    )
    return World(parts=parts, clock=clock, worker=worker, hours=hours)


async def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """The same work many times beside each other; refusals are results."""
    return await asyncio.gather(*(work() for _ in range(count)), return_exceptions=True)
