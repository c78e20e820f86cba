"""Applications: what is asked for by columns lies open, what people wrote lies sealed."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.application import (
    SETTLED,
    Actor,
    Agreement,
    Application,
    Outside,
    Path,
    Report,
    State,
    Step,
)
from lkmr_accreditation.domain.errors import ApplicationNotFound, ApplicationOpen
from lkmr_accreditation.storage.tables import (
    accreditation,
    application,
    application_feed,
    application_file_set,
    application_step,
    staff,
    worker,
)
from lkmr_accreditation.usecases.application_ports import Outgoing
from lkmr_servicekit.encryption import DataKey, KeyRing

_OPEN = [one.value for one in State if one not in SETTLED]
_TABLE, _FEED = "application", 1


class ApplicationRepository:
    """Applications inside one transaction; content is sealed under the key of the worker."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def add(self, made: Application) -> str:
        """Store a new one; the id of the open one that stands in its place, or an empty text."""
        key = await self._key(made.worker)
        statement = (
            insert(application)
            .values(id=uuid.UUID(made.id), **_values(made, key), outgoing="", attempts=0)
            .on_conflict_do_nothing()
            .returning(application.c.id)
        )
        if (await self._connection.execute(statement)).first() is not None:
            return ""
        return await self._standing_in(made)

    async def get(self, application_id: str, *, worker: str) -> Application:
        """One's own, locked until the end. Raises ApplicationNotFound."""
        return await self._locked(
            application.c.id == uuid.UUID(application_id),
            application.c.worker_id == uuid.UUID(worker),
        )

    async def get_staff(
        self, application_id: str, *, organization_oid: str, department: str
    ) -> Application:
        """One of the organisation, or of a department of it. Raises ApplicationNotFound."""
        return await self._locked(
            application.c.id == uuid.UUID(application_id),
            application.c.organization_oid == organization_oid,
            *([_works_in(department)] if department else []),
        )

    async def find(self, application_id: str) -> Application | None:
        """Any, locked until the end; None for an id that nobody knows."""
        try:
            return await self._locked(application.c.id == uuid.UUID(application_id))
        except (ApplicationNotFound, ValueError):
            return None

    async def save(
        self,
        made: Application,
        step: Step | None = None,
        *,
        turn: date | None = None,
        outgoing: str | None = None,
        now: datetime,
    ) -> None:
        """Keep it with its step. Raises ApplicationOpen when another stands in its place."""
        key = await self._key(made.worker)
        values = _values(made, key) | {"turn_date": turn}
        if outgoing is not None:
            values |= {"outgoing": outgoing, "attempts": 0, "send_time": now}
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(
                    sa.update(application)
                    .where(application.c.id == uuid.UUID(made.id))
                    .values(**values)
                )
        except IntegrityError:
            raise ApplicationOpen(application=await self._standing_in(made)) from None
        if step is not None:
            await self._add_step(made, step, key)

    async def keep_file_set(self, made: Application, content: bytes, now: datetime) -> None:
        """Keep what is sent as a version."""
        key = await self._key(made.worker)
        place = f"{made.id}/{made.file_set}"
        await self._connection.execute(
            insert(application_file_set)
            .values(
                application_id=uuid.UUID(made.id),
                version=made.file_set,
                content=key.seal(content, "application_file_set", "content", place),
                digest=hashlib.sha256(content).hexdigest(),
                create_time=now,
            )
            .on_conflict_do_nothing()
        )

    async def last_failure(self, worker_id: str, specialty: str) -> datetime | None:
        """When the commission last said «не сдано» in a specialty."""
        found: datetime | None = await self._connection.scalar(
            sa.select(sa.func.max(application.c.state_time)).where(
                application.c.worker_id == uuid.UUID(worker_id),
                sa.func.lower(application.c.specialty) == specialty.lower(),
                application.c.state == State.FAILED.value,
            )
        )
        return found

    async def take_outgoing(self, now: datetime, lease: datetime) -> Outgoing | None:
        """The next act to send; others leave it alone until the lease ends."""
        row = (
            await self._connection.execute(
                _select()
                .where(sa.text("application.outgoing <> ''"), application.c.send_time <= now)
                .order_by(application.c.send_time)
                .limit(1)
                .with_for_update(of=application, skip_locked=True)
            )
        ).first()
        if row is None:
            return None
        await self._connection.execute(
            sa.update(application).where(application.c.id == row.id).values(send_time=lease)
        )
        made = self._made(row)
        reason = await self._last_reason(made.id, self._keys.data_key(bytes(row.data_key)))
        return Outgoing(application=made, act=row.outgoing, attempts=row.attempts, reason=reason)

    async def sent(self, outgoing: Outgoing) -> None:
        """The centre heard of it; a later act of the same application stays to be sent."""
        await self._connection.execute(
            sa.update(application)
            .where(*_same(outgoing))
            .values(outgoing="", attempts=0, send_time=None)
        )

    async def retry(self, outgoing: Outgoing, at: datetime) -> None:
        """It did not answer: again at a moment."""
        await self._connection.execute(
            sa.update(application)
            .where(*_same(outgoing))
            .values(attempts=outgoing.attempts + 1, send_time=at)
        )

    async def cursor(self) -> str:
        """How far the news of the centre were read."""
        found = await self._connection.scalar(sa.select(application_feed.c.cursor))
        return str(found or "")

    async def move_cursor(self, cursor: str, now: datetime) -> None:
        """Note how far, in the transaction of what was read."""
        values = {"cursor": cursor, "update_time": now}
        await self._connection.execute(
            insert(application_feed)
            .values(id=_FEED, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    async def turning(self, today: date, limit: int) -> list[Application]:
        """Those on whom a day has come; other instances take others."""
        return await self._several(
            application.c.turn_date <= today, order=application.c.turn_date, limit=limit
        )

    async def recorded(self, limit: int) -> list[tuple[Application, str]]:
        """Passed ones whose entry stands in the register, with its number."""
        entry = (
            sa.select(accreditation.c.registry_number)
            .where(
                accreditation.c.worker_id == application.c.worker_id,
                sa.func.lower(accreditation.c.specialty) == sa.func.lower(application.c.specialty),
                accreditation.c.record_date >= sa.cast(application.c.create_time, sa.Date),
                sa.not_(accreditation.c.annulled),
                sa.not_(accreditation.c.removed),
            )
            .order_by(accreditation.c.record_date.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = await self._connection.execute(
            _select()
            .add_columns(entry.label("registry_number"))
            .where(sa.text("application.state = 'PASSED'"), entry.is_not(None))
            .limit(limit)
            .with_for_update(of=application, skip_locked=True)
        )
        return [(self._made(row), row.registry_number) for row in rows]

    async def has_entry(self, worker_id: str, specialty: str) -> bool:
        """Whether the register has a good entry of a worker in a specialty."""
        found = await self._connection.scalar(
            sa.select(accreditation.c.id)
            .where(
                accreditation.c.worker_id == uuid.UUID(worker_id),
                sa.func.lower(accreditation.c.specialty) == specialty.lower(),
                sa.not_(accreditation.c.annulled),
                sa.not_(accreditation.c.removed),
            )
            .limit(1)
        )
        return found is not None

    async def extracts_to_make(self, limit: int) -> list[Application]:
        """Requests for extracts that wait to be made."""
        return await self._several(
            sa.text(
                "application.path = 'EXTRACT'"
                " AND application.state IN ('EXTRACT_REQUESTED', 'REGISTERED')"
            ),
            order=application.c.state_time,
            limit=limit,
        )

    async def _several(
        self, *conditions: sa.ColumnElement[bool] | sa.TextClause, order: Any, limit: int
    ) -> list[Application]:
        rows = await self._connection.execute(
            _select()
            .where(*conditions)
            .order_by(order)
            .limit(limit)
            .with_for_update(of=application, skip_locked=True)
        )
        return [self._made(row) for row in rows]

    async def _locked(self, *conditions: sa.ColumnElement[bool]) -> Application:
        row = (
            await self._connection.execute(
                _select().where(*conditions).with_for_update(of=application)
            )
        ).first()
        if row is None:
            raise ApplicationNotFound
        return self._made(row)

    async def _standing_in(self, made: Application) -> str:
        found = await self._connection.scalar(
            sa.select(application.c.id).where(
                application.c.worker_id == uuid.UUID(made.worker),
                application.c.form == made.form,
                sa.func.lower(application.c.specialty) == made.specialty.lower(),
                application.c.path == made.path.value,
                *(
                    [application.c.organization_oid == made.organization_oid]
                    if made.path is Path.STAFF_EXTRACT
                    else []
                ),
                application.c.state.in_(_OPEN),
            )
        )
        return str(found or "")

    async def _last_reason(self, application_id: str, key: DataKey) -> str:
        row = (
            await self._connection.execute(
                sa.select(application_step)
                .where(application_step.c.application_id == uuid.UUID(application_id))
                .order_by(application_step.c.number.desc())
                .limit(1)
            )
        ).first()
        return "" if row is None else step_of(dict(row._mapping), application_id, key).reason  # noqa: SLF001

    async def _add_step(self, made: Application, step: Step, key: DataKey) -> None:
        number = await self._connection.scalar(
            sa.select(sa.func.count())
            .select_from(application_step)
            .where(application_step.c.application_id == uuid.UUID(made.id))
        )
        place = f"{made.id}/{(number or 0) + 1}"
        await self._connection.execute(
            sa.insert(application_step).values(
                application_id=uuid.UUID(made.id),
                number=(number or 0) + 1,
                actor=step.actor.value,
                before=step.before.value,
                after=step.after.value,
                reason=key.seal(step.reason.encode(), "application_step", "reason", place),
                file_set=step.file_set,
                step_time=step.time,
            )
        )

    async def _key(self, worker_id: str) -> DataKey:
        wrapped = await self._connection.scalar(
            sa.select(worker.c.data_key).where(worker.c.id == uuid.UUID(worker_id))
        )
        if wrapped is None:
            raise ApplicationNotFound
        return self._keys.data_key(bytes(wrapped))

    def _made(self, row: Any) -> Application:
        return application_of(dict(row._mapping), self._keys.data_key(bytes(row.data_key)))  # noqa: SLF001 - public by convention of SQLAlchemy


def _select() -> "sa.Select[Any]":
    return sa.select(application, worker.c.data_key).join(
        worker, worker.c.id == application.c.worker_id
    )


def _works_in(department: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        staff.c.organization_oid == application.c.organization_oid,
        staff.c.worker_id == application.c.worker_id,
        staff.c.departments.contains([department]),
    )


def _same(outgoing: Outgoing) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        application.c.id == uuid.UUID(outgoing.application.id),
        application.c.outgoing == outgoing.act,
        application.c.file_set == outgoing.application.file_set,
    )


def _values(made: Application, key: DataKey) -> dict[str, Any]:
    sealed = {
        "answers": dict(made.answers),
        "report": {**asdict(made.report), "agreement": made.report.agreement.value},
        "outside": asdict(made.outside),
        "resume": made.resume.value if made.resume else "",
    }
    return {
        "worker_id": uuid.UUID(made.worker),
        "form": made.form,
        "path": made.path.value,
        "state": made.state.value,
        "specialty": made.specialty,
        "organization_oid": made.organization_oid,
        "version": made.version,
        "file_set": made.file_set,
        "agreement": made.report.agreement.value,
        "content": key.seal(orjson.dumps(sealed), _TABLE, "content", made.id),
        "create_time": made.create_time,
        "update_time": made.update_time,
        "state_time": made.state_time,
        "limit_date": made.limit,
        "warned": made.warned,
    }


def application_of(row: Mapping[str, Any], key: DataKey) -> Application:
    """An application from its row."""
    made = str(row["id"])
    sealed = orjson.loads(key.open(bytes(row["content"]), _TABLE, "content", made))
    report = sealed["report"]
    outside = sealed["outside"]
    return Application(
        id=made,
        worker=str(row["worker_id"]),
        form=row["form"],
        path=Path(row["path"]),
        specialty=row["specialty"],
        organization_oid=row["organization_oid"],
        create_time=row["create_time"],
        update_time=row["update_time"],
        state_time=row["state_time"],
        state=State(row["state"]),
        version=row["version"],
        file_set=row["file_set"],
        answers=sealed["answers"],
        report=replace(Report(**report), agreement=Agreement(report["agreement"])),
        outside=Outside(**{**outside, "remarks": tuple(outside["remarks"])}),
        limit=row["limit_date"],
        warned=row["warned"],
        resume=State(sealed["resume"]) if sealed["resume"] else None,
    )


def step_of(row: Mapping[str, Any], application_id: str, key: DataKey) -> Step:
    """A step from its row."""
    place = f"{application_id}/{row['number']}"
    return Step(
        actor=Actor(row["actor"]),
        before=State(row["before"]),
        after=State(row["after"]),
        reason=key.open(bytes(row["reason"]), "application_step", "reason", place).decode(),
        file_set=row["file_set"],
        time=row["step_time"],
    )


def steps_from(rows: Sequence[Mapping[str, Any]], application_id: str, key: DataKey) -> list[Step]:
    """The history, oldest first."""
    return [step_of(row, application_id, key) for row in rows]
