"""ФИС ФРДО is asked beside its schedule: by the owner of a document, and before an application."""

from dataclasses import replace

import pytest
from lkmr.education.v1 import education_service_pb2 as pb

from lkmr_education.api import servicer
from lkmr_education.domain.certificate import Check
from lkmr_education.usecases.check_documents import check_documents

from ..builders import WORKER
from .conftest import PlayedRegister, Service, a_person
from .test_feeds import STRANGER
from .test_service import refused

pytestmark = pytest.mark.servers


async def test_an_owner_has_the_register_asked_once_an_hour_and_a_silent_one_takes_nothing_back(
    service: Service,
) -> None:
    made = await service.with_document()
    ask = pb.CheckCertificateRequest(
        name=f"workers/{WORKER}/certificates/{made['certificate']['id']}"
    )
    register = PlayedRegister(Check.FOUND, Check.SOURCE_DOWN, Check.ANNULLED)

    async def turn() -> int:
        return await check_documents(checks=register, new_uow=service.new_uow, clock=service.clock)

    async def hours() -> int:
        return int((await service.summary())["main"]["counted_hours"])

    assert (await service.call("CheckCertificate", ask))["check"] == "NOT_CHECKED"
    assert (await turn(), await hours()) == (1, 36)
    service.clock.move(minutes=59)
    soon = await refused(service, "CheckCertificate", ask)
    assert (soon.reason, soon.metadata) == ("CHECK_TOO_SOON", {"seconds": "61"})
    assert await turn() == 0

    service.clock.move(minutes=2)
    await service.call("CheckCertificate", ask)
    assert (await turn(), await hours()) == (1, 36)
    service.clock.move(minutes=15)
    assert (await turn(), await hours()) == (1, 0)

    stranger = a_person(STRANGER)
    assert (await refused(service, "CheckCertificate", ask, stranger)).reason == "WORKER_NOT_FOUND"


async def test_before_an_application_the_register_is_asked_anew_about_each_document(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("ПК-1", "ПК-2"):
        await service.with_document(number, title=f"Курс {number}")
    await service.with_document("С-3", kind="SEMINAR", title="Семинар")
    register = PlayedRegister(Check.FOUND, Check.FOUND)
    service.servicer.parts = replace(service.servicer.parts, checks=register)
    request = pb.CheckWorkerCertificatesRequest(name=f"workers/{WORKER}")

    async def rechecked() -> int:
        return int((await service.call("CheckWorkerCertificates", request)).asked)

    assert await rechecked() == 2
    assert sorted(register.asked) == ["ПК-1", "ПК-2"]
    assert (await service.summary())["main"]["counted_hours"] == 72
    assert await rechecked() == 0  # within the hour

    service.clock.move(minutes=61)
    register.answers = [Check.ANNULLED, Check.FOUND]
    assert await rechecked() == 2
    assert (await service.summary())["main"]["counted_hours"] == 36

    service.clock.move(minutes=61)
    register.silent = True
    monkeypatch.setattr(servicer, "RECHECK_SECONDS", 0.05)
    assert await rechecked() == 2
    assert (await service.summary())["main"]["counted_hours"] == 36
    service.clock.move(minutes=6)
    register.silent, register.answers = False, [Check.ANNULLED, Check.ANNULLED]
    await check_documents(checks=register, new_uow=service.new_uow, clock=service.clock)
    assert (await service.summary())["main"]["counted_hours"] == 0


async def test_a_document_that_no_register_keeps_is_not_asked_about(service: Service) -> None:
    made = await service.with_document(kind="SEMINAR")
    name = f"workers/{WORKER}/certificates/{made['certificate']['id']}"

    refusal = await refused(service, "CheckCertificate", pb.CheckCertificateRequest(name=name))

    assert refusal.reason == "CHECK_NOT_NEEDED"
