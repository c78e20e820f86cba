"""R-ACC-01…13 on prepared cases, and what holds whatever is not known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.compliance import judge, report
from lkmr_accreditation.domain.facts import (
    Document,
    Documents,
    Identity,
    Licence,
    Mentoring,
    OpenStep,
)
from lkmr_accreditation.domain.hours import DocumentCheck, Outcome
from lkmr_accreditation.domain.verdicts import Actor, RuleResult, Unknown, Verdict

from ..builders import an_entry
from ..facts_builders import (
    DOCUMENTS,
    REGISTRY,
    TODAY,
    a_job,
    a_statement,
    an_activity,
    records,
    rule,
    some_facts,
)

pytestmark = pytest.mark.proves("F-037")
OK, WARN, FAIL, UNKNOWN = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def ending(number: int, **changes: Any) -> Any:
    end = days(number)
    return records(an_entry(expire_date=end, record_date=end - timedelta(days=1826), **changes))


def verdict(number: int, **changes: Any) -> Verdict:
    return rule(number, some_facts(**changes)).verdict


def documents(**changes: Any) -> Documents:
    return replace(DOCUMENTS, **changes)


@pytest.mark.parametrize(
    ("left", "expected"), [(400, OK), (180, OK), (179, WARN), (0, WARN), (-1, FAIL), (-900, FAIL)]
)
def test_01_a_record_is_valid_ends_soon_or_is_over(left: int, expected: Verdict) -> None:
    assert verdict(1, records=ending(left)) is expected


def test_01_an_extension_keeps_the_right_and_asks_for_an_application() -> None:
    extended = records(an_entry(record_date=date(2020, 5, 1), expire_date=date(2025, 5, 1)))

    result = rule(1, some_facts(records=extended))

    assert result.verdict is WARN
    assert "34н" in result.worst.reason
    assert result.worst.deadline == date(2026, 12, 31)


@pytest.mark.parametrize(
    "found", [(), records(an_entry(annulled=True)), records(an_entry(record_date=None))]
)
def test_01_nothing_annulled_or_not_entered_gives_no_right(found: Any) -> None:
    assert verdict(1, records=found) is FAIL


def test_01_each_held_post_needs_its_own_record() -> None:
    both = (a_job(), a_job(position="врач-кардиолог", specialty="кардиология"))
    result = rule(1, some_facts(jobs=both))

    assert result.verdict is FAIL
    assert result.worst.subject == "кардиология"


def test_01_a_post_without_accreditation_asks_for_none_and_an_unknown_post_is_not_checked() -> None:
    clerk = a_job(position="специалист по кадрам", specialty="")
    stranger = a_job(position="космонавт", specialty="")

    assert verdict(1, jobs=(clerk,), records=()) is OK
    assert verdict(1, jobs=(stranger,), records=()) is UNKNOWN


def test_02_the_specialty_fits_the_post_or_not() -> None:
    assert verdict(2) is OK
    assert verdict(2, jobs=(a_job(position="врач-хирург", specialty="хирургия"),)) is FAIL
    assert verdict(2, jobs=(a_job(specialty="хирургия"),)) is WARN
    assert verdict(2, jobs=(a_job(position="космонавт", specialty=""),)) is UNKNOWN
    several = records(
        an_entry(), an_entry("2", specialty="общая врачебная практика (семейная медицина)")
    )
    assert verdict(2, jobs=(a_job(specialty=""),), records=several) is WARN


@pytest.mark.parametrize(
    ("left", "counted", "expected"),
    [
        (89, 143, FAIL),
        (90, 143, WARN),
        (89, 144, OK),
        (179, 143, WARN),
        (900, 40, WARN),
        (900, 80, OK),
    ],
)
def test_03_hours_are_met_on_pace_behind_or_too_late(
    left: int, counted: int, expected: Verdict
) -> None:
    found = ending(left)
    end = days(left)
    statement = a_statement(an_activity(counted), start=end - timedelta(days=1826), end=end)

    assert verdict(3, records=found, hours={"терапия": statement}) is expected


@pytest.mark.parametrize(
    ("check", "issued", "expected"),
    [
        (DocumentCheck.FOUND, 400, OK),
        (DocumentCheck.WAITING, 60, WARN),
        (DocumentCheck.WAITING, 61, FAIL),
        (DocumentCheck.NOT_FOUND, None, FAIL),
        (DocumentCheck.NOT_CHECKED, None, UNKNOWN),
        (DocumentCheck.NO_CONSENT, None, UNKNOWN),
    ],
)
def test_04_documents_are_found_waited_for_or_missing(
    check: DocumentCheck, issued: int | None, expected: Verdict
) -> None:
    day = days(-issued) if issued is not None else None
    one = an_activity(36, check=check, issued_on=day, outcome=Outcome.WAITING)

    assert verdict(4, hours={"терапия": a_statement(one)}) is expected


def test_04_whoever_gave_no_consent_is_told_what_to_do() -> None:
    one = an_activity(36, check=DocumentCheck.NO_CONSENT, outcome=Outcome.WAITING)

    found = rule(4, some_facts(hours={"терапия": a_statement(one)})).findings[0]

    assert "нет согласия на сверку" in found.reason
    assert found.actor is Actor.WORKER
    assert found.todo.startswith("Дайте согласие на сверку обучения")


@pytest.mark.parametrize(
    ("years", "extra", "expected"), [(1, 0, OK), (4, 1, WARN), (5, 0, WARN), (5, 1, FAIL)]
)
def test_05_the_break_is_short_long_or_too_long(years: int, extra: int, expected: Verdict) -> None:
    ended = TODAY.replace(year=TODAY.year - years) - timedelta(days=extra)
    idle = (a_job(end_date=ended),)
    lasting = records(an_entry(expire_date=date(2028, 1, 1)))

    assert verdict(5, jobs=idle, records=lasting) is expected


def test_05_without_any_job_in_the_register_the_break_is_not_known() -> None:
    assert verdict(5, jobs=()) is UNKNOWN


def test_06_mentoring_concerns_the_newly_accredited_only() -> None:
    fresh = records(
        an_entry(kind="PRIMARY", record_date=date(2026, 7, 1), expire_date=date(2031, 7, 1))
    )
    plan = Mentoring(
        specialty="терапия",
        starts_on=days(-100),
        ends_on=days(500),
        done_days=100,
        finished=False,
    )

    assert verdict(6) is OK
    unknown = documents(mentoring=Unknown("Нет сведений"))
    assert verdict(6, records=fresh, documents=unknown) is UNKNOWN
    assert verdict(6, records=fresh) is WARN
    assert verdict(6, records=fresh, documents=documents(mentoring=(plan,))) is OK
    late = replace(plan, done_days=20)
    assert verdict(6, records=fresh, documents=documents(mentoring=(late,))) is WARN
    done = replace(plan, finished=True)
    assert verdict(6, records=fresh, documents=documents(mentoring=(done,))) is OK
    soon = some_facts(date(2031, 5, 1), documents=documents(mentoring=(plan,)))
    soon = replace(soon, records=records(fresh[0].entry, today=soon.today))
    assert rule(6, soon).verdict is FAIL


def test_07_the_card_is_whole_lacks_a_field_or_is_old() -> None:
    assert verdict(7) is OK
    assert verdict(7, gaps=("snils",)) is FAIL
    assert verdict(7, fetched_on=days(-90)) is OK
    assert verdict(7, fetched_on=days(-91)) is WARN
    assert verdict(7, gaps=Unknown("Ещё не проверялась")) is UNKNOWN


def test_08_register_and_profile_are_equal_written_otherwise_or_different() -> None:
    same = Identity(checked_on=TODAY, equal=True)

    assert verdict(8, identity=same) is OK
    assert verdict(8, identity=replace(same, form_differs=True)) is WARN
    assert verdict(8, identity=replace(same, equal=False)) is FAIL
    assert verdict(8, identity=Unknown("Не сверялись")) is UNKNOWN


@pytest.mark.parametrize(
    ("number", "field", "warn"),
    [(9, "categories", 180), (10, "medical_exam", 30), (11, "signatures", 30)],
)
def test_09_10_11_documents_with_a_term(number: int, field: str, warn: int) -> None:
    def given_(left: int | None) -> Documents:
        one = Document(name="Документ", valid_until=None if left is None else days(left))
        return documents(**{field: one if field == "medical_exam" else (one,)})

    assert verdict(number, documents=given_(None)) is OK
    assert verdict(number, documents=given_(warn)) is OK
    assert verdict(number, documents=given_(warn - 1)) is WARN
    assert verdict(number, documents=given_(0)) is WARN
    assert verdict(number, documents=given_(-1)) is FAIL
    assert verdict(number, documents=documents(**{field: Unknown("Не ведутся")})) is UNKNOWN


def test_10_without_any_examination_it_is_missing() -> None:
    assert verdict(10) is FAIL


def test_12_the_licence_covers_the_work_is_reissued_or_lacks_it() -> None:
    one = Licence(organization="Поликлиника", work="терапия", covered=True)

    assert verdict(12, documents=documents(licences=(one,))) is OK
    assert verdict(12, documents=documents(licences=(replace(one, reissue_open=True),))) is WARN
    assert verdict(12, documents=documents(licences=(replace(one, covered=False),))) is FAIL


@pytest.mark.parametrize(("passed", "expected"), [(79, OK), (80, WARN), (100, WARN), (101, FAIL)])
def test_13_a_step_is_in_time_near_its_limit_or_overdue(passed: int, expected: Verdict) -> None:
    step = OpenStep(application="1", step="Проверка", start=days(-passed), limit=days(100 - passed))

    assert verdict(13, documents=documents(steps=(step,))) is expected


def test_every_rule_names_its_source_and_whoever_must_act_is_told_what() -> None:
    worst = some_facts(
        records=(),
        gaps=("job",),
        identity=Identity(checked_on=TODAY, equal=False),
        hours={"терапия": a_statement()},
        documents=documents(signatures=(Document(name="Подпись", valid_until=days(-1)),)),
    )
    for one in judge(worst, REGISTRY):
        assert one.source
        assert one.worst.reason
        if one.verdict is FAIL:
            assert one.worst.todo, one.id


UNKNOWABLE: list[tuple[int, dict[str, Any]]] = [
    (3, {"hours": {}}),
    (4, {"hours": {}}),
    (7, {"gaps": Unknown("?")}),
    (8, {"identity": Unknown("?")}),
    *(
        (number, {"documents": documents(**{field: Unknown("?")})})
        for number, field in (
            (9, "categories"),
            (10, "medical_exam"),
            (11, "signatures"),
            (12, "licences"),
            (13, "steps"),
        )
    ),
]


@pytest.mark.parametrize(("number", "changes"), UNKNOWABLE)
def test_what_is_not_known_is_never_ok(number: int, changes: dict[str, Any]) -> None:
    facts = some_facts(**changes)

    assert rule(number, facts).verdict is UNKNOWN
    assert report(facts, REGISTRY).verdict in {UNKNOWN, FAIL}


@given(st.integers(-2000, 2000), st.sampled_from(UNKNOWABLE))
def test_the_rest_of_the_facts_cannot_make_unknown_ok(
    left: int, case: tuple[int, dict[str, Any]]
) -> None:
    number, changes = case

    assert rule(number, some_facts(records=ending(left), **changes)).verdict is UNKNOWN


@given(st.permutations(range(4)))
def test_the_order_of_records_does_not_matter(order: list[int]) -> None:
    entries = [
        an_entry("1", expire_date=days(100)),
        an_entry("2", expire_date=days(900)),
        an_entry("3", annulled=True),
        an_entry("4", specialty="кардиология"),
    ]
    whole = records(*entries)
    mixed = tuple(whole[place] for place in order)

    def said(found: Any) -> list[tuple[str, Verdict, str]]:
        made: tuple[RuleResult, ...] = judge(some_facts(records=found), REGISTRY)
        return [(one.id, one.verdict, one.worst.reason) for one in made]

    assert said(mixed) == said(whole)
