"""The own keys of a person: registered, named, removed."""

import uuid
from dataclasses import dataclass

from lkmr_auth.domain.audit import PASSKEY_ADD, PASSKEY_REMOVE, AuditEntry, Result
from lkmr_auth.domain.passkey import (
    CEREMONY_LIFE,
    MAX_PASSKEYS,
    Ceremony,
    Challenge,
    Passkey,
    name_typed,
    relying_party_of,
)
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.proof_errors import (
    PasskeyNotFound,
    PasskeyRefused,
    PasskeyTaken,
    TooManyPasskeys,
)
from lkmr_auth.usecases.parts import PasskeyParts
from lkmr_auth.usecases.ports import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """What a person sees about the own second factors."""

    passkeys: tuple[Passkey, ...]
    backup_codes_left: int


async def read_own_keys(owner: PersonId, *, parts: PasskeyParts) -> OwnKeys:
    """All keys of a person and how many backup codes are unused."""
    async with parts.new_uow() as uow:
        return OwnKeys(
            passkeys=await uow.passkeys.list(owner),
            backup_codes_left=await uow.backup_codes.count_unused(owner),
        )


async def start_registration(owner: PersonId, origin: str, *, parts: PasskeyParts) -> str:
    """What the browser is asked to make, as JSON. Raises TooManyPasskeys."""
    async with parts.new_uow() as uow:
        person = await uow.people.get(owner)
        known = await uow.passkeys.list(owner)
        if len(known) >= MAX_PASSKEYS:
            raise TooManyPasskeys
        challenge = await ask(uow, owner, Ceremony.REGISTER, origin, parts)
        await uow.commit()
    here = [one for one in known if one.relying_party == relying_party_of(origin)]
    return parts.ceremonies.registration_options(challenge, person.account_number, here)


async def register(
    owner: PersonId, name: str, credential: str, *, session: str, parts: PasskeyParts
) -> Passkey:
    """Keep the key that the browser made.

    Raises PasskeyNameInvalid, PasskeyRefused, PasskeyTaken, TooManyPasskeys.
    """
    now, named = parts.clock.now(), name_typed(name)
    challenge = await answered(owner, Ceremony.REGISTER, credential, parts)
    made = parts.ceremonies.check_registration(credential, challenge)
    passkey = Passkey(
        id=uuid.uuid4(),
        person_id=owner,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        relying_party=relying_party_of(challenge.origin),
        name=named,
        create_time=now,
    )
    async with parts.new_uow() as uow:
        await uow.people.get(owner, lock=True)
        if len(await uow.passkeys.list(owner)) >= MAX_PASSKEYS:
            raise TooManyPasskeys
        if not await uow.passkeys.add(passkey):
            raise PasskeyTaken
        await uow.journal.add(_entry(PASSKEY_ADD, owner, passkey.id, session), now)
        await uow.commit()
    return passkey


async def rename_passkey(
    owner: PersonId, key_id: uuid.UUID, name: str, *, parts: PasskeyParts
) -> None:
    """Raises PasskeyNameInvalid, PasskeyNotFound."""
    named = name_typed(name)
    async with parts.new_uow() as uow:
        if not await uow.passkeys.rename(owner, key_id, named):
            raise PasskeyNotFound
        await uow.commit()


async def remove_passkey(
    owner: PersonId, key_id: uuid.UUID, *, session: str, parts: PasskeyParts
) -> None:
    """The key opens nothing from now on. Raises PasskeyNotFound."""
    async with parts.new_uow() as uow:
        if not await uow.passkeys.remove(owner, key_id):
            raise PasskeyNotFound
        entry = _entry(PASSKEY_REMOVE, owner, key_id, session)
        await uow.journal.add(entry, parts.clock.now())
        await uow.commit()


async def ask(
    uow: UnitOfWork, person: PersonId, ceremony: Ceremony, origin: str, parts: PasskeyParts
) -> Challenge:
    """Begin a ceremony; it lives for five minutes."""
    challenge = Challenge(
        secret=parts.ceremonies.new_challenge(),
        person_id=person,
        ceremony=ceremony,
        origin=origin,
        expire_time=parts.clock.now() + CEREMONY_LIFE,
    )
    await uow.passkeys.ask(challenge)
    return challenge


async def answered(
    person: PersonId, ceremony: Ceremony, credential: str, parts: PasskeyParts
) -> Challenge:
    """The challenge that an answer is for, used up whatever follows. Raises PasskeyRefused."""
    secret = parts.ceremonies.challenge_in(credential)
    async with parts.new_uow() as uow:
        challenge = await uow.passkeys.take(person, ceremony, secret, parts.clock.now())
        await uow.commit()
    if challenge is None:
        raise PasskeyRefused
    return challenge


def _entry(operation: str, owner: PersonId, key_id: uuid.UUID, session: str) -> AuditEntry:
    return AuditEntry(
        operation=operation,
        object=f"persons/{owner}/passkeys/{key_id}",
        result=Result.ALLOWED,
        actor=owner,
        session=session,
    )
