"""Sign-in records."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in import LIFE, Browser, Confirmed, SignIn, Stage, WaitingSignIn
from lkmr_auth.storage.seal import Seals, open_fields, seal_fields
from lkmr_servicekit.personal import Personal

_ADD = sa.text(
    "INSERT INTO sign_in (id, secret_hash, state, origin, return_to, create_time)"
    " VALUES (:id, :secret, :state, :origin, :return_to, :now)"
)
_TAKE = sa.text(
    "DELETE FROM sign_in WHERE secret_hash = :secret OR state = :state"
    " RETURNING id, secret_hash, state, origin, return_to, create_time"
)
_ADD_WAITING = sa.text(
    "INSERT INTO waiting_sign_in (id, secret_hash, stage, person_id, content, create_time)"
    " VALUES (:id, :secret, :stage, :person, :content, :now)"
)
_FIND = (
    "SELECT id, secret_hash, stage, person_id, content, create_time FROM waiting_sign_in"
    " WHERE secret_hash = :secret AND create_time > :since"
)
_FIND_WAITING = sa.text(_FIND)
_FIND_WAITING_LOCKED = sa.text(_FIND + " FOR UPDATE")
_PROLONG = sa.text("UPDATE waiting_sign_in SET create_time = :now WHERE id = :id")
_REMOVE = sa.text("DELETE FROM waiting_sign_in WHERE id = :id")


class StoredSignIns:
    """The port `SignIns` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, record: SignIn) -> None:
        await self._connection.execute(
            _ADD,
            {
                "id": record.id,
                "secret": record.secret_hash,
                "state": uuid.UUID(record.state),
                "origin": record.origin,
                "return_to": record.return_to,
                "now": record.create_time,
            },
        )

    async def take(self, secret_hash: bytes, state: uuid.UUID | None) -> SignIn | None:
        rows = await self._connection.execute(_TAKE, {"secret": secret_hash, "state": state})
        for row in rows:
            if bytes(row.secret_hash) == secret_hash and row.state == state:
                return SignIn(
                    id=row.id,
                    secret_hash=bytes(row.secret_hash),
                    state=str(row.state),
                    origin=row.origin,
                    return_to=row.return_to,
                    create_time=row.create_time,
                )
        return None

    async def add_waiting(self, record: WaitingSignIn) -> None:
        confirmed, tokens = record.confirmed, record.confirmed.tokens
        key = await self._seals.of_person(confirmed.person_id)
        content = {
            "access_token": tokens.access_token.open(),
            "refresh_token": tokens.refresh_token.open(),
            "token_expire_time": tokens.expire_time.isoformat(),
            "second_factor": "yes" if confirmed.second_factor else "no",
            "return_to": confirmed.return_to,
            "address": confirmed.browser.address.open(),
            "user_agent": confirmed.browser.user_agent.open(),
            "device": confirmed.browser.device,
            "check_time": confirmed.check_time.isoformat(),
            "register_version": confirmed.register_version,
            "reduced": "yes" if confirmed.reduced else "no",
        }
        await self._connection.execute(
            _ADD_WAITING,
            {
                "id": record.id,
                "secret": record.secret_hash,
                "stage": record.stage.value,
                "person": confirmed.person_id,
                "content": seal_fields(key, content, "waiting_sign_in", "content", str(record.id)),
                "now": record.create_time,
            },
        )

    async def find_waiting(
        self, secret_hash: bytes, now: datetime, *, lock: bool = False
    ) -> WaitingSignIn | None:
        statement = _FIND_WAITING_LOCKED if lock else _FIND_WAITING
        values = {"secret": secret_hash, "since": now - LIFE}
        row = (await self._connection.execute(statement, values)).first()
        if row is None:
            return None
        key = await self._seals.of_person(row.person_id)
        content = open_fields(key, row.content, "waiting_sign_in", "content", str(row.id))
        tokens = EsiaTokens(
            access_token=Personal(content["access_token"]),
            refresh_token=Personal(content["refresh_token"]),
            expire_time=datetime.fromisoformat(content["token_expire_time"]),
        )
        browser = Browser(
            address=Personal(content["address"]),
            user_agent=Personal(content["user_agent"]),
            device=content["device"],
        )
        confirmed = Confirmed(
            person_id=PersonId(row.person_id),
            tokens=tokens,
            second_factor=content["second_factor"] == "yes",
            return_to=content["return_to"],
            browser=browser,
            check_time=datetime.fromisoformat(content["check_time"]),
            register_version=content["register_version"],
            reduced=content.get("reduced") == "yes",
        )
        return WaitingSignIn(
            id=row.id,
            secret_hash=bytes(row.secret_hash),
            stage=Stage(row.stage),
            confirmed=confirmed,
            create_time=row.create_time,
        )

    async def prolong(self, record_id: uuid.UUID, now: datetime) -> None:
        await self._connection.execute(_PROLONG, {"id": record_id, "now": now})

    async def remove(self, record_id: uuid.UUID) -> None:
        await self._connection.execute(_REMOVE, {"id": record_id})
