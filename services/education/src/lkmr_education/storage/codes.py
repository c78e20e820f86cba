"""Codes that people typed: kept by their index only."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.storage.tables import code_attempt
from lkmr_servicekit.encryption import KeyRing

_TAKEN_FOR = sa.text(
    """SELECT c.worker_id, c.study FROM code_attempt c
    JOIN unnest(CAST(:workers AS uuid[]), CAST(:studies AS text[])) AS asked (worker, study)
      ON c.worker_id = asked.worker AND c.study = asked.study AND c.study <> ''"""
)


class CodeRepository:
    """The port `Codes`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def tries(self, worker: str, since: datetime) -> int:
        """How many codes this worker typed since a moment."""
        found = await self._connection.scalar(
            sa.select(sa.func.count()).where(
                code_attempt.c.worker_id == uuid.UUID(worker), code_attempt.c.attempt_time > since
            )
        )
        return int(found or 0)

    async def note(self, worker: str, code: str, now: datetime) -> str:
        """Note a try; its id."""
        identity = uuid.uuid4()
        await self._connection.execute(
            sa.insert(code_attempt).values(
                id=identity,
                worker_id=uuid.UUID(worker),
                code_index=self._keys.index("code_attempt.code", code),
                answer="",
                attempt_time=now,
            )
        )
        return str(identity)

    async def taken_for(self, studies: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those studies, by worker and id, that a code of this worker was taken for."""
        found = await self._connection.execute(
            _TAKEN_FOR,
            {"workers": [one[0] for one in studies], "studies": [one[1] for one in studies]},
        )
        return {(str(row[0]), row[1]) for row in found}

    async def answered(self, identity: str, answer: str, study: str) -> None:
        """Note what the portal said, and which study it credits."""
        await self._connection.execute(
            sa.update(code_attempt)
            .where(code_attempt.c.id == uuid.UUID(identity))
            .values(answer=answer, study=study)
        )
