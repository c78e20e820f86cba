"""Requests about personal data: the person's page and API, the officer's page and API."""

from typing import Any

import pytest
from lkmr.auth.v1 import data_request_service_pb2 as pb
from lxml import html
from played_cabinet import Build, Cabinet, a_session, document, refusing

from lkmr_servicekit.errors import Category

FORM = "application/x-www-form-urlencoded"
ID = "11111111-1111-4111-8111-111111111111"
REQUEST = {
    "id": ID,
    "number": 7,
    "kind": "ACCESS",
    "state": "SUBMITTED",
    "text": "Какие сведения?",
    "entry": "",
    "create_time": "2026-11-23T09:00:00Z",
    "due_date": "2026-12-07",
    "extend_reason": "",
    "answer": "",
    "outcome": "",
    "answer_time": "",
}
PERSON = {
    "id": ID,
    "family_name": "Примерова",
    "given_name": "Вера",
    "patronymic": "",
    "account_number": "ЛК-000017",
}


async def as_role(build: Build, role: str) -> Cabinet:
    cabinet: Cabinet = await build()
    cabinet.signed_in(a_session(role))
    cabinet.data_requests.on |= {
        "ListOwnDataRequests": lambda _: document({"items": [REQUEST]}),
        "SubmitDataRequest": lambda _: document(REQUEST),
        "ListDataRequests": lambda _: document(
            {"items": [REQUEST | {"person": PERSON, "late": True}]}
        ),
        "AdvanceDataRequest": lambda _: pb.AdvanceDataRequestResponse(),
    }
    return cabinet


async def send(cabinet: Cabinet, path: str, **fields: str) -> Any:
    fields["csrf_token"] = await cabinet.csrf()
    return await cabinet.post(path, fields, accept="text/html", content_type=FORM)


def asked(cabinet: Cabinet, wanted: str) -> Any:
    return next(one for method, one in cabinet.data_requests.calls if method == wanted)


async def test_a_worker_asks_and_sees_the_term(build: Build) -> None:
    cabinet = await as_role(build, "DOCTOR")
    page = (await cabinet.page("/data-requests")).text.replace("\xa0", " ")
    assert "Ответят до" in page
    assert "07.12.2026" in page

    sent = await send(cabinet, "/data-requests", kind="ACCESS", text="Что обо мне хранится?")

    assert sent.headers["location"] == "/data-requests?done=sent"
    assert asked(cabinet, "SubmitDataRequest").text == "Что обо мне хранится?"
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf()}
    made = await cabinet.client.post(
        "/api/v1/data-requests", json={"kind": "ACCESS", "text": "Что?"}, headers=headers
    )
    assert (made.status_code, made.json()["due_date"]) == (201, "2026-12-07")


async def test_what_was_typed_stays_when_it_is_too_short(build: Build) -> None:
    cabinet = await as_role(build, "DOCTOR")
    cabinet.data_requests.on["SubmitDataRequest"] = refusing(
        "DATA_REQUEST_TEXT_INVALID", Category.INVALID_ARGUMENT, field="text"
    )

    answer = await send(cabinet, "/data-requests", kind="STOP", text="?")

    assert answer.status_code == 422
    (field,) = html.fromstring(answer.text).xpath("//textarea[@name='text']")
    assert (field.text, field.get("aria-invalid")) == ("?", "true")


@pytest.mark.parametrize("step", ["TAKE", "EXTEND", "SATISFY", "REFUSE"])
async def test_an_officer_answers(build: Build, step: str) -> None:
    cabinet = await as_role(build, "SEC_ADMIN")
    page = (await cabinet.page("/admin/data-requests")).text
    assert "Примерова Вера" in page
    assert "просрочено" in page

    done = await send(cabinet, f"/admin/data-requests/{ID}/advance", step=step, text="Ответ.")

    assert done.headers["location"] == f"/admin/data-requests?done={step}"
    sent = asked(cabinet, "AdvanceDataRequest")
    assert pb.AdvanceDataRequestRequest.Step.Name(sent.step) == f"STEP_{step}"
    wrong = await send(cabinet, f"/admin/data-requests/{ID}/advance", step="BURN", text="")
    assert wrong.status_code == 422


async def test_a_worker_does_not_see_requests_of_others(build: Build) -> None:
    cabinet = await as_role(build, "DOCTOR")

    assert (await cabinet.page("/admin/data-requests")).status_code == 403
    assert (await cabinet.get("/api/v1/admin/data-requests")).status_code == 403
