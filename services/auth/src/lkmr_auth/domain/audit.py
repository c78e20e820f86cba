"""The journal of acts (журнал аудита)."""

from dataclasses import dataclass
from enum import Enum

from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.personal import Personal


class Result(Enum):
    """How an act ended."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    FAILED = "FAILED"


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
SIGN_OUT = "session.end"
REVOKE = "session.revoke"
SWITCH = "session.switch_profile"
CODE_LOCK = "account.code_lock"
UNLOCK = "account.code_unlock"
STEP_UP = "session.step_up"
