"""Portal pages, behaviour switches, people, restart."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson
import pytest
from conftest import RunningStandIn, SmsSink, start_stand_in
from esia_mini_client import Keys, MiniClient, code_of, parts_of, returned
from lxml import html

pytestmark = pytest.mark.servers


@pytest.fixture
def behaviour(stand_in: RunningStandIn) -> Callable[..., None]:
    yield lambda **body: stand_in.control("PUT", "/behaviour", body)
    stand_in.control("PUT", "/behaviour", {"availability": "up"})


@pytest.mark.proves("F-129", "F-113")
def test_the_labels_of_the_product_description_lead_to_the_cabinet(client: MiniClient) -> None:
    services = html.fromstring(client.get("/").text)
    medical = html.fromstring(client.get("/medical").text)

    assert services.find(".//h1").text == "Мои услуги"
    (link,) = services.xpath("//a[text()='Доступ к медицинскому порталу']/@href")
    assert link == "http://localhost:8080"
    assert services.xpath("//a[text()='Медицинский кабинет']/@href")[0] == "/medical"
    assert medical.find(".//h1").text == "Медицинский кабинет"
    (link,) = medical.xpath("//a[text()='Подтверждение учетной записи']/@href")
    assert link.startswith("http://localhost:8080/auth/login")


@pytest.mark.proves("F-169")
def test_people_edit_their_own_data_in_the_profile(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    login = new_person()
    client.sign_in(login, sms)
    page = client.get("/profile")

    saved = client.submit(page, phone="8 (900) 765-43-21", email="new@demo.example", patronymic="")
    wrong = client.submit(saved, birth_date="31.12.1990")

    assert "Изменения сохранены" in saved.text
    assert wrong.status_code == 422
    assert "Дата рождения" in wrong.text
    person = stand_in.control("GET", f"/people/{login}")
    assert (person["phone"], person["email"]) == ("+79007654321", "new@demo.example")
    assert person["patronymic"] is None


@pytest.mark.proves("F-201")
def test_a_number_entered_again_is_compared_with_that_of_the_profile(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    client.sign_in(new_person(phone="+79007654321"), sms)
    page = client.get("/profile")

    differs = client.submit(page, 3, phone_again="+7 900 765-43-22")
    mended = client.submit(differs, 0, phone="+7 900 765-43-22")
    same = client.submit(mended, 3, phone_again="8 900 765-43-22")

    assert differs.status_code == 422
    assert "LKMR-CONF-014" in differs.text
    assert "Изменения сохранены" in mended.text
    assert same.status_code == 200
    assert "Номер тот же" in same.text


def test_the_profile_asks_to_sign_in_first(client: MiniClient) -> None:
    assert "password" in client.follow(client.get("/profile")).text


def test_a_consent_can_be_withdrawn(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    client.sign_in(new_person(), sms)
    assert "code" in returned(client.open())

    client.submit(client.get("/profile"), 2)

    assert "grantAuthorization" in client.open().text


@pytest.mark.proves("F-103")
@pytest.mark.parametrize("weak", ["Ab1!567", "abcd123!", "ABCD123!", "Abcdefg!", "Abcd1234"])
def test_a_password_without_one_of_its_classes_is_refused(
    weak: str, client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    client.sign_in(new_person(), sms)

    answer = client.submit(client.get("/profile"), 1, current="Kabinet-2026!", new=weak)

    assert answer.status_code == 422
    assert "не хватает" in answer.text


@pytest.mark.proves("F-184", "F-202")
def test_a_forgotten_password_is_replaced_by_a_code(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    login = new_person()
    page = client.open()
    assert "/recovery" in page.text
    asked = client.submit(client.get("/recovery"), login=login)
    unknown = client.submit(client.get("/recovery"), login="nobody-here")
    assert asked.status_code == unknown.status_code == 200

    done = client.submit(asked, code=sms.code(), password="Novyi-Parol-7")

    assert "Пароль изменён" in done.text
    assert client.submit(page, login=login, password="Kabinet-2026!").status_code == 401
    assert 'name="code"' in client.submit(page, login=login, password="Novyi-Parol-7").text


@pytest.mark.proves("F-188")
def test_the_status_page_tells_the_state_and_answers_in_any(
    client: MiniClient, behaviour: Callable[..., None]
) -> None:
    assert "Портал работает" in client.get("/status").text
    for availability, words in (("down", "недоступен"), ("maintenance", "плановые работы")):
        behaviour(availability=availability)
        page = client.get("/status")
        assert page.status_code == 200
        assert words in page.text
    assert "Окончание" in page.text


def test_down_cuts_the_connection(client: MiniClient, behaviour: Callable[..., None]) -> None:
    behaviour(availability="down")

    with pytest.raises(httpx2.TransportError):
        client.get("/")


def test_overload_and_maintenance_say_when_to_come_back(
    client: MiniClient, behaviour: Callable[..., None]
) -> None:
    behaviour(availability="overloaded", delay_seconds=7)
    answers = [client.get("/aas/oauth2/v2/ac") for _ in range(2)]
    behaviour(availability="maintenance")
    closed = client.get("/")

    assert {one.status_code for one in answers} == {429, 503}
    assert {one.headers["retry-after"] for one in answers} == {"7"}
    assert closed.status_code == 503
    assert int(closed.headers["retry-after"]) > 0
    assert closed.json()["until"]


def test_slow_waits_and_the_share_of_errors_is_kept(
    client: MiniClient, behaviour: Callable[..., None]
) -> None:
    behaviour(availability="slow", delay_seconds=0.4)
    slow = client.get("/")
    behaviour(availability="up", error_rate=1)
    failed = client.get("/")

    assert slow.elapsed.total_seconds() >= 0.4
    assert failed.status_code == 500


def test_what_arrived_can_be_asked(client: MiniClient, stand_in: RunningStandIn) -> None:
    client.get("/rs/prns/77?embed=x")

    last = stand_in.control("GET", "/requests?path=/rs/prns/77")[-1]

    assert (last["method"], last["query_keys"], last["status"]) == ("GET", ["embed"], 401)


@pytest.mark.parametrize(
    "change",
    [
        {"shoe_size": 43},
        {"esia_level": "royal"},
        {"snils": "1"},
        {"birth_date": "soon"},
        {"login": "other"},
        {"esia_oid": 1000299001},
    ],
)
def test_a_change_of_a_person_must_name_known_fields_and_values(
    change: dict[str, object], stand_in: RunningStandIn
) -> None:
    url = f"{stand_in.base}/_control/people/petrov"

    answer = httpx2.patch(url, json=change, trust_env=False)

    assert answer.status_code == 422
    assert next(iter(change)) in answer.text


def test_a_changed_person_signs_in_changed(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    login = new_person()
    stand_in.control(
        "PATCH", f"/people/{login}", {"family_name": "Ёлкина", "second_factor": "none"}
    )

    tokens = client.person_tokens(login, sms)

    oid = parts_of(tokens["access_token"])[1]["urn:esia:sbj_id"]
    assert client.data(f"/rs/prns/{oid}", tokens["access_token"]).json()["lastName"] == "Ёлкина"


@pytest.mark.parametrize(
    "record",
    [
        {"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
        {"scopes": ["everything"]},
        {"jwt_alg": "HS256"},
        {"unknown": 1},
    ],
)
def test_a_wrong_record_of_a_system_is_refused(
    record: dict[str, object], stand_in: RunningStandIn
) -> None:
    answer = httpx2.put(f"{stand_in.base}/_control/clients/X1", json=record, trust_env=False)

    assert answer.status_code == 422


def test_a_rotation_publishes_new_certificates_beside_the_old(
    client: MiniClient, sms: SmsSink, stand_in: RunningStandIn
) -> None:
    before = parts_of(client.person_tokens("ivanova", sms)["access_token"])[0]["x5t#St256"]

    number = stand_in.control("POST", "/token-keys/rotate")["number"]

    after = parts_of(client.person_tokens("ivanova", sms)["access_token"])[0]["x5t#St256"]
    assert before != after
    archive = zipfile.ZipFile(io.BytesIO(client.get("/public/esia.zip").content))
    assert {"gost-1.pem", f"gost-{number}.pem", f"rsa-{number}.pem"} <= set(archive.namelist())
    exported = stand_in.folder / "data/public/esia-certs"
    assert (exported / f"esia-gost-{number}.pem").is_file()
    assert (exported / "esia-gost-1.pem").is_file()


def test_clients_may_ask_the_head_of_the_front_page_for_its_date(client: MiniClient) -> None:
    answer = client.http.head(f"{client.base}/")

    assert answer.status_code == 200
    assert "date" in answer.headers


def test_paths_that_esia_does_not_have_answer_404(client: MiniClient) -> None:
    for path in ("/.well-known/openid-configuration", "/aas/oauth2/v3/revoke", "/nothing"):
        assert client.get(path).status_code == 404


def test_a_restart_forgets_nothing_and_a_stop_is_quick(
    tmp_path: Path, keys: Keys, sms: SmsSink
) -> None:
    clients = tmp_path / "clients"
    clients.mkdir()
    (clients / "LKMR01.pem").write_text(keys.pem)
    record = {"certificate": "LKMR01.pem", "redirect_domains": ["cabinet.example"]}
    (clients / "LKMR01.json").write_bytes(orjson.dumps(record))
    running = start_stand_in(
        tmp_path,
        sms.url,
        GOSUSLUGI_CLIENTS_DIR=str(clients),
        GOSUSLUGI_EXPORT_DIR=str(tmp_path / "trusted"),
    )
    try:
        client = MiniClient(running.base, "LKMR01", keys)
        running.control("PATCH", "/people/ivanova", {"email": "changed@demo.example"})
        running.control("PUT", "/switches", {"error_language": "enum"})
        tokens = client.person_tokens("ivanova", sms)
        unused = client.sign_in("ivanova", sms)["code"]

        assert running.stop() < 2
        running.start()

        assert running.control("GET", "/people/ivanova")["email"] == "changed@demo.example"
        assert running.control("GET", "/switches")["error_language"] == "enum"
        again = returned(client.open())
        assert "code" in again
        assert client.tokens(client.exchange(unused)).status_code == 200
        assert code_of(client.tokens(client.exchange(unused))) == "ESIA-007011"
        assert client.data("/rs/prns/1000299001", tokens["access_token"]).status_code == 200
        refresh = client.exchange(
            None, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        new = client.tokens(refresh).json()["access_token"]
        assert parts_of(new)[0] == parts_of(tokens["access_token"])[0]
        assert (tmp_path / "trusted/esia-gost-1.pem").is_file()
        client.http.close()
    finally:
        running.stop()


def test_links_and_redirects_stay_on_the_name_that_the_browser_used(
    client: MiniClient, sms: SmsSink
) -> None:
    given = client.authorization()
    address = client.base.replace("localhost", "127.0.0.1")

    answer = client.http.get(f"{address}/aas/oauth2/v2/ac", params=given)

    location = answer.headers["location"]
    assert location.startswith(f"{address}/login?")
    assert parse_qs(urlsplit(location).query).keys() == {"flow"}
