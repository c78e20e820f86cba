"""Drafts; what was typed is sealed under the key of the person."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.draft import Draft
from lkmr_auth.domain.person import PersonId
from lkmr_auth.storage.seal import Seals, open_fields, seal_fields
from lkmr_servicekit.personal import Personal

_LIST = sa.text(
    "SELECT form, page, content, update_time FROM draft"
    " WHERE person_id = :person AND update_time >= :since ORDER BY update_time DESC, form"
)
_SAVE = sa.text(
    "INSERT INTO draft (person_id, form, page, content, update_time)"
    " VALUES (:person, :form, :page, :content, :now) ON CONFLICT (person_id, form) DO UPDATE"
    " SET page = excluded.page, content = excluded.content, update_time = excluded.update_time"
)
_TRIM = sa.text(
    "DELETE FROM draft WHERE person_id = :person AND form IN (SELECT form FROM draft"
    " WHERE person_id = :person ORDER BY update_time DESC, form OFFSET :keep)"
)
_DROP = sa.text("DELETE FROM draft WHERE person_id = :person AND form = :form")


class StoredDrafts:
    """The port `Drafts` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def list(self, owner: PersonId, since: datetime) -> tuple[Draft, ...]:
        values = {"person": owner, "since": since}
        rows = (await self._connection.execute(_LIST, values)).all()
        if not rows:
            return ()
        key = await self._seals.of_person(owner)
        return tuple(
            Draft(
                person_id=owner,
                form=row.form,
                page=row.page,
                fields=Personal(open_fields(key, row.content, *_place(owner, row.form))),
                update_time=row.update_time,
            )
            for row in rows
        )

    async def save(self, draft: Draft, *, keep: int) -> None:
        key = await self._seals.of_person(draft.person_id)
        content = seal_fields(key, dict(draft.fields.open()), *_place(draft.person_id, draft.form))
        values = {
            "person": draft.person_id,
            "form": draft.form,
            "page": draft.page,
            "content": content,
            "now": draft.update_time,
        }
        await self._connection.execute(_SAVE, values)
        await self._connection.execute(_TRIM, {"person": draft.person_id, "keep": keep})

    async def drop(self, owner: PersonId, form: str) -> None:
        await self._connection.execute(_DROP, {"person": owner, "form": form})


def _place(owner: PersonId, form: str) -> tuple[str, str, str]:
    return ("draft", "content", f"{owner} {form}")
