from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from lkmr_mailbox_stand_in.messages import Messages, address_key, letter_of
from lkmr_mailbox_stand_in.push import push_text
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.store import Store


def letter(subject: str, text: str, html: str | None = None) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["To"], message["Subject"] = "ivanova@demo.example", subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_a_letter_is_decoded_and_its_plain_part_is_preferred() -> None:
    read = letter_of(
        letter("Срок аккредитации истекает", "Осталось 30 дней.\n\nЛинк", "<p>нет</p>")
    )
    assert read.subject == "Срок аккредитации истекает"
    assert read.text == "Осталось 30 дней.\n\nЛинк"


def test_a_letter_in_another_encoding_is_read() -> None:
    content = (
        b"Subject: =?koi8-r?B?8NLJ18XU?=\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n"
        + "Код 123456".encode("koi8-r")
    )
    read = letter_of(content)
    assert (read.subject, read.text) == ("Привет", "Код 123456")


def test_html_alone_is_stripped() -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content(
        "<style>p{}</style><p>Код&nbsp;<b>12</b></p>\n<p>и &lt;</p>", subtype="html"
    )
    assert letter_of(message.as_bytes()).text == "Код 12\nи <"


def test_a_letter_without_subject_and_text_is_kept() -> None:
    read = letter_of(b"From: a@b\r\n\r\n")
    assert (read.subject, read.text) == ("", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+79000000001", "+7 (900) 000-00-01"),
        ("79000000001", "+79000000001"),
        ("Ivanova@Demo.example", "ivanova@demo.example "),
    ],
)
def test_two_spellings_are_one_recipient(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


def test_subscriptions_stay_apart() -> None:
    assert len({address_key(one) for one in ("a-1", "a1", "1-2", "12")}) == 4


def test_newest_first_and_only_of_the_recipient(tmp_path: Path) -> None:
    clock = FakeClock()
    with Store(tmp_path / "mailbox.db") as store:
        messages = Messages(store, clock)
        messages.add("SMS", "+79000000001", subject="", text="один")
        clock.move(seconds=1)
        messages.add("EMAIL", "a@demo.example", subject="С", text="два")
        messages.add("SMS", "+79000000001", subject="", text="три")
        assert [one["text"] for one in messages.newest("+7 900 000-00-01")] == ["три", "один"]
        assert messages.newest()[1] == {
            "channel": "EMAIL",
            "to": "a@demo.example",
            "subject": "С",
            "text": "два",
            "time": "2026-11-23T11:32:01Z",
        }


def test_a_repeat_is_kept_once(tmp_path: Path) -> None:
    with Store(tmp_path / "mailbox.db") as store:
        messages = Messages(store, FakeClock())
        numbers = {
            messages.add_once("key", "SMS", "+79000000001", subject="", text="x") for _ in range(2)
        }
        assert len(numbers) == len(messages.newest()) == 1


def test_what_a_push_says() -> None:
    assert push_text('{"title": "Т", "body": "Б"}'.encode(), "") == ("Т", "Б")
    assert push_text("просто".encode(), "") == ("", "просто")
    assert push_text(b"[1]", "") == ("", "[1]")
    assert push_text(b"\x00" * 40, "aes128gcm") == ("", "(aes128gcm, 40 B)")
