"""Bindings (привязки) of people to organisations, and the profiles that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lkmr_auth.domain.errors import ProfileUnknown
from lkmr_auth.domain.person import RegisterJob

# Roles that need no medical post; their holders are confirmed by their binding.
NON_MEDICAL_ROLES = frozenset({"IT_ADMIN", "SEC_ADMIN", "AUDITOR", "SUPPORT", "REGULATOR"})
ROLES = NON_MEDICAL_ROLES | {
    "DOCTOR",
    "NURSE",
    "HEAD_DEPT",
    "HEAD_ORG",
    "HR",
    "REGISTRAR",
    "STAT",
    "PKU",
    "EDU_COORD",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organisation that people are bound to; `oid` is its number in the register (ФРМО)."""

    id: str
    oid: str
    name: str
    short_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A role that a person holds at an organisation."""

    organization: Organization
    role: str
    position: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A role at an organisation that may be chosen now."""

    organization: Organization
    role: str
    position: str
    department: str

    @property
    def name(self) -> str:
        """`{organization}/{ROLE}`."""
        return f"{self.organization.id}/{self.role}"


def only_non_medical(bindings: Iterable[Binding]) -> bool:
    """Whether a person is confirmed by binding instead of by the worker register (ФРМР).

    So are people whose roles all need no medical post; a person without any binding is not.
    """
    roles = {binding.role for binding in bindings}
    return bool(roles) and roles <= NON_MEDICAL_ROLES


def profiles_of(
    bindings: Iterable[Binding], jobs: Iterable[RegisterJob], day: date
) -> tuple[Profile, ...]:
    """The profiles that a person may choose on a day, in the order of organisation and role.

    A role with a medical post counts only while the register card has a current job at that very
    organisation; the other roles count as long as they are bound.
    """
    current = {job.organization_oid for job in jobs if job.lasts_on(day)}
    found = {
        (one.organization.id, one.role): Profile(
            organization=one.organization,
            role=one.role,
            position=one.position,
            department=one.department,
        )
        for one in bindings
        if one.role in NON_MEDICAL_ROLES or one.organization.oid in current
    }
    return tuple(found[key] for key in sorted(found))


def choose(profiles: Iterable[Profile], name: str) -> Profile:
    """The profile of this name. Raises ProfileUnknown."""
    for profile in profiles:
        if profile.name == name:
            return profile
    raise ProfileUnknown
