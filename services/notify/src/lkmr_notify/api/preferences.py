"""Preferences between the contract and the use cases."""

import orjson
from lkmr.notify.v1 import notify_service_pb2 as pb

from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.errors import FilterInvalid, PreferenceInvalid
from lkmr_notify.domain.preferences import Mode
from lkmr_notify.usecases.ports import MessageFilter, View
from lkmr_notify.usecases.preferences import Change, Shown
from lkmr_servicekit.zones import ELEVEN

MAX_QUERY = 200


def filter_of(request: pb.ListMessagesRequest) -> MessageFilter:
    """Which messages. Raises FilterInvalid."""
    try:
        view = View(request.view or ("UNREAD" if request.unread_only else "ALL"))
    except ValueError:
        raise FilterInvalid(field="view") from None
    try:
        groups = tuple(Group(one) for one in request.groups)
    except ValueError:
        raise FilterInvalid(field="group") from None
    if len(request.query) > MAX_QUERY or "\x00" in request.query:
        raise FilterInvalid(field="query")
    return MessageFilter(view, groups, request.query.strip())


def change_of(request: pb.UpdatePreferencesRequest) -> Change:
    """What is to be changed. Raises PreferenceInvalid."""
    try:
        cells = {(Group(one.group), Channel(one.channel)): one.enabled for one in request.choices}
    except ValueError:
        raise PreferenceInvalid(field="choices") from None
    return Change(
        zone=request.zone,
        quiet_from=request.quiet_from,
        quiet_until=request.quiet_until,
        digest=request.digest,
        choices=cells,
    )


def shown_to_json(shown: Shown, public_key: str) -> bytes:
    """Preferences as JSON; `decided_by` tells who fixed a cell: ORGANIZATION or nobody."""
    wishes = shown.wishes

    def cell(group: Group, channel: Channel) -> dict[str, object]:
        mode = shown.decided.get((group, channel))
        enabled = wishes.wants(group, channel) if mode is None else mode is Mode.FORCE
        decided = "" if mode is None else "ORGANIZATION"
        return {"channel": channel.value, "enabled": enabled, "decided_by": decided}

    return orjson.dumps(
        {
            "zone": wishes.zone.key,
            "zones": list(ELEVEN),
            "quiet_from": f"{wishes.quiet_from:%H:%M}",
            "quiet_until": f"{wishes.quiet_until:%H:%M}",
            "digest": wishes.digest.value,
            "items": [
                {"group": group.value, "channels": [cell(group, one) for one in Channel]}
                for group in Group
            ],
            "push": {"public_key": public_key, "subscribed": shown.browser},
        }
    )
