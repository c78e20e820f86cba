"""Records of sign-ins, codes, passwords and counted attempts in memory."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from auth_table import Table

from lkmr_auth.domain.code import MAX_ERRORS, OneTimeCode
from lkmr_auth.domain.password import CabinetPassword, wait_after
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in import LIFE, SignIn, WaitingSignIn
from lkmr_servicekit.personal import Personal


class FakeSignIns(Table):
    async def add(self, record: SignIn) -> None:
        self.store.sign_ins[record.id] = record

    async def take(self, secret_hash: bytes, state: uuid.UUID | None) -> SignIn | None:
        touched = [
            one
            for one in self.store.sign_ins.values()
            if one.secret_hash == secret_hash or one.state == str(state)
        ]
        for one in touched:
            del self.store.sign_ins[one.id]
        both = (
            one for one in touched if one.secret_hash == secret_hash and one.state == str(state)
        )
        return next(both, None)

    async def add_waiting(self, record: WaitingSignIn) -> None:
        self.store.waiting[record.id] = record

    async def find_waiting(
        self, secret_hash: bytes, now: datetime, *, lock: bool = False
    ) -> WaitingSignIn | None:
        for one in self.store.waiting.values():
            if one.secret_hash == secret_hash and now < one.create_time + LIFE:
                return one
        return None

    async def prolong(self, record_id: uuid.UUID, now: datetime) -> None:
        self.store.waiting[record_id] = replace(self.store.waiting[record_id], create_time=now)

    async def remove(self, record_id: uuid.UUID) -> None:
        self.store.waiting.pop(record_id, None)


class FakeStarts(Table):
    async def take(
        self, kind: str, subject: Personal[str], per_minute: float, now: datetime
    ) -> timedelta | None:
        span = timedelta(minutes=1)
        step, key = span / per_minute, (kind, subject.open())
        free = max(self.store.starts.get(key, now), now) + step
        if free > now + span:
            return free - now - span
        self.store.starts[key] = free
        return None


class FakeCodes(Table):
    def _of(self, person_id: PersonId) -> list[OneTimeCode]:
        mine = [one for one in self.store.codes.values() if one.person_id == person_id]
        return sorted(
            mine, key=lambda one: (one.create_time, one.replace_time is None), reverse=True
        )

    async def find_last(self, person_id: PersonId) -> OneTimeCode | None:
        return next(iter(self._of(person_id)), None)

    async def list_recent(self, person_id: PersonId, since: datetime) -> tuple[OneTimeCode, ...]:
        return tuple(one for one in self._of(person_id) if one.create_time > since)

    async def add(self, code: OneTimeCode) -> None:
        for one in self._of(code.person_id):
            if one.consume_time is None and one.replace_time is None:
                self.store.codes[one.id] = replace(one, replace_time=code.create_time)
        self.store.codes[code.id] = code

    async def take_attempt(self, code_id: uuid.UUID, now: datetime) -> OneTimeCode | None:
        code = self.store.codes[code_id]
        if not code.lives(now) or code.tries >= MAX_ERRORS:
            return None
        self.store.codes[code_id] = replace(code, tries=code.tries + 1)
        return self.store.codes[code_id]

    async def consume(self, code_id: uuid.UUID, now: datetime) -> bool:
        code = self.store.codes[code_id]
        if code.consume_time is not None or code.replace_time is not None:
            return False
        self.store.codes[code_id] = replace(code, consume_time=now)
        return True

    async def withdraw(self, code_id: uuid.UUID, now: datetime) -> None:
        self.store.codes[code_id] = replace(self.store.codes[code_id], replace_time=now)

    async def forgive(self, person_id: PersonId, now: datetime) -> None:
        for one in self._of(person_id):
            self.store.codes[one.id] = replace(one, tries=0, replace_time=now)


class FakePasswords(Table):
    async def find(self, person_id: PersonId) -> CabinetPassword | None:
        return self.store.passwords.get(person_id)

    async def take_attempt(self, person_id: PersonId, now: datetime) -> CabinetPassword | None:
        held = self.store.passwords[person_id]
        if held.wait_time is not None and now < held.wait_time:
            return None
        tries = held.tries + 1
        wait = wait_after(tries)
        taken = replace(held, tries=tries, wait_time=now + wait if wait else None)
        self.store.passwords[person_id] = taken
        return taken

    async def forgive(self, person_id: PersonId) -> None:
        held = self.store.passwords[person_id]
        self.store.passwords[person_id] = replace(held, tries=0, wait_time=None)

    async def save(self, person_id: PersonId, password_hash: str, now: datetime) -> None:
        self.store.passwords[person_id] = CabinetPassword(
            person_id=person_id, password_hash=password_hash, tries=0, wait_time=None, set_time=now
        )


class FakeAttempts(Table):
    async def take(self, kind: str, subject: str, now: datetime) -> datetime | None:
        tries, wait = self.store.attempts.get((kind, subject), (0, None))
        if wait is not None and now < wait:
            return wait
        pause = wait_after(tries + 1)
        self.store.attempts[(kind, subject)] = (tries + 1, now + pause if pause else None)
        return None

    async def forgive(self, kind: str, subject: str) -> None:
        self.store.attempts.pop((kind, subject), None)
