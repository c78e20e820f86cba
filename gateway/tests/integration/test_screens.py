"""Pages over played services: who sees what, what a fault costs, headers of every answer."""

import re
import uuid

import pytest
from lkmr.auth.v1 import auth_service_pb2 as pb
from played_cabinet import (
    ENTRY_ID,
    MESSAGE_ID,
    Cabinet,
    a_message,
    a_session,
    an_item,
    document,
    refusing,
)

from lkmr_gateway.access import RULES
from lkmr_servicekit.errors import Category

SIGN_IN = "Войти через Госуслуги"
OWN_PAGES = [
    "/accreditations",
    f"/accreditations/{ENTRY_ID}",
    "/messages",
    f"/messages/{MESSAGE_ID}",
    "/security",
]
SESSIONS = {
    "items": [
        {
            "id": str(uuid.UUID(int=9)),
            "name": "n",
            "current": True,
            "device": "Chrome, Linux",
            "place": "127.0.0.1",
            "profile": "org-gp1/DOCTOR",
            "start_time": "2026-11-24T06:00:00Z",
            "active_time": "2026-11-24T06:30:00Z",
            "expire_time": "2026-11-24T14:00:00Z",
        },
        {
            "id": str(uuid.UUID(int=8)),
            "name": "m",
            "current": False,
            "device": "Firefox, Windows",
            "place": "127.0.0.2",
            "profile": "org-gp1/DOCTOR",
            "start_time": "2026-11-24T05:00:00Z",
            "active_time": "2026-11-24T05:30:00Z",
            "expire_time": "2026-11-24T13:00:00Z",
        },
    ],
    "sign_ins": [
        {
            "time": "2026-11-24T06:00:00Z",
            "result": "ALLOWED",
            "reason": "",
            "device": "Chrome, Linux",
            "place": "127.0.0.1",
        },
        {
            "time": "2026-11-24T05:55:00Z",
            "result": "DENIED",
            "reason": "IDENTITY_BIRTH_DATE_DIFFERS",
            "device": "Chrome, Linux",
            "place": "127.0.0.1",
        },
    ],
}


@pytest.fixture
def doctor(cabinet: Cabinet) -> Cabinet:
    cabinet.signed_in()
    cabinet.auth.on["ListSessions"] = lambda _: document(SESSIONS)
    cabinet.auth.on["RevokeSession"] = lambda _: pb.RevokeSessionResponse()
    return cabinet


@pytest.mark.proves("F-001")
async def test_the_front_page_offers_exactly_one_sign_in(cabinet: Cabinet) -> None:
    page = await cabinet.page("/")

    assert page.status_code == 200
    assert page.text.count(SIGN_IN) == 1
    assert re.findall(r'href="(/auth/[^"]*)"', page.text) == ["/auth/login"]


@pytest.mark.parametrize("path", OWN_PAGES)
async def test_a_page_without_a_session_leads_to_sign_in_and_back(
    cabinet: Cabinet, path: str
) -> None:
    answer = await cabinet.page(f"{path}?page_token=x")

    assert answer.status_code == 303
    front = await cabinet.page(answer.headers["location"])
    login = re.findall(r'href="(/auth/login[^"]*)"', front.text)[0].replace("&amp;", "&")
    cabinet.auth.on["StartSignIn"] = lambda _: pb.StartSignInResponse(redirect_url="https://e/")
    await cabinet.get(login)
    assert cabinet.auth.calls[-1][1].return_to == f"{path}?page_token=x"


async def test_an_ended_session_is_explained_once(cabinet: Cabinet) -> None:
    cabinet.headers["cookie"] = f"__Host-lkmr={'x' * 43}"

    moved = await cabinet.page("/messages")
    front = await cabinet.page(moved.headers["location"])

    assert "LKMR-AUTH-002" in front.text
    assert "Max-Age=0" in front.headers["set-cookie"]
    assert SIGN_IN in front.text


@pytest.mark.parametrize("why", ["idle", "expired", "revoked", "nonsense", "<script>"])
async def test_a_page_that_left_by_itself_says_why(cabinet: Cabinet, why: str) -> None:
    page = await cabinet.page(f"/?ended={why}&return_to=/messages")

    assert page.status_code == 200
    assert ("LKMR-AUTH-" in page.text) == (why in {"idle", "expired", "revoked"})


async def test_a_part_of_a_page_without_a_session_moves_the_whole_page(cabinet: Cabinet) -> None:
    answer = await cabinet.get("/messages", accept="text/html", hx_request="true")

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/?return_to=")


@pytest.mark.parametrize("path", ["/", *OWN_PAGES])
async def test_own_pages_open(doctor: Cabinet, path: str) -> None:
    page = await doctor.page(path)

    assert page.status_code == 200
    assert "Иванова А. С." in page.text.replace("\xa0", " ")
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])
    assert nonce is not None
    assert f'nonce="{nonce[1]}"' in page.text


async def test_home_shows_the_term_and_what_is_new(doctor: Cabinet) -> None:
    text = (await doctor.page("/")).text

    assert "терапия" in text
    assert "Требует действий" in text
    assert "Новая запись об аккредитации" in text.replace("\xa0", " ")


async def test_home_of_a_role_without_the_section_has_no_accreditation(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session(role="IT_ADMIN", worker=""))

    text = (await cabinet.page("/")).text

    assert 'href="/accreditations"' not in text
    assert not cabinet.accreditation.calls


async def test_a_person_without_a_current_job_sees_a_banner_and_own_data(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session(role=""))

    page = await cabinet.page("/")

    assert page.status_code == 200
    assert "Нет действующей записи о работе" in page.text.replace("\xa0", " ")
    assert (await cabinet.page("/accreditations")).status_code == 200


async def test_a_closed_section_says_for_whom_it_is_open(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session(role="IT_ADMIN", worker=""))

    page = await cabinet.page("/accreditations")

    assert page.status_code == 403
    assert "LKMR-RBAC-001" in page.text
    assert "врач" in page.text


async def test_a_service_that_is_away_costs_only_its_part(doctor: Cabinet) -> None:
    away = refusing("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)
    doctor.accreditation.on["ListAccreditations"] = away
    doctor.notify.on["GetInboxSummary"] = away

    home = await doctor.page("/")
    records = await doctor.page("/accreditations")

    assert home.status_code == records.status_code == 200
    assert "LKMR-SYS-010" in home.text
    assert "LKMR-SYS-010" in records.text
    assert "Новая запись" in home.text.replace("\xa0", " ")


async def test_filters_of_the_list_live_in_the_address(doctor: Cabinet) -> None:
    doctor.accreditation.on["ListAccreditations"] = lambda _: document(
        {"items": [an_item()], "next_page_token": "далее"}
    )

    page = await doctor.page(
        "/accreditations?state=EXPIRING&specialty=терапия&order_by=expire_date"
    )
    odd = await doctor.page("/accreditations?state=&order_by=sideways&foo=1")

    asked = next(r for _, r in doctor.accreditation.calls if list(r.states))
    assert (list(asked.states), asked.specialty) == (["EXPIRING"], "терапия")
    assert asked.order_by == "expire_date"
    assert "page_token=%D0%B4%D0%B0%D0%BB%D0%B5%D0%B5" in page.text
    assert odd.status_code == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"/accreditations/{uuid.UUID(int=77)}", "LKMR-ACC-001"),
        (f"/messages/{uuid.UUID(int=77)}", "LKMR-SYS-004"),
        ("/accreditations/7", "LKMR-ACC-001"),
        ("/nowhere", "LKMR-SYS-004"),
        ("/verify/short", "LKMR-ACC-009"),
    ],
)
async def test_what_is_not_there_has_a_page_with_a_code(
    doctor: Cabinet, path: str, code: str
) -> None:
    gone = refusing("ACCREDITATION_NOT_FOUND", Category.NOT_FOUND)
    doctor.accreditation.on["ReadAccreditation"] = gone
    doctor.notify.on["ReadMessage"] = refusing("MESSAGE_NOT_FOUND", Category.NOT_FOUND)

    page = await doctor.page(path)

    assert page.status_code == 404
    assert code in page.text
    assert page.headers["x-request-id"] in page.text


async def test_a_message_is_marked_as_read_by_its_form(doctor: Cabinet) -> None:
    doctor.notify.on["MarkMessageRead"] = lambda _: document(a_message())
    data = {"csrf_token": await doctor.csrf()}

    answer = await doctor.post(
        f"/messages/{MESSAGE_ID}/read", data, referer=f"{doctor.url}/messages?unread=true"
    )
    foreign = await doctor.post(
        f"/messages/{MESSAGE_ID}/read", data, referer="https://evil.example/messages"
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/messages?unread=true")
    assert foreign.headers["location"] == "/messages"


async def test_a_session_is_ended_by_its_form(doctor: Cabinet) -> None:
    page = await doctor.page("/security")
    action = f"/security/sessions/{uuid.UUID(int=8)}/end"
    data = {"csrf_token": await doctor.csrf()}

    answer = await doctor.post(action, data)

    assert action in page.text
    assert "LKMR-IDENT-002" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/security?ended=true")
    assert (await doctor.post(action)).status_code == 403


CONTENT = {
    "extract_id": str(uuid.UUID(int=5)),
    "code": "A1B2C3D4E5F6",
    "create_time": "2026-11-24T06:00:00+00:00",
    "name": "Иванова Анна Сергеевна",
    "birth_date": "1984-03-12",
    "snils": "***-***-*37 98",
    "specialty": "терапия",
    "kind": "PERIODIC",
    "registry_number": "7723 031234567",
    "record_date": "2022-04-20",
    "expire_date": "2027-04-20",
    "effective_expire_date": "2027-04-20",
    "source_system": "ФРМР",
    "source_version": 7,
    "extension": "",
    "commission": "ЦАК",
    "protocol_number": "12",
    "protocol_date": "2022-04-19",
    "organizations": [["ГП № 1", "врач-терапевт"]],
    "annulled": False,
}


@pytest.mark.parametrize("matches", [True, False])
async def test_an_extract_is_checked_without_a_session(cabinet: Cabinet, matches: bool) -> None:  # noqa: FBT001 - a case
    cabinet.accreditation.on["VerifyExtract"] = lambda _: document(
        {
            "content": CONTENT,
            "sha256": "ab" * 32,
            "create_time": "2026-11-24T06:00:00.000Z",
            "matches_register": matches,
            "state": "ACTIVE" if matches else "ANNULLED",
        }
    )

    page = await cabinet.page("/verify/A1B2C3D4E5F6")

    assert page.status_code == 200
    assert "7723 031234567" in page.text.replace("\xa0", " ")
    assert cabinet.accreditation.tokens == [""]


async def test_what_an_offline_check_needs_is_open_to_everybody(cabinet: Cabinet) -> None:
    keys = {"keys": [{"kid": "CaSVybOY5eg", "kty": "EC", "crv": "P-256"}]}
    cabinet.accreditation.on["ListSealKeys"] = lambda _: document(keys)

    page = await cabinet.page("/verify/offline")
    answer = await cabinet.get("/verify/keys.json")
    worker = re.search(r'data-worker="([^"]+)"', page.text)

    assert page.status_code == 200
    assert answer.json() == keys
    assert worker is not None
    served = await cabinet.get(worker[1])
    assert served.headers["service-worker-allowed"] == "/verify/"


EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
}


async def test_every_route_answers_with_the_protecting_headers(doctor: Cabinet) -> None:
    for method, route in RULES:
        if route in {"/api/v1/events", "/auth/logout"}:
            continue
        path = re.sub(r"\{[^}]*\}", str(uuid.UUID(int=3)), route)
        for accept in ("text/html", "application/json"):
            answer = await doctor.client.request(
                method, path, headers={**doctor.headers, "accept": accept}
            )
            headers = answer.headers
            for name, value in EVERY_ANSWER.items():
                assert headers[name] == value, (route, name)
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "camera=()" in headers["permissions-policy"]
            assert headers["cache-control"] == "no-store", route
            assert "server" not in headers
            if headers.get("content-type", "").startswith("text/html") and answer.content:
                assert "'nonce-" in policy


async def test_static_files_are_kept_for_ever(cabinet: Cabinet) -> None:
    page = await cabinet.page("/")
    paths = set(re.findall(r'"(/static/[^"#]+)', page.text))
    assert paths

    for path in paths:
        answer = await cabinet.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
    assert (await cabinet.get("/static/nothing.css")).status_code == 404


@pytest.mark.proves("F-192")
@pytest.mark.parametrize("path", ["/help/codes", "/help/sign-in", "/status"])
async def test_help_is_open_to_everybody(cabinet: Cabinet, path: str) -> None:
    page = await cabinet.page(path)

    assert page.status_code == 200
    if path == "/help/codes":
        from lkmr_gateway.problems import catalogue

        text = page.text.replace("\u00a0", " ")
        for code, entry in catalogue().items():
            assert code in text
            assert entry.title in text
            assert all(step in text for step in entry.instruction)
