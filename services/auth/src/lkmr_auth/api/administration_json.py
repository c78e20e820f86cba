"""Answers of administration as JSON; a masked reader sees no name, number or address."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.domain.administration import ActByHand, ActNote, PersonCard
from lkmr_auth.domain.errors import PersonNotFound, RequestFieldInvalid, SessionNotFound
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.profiles import Organization
from lkmr_auth.domain.redirect import RedirectAddress
from lkmr_auth.domain.rights import AccountAct, HeldRole, RoleRequest
from lkmr_auth.domain.session import Session, device_label
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.pagination import page_token_of
from lkmr_servicekit.resource_names import ids_in

Json = dict[str, object]


def document(value: object) -> JsonDocument:
    """A JSON answer with its ETag."""
    body = orjson.dumps(value)
    return JsonDocument(body=body, etag=hashlib.sha256(body).hexdigest()[:32])


def people_page(cards: Sequence[PersonCard], following: int, *, masked: bool) -> JsonDocument:
    token = page_token_of(following) if following else ""
    items = [_person(card, masked=masked) for card in cards]
    return document({"items": items, "next_page_token": token})


def person_card(card: PersonCard, *, masked: bool) -> JsonDocument:
    return document(
        _person(card, masked=masked)
        | {
            "employee_number": "" if masked else card.person.employee_number.open(),
            "jobs": [
                {
                    "organization_oid": job.organization_oid,
                    "start_date": job.start_date.isoformat() if job.start_date else "",
                    "end_date": job.end_date.isoformat() if job.end_date else "",
                }
                for job in card.person.register_jobs
            ],
            "acts": [_act(one, masked=masked) for one in card.acts],
            "faults": [_fault(one) for one in card.faults],
            "sessions": [session_json(one, masked=masked) for one in card.sessions],
        }
    )


def organizations(found: Sequence[Organization]) -> JsonDocument:
    items = [
        {"id": one.id, "oid": one.oid, "name": one.name, "short_name": one.short_name}
        for one in found
    ]
    return document({"items": items, "next_page_token": ""})


def addresses(found: Sequence[RedirectAddress]) -> JsonDocument:
    items = [
        {
            "id": str(one.id),
            "organization": one.organization,
            "origin": one.origin,
            "create_time": text_of(one.create_time),
        }
        for one in found
    ]
    return document({"items": items, "next_page_token": ""})


def role_requests(
    found: Sequence[tuple[RoleRequest, Person, Person, Organization]],
) -> JsonDocument:
    items = [
        {
            "id": str(request.id),
            "person": named(person, masked=False),
            "organization": _organization(place),
            "role": request.role,
            "position": request.position,
            "department": request.department,
            "reason": request.reason,
            "state": request.state.value,
            "requester": named(requester, masked=False),
            "create_time": text_of(request.create_time),
            "decide_time": text_of(request.decide_time),
        }
        for request, person, requester, place in found
    ]
    return document({"items": items, "next_page_token": ""})


def sessions_page(found: Sequence[tuple[Session, Person]]) -> JsonDocument:
    items = [
        session_json(session, masked=False) | {"person": named(person, masked=False)}
        for session, person in found
    ]
    return document({"items": items, "next_page_token": ""})


def session_json(session: Session, *, masked: bool) -> Json:
    return {
        "id": str(session.id),
        "name": session.name,
        "device": device_label(session.user_agent.open()),
        "place": "" if masked else session.address.open(),
        "profile": session.profile_name,
        "start_time": text_of(session.start_time),
        "active_time": text_of(session.active_time),
        "expire_time": text_of(session.expire_time),
    }


def _act(act: ActByHand, *, masked: bool) -> Json:
    return {
        "time": text_of(act.time),
        "operation": act.operation,
        "actor": f"persons/{act.actor_id}",
        "reason": "" if masked else act.reason.open(),
    }


def _person(card: PersonCard, *, masked: bool) -> Json:
    person = card.person
    return named(person, masked=masked) | {
        "state": person.state.value,
        "code_locked": person.code_lock_time is not None,
        "in_worker_register": bool(person.worker_id),
        "roles": [_role(one) for one in card.roles],
    }


def named(person: Person, *, masked: bool) -> Json:
    names = person.names
    family, given = names.family_name.open(), names.given_name.open()
    return {
        "id": str(person.id),
        "account_number": person.account_number,
        "family_name": f"{family[:1]}***" if masked and family else family,
        "given_name": f"{given[:1]}." if masked and given else given,
        "patronymic": "" if masked else names.patronymic.open(),
    }


def _role(held: HeldRole) -> Json:
    return {
        "id": str(held.id),
        "organization": _organization(held.binding.organization),
        "role": held.binding.role,
        "position": held.binding.position,
        "department": held.binding.department,
        "source": held.source.value,
        "start_time": text_of(held.start_time),
        "effective": held.effective,
    }


def _organization(one: Organization) -> Json:
    return {"id": one.id, "name": one.name, "short_name": one.short_name}


def _fault(note: ActNote) -> Json:
    return {
        "time": text_of(note.time),
        "operation": note.operation,
        "object": note.object,
        "result": note.result.value,
        "reason": note.reason,
        "trace_id": note.trace_id,
    }


def text_of(moment: datetime | None) -> str:
    """A moment as JSON holds it; empty for none."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def person_of(name: str) -> PersonId:
    """The id in `persons/{person}`. Raises PersonNotFound: no such person can exist."""
    (identity,) = ids_in(name, "persons")
    try:
        return PersonId(uuid.UUID(identity))
    except ValueError:
        raise PersonNotFound from None


def id_of(text: str, unknown: type[Refusal]) -> uuid.UUID:
    """An id. Raises `unknown` when it cannot be one: nothing of that id exists."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise unknown from None


def account_act_of(text: str) -> AccountAct:
    """What is to be done with an account. Raises RequestFieldInvalid."""
    try:
        return AccountAct(text)
    except ValueError:
        raise RequestFieldInvalid(field="act") from None


def session_of(name: str) -> tuple[PersonId, uuid.UUID]:
    """The ids in `persons/{person}/sessions/{session}`. Raises SessionNotFound."""
    person, session = ids_in(name, "persons", "sessions")
    try:
        return PersonId(uuid.UUID(person)), uuid.UUID(session)
    except ValueError:
        raise SessionNotFound from None
