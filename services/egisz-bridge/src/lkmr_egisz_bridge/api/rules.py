"""Who may call what."""

from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.egisz_bridge.v1.EgiszBridgeService"

RULES = {
    f"/{SERVICE}/CheckIdentity": Rule.programs("auth"),
    f"/{SERVICE}/GetWorkerCard": Rule.any_caller("accreditation", "auth"),
    f"/{SERVICE}/StreamWorkerCards": Rule.jobs("accreditation"),
    f"/{SERVICE}/ListRegisterStates": Rule.programs("gateway"),
}
