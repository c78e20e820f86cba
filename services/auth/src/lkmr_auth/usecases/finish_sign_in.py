"""Take the answer of ESIA and confirm the person's data."""

import asyncio
import uuid
from dataclasses import dataclass, replace

from lkmr_auth.domain.activation import issued_number
from lkmr_auth.domain.errors import (
    AccountNotConfirmed,
    EsiaUnavailable,
    SignInStateLost,
    SnilsMissing,
)
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn
from lkmr_auth.domain.identity import IdentityCheck, refusal_of
from lkmr_auth.domain.lapse import Lapse
from lkmr_auth.domain.person import Person, snils_digits
from lkmr_auth.domain.profiles import only_non_medical
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import Browser, Confirmed, SignIn, Step, require_secret
from lkmr_auth.usecases import measure
from lkmr_auth.usecases.activation.decide import tell_decisions
from lkmr_auth.usecases.advance_sign_in import advance_sign_in, require_admitted
from lkmr_auth.usecases.bind_by_register import bind_by_register
from lkmr_auth.usecases.journaling import Attempt, refusals_journalled
from lkmr_auth.usecases.know_lapses import lapses_now
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.send_code import withdraw_code
from lkmr_servicekit.personal import Personal

ESIA_SECONDS = 9.0
_MAX_CODE = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the browser brought back, as it came."""

    login_cookie: str
    code: str
    state: str
    error: str
    error_description: str
    browser: Browser


async def finish_sign_in(callback: Callback, *, parts: SignInParts) -> Step:
    """Check the answer of ESIA and the person's data, and say what comes next.

    The record is destroyed whatever follows. Raises SignInStateLost for everything mangled, old,
    repeated or foreign; the refusals of ESIA, of the data check and of the account.
    """
    attempt = Attempt(callback.browser)
    with measure.step("finish"):
        async with refusals_journalled(attempt, new_uow=parts.new_uow, clock=parts.clock):
            record = await _take_record(callback, parts)
            if callback.error or callback.error_description:
                raise parts.esia.refusal(callback.error, callback.error_description)
            if not callback.code or len(callback.code) > _MAX_CODE:
                raise SignInStateLost
            signed_in, found = await _ask_esia(callback.code, record, parts)
            confirmed = await _confirm(signed_in, found, record, attempt, parts)
            return await advance_sign_in(confirmed, parts=parts)


async def _take_record(callback: Callback, parts: SignInParts) -> SignIn:
    try:
        state: uuid.UUID | None = uuid.UUID(callback.state)
    except ValueError:
        state = None
    async with parts.new_uow() as uow:
        record = await uow.sign_ins.take(hash_of(callback.login_cookie), state)
        await uow.commit()
    require_secret(callback.login_cookie)
    if record is None:
        raise SignInStateLost
    record.require_state(callback.state, parts.clock.now())
    return record


async def _ask_esia(code: str, record: SignIn, parts: SignInParts) -> tuple[EsiaSignIn, EsiaPerson]:
    try:
        async with asyncio.timeout(ESIA_SECONDS):
            signed_in = await parts.esia.exchange(code, record.redirect_uri)
            if not signed_in.confirmed:
                raise AccountNotConfirmed
            found, tokens = await parts.esia.fetch_person(signed_in.oid, signed_in.tokens)
    except TimeoutError:
        raise EsiaUnavailable from None
    if not found.trusted:
        raise AccountNotConfirmed
    return replace(signed_in, tokens=tokens), found


async def _confirm(
    signed_in: EsiaSignIn,
    found: EsiaPerson,
    record: SignIn,
    attempt: Attempt,
    parts: SignInParts,
) -> Confirmed:
    try:
        snils = Personal(snils_digits(found.snils.open()))
    except ValueError:
        raise SnilsMissing from None
    async with parts.new_uow() as uow:
        known = await uow.people.find_by_snils(snils)
        bindings = await uow.people.bindings(known.id) if known else ()
    if known is not None:
        attempt.person_id = known.id
        require_admitted(known)
    by_binding = only_non_medical(bindings)
    claim = replace(found, snils=snils)
    with measure.check():
        check = await parts.registers.check_identity(claim, by_binding=by_binding)
    if refusal := refusal_of(check, by_binding=by_binding):
        raise refusal
    card = check.card
    lapses = await lapses_now(
        card.worker_id if card else "",
        card.version if card else "",
        known.lapses if known else (),
        parts.admissions,
    )
    person = await _remember(snils, found, check, lapses, parts)
    attempt.person_id = person.id
    return Confirmed(
        person_id=person.id,
        tokens=signed_in.tokens,
        second_factor=signed_in.second_factor,
        return_to=record.return_to,
        browser=attempt.browser,
        check_time=check.check_time,
        register_version=check.card.version if check.card else "",
    )


async def _remember(
    snils: Personal[str],
    found: EsiaPerson,
    check: IdentityCheck,
    lapses: tuple[Lapse, ...],
    parts: SignInParts,
) -> Person:
    """Keep what ESIA and the register told; a person who is new gets an account to activate."""
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        person = await uow.people.find_by_snils(snils)
        if person is None:
            person = await uow.people.create(snils, active=False, now=now)
        before = await uow.people.get(person.id, lock=True)
        person = before.with_esia(found.names, found.contacts)
        if person.contacts.phone != before.contacts.phone:
            await withdraw_code(uow, person, now)
        card = check.card
        person = replace(
            person,
            worker_id=card.worker_id if card else "",
            register_version=card.version if card else "",
            register_jobs=card.jobs if card else (),
            lapses=lapses,
            employee_number=person.employee_number
            if person.employee_number.open()
            else issued_number(person.account_number),
        )
        await uow.people.save(person, now)
        await tell_decisions(uow, before, person)
        await bind_by_register(uow, person, now, parts.posts)
        await uow.commit()
    return person
