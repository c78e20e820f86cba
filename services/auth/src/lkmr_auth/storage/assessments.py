"""Assessments of protection over PostgreSQL; their rows are never changed."""

from datetime import date

import sqlalchemy as sa

from lkmr_auth.domain.assessment import Assessment
from lkmr_auth.storage.journal import OwnJournal
from lkmr_auth.storage.tables import assessment
from lkmr_servicekit.audit import Act, apart
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.database import Database, UnitOfWork

RECORDED = "assessment.record"
_LIST = sa.select(assessment).order_by(assessment.c.assess_date, assessment.c.record_time)
_BEGAN = sa.text(
    "SELECT coalesce((SELECT min(month)::timestamptz FROM journal_archive),"
    " (SELECT chain_time FROM journal_entry ORDER BY seq LIMIT 1))"
)


class StoredAssessments:
    """The port `Assessments`. Every method raises ServiceError DATABASE_UNAVAILABLE."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._journal = database, OwnJournal(database, clock)

    async def add(self, made: Assessment) -> None:
        values = {name: getattr(made, name) for name in Assessment.__dataclass_fields__}
        act = Act(
            operation=RECORDED,
            object=f"assessments/{made.kind}/{made.assess_date}",
            actor="programs/operator",
            time=made.record_time,
        )
        with apart():
            async with UnitOfWork(self._database) as uow:
                await uow.connection.execute(sa.insert(assessment), values)
                await self._journal.write(uow.connection, act)
                await uow.commit()

    async def list(self) -> list[Assessment]:
        async with UnitOfWork(self._database) as uow:
            rows = (await uow.connection.execute(_LIST)).mappings().all()
        return [Assessment(**row) for row in rows]

    async def began_on(self) -> date | None:
        async with UnitOfWork(self._database) as uow:
            moment = (await uow.connection.execute(_BEGAN)).scalar_one_or_none()
        return day_in(MOSCOW, moment) if moment is not None else None
