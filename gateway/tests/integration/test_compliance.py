"""Compliance, staff and law over played services."""

import uuid
from typing import Any

import pytest
from compliance_samples import MOST, WORKER
from played_cabinet import Cabinet, a_session, refusing

from lkmr_servicekit.errors import Category

SIMULATE = "/api/v1/compliance:simulate"


async def simulated(cabinet: Cabinet, body: str) -> Any:
    headers = {
        **cabinet.headers,
        "x-csrf-token": await cabinet.csrf(),
        "content-type": "application/json",
    }
    return await cabinet.client.post(SIMULATE, content=body.encode(), headers=headers)


async def test_the_workers_own_verdicts_are_passed_on(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    answer = await cabinet.get("/api/v1/compliance")

    assert answer.json() == MOST
    assert cabinet.compliance.calls[0][1].name.startswith("workers/")
    again = await cabinet.get("/api/v1/compliance", if_none_match=answer.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    "body", ['{"courses": [{"kind": "PK", "hours": 36}]}', '{"kind": "PK", "hours": 36}']
)
async def test_a_course_is_tried_on(cabinet: Cabinet, body: str) -> None:
    cabinet.signed_in()

    answer = await simulated(cabinet, body)

    assert answer.status_code == 200, answer.text
    (course,) = cabinet.compliance.calls[-1][1].courses
    assert (course.kind, course.hours) == ("PK", 36)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("{}", ["courses"]),
        ('{"courses": []}', ["courses"]),
        ('{"courses": [{"kind": "PK"}]}', ["courses.0.hours"]),
        (
            '{"courses": [{"hours": 1, "kind": 7, "colour": "x"}]}',
            ["courses.0.colour", "courses.0.kind"],
        ),
        ('{"courses": [true]}', ["courses.0"]),
    ],
)
async def test_a_course_that_does_not_fit_is_422_by_field(
    cabinet: Cabinet, body: str, fields: list[str]
) -> None:
    cabinet.signed_in()

    answer = await simulated(cabinet, body)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == fields


@pytest.mark.parametrize("path", ["/api/v1/staff/compliance", "/staff", "/api/v1/staff/report"])
async def test_a_doctor_does_not_see_the_staff(cabinet: Cabinet, path: str) -> None:
    cabinet.signed_in(a_session("DOCTOR"))

    assert (await cabinet.get(path)).status_code == 403


async def test_filters_of_the_board_reach_the_service_and_unknown_ones_are_422(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in(a_session("HEAD_ORG"))

    answer = await cabinet.get(
        "/api/v1/staff/compliance?admission=EXPIRING&family_name=%D0%9F%D0%B5%D1%82&page_size=10"
    )
    assert answer.status_code == 200
    request = cabinet.compliance.calls[-1][1]
    assert (request.filter.admission, request.filter.family_name) == ("EXPIRING", "Пет")
    assert request.page_size == 10
    for query in ("admission=ANY", "colour=red", "page_size=500"):
        assert (await cabinet.get(f"/api/v1/staff/compliance?{query}")).status_code == 422


async def test_a_member_of_other_staff_is_404_like_an_unknown_one(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session("HEAD_DEPT"))
    cabinet.compliance.on["ReadStaffMember"] = refusing(
        "STAFF_MEMBER_NOT_FOUND", Category.NOT_FOUND
    )

    for name in (str(uuid.uuid4()), "nobody"):
        answer = await cabinet.get(f"/api/v1/staff/compliance/{name}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "LKMR-ACC-020"


async def test_pages_are_drawn_and_link_to_one_another(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session("HEAD_ORG"))

    home = (await cabinet.page("/")).text
    assert MOST["sentence"].split(";")[0][:30] in home.replace("\u00a0", " ")
    assert 'href="/staff"' in home
    assert 'href="/law-changes"' in home
    board = await cabinet.page("/staff?admission=EXPIRING")
    assert f'href="/staff/{WORKER}"' in board.text
    for path in (f"/staff/{WORKER}", "/staff/report", "/compliance", "/law-changes"):
        assert (await cabinet.page(path)).status_code == 200, path


async def test_what_was_typed_into_the_course_form_stays_with_its_fault(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    answer = await cabinet.page("/compliance?kind=EVENT&hours=many")

    assert answer.status_code == 200
    assert 'value="many"' in answer.text
    assert "hours-error" in answer.text
    assert all(name != "SimulateCompliance" for name, _ in cabinet.compliance.calls)


async def test_home_stands_without_verdicts(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.compliance.on["ReadCompliance"] = refusing("REGISTER_UNAVAILABLE", Category.UNAVAILABLE)

    assert (await cabinet.page("/")).status_code == 200
