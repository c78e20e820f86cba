"""Who may call what: everybody their own inbox, a link in a letter needs no sign-in."""

from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.notify.v1.NotifyService"

RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ListMessages": Rule.people("gateway", reduced=True),
        "ReadMessage": Rule.people("gateway", reduced=True),
        "ListMessagesSince": Rule.people("gateway", reduced=True),
        "MarkMessageRead": Rule.people("gateway", audit="notify.message.read"),
        "MarkMessageDone": Rule.people("gateway", audit="notify.message.done"),
        "GetInboxSummary": Rule.people("gateway", reduced=True),
        "ReadPreferences": Rule.people("gateway"),
        "UpdatePreferences": Rule.people("gateway", audit="notify.preferences.changed"),
        "SubscribeBrowser": Rule.people("gateway", audit="notify.browser.subscribed"),
        "UnsubscribeBrowser": Rule.people("gateway", audit="notify.browser.forgotten"),
        "ReadUnsubscribe": Rule.programs("gateway"),
        "Unsubscribe": Rule.programs("gateway", audit="notify.letters.stopped"),
    }.items()
}
