"""Delegation, emergency access, policies, sessions of others, addresses: pages and API."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lkmr.auth.v1 import access_service_pb2 as pb
from lkmr.auth.v1 import administration_service_pb2 as administration_pb
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lxml import html
from played_cabinet import Build, Cabinet, a_session, document, refusing, stamp

from lkmr_servicekit.errors import Category

FORM = "application/x-www-form-urlencoded"
ID = "11111111-1111-4111-8111-111111111111"
PERSON = {
    "id": ID,
    "family_name": "Примерова",
    "given_name": "Вера",
    "patronymic": "",
    "account_number": "ЛК-000017",
}
DELEGATION = {
    "id": ID,
    "given": True,
    "role": "HEAD_DEPT",
    "organization": "org-gp1",
    "giver": PERSON,
    "delegate": PERSON,
    "start_date": "2026-11-23",
    "end_date": "2026-12-06",
    "create_time": "2026-11-23T09:00:00Z",
}
EMERGENCY = {
    "id": ID,
    "object": f"patients/{ID}",
    "organization": "org-gp1",
    "reason_code": "OTHER",
    "reason": "доставлен без сознания",
    "start_time": "2026-11-23T09:00:00Z",
    "expire_time": "2026-11-23T11:00:00Z",
    "open": True,
    "review_due_date": "2026-11-26",
    "review_time": "",
    "review_result": "",
}
POLICY = {
    "key": "emergency.minutes",
    "words": "Сколько минут действует экстренный доступ",
    "source": "Правило кабинета",
    "least": 15,
    "most": 240,
    "choices": [],
    "organization": "",
    "shipped_value": "120",
    "value": "120",
    "decisions": [],
}


async def as_role(build: Build, role: str, *, proven: bool = True, **more: Any) -> Cabinet:
    cabinet: Cabinet = await build()
    session = a_session(role)
    if proven:
        session.assurance = auth_pb.ASSURANCE_STEPPED_UP
        session.step_up_expire_time.CopyFrom(stamp(datetime.now(UTC) + timedelta(minutes=5)))
    for name, value in more.items():
        getattr(session, name).CopyFrom(value)
    cabinet.signed_in(session)
    cabinet.access.on |= {
        "ListDelegations": lambda _: document({"items": [DELEGATION]}),
        "CreateDelegation": lambda _: pb.CreateDelegationResponse(id=ID),
        "RevokeDelegation": lambda _: pb.RevokeDelegationResponse(),
        "ListOwnEmergencies": lambda _: document({"items": [EMERGENCY]}),
        "StartEmergency": lambda _: pb.StartEmergencyResponse(
            id=ID, expire_time="2026-11-23T11:00:00Z"
        ),
        "EndEmergency": lambda _: pb.EndEmergencyResponse(),
        "ListEmergencies": lambda _: document({"items": [EMERGENCY | {"person": PERSON}]}),
        "ReviewEmergency": lambda _: pb.ReviewEmergencyResponse(),
        "ListPolicies": lambda _: document({"items": [POLICY]}),
        "DecidePolicy": lambda _: pb.DecidePolicyResponse(),
    }
    return cabinet


async def send(cabinet: Cabinet, path: str, **fields: str) -> Any:
    fields["csrf_token"] = await cabinet.csrf()
    return await cabinet.post(path, fields, accept="text/html", content_type=FORM)


def shown(answer: Any) -> str:
    return str(answer.text).replace("\xa0", " ")


def asked(cabinet: Cabinet, wanted: str) -> Any:
    return next(one for method, one in cabinet.access.calls if method == wanted)


async def test_a_head_delegates_and_takes_it_back(build: Build) -> None:
    cabinet = await as_role(build, "HEAD_DEPT")
    page = await cabinet.page("/delegations")
    assert "утверждает за вас" in shown(page)

    days = {"start_date": "2026-11-23", "end_date": "2026-12-06"}
    given = await send(cabinet, "/delegations", delegate="ЛК-000017", **days)

    assert (given.status_code, given.headers["location"]) == (303, "/delegations?done=given")
    assert asked(cabinet, "CreateDelegation").end_date == "2026-12-06"
    revoked = await send(cabinet, f"/delegations/{ID}/revoke")
    assert revoked.headers["location"] == "/delegations?done=revoked"


async def test_what_was_typed_stays_when_the_delegate_is_unknown(build: Build) -> None:
    cabinet = await as_role(build, "HEAD_DEPT")
    cabinet.access.on["CreateDelegation"] = refusing(
        "DELEGATE_UNKNOWN", Category.INVALID_ARGUMENT, field="delegate"
    )

    answer = await send(cabinet, "/delegations", delegate="ЛК-9", start_date="", end_date="")

    assert answer.status_code == 422
    (field,) = html.fromstring(answer.text).xpath("//input[@name='delegate']")
    assert (field.get("value"), field.get("aria-invalid")) == ("ЛК-9", "true")


async def test_a_doctor_sees_own_delegations_and_no_form(build: Build) -> None:
    cabinet = await as_role(build, "DOCTOR")
    page = await cabinet.page("/delegations")

    assert page.status_code == 200
    assert not html.fromstring(page.text).xpath("//form[@action='/delegations']")
    refused = await cabinet.post("/api/v1/delegations", csrf=await cabinet.csrf())
    assert (refused.status_code, refused.json()["reason"]) == (403, "SECTION_CLOSED")


async def test_an_emergency_asks_for_a_step_up_and_the_header_shows_its_end(build: Build) -> None:
    plain = await as_role(build, "DOCTOR", proven=False)
    asked_for = await send(
        plain, "/emergency-access", object=ID, reason_code="OTHER", reason="вызов"
    )
    assert (asked_for.status_code, "Подтвердите, что это вы" in asked_for.text) == (403, True)

    end = stamp(datetime.now(UTC) + timedelta(hours=1))
    cabinet = await as_role(build, "DOCTOR", emergency_expire_time=end)
    opened = await send(
        cabinet, "/emergency-access", object=ID, reason_code="OTHER", reason="вызов"
    )

    assert opened.headers["location"] == "/emergency-access?done=opened"
    assert asked(cabinet, "StartEmergency").object == f"patients/{ID}"
    assert "Экстренный доступ до" in (await cabinet.page("/delegations")).text
    assert (await cabinet.get("/api/v1/session")).json()["emergency_expire_time"]
    closed = await send(cabinet, f"/emergency-access/{ID}/end")
    assert closed.headers["location"] == "/emergency-access?done=ended"


async def test_a_head_reviews_and_a_doctor_does_not(build: Build) -> None:
    head = await as_role(build, "HEAD_ORG")
    assert "Примерова Вера" in (await head.page("/admin/emergency-access")).text

    answer = await send(head, f"/admin/emergency-access/{ID}/review", decision="UNJUSTIFIED")

    assert answer.headers["location"] == "/admin/emergency-access?done=reviewed"
    assert not asked(head, "ReviewEmergency").justified
    wrong = await send(head, f"/admin/emergency-access/{ID}/review", decision="MAYBE")
    assert wrong.status_code == 422
    doctor = await as_role(build, "DOCTOR")
    assert (await doctor.page("/admin/emergency-access")).status_code == 403


async def test_a_security_administrator_decides_a_policy(build: Build) -> None:
    cabinet = await as_role(build, "SEC_ADMIN")
    given = {"value": "60", "effective_date": "2026-12-01", "reason": "приказ № 7"}

    answer = await send(cabinet, "/admin/policies/emergency.minutes", **given)

    assert answer.headers["location"] == "/admin/policies?done=decided"
    sent = asked(cabinet, "DecidePolicy")
    assert (sent.key, sent.value, sent.effective_date) == ("emergency.minutes", "60", "2026-12-01")
    cabinet.access.on["DecidePolicy"] = refusing(
        "POLICY_VALUE_INVALID", Category.INVALID_ARGUMENT, field="value"
    )
    refused = await send(cabinet, "/admin/policies/emergency.minutes", **(given | {"value": "1"}))
    assert (refused.status_code, "в указанных пределах" in shown(refused)) == (422, True)
    assert (await (await as_role(build, "IT_ADMIN")).page("/admin/policies")).status_code == 403


async def test_a_security_administrator_sees_and_ends_sessions_of_others(build: Build) -> None:
    cabinet = await as_role(build, "SEC_ADMIN")
    session = {
        "id": ID,
        "name": f"persons/{ID}/sessions/{ID}",
        "device": "Firefox, Windows",
        "place": "192.0.2.7",
        "profile": "org-gp1/DOCTOR",
        "start_time": "2026-11-23T09:00:00Z",
        "active_time": "2026-11-23T09:00:00Z",
        "expire_time": "2026-11-23T17:00:00Z",
        "person": PERSON,
    }
    cabinet.administration.on["ListAllSessions"] = lambda _: document({"items": [session]})
    cabinet.administration.on["EndAnySession"] = lambda _: administration_pb.EndAnySessionResponse()
    assert "Примерова Вера" in (await cabinet.page("/admin/sessions")).text

    answer = await send(cabinet, f"/admin/sessions/{ID}/{ID}/end", reason="жалоба владельца")

    assert answer.headers["location"] == "/admin/sessions?done=ended"
    (sent,) = [one for name, one in cabinet.administration.calls if name == "EndAnySession"]
    assert (sent.name, sent.reason) == (session["name"], "жалоба владельца")


async def test_an_it_administrator_keeps_the_addresses_of_the_cabinet(build: Build) -> None:
    cabinet = await as_role(build, "IT_ADMIN")
    address = {
        "id": ID,
        "organization": "org-gp1",
        "origin": "https://lk.gp1.example",
        "create_time": "2026-11-23T09:00:00Z",
    }
    place = {"id": "org-gp1", "name": "Поликлиника", "short_name": "ГП № 1"}
    cabinet.administration.on |= {
        "ListRedirectAddresses": lambda _: document({"items": [address]}),
        "ListOrganizations": lambda _: document({"items": [place]}),
        "AddRedirectAddress": lambda _: administration_pb.AddRedirectAddressResponse(id=ID),
        "RemoveRedirectAddress": lambda _: administration_pb.RemoveRedirectAddressResponse(),
    }
    assert "https://lk.gp1.example" in (await cabinet.page("/admin/redirect-addresses")).text

    new = {"organization": "org-gp1", "origin": "https://lk2.gp1.example"}
    added = await send(cabinet, "/admin/redirect-addresses", **new)
    removed = await send(cabinet, f"/admin/redirect-addresses/{ID}/remove")

    assert added.headers["location"] == "/admin/redirect-addresses?done=added"
    assert removed.headers["location"] == "/admin/redirect-addresses?done=removed"
    cabinet.administration.on["AddRedirectAddress"] = refusing(
        "ADDRESS_INVALID", Category.INVALID_ARGUMENT, field="origin"
    )
    refused = await send(cabinet, "/admin/redirect-addresses", **(new | {"origin": "lk"}))
    assert (refused.status_code, 'value="lk"' in refused.text) == (422, True)


LAPSE = auth_pb.Lapse(specialty="терапия", end_date="2026-11-13")


async def lapsed(build: Build, mode: str, role: str = "DOCTOR") -> Cabinet:
    cabinet: Cabinet = await build()
    session = a_session(role)
    session.lapse_mode = mode
    session.lapses.append(LAPSE)
    cabinet.signed_in(session)
    cabinet.access.on |= {
        "ListOwnEmergencies": lambda _: document({"items": []}),
        "StartEmergency": lambda _: pb.StartEmergencyResponse(
            id=ID, expire_time="2026-11-23T11:00:00Z"
        ),
    }
    return cabinet


async def test_a_lapse_stands_above_every_page_and_in_the_session(build: Build) -> None:
    cabinet = await lapsed(build, "WARN")

    for path in ("/emergency-access", "/accessibility"):
        page = html.fromstring((await cabinet.page(path)).text.replace("\xa0", " "))
        (banner,) = page.xpath("//section[@aria-labelledby='banner']")
        said = " ".join(banner.text_content().split())
        assert "Срок аккредитации закончился 13 ноября 2026 г.: «терапия»" in said
        assert "Работать по специальности без новой записи нельзя." in said
        assert banner.xpath(".//a[@href='/applications']")
    session = (await cabinet.get("/api/v1/session")).json()
    assert session["accreditation_lapse"] == {
        "mode": "WARN",
        "items": [{"specialty": "терапия", "end_date": "2026-11-13"}],
    }


async def test_an_open_emergency_does_not_hide_a_lapse(build: Build) -> None:
    cabinet: Cabinet = await build()
    session = a_session()
    session.lapse_mode = "WARN"
    session.lapses.append(LAPSE)
    session.emergency_expire_time.CopyFrom(stamp(datetime.now(UTC) + timedelta(hours=1)))
    cabinet.signed_in(session)

    page = html.fromstring((await cabinet.page("/accessibility")).text.replace("\xa0", " "))

    titles = [one.text for one in page.xpath("//section[contains(@class, 'banner--top')]//h2")]
    assert len(titles) == 2, titles
    assert titles[0].startswith("Экстренный доступ до ")
    assert titles[1].startswith("Срок аккредитации закончился 13 ноября 2026 г.")


async def test_where_it_was_decided_acts_of_practice_are_refused_and_nothing_else(
    build: Build,
) -> None:
    cabinet = await lapsed(build, "BLOCK")
    body = '{"object": "patients/x", "reason_code": "OTHER", "reason": "вызов ночью"}'

    headers = {
        **cabinet.headers,
        "x-csrf-token": await cabinet.csrf(),
        "content-type": "application/json",
    }
    refused = await cabinet.client.post(
        "/api/v1/emergency-access", headers=headers, content=body.encode()
    )

    assert (refused.status_code, refused.json()["code"]) == (403, "LKMR-RBAC-006")
    assert refused.json()["reason"] == "PRACTICE_SUSPENDED"
    assert "StartEmergency" not in [name for name, _ in cabinet.access.calls]
    page = await cabinet.page("/emergency-access")
    assert page.status_code == 200
    assert "записи о" in page.text.replace("\xa0", " ")
    assert (await cabinet.get("/api/v1/session")).json()["accreditation_lapse"]["mode"] == "BLOCK"


async def test_a_choice_is_shown_in_words_and_decided_by_its_value(build: Build) -> None:
    cabinet = await as_role(build, "SEC_ADMIN")
    policy = {
        **POLICY,
        "key": "rbac.block_on_expired",
        "choices": ["warn", "block"],
        "organization": "org-gp1",
        "shipped_value": "warn",
        "value": "warn",
    }
    cabinet.access.on["ListPolicies"] = lambda _: document({"items": [policy]})

    page = html.fromstring((await cabinet.page("/admin/policies")).text)

    options = page.xpath("//select[@name='value']/option")
    assert [one.get("value") for one in options] == ["warn", "block"]
    assert options[0].get("selected") is not None
    assert "Решение действует в" in page.text_content().replace("\xa0", " ")
