"""Refusals of delegations, emergency access and policies. Reasons are public and never renamed."""

from lkmr_servicekit.errors import Category, Refusal


class DelegateUnknown(Refusal):
    """No such person works in the organisation; metadata `field`."""

    REASON = "DELEGATE_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class DelegationDatesInvalid(Refusal):
    """The days do not make a span that is allowed; metadata `field`, `most_days`."""

    REASON = "DELEGATION_DATES_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class DelegationClosed(Refusal):
    """The active role has nothing to delegate; who acts for another does not pass it on."""

    REASON = "DELEGATION_CLOSED"
    CATEGORY = Category.FAILED_PRECONDITION


class DelegationOverlaps(Refusal):
    """The person acts for somebody in this role on these days already."""

    REASON = "DELEGATION_OVERLAPS"
    CATEGORY = Category.ALREADY_EXISTS


class DelegationNotFound(Refusal):
    """The caller neither gave nor got such a delegation."""

    REASON = "DELEGATION_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class EmergencyObjectInvalid(Refusal):
    """Emergency access opens one card of a patient, `patients/{patient}`; metadata `field`."""

    REASON = "EMERGENCY_OBJECT_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class EmergencyReasonUnknown(Refusal):
    """The list of reasons has no such one; metadata `field`."""

    REASON = "EMERGENCY_REASON_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class EmergencyNotFound(Refusal):
    """The caller knows no such emergency access."""

    REASON = "EMERGENCY_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class EmergencyReviewed(Refusal):
    """The review is over (LKMR-SYS-013)."""

    REASON = "EMERGENCY_REVIEWED"
    CATEGORY = Category.FAILED_PRECONDITION


class PolicyUnknown(Refusal):
    """There is no such policy."""

    REASON = "POLICY_UNKNOWN"
    CATEGORY = Category.NOT_FOUND


class PolicyValueInvalid(Refusal):
    """Not a number within its bounds, or a day that has passed; metadata `field`."""

    REASON = "POLICY_VALUE_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class DraftInvalid(Refusal):
    """A draft is a few short texts of one form; metadata `field`."""

    REASON = "DRAFT_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class DataRequestKindUnknown(Refusal):
    """There is no such kind of request; metadata `field`."""

    REASON = "DATA_REQUEST_KIND_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class DataRequestTextInvalid(Refusal):
    """A request or an answer needs words, not too many; metadata `field`."""

    REASON = "DATA_REQUEST_TEXT_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class DataRequestNotFound(Refusal):
    """The caller knows no such request."""

    REASON = "DATA_REQUEST_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class DataRequestAnswered(Refusal):
    """The request was answered (LKMR-SYS-013)."""

    REASON = "DATA_REQUEST_ANSWERED"
    CATEGORY = Category.FAILED_PRECONDITION


class ErasureHeld(Refusal):
    """Something needs the data; metadata `holds`, as CURRENT_JOB,OPEN_APPLICATION (SYS-013)."""

    REASON = "ERASURE_HELD"
    CATEGORY = Category.FAILED_PRECONDITION


class ErasureNotFound(Refusal):
    """There is no such destruction."""

    REASON = "ERASURE_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class ErasureNotAsked(Refusal):
    """The request asks for no destruction, or its destruction was ordered; metadata `step`."""

    REASON = "ERASURE_NOT_ASKED"
    CATEGORY = Category.FAILED_PRECONDITION


class DataRequestNotExtendable(Refusal):
    """The law gives no more time for it, or it was given (LKMR-SYS-013)."""

    REASON = "DATA_REQUEST_NOT_EXTENDABLE"
    CATEGORY = Category.FAILED_PRECONDITION
