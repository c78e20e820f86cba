"""Sessions, and the ESIA tokens of their families."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Result, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import Assurance, EndReason, Session, SessionEnded, State
from lkmr_auth.storage.seal import Seals, open_text, seal_text

_COLUMNS = (
    "SELECT id, family_id, person_id, secret_hash, state, organization_id, role, device,"
    " user_agent, address, start_time, active_time, expire_time, data_check_time,"
    " register_version, rotate_time, end_reason, basis, step_up_time, issue_time"
    " FROM session"
)
_ADD = sa.text(
    "INSERT INTO session (id, family_id, person_id, secret_hash, state, organization_id, role,"
    " device, user_agent, address, start_time, active_time, expire_time, data_check_time,"
    " register_version, basis, step_up_time, issue_time)"
    " VALUES (:id, :family, :person, :secret, :state, :organization, :role,"
    " :device, :user_agent, :address, :start, :active, :expire, :checked, :version,"
    " :basis, :step_up, :issue)"
)
_FIND = sa.text(_COLUMNS + " WHERE secret_hash = :secret")
_FIND_LOCKED = sa.text(_COLUMNS + " WHERE secret_hash = :secret FOR UPDATE")
_OWN = sa.text(_COLUMNS + " WHERE id = :id AND person_id = :owner")
_OPEN = sa.text(
    _COLUMNS + " WHERE person_id = :owner AND state = 'ACTIVE' AND expire_time > :now"
    " ORDER BY start_time DESC, id LIMIT :limit"
)
_BOUND = sa.text(
    _COLUMNS + " WHERE person_id = :owner AND state = 'ACTIVE' AND role <> '' ORDER BY start_time"
)
_BEYOND = sa.text(
    "SELECT family_id FROM session WHERE person_id = :owner AND state = 'ACTIVE'"
    " AND active_time > :since ORDER BY start_time DESC, id OFFSET :keep"
)
_ENDED = " RETURNING id, person_id, secret_hash, end_reason"
_FAMILIES = sa.text(
    "SELECT DISTINCT family_id FROM session WHERE person_id = :owner AND state <> 'ENDED'"
)
_END_FAMILY = sa.text(
    "UPDATE session SET state = 'ENDED', end_time = :now, end_reason = :reason"  # noqa: S608 - parts of this file
    " WHERE family_id = :family AND state <> 'ENDED'" + _ENDED
)
_FORGET = sa.text("DELETE FROM esia_session WHERE family_id = :family")
_ROTATE = sa.text(
    "UPDATE session SET state = 'ROTATED', rotate_time = :now"
    " WHERE id = :id AND state = 'ACTIVE' RETURNING id"
)
_TOUCH = sa.text(
    "UPDATE session SET active_time = :time"
    " WHERE id = :id AND state = 'ACTIVE' AND active_time < :time"
)
_BIND_DEVICE = sa.text("UPDATE session SET device = :device WHERE id = :id AND device = ''")
_CLOSE = sa.text(
    "UPDATE session SET state = 'ENDED', end_time = rotate_time,"  # noqa: S608 - parts of this file
    " end_reason = 'PROFILE_SWITCHED'"
    " WHERE id IN (SELECT id FROM session WHERE state = 'ROTATED' AND rotate_time < :before"
    " ORDER BY rotate_time LIMIT :limit FOR UPDATE SKIP LOCKED)" + _ENDED
)
_ADD_TOKENS = sa.text(
    "INSERT INTO esia_session (family_id, person_id, access_token, refresh_token, expire_time)"
    " VALUES (:family, :person, :access, :refresh, :expire)"
)
_FIND_TOKENS = sa.text(
    "SELECT family_id, person_id, access_token, refresh_token, expire_time FROM esia_session"
    " WHERE family_id = :family"
)
_LEASE = sa.text(
    "UPDATE esia_session SET lease_time = :until WHERE family_id IN (SELECT family_id"
    " FROM esia_session WHERE expire_time < :due AND (lease_time IS NULL OR lease_time < :now)"
    " ORDER BY expire_time LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " RETURNING family_id, person_id, access_token, refresh_token, expire_time"
)
_PERSON_OF = sa.text("SELECT person_id FROM esia_session WHERE family_id = :family FOR UPDATE")
_SAVE_TOKENS = sa.text(
    "UPDATE esia_session SET access_token = :access, refresh_token = :refresh,"
    " expire_time = :expire, lease_time = NULL WHERE family_id = :family"
)


class StoredSessions:
    """The port `Sessions` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, session: Session) -> None:
        key, place = await self._seals.of_person(session.person_id), str(session.id)
        await self._connection.execute(
            _ADD,
            {
                "id": session.id,
                "family": session.family_id,
                "person": session.person_id,
                "secret": session.secret_hash,
                "state": session.state.value,
                "organization": session.organization_id,
                "role": session.role,
                "device": session.device,
                "user_agent": seal_text(key, session.user_agent, "session", "user_agent", place),
                "address": seal_text(key, session.address, "session", "address", place),
                "start": session.start_time,
                "active": session.active_time,
                "expire": session.expire_time,
                "checked": session.data_check_time,
                "version": session.register_version,
                "basis": session.basis.value,
                "step_up": session.step_up_time,
                "issue": session.issue_time,
            },
        )

    async def find(self, secret_hash: bytes, *, lock: bool = False) -> Session | None:
        statement = _FIND_LOCKED if lock else _FIND
        return await self._one(statement, {"secret": secret_hash})

    async def get_own(self, session_id: uuid.UUID, owner: PersonId) -> Session | None:
        return await self._one(_OWN, {"id": session_id, "owner": owner})

    async def list_open(self, owner: PersonId, now: datetime, limit: int) -> tuple[Session, ...]:
        return await self._many(_OPEN, {"owner": owner, "now": now, "limit": limit})

    async def list_bound(self, owner: PersonId) -> tuple[Session, ...]:
        return await self._many(_BOUND, {"owner": owner})

    async def list_beyond(
        self, owner: PersonId, keep: int, active_since: datetime
    ) -> tuple[uuid.UUID, ...]:
        values = {"owner": owner, "keep": keep, "since": active_since}
        rows = await self._connection.execute(_BEYOND, values)
        return tuple(row.family_id for row in rows)

    async def end_family(
        self, family_id: uuid.UUID, reason: EndReason, now: datetime
    ) -> tuple[SessionEnded, ...]:
        values = {"family": family_id, "reason": reason.value, "now": now}
        rows = await self._connection.execute(_END_FAMILY, values)
        ended = _ended(rows)
        await self._connection.execute(_FORGET, {"family": family_id})
        return ended

    async def end_all(
        self, owner: PersonId, reason: EndReason, now: datetime, *, keep: uuid.UUID | None = None
    ) -> tuple[SessionEnded, ...]:
        families = (await self._connection.execute(_FAMILIES, {"owner": owner})).scalars().all()
        ended = [await self.end_family(one, reason, now) for one in families if one != keep]
        return tuple(one for some in ended for one in some)

    async def rotate(self, session_id: uuid.UUID, now: datetime) -> bool:
        rows = await self._connection.execute(_ROTATE, {"id": session_id, "now": now})
        return rows.first() is not None

    async def touch(self, session_id: uuid.UUID, active_time: datetime) -> None:
        await self._connection.execute(_TOUCH, {"id": session_id, "time": active_time})

    async def bind_device(self, session_id: uuid.UUID, device: bytes) -> None:
        await self._connection.execute(_BIND_DEVICE, {"id": session_id, "device": device})

    async def take_closed(self, rotated_before: datetime, limit: int) -> tuple[SessionEnded, ...]:
        values = {"before": rotated_before, "limit": limit}
        return _ended(await self._connection.execute(_CLOSE, values))

    async def _one(self, statement: sa.TextClause, values: dict[str, Any]) -> Session | None:
        found = await self._many(statement, values)
        return found[0] if found else None

    async def _many(self, statement: sa.TextClause, values: dict[str, Any]) -> tuple[Session, ...]:
        rows = (await self._connection.execute(statement, values)).all()
        return tuple([await self._session(row) for row in rows])

    async def _session(self, row: Row[Any]) -> Session:
        key, place = await self._seals.of_person(row.person_id), str(row.id)
        return Session(
            id=row.id,
            family_id=row.family_id,
            person_id=PersonId(row.person_id),
            secret_hash=bytes(row.secret_hash),
            state=State(row.state),
            organization_id=row.organization_id,
            role=row.role,
            device=bytes(row.device),
            user_agent=open_text(key, row.user_agent, "session", "user_agent", place),
            address=open_text(key, row.address, "session", "address", place),
            start_time=row.start_time,
            active_time=row.active_time,
            expire_time=row.expire_time,
            data_check_time=row.data_check_time,
            register_version=row.register_version,
            rotate_time=row.rotate_time,
            end_reason=EndReason(row.end_reason) if row.end_reason else None,
            basis=Assurance(row.basis),
            step_up_time=row.step_up_time,
            issue_time=row.issue_time,
        )


class StoredEsiaSessions:
    """The port `EsiaSessions` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, family_id: uuid.UUID, owner: PersonId, tokens: EsiaTokens) -> None:
        sealed = await self._sealed(family_id, owner, tokens)
        await self._connection.execute(_ADD_TOKENS, {**sealed, "person": owner})

    async def find(self, family_id: uuid.UUID) -> EsiaTokens | None:
        row = (await self._connection.execute(_FIND_TOKENS, {"family": family_id})).first()
        return await self._tokens(row) if row is not None else None

    async def lease(
        self, due: datetime, now: datetime, lease_until: datetime, limit: int
    ) -> tuple[tuple[uuid.UUID, EsiaTokens], ...]:
        values = {"due": due, "now": now, "until": lease_until, "limit": limit}
        rows = (await self._connection.execute(_LEASE, values)).all()
        return tuple([(row.family_id, await self._tokens(row)) for row in rows])

    async def save(self, family_id: uuid.UUID, tokens: EsiaTokens) -> None:
        found = await self._connection.execute(_PERSON_OF, {"family": family_id})
        owner = found.scalar_one_or_none()
        if owner is not None:
            sealed = await self._sealed(family_id, PersonId(owner), tokens)
            await self._connection.execute(_SAVE_TOKENS, sealed)

    async def _sealed(
        self, family_id: uuid.UUID, owner: PersonId, tokens: EsiaTokens
    ) -> dict[str, Any]:
        key, place = await self._seals.of_person(owner), str(family_id)
        return {
            "family": family_id,
            "access": seal_text(key, tokens.access_token, "esia_session", "access", place),
            "refresh": seal_text(key, tokens.refresh_token, "esia_session", "refresh", place),
            "expire": tokens.expire_time,
        }

    async def _tokens(self, row: Row[Any]) -> EsiaTokens:
        key, place = await self._seals.of_person(row.person_id), str(row.family_id)
        return EsiaTokens(
            access_token=open_text(key, row.access_token, "esia_session", "access", place),
            refresh_token=open_text(key, row.refresh_token, "esia_session", "refresh", place),
            expire_time=row.expire_time,
        )


def _ended(rows: Result[Any]) -> tuple[SessionEnded, ...]:
    return tuple(
        SessionEnded(
            session=f"persons/{row.person_id}/sessions/{row.id}",
            secret_hash=bytes(row.secret_hash),
            reason=EndReason(row.end_reason),
        )
        for row in rows
    )
