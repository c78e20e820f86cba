"""All refusals of this service."""

from collections.abc import Sequence

from lkmr_servicekit.errors import Category, FieldFault, Refusal, ServiceError


class WorkerNotFound(Refusal):
    """No such worker among those whom the caller may see."""

    REASON, CATEGORY = "WORKER_NOT_FOUND", Category.NOT_FOUND


class ActivityNotFound(Refusal):
    """No such activity among those that the caller may see."""

    REASON, CATEGORY = "ACTIVITY_NOT_FOUND", Category.NOT_FOUND


class CertificateNotFound(Refusal):
    """No such document among those that the caller may see."""

    REASON, CATEGORY = "CERTIFICATE_NOT_FOUND", Category.NOT_FOUND


class StepNotAllowed(Refusal):
    """The life cycle has no such step from the present state, or not for this caller."""

    REASON, CATEGORY = "STEP_NOT_ALLOWED", Category.FAILED_PRECONDITION


class ActivityNotFinished(Refusal):
    """An activity cannot be finished before its last day."""

    REASON, CATEGORY = "ACTIVITY_NOT_FINISHED", Category.FAILED_PRECONDITION


class ActivityChanged(Refusal):
    """Somebody else changed the activity meanwhile."""

    REASON, CATEGORY = "ACTIVITY_CHANGED", Category.CONFLICT


class CertificateDuplicate(Refusal):
    """A document of this issuer with this number is already recorded (единая база, F-061)."""

    REASON, CATEGORY = "CERTIFICATE_DUPLICATE", Category.ALREADY_EXISTS


class PlanItemNotFound(Refusal):
    """No such item among those that the caller may see."""

    REASON, CATEGORY = "PLAN_ITEM_NOT_FOUND", Category.NOT_FOUND


class ProgrammeNotFound(Refusal):
    """The catalogue has no such programme."""

    REASON, CATEGORY = "PROGRAMME_NOT_FOUND", Category.NOT_FOUND


class DirectionUnknown(Refusal):
    """There is no such direction of growth from the present post."""

    REASON, CATEGORY = "DIRECTION_UNKNOWN", Category.NOT_FOUND


class CalendarNotFound(Refusal):
    """No calendar is opened by this secret."""

    REASON, CATEGORY = "CALENDAR_NOT_FOUND", Category.NOT_FOUND


class SelfConfirmation(Refusal):
    """Nobody confirms their own document (разделение полномочий)."""

    REASON, CATEGORY = "SELF_CONFIRMATION", Category.PERMISSION_DENIED


class FilterInvalid(Refusal):
    """A filter that this list does not know."""

    REASON, CATEGORY = "FILTER_INVALID", Category.INVALID_ARGUMENT


class RegisterUnavailable(Refusal):
    """`accreditation` does not answer and nothing is stored about the worker."""

    REASON, CATEGORY = "REGISTER_UNAVAILABLE", Category.UNAVAILABLE


class Invalid(ServiceError):
    """Fields that cannot be taken, all of them at once."""

    REASON = ""

    def __init__(self, fields: Sequence[FieldFault]) -> None:
        super().__init__(self.REASON, Category.INVALID_ARGUMENT, fields=fields)


class ActivityInvalid(Invalid):
    """Fields of an activity that are missing or cannot be."""

    REASON = "ACTIVITY_INVALID"


class CertificateInvalid(Invalid):
    """Fields of a document that are missing or cannot be."""

    REASON = "CERTIFICATE_INVALID"


class PeriodInvalid(Invalid):
    """A period or a simulated activity that cannot be."""

    REASON = "PERIOD_INVALID"


class ConfirmationInvalid(Invalid):
    """A confirmation by hand without a reason."""

    REASON = "CONFIRMATION_INVALID"


class PlanItemInvalid(Invalid):
    """Fields of a plan item that are missing or cannot be."""

    REASON = "PLAN_ITEM_INVALID"


class PortalUnavailable(Refusal):
    """The world of learning does not answer through the bridge."""

    REASON, CATEGORY = "PORTAL_UNAVAILABLE", Category.UNAVAILABLE


class PlaceUnknown(Refusal):
    """The portal does not know the place up to which it was read: it was made anew."""

    REASON, CATEGORY = "PORTAL_PLACE_UNKNOWN", Category.FAILED_PRECONDITION


class FileNotAtPortal(Refusal):
    """The portal has no such file, perhaps not yet."""

    REASON, CATEGORY = "FILE_NOT_AT_PORTAL", Category.NOT_FOUND


class FileRefused(Refusal):
    """A file that is no PDF or picture, whatever it is called."""

    REASON, CATEGORY = "FILE_REFUSED", Category.INVALID_ARGUMENT


class FileUnsafe(Refusal):
    """A file in which a scanner found malware."""

    REASON, CATEGORY = "DOCUMENT_UNSAFE", Category.INVALID_ARGUMENT


class FileCut(Refusal):
    """The file did not come whole: nothing of it is kept."""

    REASON, CATEGORY = "FILE_CUT", Category.INVALID_ARGUMENT


class FileMissing(Refusal):
    """The document has no file."""

    REASON, CATEGORY = "CERTIFICATE_FILE_MISSING", Category.NOT_FOUND


class KeptNotFound(Refusal):
    """No such notice in quarantine."""

    REASON, CATEGORY = "KEPT_NOTICE_NOT_FOUND", Category.NOT_FOUND


class NoticeStillRefused(Refusal):
    """A notice that was tried again and still cannot be believed; metadata `fault`."""

    REASON, CATEGORY = "NOTICE_STILL_REFUSED", Category.FAILED_PRECONDITION


class CodeUnknown(Refusal):
    """The portal knows no such code (ИКП)."""

    REASON, CATEGORY = "CODE_UNKNOWN", Category.NOT_FOUND


class CodeUsed(Refusal):
    """A code works once; metadata `by`: YOU or ANOTHER."""

    REASON, CATEGORY = "CODE_USED", Category.ALREADY_EXISTS


class CodeEventNotFinished(Refusal):
    """The event of this code has not ended yet."""

    REASON, CATEGORY = "CODE_EVENT_NOT_FINISHED", Category.FAILED_PRECONDITION


class CodeSpecialtyMismatch(Refusal):
    """The event serves none of the specialties of the open cycles."""

    REASON, CATEGORY = "CODE_SPECIALTY_MISMATCH", Category.INVALID_ARGUMENT


class CodeOutsideCycle(Refusal):
    """The event ended outside the open cycles."""

    REASON, CATEGORY = "CODE_OUTSIDE_CYCLE", Category.FAILED_PRECONDITION


class CheckNotNeeded(Refusal):
    """A document of a kind that the register of education documents does not keep."""

    REASON, CATEGORY = "CHECK_NOT_NEEDED", Category.FAILED_PRECONDITION


class EducationConsentMissing(Refusal):
    """The worker declined or took back the consent on which the register would be asked."""

    REASON, CATEGORY = "EDUCATION_CONSENT_MISSING", Category.FAILED_PRECONDITION


class CheckTooSoon(Refusal):
    """The register was asked about this document within the hour; metadata `seconds`."""

    REASON, CATEGORY = "CHECK_TOO_SOON", Category.RATE_LIMITED


class CodeAttemptsExhausted(Refusal):
    """More codes in ten minutes than a person may type; metadata `limit`, `seconds`."""

    REASON, CATEGORY = "CODE_ATTEMPTS_EXHAUSTED", Category.RATE_LIMITED


class ReportInvalid(Invalid):
    """A period that cannot be reported about."""

    REASON = "REPORT_INVALID"


class ReportNotFound(Refusal):
    """No such report among those of the caller's organisation."""

    REASON, CATEGORY = "REPORT_NOT_FOUND", Category.NOT_FOUND


class ReportStepNotAllowed(Refusal):
    """The state of the report does not allow this; metadata `state`."""

    REASON, CATEGORY = "REPORT_STEP_NOT_ALLOWED", Category.FAILED_PRECONDITION


class SigningUnavailable(Refusal):
    """The signature cannot be made now."""

    REASON, CATEGORY = "SIGNING_UNAVAILABLE", Category.UNAVAILABLE


class ReceiverUnavailable(Refusal):
    """The supervising body does not answer."""

    REASON, CATEGORY = "RECEIVER_UNAVAILABLE", Category.UNAVAILABLE
