from typing import Any

import httpx2
import pytest

PETROV = "900-002-074 06"
ACCREDITATION = {
    "kind": "PERIODIC",
    "specialty": "кардиология",
    "recorded_at": "2026-11-20",
    "organizations": ["org-kb2", "1.2.643.5.1.13.13.12.2.77.90001"],
}


async def card_of(egisz: httpx2.AsyncClient, snils: str) -> dict[str, Any]:
    (card,) = (await egisz.get("/frmr/v1/workers", params={"snils": snils})).json()["items"]
    return dict(card)


async def test_a_card_is_found_by_number_with_or_without_separators(
    egisz: httpx2.AsyncClient,
) -> None:
    card = await card_of(egisz, PETROV)
    assert await card_of(egisz, "90000207406") == card
    assert (card["surname"], card["asOf"][:10]) == ("Петров", "2026-11-23")
    assert card["accreditations"][0]["validTo"] == "2026-12-18"
    unknown = await egisz.get("/frmr/v1/workers", params={"snils": "112-233-445 95"})
    assert unknown.json() == {"items": []}
    wrong = await egisz.get("/frmr/v1/workers", params={"snils": "900-002-074 07"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "SNILS_INVALID")


async def test_a_card_that_did_not_change_is_not_sent_again(egisz: httpx2.AsyncClient) -> None:
    card = await card_of(egisz, "900-005-185 24")
    path = f"/frmr/v1/workers/{card['id']}"
    first = await egisz.get(path)
    etag = first.headers["etag"]
    assert (await egisz.get(path, headers={"If-None-Match": etag})).status_code == 304
    await egisz.patch("/_control/register/workers/90000518524", json={"given_name": "Алёна"})
    second = await egisz.get(path, headers={"If-None-Match": etag})
    assert (second.status_code, second.json()["name"]) == (200, "Алёна")
    assert second.headers["etag"] != etag


async def test_parts_of_a_card(egisz: httpx2.AsyncClient) -> None:
    path = f"/frmr/v1/workers/{(await card_of(egisz, PETROV))['id']}"
    files = await egisz.get(f"{path}/personal-files", params={"on": "2026-11-23"})
    assert [one["employmentKind"] for one in files.json()["items"]] == [
        "MAIN",
        "EXTERNAL_PART_TIME",
    ]
    past = await egisz.get(f"{path}/personal-files", params={"on": "2001-01-01"})
    assert past.json()["items"] == []
    assert len((await egisz.get(f"{path}/accreditations")).json()["items"]) == 1
    unknown = "/frmr/v1/workers/00000000-0000-0000-0000-000000000000"
    for address in (unknown, f"{unknown}/accreditations", f"{unknown}/personal-files"):
        assert (await egisz.get(address)).json()["code"] == "WORKER_NOT_FOUND"


async def test_an_entry_is_put_replaced_and_deleted(egisz: httpx2.AsyncClient) -> None:
    snils = "90001555535"
    path = f"/_control/register/workers/{snils}/accreditations/7726 031234567"
    made = await egisz.put(path, json=ACCREDITATION)
    assert made.status_code == 201
    assert (made.json()["validTo"], made.json()["specialtyCode"]) == ("2031-11-20", "118")
    assert [one["oid"][-5:] for one in made.json()["organizations"]] == ["90002", "90001"]
    again = await egisz.put(path, json={**ACCREDITATION, "annulled": True, "valid_to": None})
    assert again.status_code == 200
    card = await card_of(egisz, snils)
    assert card["version"] == 3
    assert [one["annulled"] for one in card["accreditations"]] == [False, True]
    assert (await egisz.delete(path)).status_code == 204
    assert (await egisz.delete(path)).status_code == 404
    assert (await card_of(egisz, snils))["version"] == 4


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"title": "x"}, "title"),
        ({"kind": "OTHER"}, "PERIODIC"),
        ({"organizations": ["org-x"]}, "org-x"),
        ({"valid_to": "2026-11-19"}, "valid_to"),
    ],
)
async def test_an_entry_of_a_wrong_form_is_refused_with_the_reason(
    egisz: httpx2.AsyncClient, change: dict[str, object], word: str
) -> None:
    path = "/_control/register/workers/90000207406/accreditations/7726 1"
    answer = await egisz.put(path, json={**ACCREDITATION, **change})
    assert answer.status_code == 422
    assert word in answer.text


async def test_changes_of_people_name_what_they_do_not_know(egisz: httpx2.AsyncClient) -> None:
    for path in ("/_control/register/workers/90000207406", "/_control/insured/90000207406"):
        refused = await egisz.patch(path, json={"surname": "Петров"})
        assert refused.status_code == 422
        assert "surname" in refused.json()["detail"]
        moved = await egisz.patch(path, json={"snils": "900-001-037 98"})
        assert moved.status_code == 422
        taken = await egisz.patch(path, json={"snils": PETROV, "phone": "+79000000002"})
        assert taken.status_code == 200
    wrong = await egisz.patch("/_control/register/workers/1", json={"given_name": "Я"})
    assert wrong.status_code == 422


async def test_a_whole_record_of_the_demo_set_creates_a_worker(egisz: httpx2.AsyncClient) -> None:
    record = {
        "login": "guseva",
        "family_name": "Гусева",
        "given_name": "Юлия",
        "birth_date": "1993-11-11",
        "jobs": [{"organization": "org-gp1", "roles": ["DOCTOR"], "position": "врач-невролог"}],
        "accreditation_days_left": 10,
    }
    made = await egisz.patch("/_control/register/workers/90001970345", json=record)
    assert (made.status_code, made.json()["version"]) == (200, 1)
    shown = await egisz.get("/_control/register/workers/90001970345")
    assert shown.json()["personalFiles"][0]["position"] == "врач-невролог"


async def test_a_generated_worker_can_be_changed(egisz: httpx2.AsyncClient) -> None:
    page = (await egisz.get("/frmr/v1/changes", params={"limit": 1})).json()
    (card,) = page["cards"]
    path = f"/_control/register/workers/{card['snils']}"
    assert (await egisz.patch(path, json={"family_name": "Новая"})).json()["id"] == card["id"]
    assert (await egisz.get(f"/frmr/v1/workers/{card['id']}")).json()["surname"] == "Новая"


async def test_the_feed_is_read_to_its_end_and_goes_on_with_changes(
    egisz: httpx2.AsyncClient,
) -> None:
    cursor, seen = "", []
    while True:
        answer = await egisz.get("/frmr/v1/changes", params={"since": cursor, "limit": 20})
        page = answer.json()
        seen += page["cards"]
        cursor = page["nextCursor"]
        if not page["hasMore"]:
            break
    assert len({card["id"] for card in seen}) == len(seen) == page["total"]
    await egisz.patch("/_control/register/workers/90001481526", json={"given_name": "Лада"})
    await egisz.patch("/_control/register/workers/90000814842", json={})
    await egisz.patch("/_control/register/workers/90000414815", json={"given_name": "Лев"})
    later = (await egisz.get("/frmr/v1/changes", params={"since": cursor})).json()
    assert [card["name"] for card in later["cards"]][-1] == "Лев"
    for bad in ("x", "AAAA"):
        refused = await egisz.get("/frmr/v1/changes", params={"since": bad})
        assert (refused.status_code, refused.json()["code"]) == (400, "CURSOR_INVALID")
    assert (await egisz.get("/frmr/v1/changes?limit=0")).status_code == 422


async def test_a_signer_is_checked_over_the_wire(egisz: httpx2.AsyncClient) -> None:
    asked = {
        "snils": PETROV,
        "surname": "Петров",
        "name": "Илья",
        "patronymic": "Андреевич",
        "birthDate": "1979-11-02",
        "organizationOid": "1.2.643.5.1.13.13.12.2.77.90002",
        "positionCode": "34",
        "on": "2026-11-23",
    }
    good = await egisz.post("/frmr/v1/checks/signer", json=asked)
    assert good.json() == {"ok": True, "code": None}
    bad = await egisz.post("/frmr/v1/checks/signer", json={**asked, "positionCode": "1"})
    assert bad.json() == {"ok": False, "code": "PERSON_POST_IN_FRMR_MISMATCH"}


async def test_a_correction_request_is_taken_once(egisz: httpx2.AsyncClient) -> None:
    asked = {
        "requestId": "3f1d9a1e-0000-4000-8000-000000000001",
        "workerId": (await card_of(egisz, PETROV))["id"],
        "field": "surname",
        "registerValue": "Петров",
        "proposedValue": "Петров-Водкин",
    }
    first = await egisz.post("/frmr/v1/correction-requests", json=asked)
    second = await egisz.post("/frmr/v1/correction-requests", json=asked)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    stored = await egisz.get(f"/frmr/v1/correction-requests/{first.json()['id']}")
    assert stored.json()["state"] == "RECEIVED"
    nobody = {**asked, "requestId": None, "workerId": "x"}
    assert (await egisz.post("/frmr/v1/correction-requests", json=nobody)).status_code == 404


async def test_organisations_and_departments(egisz: httpx2.AsyncClient) -> None:
    path = "/frmo/v1/org/1.2.643.5.1.13.13.12.2.77.90001"
    assert (await egisz.get(path)).json()["shortName"] == "ГП № 1"
    departments = (await egisz.get(f"{path}/departments")).json()["items"]
    assert {"oid": f"{path[13:]}.0.1", "name": "терапевтическое отделение"} in departments
    page = (await egisz.get("/frmr/v1/changes", params={"limit": 3})).json()
    oid = page["cards"][2]["personalFiles"][0]["organizationOid"]
    found = (await egisz.get(f"/frmo/v1/org/{oid}")).json()
    assert found["name"] == page["cards"][2]["personalFiles"][0]["organizationName"]
    unknown = await egisz.get("/frmo/v1/org/org-gp1")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ORG_NOT_FOUND_IN_FRMO")


async def test_the_page_shows_counts_and_masks_numbers(egisz: httpx2.AsyncClient) -> None:
    await egisz.put("/_control/behaviour", json={"availability": "slow", "system": "ferzl"})
    page = (await egisz.get("/")).text
    assert "Стенд ЕГИСЗ" in page
    assert "slow" in page
    await egisz.patch("/_control/register/workers/90000207406", json={})
    page = (await egisz.get("/")).text
    assert "***-***-*74 06" in page
    assert "90000207406" not in page
    assert "Петров" not in page
