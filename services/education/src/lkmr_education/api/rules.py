"""Who may call which method."""

from lkmr_access.matrix import roles_with
from lkmr_servicekit.audit import NOT_HERE
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.education.v1.EducationService"
_READ = sorted(roles_with("education", "R", scopes="odg"))
_WRITE = sorted(roles_with("education", "C", scopes="odg"))
_STEP = sorted(roles_with("education", "U", scopes="odg") | roles_with("education", "A"))
_STAFF = sorted(roles_with("education", "R", scopes="dg"))
_AGREE = sorted(roles_with("education", "A", scopes="dg"))
_VOUCH = sorted(roles_with("documents", "A", scopes="g"))
_OPERATE = sorted(roles_with("integrations", "U"))
_REPORTERS = roles_with("education", "R", scopes="g")
_SEE_REPORTS = sorted(roles_with("reports", "R", scopes="g") & _REPORTERS)
_BUILD_REPORTS = sorted(roles_with("reports", "C", scopes="g") & _REPORTERS)
_SIGN_REPORTS = sorted(roles_with("reports", "S", scopes="g") & _REPORTERS)
_SEND_REPORTS = sorted({*_BUILD_REPORTS, *_SIGN_REPORTS})

RULES = {
    f"/{SERVICE}/GetCreditStatement": Rule.any_caller("accreditation"),
    f"/{SERVICE}/CheckWorkerCertificates": Rule.jobs(
        "accreditation", audit=NOT_HERE + "sending the application is journalled"
    ),
    f"/{SERVICE}/ReadSummary": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/ListActivities": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/ReadActivity": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/CreateActivity": Rule.people(
        "gateway", roles=_WRITE, audit="education.activity.created"
    ),
    f"/{SERVICE}/AdvanceActivity": Rule.people(
        "gateway", roles=_STEP, audit="education.activity.advanced"
    ),
    f"/{SERVICE}/AddCertificate": Rule.people(
        "gateway", roles=_WRITE, audit="education.certificate.added"
    ),
    f"/{SERVICE}/ListCertificates": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/CheckCertificate": Rule.people(
        "gateway", roles=_WRITE, audit="education.certificate.check_asked"
    ),
    f"/{SERVICE}/ConfirmCertificate": Rule.people(
        "gateway", roles=_VOUCH, audit="education.certificate.confirmed"
    ),
    f"/{SERVICE}/ReadPlan": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/CreatePlanItem": Rule.people(
        "gateway", roles=_WRITE, audit="education.plan_item.added"
    ),
    f"/{SERVICE}/ChangePlanItem": Rule.people(
        "gateway", roles=_STEP, audit="education.plan_item.changed"
    ),
    f"/{SERVICE}/AgreePlanItem": Rule.people(
        "gateway", roles=_AGREE, audit="education.plan_item.agreed"
    ),
    f"/{SERVICE}/ChooseDirection": Rule.people(
        "gateway", roles=_WRITE, audit="education.direction.chosen"
    ),
    f"/{SERVICE}/ListSuggestions": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/SearchCatalogue": Rule.people("gateway", roles=_READ),
    f"/{SERVICE}/ReadCalendar": Rule.programs("gateway"),
    f"/{SERVICE}/RenewCalendar": Rule.people(
        "gateway", roles=_READ, audit="education.calendar.renewed"
    ),
    f"/{SERVICE}/ReadStaffEducation": Rule.people(
        "gateway", roles=_STAFF, audit="education.staff.read"
    ),
    f"/{SERVICE}/RedeemCode": Rule.people("gateway", roles=_WRITE, audit="education.code.redeemed"),
    f"/{SERVICE}/ListConfirmations": Rule.people(
        "gateway", roles=_VOUCH, audit="education.confirmations.read"
    ),
    f"/{SERVICE}/DownloadCertificate": Rule.people(
        "gateway", roles=_READ, audit="education.certificate.downloaded"
    ),
    f"/{SERVICE}/ProposeCertificate": Rule.people(
        "gateway", roles=_WRITE, audit=NOT_HERE + "nothing is stored of a proposal"
    ),
    f"/{SERVICE}/AttachCertificateFile": Rule.people(
        "gateway", roles=_WRITE, audit="education.certificate.file_added"
    ),
    f"/{SERVICE}/ListKeptNotices": Rule.people(
        "gateway", roles=_OPERATE, audit="education.kept_notices.read"
    ),
    f"/{SERVICE}/ReplayKeptNotice": Rule.people(
        "gateway", roles=_OPERATE, audit="education.kept_notice.replayed"
    ),
    f"/{SERVICE}/DismissKeptNotice": Rule.people(
        "gateway", roles=_OPERATE, audit="education.kept_notice.dismissed"
    ),
    f"/{SERVICE}/ListReports": Rule.people("gateway", roles=_SEE_REPORTS),
    f"/{SERVICE}/ReadReport": Rule.people("gateway", roles=_SEE_REPORTS),
    f"/{SERVICE}/BuildReport": Rule.people(
        "gateway", roles=_BUILD_REPORTS, audit="education.report.built"
    ),
    f"/{SERVICE}/SignReport": Rule.people(
        "gateway", roles=_SIGN_REPORTS, audit="education.report.signed"
    ),
    f"/{SERVICE}/SendReport": Rule.people(
        "gateway", roles=_SEND_REPORTS, audit="education.report.sent"
    ),
    f"/{SERVICE}/DownloadReport": Rule.people(
        "gateway", roles=_SEE_REPORTS, audit="education.report.downloaded"
    ),
}
