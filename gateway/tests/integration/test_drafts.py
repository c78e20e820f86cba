"""Typed text survives: saved while typing, kept after the session, given back after sign-in."""

from typing import Any

import pytest
from lkmr.auth.v1 import draft_service_pb2 as pb
from played_cabinet import Build, Cabinet, document, refusing

from lkmr_gateway.entry import key_of
from lkmr_servicekit.errors import Category

FORM = "application/x-www-form-urlencoded"
PATH = "/education/plan"
DRAFT = {
    "form": PATH,
    "page": PATH,
    "fields": {"title": "Курс <b>ЭКГ</b>"},
    "update_time": "2026-11-23T09:00:00Z",
}


@pytest.fixture
async def cabinet(build: Build) -> Cabinet:
    made: Cabinet = await build()
    made.signed_in()
    made.drafts.on |= {
        "ListDrafts": lambda _: document({"items": [DRAFT]}),
        "SaveDraft": lambda _: pb.SaveDraftResponse(update_time="2026-11-23T09:00:00Z"),
        "DeleteDraft": lambda _: pb.DeleteDraftResponse(),
        "SaveLostForm": lambda _: pb.SaveLostFormResponse(),
    }
    return made


async def api(cabinet: Cabinet, method: str, body: Any) -> Any:
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf()}
    return await cabinet.client.request(method, "/api/v1/drafts", json=body, headers=headers)


def asked(cabinet: Cabinet, wanted: str) -> list[Any]:
    return [one for method, one in cabinet.drafts.calls if method == wanted]


async def lose(cabinet: Cabinet, path: str = PATH, **more: str) -> Any:
    """Send a form with the cookie of a session that is over."""
    cabinet.auth.on["ResolveSession"] = refusing(
        "SESSION_REVOKED", Category.UNAUTHENTICATED, reason="ENDED_BY_ADMIN"
    )
    cabinet.headers["cookie"] = f"__Host-lkmr={'q' * 43}"
    headers = {"referer": f"{cabinet.url}{PATH}?year=2026", "sec_fetch_site": "same-origin"}
    fields = {"csrf_token": "t", "title": "Курс", "password": "secret"}
    return await cabinet.post(
        path, fields, accept="text/html", content_type=FORM, **{**headers, **more}
    )


async def test_a_draft_is_saved_listed_and_dropped(cabinet: Cabinet) -> None:
    fields = {"title": "Курс", "password": "Kabinet-2026!", "csrf_token": "t", "empty": ""}

    saved = await api(cabinet, "PUT", {"form": PATH, "page": "//evil.example", "fields": fields})

    assert saved.json() == {"update_time": "2026-11-23T09:00:00Z"}
    (sent,) = asked(cabinet, "SaveDraft")
    assert (dict(sent.fields), sent.page) == ({"title": "Курс"}, "/")
    assert (await cabinet.get("/api/v1/drafts")).json() == {"items": [DRAFT]}
    assert (await api(cabinet, "DELETE", {"form": PATH})).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"form": "/step-up", "page": "/", "fields": {"a": "b"}},
        {"form": "/nowhere", "page": "/", "fields": {"a": "b"}},
        {"form": PATH, "page": "/", "fields": {"a": 1}},
        {"form": PATH, "page": "/", "fields": {"password": "x"}},
        {"form": PATH, "fields": {"a": "b"}},
        [],
    ],
)
async def test_what_is_no_form_of_ours_is_not_kept(cabinet: Cabinet, body: Any) -> None:
    assert (await api(cabinet, "PUT", body)).status_code in {400, 422}
    assert asked(cabinet, "SaveDraft") == []


async def test_a_form_sent_after_the_end_of_its_session_is_kept_and_returned_to(
    cabinet: Cabinet,
) -> None:
    answer = await lose(cabinet)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/?return_to=/education/plan%3Fyear%3D2026"
    (kept,) = asked(cabinet, "SaveLostForm")
    assert (kept.session_hash, kept.form, kept.page) == (
        key_of(b"q" * 43),
        PATH,
        f"{PATH}?year=2026",
    )
    assert dict(kept.fields) == {"title": "Курс"}


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (PATH, {"sec_fetch_site": "cross-site"}),
        ("/auth/switch", {}),
        ("/security/sessions/end-others", {}),
    ],
)
async def test_a_foreign_or_secret_form_is_not_kept(
    cabinet: Cabinet, path: str, more: dict[str, str]
) -> None:
    assert (await lose(cabinet, path, **more)).status_code == 303
    assert asked(cabinet, "SaveLostForm") == []


async def test_a_form_that_cannot_be_kept_does_not_keep_from_signing_in(cabinet: Cabinet) -> None:
    cabinet.drafts.on["SaveLostForm"] = refusing("SESSION_UNKNOWN", Category.UNAUTHENTICATED)

    assert (await lose(cabinet)).status_code == 303
    cabinet.headers.pop("cookie")
    assert (await lose(cabinet)).status_code == 303


async def test_drafts_are_read_without_a_script_too(cabinet: Cabinet) -> None:
    page = await cabinet.page("/drafts")

    assert "Курс &lt;b&gt;ЭКГ" in page.text
    dropped = await cabinet.post(
        "/drafts/drop",
        {"form": PATH, "csrf_token": await cabinet.csrf()},
        accept="text/html",
        content_type=FORM,
    )
    assert dropped.headers["location"] == "/drafts"
