"""The journal of acts (журнал аудита)."""

from dataclasses import dataclass

from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.audit import Act, Result
from lkmr_servicekit.personal import Personal

__all__ = ["AuditEntry", "Result", "act_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An act worth keeping. `object` is a resource name, never a name or number of a person."""

    operation: str
    object: str
    result: Result
    reason: str = ""
    actor: PersonId | None = None
    roles: tuple[str, ...] = ()
    organization: str = ""
    session: str = ""
    address: Personal[str] | None = None
    device: str = ""
    trace_id: str = ""


SIGN_IN = "session.start"
SIGN_IN_RECORD = "sign_in"
SIGN_OUT = "session.end"
REVOKE = "session.revoke"
SWITCH = "session.switch_profile"
CODE_LOCK = "account.code_lock"
UNLOCK = "account.code_unlock"
STEP_UP = "session.step_up"
RENEW = "session.renew"
TERMS = "account.terms"
CONSENT = "account.consent"
EMPLOYEE = "account.bind_employee"
ACTIVATE = "account.activate"
PASSWORD = "account.password"  # noqa: S105 - the name of an act
PASSKEY_ADD = "account.passkey_add"
PASSKEY_REMOVE = "account.passkey_remove"
ERASURE_REPORT = "erasure.report"
BACKUP_CODES = "account.backup_codes"


def act_of(entry: AuditEntry) -> Act:
    """The entry as the journal keeps it, without its time and address."""
    actor = f"persons/{entry.actor}" if entry.actor else ""
    return Act(
        operation=entry.operation,
        object=entry.object,
        subject=actor if entry.object == SIGN_IN_RECORD else "",
        result=entry.result,
        reason=entry.reason,
        actor=actor,
        roles=entry.roles,
        organization=entry.organization,
        session=entry.session,
        trace_id=entry.trace_id,
        device=entry.device,
    )
