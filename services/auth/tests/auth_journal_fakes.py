"""The journal, its disputes and the keys of caller tokens in memory."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from auth_table import Table

from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.audit import SIGN_IN, AuditEntry
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.keys import SigningKey
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_servicekit.personal import Personal


class FakeJournal(Table):
    async def add(self, entry: AuditEntry, now: datetime) -> None:
        self.store.journal.append((entry, now))

    async def record(self, acts: Sequence[Reported], now: datetime) -> None:
        known = {one.event_id for one in self.store.reported}
        self.store.reported += [one for one in acts if one.event_id not in known]

    async def list_sign_ins(self, person_id: PersonId, limit: int) -> tuple[SignInNote, ...]:
        mine = [
            SignInNote(
                time=time,
                result=entry.result,
                reason=entry.reason,
                device=entry.device,
                address=entry.address or Personal(""),
            )
            for entry, time in self.store.journal
            if entry.actor == person_id and entry.operation == SIGN_IN
        ]
        return tuple(reversed(mine))[:limit]


class FakeDisputes(Table):
    async def concerns(self, entry: uuid.UUID, subjects: Sequence[str]) -> bool:
        return any(
            one.event_id == entry and one.act.subject in subjects for one in self.store.reported
        )

    async def add(self, dispute: Dispute, text: Personal[str]) -> Dispute:
        return self.store.disputes.setdefault(dispute.event_id, dispute)


class FakeKeys(Table):
    async def lock(self) -> None:
        return None

    async def list(self) -> tuple[SigningKey, ...]:
        return tuple(self.store.keys.values())

    async def add(self, key: SigningKey) -> None:
        self.store.keys[key.key_id] = key

    async def remove(self, key_id: str) -> None:
        del self.store.keys[key_id]


class FakeCleaner:
    async def sweep(self, now: datetime, idle: timedelta) -> None:
        return None
