"""The mobile application: what systems ask, and what a person answers there."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import MiniClient
from lxml import html

pytestmark = pytest.mark.servers
PASSWORD = "Kabinet-2026!"


class Asker:
    """A system that asks one person by the person's own token."""

    def __init__(self, base: str, token: str) -> None:
        self._base, self._headers = base, {"authorization": f"Bearer {token}"}

    def call(self, method: str, path: str = "", body: Any = None) -> httpx2.Response:
        url = f"{self._base}/app/api/v1/approvals{path}"
        return httpx2.request(method, url, json=body, headers=self._headers, trust_env=False)

    def ask(self, **more: Any) -> dict[str, Any]:
        answer = self.call("POST", body={"text": "Подтвердите учётную запись", **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def state(self, approval: dict[str, Any]) -> str:
        return str(self.call("GET", f"/{approval['id']}").json()["state"])


@pytest.fixture
def asker(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> tuple[Asker, MiniClient, str]:
    """A question needs no page of the cabinet: the person's browser here is the telephone."""
    login = new_person()
    token = client.person_tokens(login, sms)["access_token"]
    return Asker(stand_in.base, token), client, login


def press(client: MiniClient, decision: str, number: int = 0) -> httpx2.Response:
    page = client.get("/app")
    form = html.fromstring(page.text).forms[number]
    values = dict(form.form_values()) | {"decision": decision}
    return client.follow(client.post(form.action, values))


@pytest.mark.proves("F-096")
@pytest.mark.parametrize("decision", ["APPROVED", "DECLINED"])
def test_the_person_answers_in_the_application_and_the_system_learns_it(
    asker: tuple[Asker, MiniClient, str], decision: str
) -> None:
    system, phone, _ = asker
    asked = system.ask()
    assert system.state(asked) == "PENDING"
    assert "Подтвердите учётную запись" in phone.get("/app").text

    page = press(phone, decision)

    assert system.state(asked) == decision
    assert "Новых запросов нет" in page.text


def test_a_question_without_answer_expires_and_a_late_answer_changes_nothing(
    asker: tuple[Asker, MiniClient, str], stand_in: RunningStandIn
) -> None:
    system, _, login = asker
    asked = system.ask(expire_seconds=60)
    try:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 61})
        late = stand_in.control(
            "POST", f"/people/{login}/approvals/{asked['id']}", {"decision": "APPROVED"}
        )
        assert late == {"state": "EXPIRED"}
        assert system.state(asked) == "EXPIRED"
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})


def test_a_new_question_cancels_the_open_one_and_an_answer_stands(
    asker: tuple[Asker, MiniClient, str], stand_in: RunningStandIn
) -> None:
    system, _, login = asker
    first, second = system.ask(), system.ask()
    assert (system.state(first), system.state(second)) == ("CANCELLED", "PENDING")

    path = f"/people/{login}/approvals/{second['id']}"
    stand_in.control("POST", path, {"decision": "DECLINED"})
    again = stand_in.control("POST", path, {"decision": "APPROVED"})

    assert again == {"state": "DECLINED"}
    assert system.call("DELETE", f"/{second['id']}").status_code == 204
    assert system.state(second) == "DECLINED"


def test_questions_belong_to_one_person_and_one_system(
    asker: tuple[Asker, MiniClient, str],
    new_client: Callable[..., MiniClient],
    new_person: Callable[..., str],
    sms: SmsSink,
    stand_in: RunningStandIn,
) -> None:
    system, phone, login = asker
    asked = system.ask()
    other_system = new_client()
    same_person = Asker(stand_in.base, other_system.person_tokens(login, sms)["access_token"])
    stranger_browser = new_client()
    stranger = new_person()
    stranger_browser.sign_in(stranger, sms)

    assert same_person.call("GET", f"/{asked['id']}").status_code == 404
    assert "Новых запросов нет" in stranger_browser.get("/app").text
    form = html.fromstring(phone.get("/app").text).forms[0]
    own_mark = html.fromstring(stranger_browser.get("/profile").text).forms[0].form_values()
    values = {"csrf_token": dict(own_mark)["csrf_token"], "decision": "APPROVED"}
    assert stranger_browser.post(form.action, values).status_code == 409
    assert system.state(asked) == "PENDING"
    assert Asker(stand_in.base, "nothing").call("POST", body={}).status_code == 401
    assert system.call("POST", body={"text": " "}).status_code == 422


@pytest.mark.parametrize(
    ("decision", "shown"), [("APPROVED", "grantAuthorization"), ("DECLINED", "LKMR-CONF-010")]
)
def test_the_application_is_a_second_factor_of_the_sign_in(
    decision: str,
    shown: str,
    client: MiniClient,
    new_person: Callable[..., str],
    stand_in: RunningStandIn,
) -> None:
    login = new_person()
    page = client.submit(client.open(), login=login, password=PASSWORD)
    waiting = client.submit(page, 1)
    assert waiting.headers["refresh"]
    assert "Подтвердите вход в приложении" in waiting.text
    (asked,) = stand_in.control("GET", f"/people/{login}/approvals")

    stand_in.control("POST", f"/people/{login}/approvals/{asked['id']}", {"decision": decision})

    assert shown in client.follow(client.http.get(str(waiting.url))).text


def test_a_silent_application_leads_back_to_the_code(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    page = client.submit(client.open(), login=new_person(), password=PASSWORD)
    waiting = client.submit(page, 1)
    try:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 121})
        back = client.follow(client.http.get(str(waiting.url)))
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})

    assert back.status_code == 408
    assert "LKMR-CONF-011" in back.text
    assert "grantAuthorization" in client.submit(back, code=sms.code()).text
