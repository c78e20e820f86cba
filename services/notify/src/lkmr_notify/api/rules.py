"""Who may call what: every method serves the caller's own inbox."""

from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.notify.v1.NotifyService"

RULES = {
    f"/{SERVICE}/ListMessages": Rule.people("gateway"),
    f"/{SERVICE}/ReadMessage": Rule.people("gateway"),
    f"/{SERVICE}/ListMessagesSince": Rule.people("gateway"),
    f"/{SERVICE}/MarkMessageRead": Rule.people("gateway", audit="notify.message.read"),
    f"/{SERVICE}/GetInboxSummary": Rule.people("gateway"),
}
