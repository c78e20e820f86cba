"""Between the contract and the domain."""

import hashlib
import re
import uuid
from datetime import UTC, datetime

import orjson
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.domain.errors import RequestFieldInvalid, SessionNotFound
from lkmr_auth.domain.health import EsiaHealth, EsiaState
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.lapse import Lapse, lapses_at
from lkmr_auth.domain.person import Contacts, PersonId
from lkmr_auth.domain.profiles import Profile
from lkmr_auth.domain.session import Session, device_label
from lkmr_auth.domain.sign_in import (
    ActivationStep,
    Browser,
    CodeStep,
    ProfileStep,
    SessionStep,
    Step,
)
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_auth.usecases.finish_sign_in import Callback
from lkmr_auth.usecases.list_sessions import SessionList
from lkmr_auth.usecases.resolve_session import ResolvedSession
from lkmr_servicekit.audit_wire import act_from_proto
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in

_MAX_ADDRESS, _MAX_AGENT, _MAX_DEVICE = 64, 512, 1024
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_ASSURANCE = {
    "REDUCED": pb.ASSURANCE_REDUCED,
    "SIGNED_IN": pb.ASSURANCE_SIGNED_IN,
    "STEPPED_UP": pb.ASSURANCE_STEPPED_UP,
}
_HEALTH = {
    EsiaState.UNKNOWN: pb.SignInHealth.STATE_UNSPECIFIED,
    EsiaState.UP: pb.SignInHealth.STATE_UP,
    EsiaState.DOWN: pb.SignInHealth.STATE_DOWN,
    EsiaState.MAINTENANCE: pb.SignInHealth.STATE_MAINTENANCE,
    EsiaState.OVERLOADED: pb.SignInHealth.STATE_OVERLOADED,
}


def browser_of(address: str, user_agent: str, device: str) -> Browser:
    return Browser(
        address=Personal(address[:_MAX_ADDRESS]),
        user_agent=Personal(user_agent[:_MAX_AGENT]),
        device=device[:_MAX_DEVICE],
    )


def callback_from_proto(request: pb.FinishSignInRequest) -> Callback:
    browser = browser_of(request.address, request.user_agent, request.device)
    return Callback(
        login_cookie=request.login_cookie,
        code=request.code,
        state=request.state,
        error=request.error,
        error_description=request.error_description,
        browser=browser,
    )


def step_to_proto(step: Step) -> pb.SignInStep:
    match step:
        case SessionStep():
            return pb.SignInStep(session=session_started_to_proto(step))
        case CodeStep():
            return pb.SignInStep(code=code_to_proto(step), login_cookie=step.login_cookie)
        case ProfileStep():
            profiles = pb.ProfileRequired(profiles=map(profile_to_proto, step.profiles))
            return pb.SignInStep(profile=profiles, login_cookie=step.login_cookie)
        case ActivationStep():
            activation = pb.ActivationRequired(greeting_name=step.greeting_name)
            return pb.SignInStep(activation=activation, login_cookie=step.login_cookie)


def code_to_proto(step: CodeStep) -> pb.CodeRequired:
    return pb.CodeRequired(
        phone_masked=step.phone_masked,
        expire_time=_moment(step.expire_time),
        attempts_left=step.attempts_left,
        resend_time=_moment(step.resend_time),
    )


def session_started_to_proto(step: SessionStep) -> pb.SessionStarted:
    return pb.SessionStarted(session_cookie=step.session_cookie, return_to=step.return_to)


def profile_to_proto(profile: Profile) -> pb.Profile:
    return pb.Profile(
        name=profile.name,
        organization=profile.organization.id,
        organization_name=profile.organization.name,
        organization_short_name=profile.organization.short_name,
        role=profile.role,
        position=profile.position,
        department=profile.department,
    )


def session_to_proto(resolved: ResolvedSession, idle_seconds: int) -> pb.Session:
    session, person = resolved.session, resolved.person
    made = pb.Session(
        name=session.name,
        person=str(person.id),
        worker=person.worker_id,
        family_name=person.names.family_name.open(),
        given_name=person.names.given_name.open(),
        patronymic=person.names.patronymic.open(),
        account_number=person.account_number,
        profiles=map(profile_to_proto, resolved.profiles),
        assurance=_ASSURANCE[resolved.assurance.value],
        expire_time=_moment(session.closing_time()),
        active_time=_moment(session.active_time),
        idle_seconds=idle_seconds,
        caller_token=resolved.caller_token,
        caller_token_expire_time=_moment(resolved.caller_token_expire_time),
        esia_access_token=resolved.esia_access_token,
        data_check_time=_moment(session.data_check_time),
        register_version=session.register_version,
        start_time=_moment(session.start_time),
        family=str(session.family_id),
    )
    made.renew_time.FromDatetime(resolved.renew_time)
    if resolved.step_up_end is not None:
        made.step_up_expire_time.FromDatetime(resolved.step_up_end)
    if resolved.emergency_end is not None:
        made.emergency_expire_time.FromDatetime(resolved.emergency_end)
    if resolved.profile is not None:
        made.active_profile.CopyFrom(profile_to_proto(resolved.profile))
        if resolved.lapse_mode is not None:
            made.lapse_mode = resolved.lapse_mode.value
            here = lapses_at(person.lapses, resolved.profile.organization.oid)
            made.lapses.extend(map(_lapse_to_proto, here))
    return made


def _lapse_to_proto(lapse: Lapse) -> pb.Lapse:
    end = lapse.end_date.isoformat() if lapse.end_date else ""
    return pb.Lapse(specialty=lapse.specialty, end_date=end)


def contacts_to_proto(person: PersonId, contacts: Contacts) -> pb.Contacts:
    return pb.Contacts(
        person=f"persons/{person}", email=contacts.email.open(), phone=contacts.phone.open()
    )


def health_to_proto(health: EsiaHealth) -> pb.SignInHealth:
    made = pb.SignInHealth(state=_HEALTH[health.state])
    if health.check_time is not None:
        made.check_time.FromDatetime(health.check_time)
    return made


def session_list_to_proto(found: SessionList, current: str) -> JsonDocument:
    body = orjson.dumps(
        {
            "items": [_session_to_json(one, current) for one in found.sessions],
            "sign_ins": [_note_to_json(one) for one in found.sign_ins],
        }
    )
    return JsonDocument(body=body, etag=hashlib.sha256(body).hexdigest()[:32])


def _session_to_json(session: Session, current: str) -> dict[str, object]:
    return {
        "id": str(session.id),
        "name": session.name,
        "current": session.name == current,
        "device": device_label(session.user_agent.open()),
        "place": session.address.open(),
        "profile": session.profile_name,
        "start_time": moment_text(session.start_time),
        "active_time": moment_text(session.active_time),
        "expire_time": moment_text(session.expire_time),
    }


def _note_to_json(note: SignInNote) -> dict[str, object]:
    return {
        "time": moment_text(note.time),
        "result": note.result.value,
        "reason": note.reason,
        "device": note.device,
        "place": note.address.open(),
    }


def _moment(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def moment_text(moment: datetime) -> str:
    """A moment as JSON says it: RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def session_id_of(text: str) -> uuid.UUID:
    """The id in a session's name. Raises SessionNotFound: such a session cannot exist."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise SessionNotFound from None


def purpose_of(text: str) -> str:
    """The purpose of a job token, as `register_sync`. Raises RequestFieldInvalid."""
    if not _PURPOSE.match(text):
        raise RequestFieldInvalid(field="purpose")
    return text


def moment_of(stamp: Timestamp, field: str) -> datetime:
    """A moment of a request. Raises RequestFieldInvalid outside the years 1 to 9999."""
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise RequestFieldInvalid(field=field) from None


def subject_of(request: pb.GetContactsRequest | pb.GetRecipientRequest) -> tuple[str, str]:
    """Ids of the worker and of the person; one of them is empty. Raises RequestFieldInvalid."""
    if request.WhichOneof("subject") == "worker":
        (worker,) = ids_in(request.worker, "workers")
        if not _ID.match(worker):
            raise RequestFieldInvalid(field="worker")
        return worker, ""
    if request.WhichOneof("subject") == "person":
        return "", ids_in(request.person, "persons")[0]
    raise RequestFieldInvalid(field="subject")


def people_of(request: pb.ListContactsRequest) -> list[PersonId]:
    """Ids of people. Raises RequestFieldInvalid."""
    try:
        return [PersonId(uuid.UUID(ids_in(one, "persons")[0])) for one in request.persons]
    except ValueError:
        raise RequestFieldInvalid(field="persons") from None


MAX_ACTS = 200


def acts_from_proto(request: pb.RecordActsRequest, source: str) -> list[Reported]:
    """Acts that a program reports. Raises RequestFieldInvalid naming what cannot be read."""
    if len(request.entries) > MAX_ACTS:
        raise RequestFieldInvalid(field="entries")
    made = []
    for entry in request.entries:
        try:
            event_id, act = uuid.UUID(entry.event_id), act_from_proto(entry.act)
        except ValueError as fault:
            raise RequestFieldInvalid(field=f"entries.{fault}"[:80]) from None
        made.append(Reported(event_id=event_id, source=source, act=act))
    return made
