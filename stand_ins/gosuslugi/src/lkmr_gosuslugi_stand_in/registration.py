"""Registration of a new account: six items, one after another, each checked by itself."""

import re
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from lkmr_gosuslugi_stand_in.flows import CODE_DIGITS
from lkmr_gosuslugi_stand_in.passwords import missing_classes
from lkmr_gosuslugi_stand_in.world import World, fingerprint
from lkmr_stand_in_kit.people import Person
from lkmr_stand_in_kit.snils import is_snils, normalise_snils

_KIND, _LINK = "registration", "email-link"
_LIFE, _LINK_LIFE = timedelta(hours=2), timedelta(hours=24)
MIN_YEARS, _MAX_YEARS = 14, 120
_NAME = re.compile(r"[А-ЯЁа-яё]+(?:[ '’-][А-ЯЁа-яё]+)*")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,48}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PASSPORT_SERIES, _PASSPORT_NUMBER = re.compile(r"[0-9]{4}"), re.compile(r"[0-9]{6}")

Step = Literal["phone", "code", "person", "passport", "password", "email", "identity", "done"]
STEPS: tuple[Step, ...] = (
    "phone",
    "code",
    "person",
    "passport",
    "password",
    "email",
    "identity",
    "done",
)
By = Literal["PERSON", "SYSTEM"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One registration in one browser. `log` says who did what: the person, or the portal."""

    id: str
    started: str
    step: Step = "phone"
    phone: str = ""
    code_mac: str = ""
    code_sent: str = ""
    code_left: int = 0
    values: dict[str, str] = field(default_factory=dict)
    email: str = ""
    oid: int = 0
    log: list[dict[str, str]] = field(default_factory=list)


class Faults(ValueError):
    """Fields that do not fit, each with a sentence that says what to write."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def of_browser(world: World, browser: str) -> Registration:
    """The registration of this browser, a new one when it has none."""
    key = world.mac("registration", browser)
    known = world.store.find(_KIND, key)
    if known is not None:
        found = Registration(**known)
        if world.now() - datetime.fromisoformat(found.started) <= _LIFE:
            return found
    return Registration(id=key, started=world.now().isoformat())


def to_step(world: World, one: Registration, step: Step, by: By, **changes: Any) -> Registration:
    """Go on, and note who moved it."""
    entry = {"time": world.now().isoformat(timespec="seconds"), "step": one.step, "by": by}
    moved = replace(one, step=step, log=[*one.log, entry], **changes)
    world.store.put(_KIND, moved.id, asdict(moved))
    return moved


def restart(world: World, one: Registration) -> None:
    """Forget what was typed; an account that was already made stays."""
    world.store.delete(_KIND, one.id)


def forget_late(world: World) -> int:
    """Drop registrations that were given up; gives how many."""
    border = world.now() - _LIFE
    found = world.store.documents(_KIND)
    late = [key for key, one in found if datetime.fromisoformat(one["started"]) < border]
    return sum(world.store.delete(_KIND, key) for key in late)


def logs(world: World) -> list[dict[str, Any]]:
    """Who moved each registration from step to step."""
    found = [Registration(**one) for _, one in world.store.documents(_KIND)]
    return [{"oid": one.oid, "step": one.step, "log": one.log} for one in found]


def new_code(world: World, one: Registration, phone: str) -> tuple[Registration, str]:
    """A code for a phone; it replaces the one before."""
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    changed = to_step(
        world,
        one,
        "code",
        "PERSON",
        phone=phone,
        code_mac=world.mac("registration-code", f"{one.id}:{digits}"),
        code_sent=world.now().isoformat(),
        code_left=world.switches.sms_attempts,
    )
    return changed, digits


def seconds_to_resend(world: World, one: Registration) -> int:
    """How long to wait before a new code may be asked for."""
    if not one.code_sent:
        return 0
    wait = timedelta(seconds=world.switches.sms_resend_seconds)
    left = datetime.fromisoformat(one.code_sent) + wait - world.now()
    return max(0, -int(-left.total_seconds() // 1))


def try_code(world: World, one: Registration, digits: str) -> Registration | None:
    """Compare a code; None when it does not fit, is old, or was tried too often."""
    life = timedelta(seconds=world.switches.sms_ttl_seconds)
    late = world.now() > datetime.fromisoformat(one.code_sent) + life
    if one.code_left <= 0 or late:
        return None
    left = replace(one, code_left=one.code_left - 1)
    world.store.put(_KIND, one.id, asdict(left))
    mac = world.mac("registration-code", f"{one.id}:{digits}")
    if not secrets.compare_digest(mac, one.code_mac):
        return None
    return to_step(world, left, "person", "PERSON", code_mac="", code_left=0)


def person_values(form: dict[str, str], today: date) -> dict[str, str]:
    """Names, gender and birth date. Raises Faults."""
    values = {
        name: " ".join(form.get(name, "").split())
        for name in ("family_name", "given_name", "patronymic")
    }
    faults: dict[str, str] = {}
    for name, value in values.items():
        if not value and name != "patronymic":
            faults[name] = "Заполните это поле."
        elif value and not (_NAME.fullmatch(value) and len(value) <= 60):  # noqa: PLR2004 - as in passports
            faults[name] = "Пишите русскими буквами, можно с дефисом."
    values["gender"] = form.get("gender", "")
    if values["gender"] not in {"F", "M"}:
        faults["gender"] = "Выберите пол."
    values["birth_date"] = form.get("birth_date", "").strip()
    if text := _birth_date_fault(values["birth_date"], today):
        faults["birth_date"] = text
    if faults:
        raise Faults(faults)
    return values


def _birth_date_fault(text: str, today: date) -> str:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return "Укажите дату, например 12.03.1984."
    if born > today:
        return "Дата рождения не может быть в будущем."
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < MIN_YEARS:
        return "Регистрация открыта с 14 лет."
    return "Проверьте год рождения." if years > _MAX_YEARS else ""


def passport_values(form: dict[str, str]) -> dict[str, str]:
    """Series and number of the passport, and SNILS. Raises Faults."""
    series, number = (re.sub(r"\s", "", form.get(name, "")) for name in ("series", "number"))
    faults: dict[str, str] = {}
    if not _PASSPORT_SERIES.fullmatch(series):
        faults["series"] = "Серия паспорта — 4 цифры."
    if not _PASSPORT_NUMBER.fullmatch(number) or not number.strip("0"):
        faults["number"] = "Номер паспорта — 6 цифр."
    snils = form.get("snils", "").strip()
    if not is_snils(snils):
        faults["snils"] = "Проверьте СНИЛС: 11 цифр, две последние — контрольные."
    if faults:
        raise Faults(faults)
    return {"series": series, "number": number, "snils": normalise_snils(snils)}


def email_and_password(form: dict[str, str]) -> tuple[str, str]:
    """Address and password, typed twice. Raises Faults."""
    email, password = form.get("email", "").strip(), form.get("password", "")
    faults: dict[str, str] = {}
    if not _EMAIL.fullmatch(email):
        faults["email"] = "Укажите адрес, например name@example.ru."
    if lacks := missing_classes(password):
        faults["password"] = f"Паролю не хватает: {', '.join(lacks)}."
    elif form.get("repeat", "") != password:
        faults["repeat"] = "Пароли не совпали."
    if faults:
        raise Faults(faults)
    return email, password


def make_account(world: World, one: Registration, password: str) -> Person:
    """The account: standard, since the passport was checked; without an address so far."""
    values = dict(one.values)
    passport = {name: values.pop(name) for name in ("series", "number")}
    values["patronymic"] = values["patronymic"] or None  # type: ignore[assignment] # absent
    fields = {**values, "phone": one.phone, "password": password, "esia_level": "standard"}
    return world.accounts.add(fields, passport)


def new_link(world: World, one: Registration) -> str:
    """The secret of a confirmation link; the one before stops working."""
    for key, known in world.store.documents(_LINK):
        if known["oid"] == one.oid:
            world.store.delete(_LINK, key)
    token = secrets.token_urlsafe(24)
    end = (world.now() + _LINK_LIFE).isoformat()
    value = {"oid": one.oid, "email": one.email, "registration": one.id, "end": end}
    world.store.put(_LINK, fingerprint(token), value)
    return token


def take_link(world: World, token: str) -> bool:
    """Bind the address of a link to its account and let the registration go on."""
    key = fingerprint(token)
    known = world.store.find(_LINK, key)
    if known is None or datetime.fromisoformat(known["end"]) <= world.now():
        return False
    person = world.accounts.by_oid(known["oid"])
    taken = world.accounts.find(known["email"])
    if person is None or (taken is not None and taken.login != person.login):
        return False
    world.store.delete(_LINK, key)
    world.accounts.change(person.login, {"email": known["email"]})
    waiting = world.store.find(_KIND, known["registration"])
    if waiting is not None and waiting["step"] == "email":
        to_step(world, Registration(**waiting), "identity", "PERSON")
    return True
