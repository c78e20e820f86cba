"""Letters into a local SMTP sink against a bare client, and an announcement to a crowd.

Ours is the courier with its leases, the row before the point of no return and the row after it;
bare is aiosmtplib alone, with as many connections, sending the same bytes. Both share the sink.
The crowd is played by a list in memory, so that what is measured is notify and its database.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import aiosmtplib
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from benchmarks.measure import Failed, memory_of, ratio
from benchmarks.report import Aim, Report, Table, memory_rows
from lkmr_notify.clients.smtp import CONNECTIONS, SmtpSender
from lkmr_notify.domain.announcement import Announcement, Kind
from lkmr_notify.domain.channel import Channel
from lkmr_notify.main import load_data
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.usecases.announce import Announcing, bring_portions, create_announcement
from lkmr_notify.usecases.courier import Courier
from lkmr_notify.usecases.deliver import Delivering
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import Contacts, Recipient, Sender
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base, free_port
from lkmr_rig.tasks import run_program
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.personal import Personal

_TEXTS, _RULES = load_data()
_OPERATOR = Caller(CallerKind.PERSON, str(uuid.uuid4()), 0, roles=("SEC_ADMIN",))
_PATIENCE_SECONDS = 120.0


@dataclass(slots=True)
class Sink:
    """Counts letters and forgets them."""

    letters: int = 0
    last: bytes = b""

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's
        self.letters += 1
        self.last = bytes(envelope.original_content or b"")
        return "250 OK"


@dataclass(slots=True)
class Crowd:
    """Everybody has an address and works nowhere."""

    people: int = 0
    alone: uuid.UUID | None = None

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        return Contacts(person, Personal(f"{person.hex}@demo.example"), Personal(""))

    async def behind_worker(self, worker: str) -> Recipient | None:
        return await self.recipient(uuid.UUID(worker))

    async def recipient(self, person: uuid.UUID) -> Recipient | None:
        return Recipient(person)

    async def colleagues(self, *_: object) -> list[Recipient]:
        return []

    async def holders(self, *_: object) -> list[Recipient]:
        return []

    async def audience(
        self, roles: Sequence[str], _: object, *, after: str, size: int
    ) -> tuple[list[Recipient], str]:
        """Everybody; with roles the one person who stands alone."""
        if roles and self.alone is not None:
            return [Recipient(self.alone)], ""
        begin = uuid.UUID(after).int + 1 if after else 0
        end = min(begin + size, self.people)
        page = [Recipient(uuid.UUID(int=one)) for one in range(begin, end)]
        return page, str(page[-1].person) if len(page) == size else ""


@dataclass(slots=True)
class Place:
    """A database of notify and a sink."""

    suite: Suite
    store: Database
    sink: Sink
    port: int
    clock: FakeClock = field(default_factory=FakeClock)
    crowd: Crowd = field(default_factory=Crowd)
    ring: KeyRing = field(
        default_factory=lambda: KeyRing(
            "notify", "k", {"k": AESGCM(os.urandom(32))}, os.urandom(32)
        )
    )

    def new_uow(self) -> NotifyUnitOfWork:
        return NotifyUnitOfWork(
            self.store, self.ring, clock=self.clock, created=message_created, failed=delivery_failed
        )

    def announcing(self) -> Announcing:
        return Announcing(
            people=self.crowd,
            rules=_RULES,
            texts=_TEXTS,
            new_uow=self.new_uow,
            clock=self.clock,
        )

    @property
    def operator(self) -> Caller:
        """Who may speak to all."""
        return _OPERATOR

    async def announce(self, people: int, *, urgent: bool = True) -> float:
        """Accept an announcement to so many; seconds until it was accepted."""
        self.crowd.people = people
        started = time.perf_counter()
        made = Announcement(
            id=uuid.uuid4(),
            kind=Kind.LAW_CHANGE,
            title="Новый порядок",
            text="Текст.",
            created_by=uuid.uuid4(),
            publish_time=self.clock.now(),
            create_time=self.clock.now(),
            effective_date=date(2027, 3, 1),
            urgent=urgent,
        )
        await create_announcement(
            made, body=b"", request_id="", caller=_OPERATOR, parts=self.announcing()
        )
        return time.perf_counter() - started


async def run_notices(home: Path, *, rounds: int = 3, letters: int = 1500) -> Report:
    """A burst of letters each way in turn; the announcement that made them."""
    async with place(home) as one:
        accepted, reached, ours, bare = [], [], [], []
        for _ in range(rounds):
            accepted.append(await one.announce(letters))
            reached.append(await _reach(one, letters))
            ours.append(await _deliver(one, letters))
            bare.append(await _send_bare(one, letters))
        memory = {"postgres": memory_of(one.suite.pid("postgres") or 0)}
        memory["notify (with the sink and the harness)"] = memory_of(os.getpid())
    table = Table(["letters", "letters/s"])
    table.rows = [
        ["courier: lease, row before handing over, row after", f"{max(ours):.0f}"],
        ["bare client", f"{max(bare):.0f}"],
    ]
    crowd = Table(["an announcement", "figure"])
    crowd.rows = [
        ["accepted in, ms (any audience)", f"{max(accepted) * 1000:.0f}"],
        ["people reached a second: message, delivery, event", f"{max(reached):.0f}"],
    ]
    report = Report("notices", "Letters, and an announcement to a crowd")
    report.aims = [Aim.at_least("letters/s against a bare client", 0.3, ratio(ours, bare))]
    report.tables = [table, crowd, memory_rows(memory)]
    report.notes = [
        f"{CONNECTIONS} connections each way; the sink runs in the process of the harness.",
        "The bare client keeps nothing: after a crash it knows neither what went out nor to whom.",
    ]
    return report


async def _reach(one: Place, people: int) -> float:
    started, reached = time.perf_counter(), 0
    while reached < people:
        portion = await bring_portions(one.announcing())
        if not portion:
            raise Failed(f"{reached} of {people} people were reached")
        reached += portion
    return people / (time.perf_counter() - started)


def courier_of(one: Place, sender: Sender) -> Courier:
    """The courier of the service with another relay."""
    return Courier(
        Delivering(
            people=one.crowd,
            senders={Channel.EMAIL: sender},
            texts=_TEXTS,
            rules=_RULES,
            notes=Notes(one.new_uow, one.clock),
            clock=one.clock,
            cabinet_url="http://localhost",
            unsubscribe=lambda _, group: f"http://localhost/unsubscribe/{group}",
            jitter=lambda: 1.0,
            pause=asyncio.sleep,
            observe=lambda *_: None,
        ),
        new_uow=one.new_uow,
    )


async def _deliver(one: Place, letters: int) -> float:
    sender = SmtpSender(
        f"smtp://127.0.0.1:{one.port}", password=SecretStr(""), mail_from="a@kabinet.example"
    )
    courier = courier_of(one, sender)
    before, started = one.sink.letters, time.perf_counter()
    while one.sink.letters - before < letters:
        if not await courier.take():
            await courier.place(0.2)
        if time.perf_counter() - started > _PATIENCE_SECONDS:
            raise Failed(f"{one.sink.letters - before} of {letters} letters arrived")
    seconds = time.perf_counter() - started
    await courier.finish(5)
    await sender.close()
    if one.sink.letters - before != letters:
        raise Failed("a letter went out twice")
    return letters / seconds


async def _send_bare(one: Place, letters: int) -> float:
    content, left = one.sink.last, letters
    before, started = one.sink.letters, time.perf_counter()

    async def connection() -> None:
        nonlocal left
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=one.port) as client:
            while left > 0:
                left -= 1
                await client.mail("a@kabinet.example")
                await client.rcpt("b@demo.example")
                await client.data(content)

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    if one.sink.letters - before != letters:
        raise Failed("the bare client lost letters")
    return letters / (time.perf_counter() - started)


@asynccontextmanager
async def place(home: Path) -> AsyncIterator[Place]:
    """PostgreSQL of its own with the tables of notify, and a sink."""
    suite = Suite(home, free_base(), only={"postgres"})
    async with suite:
        owner = postgres.owner_url(suite.home, suite.ports, "notify")
        environment = {**os.environ, "NOTIFY_MIGRATION_URL": owner}
        command = (sys.executable, "-m", "lkmr_servicekit.migrate", "services/notify")
        await run_program(suite.home, "notify-migrations", command, environment)
        secret = password(suite.home, "notify", "database_password")
        url = postgres.url(suite.ports, "notify").replace("@", f":{secret}@", 1)
        sink, port = Sink(), free_port()
        controller = Controller(sink, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            async with Database(url) as store:
                yield Place(suite, store, sink, port)
        finally:
            controller.stop()
