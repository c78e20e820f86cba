"""Who may see and change whose education: the exact half of the decision about rights."""

from lkmr_access.matrix import allowed
from lkmr_education.domain.errors import SelfConfirmation, WorkerNotFound
from lkmr_education.usecases.present_worker import Present
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller, CallerKind

SECTION = "education"


def check_own(caller: Caller, worker: str, operation: str) -> None:
    """Only the worker themselves. Raises WorkerNotFound, ServiceError PERMISSION_DENIED."""
    if caller.kind is not CallerKind.PERSON or caller.require_worker() != worker:
        raise WorkerNotFound
    if not allowed(caller.held_roles, SECTION, operation):
        raise ServiceError("PERMISSION_DENIED", Category.PERMISSION_DENIED)


def check_read(caller: Caller, present: Present) -> None:
    """The worker, the own programs, a head or coordinator of theirs. Raises WorkerNotFound."""
    if caller.kind is CallerKind.JOB or caller.worker == present.worker.id:
        return
    check_staff(caller, present, SECTION, "R")


def check_staff(caller: Caller, present: Present, section: str, operation: str) -> None:
    """A head of the department or an officer of the organisation where the worker works today.

    Nobody approves their own. Raises WorkerNotFound for everybody else, so that nothing tells who
    works where, and SelfConfirmation.
    """
    record = present.worker.record
    scope = allowed(caller.held_roles, section, operation)
    if operation == "A" and caller.worker == present.worker.id:
        raise SelfConfirmation
    if record is None or not caller.organization_oid or scope not in {"d", "g"}:
        raise WorkerNotFound
    for job in record.current_jobs(present.today):
        if job.organization_oid != caller.organization_oid:
            continue
        if scope == "g" or (caller.department and job.department == caller.department):
            return
    raise WorkerNotFound
