"""Step-up by a passkey or by a backup code (повторное подтверждение)."""

import math

from lkmr_auth.domain.backup_code import code_typed
from lkmr_auth.domain.passkey import Ceremony, relying_party_of
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.proof_errors import (
    BackupCodeWait,
    BackupCodeWrong,
    PasskeyMissing,
    PasskeyRefused,
)
from lkmr_auth.domain.session import Session
from lkmr_auth.domain.sign_in import SessionStep
from lkmr_auth.usecases.advance_sign_in import require_admitted
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import IdentityParts, PasskeyParts
from lkmr_auth.usecases.passkeys.keep_passkeys import answered, ask
from lkmr_auth.usecases.step_up import check_password, own_session, refused_step_up, step_up_within
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

_GUARD = "backup_code"


async def start_passkey_proof(
    session_hash: bytes, origin: str, *, identity: IdentityParts, parts: PasskeyParts
) -> str:
    """What the browser is asked to sign, as JSON.

    Raises PasskeyMissing, AccountBlocked, CodeBlocked, SessionUnknown, SessionExpired,
    SessionRevoked.
    """
    async with parts.new_uow() as uow:
        _, person = await own_session(uow, session_hash, identity)
        require_admitted(person)
        here = relying_party_of(origin)
        known = [one for one in await uow.passkeys.list(person.id) if one.relying_party == here]
        if not known:
            raise PasskeyMissing
        challenge = await ask(uow, person.id, Ceremony.PROVE, origin, parts)
        await uow.commit()
    return parts.ceremonies.proof_options(challenge, known)


async def prove_by_passkey(
    session_hash: bytes, credential: str, *, identity: IdentityParts, parts: PasskeyParts
) -> SessionStep:
    """Take the signature of a key; the session goes on under a new id.

    The device has verified the person, so no password is asked for. Raises PasskeyRefused,
    AccountBlocked, CodeBlocked, SessionUnknown, SessionExpired, SessionRevoked.
    """
    with step("step_up"):
        session, person = await _who(session_hash, identity)
        try:
            require_admitted(person)
            challenge = await answered(person.id, Ceremony.PROVE, credential, parts)
            async with parts.new_uow() as uow:
                old, _ = await own_session(uow, session_hash, identity, lock=True)
                used = parts.ceremonies.credential_in(credential)
                passkey = await uow.passkeys.find_credential(person.id, used)
                if passkey is None:
                    raise PasskeyRefused
                count = parts.ceremonies.check_proof(credential, challenge, passkey)
                await uow.passkeys.note_use(passkey.id, count, parts.clock.now())
                made = await step_up_within(uow, old, "PASSKEY", identity)
                await uow.commit()
        except ServiceError as refusal:
            await refused_step_up(session, refusal, identity)
            raise
        return made


async def prove_by_backup_code(
    session_hash: bytes,
    typed: str,
    password: Personal[str],
    *,
    identity: IdentityParts,
    parts: PasskeyParts,
) -> SessionStep:
    """Take a backup code, with the password of the cabinet if the person has set one.

    An attempt is counted before the look. Raises BackupCodeWrong, BackupCodeWait,
    CabinetPasswordWrong, CabinetPasswordWait, AccountBlocked, CodeBlocked, SessionUnknown,
    SessionExpired, SessionRevoked.
    """
    with step("step_up"):
        session, person = await _who(session_hash, identity)
        try:
            require_admitted(person)
            code = code_typed(typed)
            await _count_attempt(person, parts)
            await check_password(person.id, password, parts=identity)
            async with parts.new_uow() as uow:
                old, _ = await own_session(uow, session_hash, identity, lock=True)
                if not await uow.backup_codes.consume(person.id, code, parts.clock.now()):
                    raise BackupCodeWrong
                await uow.attempts.forgive(_GUARD, str(person.id))
                made = await step_up_within(uow, old, "BACKUP_CODE", identity)
                await uow.commit()
        except ServiceError as refusal:
            await refused_step_up(session, refusal, identity)
            raise
        return made


async def _who(session_hash: bytes, identity: IdentityParts) -> tuple[Session, Person]:
    async with identity.codes.new_uow() as uow:
        return await own_session(uow, session_hash, identity)


async def _count_attempt(person: Person, parts: PasskeyParts) -> None:
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        until = await uow.attempts.take(_GUARD, str(person.id), now)
        await uow.commit()
    if until is not None:
        raise BackupCodeWait(seconds=max(math.ceil((until - now).total_seconds()), 1))
