"""The ports through which registers and the portal reach this service."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import typst
from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1 import events_pb2 as events

from lkmr_education.clients.vault import MAX_BYTES, VaultFiles
from lkmr_education.domain.certificate import Check
from lkmr_education.domain.errors import (
    FileCut,
    FileMissing,
    FileRefused,
    FileUnsafe,
    PortalUnavailable,
)
from lkmr_education.domain.notice import Fault, TypedNotice
from lkmr_education.usecases.check_documents import check_documents
from lkmr_education.usecases.fetch_files import fetch_files
from lkmr_education.usecases.follow_portal import PortalReader
from lkmr_education.usecases.outside import Redeemed
from lkmr_education.usecases.take_notices import MANY
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.files import FileVault, FolderStore

from ..builders import SPECIALTIES, WORKER, a_course, a_notice
from .conftest import MALWARE, PlayedRegister, PlayedScanner, Service, World, a_person
from .test_service import refused

pytestmark = pytest.mark.servers
STRANGER = "7f3b0000-0000-4000-8000-00000000000f"
PDF = b"%PDF-1.7 " + b"x" * 200_000


async def test_due_documents_are_asked_about_by_schedule_until_one_is_found(
    service: Service,
) -> None:
    await service.with_document()
    register = PlayedRegister(Check.SOURCE_DOWN, Check.SOURCE_DOWN, Check.NOT_FOUND, Check.FOUND)

    async def turn() -> int:
        return await check_documents(checks=register, new_uow=service.new_uow, clock=service.clock)

    assert [await turn(), await turn()] == [1, 0]
    service.clock.move(minutes=1)
    assert [await turn(), await turn()] == [1, 0]
    service.clock.move(minutes=14)
    assert await turn() == 0
    service.clock.move(minutes=2)
    assert await turn() == 1
    assert (await service.summary())["main"]["counted_hours"] == 0
    service.clock.move(days=7)
    assert await turn() == 1
    assert (await service.summary())["main"]["counted_hours"] == 36
    service.clock.move(days=60)
    assert (await turn(), len(register.asked)) == (0, 4)


async def test_a_credit_counts_once_and_the_portal_may_correct_itself(world: World) -> None:
    assert await world.tell(a_notice(), a_notice()) == (1, 1, 0)
    assert await world.hours() == 12

    assert await world.tell(a_notice(2, hours=6)) == (1, 0, 0)
    assert await world.hours() == 6
    assert await world.tell(a_notice(3, state="WITHDRAWN", reason="ошибка")) == (1, 0, 0)
    assert await world.hours() == 0
    assert await world.tell(a_notice(2, hours=12)) == (0, 1, 0)
    assert await world.hours() == 0
    assert len(await world.activities()) == 1


async def test_a_person_is_met_by_the_first_notice_without_having_come_in(world: World) -> None:
    assert await world.service.store.pool.fetchval("SELECT count(*) FROM worker") == 0
    await world.tell(a_notice())

    assert await world.hours() == 12
    subjects = await world.service.subjects()
    assert subjects == ["activity.changed", "credit.changed"]


async def test_people_at_hand_are_met_together_and_only_others_asked_for_alone(
    world: World,
) -> None:
    crowd = [str(uuid.uuid4()) for _ in range(5)]
    directory = world.directory
    directory.at_hand, directory.known = crowd[:4], frozenset(crowd)

    told = [a_notice(worker=one, study=f"s{number}") for number, one in enumerate(crowd)]
    assert await world.tell(*told) == (5, 0, 0)

    assert directory.asked == 1
    assert await world.service.store.pool.fetchval("SELECT count(*) FROM worker") == 5


async def test_somebody_without_a_card_in_the_register_is_nobody(world: World) -> None:
    world.directory.known = frozenset({STRANGER})
    world.directory.without_card = [STRANGER]

    assert await world.tell(a_notice(worker=STRANGER, study="s1")) == (0, 0, 1)

    assert await world.faults() == [Fault.PERSON_UNKNOWN]
    assert await world.service.store.pool.fetchval("SELECT count(*) FROM worker") == 0


async def test_what_cannot_be_is_kept_apart_with_its_reason_and_counts_nothing(
    world: World,
) -> None:
    told = [
        a_notice(worker=STRANGER, study="s1"),
        a_notice(hours=-12, study="s2"),
        a_notice(hours=100_000, study="s3"),
        a_notice(specialty="астрология", study="s4"),
        a_notice(study="s5"),
        TypedNotice(unreadable='{"personId": 5}'),
    ]
    assert await world.tell(*told) == (1, 0, 5)
    assert await world.tell(*told) == (0, 1, 5)

    assert sorted(await world.faults()) == sorted(
        [
            Fault.PERSON_UNKNOWN,
            Fault.HOURS_IMPOSSIBLE,
            Fault.HOURS_IMPOSSIBLE,
            Fault.SPECIALTY_UNKNOWN,
            Fault.UNREADABLE,
        ]
    )
    assert await world.hours() == 12
    row = await world.service.store.pool.fetchrow("SELECT * FROM quarantine WHERE study = 's1'")
    assert STRANGER.encode() not in bytes(row["content"])


async def test_a_stranger_whom_the_register_comes_to_know_is_tried_again_by_itself(
    world: World,
) -> None:
    await world.tell(a_notice(worker=STRANGER))
    assert await world.kept.retry_due() == 0
    world.service.clock.move(minutes=1)
    assert await world.kept.retry_due() == 1
    assert await world.faults() == [Fault.PERSON_UNKNOWN]

    world.directory.known = frozenset({WORKER, STRANGER})
    world.service.clock.move(minutes=5)
    assert await world.kept.retry_due() == 1

    assert await world.faults() == []
    assert [str(one["worker_id"]) for one in await world.activities()] == [STRANGER]


async def test_an_operator_replays_what_was_kept_and_dismisses_what_never_will_be(
    world: World,
) -> None:
    await world.tell(a_notice(worker=STRANGER), a_notice(hours=-1, study="s2"))
    first, second = await world.shelf.page(resolved=False, size=9, position=None)
    operator = a_person("", "SUPPORT", subject="operator")
    world.directory.known = frozenset({WORKER, STRANGER})

    by_study = {one.notice.study: one.id for one in (first, second)}
    await world.kept.replay(by_study["event-1"], caller=operator)
    await world.kept.replay(by_study["event-1"], caller=operator)
    with pytest.raises(Exception, match="NOTICE_STILL_REFUSED"):
        await world.kept.replay(by_study["s2"], caller=operator)
    await world.kept.dismiss(by_study["s2"], caller=operator)

    done = await world.shelf.page(resolved=True, size=9, position=None)
    assert {one.notice.study: (one.resolution, one.resolved_by) for one in done} == {
        "event-1": ("APPLIED", "persons/operator"),
        "s2": ("DISMISSED", "persons/operator"),
    }
    assert len(await world.activities()) == 1


async def test_a_reading_that_broke_off_goes_on_where_it_was(world: World) -> None:
    world.portal.told = [a_notice(study=f"e{n}", id=f"e{n}:1", hours=1) for n in range(10)]
    world.portal.breaks_at = 6
    with pytest.raises(PortalUnavailable):
        await world.reader.follow()
    assert len(await world.activities()) == 6

    world.portal.breaks_at = 10**9
    assert (await world.reader.follow()).applied == 4
    assert len(await world.activities()) == 10


async def test_many_credits_at_once_are_announced_together_and_count_like_single_ones(
    world: World,
) -> None:
    world.portal.portion = 1000
    told = [
        a_notice(study=f"e{number}", title=f"Школа {number}", hours=1, worker=worker)
        for worker in (WORKER, STRANGER)
        for number in range(MANY)
    ]
    world.directory.known = frozenset({WORKER, STRANGER})
    assert await world.tell(*told) == (2 * MANY, 0, 0)
    assert await world.hours() == MANY
    assert await world.service.subjects() == ["credits.loaded"]
    body = await world.service.store.pool.fetchval("SELECT body FROM outbox")
    loaded = events.CreditsLoaded.FromString(bytes(body))
    assert sorted(loaded.workers) == sorted([f"workers/{WORKER}", f"workers/{STRANGER}"])

    assert await world.tell(*told) == (0, 2 * MANY, 0)
    assert await world.tell(a_notice(2, study="e0", title="Школа 0", hours=6)) == (1, 0, 0)
    assert await world.hours() == MANY + 5
    (known,) = await world.service.store.pool.fetch(
        "SELECT a.state, c.method, c.units, h.actor FROM activity a"
        " JOIN confirmation c ON c.activity_id = a.id AND c.revoke_time IS NULL"
        " JOIN activity_change h ON h.activity_id = a.id AND h.version = 1"
        " WHERE a.worker_id = $1 AND a.external_id = 'e1'",
        WORKER,
    )
    assert tuple(known) == ("CONFIRMED", "PORTAL_AUTO", 1, "PROVIDER")


async def test_a_register_that_is_away_holds_the_feed_back_and_loses_nothing(world: World) -> None:
    world.directory.away = True
    with pytest.raises(Exception, match="REGISTER_UNAVAILABLE"):
        await world.tell(a_notice())
    world.directory.away = False

    assert (await world.reader.follow()).applied == 1
    assert await world.hours() == 12


async def test_a_closed_course_brings_its_document_which_counts_once_it_is_found(
    world: World, keys: KeyRing, tmp_path: Any
) -> None:
    await world.tell(
        a_course(),
        a_course(2, "CLOSED", document={}),
    )
    assert await world.hours() == 0
    files = VaultFiles(FileVault(FolderStore(tmp_path), keys), PlayedScanner())
    service = world.service

    async def fetch() -> int:
        return await fetch_files(
            portal=world.portal, files=files, new_uow=service.new_uow, clock=service.clock
        )

    assert await fetch() == 0
    world.portal.files["course-1"] = PDF
    service.clock.move(hours=1)
    assert [await fetch(), await fetch()] == [1, 0]
    assert (await service.subjects())[-1] == "certificate.loaded"
    register = PlayedRegister(Check.FOUND)
    await check_documents(checks=register, new_uow=service.new_uow, clock=service.clock)

    assert await world.hours() == 36
    row = await service.store.pool.fetchrow("SELECT * FROM certificate")
    stored = await service.servicer.parts.reader.file_of(WORKER, str(row["id"]))
    assert stored is not None
    assert (stored.media_type, stored.size) == ("application/pdf", len(PDF))
    assert b"".join([part async for part in files.read(str(row["id"]), stored)]) == PDF


async def test_a_provider_that_corrects_its_document_has_it_checked_and_fetched_anew(
    world: World,
) -> None:
    service = world.service
    world.portal.files["course-1"] = PDF

    async def fetch() -> int:
        return await fetch_files(
            portal=world.portal,
            files=service.servicer.parts.files,
            new_uow=service.new_uow,
            clock=service.clock,
        )

    await world.tell(a_course(), a_course(2, "CLOSED", document={}))
    await check_documents(
        checks=PlayedRegister(Check.FOUND), new_uow=service.new_uow, clock=service.clock
    )
    assert (await world.hours(), await fetch()) == (36, 1)

    await world.tell(a_course(3, "CLOSED", hours=18, document={"hours": 18}))
    assert (await world.hours(), await fetch()) == (0, 1)
    assert (await service.subjects()).count("certificate.loaded") == 1
    await check_documents(
        checks=PlayedRegister(Check.FOUND), new_uow=service.new_uow, clock=service.clock
    )
    assert await world.hours() == 18
    assert await service.store.pool.fetchval("SELECT count(*) FROM certificate") == 1


async def test_a_document_of_another_person_is_kept_apart(world: World) -> None:
    world.directory.known = frozenset({WORKER, STRANGER})
    await world.tell(a_course(1, "CLOSED", document={}))
    await world.tell(a_course(1, "CLOSED", worker=STRANGER, study="c2", document={}))

    assert await world.faults() == [Fault.DOCUMENT_FOREIGN]
    assert len(await world.activities()) == 1


async def test_a_moved_course_moves_item_and_calendar_and_is_told(world: World) -> None:
    service = world.service
    await service.summary()
    made = await service.add(
        title="Аритмии: диагностика",
        organizer="Академия",
        start_date="2026-12-07",
        end_date="2026-12-18",
    )
    days = {"start_date": "2026-12-07", "end_date": "2026-12-18"}
    await world.tell(a_course(**days))
    await world.tell(a_course(2, start_date="2027-01-11", end_date="2027-01-22"))

    activity = (await world.activities())[0]
    assert str(activity["id"]) == made["id"]
    assert (activity["state"], str(activity["end_date"])) == ("RESCHEDULED", "2027-01-22")
    assert (await service.subjects())[-2:] == ["activity.changed", "activity.rescheduled"]


async def test_two_readers_never_take_a_portion_twice(world: World) -> None:
    world.portal.told = [a_notice(study=f"e{n}", id=f"e{n}:1", hours=1) for n in range(9)]
    other = PortalReader(
        portal=world.portal,
        directory=world.directory,
        new_uow=world.service.new_uow,
        specialties=SPECIALTIES,
        clock=world.service.clock,
    )
    first = await world.reader.follow()
    second = await other.follow()

    assert (first.applied, second.applied, second.skipped) == (9, 0, 0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("UNKNOWN", "CODE_UNKNOWN"),
        ("USED_BY_YOU", "CODE_USED"),
        ("USED_BY_ANOTHER", "CODE_USED"),
        ("NOT_FINISHED", "CODE_EVENT_NOT_FINISHED"),
        ("SPECIALTY_MISMATCH", "CODE_SPECIALTY_MISMATCH"),
        ("OUTSIDE_CYCLE", "CODE_OUTSIDE_CYCLE"),
    ],
)
async def test_each_answer_to_a_code_has_its_refusal(
    service: Service, answer: str, reason: str
) -> None:
    service.portal.answers["AB12"] = Redeemed(answer)
    request = pb.RedeemCodeRequest(parent=f"workers/{WORKER}", code=" ab-12 ")

    assert (await refused(service, "RedeemCode", request)).reason == reason


async def test_a_code_is_taken_and_only_five_may_be_tried_in_ten_minutes(service: Service) -> None:
    service.portal.answers["GOOD"] = Redeemed("ACCEPTED", 6)
    good = pb.RedeemCodeRequest(parent=f"workers/{WORKER}", code="good")
    bad = pb.RedeemCodeRequest(parent=f"workers/{WORKER}", code="bad")

    assert (await service.call("RedeemCode", good))["hours"] == 6
    for _ in range(4):
        assert (await refused(service, "RedeemCode", bad)).reason == "CODE_UNKNOWN"
    assert (await refused(service, "RedeemCode", good)).reason == "CODE_ATTEMPTS_EXHAUSTED"
    service.clock.move(minutes=10, seconds=1)
    assert (await service.call("RedeemCode", good))["answer"] == "ACCEPTED"
    rows = await service.store.pool.fetch("SELECT * FROM code_attempt")
    assert b"GOOD" not in b"".join(bytes(row["code_index"]) for row in rows)


@pytest.mark.parametrize("notice_first", [False, True])
async def test_a_credit_for_a_code_rests_on_the_code_whichever_comes_first(
    world: World, *, notice_first: bool
) -> None:
    service = world.service
    service.portal.answers["GOOD"] = Redeemed("ACCEPTED", 6, "study-of-code")
    asked = pb.RedeemCodeRequest(parent=f"workers/{WORKER}", code="good")
    told = (
        a_notice(study="study-of-code", hours=6),
        a_notice(study="other", title="Другая школа"),
    )
    if notice_first:
        await world.tell(*told)
    await service.call("RedeemCode", asked)
    await world.tell(*told)

    grounds = await service.store.pool.fetch(
        "SELECT a.external_id, c.method FROM confirmation c JOIN activity a ON a.id = c.activity_id"
        " WHERE c.revoke_time IS NULL"
    )
    assert dict(map(tuple, grounds)) == {"study-of-code": "IKP", "other": "PORTAL_AUTO"}
    lines = (await service.summary())["cycles"][0]["calculation"]
    (line,) = [one for one in lines if one["method"] == "IKP"]
    found = (line["verdict"], line["reason"], line["counted_hours"])
    assert found == ("COUNTED", "CODE_ACCEPTED", 6)
    assert await world.hours() == 18

    await world.tell(a_notice(2, study="study-of-code", hours=4))
    corrected = "SELECT method FROM confirmation WHERE units = 4 AND revoke_time IS NULL"
    assert await service.store.pool.fetchval(corrected) == "IKP"


async def test_an_operator_sees_what_was_kept_without_people(world: World) -> None:
    told = [a_notice(hours=-n, study=f"s{n}", title="Имя Фамилия") for n in range(1, 4)]
    await world.tell(*told)
    operator = a_person("", "IT_ADMIN")
    first = await world.service.call(
        "ListKeptNotices", pb.ListKeptNoticesRequest(page_size=2), operator
    )
    second = await world.service.call(
        "ListKeptNotices",
        pb.ListKeptNoticesRequest(page_size=2, page_token=first["next_page_token"]),
        operator,
    )

    assert first["waiting"] == 3
    assert {one["study"] for one in [*first["items"], *second["items"]]} == {"s1", "s2", "s3"}
    assert second["next_page_token"] == ""
    assert WORKER not in str(first)
    assert "Фамилия" not in str(first)
    assert first["items"][0]["fault_label"] == "Невозможное число часов."


async def uploaded(
    service: Service, method: str, name: str, *parts: bytes, whole: bool = True
) -> Any:
    kind = getattr(pb, f"{method}Request")

    async def requests() -> AsyncIterator[Any]:
        yield kind(name=name)
        for part in parts:
            yield kind(content=part)
        if whole:
            yield kind(last=True)

    return await service.call(method, requests())


async def test_a_file_of_an_own_document_comes_back_byte_for_byte(service: Service) -> None:
    made = (await service.with_document())["certificate"]
    name = f"workers/{WORKER}/certificates/{made['id']}"
    parts = (PDF[:5], PDF[5:70_000], PDF[70_000:])
    with pytest.raises(FileCut):
        await uploaded(service, "AttachCertificateFile", name, *parts, whole=False)
    with pytest.raises(FileRefused):
        await uploaded(service, "AttachCertificateFile", name, b"MZ" + PDF)
    with pytest.raises(FileMissing):
        await downloaded(service, name)

    kept = await uploaded(service, "AttachCertificateFile", name, *parts)

    assert (kept["has_file"], kept["scan"]) == (True, "NOTHING_FOUND")
    assert await downloaded(service, name) == PDF


async def test_a_file_with_malware_is_refused_before_it_is_read_or_kept(service: Service) -> None:
    made = (await service.with_document())["certificate"]
    name = f"workers/{WORKER}/certificates/{made['id']}"

    with pytest.raises(FileUnsafe):
        await uploaded(service, "AttachCertificateFile", name, PDF, MALWARE)
    with pytest.raises(FileUnsafe):
        await uploaded(service, "ProposeCertificate", f"workers/{WORKER}", PDF + MALWARE)
    with pytest.raises(ServiceError, match="FILE_TOO_LARGE"):
        await uploaded(service, "AttachCertificateFile", name, PDF, b"0" * MAX_BYTES)
    with pytest.raises(FileMissing):
        await downloaded(service, name)


async def test_a_file_of_a_provider_with_malware_is_not_kept_and_stops_no_other(
    world: World, keys: KeyRing, tmp_path: Any
) -> None:
    other = {"number": "ПК-2", "file": "course-2"}
    await world.tell(
        a_course(2, "CLOSED", document={}),
        a_course(2, "CLOSED", study="course-2", title="Другой", document=other),
    )
    files = VaultFiles(FileVault(FolderStore(tmp_path), keys), PlayedScanner())
    service, portal = world.service, world.portal
    wanted = await service.store.pool.fetch("SELECT portal_file FROM certificate ORDER BY 1")
    bad, good = (row["portal_file"] for row in wanted)
    portal.files = {bad: PDF + MALWARE, good: PDF}
    parts = {"portal": portal, "files": files, "new_uow": service.new_uow, "clock": service.clock}

    assert await fetch_files(**parts) == 1
    portal.files[bad] = PDF
    service.clock.move(hours=23)
    assert await fetch_files(**parts) == 0
    service.clock.move(hours=2)
    assert await fetch_files(**parts) == 1


async def downloaded(service: Service, name: str) -> bytes:
    with service.asked_by(a_person()) as servicer:
        request = pb.DownloadCertificateRequest(name=name)
        return b"".join([one.content async for one in servicer.DownloadCertificate(request, None)])


async def test_fields_are_proposed_out_of_a_pdf_and_nothing_is_stored(service: Service) -> None:
    await service.summary()
    text = "УДОСТОВЕРЕНИЕ. Серия и номер 7724 ПК-000123. Дата выдачи 21.03.2026. Объём 36 ч"
    paper = typst.compile(f"#set page(width: 30cm, height: 10cm)\n{text}".encode(), format="pdf")
    name = f"workers/{WORKER}"

    found = await uploaded(service, "ProposeCertificate", name, paper)
    picture = await uploaded(service, "ProposeCertificate", name, b"\xff\xd8\xff" + b"0" * 99)

    assert found["proposed"] == {
        "number": "ПК-000123",
        "series": "7724",
        "issue_date": "2026-03-21",
        "hours": "36",
    }
    assert picture["read"] is False
    assert await service.store.pool.fetchval("SELECT count(*) FROM certificate") == 0
