"""Passkeys (ключи входа, WebAuthn): what is kept of one, and the ceremonies around it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.proof_errors import PasskeyNameInvalid
from lkmr_servicekit.personal import Personal

MAX_PASSKEYS = 10
MAX_NAME = 60
CEREMONY_LIFE = timedelta(minutes=5)


class Ceremony(Enum):
    """What a challenge is for; an answer to one does not serve the other."""

    REGISTER = "REGISTER"
    PROVE = "PROVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Random bytes that a key is to sign once, for one person at one address."""

    secret: bytes
    person_id: PersonId
    ceremony: Ceremony
    origin: str
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a browser registered: checked, not yet kept."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key of a person at one address of the cabinet. The private half never leaves the device."""

    id: uuid.UUID
    person_id: PersonId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    relying_party: str
    name: Personal[str]
    create_time: datetime
    use_time: datetime | None = None


def relying_party_of(origin: str) -> str:
    """The host that keys belong to (RP ID); a key made for one host is of no use at another."""
    return urlsplit(origin).hostname or ""


def name_typed(text: str) -> Personal[str]:
    """A name that a person gave. Raises PasskeyNameInvalid: empty, too long, unprintable."""
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise PasskeyNameInvalid(field="name")
    return Personal(name)
