"""Sessions in memory."""

import uuid
from dataclasses import replace
from datetime import datetime

from auth_table import Table

from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason, Session, SessionEnded, State


class FakeSessions(Table):
    async def add(self, session: Session) -> None:
        self.store.sessions[session.id] = session

    async def find(self, secret_hash: bytes, *, lock: bool = False) -> Session | None:
        sessions = self.store.sessions.values()
        return next((one for one in sessions if one.secret_hash == secret_hash), None)

    async def get_own(self, session_id: uuid.UUID, owner: PersonId) -> Session | None:
        found = self.store.sessions.get(session_id)
        return found if found and found.person_id == owner else None

    def _active(self, owner: PersonId) -> list[Session]:
        mine = [
            one
            for one in self.store.sessions.values()
            if one.person_id == owner and one.state is State.ACTIVE
        ]
        return sorted(mine, key=lambda one: one.start_time, reverse=True)

    async def list_open(self, owner: PersonId, now: datetime, limit: int) -> tuple[Session, ...]:
        return tuple(one for one in self._active(owner) if now < one.expire_time)[:limit]

    async def list_beyond(
        self, owner: PersonId, keep: int, active_since: datetime
    ) -> tuple[uuid.UUID, ...]:
        mine = [one for one in self._active(owner) if one.active_time > active_since]
        return tuple(one.family_id for one in mine[keep:])

    async def list_bound(self, owner: PersonId) -> tuple[Session, ...]:
        return tuple(one for one in self._active(owner) if one.role)

    async def end_family(
        self, family_id: uuid.UUID, reason: EndReason, now: datetime
    ) -> tuple[SessionEnded, ...]:
        ended = []
        for one in list(self.store.sessions.values()):
            if one.family_id == family_id and one.state is not State.ENDED:
                self.store.sessions[one.id] = replace(one, state=State.ENDED, end_reason=reason)
                ended.append(
                    SessionEnded(session=one.name, secret_hash=one.secret_hash, reason=reason)
                )
        self.store.esia.pop(family_id, None)
        return tuple(ended)

    async def end_all(
        self, owner: PersonId, reason: EndReason, now: datetime, *, keep: uuid.UUID | None = None
    ) -> tuple[SessionEnded, ...]:
        families = {one.family_id for one in self.store.sessions.values() if one.person_id == owner}
        ended = [await self.end_family(one, reason, now) for one in families if one != keep]
        return tuple(one for some in ended for one in some)

    async def rotate(self, session_id: uuid.UUID, now: datetime) -> bool:
        one = self.store.sessions[session_id]
        if one.state is not State.ACTIVE:
            return False
        self.store.sessions[session_id] = replace(one, state=State.ROTATED, rotate_time=now)
        return True

    async def touch(self, session_id: uuid.UUID, active_time: datetime) -> None:
        one = self.store.sessions[session_id]
        latest = max(one.active_time, active_time)
        self.store.sessions[session_id] = replace(one, active_time=latest)

    async def bind_device(self, session_id: uuid.UUID, device: bytes) -> None:
        one = self.store.sessions[session_id]
        self.store.sessions[session_id] = replace(one, device=device)

    async def take_closed(self, rotated_before: datetime, limit: int) -> tuple[SessionEnded, ...]:
        reason, ended = EndReason.PROFILE_SWITCHED, []
        for one in list(self.store.sessions.values()):
            if one.state is State.ROTATED and one.rotate_time and one.rotate_time < rotated_before:
                self.store.sessions[one.id] = replace(one, state=State.ENDED, end_reason=reason)
                ended.append(
                    SessionEnded(session=one.name, secret_hash=one.secret_hash, reason=reason)
                )
        return tuple(ended)


class FakeEsiaSessions(Table):
    async def add(self, family_id: uuid.UUID, owner: PersonId, held: EsiaTokens) -> None:
        self.store.esia[family_id] = (held, None)

    async def find(self, family_id: uuid.UUID) -> EsiaTokens | None:
        return self.store.esia.get(family_id, (None, None))[0]

    async def lease(
        self, due: datetime, now: datetime, lease_until: datetime, limit: int
    ) -> tuple[tuple[uuid.UUID, EsiaTokens], ...]:
        taken = []
        for family_id, (held, lease) in list(self.store.esia.items()):
            if held.expire_time < due and (lease is None or lease < now):
                self.store.esia[family_id] = (held, lease_until)
                taken.append((family_id, held))
        return tuple(taken)

    async def save(self, family_id: uuid.UUID, held: EsiaTokens) -> None:
        if family_id in self.store.esia:
            self.store.esia[family_id] = (held, None)
