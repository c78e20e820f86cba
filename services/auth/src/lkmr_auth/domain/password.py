"""The password of the cabinet (пароль кабинета): a proof beside a code, no daily login."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_auth.domain.errors import PasswordWeak
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.errors import FieldFault
from lkmr_servicekit.personal import Personal

MIN_LENGTH, MAX_LENGTH = 8, 128
_CLASSES = (
    (re.compile(r"[A-ZА-ЯЁ]"), "UPPER_MISSING", "Нужна хотя бы одна заглавная буква."),
    (re.compile(r"[a-zа-яё]"), "LOWER_MISSING", "Нужна хотя бы одна строчная буква."),
    (re.compile(r"[0-9]"), "DIGIT_MISSING", "Нужна хотя бы одна цифра."),
    (re.compile(r"[^A-Za-zА-ЯЁа-яё0-9\s]"), "SIGN_MISSING", "Нужен хотя бы один специальный знак."),
)
# Passwords that pass the classes and still stand on top of every list of leaked ones.
_LEAKED = frozenset(
    [
        "password1!",
        "p@ssw0rd",
        "p@ssword1",
        "passw0rd!",
        "password123!",
        "password@123",
        "password@1",
        "qwerty123!",
        "qwerty1!",
        "qwerty@123",
        "admin123!",
        "admin@123",
        "welcome1!",
        "welcome@123",
        "abcd1234!",
        "abc@1234",
        "aa123456!",
        "a123456!",
        "zxcvbn1!",
        "1qaz@wsx",
        "1qaz!qaz",
        "!qaz2wsx",
        "q1w2e3r4!",
        "letmein1!",
        "changeme1!",
        "iloveyou1!",
        "monkey123!",
        "dragon123!",
        "test1234!",
        "test@123",
        "user@123",
        "root@123",
        "secret123!",
        "doctor123!",
        "summer2026!",
        "winter2026!",
        "moscow2026!",
        "пароль123!",
        "пароль1!",
        "йцукен123!",
        "привет123!",
        "россия2026!",
        "доктор123!",
    ]
)

FREE_TRIES = 5
MAX_WAIT_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CabinetPassword:
    """What is stored of a password. `tries` counts attempts since the last right one."""

    person_id: PersonId
    password_hash: str
    tries: int
    wait_time: datetime | None
    set_time: datetime


def wait_after(tries: int) -> timedelta:
    """How long nothing is looked at after so many attempts: from the fifth on 1, 2, 4 … 60 min."""
    if tries < FREE_TRIES:
        return timedelta(0)
    return timedelta(minutes=min(2 ** min(tries - FREE_TRIES, 6), MAX_WAIT_MINUTES))


def require_strong(password: Personal[str], field: str = "password") -> None:
    """Raises PasswordWeak naming every rule that is broken.

    At least eight signs with capital and small letters, digits and other signs (description of the
    product, rules for passwords); no known leaked password (NIST SP 800-63B, 5.1.1.2). A space
    counts for the length; nothing is cut.
    """
    text = password.open()
    faults = []
    if len(text) < MIN_LENGTH:
        faults.append(FieldFault(field, "TOO_SHORT", f"Не короче {MIN_LENGTH} знаков."))
    if len(text) > MAX_LENGTH:
        faults.append(FieldFault(field, "TOO_LONG", f"Не длиннее {MAX_LENGTH} знаков."))
    faults += [
        FieldFault(field, code, words) for form, code, words in _CLASSES if not form.search(text)
    ]
    if text.casefold() in _LEAKED:
        faults.append(FieldFault(field, "LEAKED", "Этот пароль есть в списках украденных."))
    if faults:
        raise PasswordWeak(faults)
