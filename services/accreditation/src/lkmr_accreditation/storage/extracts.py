"""Issued extracts, sealed under the data key of their worker."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.storage.tables import extract, worker
from lkmr_accreditation.usecases.ports import IssuedExtract
from lkmr_servicekit.encryption import KeyRing


class ExtractRepository:
    """Extracts inside one transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def find(self, accreditation: str, facts_hash: bytes) -> IssuedExtract | None:
        """The extract that was formed from these facts, if any."""
        return await self._one(
            extract.c.accreditation_id == uuid.UUID(accreditation),
            extract.c.facts_hash == facts_hash,
        )

    async def find_by_code(self, code: str) -> IssuedExtract | None:
        """The extract whose QR carries this code, if any."""
        return await self._one(extract.c.code == code)

    async def add(self, made: IssuedExtract) -> bool:
        """Store it; False when another request was first."""
        wrapped = await self._connection.scalar(
            sa.select(worker.c.data_key).where(worker.c.id == uuid.UUID(made.worker))
        )
        key = self._keys.data_key(bytes(wrapped or b""))
        statement = (
            insert(extract)
            .values(
                id=uuid.UUID(made.id),
                code=made.code,
                worker_id=uuid.UUID(made.worker),
                accreditation_id=uuid.UUID(made.accreditation),
                facts_hash=made.facts_hash,
                content=key.seal(made.content, "extract", "content", made.id),
                pdf=key.seal(made.pdf, "extract", "pdf", made.id),
                pdf_sha256=made.pdf_sha256,
                create_time=made.create_time,
            )
            .on_conflict_do_nothing(index_elements=["accreditation_id", "facts_hash"])
            .returning(extract.c.id)
        )
        return (await self._connection.execute(statement)).first() is not None

    async def _one(self, *conditions: sa.ColumnElement[bool]) -> IssuedExtract | None:
        found = await self._connection.execute(
            sa.select(extract, worker.c.data_key).join(worker).where(*conditions)
        )
        row = found.first()
        if row is None:
            return None
        key, made = self._keys.data_key(bytes(row.data_key)), str(row.id)
        return IssuedExtract(
            id=made,
            code=row.code,
            worker=str(row.worker_id),
            accreditation=str(row.accreditation_id),
            facts_hash=bytes(row.facts_hash),
            content=key.open(bytes(row.content), "extract", "content", made),
            pdf=key.open(bytes(row.pdf), "extract", "pdf", made),
            pdf_sha256=row.pdf_sha256,
            create_time=row.create_time,
        )
