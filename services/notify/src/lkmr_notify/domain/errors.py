"""All refusals of this service."""

from lkmr_servicekit.errors import Category, Refusal


class MessageNotFound(Refusal):
    """The caller has no such message."""

    REASON = "MESSAGE_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class MessageForeign(Refusal):
    """A name under another person."""

    REASON = "MESSAGE_FOREIGN"
    CATEGORY = Category.PERMISSION_DENIED
