"""What the register of education documents (ФИС ФРДО) says of a document, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from lkmr_accreditation.domain.documents import Check, Checked, Version
from lkmr_servicekit.clock import MOSCOW, day_in

BY_FRDO = "FRDO"
AGAIN = timedelta(days=7)
_FIELDS = {
    "type": "вид документа",
    "series": "серия",
    "issueDate": "дата выдачи",
    "issue_date": "дата выдачи",
    "hours": "часы",
    "snils": "СНИЛС",
    "surname": "фамилия",
    "family_name": "фамилия",
    "name": "имя",
    "given_name": "имя",
    "patronymic": "отчество",
    "birthDate": "дата рождения",
    "birth_date": "дата рождения",
}


class Found(Enum):
    """What the register says."""

    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    MISMATCH = "MISMATCH"
    ANNULLED = "ANNULLED"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer; `fields` are those that differ, as the register names them."""

    found: Found
    fields: Sequence[str] = ()


def outcome_of(said: Said, version: Version, *, grace_days: int, now: datetime) -> Checked:
    """What an answer makes of a version of a document.

    A document that is not found goes on being asked about while its provider may still enter it
    (norm `frdo.grace_days` from the day of issue); after that a person has to look at it.
    """
    status, reason = Check.VERIFIED, ""
    if said.found is Found.ANNULLED:
        status, reason = Check.REJECTED, "Документ аннулирован в ФИС ФРДО"
    elif said.found is Found.MISMATCH:
        words = ", ".join(dict.fromkeys(_FIELDS.get(one, one) for one in said.fields))
        status, reason = Check.REJECTED, f"В ФИС ФРДО записано иначе: {words}"
    elif said.found is Found.NOT_FOUND:
        status, reason = Check.CHECKING, "В ФИС ФРДО пока не найден: спросим ещё раз"
        if not _may_come(version.content.issue_date, grace_days, day_in(MOSCOW, now)):
            status, reason = Check.UNVERIFIED, "В ФИС ФРДО не найден: подтвердит отдел кадров"
    return Checked(status=status, by=BY_FRDO, reason=reason, time=now)


def _may_come(issued: date | None, grace_days: int, today: date) -> bool:
    return issued is not None and today <= issued + timedelta(days=grace_days)
