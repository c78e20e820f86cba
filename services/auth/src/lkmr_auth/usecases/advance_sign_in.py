"""Bring a confirmed person to the next step, or to an open session."""

import uuid

from lkmr_auth.domain.audit import SIGN_IN, AuditEntry, Result
from lkmr_auth.domain.errors import AccountBlocked, CodeBlocked
from lkmr_auth.domain.lapse import LapseMode
from lkmr_auth.domain.legal import Document, Kind, renewed
from lkmr_auth.domain.person import AccountState, Person
from lkmr_auth.domain.profiles import Profile
from lkmr_auth.domain.session import (
    Assurance,
    EndReason,
    Session,
    SessionOpened,
    State,
    device_hash,
    device_label,
    hash_of,
    new_secret,
)
from lkmr_auth.domain.sign_in import (
    ActivationStep,
    Confirmed,
    ProfileStep,
    SessionStep,
    Stage,
    Step,
    WaitingSignIn,
    stage_of,
)
from lkmr_auth.usecases.lapse_policy import lapse_mode
from lkmr_auth.usecases.measure import session_opened
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_auth.usecases.profiles_today import profiles_today
from lkmr_auth.usecases.send_code import Sending, code_step, deliver, prepare_code
from lkmr_servicekit.clock import MOSCOW, day_in


async def advance_sign_in(confirmed: Confirmed, *, parts: SignInParts) -> Step:
    """The next step in a transaction of its own; a code is sent after it.

    Raises AccountBlocked, CodeBlocked, CodeTooSoon, CodeNotDelivered, PhoneMissing.
    """
    async with parts.new_uow() as uow:
        made, sending = await advance_within(uow, confirmed, parts)
        await uow.commit()
    if sending is not None:
        await deliver(sending, parts=parts)
    return made


async def advance_within(
    uow: UnitOfWork, confirmed: Confirmed, parts: SignInParts
) -> tuple[Step, Sending | None]:
    """The same inside a running transaction; what is to be sent is given back."""
    now = parts.clock.now()
    person = await uow.people.get(confirmed.person_id, lock=True)
    require_admitted(person)
    profiles = await list_profiles(uow, person, parts)
    stage = stage_of(
        confirmed,
        active=person.state is AccountState.ACTIVE,
        profiles=len(profiles),
        terms_renewed=bool(await renewed_terms(uow, person, parts)),
    )
    if stage is None:
        only = profiles[0] if profiles else None
        return await open_session(uow, confirmed, person, only, parts), None
    secret = new_secret()
    waiting = WaitingSignIn(
        id=uuid.uuid4(),
        secret_hash=hash_of(secret),
        stage=stage,
        confirmed=confirmed,
        create_time=now,
    )
    await uow.sign_ins.add_waiting(waiting)
    if stage is Stage.CODE:
        code, sending = await prepare_code(uow, person, parts, address=confirmed.browser.address)
        return code_step(person, code, login_cookie=secret), sending
    if stage is Stage.ACTIVATION:
        return ActivationStep(greeting_name=person.names.greeting(), login_cookie=secret), None
    return ProfileStep(profiles=profiles, login_cookie=secret), None


async def renewed_terms(
    uow: UnitOfWork, person: Person, parts: SignInParts
) -> tuple[Document, ...]:
    """Terms in a version that the person was not asked about; a reduced entry asks nothing."""
    day = day_in(MOSCOW, parts.clock.now())
    terms = parts.legal.in_force(Kind.TERMS, day)
    return renewed(terms, await uow.registry.latest(person.id)) if terms else ()


def require_admitted(person: Person) -> None:
    """Raises AccountBlocked, CodeBlocked."""
    if person.state is AccountState.BLOCKED:
        raise AccountBlocked
    if person.code_lock_time is not None:
        raise CodeBlocked


async def list_profiles(uow: UnitOfWork, person: Person, parts: SignInParts) -> tuple[Profile, ...]:
    """The profiles of a person today."""
    return await profiles_today(uow, person, day_in(MOSCOW, parts.clock.now()))


def _remark(confirmed: Confirmed, mode: LapseMode | None) -> str:
    """What the journal says of an entry that was allowed with a limit."""
    if confirmed.reduced:
        return Assurance.REDUCED.value
    return f"ACCREDITATION_LAPSED_{mode.value}" if mode else ""


async def open_session(
    uow: UnitOfWork,
    confirmed: Confirmed,
    person: Person,
    profile: Profile | None,
    parts: SignInParts,
) -> SessionStep:
    """Open a session; the oldest ones beyond the limit end. The person's row is locked."""
    now, secret = parts.clock.now(), new_secret()
    session_id = uuid.uuid4()
    session = Session(
        id=session_id,
        family_id=session_id,
        person_id=person.id,
        secret_hash=hash_of(secret),
        state=State.ACTIVE,
        organization_id=profile.organization.id if profile else "",
        role=profile.role if profile else "",
        device=device_hash(confirmed.browser.device),
        user_agent=confirmed.browser.user_agent,
        address=confirmed.browser.address,
        start_time=now,
        active_time=now,
        expire_time=now + parts.limits.absolute,
        data_check_time=confirmed.check_time,
        register_version=confirmed.register_version,
        basis=Assurance.REDUCED if confirmed.reduced else Assurance.SIGNED_IN,
    )
    beyond = await uow.sessions.list_beyond(
        person.id, parts.limits.parallel - 1, now - parts.limits.idle
    )
    for family_id in beyond:
        ended = await uow.sessions.end_family(family_id, EndReason.OTHER_DEVICE, now)
        await uow.announce(*ended)
    await uow.sessions.add(session)
    if not confirmed.reduced:
        await uow.esia_sessions.add(session.family_id, person.id, confirmed.tokens)
    mode = await lapse_mode(uow, person, profile, parts.policies, parts.clock)
    entry = AuditEntry(
        operation=SIGN_IN,
        object=session.name,
        result=Result.ALLOWED,
        reason=_remark(confirmed, mode),
        actor=person.id,
        roles=(session.role,) if session.role else (),
        organization=session.organization_id,
        session=session.name,
        address=session.address,
        device=device_label(session.user_agent.open()),
    )
    await uow.journal.add(entry, now)
    await uow.announce(SessionOpened(session=session.name, worker_id=person.worker_id))
    session_opened((now - confirmed.check_time).total_seconds())
    return SessionStep(session_cookie=secret, return_to=confirmed.return_to)
