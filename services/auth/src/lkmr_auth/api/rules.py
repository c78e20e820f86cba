"""Who may call what."""

from lkmr_auth.api import administration_rules, incident_servicer
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.auth.v1.AuthService"

_GATEWAY = Rule.programs("gateway")
_BY_USE_CASE = "not: the use case journals it, as it alone learns whose session it is"
_STEP = Rule.programs("gateway", audit=_BY_USE_CASE)
_PROGRAMS = ("gateway", "partner", "accreditation", "education", "egisz-bridge", "notify")
_EVERY_PROGRAM = Rule.programs(*_PROGRAMS)

RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "StartSignIn": _STEP,
        "FinishSignIn": _STEP,
        "GetSignIn": _GATEWAY,
        "SubmitSignInCode": _STEP,
        "ResendSignInCode": _STEP,
        "ChooseProfile": _STEP,
        "ResolveSession": _GATEWAY,
        "TouchSession": Rule.programs("gateway", audit="not: it only moves the idle limit"),
        "SwitchProfile": _STEP,
        "EndSession": _STEP,
        "ListSessions": Rule.people("gateway", reduced=True),
        "RevokeSession": Rule.people("gateway", audit=_BY_USE_CASE),
        "ListVerificationKeys": _EVERY_PROGRAM,
        "IssueJobToken": Rule.programs(
            *_PROGRAMS, audit="not: a program asks each few minutes; what it does is journalled"
        ),
        "GetContacts": Rule.jobs("notify"),
        "ListContacts": Rule.jobs("notify"),
        "RecordActs": Rule.programs("gateway", "partner", audit="not: it is the journal"),
        "ListRecipients": Rule.jobs("notify"),
        "GetRecipient": Rule.jobs("notify"),
        "RecordRefusal": Rule.people("gateway", audit="not: it is the journal"),
        "GetSignInHealth": _GATEWAY,
    }.items()
}
RULES |= administration_rules.RULES | incident_servicer.RULES
