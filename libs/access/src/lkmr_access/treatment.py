"""Who may open the card of a patient: a treatment relation, or an emergency access.

Source: 323-ФЗ of 21.11.2011, art. 13: a card is medical secrecy, also from colleagues. What makes a
relation (a visit of the last 30 days, an assigned area, a ward, a consultation, a video visit) is
known to the service that holds cards; it brings the port.
"""

from typing import Protocol

from lkmr_access.matrix import allowed
from lkmr_access.practice import is_practice
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller

_OWN_PATIENTS = "p"


class TreatmentRelations(Protocol):
    """What the service with cards knows."""

    async def exists(self, worker: str, patient: str) -> bool:
        """Whether a worker treats a patient today."""
        ...


class Emergencies(Protocol):
    """What `auth` knows (`AccessService.CheckEmergency`)."""

    async def open_now(self, patient: str) -> bool:
        """Whether the caller has opened this card for an emergency."""
        ...


async def require_card(
    patient: str,
    section: str,
    operation: str,
    *,
    caller: Caller,
    relations: TreatmentRelations,
    emergencies: Emergencies,
) -> str:
    """The scope in which the caller may do an operation on the card `patients/{patient}`.

    Scope `p` asks for a relation; without one an emergency access opens the card. Raises
    ServiceError SECTION_CLOSED, PRACTICE_SUSPENDED, WORKER_REQUIRED, NO_TREATMENT_RELATION.
    """
    scope = allowed(caller.held_roles, section, operation)
    if not scope:
        raise ServiceError("SECTION_CLOSED", Category.PERMISSION_DENIED)
    if is_practice(section, operation, scope):
        caller.require_practice()
    if scope != _OWN_PATIENTS:
        return scope
    if await relations.exists(caller.require_worker(), patient):
        return scope
    if await emergencies.open_now(patient):
        return scope
    raise ServiceError("NO_TREATMENT_RELATION", Category.PERMISSION_DENIED)
