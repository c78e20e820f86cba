"""The page that asks a person to prove who they are once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """A code that was sent to the telephone."""

    phone_masked: str
    expire_time: datetime
    attempts_left: int
    resend_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUpView:
    """`/step-up`: POST `/step-up/code` sends a code, POST `/step-up` takes it.

    `action` and `kept` hold a form that is sent on afterwards, `return_to` a page to open.
    `error_field` is the field that a refusal belongs to: `code`, `password`, `backup_code` or
    `backup_password`. `/step-up/passkey` takes the signature of a key, `/step-up/backup-code` a
    backup code. `passkey_offered` is None while it is not known: the script asks.
    """

    template: ClassVar[str] = "step_up.html"
    return_to: str = "/"
    action: str = ""
    kept: str = ""
    code: SentCode | None = None
    password_required: bool = False
    passkey_offered: bool | None = None
    backup_code_offered: bool = True
    error: str = ""
    error_code: str = ""
    error_field: str = ""
    trace_id: str = ""
