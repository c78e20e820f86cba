"""What workers decided on asking registers about their documents, inside one transaction."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.certificate import REGISTERED, Check
from lkmr_education.storage.tables import certificate, consent

UNREFUSED = ~sa.exists().where(
    consent.c.worker_id == certificate.c.worker_id, sa.not_(consent.c.given)
)
"""Documents whose worker has not refused."""


class ConsentRepository:
    """The port `Consents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def decide(self, worker: str, *, given: bool, time: datetime) -> bool:
        """Keep a decision; False for one that is not later than what is kept."""
        made = insert(consent).values(worker_id=uuid.UUID(worker), given=given, decide_time=time)
        kept = await self._connection.execute(
            made.on_conflict_do_update(
                index_elements=["worker_id"],
                set_={"given": made.excluded.given, "decide_time": made.excluded.decide_time},
                where=consent.c.decide_time < made.excluded.decide_time,
            ).returning(consent.c.worker_id)
        )
        return kept.first() is not None

    async def refused(self, worker: str) -> bool:
        """Whether the last decision is a refusal; it cannot change until the end."""
        given = await self._connection.scalar(
            sa.select(consent.c.given)
            .where(consent.c.worker_id == uuid.UUID(worker))
            .with_for_update(read=True)
        )
        return given is False

    async def ask_anew(self, worker: str, moment: datetime) -> None:
        """Have the register asked about what it never answered and is not to be asked about."""
        await self._connection.execute(
            sa.update(certificate)
            .where(
                certificate.c.worker_id == uuid.UUID(worker),
                certificate.c.type.in_(REGISTERED),
                certificate.c.check_state == Check.NOT_CHECKED,
                certificate.c.next_check_time.is_(None),
            )
            .values(next_check_time=moment)
        )
