"""All refusals of auth. Reasons are public and never renamed."""

from collections.abc import Sequence

from lkmr_servicekit.errors import Category, FieldFault, Refusal


class OriginUnknown(Refusal):
    """Sign-in began at an address that is not ours (LKMR-AUTH-010)."""

    REASON = "ORIGIN_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class SignInRateLimited(Refusal):
    """Too many sign-ins began from one address; metadata `seconds` says how long to wait."""

    REASON = "SIGN_IN_RATE_LIMITED"
    CATEGORY = Category.RATE_LIMITED


class SignInStateLost(Refusal):
    """The sign-in record is gone, used, old, or another browser's (LKMR-AUTH-014)."""

    REASON = "SIGN_IN_STATE_LOST"
    CATEGORY = Category.FAILED_PRECONDITION


class EsiaUnavailable(Refusal):
    """ESIA does not answer, or answers with a fault of its own (LKMR-AUTH-007)."""

    REASON = "ESIA_UNAVAILABLE"
    CATEGORY = Category.UNAVAILABLE


class EsiaMaintenance(Refusal):
    """ESIA is closed for planned works; metadata `end_time` when it says (LKMR-AUTH-008)."""

    REASON = "ESIA_MAINTENANCE"
    CATEGORY = Category.UNAVAILABLE


class EsiaOverloaded(Refusal):
    """ESIA asks to come later; metadata `seconds` (LKMR-AUTH-009)."""

    REASON = "ESIA_OVERLOADED"
    CATEGORY = Category.UNAVAILABLE


class EsiaDenied(Refusal):
    """The person refused at ESIA (LKMR-AUTH-013)."""

    REASON = "ESIA_DENIED"
    CATEGORY = Category.PERMISSION_DENIED


class EsiaCodeRefused(Refusal):
    """ESIA does not take the code or the refresh token: old, used, foreign (LKMR-AUTH-015)."""

    REASON = "ESIA_CODE_REFUSED"
    CATEGORY = Category.FAILED_PRECONDITION


class EsiaRequestRefused(Refusal):
    """ESIA does not take our request: signature, certificate, scope, address (LKMR-AUTH-016)."""

    REASON = "ESIA_REQUEST_REFUSED"
    CATEGORY = Category.UNAVAILABLE


class EsiaAnswerRefused(Refusal):
    """We do not take the answer of ESIA: a token or an echo does not pass its checks."""

    REASON = "ESIA_ANSWER_REFUSED"
    CATEGORY = Category.UNAVAILABLE


class AccountNotConfirmed(Refusal):
    """The Gosuslugi account is not confirmed (неподтверждённая учётная запись, LKMR-AUTH-017)."""

    REASON = "ACCOUNT_NOT_CONFIRMED"
    CATEGORY = Category.PERMISSION_DENIED


class SecondFactorRefused(Refusal):
    """ESIA asked for a second factor that the person could not pass (LKMR-AUTH-018)."""

    REASON = "SECOND_FACTOR_REFUSED"
    CATEGORY = Category.PERMISSION_DENIED


class SnilsMissing(Refusal):
    """ESIA gave no SNILS, so that the person cannot be found in the register."""

    REASON = "SNILS_MISSING"
    CATEGORY = Category.FAILED_PRECONDITION


class AccountBlocked(Refusal):
    """The account of the cabinet is blocked."""

    REASON = "ACCOUNT_BLOCKED"
    CATEGORY = Category.PERMISSION_DENIED


class IdentityNameDiffers(Refusal):
    """Names differ between ESIA and the worker register (LKMR-IDENT-001)."""

    REASON = "IDENTITY_NAME_DIFFERS"


class IdentityBirthDateDiffers(Refusal):
    """Birth dates differ between ESIA and the worker register (LKMR-IDENT-002)."""

    REASON = "IDENTITY_BIRTH_DATE_DIFFERS"


class IdentityPolicyDiffers(Refusal):
    """Policy numbers differ between ESIA and the insured register (LKMR-IDENT-003)."""

    REASON = "IDENTITY_POLICY_DIFFERS"


class IdentitySeveralDiffer(Refusal):
    """Several fields differ; metadata `fields` names them, never their values (LKMR-IDENT-004)."""

    REASON = "IDENTITY_SEVERAL_DIFFER"


class IdentityCheckUnavailable(Refusal):
    """A register did not answer, so nothing could be compared (LKMR-IDENT-005)."""

    REASON = "IDENTITY_CHECK_UNAVAILABLE"
    CATEGORY = Category.UNAVAILABLE


class WorkerNotInRegister(Refusal):
    """The worker register has no card of the person (LKMR-IDENT-006)."""

    REASON = "WORKER_NOT_IN_REGISTER"
    CATEGORY = Category.NOT_FOUND


class CodeWrong(Refusal):
    """Not the code that was sent; metadata `attempts_left` (LKMR-CONF-001)."""

    REASON = "CODE_WRONG"
    CATEGORY = Category.INVALID_ARGUMENT


class CodeExpired(Refusal):
    """The code is older than five minutes (LKMR-CONF-002)."""

    REASON = "CODE_EXPIRED"


class CodeReplaced(Refusal):
    """A newer code was sent (LKMR-CONF-003)."""

    REASON = "CODE_REPLACED"


class PhoneMissing(Refusal):
    """The Gosuslugi profile holds no telephone to send a code to (LKMR-CONF-004)."""

    REASON = "PHONE_MISSING"


class PhoneDiffers(Refusal):
    """Not the telephone of the Gosuslugi profile, where the code goes (LKMR-CONF-014)."""

    REASON = "PHONE_DIFFERS"
    CATEGORY = Category.INVALID_ARGUMENT


class CodeBlocked(Refusal):
    """Three wrong codes: sign-in is closed until support opens it (LKMR-CONF-005)."""

    REASON = "CODE_BLOCKED"
    CATEGORY = Category.PERMISSION_DENIED


class CodeIncomplete(Refusal):
    """What was typed is not six digits (LKMR-CONF-008); no attempt is taken."""

    REASON = "CODE_INCOMPLETE"
    CATEGORY = Category.INVALID_ARGUMENT


class CodeTooSoon(Refusal):
    """A new code may be asked for only after metadata `seconds` (LKMR-CONF-009)."""

    REASON = "CODE_TOO_SOON"
    CATEGORY = Category.RATE_LIMITED


class CodeNotDelivered(Refusal):
    """The operator did not take the message (LKMR-CONF-012)."""

    REASON = "CODE_NOT_DELIVERED"
    CATEGORY = Category.UNAVAILABLE


class CodeNotSent(Refusal):
    """No code is under way that could be entered (LKMR-CONF-015)."""

    REASON = "CODE_NOT_SENT"


class CabinetPasswordWrong(Refusal):
    """Not the password of the cabinet (LKMR-AUTH-019)."""

    REASON = "CABINET_PASSWORD_WRONG"
    CATEGORY = Category.PERMISSION_DENIED


class CabinetPasswordWait(Refusal):
    """Several wrong passwords: the next is looked at after metadata `seconds` (LKMR-AUTH-027)."""

    REASON = "CABINET_PASSWORD_WAIT"
    CATEGORY = Category.RATE_LIMITED


class ReducedNotOpen(Refusal):
    """Gosuslugi answers, so that sign-in goes through it (LKMR-AUTH-028)."""

    REASON = "REDUCED_NOT_OPEN"


class PasswordWeak(Refusal):
    """The new password breaks rules; each is named (LKMR-CONF-016)."""

    REASON = "PASSWORD_WEAK"
    CATEGORY = Category.INVALID_ARGUMENT

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__()
        self.fields = tuple(faults)


class DocumentUnknown(Refusal):
    """No text of this id and version is in force; metadata `field`."""

    REASON = "DOCUMENT_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class TermsNotAccepted(Refusal):
    """The person refused the terms of use (LKMR-AUTH-022)."""

    REASON = "TERMS_NOT_ACCEPTED"


class EmployeeUnknown(Refusal):
    """No such employee identifier, or another person's (LKMR-AUTH-019)."""

    REASON = "EMPLOYEE_UNKNOWN"
    CATEGORY = Category.PERMISSION_DENIED


class SignInLocked(Refusal):
    """Several wrong identifiers: the binding needs a check; metadata `seconds` (LKMR-AUTH-012)."""

    REASON = "SIGN_IN_LOCKED"
    CATEGORY = Category.RATE_LIMITED


class AlreadyActive(Refusal):
    """The account was activated before (LKMR-CONF-013)."""

    REASON = "ACCOUNT_ALREADY_ACTIVE"


class ApprovalDeclined(Refusal):
    """The question in the mobile application was declined (LKMR-CONF-010)."""

    REASON = "APPLICATION_DECLINED"
    CATEGORY = Category.PERMISSION_DENIED


class ApprovalSilent(Refusal):
    """The question in the mobile application was not answered in time (LKMR-CONF-011)."""

    REASON = "APPLICATION_SILENT"
    CATEGORY = Category.TIMED_OUT


class ApprovalPending(Refusal):
    """The question in the mobile application waits for its answer (LKMR-CONF-017)."""

    REASON = "APPROVAL_PENDING"


class ApprovalUnavailable(Refusal):
    """The mobile application cannot be asked now (LKMR-CONF-018)."""

    REASON = "APPROVAL_UNAVAILABLE"
    CATEGORY = Category.UNAVAILABLE


class StepNotOpen(Refusal):
    """This step of the activation is done, or one before it is not (LKMR-CONF-019)."""

    REASON = "ACTIVATION_STEP_NOT_OPEN"


class ProfileUnknown(Refusal):
    """The person does not hold this role at this organisation (LKMR-AUTH-011)."""

    REASON = "PROFILE_UNKNOWN"
    CATEGORY = Category.PERMISSION_DENIED


class SessionUnknown(Refusal):
    """No session has this secret."""

    REASON = "SESSION_UNKNOWN"
    CATEGORY = Category.UNAUTHENTICATED


class SessionExpired(Refusal):
    """The session was idle too long, or reached its absolute end (LKMR-AUTH-002)."""

    REASON = "SESSION_EXPIRED"
    CATEGORY = Category.UNAUTHENTICATED


class SessionRevoked(Refusal):
    """The session was ended before its time; metadata `reason` (LKMR-AUTH-021)."""

    REASON = "SESSION_REVOKED"
    CATEGORY = Category.UNAUTHENTICATED


class SessionNotFound(Refusal):
    """The caller has no open session of this name."""

    REASON = "SESSION_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class PersonNotFound(Refusal):
    """No account belongs to this person or worker."""

    REASON = "PERSON_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class RequestFieldInvalid(Refusal):
    """A field of a request has a form that cannot be read; metadata `field`."""

    REASON = "REQUEST_FIELD_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class AccessEntryNotFound(Refusal):
    """No entry of the journal with this id concerns the caller."""

    REASON = "ACCESS_ENTRY_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class DisputeTextInvalid(Refusal):
    """What a person wrote about an access is longer than 2000 letters."""

    REASON = "DISPUTE_TEXT_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class RoleUnknown(Refusal):
    """There is no such role; metadata `field`."""

    REASON = "ROLE_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class RoleHeldAlready(Refusal):
    """The person holds this role at this organisation."""

    REASON = "ROLE_HELD_ALREADY"
    CATEGORY = Category.ALREADY_EXISTS


class RoleRequestPending(Refusal):
    """The same role was asked for and waits for a decision."""

    REASON = "ROLE_REQUEST_PENDING"
    CATEGORY = Category.ALREADY_EXISTS


class RoleBindingNotFound(Refusal):
    """The caller knows no such role of a person."""

    REASON = "ROLE_BINDING_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class RoleRequestNotFound(Refusal):
    """The caller knows no such open request."""

    REASON = "ROLE_REQUEST_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class SeparationOfDuties(Refusal):
    """Nobody decides about an own role, request or emergency access (LKMR-RBAC-004)."""

    REASON = "SEPARATION_OF_DUTIES"
    CATEGORY = Category.PERMISSION_DENIED


class ReasonRequired(Refusal):
    """An act of an administrator needs a reason in words; metadata `field`."""

    REASON = "REASON_REQUIRED"
    CATEGORY = Category.INVALID_ARGUMENT


class OrganizationUnknown(Refusal):
    """The cabinet knows no such organisation; metadata `field`."""

    REASON = "ORGANIZATION_UNKNOWN"
    CATEGORY = Category.INVALID_ARGUMENT


class AccountActClosed(Refusal):
    """The role may not do this with accounts (LKMR-RBAC-001)."""

    REASON = "ACCOUNT_ACT_CLOSED"
    CATEGORY = Category.PERMISSION_DENIED


class IncidentNotFound(Refusal):
    """The caller knows no such incident."""

    REASON = "INCIDENT_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class IncidentClosed(Refusal):
    """The work on an incident is over (LKMR-SYS-013)."""

    REASON = "INCIDENT_CLOSED"
    CATEGORY = Category.FAILED_PRECONDITION


class LeakStepDone(Refusal):
    """This notice of a leak was given, or the one before it was not (LKMR-SYS-013)."""

    REASON = "LEAK_STEP_DONE"
    CATEGORY = Category.FAILED_PRECONDITION


class AddressInvalid(Refusal):
    """Not an origin as browsers send it, `https://lk.example.ru`; metadata `field`."""

    REASON = "ADDRESS_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class AddressTaken(Refusal):
    """The address belongs to an organisation already."""

    REASON = "ADDRESS_TAKEN"
    CATEGORY = Category.ALREADY_EXISTS


class AddressNotFound(Refusal):
    """The caller knows no such address."""

    REASON = "ADDRESS_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND
