"""All refusals of this service."""

from lkmr_servicekit.errors import Category, Refusal


class RegisterUnavailable(Refusal):
    """An outside register does not answer, or answers what cannot be read.

    Metadata: `register` (worker_register, insured_register, learning_portal,
    document_register, licence_register, health_authority) and `cause`; `retry_seconds` when the
    register said when to come again.
    """

    REASON = "REGISTER_UNAVAILABLE"
    CATEGORY = Category.UNAVAILABLE


class WorkerCardNotFound(Refusal):
    """The worker register has no card of this worker."""

    REASON = "WORKER_CARD_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class CursorInvalid(Refusal):
    """The register does not know this place in the order of changes."""

    REASON = "CURSOR_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class StudyFileNotFound(Refusal):
    """The portal has no such file."""

    REASON = "STUDY_FILE_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class ReportRefused(Refusal):
    """A supervising body does not take the report in at all: its form is not the agreed one."""

    REASON = "REPORT_REFUSED"
    CATEGORY = Category.FAILED_PRECONDITION


class ReportUnknown(Refusal):
    """A supervising body has no report with this number."""

    REASON = "REPORT_UNKNOWN"
    CATEGORY = Category.NOT_FOUND


class SnilsInvalid(Refusal):
    """Not eleven digits with right check digits."""

    REASON = "SNILS_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class BirthDateInvalid(Refusal):
    """Not a date of ISO 8601."""

    REASON = "BIRTH_DATE_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class CardForeign(Refusal):
    """A person may read the own card only."""

    REASON = "CARD_FOREIGN"
    CATEGORY = Category.PERMISSION_DENIED
