"""Who may call what."""

from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.auth.v1.AuthService"

_GATEWAY = Rule.programs("gateway")
_EVERY_PROGRAM = Rule.programs("gateway", "accreditation", "egisz-bridge", "notify")

RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "StartSignIn": _GATEWAY,
        "FinishSignIn": _GATEWAY,
        "GetSignIn": _GATEWAY,
        "SubmitSignInCode": _GATEWAY,
        "ResendSignInCode": _GATEWAY,
        "ChooseProfile": _GATEWAY,
        "ResolveSession": _GATEWAY,
        "TouchSession": _GATEWAY,
        "SwitchProfile": _GATEWAY,
        "EndSession": _GATEWAY,
        "ListSessions": Rule.people("gateway"),
        "RevokeSession": Rule.people("gateway"),
        "ListVerificationKeys": _EVERY_PROGRAM,
        "IssueJobToken": _EVERY_PROGRAM,
        "GetContacts": Rule.jobs("notify"),
        "RecordRefusal": Rule.people("gateway"),
        "GetSignInHealth": _GATEWAY,
    }.items()
}
