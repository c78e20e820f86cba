"""All refusals of this service."""

from lkmr_servicekit.errors import Category, Refusal


class AccreditationNotFound(Refusal):
    """No such register entry among those that the caller may see."""

    REASON, CATEGORY = "ACCREDITATION_NOT_FOUND", Category.NOT_FOUND


class ExtractNotFound(Refusal):
    """No extract was issued under this code."""

    REASON, CATEGORY = "EXTRACT_NOT_FOUND", Category.NOT_FOUND


class RegisterUnavailable(Refusal):
    """The worker register does not answer and nothing is stored that could be shown."""

    REASON, CATEGORY = "REGISTER_UNAVAILABLE", Category.UNAVAILABLE


class CursorUnknown(Refusal):
    """The register does not know the place where the load stopped: it begins anew."""

    REASON, CATEGORY = "CURSOR_UNKNOWN", Category.FAILED_PRECONDITION


class WorkerUnknown(Refusal):
    """The register has no card for this worker."""

    REASON, CATEGORY = "WORKER_UNKNOWN", Category.NOT_FOUND


class FilterInvalid(Refusal):
    """A filter or an order that this list does not know."""

    REASON, CATEGORY = "FILTER_INVALID", Category.INVALID_ARGUMENT


class StaffMemberNotFound(Refusal):
    """No such worker among the staff that the caller may see."""

    REASON, CATEGORY = "STAFF_MEMBER_NOT_FOUND", Category.NOT_FOUND


class OrganizationRequired(Refusal):
    """The active profile names no organisation or department whose staff could be shown."""

    REASON, CATEGORY = "ORGANIZATION_REQUIRED", Category.FAILED_PRECONDITION


class PartnerQuotaExhausted(Refusal):
    """A partner system used up the checks of its day."""

    REASON, CATEGORY = "PARTNER_QUOTA_EXHAUSTED", Category.RATE_LIMITED


class PartnerCursorUnknown(Refusal):
    """A cursor that this feed never gave, or gave before the data were restored from a copy."""

    REASON, CATEGORY = "PARTNER_CURSOR_UNKNOWN", Category.FAILED_PRECONDITION
