"""Who may open which route. A route that is not declared here stops the start of the process."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from lkmr_access import matrix
from lkmr_servicekit.identity import NO_PROFILE


class Entrance(Enum):
    """What a request must bring: nothing, a session if it has one, a begun sign-in, a session."""

    PUBLIC = "public"
    OPTIONAL = "optional"
    SIGN_IN = "sign_in"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Rule:
    """The coarse decision about a route; the exact one is made by the service behind it.

    `section` and `operation` name a cell of the matrix of rights (several letters: one of them is
    enough); empty for what every signed-in person may do with their own account. `background`
    marks requests that a page makes by itself, so that they do not count as acts of the person.
    `step_up` asks for a second factor that the person gave just before. `reduced` lets in
    people who entered while ESIA was away. `scopes` are the letters with which a role may pass:
    a page about others is not for who only reads the own. `upload` takes a file (multipart).
    `within` is a section that must be open to reading as widely: a report about studies shows what
    that section shows. `practice` marks an act that needs the right to practise.
    """

    entrance: Entrance
    section: str = ""
    operation: str = ""
    background: bool = False
    step_up: bool = False
    reduced: bool = False
    scopes: str = matrix.SCOPES
    upload: bool = False
    within: str = ""
    practice: bool = False

    def scope_for(self, roles: Iterable[str]) -> str:
        """Scope letter in which these roles may pass; empty when they may not."""
        if not self.section:
            return "o"
        held = tuple(roles)
        if self.within and (_scope(held, self.within, "R") or "-") not in self.scopes:
            return ""
        scope = _scope(held, self.section, self.operation)
        return scope if scope in self.scopes else ""

    def open_to(self) -> tuple[str, ...]:
        """Roles for which the section is open."""
        held = (matrix.roles_with(self.section, one, self.scopes) for one in self.operation)
        found = frozenset[str]().union(*held)
        if self.within:
            found &= matrix.roles_with(self.within, "R", self.scopes)
        return tuple(sorted(found))


@lru_cache(maxsize=1024)
def _scope(roles: tuple[str, ...], section: str, operation: str) -> str:
    held = roles or (NO_PROFILE,)
    return next((scope for one in operation if (scope := matrix.allowed(held, section, one))), "")


PUBLIC = Rule(Entrance.PUBLIC)
OPTIONAL = Rule(Entrance.OPTIONAL)
SIGN_IN = Rule(Entrance.SIGN_IN)
OWN = Rule(Entrance.SESSION)
NOTIFICATIONS = Rule(Entrance.SESSION, "notification_settings", "R")
NOTIFICATIONS_EDIT = Rule(Entrance.SESSION, "notification_settings", "U")
NOTICES_SEE = Rule(Entrance.SESSION, "notification_settings", "R", scopes="m")
NOTICES_WORK = Rule(Entrance.SESSION, "notification_settings", "U", scopes="m")
NOTICES_OF_ORGANIZATION = Rule(Entrance.SESSION, "notification_settings", "U", scopes="g")
OWN_READ = Rule(Entrance.SESSION, reduced=True)
OWN_PROVEN = Rule(Entrance.SESSION, step_up=True)
BACKGROUND = Rule(Entrance.SESSION, background=True, reduced=True)
ACCREDITATION = Rule(Entrance.SESSION, "accreditation", "R", reduced=True)
EDUCATION = Rule(Entrance.SESSION, "education", "R", reduced=True)
EDUCATION_NEW = Rule(Entrance.SESSION, "education", "C")
EDUCATION_FILE = Rule(Entrance.SESSION, "education", "C", upload=True)
EDUCATION_STEP = Rule(Entrance.SESSION, "education", "U")
EDUCATION_AGREE = Rule(Entrance.SESSION, "education", "A")
EDUCATION_STAFF = Rule(Entrance.SESSION, "staff_board", "R")
DELEGATE = Rule(Entrance.SESSION, "accreditation_forms", "A", step_up=True)
EMERGENCY = Rule(Entrance.SESSION, "patient_clinical", "U", step_up=True, scopes="p", practice=True)
EMERGENCY_END = Rule(Entrance.SESSION, "patient_clinical", "U", scopes="p")
EMERGENCY_LIST = Rule(Entrance.SESSION, "patient_clinical", "R", scopes="g")
EMERGENCY_REVIEW = Rule(Entrance.SESSION, "patient_clinical", "R", step_up=True, scopes="g")
POLICIES = Rule(Entrance.SESSION, "incidents", "U", scopes="g")
POLICY_STEP = Rule(Entrance.SESSION, "incidents", "U", step_up=True, scopes="g")
APPLY = Rule(Entrance.SESSION, "accreditation_forms", "C", scopes="o")
APPLIED = Rule(Entrance.SESSION, "accreditation_forms", "U", scopes="o")
DECIDE = Rule(Entrance.SESSION, "accreditation_forms", "AU", scopes="dg")
AGREE = Rule(Entrance.SESSION, "accreditation_forms", "A", step_up=True, scopes="dg")
STAFF_APPLY = Rule(Entrance.SESSION, "accreditation_forms", "C", scopes="g")
EDUCATION_VOUCH = Rule(Entrance.SESSION, "documents", "A")
EDUCATION_REPORTS = Rule(Entrance.SESSION, "reports", "R", scopes="g", within="education")
EDUCATION_REPORT_BUILD = Rule(Entrance.SESSION, "reports", "C", scopes="g", within="education")
EDUCATION_REPORT_SIGN = Rule(
    Entrance.SESSION, "reports", "S", step_up=True, scopes="g", within="education"
)
EDUCATION_REPORT_SEND = Rule(
    Entrance.SESSION, "reports", "CS", step_up=True, scopes="g", within="education"
)
EDUCATION_OPERATE = Rule(Entrance.SESSION, "integrations", "U")
DOCUMENTS = Rule(Entrance.SESSION, "documents", "R", reduced=True)
DOCUMENT_NEW = Rule(Entrance.SESSION, "documents", "C", upload=True)
DOCUMENT_STEP = Rule(Entrance.SESSION, "documents", "U", upload=True)
DOCUMENTS_STAFF = Rule(Entrance.SESSION, "documents", "R", scopes="dg")
DOCUMENT_VOUCH = Rule(Entrance.SESSION, "documents", "A", scopes="dg")
AUDIT = Rule(Entrance.SESSION, "audit", "R", scopes="g")
AUDIT_EXPORT = Rule(Entrance.SESSION, "audit", "X", step_up=True, scopes="g")
ACCOUNT_STEP = Rule(Entrance.SESSION, "accounts", "U", step_up=True)
ROLE_NEW = Rule(Entrance.SESSION, "accounts", "C", step_up=True)
ROLE_REQUESTS = Rule(Entrance.SESSION, "accounts", "RCA", scopes="g")
ADDRESSES = Rule(Entrance.SESSION, "accounts", "R", scopes="g")
ADDRESS_STEP = Rule(Entrance.SESSION, "accounts", "U", step_up=True, scopes="g")
ROLE_DECISION = Rule(Entrance.SESSION, "accounts", "A", step_up=True)
INCIDENTS = Rule(Entrance.SESSION, "incidents", "U")
INCIDENT_READ = Rule(Entrance.SESSION, "incidents", "R", scopes="gam")
LEAKS = Rule(Entrance.SESSION, "incidents", "U", step_up=True)
STAFF = Rule(Entrance.SESSION, "staff_board", "R")

RULES: Mapping[tuple[str, str], Rule] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/readyz/self"): PUBLIC,
    ("GET", "/static/{path:path}"): PUBLIC,
    ("GET", "/api/openapi.json"): PUBLIC,
    ("GET", "/"): OPTIONAL,
    ("GET", "/help/sign-in"): OPTIONAL,
    ("GET", "/help/codes"): OPTIONAL,
    ("POST", "/help/found"): PUBLIC,
    ("POST", "/help/clear"): OPTIONAL,
    ("GET", "/accessibility"): OPTIONAL,
    ("GET", "/personal-data"): OPTIONAL,
    ("GET", "/status"): OPTIONAL,
    ("GET", "/verify/offline"): OPTIONAL,
    ("GET", "/verify/keys.json"): PUBLIC,
    ("GET", "/verify/{code}"): OPTIONAL,
    ("GET", "/auth/login"): PUBLIC,
    ("GET", "/auth/callback"): PUBLIC,
    ("GET", "/auth/reduced"): PUBLIC,
    ("POST", "/auth/reduced"): PUBLIC,
    ("GET", "/auth/no-cookie"): PUBLIC,
    ("GET", "/auth/code"): SIGN_IN,
    ("POST", "/auth/code"): SIGN_IN,
    ("POST", "/auth/code/resend"): SIGN_IN,
    ("GET", "/auth/profile"): SIGN_IN,
    ("POST", "/auth/profile"): SIGN_IN,
    ("GET", "/auth/activation"): SIGN_IN,
    ("POST", "/auth/activation/terms"): SIGN_IN,
    ("POST", "/auth/activation/consents"): SIGN_IN,
    ("POST", "/auth/activation/employee"): SIGN_IN,
    ("POST", "/auth/activation/code"): SIGN_IN,
    ("POST", "/auth/activation/approval"): SIGN_IN,
    ("POST", "/auth/activation/confirm"): SIGN_IN,
    ("POST", "/auth/activation/leave"): SIGN_IN,
    ("POST", "/auth/logout"): OWN_READ,
    ("POST", "/auth/keep"): OWN_READ,
    ("POST", "/auth/switch"): OWN,
    ("GET", "/accreditations"): ACCREDITATION,
    ("GET", "/accreditations/{accreditation}"): ACCREDITATION,
    ("GET", "/step-up"): OWN,
    ("POST", "/step-up"): OWN,
    ("POST", "/step-up/code"): OWN,
    ("POST", "/step-up/passkey"): OWN,
    ("POST", "/step-up/backup-code"): OWN,
    ("GET", "/education"): EDUCATION,
    ("GET", "/education/plan"): EDUCATION,
    ("POST", "/education/plan"): EDUCATION_NEW,
    ("POST", "/education/plan/direction"): EDUCATION_NEW,
    ("POST", "/education/plan/{item}/change"): EDUCATION_STEP,
    ("GET", "/education/catalog"): EDUCATION,
    ("POST", "/education/calendar/renew"): EDUCATION,
    ("GET", "/calendar/{secret}"): PUBLIC,
    ("GET", "/education/staff"): EDUCATION_STAFF,
    ("POST", "/education/staff/{worker}/plan/{item}/agree"): EDUCATION_AGREE,
    ("POST", "/education/staff/{worker}/activities/{activity}/agree"): EDUCATION_AGREE,
    ("GET", "/education/certificates/{certificate}/file"): EDUCATION,
    ("POST", "/education/certificates/{certificate}/file"): EDUCATION_FILE,
    ("POST", "/education/certificates/{certificate}/check"): EDUCATION_NEW,
    ("POST", "/education/activities/{activity}/proposal"): EDUCATION_FILE,
    ("POST", "/education/codes"): EDUCATION_NEW,
    ("GET", "/education/confirmations"): EDUCATION_VOUCH,
    ("POST", "/education/confirmations"): EDUCATION_VOUCH,
    ("GET", "/education/reports"): EDUCATION_REPORTS,
    ("POST", "/education/reports"): EDUCATION_REPORT_BUILD,
    ("GET", "/education/reports/{report}"): EDUCATION_REPORTS,
    ("GET", "/education/reports/{report}/file"): EDUCATION_REPORTS,
    ("POST", "/education/reports/{report}/sign"): EDUCATION_REPORT_SIGN,
    ("POST", "/education/reports/{report}/send"): EDUCATION_REPORT_SEND,
    ("GET", "/education/kept-notices"): EDUCATION_OPERATE,
    ("POST", "/education/kept-notices/{notice}/replay"): EDUCATION_OPERATE,
    ("POST", "/education/kept-notices/{notice}/dismiss"): EDUCATION_OPERATE,
    ("GET", "/education/activities/new"): EDUCATION_NEW,
    ("POST", "/education/activities/new"): EDUCATION_NEW,
    ("GET", "/education/activities/{activity}"): EDUCATION,
    ("POST", "/education/activities/{activity}/advance"): EDUCATION_STEP,
    ("POST", "/education/activities/{activity}/certificates"): EDUCATION_NEW,
    ("GET", "/applications"): APPLIED,
    ("POST", "/applications"): APPLY,
    ("GET", "/applications/{application}"): APPLIED,
    ("GET", "/applications/{application}/check"): APPLIED,
    ("GET", "/applications/{application}/sent"): APPLIED,
    ("GET", "/applications/{application}/sections/{section}"): APPLIED,
    ("POST", "/applications/{application}/sections/{section}"): APPLIED,
    ("POST", "/applications/{application}/{act}"): APPLIED,
    ("GET", "/staff/applications"): DECIDE,
    ("GET", "/staff/applications/{application}"): DECIDE,
    ("POST", "/staff/applications/{application}/agreement"): AGREE,
    ("POST", "/staff/applications/{application}/{act}"): DECIDE,
    ("GET", "/api/v1/application-forms"): OWN,
    ("GET", "/api/v1/applications"): APPLIED,
    ("POST", "/api/v1/applications"): APPLY,
    ("GET", "/api/v1/applications/{application}"): APPLIED,
    ("PATCH", "/api/v1/applications/{application}"): APPLIED,
    ("DELETE", "/api/v1/applications/{application}"): APPLIED,
    ("POST", "/api/v1/applications/{application}/{act}"): APPLIED,
    ("GET", "/api/v1/staff/applications"): DECIDE,
    ("POST", "/api/v1/staff/applications"): STAFF_APPLY,
    ("GET", "/api/v1/staff/applications/{application}"): DECIDE,
    ("GET", "/api/v1/staff/applications/{application}/extract.pdf"): STAFF_APPLY,
    ("POST", "/api/v1/staff/applications/{application}/agreement"): AGREE,
    ("POST", "/api/v1/staff/applications/{application}/{act}"): DECIDE,
    ("GET", "/documents"): DOCUMENTS,
    ("POST", "/documents"): DOCUMENT_NEW,
    ("GET", "/documents/new"): DOCUMENT_NEW,
    ("GET", "/documents/{document}"): DOCUMENTS,
    ("POST", "/documents/{document}/versions"): DOCUMENT_STEP,
    ("POST", "/documents/{document}/archive"): DOCUMENT_STEP,
    ("GET", "/staff/{worker}/mentoring"): STAFF_APPLY,
    ("POST", "/staff/{worker}/mentoring"): STAFF_APPLY,
    ("GET", "/staff/{worker}/extract"): STAFF_APPLY,
    ("POST", "/staff/{worker}/extract"): STAFF_APPLY,
    ("GET", "/staff/{worker}/documents"): DOCUMENTS_STAFF,
    ("GET", "/staff/{worker}/documents/{document}"): DOCUMENTS_STAFF,
    ("POST", "/staff/{worker}/documents/{document}/decide"): DOCUMENT_VOUCH,
    ("GET", "/compliance"): ACCREDITATION,
    ("GET", "/staff"): STAFF,
    ("GET", "/staff/report"): STAFF,
    ("GET", "/staff/{worker}"): STAFF,
    ("GET", "/law-changes"): OWN_READ,
    ("GET", "/api/v1/compliance"): ACCREDITATION,
    ("POST", "/api/v1/compliance:simulate"): ACCREDITATION,
    ("GET", "/api/v1/staff/compliance"): STAFF,
    ("GET", "/api/v1/staff/compliance/export"): Rule(Entrance.SESSION, "staff_board", "X"),
    ("GET", "/api/v1/staff/compliance/{worker}"): STAFF,
    ("GET", "/api/v1/staff/report"): STAFF,
    ("GET", "/api/v1/law-changes"): OWN_READ,
    ("GET", "/messages"): OWN_READ,
    ("GET", "/messages/{message}"): OWN_READ,
    ("POST", "/messages/{message}/read"): OWN,
    ("POST", "/messages/{message}/done"): OWN,
    ("GET", "/announcements"): OWN,
    ("GET", "/notification-preferences"): NOTIFICATIONS,
    ("POST", "/notification-preferences"): NOTIFICATIONS_EDIT,
    ("POST", "/notification-preferences/browsers/forget"): NOTIFICATIONS_EDIT,
    ("GET", "/unsubscribe/{link}"): OPTIONAL,
    ("POST", "/unsubscribe/{link}"): PUBLIC,
    ("GET", "/security"): OWN_READ,
    ("POST", "/security/sessions/{session}/end"): OWN,
    ("POST", "/security/sessions/end-others"): OWN,
    ("GET", "/security/passkeys/new"): OWN,
    ("POST", "/security/passkeys"): OWN_PROVEN,
    ("POST", "/security/passkeys/{passkey}/rename"): OWN,
    ("POST", "/security/passkeys/{passkey}/remove"): OWN_PROVEN,
    ("POST", "/security/backup-codes"): OWN_PROVEN,
    ("GET", "/profile"): OWN_READ,
    ("POST", "/profile/consents/{consent}"): OWN,
    ("GET", "/audit"): AUDIT,
    ("GET", "/access-log"): OWN,
    ("GET", "/access-log/export"): OWN,
    ("POST", "/access-log/{entry}/dispute"): OWN,
    ("GET", "/api/v1/audit-events"): AUDIT,
    ("GET", "/api/v1/audit-events/export"): AUDIT_EXPORT,
    ("GET", "/api/v1/access-log"): OWN,
    ("POST", "/api/v1/access-log/{entry}/dispute"): OWN,
    ("GET", "/api/v1/session"): BACKGROUND,
    ("GET", "/api/v1/events"): BACKGROUND,
    ("GET", "/api/v1/accreditations"): ACCREDITATION,
    ("GET", "/api/v1/accreditations/{accreditation}"): ACCREDITATION,
    ("GET", "/api/v1/accreditations/{accreditation}/extract.pdf"): ACCREDITATION,
    ("GET", "/api/v1/documents"): DOCUMENTS,
    ("POST", "/api/v1/documents"): DOCUMENT_NEW,
    ("GET", "/api/v1/documents/kinds"): DOCUMENTS,
    ("GET", "/api/v1/licences"): DOCUMENTS,
    ("GET", "/licences"): DOCUMENTS,
    ("GET", "/api/v1/documents/{document}"): DOCUMENTS,
    ("GET", "/api/v1/documents/{document}/file"): DOCUMENTS,
    ("POST", "/api/v1/documents/{document}/versions"): DOCUMENT_STEP,
    ("POST", "/api/v1/documents/{document}/archive"): DOCUMENT_STEP,
    ("GET", "/api/v1/staff/{worker}/documents"): DOCUMENTS_STAFF,
    ("POST", "/api/v1/staff/{worker}/documents"): DOCUMENT_NEW,
    ("GET", "/api/v1/staff/{worker}/documents/{document}"): DOCUMENTS_STAFF,
    ("GET", "/api/v1/staff/{worker}/documents/{document}/file"): DOCUMENTS_STAFF,
    ("POST", "/api/v1/staff/{worker}/documents/{document}/decide"): DOCUMENT_VOUCH,
    ("GET", "/api/v1/education/summary"): EDUCATION,
    ("GET", "/api/v1/education/plan"): EDUCATION,
    ("POST", "/api/v1/education/plan"): EDUCATION_NEW,
    ("POST", "/api/v1/education/plan/direction"): EDUCATION_NEW,
    ("POST", "/api/v1/education/plan/{item}/change"): EDUCATION_STEP,
    ("GET", "/api/v1/education/suggestions"): EDUCATION,
    ("GET", "/api/v1/education/catalog"): EDUCATION,
    ("POST", "/api/v1/education/calendar/renew"): EDUCATION,
    ("GET", "/api/v1/education/staff"): EDUCATION_STAFF,
    ("GET", "/api/v1/education/staff/{worker}/summary"): EDUCATION_STAFF,
    ("POST", "/api/v1/education/staff/{worker}/plan/{item}/agree"): EDUCATION_AGREE,
    ("POST", "/api/v1/education/staff/{worker}/activities/{activity}/advance"): EDUCATION_AGREE,
    ("POST", "/api/v1/education/staff/{worker}/certificates/{certificate}/confirm"): (
        EDUCATION_VOUCH
    ),
    ("GET", "/api/v1/education/activities"): EDUCATION,
    ("POST", "/api/v1/education/activities"): EDUCATION_NEW,
    ("GET", "/api/v1/education/activities/{activity}"): EDUCATION,
    ("POST", "/api/v1/education/activities/{activity}/advance"): EDUCATION_STEP,
    ("POST", "/api/v1/education/activities/{activity}/certificates"): EDUCATION_NEW,
    ("GET", "/api/v1/education/certificates"): EDUCATION,
    ("GET", "/api/v1/education/certificates/{certificate}/file"): EDUCATION,
    ("POST", "/api/v1/education/certificates/{certificate}/file"): EDUCATION_FILE,
    ("POST", "/api/v1/education/certificates/{certificate}/check"): EDUCATION_NEW,
    ("POST", "/api/v1/education/certificate-proposals"): EDUCATION_FILE,
    ("POST", "/api/v1/education/codes"): EDUCATION_NEW,
    ("GET", "/api/v1/education/confirmations"): EDUCATION_VOUCH,
    ("POST", "/api/v1/education/confirmations"): EDUCATION_VOUCH,
    ("GET", "/api/v1/education/reports"): EDUCATION_REPORTS,
    ("POST", "/api/v1/education/reports"): EDUCATION_REPORT_BUILD,
    ("GET", "/api/v1/education/reports/{report}"): EDUCATION_REPORTS,
    ("GET", "/api/v1/education/reports/{report}/file"): EDUCATION_REPORTS,
    ("POST", "/api/v1/education/reports/{report}/sign"): EDUCATION_REPORT_SIGN,
    ("POST", "/api/v1/education/reports/{report}/send"): EDUCATION_REPORT_SEND,
    ("GET", "/api/v1/education/kept-notices"): EDUCATION_OPERATE,
    ("POST", "/api/v1/education/kept-notices/{notice}/replay"): EDUCATION_OPERATE,
    ("POST", "/api/v1/education/kept-notices/{notice}/dismiss"): EDUCATION_OPERATE,
    ("GET", "/api/v1/messages"): OWN_READ,
    ("GET", "/api/v1/messages/{message}"): OWN_READ,
    ("POST", "/api/v1/messages/{message}/read"): OWN,
    ("POST", "/api/v1/messages/{message}/done"): OWN,
    ("GET", "/api/v1/notification-preferences"): NOTIFICATIONS,
    ("POST", "/api/v1/notification-preferences"): NOTIFICATIONS_EDIT,
    ("PUT", "/api/v1/notification-preferences"): NOTIFICATIONS_EDIT,
    ("PATCH", "/api/v1/notification-preferences"): NOTIFICATIONS_EDIT,
    ("GET", "/api/v1/announcements"): OWN,
    ("POST", "/api/v1/admin/notifications/announcements"): NOTICES_WORK,
    ("GET", "/api/v1/admin/notifications/announcements"): NOTICES_SEE,
    ("GET", "/api/v1/admin/notifications/announcements/{announcement}"): NOTICES_SEE,
    (
        "POST",
        "/api/v1/admin/notifications/announcements/{announcement}/{action}",
    ): NOTICES_WORK,
    ("GET", "/api/v1/admin/notifications/deliveries"): NOTICES_SEE,
    ("GET", "/api/v1/admin/notifications/dead-events"): NOTICES_SEE,
    ("POST", "/api/v1/admin/notifications/dead-events/{event}/replay"): NOTICES_WORK,
    ("GET", "/api/v1/admin/notifications/organization-rules"): NOTICES_OF_ORGANIZATION,
    ("POST", "/api/v1/admin/notifications/organization-rules"): NOTICES_OF_ORGANIZATION,
    ("POST", "/api/v1/push-subscriptions"): NOTIFICATIONS_EDIT,
    ("DELETE", "/api/v1/push-subscriptions"): NOTIFICATIONS_EDIT,
    ("GET", "/api/v1/sessions"): OWN_READ,
    ("DELETE", "/api/v1/sessions/{session}"): OWN,
    ("DELETE", "/api/v1/sessions"): OWN,
    ("GET", "/api/v1/profile"): OWN_READ,
    ("POST", "/api/v1/consents/{consent}"): OWN,
    ("POST", "/profile/password"): OWN_PROVEN,
    ("POST", "/api/v1/profile/password"): OWN_PROVEN,
    ("GET", "/api/v1/step-up"): OWN,
    ("POST", "/api/v1/step-up/code"): OWN,
    ("POST", "/api/v1/step-up/confirm"): OWN,
    ("POST", "/api/v1/step-up/passkey"): OWN,
    ("POST", "/api/v1/step-up/passkey/confirm"): OWN,
    ("POST", "/api/v1/step-up/backup-code"): OWN,
    ("GET", "/api/v1/passkeys"): OWN,
    ("POST", "/api/v1/passkeys/options"): OWN_PROVEN,
    ("POST", "/api/v1/passkeys"): OWN_PROVEN,
    ("PATCH", "/api/v1/passkeys/{passkey}"): OWN,
    ("DELETE", "/api/v1/passkeys/{passkey}"): OWN_PROVEN,
    ("POST", "/api/v1/backup-codes"): OWN_PROVEN,
    ("POST", "/api/v1/session/profile"): OWN,
    ("GET", "/api/v1/admin/people"): Rule(Entrance.SESSION, "accounts", "RC"),
    ("GET", "/api/v1/admin/people/{person}"): Rule(Entrance.SESSION, "accounts", "R"),
    ("GET", "/api/v1/admin/organizations"): Rule(Entrance.SESSION, "accounts", "RCA"),
    ("POST", "/api/v1/admin/people/{person}/account"): ACCOUNT_STEP,
    ("POST", "/api/v1/admin/people/{person}/roles"): ROLE_NEW,
    ("POST", "/api/v1/admin/roles/{role}/revoke"): ACCOUNT_STEP,
    ("GET", "/api/v1/admin/role-requests"): ROLE_REQUESTS,
    ("POST", "/api/v1/admin/role-requests/{role_request}/decide"): ROLE_DECISION,
    ("GET", "/admin/people"): Rule(Entrance.SESSION, "accounts", "R"),
    ("GET", "/admin/people/{person}"): Rule(Entrance.SESSION, "accounts", "R"),
    ("POST", "/admin/people/{person}/roles"): ROLE_NEW,
    ("POST", "/admin/people/{person}/account"): ACCOUNT_STEP,
    ("POST", "/admin/roles/{role}/revoke"): ACCOUNT_STEP,
    ("GET", "/admin/requests"): Rule(Entrance.SESSION, "accounts", "A"),
    ("POST", "/admin/requests/{role_request}/decide"): ROLE_DECISION,
    ("GET", "/admin/announcements"): NOTICES_SEE,
    ("GET", "/admin/announcements/new"): NOTICES_WORK,
    ("POST", "/admin/announcements"): NOTICES_WORK,
    ("GET", "/admin/announcements/{announcement}"): NOTICES_SEE,
    ("POST", "/admin/announcements/{announcement}/steer"): NOTICES_WORK,
    ("GET", "/admin/deliveries"): NOTICES_SEE,
    ("GET", "/admin/dead-events"): NOTICES_SEE,
    ("POST", "/admin/dead-events/{event}/replay"): NOTICES_WORK,
    ("GET", "/admin/incidents"): INCIDENT_READ,
    ("GET", "/admin/incidents/{incident}"): INCIDENT_READ,
    ("POST", "/admin/incidents/{incident}/take"): INCIDENTS,
    ("POST", "/admin/incidents/{incident}/close"): INCIDENTS,
    ("GET", "/admin/leaks/new"): INCIDENTS,
    ("POST", "/admin/leaks"): LEAKS,
    ("POST", "/admin/leaks/{incident}/advance"): LEAKS,
    ("GET", "/api/v1/admin/incidents"): INCIDENT_READ,
    ("GET", "/api/v1/admin/incidents/{incident}"): INCIDENT_READ,
    ("POST", "/api/v1/admin/incidents/{incident}/take"): INCIDENTS,
    ("POST", "/api/v1/admin/incidents/{incident}/close"): INCIDENTS,
    ("POST", "/api/v1/admin/leaks"): LEAKS,
    ("POST", "/api/v1/admin/leaks/{incident}/advance"): LEAKS,
    ("GET", "/api/v1/admin/redirect-addresses"): ADDRESSES,
    ("POST", "/api/v1/admin/redirect-addresses"): ROLE_NEW,
    ("DELETE", "/api/v1/admin/redirect-addresses/{address}"): ADDRESS_STEP,
    ("GET", "/admin/policies"): POLICIES,
    ("POST", "/admin/policies/{policy}"): POLICY_STEP,
    ("GET", "/admin/sessions"): INCIDENTS,
    ("POST", "/admin/sessions/{person}/{session}/end"): INCIDENTS,
    ("GET", "/admin/redirect-addresses"): ADDRESSES,
    ("POST", "/admin/redirect-addresses"): ROLE_NEW,
    ("POST", "/admin/redirect-addresses/{address}/remove"): ADDRESS_STEP,
    ("GET", "/admin/emergency-access"): EMERGENCY_LIST,
    ("POST", "/admin/emergency-access/{access}/review"): EMERGENCY_REVIEW,
    ("GET", "/data-requests"): OWN,
    ("POST", "/data-requests"): OWN,
    ("GET", "/api/v1/data-requests"): OWN,
    ("POST", "/api/v1/data-requests"): OWN,
    ("GET", "/admin/data-requests"): POLICIES,
    ("POST", "/admin/data-requests/{data_request}/advance"): POLICIES,
    ("POST", "/admin/data-requests/{data_request}/destroy"): POLICY_STEP,
    ("GET", "/erasure-acts/{erasure}"): OPTIONAL,
    ("GET", "/erasure-acts/{erasure}/act.json"): OPTIONAL,
    ("POST", "/api/v1/admin/data-requests/{data_request}/destroy"): POLICY_STEP,
    ("GET", "/api/v1/admin/data-requests"): POLICIES,
    ("POST", "/api/v1/admin/data-requests/{data_request}/advance"): POLICIES,
    ("GET", "/drafts"): OWN,
    ("POST", "/drafts/drop"): OWN,
    ("GET", "/api/v1/drafts"): OWN,
    ("PUT", "/api/v1/drafts"): OWN,
    ("DELETE", "/api/v1/drafts"): OWN,
    ("GET", "/delegations"): OWN,
    ("POST", "/delegations"): DELEGATE,
    ("POST", "/delegations/{delegation}/revoke"): OWN,
    ("GET", "/emergency-access"): EMERGENCY_END,
    ("POST", "/emergency-access"): EMERGENCY,
    ("POST", "/emergency-access/{access}/end"): EMERGENCY_END,
    ("GET", "/api/v1/delegations"): OWN,
    ("POST", "/api/v1/delegations"): DELEGATE,
    ("DELETE", "/api/v1/delegations/{delegation}"): OWN,
    ("GET", "/api/v1/emergency-access"): OWN,
    ("POST", "/api/v1/emergency-access"): EMERGENCY,
    ("DELETE", "/api/v1/emergency-access/{access}"): EMERGENCY_END,
    ("GET", "/api/v1/admin/emergency-access"): EMERGENCY_LIST,
    ("POST", "/api/v1/admin/emergency-access/{access}/review"): EMERGENCY_REVIEW,
    ("GET", "/api/v1/admin/policies"): POLICIES,
    ("POST", "/api/v1/admin/policies/{policy}"): POLICY_STEP,
    ("GET", "/api/v1/admin/sessions"): INCIDENTS,
    ("POST", "/api/v1/admin/people/{person}/sessions/{session}/end"): INCIDENTS,
}

_PAGES = tuple(
    path.split("{")[0]
    for method, path in RULES
    if method == "GET"
    and not path.startswith(("/api/", "/auth/", "/static/", "/healthz", "/readyz"))
)


def rule_of(method: str, route: str) -> Rule:
    """The declaration of a route. Raises LookupError for an undeclared one."""
    try:
        return RULES[(method, route)]
    except KeyError:
        raise LookupError(f"route without an access rule: {method} {route}") from None


def check_routes(routes: Iterable[tuple[str, str]]) -> None:
    """Compare the routes of an app with the declarations. Raises LookupError when they differ."""
    present = set(routes)
    if undeclared := present - set(RULES):
        raise LookupError(f"routes without an access rule: {sorted(undeclared)}")
    if unused := set(RULES) - present:
        raise LookupError(f"access rules without a route: {sorted(unused)}")


def route_for(method: str, path: str) -> str:
    """The route that a path belongs to; empty for a path of nobody."""
    if (method, path) in RULES:
        return path
    return next((key[1] for key, form in _forms() if key[0] == method and form.match(path)), "")


def rule_for(method: str, path: str) -> Rule | None:
    """The declaration of the route that a path belongs to; None for a path of nobody."""
    return RULES.get((method, route_for(method, path)))


@lru_cache(maxsize=1)
def _forms() -> tuple[tuple[tuple[str, str], re.Pattern[str]], ...]:
    return tuple(
        (key, re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", key[1]) + r"\Z"))
        for key in RULES
        if "{" in key[1] and "{path:path}" not in key[1]
    )


def is_page(path: str) -> bool:
    """Whether a path (without its query) belongs to a page that may be returned to."""
    for page in _PAGES:
        if path == page or (page != "/" and page.endswith("/") and path.startswith(page)):
            return True
    return False
