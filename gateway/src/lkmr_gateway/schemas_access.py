"""Shapes of the JSON API about delegation, emergency access and policies."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from lkmr_gateway.schemas import Person


class Delegation(BaseModel):
    """`given` tells that the reader gave it; else the reader acts by it."""

    id: str
    given: bool
    role: str
    organization: str
    giver: Person
    delegate: Person
    start_date: date
    end_date: date
    create_time: datetime


class Delegations(BaseModel):
    items: list[Delegation]


class NewDelegation(BaseModel):
    """`delegate` is the account number of a colleague, `ЛК-000123`."""

    delegate: str
    start_date: date
    end_date: date


class MadeDelegation(BaseModel):
    id: str


class Emergency(BaseModel):
    """One card, `patients/{patient}`, opened without a treatment relation."""

    id: str
    object: str
    organization: str
    reason_code: str
    reason: str
    start_time: datetime
    expire_time: datetime
    open: bool
    review_due_date: date
    review_time: str
    review_result: Literal["", "JUSTIFIED", "UNJUSTIFIED"]
    person: Person | None = None


class Emergencies(BaseModel):
    items: list[Emergency]


class NewEmergency(BaseModel):
    object: str
    reason_code: Literal["LIFE_THREAT", "UNCONSCIOUS", "DUTY_CALL", "CONSULTATION", "OTHER"]
    reason: str


class OpenedEmergency(BaseModel):
    id: str
    expire_time: datetime


class Review(BaseModel):
    decision: Literal["JUSTIFIED", "UNJUSTIFIED"]


class PolicyDecision(BaseModel):
    value: str
    effective_date: date
    decide_time: datetime
    reason: str
    person: Person


class Policy(BaseModel):
    """A threshold or one of `choices`; `value` is that of today.

    `shipped_value` is that of the release. `organization` is where the reader decides it; empty:
    at all organisations.
    """

    key: str
    words: str
    source: str
    least: int
    most: int
    choices: list[str]
    organization: str
    shipped_value: str
    value: str
    decisions: list[PolicyDecision]


class PolicyList(BaseModel):
    items: list[Policy]


class NewPolicyValue(BaseModel):
    value: str
    effective_date: date
    reason: str
