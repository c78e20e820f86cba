"""What personnel begins for a member of the staff: who may, for whom, by which form."""

import uuid
from collections.abc import Mapping

from lkmr_access.matrix import allowed
from lkmr_accreditation.domain.application import Application, Path
from lkmr_accreditation.domain.errors import OrganizationRequired, SelfConfirmation
from lkmr_accreditation.usecases.application_parts import ApplicationParts
from lkmr_accreditation.usecases.create_application import check_answers, look_up
from lkmr_accreditation.usecases.staff import StaffReader, staff_member
from lkmr_servicekit.identity import Caller

METHOD, SECTION = "CreateStaffApplication", "accreditation_forms"


def check_personnel(caller: Caller) -> None:
    """Raises OrganizationRequired for who is not personnel of an organisation.

    Source: matrix of rights, row 03.
    """
    if not caller.organization_oid or allowed(caller.held_roles, SECTION, "C") != "g":
        raise OrganizationRequired


async def staff_draft(
    worker: str,
    *,
    form: str,
    path: Path,
    specialty: str,
    answers: Mapping[str, str],
    caller: Caller,
    staff: StaffReader,
    parts: ApplicationParts,
) -> Application:
    """A draft about a member of the staff, not stored yet.

    Raises StaffMemberNotFound, SelfConfirmation, FIELDS_INVALID, OrganizationRequired,
    RegisterUnavailable.
    """
    check_personnel(caller)
    if worker == caller.worker:
        raise SelfConfirmation
    await staff_member(caller, worker, reader=staff)
    check_answers(parts.forms.get(form), answers)
    _, _, chosen = await look_up(worker, specialty, parts)
    now = parts.clock.now()
    return Application(
        id=str(uuid.uuid4()),
        worker=worker,
        form=form,
        path=path,
        specialty=chosen,
        organization_oid=caller.organization_oid,
        answers=dict(answers),
        create_time=now,
        update_time=now,
        state_time=now,
    )
