"""Who may call which method."""

from lkmr_access.matrix import roles_with
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.accreditation.v1.AccreditationService"
_OWN = sorted(roles_with("accreditation", "R", scopes="odg"))

RULES = {
    f"/{SERVICE}/ListAccreditations": Rule.people("gateway", roles=_OWN),
    f"/{SERVICE}/ReadAccreditation": Rule.people("gateway", roles=_OWN),
    f"/{SERVICE}/GetAccreditation": Rule.jobs("notify"),
    f"/{SERVICE}/IssueExtract": Rule.people(
        "gateway", roles=_OWN, audit="accreditation.extract.issued"
    ),
    f"/{SERVICE}/VerifyExtract": Rule.programs("gateway"),
    f"/{SERVICE}/GetRegisterSync": Rule.programs("gateway"),
}
