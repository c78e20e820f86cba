"""Passkeys and backup codes over PostgreSQL: sealed names, hashed codes, exact single use."""

import asyncio

import pytest
import sqlalchemy as sa
from auth_fakes import World
from auth_samples import DOCTOR, ORIGIN
from soft_authenticator import SoftAuthenticator

from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.passkeys.keep_backup_codes import make_backup_codes
from lkmr_auth.usecases.passkeys.keep_passkeys import (
    read_own_keys,
    register,
    remove_passkey,
    rename_passkey,
    start_registration,
)
from lkmr_servicekit.database import Database
from lkmr_servicekit.personal import Personal

pytestmark = pytest.mark.servers
NAME = "Телефон Образцовой"


async def a_person(world: World, snils: str) -> PersonId:
    async with world.new_uow() as uow:
        person = await uow.people.create(Personal(snils), active=True, now=world.clock.now())
        await uow.people.save_organization(DOCTOR.organization)
        await uow.commit()
    return PersonId(person.id)


async def test_a_key_is_kept_sealed_used_and_removed(world: World, store: Database) -> None:
    owner = await a_person(world, "90000103798")
    device, parts = SoftAuthenticator(ORIGIN), world.keeping
    options = await start_registration(owner, ORIGIN, parts=parts)
    await register(owner, NAME, device.register(options), session="s", parts=parts)
    async with store.engine.connect() as connection:
        row = (await connection.execute(sa.text("SELECT name FROM passkey"))).one()
        assert NAME.encode() not in bytes(row.name)
    (key,) = (await read_own_keys(owner, parts=parts)).passkeys
    assert key.name.open() == NAME

    await rename_passkey(owner, key.id, "Ключ", parts=parts)
    (key,) = (await read_own_keys(owner, parts=parts)).passkeys
    assert key.name.open() == "Ключ"
    await remove_passkey(owner, key.id, session="s", parts=parts)
    assert (await read_own_keys(owner, parts=parts)).passkeys == ()


async def test_a_backup_code_serves_one_of_many_at_once(world: World, store: Database) -> None:
    owner = await a_person(world, "90001659244")
    codes = await make_backup_codes(owner, session="s", parts=world.keeping)
    typed = codes[0].replace("-", "")

    async def use() -> bool:
        async with world.new_uow() as uow:
            used: bool = await uow.backup_codes.consume(owner, typed, world.clock.now())
            await uow.commit()
        return used

    assert sum(await asyncio.gather(*(use() for _ in range(20)))) == 1
    assert (await read_own_keys(owner, parts=world.keeping)).backup_codes_left == len(codes) - 1
    async with store.engine.connect() as connection:
        rows = await connection.execute(sa.text("SELECT code_hmac FROM backup_code"))
        assert all(typed.encode() not in bytes(row.code_hmac) for row in rows)
