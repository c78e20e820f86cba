"""Shapes of the API of administration, for its description and for reading queries."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from lkmr_gateway.exchange import Refused
from lkmr_gateway.problems import problem
from lkmr_gateway.schemas import PageQuery, Query
from lkmr_servicekit.errors import FieldFault


class PeopleQuery(PageQuery):
    """Account number, SNILS, or the beginning of a surname."""

    query: Annotated[str, Field(max_length=100)] = ""


class RoleRequestQuery(Query):
    """Which requests for roles."""

    state: Literal["", "PENDING", "APPROVED", "REJECTED"] = ""


class Body(BaseModel):
    """A body of a write; it is read by `body.wanted_fields`, and described by this class."""

    @classmethod
    def body(cls) -> dict[str, Any]:
        """What the description of the API says about the request."""
        schema = cls.model_json_schema()
        content = {"application/json": {"schema": schema}}
        return {"requestBody": {"required": True, "content": content}}


class ChooseProfile(Body):
    """The job under which one works from now on."""

    organization: str
    role: str


class AssignRole(Body):
    """A role for a person."""

    organization: str
    role: str
    position: str = ""
    department: str = ""
    reason: Annotated[str, Field(min_length=5, max_length=500)]


class RevokeRole(Body):
    """Why a role is taken away."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]


class EndSession(Body):
    """Why a session is ended."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]


class ChangeAccount(Body):
    """What is done with an account and why."""

    act: Literal["BLOCK", "UNBLOCK", "LIFT_CODE_LOCK"]
    reason: Annotated[str, Field(min_length=5, max_length=500)]


class Decision(Body):
    """What the second person decides."""

    decision: Literal["APPROVE", "REJECT"]

    @classmethod
    def read(cls, text: str) -> bool:
        """Whether it is an approval. Raises Refused for another word."""
        if text not in ("APPROVE", "REJECT"):
            fault = FieldFault("decision", "INVALID", "Выберите решение.")
            raise Refused(problem("FIELDS_INVALID", errors=[fault]))
        return text == "APPROVE"


class OrganizationName(BaseModel):
    """An organisation."""

    id: str
    name: str
    short_name: str


class RoleOfPerson(BaseModel):
    """A role of a person; `effective` while it counts (a medical post needs its job in ФРМР)."""

    id: str
    organization: OrganizationName
    role: str
    position: str
    department: str
    source: Literal["IMPORT", "ADMIN", "REGISTER"]
    start_time: datetime
    effective: bool


class PersonName(BaseModel):
    """Whose account; masked for readers who see accounts without identity."""

    id: str
    account_number: str
    family_name: str
    given_name: str
    patronymic: str


class PersonRow(PersonName):
    """A person with bindings."""

    state: Literal["NOT_ACTIVATED", "ACTIVE", "BLOCKED", "ERASED"]
    code_locked: bool
    in_worker_register: bool
    roles: list[RoleOfPerson]


class PeoplePage(BaseModel):
    """A page of people."""

    items: list[PersonRow]
    next_page_token: str


class JobOfPerson(BaseModel):
    """A job in the worker register."""

    organization_oid: str
    start_date: str
    end_date: str


class ActOnPerson(BaseModel):
    """What an administrator did to the account; `reason` is empty for readers without identity."""

    time: datetime
    operation: str
    actor: str
    reason: str


class FaultOfPerson(BaseModel):
    """An act that was refused or failed, with the reason behind its code."""

    time: datetime
    operation: str
    object: str
    result: Literal["DENIED", "FAILED"]
    reason: str
    code: str
    trace_id: str


class SessionOfPerson(BaseModel):
    """An open session."""

    id: str
    name: str
    device: str
    place: str
    profile: str
    start_time: datetime
    active_time: datetime
    expire_time: datetime


class PersonDetails(PersonRow):
    """All that binds a person, and what went wrong last."""

    employee_number: str
    jobs: list[JobOfPerson]
    acts: list[ActOnPerson]
    faults: list[FaultOfPerson]
    sessions: list[SessionOfPerson]


class SessionWithPerson(SessionOfPerson):
    """An open session and whose it is."""

    person: PersonName


class SessionOfPersonPage(BaseModel):
    """Open sessions, newest first."""

    items: list[SessionWithPerson]
    next_page_token: str


class Organization(OrganizationName):
    """An organisation with its number in ФРМО."""

    oid: str


class OrganizationPage(BaseModel):
    """Organisations."""

    items: list[Organization]
    next_page_token: str


class RoleRequest(BaseModel):
    """A request for a role."""

    id: str
    person: PersonName
    organization: OrganizationName
    role: str
    position: str
    department: str
    reason: str
    state: Literal["PENDING", "APPROVED", "REJECTED"]
    requester: PersonName
    create_time: datetime
    decide_time: str


class RoleRequestPage(BaseModel):
    """Requests for roles, newest first."""

    items: list[RoleRequest]
    next_page_token: str


class AssignedRole(BaseModel):
    """A role that counts, or a request that waits for a second person."""

    id: str
    state: Literal["ASSIGNED", "PENDING"]


class AddAddress(Body):
    """An address at which an organisation opens the cabinet, as `https://lk.example.ru`."""

    organization: str
    origin: str


class Address(BaseModel):
    """An address of an organisation; it is matched exactly."""

    id: str
    organization: str
    origin: str
    create_time: datetime


class AddressPage(BaseModel):
    """Addresses."""

    items: list[Address]
    next_page_token: str


class MadeAddress(BaseModel):
    """The address that was added."""

    id: str
