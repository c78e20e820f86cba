"""Shapes of the JSON API of requests about personal data."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from lkmr_gateway.schemas import Person


class Erasure(BaseModel):
    """An ordered destruction; `waits_for` are services that have not reported yet."""

    id: str
    scope: Literal["ACCOUNT", "EDUCATION", "NOTICES"]
    order_time: datetime
    waits_for: list[str]
    act_time: str


class DataRequest(BaseModel):
    """A request with its term; `entry` is the record of access that a dispute is about."""

    id: str
    number: int
    kind: Literal["ACCESS", "CORRECTION", "STOP", "DISPUTE", "ERASURE"]
    state: Literal["SUBMITTED", "TAKEN", "ANSWERED"]
    text: str
    entry: str
    create_time: datetime
    due_date: date
    extend_reason: str
    answer: str
    outcome: Literal["", "SATISFIED", "REFUSED", "SUPERSEDED"]
    answer_time: str
    scope: Literal["", "ACCOUNT", "EDUCATION", "NOTICES"] = ""
    erasure: Erasure | None = None
    person: Person | None = None
    late: bool = False


class DataRequests(BaseModel):
    items: list[DataRequest]


class NewDataRequest(BaseModel):
    kind: Literal["ACCESS", "CORRECTION", "STOP", "ERASURE"]
    text: str


class DataRequestStep(BaseModel):
    """`text` is the reason of more time, or the answer."""

    step: Literal["TAKE", "EXTEND", "SATISFY", "REFUSE"]
    text: str = ""


class ErasureOrder(BaseModel):
    """`text` is the ground in words."""

    text: str
