"""Names, page tokens and documents."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_notify.domain.errors import MessageForeign, MessageNotFound
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.pagination import position_of
from lkmr_servicekit.resource_names import ids_in

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def own_message(name: str, caller: Caller) -> uuid.UUID:
    """The id in `persons/{person}/messages/{message}` of the caller.

    Raises MessageForeign before anything is looked up, MessageNotFound for what is no id,
    ServiceError RESOURCE_NAME_INVALID.
    """
    person, message = ids_in(name, "persons", "messages")
    if person != caller.subject:
        raise MessageForeign
    try:
        return uuid.UUID(message)
    except ValueError:
        raise MessageNotFound from None


def position_from_token(token: str) -> tuple[datetime, uuid.UUID] | None:
    """The place after the last row of a page. Raises ServiceError PAGE_TOKEN_INVALID."""
    position = position_of(token, int, str)
    if not position:
        return None
    micros, message = position
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), uuid.UUID(str(message))
    except (OverflowError, ValueError):
        fault = FieldFault("page_token", "PAGE_TOKEN_INVALID")
        raise ServiceError(
            "PAGE_TOKEN_INVALID", Category.INVALID_ARGUMENT, fields=[fault]
        ) from None


def document_of(body: bytes) -> JsonDocument:
    """The bytes with their etag."""
    return JsonDocument(body=body, etag=hashlib.blake2b(body, digest_size=12).hexdigest())
