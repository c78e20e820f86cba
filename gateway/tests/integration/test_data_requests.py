"""Requests about personal data: the person's page and API, the officer's page and API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import data_request_service_pb2 as pb
from lxml import html
from played_cabinet import Build, Cabinet, a_session, document, refusing, stamp

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


ERASURE = {
    "id": ID,
    "scope": "ACCOUNT",
    "order_time": "2026-11-23T09:00:00Z",
    "waits_for": ["notify"],
    "act_time": "",
}
ACT = {
    "act": f"erasures/{ID}",
    "operator": {"name": "Оператор", "address": "Город"},
    "subject": {"account": "ЛК-000017", "person": f"persons/{ID}"},
    "system": "ЛКМР",
    "reason": "Обращение субъекта",
    "method": "Уничтожены ключи",
    "date": "2026-11-23T09:00:05+00:00",
    "destroyed": [{"service": "notify", "data": "Сообщения кабинета", "count": 12}],
    "kept": [{"data": "Копия регистра", "ground": "323-ФЗ, ст. 91", "until": "в регистре"}],
    "journal": [{"seq": 7, "time": "2026-11-23T09:00:06+00:00", "hash": "ab" * 32}],
    "keep_until": "2029-11-23",
}


async def ending(build: Build, role: str, *, proven: bool = True) -> Cabinet:
    cabinet = await as_role(build, role)
    session = a_session(role)
    if proven:
        session.assurance = auth_pb.ASSURANCE_STEPPED_UP
        session.step_up_expire_time.CopyFrom(stamp(datetime.now(UTC) + timedelta(minutes=5)))
    cabinet.signed_in(session)
    asked_to_end = REQUEST | {"kind": "ERASURE", "scope": "ACCOUNT", "erasure": None}
    cabinet.data_requests.on |= {
        "ListOwnDataRequests": lambda _: document({"items": [asked_to_end]}),
        "ListDataRequests": lambda _: document({"items": [asked_to_end | {"person": PERSON}]}),
        "OrderErasure": lambda _: pb.OrderErasureResponse(erasure=f"erasures/{ID}"),
    }
    return cabinet


async def test_a_worker_asks_for_the_end_and_gets_the_address_of_the_act(build: Build) -> None:
    cabinet = await ending(build, "DOCTOR")

    page = (await cabinet.page("/data-requests")).text.replace("\xa0", " ")

    assert "закрывает учётную запись без возврата" in page
    assert f'href="/erasure-acts/{ID}"' in page
    assert html.fromstring(page).xpath("//option[@value='ERASURE']")


async def test_an_officer_orders_a_destruction_and_answers_it_in_no_other_way(
    build: Build,
) -> None:
    cabinet = await ending(build, "SEC_ADMIN")
    page = html.fromstring((await cabinet.page("/admin/data-requests")).text)
    target = f"/admin/data-requests/{ID}/destroy"
    assert page.xpath(f"//button[@formaction='{target}']")
    assert not page.xpath("//button[@value='SATISFY' or @value='EXTEND']")

    done = await send(cabinet, target, text="Основание: обращение")

    assert done.headers["location"] == "/admin/data-requests?done=DESTROY"
    assert asked(cabinet, "OrderErasure").text == "Основание: обращение"
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf()}
    made = await cabinet.client.post(f"/api/v1{target}", json={"text": "Да"}, headers=headers)
    assert made.status_code == 204


async def test_a_destruction_needs_a_proof_just_before(build: Build) -> None:
    cabinet = await ending(build, "SEC_ADMIN", proven=False)
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf()}

    refused = await cabinet.client.post(
        f"/api/v1/admin/data-requests/{ID}/destroy", json={"text": "Да"}, headers=headers
    )

    assert refused.json()["reason"] == "STEP_UP_REQUIRED"
    assert "OrderErasure" not in [method for method, _ in cabinet.data_requests.calls]


async def test_what_holds_the_data_is_said_in_words(build: Build) -> None:
    cabinet = await ending(build, "SEC_ADMIN")
    cabinet.data_requests.on["OrderErasure"] = refusing(
        "ERASURE_HELD", Category.FAILED_PRECONDITION, holds="CURRENT_JOB,OPEN_APPLICATION"
    )

    answer = await send(cabinet, f"/admin/data-requests/{ID}/destroy", text="Основание")

    assert answer.status_code == 409
    text = answer.text.replace("\xa0", " ")
    assert "Уничтожить пока нельзя: человек работает" in text
    assert "заявление об аккредитации ещё рассматривается" in text


async def test_the_act_is_read_without_a_session_once_it_is_formed(build: Build) -> None:
    cabinet: Cabinet = await build()
    answers = [ERASURE | {"act": None, "signature": ""}] * 2
    answers += [ERASURE | {"waits_for": [], "act": ACT, "signature": "0a" * 64}] * 2
    cabinet.data_requests.on["ReadErasureAct"] = lambda _: document(answers.pop(0))
    waiting = (await cabinet.page(f"/erasure-acts/{ID}")).text.replace("\xa0", " ")
    assert "Ещё не отчитались: сообщения" in waiting
    assert (await cabinet.get(f"/erasure-acts/{ID}/act.json")).json()["act"] is None

    page = (await cabinet.page(f"/erasure-acts/{ID}")).text.replace("\xa0", " ")

    assert "ЛК-000017" in page
    assert "Сообщения кабинета" in page
    assert (await cabinet.get(f"/erasure-acts/{ID}/act.json")).json()["act"] == ACT
    assert (await cabinet.page("/erasure-acts/none")).status_code == 404


async def test_a_withdrawn_consent_is_shown_as_the_end_of_one_purpose(build: Build) -> None:
    cabinet = await ending(build, "SEC_ADMIN")
    asked_to_end = REQUEST | {"kind": "ERASURE", "scope": "EDUCATION", "erasure": ERASURE}
    nobody = dict.fromkeys(("family_name", "given_name", "patronymic"), "")
    gone = asked_to_end | {"person": PERSON | nobody, "state": "ANSWERED", "outcome": "SATISFIED"}
    cabinet.data_requests.on["ListDataRequests"] = lambda _: document({"items": [gone]})

    page = (await cabinet.page("/admin/data-requests")).text.replace("\xa0", " ")

    assert "Уничтожить данные по отозванному согласию</b>, данные уничтожены" in page
    assert "данные по согласию о сверке обучения" in page
    assert "Ждём отчёта: сообщения" in page
