"""Who may see and change whose education: the exact half of the decision about rights."""

from datetime import date

from lkmr_access.matrix import allowed
from lkmr_education.domain.errors import WorkerNotFound
from lkmr_education.domain.record import Record
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller, CallerKind

SECTION = "education"


def check_own(caller: Caller, worker: str, operation: str) -> None:
    """Only the worker themselves. Raises WorkerNotFound, ServiceError PERMISSION_DENIED."""
    if caller.kind is not CallerKind.PERSON or caller.require_worker() != worker:
        raise WorkerNotFound
    if not allowed(caller.held_roles, SECTION, operation):
        raise ServiceError("PERMISSION_DENIED", Category.PERMISSION_DENIED)


def check_read(caller: Caller, worker: str, record: Record | None, today: date) -> None:
    """The worker, the own programs, a head or coordinator of theirs. Raises WorkerNotFound."""
    if caller.kind is CallerKind.JOB or caller.worker == worker:
        return
    check_staff(caller, record, SECTION, "R", today)


def check_staff(
    caller: Caller, record: Record | None, section: str, operation: str, today: date
) -> None:
    """A head of the department or an officer of the organisation where the worker works today.

    Raises WorkerNotFound for everybody else, so that nothing tells who works where.
    """
    scope = allowed(caller.held_roles, section, operation)
    if record is None or not caller.organization_oid or scope not in {"d", "g"}:
        raise WorkerNotFound
    for job in record.current_jobs(today):
        if job.organization_oid != caller.organization_oid:
            continue
        if scope == "g" or (caller.department and job.department == caller.department):
            return
    raise WorkerNotFound
