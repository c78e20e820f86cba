"""Confirmation of a person's data against the state registers (сверка данных)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lkmr_auth.domain.errors import (
    IdentityBirthDateDiffers,
    IdentityNameDiffers,
    IdentityPolicyDiffers,
    IdentitySeveralDiffer,
    WorkerNotInRegister,
)
from lkmr_auth.domain.person import PersonalNames, RegisterJob
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal


class Match(Enum):
    """How one field compared; equal but for ё and е counts as equal."""

    NOT_COMPARED = "NOT_COMPARED"
    EQUAL = "EQUAL"
    FORM_DIFFERS = "FORM_DIFFERS"
    DIFFERENT = "DIFFERENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCard:
    """What sign-in keeps of a card of the worker register (ФРМР)."""

    worker_id: str
    version: str
    jobs: tuple[RegisterJob, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCard:
    """A card read because it changed, with whose it is."""

    snils: Personal[str]
    names: PersonalNames
    card: RegisterCard


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheck:
    """The comparison that the registers made; it holds no value of theirs."""

    name: Match
    birth_date: Match
    policy_number: Match
    card: RegisterCard | None
    check_time: datetime


def refusal_of(check: IdentityCheck, *, by_binding: bool) -> Refusal | None:
    """Why the person may not enter, or None when all that was compared agrees.

    A person confirmed by binding needs no card, and only the policy is compared. A policy that one
    side does not hold is no reason to refuse (product description, «проверка данных профиля»).
    """
    if check.card is None and not by_binding:
        return WorkerNotInRegister()
    compared = {"policy_number": check.policy_number}
    if not by_binding:
        compared = {"name": check.name, "birth_date": check.birth_date, **compared}
    differs = [field for field, match in compared.items() if match is Match.DIFFERENT]
    if len(differs) > 1:
        return IdentitySeveralDiffer(fields=",".join(differs))
    if not differs:
        return None
    one = {
        "name": IdentityNameDiffers,
        "birth_date": IdentityBirthDateDiffers,
        "policy_number": IdentityPolicyDiffers,
    }
    return one[differs[0]]()
