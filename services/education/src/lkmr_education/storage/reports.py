"""Reports: what was built and signed, byte for byte, and what the receiver said."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.counting import Period
from lkmr_education.domain.report import UNBUILT, Control, Report, ReportState
from lkmr_education.storage.tables import report as table
from lkmr_education.usecases.outside import BUILD_LEASE
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import AWAY, Database, unavailable

_PLAIN = (
    "organization_oid",
    "organization_name",
    "version",
    "content",
    "created_by",
    "create_time",
    "update_time",
    "signature",
    "certificate",
    "signed_by",
    "sign_time",
    "send_asked",
    "sent_by",
    "number",
    "reason",
    "receipt",
    "staff_done",
    "staff_total",
)
_SENT_AT_ONCE, _BUILT_AT_ONCE = 20, 1
_PAGE = """
SELECT *, errors::text AS errors FROM report
 WHERE organization_oid = $1
   AND ($2::timestamptz IS NULL OR (create_time, id) < ($2, $3::uuid))
 ORDER BY create_time DESC, id DESC LIMIT $4
"""
_ONE = "SELECT *, errors::text AS errors FROM report WHERE organization_oid = $1 AND id = $2"


class ReportRepository:
    """The port `Reports`."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    async def find(self, identity: str) -> Report | None:
        """The report; its row stays locked until the end."""
        found = await self._connection.execute(
            sa.select(table).where(table.c.id == uuid.UUID(identity)).with_for_update()
        )
        row = found.mappings().first()
        return report_of(row) if row else None

    async def add(self, report: Report) -> None:
        """Store a new report."""
        await self._connection.execute(
            sa.insert(table).values(id=uuid.UUID(report.id), **self._values(report))
        )

    async def save(self, report: Report) -> None:
        """Store what became of it."""
        await self._connection.execute(
            sa.update(table)
            .where(table.c.id == uuid.UUID(report.id))
            .values(**self._values(report))
        )

    async def claim(self, now: datetime, lease: timedelta) -> Sequence[Report]:
        """Those to be sent or asked about, kept from others for the length of the lease."""
        return await self._claim(table.c.next_send_time, now, lease, _SENT_AT_ONCE)

    async def claim_builds(self, now: datetime, lease: timedelta) -> Sequence[Report]:
        """Those to be built, kept from others for the length of the lease."""
        return await self._claim(table.c.next_build_time, now, lease, _BUILT_AT_ONCE)

    async def build_later(self, identity: str, moment: datetime) -> None:
        """Let go of one that is not built yet: it is due at a moment."""
        await self._connection.execute(
            sa.update(table)
            .where(table.c.id == uuid.UUID(identity), table.c.next_build_time.is_not(None))
            .values(next_build_time=moment)
        )

    async def _claim(
        self, when: sa.Column[datetime], now: datetime, lease: timedelta, size: int
    ) -> Sequence[Report]:
        due = (
            sa.select(table.c.id)
            .where(when <= now)
            .order_by(when)
            .limit(size)
            .with_for_update(skip_locked=True)
        )
        claimed = await self._connection.execute(
            sa.update(table).where(table.c.id.in_(due)).values({when: now + lease}).returning(table)
        )
        return [report_of(row) for row in claimed.mappings()]

    def _values(self, report: Report) -> dict[str, Any]:
        under_way = report.send_asked and report.state in {ReportState.SIGNED, ReportState.SENT}
        pause = timedelta(seconds=PAUSE_SECONDS if report.number else 0)
        return {
            **{name: getattr(report, name) for name in _PLAIN},
            "period_start": report.period.start,
            "period_end": report.period.end,
            "state": report.state.value,
            "errors": [asdict(one) for one in report.errors],
            "replaces": uuid.UUID(report.replaces) if report.replaces else None,
            "next_build_time": self._clock.now() + BUILD_LEASE if report.state in UNBUILT else None,
            "next_send_time": self._clock.now() + pause if under_way else None,
        }


PAUSE_SECONDS = 5  # until the receiver is asked again


class ReportReader:
    """The port `ReportShelf`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, organization: str, *, size: int, position: tuple[datetime, str] | None
    ) -> Sequence[Report]:
        """Reports of an organisation, newest first."""
        moment, identity = position or (None, None)
        return await self._fetch(
            _PAGE, organization, moment, uuid.UUID(identity) if identity else None, size
        )

    async def find(self, organization: str, identity: str) -> Report | None:
        """A report of an organisation."""
        found = await self._fetch(_ONE, organization, uuid.UUID(identity))
        return found[0] if found else None

    async def _fetch(self, statement: str, *values: object) -> Sequence[Report]:
        try:
            found = await self._database.pool.fetch(statement, *values)
        except AWAY as fault:
            raise unavailable() from fault
        return [report_of(row) for row in found]


def report_of(row: Any) -> Report:
    """The report in a row."""
    values = {name: row[name] for name in _PLAIN}
    for name in ("content", "signature", "certificate", "receipt"):
        values[name] = bytes(values[name])
    errors = row["errors"]
    found = orjson.loads(errors) if isinstance(errors, str) else errors
    return Report(
        id=str(row["id"]),
        period=Period(start=row["period_start"], end=row["period_end"]),
        state=ReportState(row["state"]),
        errors=tuple(Control(**one) for one in found),
        replaces=str(row["replaces"] or ""),
        **values,
    )
