"""Documents about finished studies, their checks, and confirmations of hours."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.draft import MAX_HOURS, Faults
from lkmr_education.domain.errors import CertificateInvalid, ConfirmationInvalid


class Type(StrEnum):
    """What the paper is called."""

    CPD_CERTIFICATE = "CPD_CERTIFICATE"
    RETRAINING_DIPLOMA = "RETRAINING_DIPLOMA"
    PARTICIPANT = "PARTICIPANT"
    CREDIT_CERTIFICATE = "CREDIT_CERTIFICATE"


REGISTERED = frozenset({Type.CPD_CERTIFICATE, Type.RETRAINING_DIPLOMA})
"""Papers that ФИС ФРДО keeps."""
TYPE_WORDS = {
    Type.CPD_CERTIFICATE: "Удостоверение о повышении квалификации",
    Type.RETRAINING_DIPLOMA: "Диплом о переподготовке",
    Type.PARTICIPANT: "Сертификат участника",
    Type.CREDIT_CERTIFICATE: "Свидетельство НМО",
}


class Check(StrEnum):
    """What the register of education documents said (ФИС ФРДО)."""

    NOT_CHECKED = "NOT_CHECKED"
    WAITING = "WAITING"
    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    MISMATCH = "MISMATCH"
    ANNULLED = "ANNULLED"
    SOURCE_DOWN = "SOURCE_DOWN"


CHECK_WORDS = {
    Check.NOT_CHECKED: "Ещё не проверен",
    Check.WAITING: "Ждём внесения в ФИС ФРДО",
    Check.FOUND: "Найден в ФИС ФРДО",
    Check.NOT_FOUND: "Не найден в ФИС ФРДО",
    Check.MISMATCH: "Сведения расходятся с ФИС ФРДО",
    Check.ANNULLED: "Аннулирован в ФИС ФРДО",
    Check.SOURCE_DOWN: "ФИС ФРДО не отвечает",
}
DECIDED = frozenset({Check.FOUND, Check.MISMATCH, Check.ANNULLED})
"""Answers after which the schedule ends."""
CHECK_DAYS = (0, 7, 14, 30, 45, 60)
"""Days after the document came in on which the register is asked (решение проекта)."""


ASK_EACH = timedelta(hours=1)
"""How often a person may have the register asked about a document (решение проекта)."""


class Scan(StrEnum):
    """What a scanner for malware said of a file; NOT_SCANNED is never shown as safe."""

    NOT_SCANNED = "NOT_SCANNED"
    NOTHING_FOUND = "NOTHING_FOUND"


_OPEN = frozenset({Check.WAITING, Check.NOT_FOUND, Check.SOURCE_DOWN})


class Method(StrEnum):
    """On what a confirmation rests."""

    IKP = "IKP"
    PORTAL_AUTO = "PORTAL_AUTO"
    FRDO = "FRDO"
    MANUAL_HR = "MANUAL_HR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A document about one activity (удостоверение о ПК, диплом, сертификат).

    `refused`: its worker does not let the register be asked (согласие на сверку обучения).
    """

    id: str
    worker: str
    activity: str
    type: Type
    issuer: str
    series: str
    number: str
    issue_date: date
    create_time: datetime
    hours: int | None = None
    origin: str = "WORKER"
    check: Check = Check.NOT_CHECKED
    check_fields: tuple[str, ...] = ()
    check_time: datetime | None = None
    portal_file: str = ""
    file: str = ""
    scan: Scan = Scan.NOT_SCANNED
    refused: bool = False

    @property
    def in_register(self) -> bool:
        """Whether ФИС ФРДО would know it: certificates of events are none of its matters."""
        return self.type in REGISTERED

    @property
    def waits(self) -> bool:
        """Whether its issuer has not entered it into the register yet, as far as is known."""
        return self.in_register and self.check in _OPEN

    @property
    def entry_date(self) -> date:
        """By when its issuer must enter it. Source: term of entry by ПП 825."""
        return self.issue_date + timedelta(days=CHECK_DAYS[-1])

    @property
    def identity(self) -> str:
        """What makes two documents one: issuer and number, but for spelling (F-061)."""
        return identity_of(self.issuer, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The ground on which hours of an activity count: who or what said so, and when."""

    activity: str
    worker: str
    method: Method
    units: int
    confirm_time: datetime
    certificate: str = ""
    confirmed_by: str = ""
    reason: str = ""


_NOISE = re.compile(r"[^0-9a-zа-я]+")
_FORMS = re.compile(
    r"\b(фгбоу|фгаоу|фгбу|гбоу|гауз|гбуз|ано|чоу|ооо|ао|нии|во|дпо|высшего|дополнительного"
    r"|профессионального|образования)\b"
)


def identity_of(issuer: str, number: str) -> str:
    """What makes two documents one: issuer and number, but for spelling (F-061)."""
    return f"{issuer_key(issuer)}|{number_key(number)}"


def issuer_key(name: str) -> str:
    """A name of an issuer without legal form, quotes, spaces."""
    plain = name.casefold().replace("ё", "е")
    return _NOISE.sub("", _FORMS.sub(" ", plain)) or _NOISE.sub("", plain)


def number_key(number: str) -> str:
    """A registration number without spaces, dashes and case."""
    return _NOISE.sub("", number.casefold().replace("ё", "е"))


def next_ask_time(certificate: Certificate) -> datetime | None:
    """From when a person may have the register asked; None: at once, it never answered."""
    return certificate.check_time + ASK_EACH if certificate.check_time else None


def next_check_time(
    certificate: Certificate, *, now: datetime, before: Check = Check.NOT_CHECKED
) -> datetime | None:
    """When the register is to be asked next; None once the answer is final or the days are over.

    `WAITING` and `NOT_FOUND` are asked again until the last day. A register that cannot be asked
    is tried again a minute later, and if that was so `before` too, every quarter of an hour.
    Source: schedule of the project, term of entry by ПП 825.
    """
    if certificate.check in DECIDED:
        return None
    if not certificate.in_register:
        return None
    if certificate.check is Check.SOURCE_DOWN:
        return now + timedelta(minutes=15 if before is Check.SOURCE_DOWN else 1)
    for days in CHECK_DAYS:
        moment = certificate.create_time + timedelta(days=days)
        asked = certificate.check_time is not None and certificate.check_time >= moment
        if not asked:
            return max(moment, now)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCertificate:
    """Fields of a document as they were typed."""

    type: str = ""
    series: str = ""
    number: str = ""
    issue_date: str = ""
    issuer: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDraft:
    """Fields of a document that can be taken."""

    type: Type
    series: str
    number: str
    issue_date: date
    issuer: str
    hours: int | None


def certificate_of(
    typed: TypedCertificate, *, kind: Kind, organizer: str, ended_on: date, today: date
) -> CertificateDraft:
    """Check the fields of a document. Raises CertificateInvalid naming each that does not fit."""
    faults = Faults()
    wanted = typed.type.strip().upper()
    if wanted and wanted not in Type.__members__:
        faults.add("type", "UNKNOWN", "Такого вида документа нет.")
    number = faults.text("number", typed.number, "Укажите регистрационный номер.")
    if number and not number_key(number):
        faults.add("number", "INVALID", "В номере нет ни цифр, ни букв.")
    issue = faults.day("issue_date", typed.issue_date, "Укажите дату выдачи.", today)
    if issue and issue > today:
        faults.add("issue_date", "IN_FUTURE", "Документ не может быть выдан в будущем.")
    elif issue and issue < ended_on:
        faults.add("issue_date", "BEFORE_END", "Документ выдают после окончания обучения.")
    issuer = faults.text("issuer", typed.issuer, "") or organizer
    series = faults.text("series", typed.series, "")
    hours = faults.number("hours", typed.hours, 1, MAX_HOURS)
    if faults.found or issue is None:
        raise CertificateInvalid(faults.found)
    return CertificateDraft(
        type=Type(wanted) if wanted else usual_type(kind),
        series=series,
        number=number,
        issue_date=issue,
        issuer=issuer,
        hours=hours,
    )


def usual_type(kind: Kind) -> Type:
    """The paper that an activity of a kind ends with."""
    if kind is Kind.RETRAINING:
        return Type.RETRAINING_DIPLOMA
    return Type.CPD_CERTIFICATE if kind.is_programme else Type.PARTICIPANT


def reason_of(text: str) -> str:
    """The reason of a confirmation by hand. Raises ConfirmationInvalid without one."""
    faults = Faults()
    reason = faults.text("reason", text, "Укажите основание.")
    if faults.found:
        raise ConfirmationInvalid(faults.found)
    return reason
