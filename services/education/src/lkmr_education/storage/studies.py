"""Activities that the portal knows, many at once."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.activity import Activity
from lkmr_education.domain.certificate import Confirmation
from lkmr_education.domain.facts import ActivityCreated
from lkmr_education.storage import rows, tables
from lkmr_education.storage.repositories import Facts

_LOCK_WORKERS = sa.text(
    "SELECT id FROM worker WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE"
)
_TOLD = sa.text(
    """SELECT a.* FROM activity a
    JOIN unnest(CAST(:workers AS uuid[]), CAST(:studies AS text[])) AS asked (worker, study)
      ON a.worker_id = asked.worker AND a.external_id = asked.study AND a.external_id <> ''
    ORDER BY a.id FOR UPDATE OF a"""
)
_OWN = sa.text(
    """SELECT * FROM activity
    WHERE worker_id = ANY(CAST(:ids AS uuid[])) AND external_id = ''
    ORDER BY start_date, id FOR UPDATE"""
)


class StudyRepository:
    """The port `Studies`."""

    def __init__(self, connection: AsyncConnection, facts: Facts) -> None:
        self._connection, self._facts = connection, facts

    async def known_workers(self, workers: Collection[str]) -> set[str]:
        """Those that are stored; their rows stay locked until the end."""
        ids = [one for one in workers if _is_id(one)]
        found = await self._connection.execute(_LOCK_WORKERS, {"ids": ids})
        return {str(one) for one in found.scalars()}

    async def told(self, studies: Collection[tuple[str, str]]) -> dict[tuple[str, str], Activity]:
        """Activities by worker and id of the study; their rows stay locked."""
        asked = [one for one in studies if _is_id(one[0])]
        found = await self._connection.execute(
            _TOLD, {"workers": [one[0] for one in asked], "studies": [one[1] for one in asked]}
        )
        made = (rows.activity_of(row) for row in found.mappings())
        return {(one.worker, one.external_id): one for one in made}

    async def own(self, workers: Collection[str]) -> dict[str, list[Activity]]:
        """Activities of these workers that the portal has said nothing about yet."""
        found = await self._connection.execute(_OWN, {"ids": sorted(workers)})
        made: dict[str, list[Activity]] = defaultdict(list)
        for row in found.mappings():
            one = rows.activity_of(row)
            made[one.worker].append(one)
        return dict(made)

    async def add_credited(
        self, credited: Sequence[tuple[Activity, Confirmation]], *, actor: str, announced: bool
    ) -> None:
        """Store new activities with their confirmations by COPY; each is announced, or none.

        Their workers are locked, so nobody else stores the same study meanwhile.
        """
        if not credited:
            return
        raw: Any = await self._connection.get_raw_connection()
        copy = raw.driver_connection.copy_records_to_table
        await copy("activity", records=[_row(one) for one, _ in credited], columns=_COLUMNS)
        await copy(
            "activity_change",
            records=[
                (uuid.UUID(one.id), one.version, actor, "{}", one.update_time)
                for one, _ in credited
            ],
            columns=[column.name for column in tables.activity_change.columns],
        )
        grounds = [rows.confirmation_values(one) for _, one in credited]
        await copy(
            "confirmation",
            records=[tuple(one.values()) for one in grounds],
            columns=list(grounds[0]),
        )
        if announced:
            await self._facts.add_all(ActivityCreated(one) for one, _ in credited)


_COLUMNS = ("id", "worker_id", *rows.ACTIVITY_FIELDS)


def _row(one: Activity) -> tuple[Any, ...]:
    values = rows.activity_values(one)
    return (uuid.UUID(one.id), uuid.UUID(one.worker), *values.values())


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
