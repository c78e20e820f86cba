"""Plan, catalogue, suggestions, calendar and staff over a real database."""

import random
from datetime import date, timedelta
from typing import Any

import icalendar
import pytest
from lkmr.education.v1 import education_service_pb2 as pb

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.certificate import Check
from lkmr_servicekit.errors import ServiceError

from ..builders import SPECIALTY, TODAY, WORKER, a_programme, a_record, an_entry
from .conftest import Service, a_person
from .test_service import checked, refused

pytestmark = pytest.mark.servers
HEAD = a_person("", "HEAD_DEPT", department="кардиологическое отделение")


async def added(service: Service, **fields: str) -> Any:
    request = pb.CreatePlanItemRequest(parent=f"workers/{WORKER}", **fields)
    plan = await service.call("CreatePlanItem", request)
    return next(one for one in plan["items"] if one["version"] == 1)


async def changed(service: Service, item: str, **fields: str) -> Any:
    name = f"workers/{WORKER}/planItems/{item}"
    plan = await service.call("ChangePlanItem", pb.ChangePlanItemRequest(name=name, **fields))
    return next((one for one in plan["items"] if one["id"] == item), None)


@pytest.mark.proves("F-063")
async def test_a_chosen_direction_puts_what_it_needs_into_the_plan_once(service: Service) -> None:
    request = pb.ChooseDirectionRequest(parent=f"workers/{WORKER}", direction="HEAD_DEPT")
    offered = {one["code"] for one in (await service.plan())["directions"]}
    await service.call("ChooseDirection", request)
    plan = await service.call("ChooseDirection", request)

    assert {"HEAD_DEPT", "HEAD_ORG", "MENTOR"} <= offered
    assert "SENIOR_NURSE" not in offered
    assert plan["direction"]["code"] == "HEAD_DEPT"
    assert [(one["title"], one["required_level"]) for one in plan["items"]] == [
        ("Управление качеством и безопасностью медицинской деятельности", 9),
        ("Организация здравоохранения и общественное здоровье", 9),
    ]
    foreign = pb.ChooseDirectionRequest(parent=f"workers/{WORKER}", direction="SENIOR_NURSE")
    assert (await refused(service, "ChooseDirection", foreign)).reason == "DIRECTION_UNKNOWN"


@pytest.mark.proves("F-064")
async def test_the_plan_has_the_column_of_planned_courses_and_fills_it(service: Service) -> None:
    await service.load(a_programme("p1", title="Аритмии"))
    await added(service, programme="p1", deadline="2026-12-10")
    await added(service, title="Эхокардиография", deadline="2027-03-01")

    plan = await service.plan()

    assert plan["columns"][0] == "Планируемые курсы"
    assert [one["title"] for one in plan["items"]] == ["Аритмии", "Эхокардиография"]


@pytest.mark.proves("F-065")
async def test_a_deadline_that_passed_warns_in_the_plan_and_in_the_summary(
    service: Service,
) -> None:
    item = await added(service, title="Эхокардиография", deadline="2026-11-24")
    assert (await service.plan())["columns"][1] == "Дедлайн завершения"
    assert item["overdue"] is False

    service.clock.move(days=2)
    plan, summary = await service.plan(), await service.summary()

    assert plan["items"][0]["overdue"] is True
    (warning,) = plan["warnings"]
    assert (warning["id"], warning["text"]) == (
        "W-EDU-07",
        "Срок пункта плана истёк: Эхокардиография",
    )
    assert "W-EDU-07" in {one["id"] for one in summary["warnings"]}


@pytest.mark.proves("F-066")
async def test_a_programme_below_the_level_is_marked_and_an_unknown_level_does_not_block(
    service: Service,
) -> None:
    await service.load(
        a_programme("low", level=5), a_programme("fit", level=8), a_programme("none", level=None)
    )
    for one in ("low", "fit", "none"):
        await added(service, programme=one, deadline="2026-12-10")

    plan = await service.plan()

    assert plan["columns"][2] == "Требуемый уровень компетенции"
    assert (plan["present_level"], plan["required_level"]) == (8, 8)
    found = {one["programme"]: (one["required_level"], one["level_check"]) for one in plan["items"]}
    assert found == {"low": (8, "TOO_LOW"), "fit": (8, "FITS"), "none": (8, "UNKNOWN")}


async def test_an_item_begins_as_an_activity_and_follows_it_to_the_end(service: Service) -> None:
    await service.load(a_programme("p1", start_date=date(2026, 12, 1), end_date=date(2026, 12, 10)))
    item = await added(service, programme="p1", deadline="2026-12-12")
    begun = await changed(service, item["id"], action="BEGIN")
    name = f"workers/{WORKER}/activities/{begun['activity']}"
    for state in ("APPLIED", "PROVIDER_REVIEW", "ENROLLED"):
        await service.call("AdvanceActivity", pb.AdvanceActivityRequest(name=name, to=state))
    move = pb.AdvanceActivityRequest(
        name=name, to="RESCHEDULED", start_date="2026-12-15", end_date="2026-12-20"
    )
    await service.call("AdvanceActivity", move)

    assert begun["state"] == "STARTED"
    (moved,) = (await service.plan())["items"]
    assert moved["deadline"] == "2026-12-20"
    service.clock.move(days=40)
    for state in ("ENROLLED", "IN_PROGRESS", "COMPLETED_CLAIMED"):
        await service.call("AdvanceActivity", pb.AdvanceActivityRequest(name=name, to=state))
    (done,) = (await service.plan())["items"]
    assert (done["state"], done["overdue"]) == ("DONE", False)


async def test_the_head_agrees_or_declines_with_a_reason(service: Service) -> None:
    item = await added(service, title="Эхокардиография", deadline="2027-03-01")
    name = f"workers/{WORKER}/planItems/{item['id']}"
    early = pb.AgreePlanItemRequest(name=name, agreed=True)
    assert (await refused(service, "AgreePlanItem", early, HEAD)).reason == "STEP_NOT_ALLOWED"
    await changed(service, item["id"], action="ASK")
    staff = await service.call("ReadStaffEducation", pb.ReadStaffEducationRequest(), HEAD)
    assert [one["title"] for one in staff["items"][0]["plan_items"]] == ["Эхокардиография"]
    silent = pb.AgreePlanItemRequest(name=name, agreed=False)
    fault = await refused(service, "AgreePlanItem", silent, HEAD)
    assert (fault.reason, fault.fields[0].field) == ("PLAN_ITEM_INVALID", "comment")

    plan = await service.call("AgreePlanItem", early, HEAD)

    assert plan["items"][0]["agreement"] == "AGREED"
    own = a_person(WORKER, "HEAD_DEPT", department="кардиологическое отделение")
    assert (await refused(service, "AgreePlanItem", early, own)).reason == "SELF_CONFIRMATION"


@pytest.mark.proves("F-058")
async def test_the_post_table_against_what_is_had_gives_the_exact_missing_list(
    service: Service,
) -> None:
    attested = await service.with_document("СЛР-1", title="СЛР", attestation="CPR")
    await checked(service, attested["certificate"]["id"], Check.FOUND)
    await service.add(title="Охрана труда", attestation="LABOUR_SAFETY")

    found = (await service.summary())["required_attestations"]

    assert {one["code"]: one["state"] for one in found} == {
        "ACCREDITATION": "EXPIRING",
        "CPR": "VALID",
        "LABOUR_SAFETY": "WAITING",
        "TEMPORARY_DISABILITY": "MISSING",
    }


@pytest.mark.proves("F-059")
async def test_an_absent_attestation_warns_and_offers_what_gives_it(service: Service) -> None:
    await service.load(a_programme("cpr", title="СЛР", attestation="CPR", hours=18))
    warnings = [one for one in (await service.summary())["warnings"] if one["id"] == "W-EDU-05"]
    offers = await service.call(
        "ListSuggestions", pb.ListSuggestionsRequest(parent=f"workers/{WORKER}")
    )

    assert {one["about"][0] for one in warnings} == {
        "CPR",
        "LABOUR_SAFETY",
        "TEMPORARY_DISABILITY",
    }
    assert all(one["text"].startswith("Нет обязательной аттестации: ") for one in warnings)
    by_code = {one["code"]: [x["id"] for x in one["items"]] for one in offers["attestations"]}
    assert by_code["CPR"] == ["cpr"]


@pytest.mark.proves("F-060")
async def test_suggestions_fit_specialty_level_and_deadline_and_say_why(service: Service) -> None:
    ends = TODAY + timedelta(days=200)
    service.directory.record = a_record(an_entry(expire_date=ends))
    late = ends - timedelta(days=44)
    await service.load(
        a_programme("far", hours=144, start_date=late, end_date=late),
        a_programme("other", specialties=("терапия",), hours=144),
        a_programme("low", level=5, hours=144),
        a_programme("whole", hours=144, start_date=TODAY, end_date=TODAY + timedelta(days=40)),
        a_programme("part", hours=36, start_date=TODAY, end_date=TODAY + timedelta(days=5)),
        a_programme("event", kind=Kind.EVENT, hours=6, start_date=TODAY, end_date=TODAY),
    )

    offers = await service.call(
        "ListSuggestions", pb.ListSuggestionsRequest(parent=f"workers/{WORKER}")
    )

    assert [one["id"] for one in offers["items"]] == ["whole", "part", "event"]
    assert offers["items"][0]["closes_hours"] == 144
    assert "успеваете" in offers["items"][0]["reason"]
    assert offers["cycles"][0]["late_count"] == 1


def many(count: int) -> list[Programme]:
    chance = random.Random(5)  # noqa: S311 - a fixed catalogue
    subjects = ["Аритмии", "Артериальная гипертензия", "Сахарный диабет", "Пневмонии у взрослых"]
    actions = ["диагностика", "лечение", "реабилитация", "неотложная помощь", "профилактика"]
    return [
        a_programme(
            f"m{number:06}",
            title=f"{chance.choice(subjects)}: {chance.choice(actions)}, поток {number}",
            hours=chance.choice([18, 36, 72, 144]),
        )
        for number in range(count)
    ]


async def test_words_are_found_in_any_form_and_with_slips_of_the_pen(service: Service) -> None:
    await service.load(
        *many(2000),
        a_programme("thrombo", title="Тромбоэмболия лёгочной артерии: ведение пациента"),
        a_programme("echo", title="Эхокардиография в практике кардиолога"),
    )

    for query in (
        "тромбоэмболией лёгочных артерий",
        "легочная тромбоэмболия",
        "тромбоэмбалия",
        "тромбаэмболия легочной",
    ):
        assert (await service.search(query))[:1] == [
            "Тромбоэмболия лёгочной артерии: ведение пациента"
        ], query
    assert await service.search("эхокардеография") == ["Эхокардиография в практике кардиолога"]
    assert await service.search("квантовая хромодинамика") == []
    assert await service.search("') OR 1=1 --") == []


async def test_the_catalogue_is_paged_and_a_new_load_takes_away_what_it_no_longer_names(
    service: Service,
) -> None:
    await service.load(*many(60))
    first = await service.call("SearchCatalogue", pb.SearchCatalogueRequest(page_size=50))
    rest = await service.call(
        "SearchCatalogue",
        pb.SearchCatalogueRequest(page_size=50, page_token=first["next_page_token"]),
    )
    seen = [one["id"] for one in first["items"] + rest["items"]]
    assert len(seen) == len(set(seen)) == 60

    await service.load(a_programme("only"), generation=2)
    assert await service.search("") == ["Программа only"]


async def test_search_uses_its_indexes(service: Service) -> None:
    await service.load(*many(3000))
    await service.store.pool.execute("ANALYZE programme")
    plans = {
        "programme_search": "SELECT id FROM programme"
        " WHERE search @@ websearch_to_tsquery('russian', 'хромодинамика')",
        "programme_title_key": "SELECT id FROM programme WHERE 'хромодинамика' <% title_key",
        "programme_specialty": "SELECT id FROM programme WHERE specialty_keys @> ARRAY['нет']",
    }
    for index, statement in plans.items():
        async with service.store.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL enable_seqscan = off")
            rows = await connection.fetch(f"EXPLAIN {statement}")
        assert index in "\n".join(row[0] for row in rows)


@pytest.mark.proves("F-011")
async def test_a_planned_event_stands_in_the_calendar_feed_and_moves_with_its_days(
    service: Service,
) -> None:
    made = await service.add(
        kind="CONFERENCE",
        title="Зимняя школа; кардиолога, часть 1 \\ для тех, кто готовится к аккредитации",
        start_date="2026-12-02",
        end_date="2026-12-04",
        hours="18",
    )
    await added(service, title="Эхокардиография", deadline="2027-03-01")
    renewed = await service.call(
        "RenewCalendar", pb.RenewCalendarRequest(parent=f"workers/{WORKER}")
    )

    async def feed() -> Any:
        answer = await service.call("ReadCalendar", pb.ReadCalendarRequest(secret=renewed.secret))
        lines = answer.content.split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        return icalendar.Calendar.from_ical(answer.content)

    calendar = await feed()
    events = {str(one["UID"]): one for one in calendar.walk("VEVENT")}
    event = events[f"activity-{made['id']}@education.lkmr"]
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Moscow"
    assert str(event["SUMMARY"]) == made["title"]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 2), date(2026, 12, 5))
    assert (event["SEQUENCE"], str(event["STATUS"])) == (0, "TENTATIVE")
    deadline = next(one for uid, one in events.items() if uid.startswith("plan-"))
    assert deadline["DTSTART"].dt.utcoffset() == timedelta(hours=3)

    service.clock.move(hours=1)
    name = f"workers/{WORKER}/activities/{made['id']}"
    move = pb.AdvanceActivityRequest(name=name, to="PLANNED", start_date="2026-12-09")
    await service.call("AdvanceActivity", move)
    (later,) = [x for x in (await feed()).walk("VEVENT") if x["UID"] == event["UID"]]
    assert later["DTSTART"].dt == date(2026, 12, 9)
    assert later["SEQUENCE"] == 1
    assert later["LAST-MODIFIED"].dt > event["LAST-MODIFIED"].dt


async def test_a_renewed_link_opens_and_the_one_before_does_not(service: Service) -> None:
    request = pb.RenewCalendarRequest(parent=f"workers/{WORKER}")
    first = await service.call("RenewCalendar", request)
    second = await service.call("RenewCalendar", request)

    for secret in (first.secret, "", "x" * 43, "x" * 500):
        with pytest.raises(ServiceError) as refusal:
            await service.call("ReadCalendar", pb.ReadCalendarRequest(secret=secret))
        assert refusal.value.reason == "CALENDAR_NOT_FOUND"
    assert await service.call("ReadCalendar", pb.ReadCalendarRequest(secret=second.secret))
    stored = await service.store.pool.fetchval("SELECT secret_hash FROM calendar_link")
    assert second.secret.encode() not in bytes(stored)


async def test_the_head_sees_figures_of_the_staff_and_what_waits(service: Service) -> None:
    made = await service.add(start_date="2026-12-01", end_date="2026-12-05")
    name = f"workers/{WORKER}/activities/{made['id']}"
    for state in ("APPLIED", "EMPLOYER_REVIEW"):
        await service.call("AdvanceActivity", pb.AdvanceActivityRequest(name=name, to=state))

    staff = await service.call("ReadStaffEducation", pb.ReadStaffEducationRequest(), HEAD)

    (line,) = staff["items"]
    assert (line["family_name"], line["cycles"][0]["specialty"]) == ("Петров", SPECIALTY)
    assert line["cycles"][0]["missing_hours"] == 144
    assert [one["id"] for one in line["activities"]] == [made["id"]]
