from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lkmr_accreditation.api.convert import record_to_proto
from lkmr_accreditation.domain.compliance import next_turn
from lkmr_accreditation.domain.events import TermChanged, document_terms, term_facts
from lkmr_accreditation.domain.facts import Document, Documents
from lkmr_accreditation.domain.holdings import (
    Held,
    Holdings,
    documents_of,
    mentoring_of,
    paper_terms,
)
from lkmr_accreditation.domain.licences import LicenceRecord, Licences, LicenceState
from lkmr_accreditation.domain.verdicts import RuleResult, Unknown, Verdict
from lkmr_accreditation.usecases.ports import StoredWorker
from lkmr_accreditation.usecases.read_record import Recorded

from ..builders import NOON, an_entry
from ..facts_builders import REGISTRY, TODAY, a_job, records, rule, some_facts

OID = a_job().organization_oid
OK, WARN, FAIL, UNKNOWN = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN


def held(kind: str, days: int | None = 400, status: str = "VERIFIED", **more: Any) -> Held:
    until = TODAY + timedelta(days=days) if days is not None else None
    values: dict[str, Any] = {
        "id": f"{kind}{days}",
        "kind": kind,
        "specialty": "",
        "level": "",
        "valid_from": date(2026, 1, 1),
        "valid_until": until,
        "status": status,
    }
    return Held(**(values | more))


def a_licence(**more: Any) -> LicenceRecord:
    licence = LicenceRecord(
        number="Л041-01137-77/00000001",
        kind="LICENCE_ORG",
        organization_oid=OID,
        issuer="Росздравнадзор (демо)",
        issue_date=date(2021, 3, 1),
        valid_until=None,
        state=LicenceState.VALID,
        works=("Терапия",),
    )
    return replace(licence, **more)


def documents(*papers: Held, licences: Licences | None = None) -> Documents:
    holdings = Holdings(papers, licences or Licences({}))
    return documents_of(holdings, REGISTRY.catalogue, REGISTRY.posts, [a_job()], TODAY)


def judged(number: int, *papers: Held, licences: Licences | None = None) -> RuleResult:
    return rule(number, some_facts(documents=documents(*papers, licences=licences)))


@pytest.mark.parametrize(
    ("papers", "verdict"),
    [
        ([], OK),
        ([held("CATEGORY", 400, specialty="терапия")], OK),
        ([held("CATEGORY", 100, specialty="терапия")], WARN),
        ([held("CATEGORY", -1, specialty="терапия")], FAIL),
        ([held("CATEGORY", -1, specialty="терапия"), held("CATEGORY", specialty="Терапия")], OK),
        ([held("CATEGORY", -1, specialty="терапия"), held("CATEGORY", specialty="хирургия")], FAIL),
        ([held("CATEGORY", 400, "UNVERIFIED", specialty="терапия")], UNKNOWN),
        ([held("CATEGORY", 400, "REJECTED", specialty="терапия")], OK),
    ],
)
def test_a_category_that_was_declared_must_be_valid(papers: list[Held], verdict: Verdict) -> None:
    assert judged(9, *papers).verdict is verdict


@pytest.mark.parametrize(
    ("papers", "verdict"),
    [
        ([], UNKNOWN),
        ([held("MED_EXAM", 200)], OK),
        ([held("MED_EXAM", 10)], WARN),
        ([held("MED_EXAM", -1)], FAIL),
        ([held("MED_EXAM", -1), held("MED_EXAM", 300)], OK),
        ([held("MED_EXAM", 200, "UNVERIFIED")], UNKNOWN),
    ],
)
def test_the_medical_examination_is_decided_by_its_paper(
    papers: list[Held], verdict: Verdict
) -> None:
    assert judged(10, *papers).verdict is verdict


def test_signature_and_power_of_attorney_are_both_looked_at() -> None:
    assert judged(11, held("ESIGN"), held("MCHD")).verdict is OK
    assert judged(11, held("ESIGN"), held("MCHD", -3)).verdict is FAIL
    assert judged(11, held("ESIGN", 5), held("ESIGN", -3)).verdict is WARN


@pytest.mark.parametrize(
    ("licences", "verdict"),
    [
        (None, UNKNOWN),
        ((), FAIL),
        ((a_licence(),), OK),
        ((a_licence(works=("хирургия",)),), FAIL),
        ((a_licence(state=LicenceState.REISSUE),), WARN),
        ((a_licence(state=LicenceState.REVOKED),), FAIL),
        ((a_licence(state=LicenceState.SUSPENDED),), FAIL),
        ((a_licence(valid_until=TODAY - timedelta(days=1)),), FAIL),
        ((a_licence(state=LicenceState.REISSUE), a_licence(number="2")), OK),
    ],
)
def test_the_licence_of_the_organization_covers_the_work(
    licences: tuple[LicenceRecord, ...] | None, verdict: Verdict
) -> None:
    known = Licences({} if licences is None else {OID: licences})

    assert judged(12, licences=known).verdict is verdict


def test_mentoring_is_read_from_the_order() -> None:
    first = an_entry(kind="PRIMARY", record_date=date(2026, 4, 1), expire_date=date(2031, 4, 1))

    def verdict(*papers: Held) -> Verdict:
        facts = some_facts(records=records(first), documents=documents(*papers))
        return rule(6, facts).verdict

    assert verdict() is UNKNOWN
    assert verdict(held("MENTORSHIP", 200, specialty="терапия")) is OK
    assert verdict(held("MENTORSHIP", -5, specialty="терапия")) is OK
    assert verdict(held("MENTORSHIP", 200, "UNVERIFIED", specialty="терапия")) is UNKNOWN


def test_confirmed_terms_of_mentoring_are_told_to_other_services() -> None:
    papers = [
        held("MENTORSHIP", 200, specialty="терапия"),
        held("MENTORSHIP", -5, specialty="хирургия"),
        held("MENTORSHIP", 200, "UNVERIFIED", specialty="кардиология"),
        held("CONTRACT", 200),
    ]
    stored = StoredWorker(
        id="w", jobs=(), register_version=1, fetch_time=NOON, entries=(), renewals=frozenset()
    )

    found = Recorded(worker=stored, terms=[], mentoring=mentoring_of(papers, TODAY), stale=False)
    told = record_to_proto(found).mentoring

    assert [(one.specialty, date.fromisoformat(one.end_date) < TODAY) for one in told] == [
        ("терапия", False),
        ("хирургия", True),
    ]


def test_only_kinds_with_reminders_have_terms_and_a_later_paper_solves_the_earlier() -> None:
    holdings = Holdings(
        (
            held("MED_EXAM", 10),
            held("MED_EXAM", 375),
            held("SAFETY", 10),
            held("SAFETY", 20),
            held("DIPLOMA", None),
            held("CONTRACT", 10),
            held("ESIGN", 3, "REJECTED"),
        )
    )
    solved = {one.document: one.solved for one in paper_terms(holdings, REGISTRY.catalogue)}

    assert solved == {
        "MED_EXAM10": True,
        "MED_EXAM375": False,
        "SAFETY10": False,
        "SAFETY20": False,
        "ESIGN3": True,
    }


def test_a_term_is_announced_once_again_when_it_moves_and_when_its_paper_is_gone() -> None:
    def told(*papers: Held, before: Any = None) -> tuple[list[tuple[str, bool]], Any]:
        now = document_terms(Holdings(papers), REGISTRY, TODAY, "Europe/Moscow")
        made, known = term_facts("w", before, now, today=TODAY, revision=1, recommended_months=2)
        assert all(isinstance(one, TermChanged) for one in made)
        terms = [one for one in made if isinstance(one, TermChanged)]
        assert all(one.recommended_months == 0 for one in terms)
        return [(one.term.profile, one.term.solved) for one in terms], known

    exam = held("MED_EXAM", 30, id="d")
    first, known = told(exam)
    again, known = told(exam, before=known)
    moved, known = told(held("MED_EXAM", 365, id="d"), before=known)
    gone, _ = told(before=known)

    assert first == [("MED_EXAM", False)]
    assert again == []
    assert moved == [("MED_EXAM", False)]
    assert gone == [("MED_EXAM", True)]


def test_verdicts_turn_on_the_days_of_papers() -> None:
    paper = Document(name="Медосмотр", valid_until=TODAY + timedelta(days=20))
    calm = some_facts(documents=replace(documents(), medical_exam=paper))

    assert next_turn(calm, REGISTRY) == TODAY + timedelta(days=21)
    far = replace(paper, valid_until=TODAY + timedelta(days=40))
    near = some_facts(documents=replace(documents(), medical_exam=far))
    assert next_turn(near, REGISTRY) == TODAY + timedelta(days=11)
    assert isinstance(documents().medical_exam, Unknown)
