"""What people are told: reminders, announcements, their own choice, the browser."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from ..support.visitor import Visitor
from .steps import sign_in

pytestmark = pytest.mark.journey


def until(check: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def message_of(reader: Visitor, title: str) -> dict[str, Any] | None:
    items = reader.api("messages?page_size=200")["items"]
    return next((one for one in items if title in one["title"]), None)


def announce(operator: Visitor, **fields: Any) -> str:
    made = operator.post("admin/notifications/announcements", fields)
    assert made.status_code == 202, made.text
    return str(made.json()["id"])


@pytest.mark.proves("F-259", "F-260", "F-261")
def test_a_change_of_rules_reaches_its_audience_with_its_day_and_stays_on_a_page(
    visitor: Callable[..., Visitor],
) -> None:
    operator, doctor, head = visitor(), visitor(), visitor()
    operator.sign_in("volkov")
    doctor.sign_in("ivanova")
    head.sign_in("orlova")
    day = (datetime.now(UTC) + timedelta(days=60)).date()
    common = {"text": "Проверьте, что касается вас.", "roles": ["DOCTOR"]}

    law = announce(
        operator,
        kind="LAW_CHANGE",
        title="Меняется порядок аккредитации",
        effective_date=day.isoformat(),
        source="приказ от 20.01.2026 № 34н",
        **common,
    )
    announce(
        operator,
        kind="SIGN_IN_CHANGE",
        title="Меняется вход",
        effective_date=day.isoformat(),
        **common,
    )
    announce(operator, kind="DOCUMENTATION", title="Новый отчёт", document_version="2.1", **common)

    told = until(lambda: message_of(doctor, "Меняется порядок аккредитации"))
    assert f"{day:%d.%m.%Y}" in told["text"]
    assert told["group"] == "NEWS"
    assert until(lambda: message_of(doctor, "Меняется вход"))
    assert "2.1" in until(lambda: message_of(doctor, "Новый отчёт"))["text"]
    assert message_of(head, "Меняется порядок аккредитации") is None
    cards = {one["title"]: one for one in doctor.api("announcements")["items"]}
    assert cards["Меняется порядок аккредитации"]["effective_date"] == day.isoformat()
    assert cards["Новый отчёт"]["document_version"] == "2.1"
    assert "приказ от" in doctor.open("/announcements").text.replace("\xa0", " ")
    progress = until(
        lambda: (
            found
            if (found := operator.api(f"admin/notifications/announcements/{law}"))["state"]
            == "DONE"
            else None
        )
    )
    assert progress["messages"] >= 1


def test_only_operators_announce_and_others_learn_that_the_section_is_closed(
    visitor: Callable[..., Visitor],
) -> None:
    doctor = visitor()
    doctor.sign_in("ivanova")
    fields = {"kind": "SERVICE", "title": "Новость", "text": "Текст"}

    refused = doctor.post("admin/notifications/announcements", fields)

    assert refused.status_code == 403
    assert doctor.request("GET", "/api/v1/admin/notifications/deliveries").status_code == 403


@pytest.mark.proves("F-122")
def test_channels_are_saved_and_obeyed(visitor: Callable[..., Visitor]) -> None:
    operator, reader = visitor(), visitor()
    operator.sign_in("volkov")
    reader.sign_in("pavlova")
    off = {"group": "NEWS", "channels": [{"channel": "EMAIL", "enabled": False}]}
    on = {"group": "NEWS", "channels": [{"channel": "EMAIL", "enabled": True}]}
    quiet = {"quiet_from": "00:00", "quiet_until": "00:00"}

    def letters() -> int:
        sent = reader.messages("pavlova@demo.example")
        return sum("Новости кабинета" in one["subject"] for one in sent)

    def news(title: str) -> dict[str, Any]:
        announce(operator, kind="SERVICE", title=title, text="Текст.", roles=["EDU_COORD"])
        found: dict[str, Any] = until(lambda: message_of(reader, title))
        return found

    assert reader.post("notification-preferences", {**quiet, "items": [on]}).status_code == 200
    news("Первая новость")
    until(lambda: letters() == 1)
    assert reader.post("notification-preferences", {"items": [off]}).status_code == 200
    saved = reader.api("notification-preferences")
    cells = {one["group"]: one["channels"] for one in saved["items"]}
    assert {one["channel"]: one["enabled"] for one in cells["NEWS"]}["EMAIL"] is False
    assert news("Вторая новость")["deliveries"] == []
    assert letters() == 1
    page = reader.open("/notification-preferences").text
    assert "Настройка уведомлений" in page.replace("\xa0", " ")


def test_a_link_in_a_letter_stops_the_next_ones_without_a_sign_in(
    visitor: Callable[..., Visitor],
) -> None:
    operator, reader, stranger = visitor(), visitor(), visitor()
    operator.sign_in("volkov")
    reader.sign_in("smirnova")
    quiet = {"quiet_from": "00:00", "quiet_until": "00:00"}
    reader.post("notification-preferences", quiet)
    announce(operator, kind="SERVICE", title="До отказа", text="Текст.", roles=["HR"])

    def letter() -> str:
        for one in reader.messages("smirnova@demo.example"):
            found = re.search(r"/unsubscribe/[\w-]+", one["text"])
            if found and "Новости" in one["subject"]:
                return found.group()
        return ""

    link = until(letter)
    once = stranger.request("POST", link, data={"List-Unsubscribe": "One-Click"})
    assert once.status_code == 200
    announce(operator, kind="SERVICE", title="После отказа", text="Текст.", roles=["HR"])

    assert until(lambda: message_of(reader, "После отказа"))["deliveries"] == []
    wrong = stranger.request("GET", f"{link[:-3]}AAA")
    assert wrong.status_code == 404


def test_a_browser_that_was_subscribed_is_told_so_that_only_it_can_read(
    visitor: Callable[..., Visitor], suite: Any
) -> None:
    operator, reader = visitor(), visitor()
    operator.sign_in("volkov")
    reader.sign_in("belova")
    base = suite.url("mailbox")
    browser = httpx2.post(f"{base}/push-subscriptions", timeout=10).json()
    reader.post("notification-preferences", {"quiet_from": "00:00", "quiet_until": "00:00"})

    assert reader.post("push-subscriptions", browser).status_code == 204
    elsewhere = {**browser, "endpoint": "https://attacker.example/push/x"}
    assert reader.post("push-subscriptions", elsewhere).status_code == 422
    announce(operator, kind="SERVICE", title="Тайный заголовок", text="Текст.", roles=["STAT"])

    name = browser["endpoint"].rpartition("/")[2]
    (told,) = until(lambda: reader.messages(name))
    assert told["channel"] == "PUSH"
    assert told["subject"].replace("\xa0", " ") == "Новости кабинета"
    assert "Тайный" not in told["subject"] + told["text"]


@pytest.mark.proves("F-252")
def test_administrators_hear_of_an_incident_within_a_minute_though_their_mail_is_refused(
    visitor: Callable[..., Visitor],
) -> None:
    administrator, nurse = visitor(), visitor()
    administrator.sign_in("volkov")
    nurse.sign_in("sidorova")
    known = {one["id"] for one in incidents(administrator)}
    refusal = {"system": "smtp", "refuse": "550 5.1.1 No such mailbox"}
    administrator.control("mailbox", "PUT", "manners", refusal)
    begin = time.monotonic()
    try:
        for _ in range(30):
            nurse.request("GET", "/api/v1/admin/people")

        def by_another_channel() -> dict[str, Any] | None:
            for one in incidents(administrator):
                states = {d["channel"]: d["state"] for d in one["deliveries"]}
                if one["id"] not in known and states.get("SMS") == "DELIVERED":
                    return one
            return None

        told = until(by_another_channel, seconds=60)
    finally:
        administrator.control("mailbox", "PUT", "manners", {"system": "smtp"})

    assert time.monotonic() - begin < 60
    states = {one["channel"]: (one["state"], one["reason"]) for one in told["deliveries"]}
    assert states["EMAIL"] == ("PERMANENT_FAILURE", "ADDRESS_REFUSED_550")
    (sms, *_) = administrator.messages(administrator._phone_of("volkov"))
    assert "Сидоров" not in sms["text"]
    page = administrator.open(f"/messages/{told['id']}").text.replace("\xa0", " ")
    assert "Письмо не доставлено" in page
    assert "SMS доставлено" in page
    failed = administrator.open("/admin/deliveries?state=PERMANENT_FAILURE&channel=EMAIL").text
    assert "ADDRESS_REFUSED_550" in failed


def test_the_link_of_a_letter_opens_its_message_after_the_sign_in(
    visitor: Callable[..., Visitor],
) -> None:
    operator, reader = visitor(), visitor()
    operator.sign_in("volkov")
    visitor().sign_in("nikitina")  # elsewhere; this browser knows nobody
    title = "Письмо со ссылкой"
    announce(operator, kind="SERVICE", title=title, text="Текст.", roles=["AUDITOR"], urgent=True)

    def opens() -> bool:
        """Whether a letter leads to the message: the newest one may be about another."""
        for letter in reader.messages("nikitina@demo.example")[:5]:
            for path in re.findall(r"/messages/[\w-]+", letter["text"]):
                page = reader.open(path)
                ways = re.findall(r'/auth/login\?return_to=([^"&]+)', page.text)
                if ways:
                    reader.sign_in("nikitina", return_to=ways[0])
                if title in reader.last.text.replace("\xa0", " "):
                    return True
        return False

    until(opens, seconds=60)
    assert urlsplit(reader.at).path.startswith("/messages/")


def test_a_letter_that_comes_back_is_shown_as_not_delivered(
    visitor: Callable[..., Visitor],
) -> None:
    reader, operator = visitor(), visitor()
    reader.sign_in("nikitina")
    operator.sign_in("volkov")
    title = "Письмо, которое вернётся"
    announce(operator, kind="SERVICE", title=title, text="Текст.", roles=["AUDITOR"], urgent=True)

    def letter() -> dict[str, Any] | None:
        told = message_of(reader, title)
        return (
            next((d for d in told["deliveries"] if d["channel"] == "EMAIL"), None) if told else None
        )

    until(lambda: (letter() or {}).get("state") == "DELIVERED", seconds=60)
    reader.control("mailbox", "POST", "bounces", {"to": "nikitina@demo.example", "status": "5.2.2"})

    until(lambda: (letter() or {}).get("state") == "PERMANENT_FAILURE", seconds=60)
    assert (letter() or {})["reason"] == "BOUNCED_5_2_2"


def incidents(administrator: Visitor) -> list[dict[str, Any]]:
    found = administrator.api("messages?group=SECURITY&page_size=200")["items"]
    return [one for one in found if one["kind"] == "INCIDENT_DETECTED"]


@pytest.mark.browser
def test_the_page_of_the_preferences_keeps_what_was_chosen(
    page: Any, visitor: Callable[..., Visitor]
) -> None:
    sign_in(page, visitor(), "fedorov")

    page.goto("/messages")
    page.get_by_role("link", name="Настроить уведомления").click()
    page.locator("[name='NEWS.EMAIL']").uncheck()
    page.get_by_label("Часовой пояс").select_option("Asia/Kamchatka")
    page.get_by_label("Не писать").check()
    page.get_by_role("button", name="Сохранить").click()

    page.get_by_text("Настройки сохранены").wait_for()
    assert not page.locator("[name='NEWS.EMAIL']").is_checked()
    assert page.get_by_label("Часовой пояс").input_value() == "Asia/Kamchatka"
    assert page.get_by_label("Не писать").is_checked()
