"""Shapes of the JSON API about second factors and what a person decides about the own account."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class Passkey(BaseModel):
    """A key (WebAuthn) of the person; it works at `address` alone."""

    id: str
    name: str
    address: str
    create_time: datetime
    use_time: datetime | None


class Passkeys(BaseModel):
    """The own second factors besides the code by SMS."""

    items: list[Passkey]
    backup_codes_left: int


class PasskeyOptions(BaseModel):
    """What to give to `navigator.credentials`, as WebAuthn level 3 writes it in JSON."""

    options: dict[str, Any]


class NewPasskey(BaseModel):
    """`credential` is the RegistrationResponseJSON of the browser as a text."""

    name: str
    credential: str


class PasskeyName(BaseModel):
    name: str


class PasskeyProof(BaseModel):
    """`credential` is the AuthenticationResponseJSON of the browser as a text."""

    credential: str


class BackupCodes(BaseModel):
    """Ten codes, told this once; each works once."""

    codes: list[str]


class CabinetPassword(BaseModel):
    """A new password of the cabinet: it serves step-up and the entry while Gosuslugi is away."""

    password: str
