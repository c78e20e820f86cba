import io
import uuid
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from sysconfig import get_path

import pytest
from pypdf import PdfReader

from lkmr_accreditation.clients.sheets import StaffSheets
from lkmr_accreditation.domain.documents import (
    Check,
    Checked,
    Content,
    Document,
    Source,
    Version,
    Visibility,
)
from lkmr_accreditation.domain.worker import Card
from lkmr_accreditation.storage.board import PostgresStaff
from lkmr_accreditation.storage.shipped import shipped_book
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.export_staff import export_staff, source_words
from lkmr_accreditation.usecases.keep_compliance import judge_due, judge_turned, judge_under_law
from lkmr_accreditation.usecases.ports import CardBatch
from lkmr_accreditation.usecases.staff import StaffFilter, list_staff, staff_board, staff_member
from lkmr_accreditation.usecases.staff_report import staff_report
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_accreditation.usecases.sync_register import sync_register
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller, CallerKind

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
BOOK = shipped_book()
SHEETS = StaffSheets(Path(get_path("purelib")) / "fontpkg_pt_sans" / "files")
OWN, OTHER = "1.2.643.5.1.13.13.12.2.77.90001", "1.2.643.5.1.13.13.12.2.77.90002"
THERAPY, SURGERY = "терапевтическое отделение", "хирургическое отделение"


def a_caller(role: str, oid: str = OWN, department: str = "") -> Caller:
    return Caller(
        CallerKind.PERSON,
        "p",
        0,
        session="s",
        roles=(role,),
        organization_oid=oid,
        department=department,
    )


JOB = Caller(CallerKind.JOB, "education", 0)


def staff_card(name: str, until: date, department: str = THERAPY, oid: str = OWN) -> Card:
    recorded = until.replace(year=until.year - 5)
    card = a_card(
        an_entry(f"77 {name}", record_date=recorded, expire_date=until, protocol_date=None),
        name=name,
    )
    (job,) = card.jobs
    return replace(card, jobs=(replace(job, department=department, organization_oid=oid),))


async def kept(new_uow: NewUow, clock: FakeClock, *cards: Card) -> None:
    async with new_uow() as uow:
        for card in cards:
            await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    while await judge_due(new_uow=new_uow, book=BOOK, clock=clock):
        pass


async def seeded(new_uow: NewUow, clock: FakeClock) -> dict[str, Card]:
    cards = {
        "Истекшая": staff_card("Истекшая", date(2026, 11, 12)),
        "Срочный": staff_card("Срочный", date(2026, 12, 18)),
        "Спокойный": staff_card("Спокойный", date(2029, 3, 1)),
        "Хирургов": staff_card("Хирургов", date(2028, 3, 1), SURGERY),
        "Чужой": staff_card("Чужой", date(2028, 3, 1), oid=OTHER),
    }
    await kept(new_uow, clock, *cards.values())
    return cards


@pytest.fixture
def staff(store: Database, keys: KeyRing) -> PostgresStaff:
    return PostgresStaff(store, keys)


async def names(staff: PostgresStaff, caller: Caller, clock: FakeClock, **asked: str) -> list[str]:
    board = await staff_board(
        caller, StaffFilter(**asked), page_size=0, page_token="", reader=staff, clock=clock
    )
    return [row.name.family_name for row in board.rows]


async def test_head_of_organisation_hr_and_head_of_department_see_exactly_their_own_staff(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    await seeded(new_uow, clock)
    whole = ["Истекшая", "Срочный", "Хирургов", "Спокойный"]

    assert await names(staff, a_caller("HEAD_ORG"), clock) == whole
    assert await names(staff, a_caller("HR"), clock) == whole
    own = await names(staff, a_caller("HEAD_DEPT", department=THERAPY), clock)
    assert own == ["Истекшая", "Срочный", "Спокойный"]
    assert await names(staff, a_caller("HEAD_DEPT", department=SURGERY), clock) == ["Хирургов"]
    with pytest.raises(ServiceError, match="ORGANIZATION_REQUIRED"):
        await names(staff, a_caller("HEAD_DEPT"), clock)
    with pytest.raises(ServiceError, match="ORGANIZATION_REQUIRED"):
        await names(staff, a_caller("DOCTOR"), clock)


async def test_statistician_and_regulator_get_totals_and_nobody_by_name(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    await seeded(new_uow, clock)
    for role, oid, total in (("STAT", OWN, 4), ("REGULATOR", "1.2.3.77.1", 5)):
        board = await staff_board(
            a_caller(role, oid),
            StaffFilter(),
            page_size=0,
            page_token="",
            reader=staff,
            clock=clock,
        )
        assert board.rows == ()
        assert board.counts.total == total
        assert all(one.counts.total >= 5 for one in board.groups)
        with pytest.raises(ServiceError, match="STAFF_MEMBER_NOT_FOUND"):
            await staff_member(a_caller(role, oid), str(uuid.uuid4()), reader=staff)


async def test_the_board_is_filtered_counted_and_paged(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    await seeded(new_uow, clock)
    head = a_caller("HEAD_ORG")

    assert await names(staff, head, clock, admission="CANNOT_WORK") == ["Истекшая"]
    assert await names(staff, head, clock, admission="EXPIRING") == ["Срочный"]
    assert await names(staff, head, clock, department=SURGERY) == ["Хирургов"]
    assert await names(staff, head, clock, family_name="СПОК") == ["Спокойный"]
    assert await names(staff, head, clock, specialty="кардиология") == []
    with pytest.raises(ServiceError, match="FILTER_INVALID"):
        await names(staff, head, clock, admission="ANY")

    seen, token = [], ""
    while True:
        board = await staff_board(
            head, StaffFilter(), page_size=2, page_token=token, reader=staff, clock=clock
        )
        seen += [row.name.family_name for row in board.rows]
        token = board.next_page_token
        if not token:
            break
    assert seen == ["Истекшая", "Срочный", "Хирургов", "Спокойный"]
    assert (board.counts.can_work, board.counts.expiring, board.counts.cannot_work) == (3, 1, 1)
    assert board.departments == [THERAPY, SURGERY]
    assert board.organization_name == "Поликлиника (проба)"


async def test_a_colleague_of_another_department_or_organisation_looks_like_an_unknown_one(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    cards = await seeded(new_uow, clock)
    head = a_caller("HEAD_DEPT", department=THERAPY)

    found = await staff_member(head, cards["Срочный"].worker, reader=staff)
    assert found.hindrance == "Аккредитация «терапия» действует до 18.12.2026 включительно"
    for other in ("Хирургов", "Чужой"):
        with pytest.raises(ServiceError, match="STAFF_MEMBER_NOT_FOUND"):
            await staff_member(head, cards[other].worker, reader=staff)


async def test_other_services_list_staff_by_jobs_and_a_person_only_gets_their_own(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    cards = await seeded(new_uow, clock)

    async def listed(caller: Caller, **asked: object) -> set[str]:
        values: dict[str, object] = {
            "organization_oid": "",
            "department": "",
            "workers": [],
            "page_size": 0,
            "page_token": "",
        }
        found, _ = await list_staff(caller, reader=staff, **(values | asked))  # type: ignore[arg-type]
        return {one.name.family_name for one in found}

    assert await listed(JOB, organization_oid=OTHER) == {"Чужой"}
    assert await listed(JOB, organization_oid=OWN, department=SURGERY) == {"Хирургов"}
    head = a_caller("HEAD_DEPT", department=THERAPY)
    assert await listed(head) == {"Истекшая", "Срочный", "Спокойный"}
    assert await listed(head, organization_oid=OTHER) == set()
    assert await listed(head, department=SURGERY) == set()
    workers = [cards["Срочный"].worker, cards["Хирургов"].worker]
    assert await listed(head, workers=workers) == {"Срочный"}
    with pytest.raises(ServiceError, match="ORGANIZATION_REQUIRED"):
        await listed(JOB)


async def test_who_leaves_or_changes_name_is_shown_so_at_once(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    card = staff_card("Прежняя", date(2029, 3, 1))
    await kept(new_uow, clock, card)
    renamed = replace(staff_card("Новая", date(2029, 3, 1)), worker=card.worker, version=2)
    await kept(new_uow, clock, replace(renamed, entries=card.entries))
    assert await names(staff, a_caller("HR"), clock) == ["Новая"]

    (job,) = card.jobs
    gone = (replace(job, end_date=date(2026, 11, 20)),)
    await kept(new_uow, clock, replace(card, jobs=gone, version=3))
    assert await names(staff, a_caller("HR"), clock) == []


@pytest.mark.proves("F-006")
async def test_a_term_that_ends_while_nobody_acts_is_announced_once(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff, store: Database
) -> None:
    await kept(new_uow, clock, staff_card("Срочный", date(2027, 8, 1)))

    async def announced() -> list[str]:
        rows = await store.pool.fetch("SELECT subject FROM outbox ORDER BY id")
        return [row["subject"].rpartition("v1.")[2] for row in rows]

    assert await announced() == ["term.changed"]
    for _ in range(14):
        clock.move(days=30)
        while await judge_turned(new_uow=new_uow, book=BOOK, clock=clock):
            pass
    told = await announced()

    assert told.count("accreditation.expiring") == 1
    assert told.count("accreditation.expired") == 1
    assert told.index("accreditation.expiring") < told.index("accreditation.expired")
    assert await names(staff, a_caller("HR"), clock, admission="CANNOT_WORK") == ["Срочный"]


async def test_recomputation_under_a_law_goes_on_after_a_break_and_ends(
    new_uow: NewUow, clock: FakeClock, store: Database
) -> None:
    await seeded(new_uow, clock)

    assert await judge_under_law(new_uow=new_uow, book=BOOK, clock=clock, limit=2)
    row = await store.pool.fetchrow("SELECT done, finish_time FROM recompute")
    assert tuple(row) == (2, None)
    while await judge_under_law(new_uow=new_uow, book=BOOK, clock=clock, limit=2):
        pass
    row = await store.pool.fetchrow("SELECT done, finish_time IS NOT NULL FROM recompute")
    assert tuple(row) == (await store.pool.fetchval("SELECT count(*) FROM worker"), True)
    assert not await judge_under_law(new_uow=new_uow, book=BOOK, clock=clock)


@pytest.mark.proves("F-019")
async def test_the_report_lists_exactly_the_seeded_expired_and_missing(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    await seeded(new_uow, clock)
    bare = staff_card("Безаписи", date(2028, 3, 1), SURGERY)
    await kept(new_uow, clock, replace(bare, entries=()))

    whole = await staff_report(a_caller("HEAD_ORG"), reader=staff, law=BOOK.law, clock=clock)
    part = await staff_report(
        a_caller("HEAD_DEPT", department=SURGERY), reader=staff, law=BOOK.law, clock=clock
    )
    region = await staff_report(
        a_caller("REGULATOR", "1.2.3.77.1"), reader=staff, law=BOOK.law, clock=clock
    )

    def listed(rows: object) -> list[str]:
        return [row.name.family_name for row in rows]  # type: ignore[attr-defined]

    assert listed(whole.expired) == ["Истекшая"]
    assert listed(whole.missing) == ["Безаписи"]
    assert set(listed(whole.violations)) == {"Истекшая", "Безаписи"}
    assert (whole.counts.total, whole.counts.can_work, whole.counts.cannot_work) == (5, 3, 2)
    assert sum(one.counts.total for one in whole.by_group) == 5
    assert (listed(part.expired), listed(part.missing)) == ([], ["Безаписи"])
    assert listed(region.expired) == listed(region.missing) == []
    assert region.counts.total == 6


def a_paper(card: Card, number: int, until: date | None, seen: str, kind: str) -> Document:
    content = Content(number=f"№ {number}", valid_until=until)
    version = Version(
        number=1,
        content=content,
        check=Checked(status=Check.VERIFIED),
        author="persons/p",
        create_time=NOON,
    )
    return Document(
        id=str(uuid.uuid4()),
        worker=card.worker,
        kind=kind,
        source=Source.HR,
        visibility=Visibility(seen),
        archived=False,
        create_time=NOON,
        version=version,
    )


async def test_the_report_counts_documents_that_are_over_by_kind_as_far_as_they_are_open(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    cards = await seeded(new_uow, clock)
    over, good = date(2026, 11, 1), date(2027, 11, 1)
    papers = (
        ("Истекшая", over, "HEAD", "MED_EXAM"),
        ("Срочный", over, "HEAD", "MED_EXAM"),
        ("Спокойный", over, "HEAD", "MED_EXAM"),
        ("Спокойный", good, "OWNER", "MED_EXAM"),
        ("Хирургов", over, "HR", "MED_BOOK"),
        ("Хирургов", over, "OWNER", "SAFETY"),
        ("Хирургов", None, "HEAD", "DIPLOMA"),
        ("Чужой", over, "HEAD", "MED_EXAM"),
    )
    async with new_uow() as uow:
        for number, (who, until, seen, kind) in enumerate(papers):
            assert await uow.documents.add(a_paper(cards[who], number, until, seen, kind))
        await uow.commit()

    async def counted(caller: Caller) -> dict[str, int]:
        made = await staff_report(caller, reader=staff, law=BOOK.law, clock=clock)
        return dict(made.documents_expired)

    assert await counted(a_caller("HR")) == {"MED_BOOK": 1, "MED_EXAM": 2}
    assert await counted(a_caller("HEAD_ORG")) == {"MED_EXAM": 2}
    assert await counted(a_caller("HEAD_DEPT", department=SURGERY)) == {}
    assert await counted(a_caller("REGULATOR", "1.2.3.77.1")) == {}


@dataclass
class HeardRegister:
    """A register without cards that answers, or does not."""

    away: bool = False

    async def stream(self, cursor: str) -> AsyncIterator[CardBatch]:
        if self.away:
            raise ServiceError("REGISTER_UNAVAILABLE", Category.UNAVAILABLE)
        yield CardBatch((), cursor, 0)


@pytest.mark.proves("F-267")
async def test_files_about_the_staff_say_as_of_when_and_mark_stale_data(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    await seeded(new_uow, clock)
    register = HeardRegister()

    async def made() -> tuple[str, bool, list[str]]:
        texts = []
        for kind in ("CSV", "XLSX", "PDF"):
            content = await export_staff(
                a_caller("HEAD_ORG"), StaffFilter(), kind,
                reader=staff, sheets=SHEETS, law=BOOK.law, clock=clock,
            )  # fmt: skip
            texts.append(text_of(kind, content))
        report = await staff_report(a_caller("HEAD_ORG"), reader=staff, law=BOOK.law, clock=clock)
        words = source_words(report.source)
        assert all(words in text for text in texts), (words, texts)
        return words, report.source.stale, texts

    assert (await made())[:2] == (
        "Реестр (ФРМР) ещё не ответил: сведения могут быть неполными", True,
    )  # fmt: skip
    await sync_register(register=register, new_uow=new_uow, clock=clock)
    assert (await made())[:2] == ("Сведения реестра (ФРМР) на 23.11.2026 14:32 МСК", False)
    register.away = True
    clock.move(hours=25)
    with pytest.raises(ServiceError):
        await sync_register(register=register, new_uow=new_uow, clock=clock)
    stale = "Сведения могли устареть: реестр (ФРМР) последний раз ответил 23.11.2026 14:32 МСК"
    assert (await made())[:2] == (stale, True)


def text_of(kind: str, content: bytes) -> str:
    """The words of a file."""
    if kind == "CSV":
        return content.decode("utf-8-sig")
    if kind == "XLSX":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return book.read("xl/sharedStrings.xml").decode()
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def test_names_of_staff_lie_sealed(
    new_uow: NewUow, clock: FakeClock, store: Database
) -> None:
    await kept(new_uow, clock, staff_card("Незримая", date(2029, 3, 1)))

    found = await store.pool.fetchval("SELECT string_agg(staff::text, ' ') FROM staff")

    assert "Незримая" not in found
    assert "Незримая".encode().hex() not in found


async def test_who_changed_last_is_judged_first_and_not_behind_a_load(
    new_uow: NewUow, clock: FakeClock, staff: PostgresStaff
) -> None:
    loaded = [staff_card(f"Загруженный{number}", date(2029, 3, 1)) for number in range(3)]
    changed = staff_card("Изменённый", date(2029, 3, 1))
    async with new_uow() as uow:
        for card in (*loaded, changed):
            await store_card(card, now=NOON, uow=uow)
        await uow.commit()

    assert await judge_due(new_uow=new_uow, book=BOOK, clock=clock, limit=1) == 1

    assert await names(staff, a_caller("HEAD_ORG"), clock) == ["Изменённый"]
