"""The service over a real database: what is stored, counted, announced, refused."""

import uuid
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.events_pb2 import CertificateWaitChanged
from sqlalchemy.ext.asyncio import create_async_engine

from lkmr_education.domain.certificate import Check
from lkmr_education.storage.tables import metadata
from lkmr_education.usecases.ports import CheckResult
from lkmr_education.usecases.record_check import record_check
from lkmr_servicekit.errors import ServiceError

from ..builders import WORKER
from .conftest import Service, a_person

pytestmark = pytest.mark.servers


async def checked(service: Service, certificate: str, check: Check, *fields: str) -> None:
    async with service.new_uow() as uow:
        await record_check(
            WORKER,
            certificate,
            CheckResult(check=check, fields=fields),
            uow=uow,
            clock=service.clock,
        )
        await uow.commit()


async def refused(service: Service, method: str, request: Any, caller: Any = None) -> ServiceError:
    with pytest.raises(ServiceError) as refusal:
        await service.call(method, request, caller)
    return refusal.value


async def test_the_database_is_as_the_code_describes_it(database: Any) -> None:
    engine = create_async_engine(
        database("education").owner_url.replace("postgresql://", "postgresql+asyncpg://")
    )
    async with engine.connect() as connection:
        drift = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    await engine.dispose()

    assert drift == []


@pytest.mark.proves("F-048", "F-056")
async def test_a_finished_activity_waits_for_its_document_and_counts_once_the_register_found_it(
    service: Service,
) -> None:
    made = await service.add()
    assert (made["state"], made["state_label"]) == ("COMPLETED_CLAIMED", "Завершено, ждём документ")
    assert made["credit"]["reason"] == "DOCUMENT_MISSING"

    with_document = await service.call(
        "AddCertificate",
        pb.AddCertificateRequest(
            parent=f"workers/{WORKER}/activities/{made['id']}",
            number="ПК-77",
            issue_date="2026-03-21",
        ),
    )
    assert with_document["state"] == "COMPLETED_CLAIMED"
    assert (await service.summary())["main"]["counted_hours"] == 0

    await checked(service, with_document["certificate"]["id"], Check.FOUND)
    summary = await service.summary()

    assert summary["main"]["counted_hours"] == 36
    assert summary["main"]["missing_hours"] == 108
    assert summary["main"]["percent"] == 25


@pytest.mark.proves("F-071")
async def test_every_counted_hour_traces_to_a_document_and_the_result_of_its_check(
    service: Service,
) -> None:
    document = (await service.with_document())["certificate"]
    await checked(service, document["id"], Check.FOUND)
    await service.with_document("ПК-2", title="Гипертензия")

    (cycle,) = (await service.summary())["cycles"]
    counted = [one for one in cycle["calculation"] if one["verdict"] == "COUNTED"]

    assert sum(one["counted_hours"] for one in counted) == cycle["counted_hours"] == 36
    for line in counted:
        assert line["certificate"] == document["id"]
        assert (line["check"], line["method"]) == ("FOUND", "FRDO")
        assert line["check_time"]
        assert line["confirm_time"]
    stored = await service.store.pool.fetch(
        "SELECT f.units, c.check_state FROM confirmation f JOIN certificate c"
        " ON c.id = f.certificate_id WHERE f.revoke_time IS NULL"
    )
    assert [(row["units"], row["check_state"]) for row in stored] == [(36, "FOUND")]


@pytest.mark.proves("F-061")
async def test_a_document_of_one_issuer_and_number_is_recorded_once(service: Service) -> None:
    await service.with_document("77 АБ-1")
    second = await service.add(title="Другая программа", organizer="ФГБОУ ДПО «Академия»")

    fault = await refused(
        service,
        "AddCertificate",
        pb.AddCertificateRequest(
            parent=f"workers/{WORKER}/activities/{second['id']}",
            number="77аб1",
            issue_date="2026-03-21",
        ),
    )

    assert fault.reason == "CERTIFICATE_DUPLICATE"
    listed = await service.call(
        "ListCertificates", pb.ListCertificatesRequest(parent=f"workers/{WORKER}")
    )
    assert len(listed["items"]) == 1


async def test_a_document_that_waits_for_its_entry_is_announced_until_the_register_has_it(
    service: Service,
) -> None:
    document = (await service.with_document("ПК-9"))["certificate"]["id"]
    for said in (Check.SOURCE_DOWN, Check.WAITING, Check.NOT_FOUND, Check.FOUND, Check.FOUND):
        await checked(service, document, said)
    at_once = (await service.with_document("ПК-10", title="Другая"))["certificate"]["id"]
    await checked(service, at_once, Check.FOUND)

    rows = await service.store.pool.fetch(
        "SELECT body FROM outbox WHERE subject LIKE '%certificate_wait.changed' ORDER BY id"
    )
    told = [CertificateWaitChanged.FromString(row["body"]) for row in rows]
    name = f"workers/{WORKER}/certificates/{document}"
    assert [(one.certificate, one.solved) for one in told] == [(name, False), (name, True)]
    assert (told[0].issue_date, told[0].entry_date) == ("2026-03-21", "2026-05-20")


async def test_an_annulled_document_takes_its_hours_back(service: Service) -> None:
    made = await service.with_document()
    await checked(service, made["certificate"]["id"], Check.FOUND)
    await checked(service, made["certificate"]["id"], Check.ANNULLED)

    item = await service.call(
        "ReadActivity",
        pb.ReadActivityRequest(name=f"workers/{WORKER}/activities/{made['id']}"),
    )

    assert (item["state"], item["credit"]["reason"]) == ("REJECTED_DOC", "REGISTER_ANNULLED")
    assert item["confirmation"] is None
    assert (await service.summary())["main"]["counted_hours"] == 0


async def test_the_personnel_office_vouches_with_a_mark_and_never_for_itself(
    service: Service,
) -> None:
    made = await service.with_document()
    request = pb.ConfirmCertificateRequest(
        name=f"workers/{WORKER}/certificates/{made['certificate']['id']}", reason="Скан проверен"
    )
    own = a_person(WORKER, "HR")
    assert (await refused(service, "ConfirmCertificate", request, own)).reason == (
        "SELF_CONFIRMATION"
    )
    stranger = a_person("", "HR", oid="1.2.3")
    assert (await refused(service, "ConfirmCertificate", request, stranger)).reason == (
        "WORKER_NOT_FOUND"
    )

    confirmed = await service.call("ConfirmCertificate", request, a_person("", "HR"))

    assert confirmed["credit"]["unverified"] is True
    assert (await service.summary())["main"]["unverified_hours"] == 36


async def test_a_repeat_of_a_command_does_the_work_once(service: Service) -> None:
    first = await service.add(request_id=str(uuid.UUID(int=4, version=4)))
    second = await service.add(request_id=str(uuid.UUID(int=4, version=4)))

    assert first["id"] == second["id"]
    assert await service.store.pool.fetchval("SELECT count(*) FROM activity") == 1


async def test_steps_are_stored_with_what_they_changed_and_announced(service: Service) -> None:
    made = await service.add(start_date="2026-12-01", end_date="2026-12-05")
    name = f"workers/{WORKER}/activities/{made['id']}"
    for state in ("APPLIED", "PROVIDER_REVIEW", "ENROLLED"):
        await service.call("AdvanceActivity", pb.AdvanceActivityRequest(name=name, to=state))
    moved = await service.call(
        "AdvanceActivity",
        pb.AdvanceActivityRequest(name=name, to="RESCHEDULED", start_date="2026-12-08"),
    )

    assert (moved["state"], moved["start_date"]) == ("RESCHEDULED", "2026-12-08")
    assert moved["history"][0]["changed"]["start_date"] == {
        "old": "2026-12-01",
        "new": "2026-12-08",
    }
    assert [one["version"] for one in moved["history"]] == [5, 4, 3, 2, 1]
    assert await service.subjects() == [*["activity.changed"] * 5, "activity.rescheduled"]


async def test_a_step_seen_on_an_old_version_is_refused(service: Service) -> None:
    made = await service.add(start_date="2026-12-01", end_date="2026-12-05")
    request = pb.AdvanceActivityRequest(
        name=f"workers/{WORKER}/activities/{made['id']}", to="APPLIED", version=7
    )

    assert (await refused(service, "AdvanceActivity", request)).reason == "ACTIVITY_CHANGED"


async def test_only_the_head_of_the_department_agrees(service: Service) -> None:
    made = await service.add(start_date="2026-12-01", end_date="2026-12-05")
    name = f"workers/{WORKER}/activities/{made['id']}"
    for state in ("APPLIED", "EMPLOYER_REVIEW"):
        await service.call("AdvanceActivity", pb.AdvanceActivityRequest(name=name, to=state))
    agree = pb.AdvanceActivityRequest(name=name, to="PROVIDER_REVIEW")
    other = a_person("", "HEAD_DEPT", department="терапевтическое отделение")

    assert (await refused(service, "AdvanceActivity", agree)).reason == "STEP_NOT_ALLOWED"
    assert (await refused(service, "AdvanceActivity", agree, other)).reason == "WORKER_NOT_FOUND"
    head = a_person("", "HEAD_DEPT", department="кардиологическое отделение")
    agreed = await service.call("AdvanceActivity", agree, head)
    assert agreed["state"] == "PROVIDER_REVIEW"


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (a_person(), True),
        (a_person("", "HEAD_DEPT", department="кардиологическое отделение"), True),
        (a_person("", "HEAD_DEPT", department="терапевтическое отделение"), False),
        (a_person("", "HR"), True),
        (a_person("", "HR", oid="1.2.3"), False),
        (a_person("", "EDU_COORD"), True),
        (a_person(str(uuid.UUID(int=9)), "DOCTOR"), False),
        (a_person("", "STAT"), False),
    ],
)
async def test_a_row_is_open_to_its_worker_head_and_officers_only(
    service: Service, caller: Any, *, sees: bool
) -> None:
    if sees:
        assert (await service.summary(caller))["main"]["required_hours"] == 144
        return
    request = pb.ReadSummaryRequest(name=f"workers/{WORKER}")
    assert (await refused(service, "ReadSummary", request, caller)).reason == "WORKER_NOT_FOUND"


async def test_the_record_is_asked_once_and_a_register_that_is_away_leaves_it_stale(
    service: Service,
) -> None:
    await service.summary()
    await service.summary()
    assert service.directory.asked == 1

    service.clock.move(minutes=11)
    service.directory.away = True
    summary = await service.summary()

    assert summary["record"]["stale"] is True
    assert summary["main"]["specialty"] == "кардиология"


async def test_accreditation_asks_for_a_statement_with_what_might_still_be_taken(
    service: Service,
) -> None:
    document = (await service.with_document())["certificate"]
    await checked(service, document["id"], Check.FOUND)
    request = pb.GetCreditStatementRequest(
        name=f"workers/{WORKER}",
        specialty="Кардиология",
        period_start="2021-12-18",
        period_end="2026-12-18",
    )
    now = await service.call("GetCreditStatement", request)
    request.simulated.add(kind="PK", hours=36, end_date="2026-12-10")
    request.simulated.add(kind="CONFERENCE", hours=72, end_date="2026-12-15")
    then = await service.call("GetCreditStatement", request)

    assert (now.sufficient, now.missing_hours, now.missing_programme_hours) == (False, 108, 36)
    assert (then.sufficient, then.variant, then.portal_units) == (True, "B", 72)
    assert {line.simulated for line in then.lines} == {True, False}
    assert await service.store.pool.fetchval("SELECT count(*) FROM activity") == 1


async def test_numbers_of_documents_are_sealed(service: Service) -> None:
    await service.with_document("ПК-ТАЙНА")

    stored = await service.store.pool.fetchval("SELECT numbers FROM certificate")
    assert "ТАЙНА".encode() not in bytes(stored)
