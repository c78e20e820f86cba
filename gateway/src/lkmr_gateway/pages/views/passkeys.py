"""Passkeys and backup codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyItem:
    """A key of the person; `use_time` is None while it was never used."""

    id: str
    name: str
    address: str
    create_time: datetime
    use_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskeyView:
    """`/security/passkeys/new`; `options` go to the browser, the form to `/security/passkeys`."""

    template: ClassVar[str] = "passkey_new.html"
    options: str = ""
    name: str = ""
    error: str = ""
    error_code: str = ""
    error_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCodesView:
    """Fresh codes, shown this once."""

    template: ClassVar[str] = "backup_codes.html"
    codes: tuple[str, ...]
