"""ФИС ФРДО is asked beside its schedule: by the owner of a document, and before an application."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lkmr.auth.v1.events_pb2 import ConsentDecided
from lkmr.education.v1 import education_service_pb2 as pb

from lkmr_education.api import servicer
from lkmr_education.domain.certificate import Certificate, Check
from lkmr_education.messaging.handlers import CONSENT, Handlers
from lkmr_education.usecases.check_documents import check_documents
from lkmr_education.usecases.ports import CheckResult
from lkmr_servicekit.events import Event

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


def decided(decision: str, time: datetime, consent: str = CONSENT) -> Event[ConsentDecided]:
    """What auth tells of a decision, new each time."""
    person = f"persons/{uuid.uuid4()}"
    data = ConsentDecided(
        person=person,
        worker=f"workers/{WORKER}",
        consent=consent,
        decision=decision,
        decide_time=time.isoformat(timespec="microseconds"),
    )
    return Event(uuid.uuid4(), "lkmr.auth.v1.consent.decided", f"{person}/consents/{consent}", data)


async def hear(service: Service, *events: Event[ConsentDecided]) -> None:
    handlers = Handlers(new_uow=service.new_uow, clock=service.clock)
    for one in events:
        await handlers.on_consent_decided(one)


async def turn(service: Service, register: PlayedRegister) -> list[str]:
    """One round of the schedule; which documents the register was asked about."""
    register.asked.clear()
    await check_documents(checks=register, new_uow=service.new_uow, clock=service.clock)
    return list(register.asked)


async def hold(service: Service) -> str:
    request = pb.ListCertificatesRequest(parent=f"workers/{WORKER}")
    (item,) = (await service.call("ListCertificates", request))["items"]
    return str(item["check_hold"])


@pytest.mark.parametrize("refusal", ["WITHDRAWN", "DECLINED"])
async def test_without_the_consent_no_register_is_asked_and_with_it_again_it_is(
    service: Service, refusal: str
) -> None:
    made = await service.with_document()
    register = PlayedRegister(Check.FOUND)
    service.servicer.parts = replace(service.servicer.parts, checks=register)
    name = f"workers/{WORKER}/certificates/{made['certificate']['id']}"
    ask, check = pb.CheckCertificateRequest(name=name), pb.CheckWorkerCertificatesRequest

    await hear(service, decided(refusal, service.clock.now()))

    assert await turn(service, register) == []
    refused_now = await refused(service, "CheckCertificate", ask)
    assert refused_now.reason == "EDUCATION_CONSENT_MISSING"
    before_application = await service.call(
        "CheckWorkerCertificates", check(name=f"workers/{WORKER}")
    )
    assert before_application.asked == 0
    assert register.asked == []
    assert await hold(service) == "NO_CONSENT"

    service.clock.move(minutes=1)
    await hear(service, decided("GIVEN", service.clock.now()))

    assert await hold(service) == ""
    assert await turn(service, register) == ["ПК-1"]
    assert (await service.summary())["main"]["counted_hours"] == 36


async def test_the_personnel_office_vouches_for_a_document_without_the_consent(
    service: Service,
) -> None:
    made = await service.with_document()
    await hear(service, decided("WITHDRAWN", service.clock.now()))
    request = pb.ConfirmCertificateRequest(
        name=f"workers/{WORKER}/certificates/{made['certificate']['id']}", reason="Оригинал у нас"
    )

    await service.call("ConfirmCertificate", request, a_person(STRANGER, "HR"))

    assert (await service.summary())["main"]["counted_hours"] == 36


async def test_the_later_decision_holds_whichever_is_heard_first_and_however_often(
    service: Service,
) -> None:
    await service.with_document()
    register = PlayedRegister(Check.NOT_FOUND)
    start = service.clock.now()
    given = decided("GIVEN", start)
    withdrawn = decided("WITHDRAWN", start + timedelta(microseconds=1))

    await hear(service, withdrawn, given, given, withdrawn)
    assert await turn(service, register) == []

    again = decided("GIVEN", start + timedelta(seconds=1))
    await hear(service, again, decided("WITHDRAWN", start + timedelta(microseconds=2)))
    await hear(service, decided("WITHDRAWN", start + timedelta(days=1), "consent-notices"))
    assert await turn(service, register) == ["ПК-1"]


async def test_a_consent_withdrawn_between_claim_question_and_answer_ends_both(
    service: Service,
) -> None:
    for number in ("ПК-1", "ПК-2"):
        await service.with_document(number, title=f"Курс {number}")

    class Overtaken(PlayedRegister):
        async def check(self, certificate: Certificate) -> CheckResult:
            await hear(service, decided("WITHDRAWN", service.clock.now()))
            return await super().check(certificate)

    assert len(await turn(service, Overtaken(Check.FOUND, Check.FOUND))) == 1
    states = await service.store.pool.fetch("SELECT check_state FROM certificate")
    assert {row["check_state"] for row in states} == {"NOT_CHECKED"}
