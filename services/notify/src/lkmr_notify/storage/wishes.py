"""Preferences of people and rules of organisations inside a unit of work."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.preferences import Cell, Digest, Mode, Preferences

_SETTINGS = sa.text(
    "SELECT p AS person_id, s.zone, s.quiet_from, s.quiet_until, s.digest,"
    " (SELECT coalesce(json_agg(json_build_array(c.category, c.channel, c.enabled)), '[]'::json)"
    "  FROM person_choice c WHERE c.person_id = p) AS chosen"
    " FROM unnest(CAST(:people AS uuid[])) p JOIN person_setting s ON s.person_id = p"
)
_MODES = sa.text(
    "SELECT organization_id, category, channel, mode FROM organization_rule"
    " WHERE organization_id = ANY(CAST(:organizations AS text[]))"
)
_PUSHABLE = sa.text(
    "SELECT DISTINCT person_id FROM push_subscription"
    " WHERE person_id = ANY(CAST(:people AS uuid[]))"
)
_SAVE = sa.text(
    "INSERT INTO person_setting (person_id, zone, quiet_from, quiet_until, digest, update_time)"
    " VALUES (:person, :zone, :quiet_from, :quiet_until, :digest, :now)"
    " ON CONFLICT (person_id) DO UPDATE SET zone = excluded.zone,"
    " quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,"
    " digest = excluded.digest, update_time = excluded.update_time"
)
_CHOOSE = sa.text(
    "INSERT INTO person_choice (person_id, category, channel, enabled)"
    " VALUES (:person, :category, :channel, :enabled)"
    " ON CONFLICT (person_id, category, channel) DO UPDATE SET enabled = excluded.enabled"
)
_RULE = sa.text(
    "INSERT INTO organization_rule (organization_id, category, channel, mode, update_time)"
    " VALUES (:organization, :category, :channel, :mode, :now)"
    " ON CONFLICT (organization_id, category, channel)"
    " DO UPDATE SET mode = excluded.mode, update_time = excluded.update_time"
)
_UNRULE = sa.text(
    "DELETE FROM organization_rule WHERE organization_id = :organization"
    " AND category = :category AND channel = :channel"
)


class StoredWishes:
    """The port `Wishes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, people: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Preferences]:
        """Preferences of those who ever chose something."""
        rows = await self._connection.execute(_SETTINGS, {"people": list(people)})
        return {
            row.person_id: Preferences(
                zone=ZoneInfo(row.zone),
                quiet_from=row.quiet_from,
                quiet_until=row.quiet_until,
                digest=Digest(row.digest),
                chosen={
                    (Group(group), Channel(channel)): enabled
                    for group, channel, enabled in row.chosen
                },
            )
            for row in rows
        }

    async def with_browser(self, people: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
        """Those who subscribed a browser for push."""
        rows = await self._connection.execute(_PUSHABLE, {"people": list(people)})
        return frozenset(row.person_id for row in rows)

    async def save(self, person: uuid.UUID, wishes: Preferences, now: datetime) -> None:
        """Keep the choices of a person; cells that are not named stay as they were."""
        await self._connection.execute(
            _SAVE,
            {
                "person": person,
                "zone": wishes.zone.key,
                "quiet_from": wishes.quiet_from,
                "quiet_until": wishes.quiet_until,
                "digest": wishes.digest.value,
                "now": now,
            },
        )
        rows = [
            {"person": person, "category": group.value, "channel": channel.value, "enabled": on}
            for (group, channel), on in sorted(
                wishes.chosen.items(), key=lambda one: (one[0][0].value, one[0][1].value)
            )
        ]
        if rows:
            await self._connection.execute(_CHOOSE, rows)

    async def of_organizations(
        self, organizations: Sequence[str]
    ) -> Mapping[str, Mapping[Cell, Mode]]:
        """Rules of organisations that have some."""
        if not organizations:
            return {}
        rows = await self._connection.execute(_MODES, {"organizations": list(organizations)})
        found: defaultdict[str, dict[Cell, Mode]] = defaultdict(dict)
        for row in rows:
            found[row.organization_id][Group(row.category), Channel(row.channel)] = Mode(row.mode)
        return found

    async def rule(
        self, organization: str, cells: Iterable[tuple[Cell, Mode | None]], now: datetime
    ) -> None:
        """Set or lift rules of an organisation."""
        for (group, channel), mode in cells:
            where = {
                "organization": organization,
                "category": group.value,
                "channel": channel.value,
            }
            if mode is None:
                await self._connection.execute(_UNRULE, where)
            else:
                await self._connection.execute(_RULE, {**where, "mode": mode.value, "now": now})
