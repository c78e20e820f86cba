"""Who may call which method."""

from lkmr_access.matrix import roles_with
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.accreditation.v1.AccreditationService"
DOCUMENTS = "lkmr.accreditation.v1.DocumentService"
COMPLIANCE = "lkmr.accreditation.v1.ComplianceService"
APPLICATIONS = "lkmr.accreditation.v1.ApplicationService"
_OWN = sorted(roles_with("accreditation", "R", scopes="odg"))
_STAFF = sorted(roles_with("staff_board", "R"))
_MEMBERS = sorted(roles_with("staff_board", "R", scopes="dg"))
_EXPORT = sorted(roles_with("staff_board", "X"))
_APPLY = sorted(roles_with("accreditation_forms", "C", scopes="o"))
_FOLLOW = sorted(roles_with("accreditation_forms", "U", scopes="o"))
_DECIDE = sorted(
    roles_with("accreditation_forms", "A", scopes="dg")
    | roles_with("accreditation_forms", "U", scopes="g")
)
_PERSONNEL = sorted(roles_with("accreditation_forms", "C", scopes="g"))
_PAPERS = sorted(roles_with("documents", "R", scopes="odg"))
_PAPERS_NEW = sorted(roles_with("documents", "C", scopes="odg"))
_PAPERS_STEP = sorted(roles_with("documents", "U", scopes="odg"))
_PAPERS_VOUCH = sorted(roles_with("documents", "A", scopes="dg"))

RULES = {
    f"/{SERVICE}/ListAccreditations": Rule.people("gateway", roles=_OWN, reduced=True),
    f"/{SERVICE}/ReadAccreditation": Rule.people("gateway", roles=_OWN, reduced=True),
    f"/{SERVICE}/GetAccreditation": Rule.jobs("notify"),
    f"/{SERVICE}/GetWorkerRecord": Rule.jobs("education"),
    f"/{SERVICE}/BatchGetWorkerRecords": Rule.jobs("education"),
    f"/{SERVICE}/IssueExtract": Rule.people(
        "gateway", roles=_OWN, audit="accreditation.extract.issued"
    ),
    f"/{SERVICE}/VerifyExtract": Rule.programs("gateway"),
    f"/{SERVICE}/ListSealKeys": Rule.programs("gateway"),
    f"/{SERVICE}/CheckSpecialists": Rule.jobs(
        "partner",
        audit="not: the partner edge journals each check with the partner and its grounds",
    ),
    f"/{SERVICE}/ListEntryChanges": Rule.jobs("partner"),
    f"/{SERVICE}/GetRegisterSync": Rule.programs("gateway"),
    f"/{COMPLIANCE}/ReadCompliance": Rule.people("gateway", roles=_OWN, reduced=True),
    f"/{COMPLIANCE}/SimulateCompliance": Rule.people(
        "gateway", roles=_OWN, audit="not: it computes and stores nothing"
    ),
    f"/{COMPLIANCE}/ReadStaffBoard": Rule.people("gateway", roles=_STAFF),
    f"/{COMPLIANCE}/ReadStaffMember": Rule.people(
        "gateway", roles=_MEMBERS, audit="accreditation.staff_member.read"
    ),
    f"/{COMPLIANCE}/ReadStaffReport": Rule.people("gateway", roles=_STAFF),
    f"/{COMPLIANCE}/ExportStaff": Rule.people(
        "gateway", roles=_EXPORT, audit="accreditation.staff.exported"
    ),
    f"/{COMPLIANCE}/ListLapses": Rule.jobs("auth"),
    f"/{COMPLIANCE}/CountOpenApplications": Rule.jobs("auth"),
    f"/{COMPLIANCE}/ListStaff": Rule.any_caller("education", "notify", "gateway"),
    f"/{APPLICATIONS}/ListForms": Rule.programs("gateway"),
    f"/{APPLICATIONS}/ListApplications": Rule.people("gateway", roles=_FOLLOW),
    f"/{APPLICATIONS}/ReadApplication": Rule.people("gateway", roles=_FOLLOW),
    f"/{APPLICATIONS}/CreateApplication": Rule.people(
        "gateway", roles=_APPLY, audit="accreditation.application.created"
    ),
    f"/{APPLICATIONS}/UpdateApplication": Rule.people(
        "gateway", roles=_FOLLOW, audit="not: a draft is its worker's own; sending it is journalled"
    ),
    f"/{APPLICATIONS}/AdvanceApplication": Rule.people(
        "gateway", roles=_FOLLOW, audit="accreditation.application.advanced"
    ),
    f"/{APPLICATIONS}/ListStaffApplications": Rule.people("gateway", roles=_DECIDE),
    f"/{APPLICATIONS}/ReadStaffApplication": Rule.people(
        "gateway", roles=_DECIDE, audit="accreditation.application.read"
    ),
    f"/{APPLICATIONS}/CreateStaffApplication": Rule.people(
        "gateway", roles=_PERSONNEL, audit="accreditation.application.created"
    ),
    f"/{APPLICATIONS}/IssueStaffExtract": Rule.people(
        "gateway", roles=_PERSONNEL, audit="accreditation.extract.issued"
    ),
    f"/{APPLICATIONS}/DecideApplication": Rule.people(
        "gateway", roles=_DECIDE, audit="accreditation.application.decided"
    ),
    f"/{COMPLIANCE}/ListLawChanges": Rule.any_caller("gateway", "notify"),
    f"/{COMPLIANCE}/ListNorms": Rule.any_caller("education", "notify", "gateway"),
    f"/{DOCUMENTS}/ListDocuments": Rule.people("gateway", roles=_PAPERS, reduced=True),
    f"/{DOCUMENTS}/ListDocumentKinds": Rule.people("gateway", roles=_PAPERS, reduced=True),
    f"/{DOCUMENTS}/ListLicences": Rule.people("gateway", roles=_PAPERS, reduced=True),
    f"/{DOCUMENTS}/ReadDocument": Rule.people("gateway", roles=_PAPERS, reduced=True),
    f"/{DOCUMENTS}/UploadDocument": Rule.people(
        "gateway", roles=_PAPERS_NEW, audit="accreditation.document.uploaded"
    ),
    f"/{DOCUMENTS}/DownloadDocument": Rule.people(
        "gateway", roles=_PAPERS, audit="accreditation.document.downloaded"
    ),
    f"/{DOCUMENTS}/DecideDocument": Rule.people(
        "gateway", roles=_PAPERS_VOUCH, audit="accreditation.document.decided"
    ),
    f"/{DOCUMENTS}/ArchiveDocument": Rule.people(
        "gateway", roles=_PAPERS_STEP, audit="accreditation.document.archived"
    ),
}
