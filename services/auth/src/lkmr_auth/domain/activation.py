"""Activation (активация): the steps that tie an account to an employee."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.personal import Personal

APPROVAL_SECONDS = 120


class ActivationStage(Enum):
    """What the person does next; each step is kept, so that a later sign-in goes on there."""

    TERMS = "TERMS"
    CONSENTS = "CONSENTS"
    EMPLOYEE = "EMPLOYEE"
    PROOF = "PROOF"


class ApprovalState(Enum):
    """What became of a question in the mobile application of Gosuslugi."""

    NONE = "NONE"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """How far a person has come. `employee_time`: identifier matched and password set."""

    person_id: PersonId
    employee_time: datetime | None = None
    approval_id: str = ""
    approval_end: datetime | None = None
    activate_time: datetime | None = None


def stage_of_activation(*, terms: bool, consents: bool, employee: bool) -> ActivationStage:
    """The first step that is not done."""
    if not terms:
        return ActivationStage.TERMS
    if not consents:
        return ActivationStage.CONSENTS
    return ActivationStage.PROOF if employee else ActivationStage.EMPLOYEE


def issued_number(account_number: str) -> Personal[str]:
    """The employee identifier of an account that the worker register made: `R000123`.

    Organisations that number their people import their own; who came by a job in ФРМР alone gets
    this one from the administrator of the organisation.
    """
    return Personal(f"R{account_number.removeprefix('ЛК-')}")


def normalized_number(typed: str) -> str:
    """An employee identifier (идентификатор сотрудника) as it is compared: no blanks, capitals."""
    return "".join(typed.split()).upper()
