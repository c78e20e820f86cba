"""Who may see and change whose documents: the exact half of the decision about rights."""

from dataclasses import dataclass

from lkmr_access.matrix import allowed
from lkmr_accreditation.domain.documents import Document, Visibility
from lkmr_accreditation.domain.errors import SelfConfirmation, StaffMemberNotFound
from lkmr_accreditation.usecases.staff import StaffReader, staff_member
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller

SECTION = "documents"
_OFFICE, _HEADS = "HR", frozenset({"HEAD_DEPT", "HEAD_ORG"})


@dataclass(frozen=True, slots=True)
class View:
    """What a caller sees of a worker's documents."""

    own: bool
    levels: frozenset[Visibility]

    def shows(self, document: Document) -> bool:
        """Whether a document is open to the caller."""
        return self.own or document.visibility in self.levels


def levels_of(caller: Caller) -> frozenset[Visibility]:
    """Which documents of the staff are open to a caller: personnel sees more than heads."""
    levels = set()
    if _OFFICE in caller.held_roles:
        levels |= {Visibility.HR, Visibility.HEAD}
    if _HEADS.intersection(caller.held_roles):
        levels.add(Visibility.HEAD)
    return frozenset(levels)


async def view_of(caller: Caller, worker: str, operation: str, *, staff: StaffReader) -> View:
    """What the caller may do with documents of a worker: the own ones, or those of their staff.

    Nobody confirms their own. Raises StaffMemberNotFound, SelfConfirmation, ServiceError
    PERMISSION_DENIED.
    """
    scope = allowed(caller.held_roles, SECTION, operation)
    own = bool(caller.worker) and caller.worker == worker
    if own and operation == "A":
        raise SelfConfirmation
    if own:
        if not scope:
            raise ServiceError("PERMISSION_DENIED", Category.PERMISSION_DENIED)
        return View(own=True, levels=frozenset(Visibility))
    if scope not in {"d", "g"}:
        raise StaffMemberNotFound
    await staff_member(caller, worker, reader=staff)
    return View(own=False, levels=levels_of(caller))
