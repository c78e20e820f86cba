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


class FilterInvalid(Refusal):
    """A view or group that is none."""

    REASON = "FILTER_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class PreferenceInvalid(Refusal):
    """A zone, hour, channel or group that is none."""

    REASON = "PREFERENCE_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class PreferenceLocked(Refusal):
    """What the organisation has decided cannot be chosen otherwise."""

    REASON = "PREFERENCE_LOCKED"
    CATEGORY = Category.FAILED_PRECONDITION


class PushSubscriptionInvalid(Refusal):
    """Keys that are none, or the address of a push service that is not known."""

    REASON = "PUSH_SUBSCRIPTION_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class UnsubscribeLinkInvalid(Refusal):
    """A link that no letter of ours carried."""

    REASON = "UNSUBSCRIBE_LINK_INVALID"
    CATEGORY = Category.NOT_FOUND


class AnnouncementNotFound(Refusal):
    """No such announcement, or not the caller's to see."""

    REASON = "ANNOUNCEMENT_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class AnnouncementInvalid(Refusal):
    """A text, day or audience that does not fit."""

    REASON = "ANNOUNCEMENT_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class AnnouncementStateWrong(Refusal):
    """What is asked for is not possible in this state."""

    REASON = "ANNOUNCEMENT_STATE_WRONG"
    CATEGORY = Category.FAILED_PRECONDITION


class AudienceTooWide(Refusal):
    """An audience beyond the caller's own organisation."""

    REASON = "AUDIENCE_TOO_WIDE"
    CATEGORY = Category.PERMISSION_DENIED


class DeadEventNotFound(Refusal):
    """No such unresolved event."""

    REASON = "DEAD_EVENT_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND
