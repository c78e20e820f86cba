"""Addresses of the cabinet for organisations (адреса возврата), matched exactly."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from lkmr_auth.domain.errors import AddressInvalid

_ORIGIN = re.compile(
    r"https://(?=.{4,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
    r"(?::[1-9][0-9]{0,4})?\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectAddress:
    """An origin at which people of an organisation open the cabinet."""

    id: uuid.UUID
    organization: str
    origin: str
    create_time: datetime


def origin_in(text: str) -> str:
    """An origin exactly as browsers send it: https, lower case, no path, no wildcard.

    Raises AddressInvalid.
    """
    if not _ORIGIN.match(text) or text.endswith(":443"):
        raise AddressInvalid(field="origin")
    return text
