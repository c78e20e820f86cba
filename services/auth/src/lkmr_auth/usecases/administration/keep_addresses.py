"""Which addresses of the cabinet belong to which organisation (F-189)."""

import uuid

from lkmr_auth.domain.errors import AddressNotFound, OrganizationUnknown
from lkmr_auth.domain.redirect import RedirectAddress, origin_in
from lkmr_auth.domain.rights import Reach
from lkmr_auth.usecases.administration.acting import actor_of, count_act
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.identity import Caller

ALL = Reach(organization="", everywhere=True)


async def list_addresses(
    *, caller: Caller, parts: AdministrationParts
) -> tuple[RedirectAddress, ...]:
    """Addresses of the organisations in reach."""
    async with parts.new_uow() as uow:
        return await uow.redirects.page(parts.reach(actor_of(caller)))


async def list_origins(*, parts: AdministrationParts) -> frozenset[str]:
    """All of them, for sign-in and for the gateway."""
    async with parts.new_uow() as uow:
        return frozenset(one.origin for one in await uow.redirects.page(ALL))


async def add_address(
    organization: str, origin: str, *, caller: Caller, parts: AdministrationParts
) -> uuid.UUID:
    """People of the organisation may sign in there within seconds.

    Raises AddressInvalid, AddressTaken, OrganizationUnknown.
    """
    actor = actor_of(caller)
    address = RedirectAddress(
        id=uuid.uuid4(),
        organization=organization,
        origin=origin_in(origin),
        create_time=parts.clock.now(),
    )
    async with parts.new_uow() as uow:
        if (
            not parts.reach(actor).covers(organization)
            or await uow.rights.find_organization(organization) is None
        ):
            raise OrganizationUnknown(field="organization")
        await uow.redirects.add(address, actor.person_id)
        await uow.commit()
    count_act("address_add")
    return address.id


async def remove_address(
    identity: uuid.UUID, *, caller: Caller, parts: AdministrationParts
) -> None:
    """Nobody signs in there any more. Raises AddressNotFound."""
    async with parts.new_uow() as uow:
        reach = parts.reach(actor_of(caller))
        if not await uow.redirects.end(identity, reach, parts.clock.now()):
            raise AddressNotFound
        await uow.commit()
    count_act("address_remove")
