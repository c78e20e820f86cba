"""Who may call what."""

from lkmr_servicekit.audit import NOT_HERE
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.egisz_bridge.v1.EgiszBridgeService"
LEARNING = "lkmr.egisz_bridge.v1.LearningService"
REPORTS = "lkmr.egisz_bridge.v1.ReportService"

RULES = {
    f"/{SERVICE}/CheckIdentity": Rule.programs("auth"),
    f"/{SERVICE}/GetWorkerCard": Rule.any_caller("accreditation", "auth"),
    f"/{SERVICE}/StreamWorkerCards": Rule.jobs("accreditation"),
    f"/{SERVICE}/SendApplication": Rule.jobs(
        "accreditation", audit="not: the worker's act was journalled where it was taken"
    ),
    f"/{SERVICE}/ListApplicationNews": Rule.jobs("accreditation"),
    f"/{SERVICE}/ListLicences": Rule.jobs("accreditation"),
    f"/{SERVICE}/ListLicenceChanges": Rule.jobs("accreditation"),
    f"/{SERVICE}/ListRegisterStates": Rule.programs("gateway"),
    f"/{LEARNING}/StreamStudyNotices": Rule.jobs("education"),
    f"/{LEARNING}/StreamProgrammes": Rule.jobs("education"),
    f"/{LEARNING}/CheckDocument": Rule.jobs("accreditation", "education"),
    f"/{LEARNING}/RedeemCode": Rule.jobs(
        "education", audit=NOT_HERE + "education journals whoever gave the code"
    ),
    f"/{LEARNING}/DownloadStudyFile": Rule.jobs("education"),
    f"/{REPORTS}/SendReport": Rule.jobs(
        "education", audit=NOT_HERE + "education journals whoever sends a report"
    ),
    f"/{REPORTS}/GetReport": Rule.jobs("education"),
}
