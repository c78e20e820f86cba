"""Licences of organisations (лицензии) as the licence register gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum


class LicenceState(Enum):
    """What the register says of a licence."""

    VALID = "VALID"
    REISSUE = "REISSUE"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRecord:
    """One licence: its number, kind of activity, the works that it names (виды работ).

    `valid_until` is None for a licence without end. Source: ПП 852 of 01.06.2021, ФЗ-99.
    """

    number: str
    kind: str
    organization_oid: str
    issuer: str
    issue_date: date | None
    valid_until: date | None
    state: LicenceState
    works: tuple[str, ...]

    def covers(self, work: str) -> bool:
        """Whether it names a work; a licence that is not good covers nothing."""
        good = self.state in {LicenceState.VALID, LicenceState.REISSUE}
        return good and work.casefold() in {one.casefold() for one in self.works}

    def on(self, today: date) -> LicenceState:
        """The state on a day: an end that passed outweighs what the register wrote."""
        ended = self.valid_until is not None and self.valid_until < today
        good = self.state in {LicenceState.VALID, LicenceState.REISSUE}
        return LicenceState.ENDED if ended and good else self.state


@dataclass(frozen=True, slots=True)
class Licences:
    """Licences by the OID of the organisation; one that was not asked about is absent."""

    by_organization: Mapping[str, tuple[LicenceRecord, ...]]

    def of(self, oid: str) -> tuple[LicenceRecord, ...] | None:
        """Licences of an organisation; None while the register was not asked about it."""
        return self.by_organization.get(oid)
