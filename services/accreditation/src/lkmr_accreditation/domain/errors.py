"""All refusals of this service."""

from collections.abc import Sequence

from lkmr_servicekit.errors import Category, FieldFault, Refusal, ServiceError


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


class ApplicationNotFound(Refusal):
    """No such application among those that the caller may see."""

    REASON, CATEGORY = "APPLICATION_NOT_FOUND", Category.NOT_FOUND


class ApplicationOpen(Refusal):
    """An application of this form and specialty is open. Metadata: `application`."""

    REASON, CATEGORY = "APPLICATION_OPEN", Category.ALREADY_EXISTS


class TransitionRefused(Refusal):
    """This step cannot be taken from this state. Metadata: `state`, `to`."""

    REASON, CATEGORY = "APPLICATION_STEP_REFUSED", Category.FAILED_PRECONDITION


class ApplicationChanged(Refusal):
    """The application is no longer the version that was read."""

    REASON, CATEGORY = "APPLICATION_CHANGED", Category.CONFLICT


class FormUnknown(Refusal):
    """No such form, or one that is not begun by itself."""

    REASON, CATEGORY = "APPLICATION_FORM_UNKNOWN", Category.INVALID_ARGUMENT


class HoursNotMet(Refusal):
    """The hours rule is not met. Metadata: `missing_hours`."""

    REASON, CATEGORY = "HOURS_NOT_MET", Category.FAILED_PRECONDITION


class TooEarly(Refusal):
    """Applications are taken later. Metadata: `open_date`."""

    REASON, CATEGORY = "APPLICATION_TOO_EARLY", Category.FAILED_PRECONDITION


class ReportNotAgreed(Refusal):
    """The report was not agreed, nor was it refused with a reason."""

    REASON, CATEGORY = "REPORT_NOT_AGREED", Category.FAILED_PRECONDITION


class BreakTooLong(Refusal):
    """The break in the specialty is longer than the law allows for this kind of accreditation."""

    REASON, CATEGORY = "BREAK_TOO_LONG", Category.FAILED_PRECONDITION


class MentoringUnfinished(Refusal):
    """The term of mentoring in the specialty is not finished."""

    REASON, CATEGORY = "MENTORING_UNFINISHED", Category.FAILED_PRECONDITION


class FormerTermOver(Refusal):
    """Who has no job finishes own applications for a while only. Metadata: `limit_date`."""

    REASON, CATEGORY = "FORMER_TERM_OVER", Category.PERMISSION_DENIED


class ConsentRequired(Refusal):
    """The worker did not agree to an extract for personnel, withdrew, or the term has passed."""

    REASON, CATEGORY = "CONSENT_REQUIRED", Category.FAILED_PRECONDITION


class AppealTooLate(Refusal):
    """The term for an appeal has passed. Metadata: `limit_date`."""

    REASON, CATEGORY = "APPEAL_TOO_LATE", Category.FAILED_PRECONDITION


class RefilePause(Refusal):
    """After «не сдано» a new application is taken later. Metadata: `open_date`."""

    REASON, CATEGORY = "REFILE_PAUSE", Category.FAILED_PRECONDITION


class OwnReport(Refusal):
    """Nobody approves their own report (separation of duties)."""

    REASON, CATEGORY = "OWN_REPORT", Category.PERMISSION_DENIED


class TooManyWorkers(Refusal):
    """More workers at once than are read (metadata limit)."""

    REASON, CATEGORY = "TOO_MANY_WORKERS", Category.INVALID_ARGUMENT


class DocumentNotFound(Refusal):
    """No such document among those that the caller may see."""

    REASON, CATEGORY = "DOCUMENT_NOT_FOUND", Category.NOT_FOUND


class DocumentInvalid(ServiceError):
    """Fields of a document that cannot be taken, each by its name."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("DOCUMENT_INVALID", Category.INVALID_ARGUMENT, fields=faults)


class DocumentTypeRefused(Refusal):
    """The content of a file is of no kind that is taken, or not of the kind its name says."""

    REASON, CATEGORY = "DOCUMENT_TYPE_REFUSED", Category.INVALID_ARGUMENT


class DocumentCut(Refusal):
    """The stream of a file ended before its last message: nothing is kept."""

    REASON, CATEGORY = "DOCUMENT_CUT", Category.INVALID_ARGUMENT


class DocumentTooLarge(Refusal):
    """A file has more bytes, pages or points than are taken (metadata limit)."""

    REASON, CATEGORY = "DOCUMENT_TOO_LARGE", Category.INVALID_ARGUMENT


class DocumentEncrypted(Refusal):
    """A PDF that opens by a password only."""

    REASON, CATEGORY = "DOCUMENT_ENCRYPTED", Category.INVALID_ARGUMENT


class DocumentUnsafe(Refusal):
    """A file that is broken, carries programs or files inside, or that a scanner refused."""

    REASON, CATEGORY = "DOCUMENT_UNSAFE", Category.INVALID_ARGUMENT


class DocumentDuplicate(Refusal):
    """The same file, or a document of the same kind and number, is kept already."""

    REASON, CATEGORY = "DOCUMENT_DUPLICATE", Category.ALREADY_EXISTS


class DocumentChanged(Refusal):
    """Somebody changed the document meanwhile: the caller knew an earlier version."""

    REASON, CATEGORY = "DOCUMENT_CHANGED", Category.CONFLICT


class DocumentFixed(Refusal):
    """What the register says is changed by the register alone; an archived document by nobody."""

    REASON, CATEGORY = "DOCUMENT_FIXED", Category.FAILED_PRECONDITION


class DocumentWithoutFile(Refusal):
    """A version that was recorded without a file."""

    REASON, CATEGORY = "DOCUMENT_WITHOUT_FILE", Category.NOT_FOUND


class SelfConfirmation(Refusal):
    """Nobody confirms a document of their own."""

    REASON, CATEGORY = "SELF_CONFIRMATION", Category.PERMISSION_DENIED
