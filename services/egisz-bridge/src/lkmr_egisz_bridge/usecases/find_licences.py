"""Find licences of organisations, or the one with a number."""

from collections.abc import Sequence

from lkmr_egisz_bridge.usecases.ports import L, LicenceRegister


async def find_licences(
    organization_oids: Sequence[str], number: str, *, licences: LicenceRegister[L]
) -> list[L]:
    """By number when there is one. Raises RegisterUnavailable."""
    if number:
        return await licences.by_number(number)
    return await licences.of_organizations(organization_oids) if organization_oids else []
