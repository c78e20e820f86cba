"""Registration in its items, identification online, and the support desk."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import MiniClient, returned
from lxml import html

from lkmr_stand_in_kit.snils import check_digits

pytestmark = pytest.mark.servers
PASSWORD = "Novaya-Sestra-7"
PERSON = {
    "family_name": "Римская-Корсакова",
    "given_name": "Алёна",
    "patronymic": "",
    "gender": "F",
    "birth_date": "1991-04-05",
}


class Newcomer:
    """Somebody who registers; every item may be given other values."""

    def __init__(self, client: MiniClient, sms: SmsSink, stand_in: RunningStandIn) -> None:
        number = uuid4().int % 10**7
        body = f"901{number % 10**6:06d}"
        self.phone, self.snils = f"+7901{number:07d}", body + check_digits(body)
        self.email = f"n{number}@demo.example"
        self.client, self.sms, self.stand_in = client, sms, stand_in
        self.page = client.get("/registration")

    def item(self, **values: str) -> httpx2.Response:
        self.page = self.client.submit(self.page, **values)
        return self.page

    def confirm_phone(self) -> httpx2.Response:
        self.item(phone=self.phone)
        return self.item(code=self.sms.code())

    def until_email(self, **changes: str) -> httpx2.Response:
        self.confirm_phone()
        self.item(**{**PERSON, **changes})
        self.item(series="4510", number="123456", snils=self.snils)
        return self.item(email=self.email, password=PASSWORD, repeat=PASSWORD)

    def link(self) -> str:
        letter = self.stand_in.control("GET", "/mail")[0]
        assert letter["to"] == self.email
        found = re.search(r"http\S+", letter["text"])
        assert found is not None
        return found.group()

    def open_link(self) -> httpx2.Response:
        done = self.client.submit(self.client.http.get(self.link()))
        self.page = self.client.get("/registration")
        return done

    def identify(self, number: int, **values: Any) -> httpx2.Response:
        """Send one of the two forms with its ready-made media, or with files."""
        files = {name: values.pop(name) for name in list(values) if isinstance(values[name], bytes)}
        form = html.fromstring(self.page.text).forms[number]
        fields = {name: value or "" for name, value in form.form_values()} | values
        fields = {name: value for name, value in fields.items() if name not in files}
        parts = {name: (None, value) for name, value in fields.items()}
        parts |= {name: (f"{name}.bin", data) for name, data in files.items()}
        answer = self.client.http.post(f"{self.client.base}{form.action}", files=parts)
        self.page = self.client.follow(answer)
        return self.page

    def account(self) -> dict[str, Any]:
        found = [
            self.stand_in.control("GET", f"/people/{one['login']}")
            for one in self.stand_in.control("GET", "/people")
            if one["login"].startswith("u")
        ]
        return next(one for one in found if one["phone"] == self.phone)


@pytest.fixture
def newcomer(client: MiniClient, sms: SmsSink, stand_in: RunningStandIn) -> Newcomer:
    return Newcomer(client, sms, stand_in)


@pytest.mark.proves("F-095", "F-107", "F-108")
def test_a_registration_runs_through_its_items_without_anybody_s_help(
    newcomer: Newcomer, new_client: Callable[..., MiniClient], sms: SmsSink
) -> None:
    newcomer.until_email()
    newcomer.open_link()
    done = newcomer.identify(0)

    assert "личность подтверждена онлайн" in done.text
    account = newcomer.account()
    assert account["esia_level"] == "confirmed"
    assert account["email"] == newcomer.email
    assert account["patronymic"] is None
    log = next(
        one
        for one in newcomer.stand_in.control("GET", "/registrations")
        if one["oid"] == account["esia_oid"]
    )
    assert [one["step"] for one in log["log"]] == [
        *("phone", "code", "person", "passport", "password", "email", "identity")
    ]
    assert {one["by"] for one in log["log"]} == {"PERSON", "SYSTEM"}
    other = new_client()
    page = other.submit(other.open(), login=newcomer.email, password=PASSWORD)
    page = other.submit(page, code=sms.code())
    assert "code" in returned(other.submit(page))


@pytest.mark.proves("F-097")
@pytest.mark.parametrize("phone", ["", "12", "+1 202 555 0100", "8900123456a", "+7900123456789"])
def test_a_number_that_is_none_is_refused_and_stays_typed(phone: str, newcomer: Newcomer) -> None:
    sent = len(newcomer.sms.messages)

    page = newcomer.item(phone=phone)

    assert page.status_code == 422
    assert html.fromstring(page.text).xpath("//input[@name='phone']/@value") == [phone]
    assert len(newcomer.sms.messages) == sent


@pytest.mark.proves("F-098")
def test_only_the_code_of_the_message_confirms_the_number(newcomer: Newcomer) -> None:
    newcomer.item(phone=newcomer.phone)
    right = newcomer.sms.code()

    wrong = newcomer.item(code=f"{(int(right) + 1) % 10**6:06d}")

    assert "LKMR-REG-001" in wrong.text
    assert "Осталось попыток: 2" in wrong.text
    assert 'name="family_name"' in newcomer.item(code=f" {right[:3]} {right[3:]} ").text


def test_three_wrong_codes_or_five_minutes_need_a_new_one(newcomer: Newcomer) -> None:
    newcomer.item(phone=newcomer.phone)
    first = newcomer.sms.code()
    for _ in range(3):
        newcomer.item(code=f"{(int(first) + 1) % 10**6:06d}")
    assert "LKMR-REG-001" in newcomer.item(code=first).text
    try:
        newcomer.stand_in.control("PUT", "/switches", {"clock_offset_seconds": 61})
        newcomer.page = newcomer.client.submit(newcomer.page, 1)
        second = newcomer.sms.code()
        newcomer.stand_in.control("PUT", "/switches", {"clock_offset_seconds": 61 + 301})
        assert "LKMR-REG-001" in newcomer.item(code=second).text
        newcomer.page = newcomer.client.submit(newcomer.page, 1)
        assert 'name="family_name"' in newcomer.item(code=newcomer.sms.code()).text
    finally:
        newcomer.stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})


@pytest.mark.proves("F-099")
@pytest.mark.parametrize(
    ("status", "change"),
    [
        (200, {"patronymic": ""}),
        (200, {"patronymic": "Ибрагим оглы"}),
        (200, {"family_name": "Петров-Водкин"}),
        (422, {"family_name": "Petrov"}),
        (422, {"family_name": "Петр\u006fв"}),  # the «o» is Latin
        (422, {"family_name": "-Петров"}),
        (422, {"given_name": ""}),
        (422, {"given_name": "Анна1"}),
        (422, {"patronymic": "Ivanovna"}),
    ],
)
def test_names_are_cyrillic_with_hyphens_and_the_patronymic_may_be_empty(
    status: int, change: dict[str, str], newcomer: Newcomer
) -> None:
    newcomer.confirm_phone()

    page = newcomer.item(**{**PERSON, **change})

    assert page.status_code == status
    assert ('name="series"' in page.text) is (status == 200)
    if status != 200:
        (name,) = change
        assert html.fromstring(page.text).xpath(f"//input[@name='{name}']/@aria-invalid")
        assert "1991-04-05" in page.text


@pytest.mark.proves("F-100")
def test_a_birth_date_lies_fourteen_years_back_or_more(newcomer: Newcomer) -> None:
    newcomer.confirm_phone()
    now = newcomer.stand_in.control("GET", "/requests")[-1]["time"]
    year, rest = int(now[:4]), now[4:10]

    for wrong in (f"{year + 1}-01-01", f"{year - 14}-12-31", "soon", "", f"{year - 121}-01-01"):
        page = newcomer.item(**{**PERSON, "birth_date": wrong})
        assert page.status_code == 422, wrong
    rest = "-02-28" if rest == "-02-29" else rest
    assert newcomer.item(**{**PERSON, "birth_date": f"{year - 15}{rest}"}).status_code == 200


@pytest.mark.proves("F-101")
@pytest.mark.parametrize(
    ("series", "number"),
    [
        ("451", "123456"),
        ("45100", "123456"),
        ("45A0", "123456"),
        ("4510", "12345"),
        ("4510", "0000000"),
        ("4510", "000000"),
    ],
)
def test_a_passport_has_four_and_six_digits(series: str, number: str, newcomer: Newcomer) -> None:
    newcomer.confirm_phone()
    newcomer.item(**PERSON)

    wrong = newcomer.item(series=series, number=number, snils=newcomer.snils)
    right = newcomer.item(series="45 10", number="123 456", snils=newcomer.snils)

    assert (wrong.status_code, right.status_code) == (422, 200)
    assert "LKMR-REG-002" in wrong.text


@pytest.mark.proves("F-102")
def test_an_address_is_bound_only_by_its_link(newcomer: Newcomer) -> None:
    newcomer.until_email()
    assert newcomer.account().get("email") is None
    assert newcomer.client.get("/registration").headers["refresh"]
    first = newcomer.link()
    newcomer.page = newcomer.client.submit(newcomer.client.get("/registration"))

    old = newcomer.client.submit(newcomer.client.http.get(first))
    done = newcomer.open_link()
    again = newcomer.client.submit(newcomer.client.http.get(newcomer.link()))

    assert (old.status_code, again.status_code) == (410, 410)
    assert "Адрес подтверждён" in done.text
    assert newcomer.account()["email"] == newcomer.email


def test_a_phone_or_an_address_serves_one_account(
    newcomer: Newcomer, new_client: Callable[..., MiniClient]
) -> None:
    newcomer.until_email()
    newcomer.open_link()
    second = Newcomer(new_client(), newcomer.sms, newcomer.stand_in)
    taken = second.item(phone=newcomer.phone)
    assert (taken.status_code, "LKMR-REG-004" in taken.text) == (409, True)
    second.email = newcomer.email
    assert "LKMR-REG-004" in second.until_email().text


@pytest.mark.parametrize("weak", ["Ab1!567", "abcd123!", "ABCD123!", "Abcdefg!", "Abcd1234"])
def test_a_weak_password_makes_no_account(weak: str, newcomer: Newcomer) -> None:
    newcomer.confirm_phone()
    newcomer.item(**PERSON)
    newcomer.item(series="4510", number="123456", snils=newcomer.snils)

    page = newcomer.item(email=newcomer.email, password=weak, repeat=weak)

    assert page.status_code == 422
    assert "LKMR-REG-003" in page.text
    assert weak not in page.text


@pytest.mark.proves("F-104")
def test_identification_by_video_fails_in_the_dark_and_before_a_photograph(
    newcomer: Newcomer,
) -> None:
    newcomer.until_email()
    newcomer.open_link()

    for bad in ("video-dark", "video-still"):
        page = newcomer.identify(0, sample=bad)
        assert (page.status_code, "LKMR-REG-005" in page.text) == (422, True)
    assert newcomer.account()["esia_level"] == "standard"
    assert newcomer.identify(0, video=b"not a video").status_code == 422
    good = newcomer.client.get("/identity/samples/video.y4m").content
    assert "личность подтверждена онлайн" in newcomer.identify(0, video=good).text
    assert newcomer.account()["esia_level"] == "confirmed"


@pytest.mark.proves("F-105")
def test_identification_by_two_pictures_tells_unreadable_from_foreign(
    newcomer: Newcomer,
) -> None:
    newcomer.until_email()
    newcomer.open_link()

    unreadable = newcomer.identify(1, sample="glare")
    broken = newcomer.identify(1, passport=b"\x89PNG\r\n\x1a\nbroken", selfie=b"x")
    stranger = newcomer.identify(1, sample="stranger")
    assert "LKMR-REG-006" in unreadable.text
    assert "LKMR-REG-006" in broken.text
    assert "LKMR-REG-005" in stranger.text
    pictures = {
        name: newcomer.client.get(f"/identity/samples/{name}.png").content
        for name in ("passport", "selfie")
    }
    assert "личность подтверждена онлайн" in newcomer.identify(1, **pictures).text


def test_media_of_the_identification_are_stored_nowhere(newcomer: Newcomer) -> None:
    newcomer.until_email()
    newcomer.open_link()
    video = newcomer.client.get("/identity/samples/video.y4m").content
    newcomer.identify(0, video=video)

    face = video[len(video) // 2 : len(video) // 2 + 64]
    files = [one for one in Path(newcomer.stand_in.folder).rglob("*") if one.is_file()]
    assert files
    assert not [one.name for one in files if face in one.read_bytes()]
    sent = newcomer.stand_in.control("GET", "/requests?path=/identity")[-1]
    assert sent["body"] == ""


def test_an_unconfirmed_account_confirms_itself_from_its_profile(
    client: MiniClient,
    new_person: Callable[..., str],
    sms: SmsSink,
    stand_in: RunningStandIn,
) -> None:
    login = new_person(esia_level="standard")
    client.sign_in(login, sms)
    assert "/identity" in client.get("/profile").text
    person = Newcomer(client, sms, stand_in)
    person.page = client.get("/identity")

    assert "учётная запись подтверждённая" in person.identify(1).text
    assert stand_in.control("GET", f"/people/{login}")["esia_level"] == "confirmed"


def test_the_registration_belongs_to_its_browser_and_may_begin_anew(
    newcomer: Newcomer, new_client: Callable[..., MiniClient]
) -> None:
    newcomer.confirm_phone()
    stranger = new_client()

    assert 'name="phone"' in stranger.get("/registration").text
    assert 'name="family_name"' in newcomer.client.get("/registration").text
    assert 'name="phone"' in newcomer.client.submit(newcomer.client.get("/registration"), 1).text


def test_the_support_desk_opens_a_closed_account_after_a_code(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    login, page = new_person(), client.open()
    for _ in range(5):
        closed = client.submit(page, login=login, password="Wrong-Wrong-1!")
    assert closed.status_code == 423
    asked = client.submit(client.get("/support"), login=login)

    assert client.submit(asked, code="000000").status_code == 400
    assert "Учётная запись открыта" in client.submit(asked, code=sms.code()).text
    assert 'name="code"' in client.submit(page, login=login, password="Kabinet-2026!").text
