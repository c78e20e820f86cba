"""Documents and their versions; what names a person is sealed under the data key of the worker."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.documents import (
    Check,
    Checked,
    Content,
    Document,
    File,
    Scan,
    Source,
    Version,
    Visibility,
    number_of,
)
from lkmr_accreditation.storage.tables import document, document_version, worker
from lkmr_servicekit.encryption import DataKey, KeyRing

_SEALED = ("series", "number", "issuer", "note")
_PLAIN = ("specialty", "level", "issue_date", "valid_from", "valid_until")
_ALL = sa.select(
    document.c.worker_id,
    document.c.kind,
    document.c.source,
    document.c.visibility,
    document.c.archived,
    document.c.create_time.label("first_time"),
    document_version,
    worker.c.data_key.label("worker_key"),
).select_from(
    document.join(document_version, document_version.c.document_id == document.c.id).join(worker)
)
_PRESENT = _ALL.where(document_version.c.version == document.c.version)


class DocumentRepository:
    """Documents inside one transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def of_worker(self, worker_id: str) -> Sequence[Document]:
        """All documents, archived ones too, oldest first."""
        found = await self._connection.execute(
            _PRESENT.where(document.c.worker_id == uuid.UUID(worker_id)).order_by(
                document.c.create_time, document.c.id
            )
        )
        return [self._document(row) for row in found]

    async def find(
        self, worker_id: str, document_id: str, *, lock: bool = False
    ) -> Document | None:
        """One document; with `lock` nobody else changes it until the end."""
        statement = _PRESENT.where(
            document.c.worker_id == uuid.UUID(worker_id), document.c.id == uuid.UUID(document_id)
        )
        if lock:  # the row first, so that the version read is the last one
            await self._connection.execute(
                sa.select(document.c.id)
                .where(document.c.id == uuid.UUID(document_id))
                .with_for_update()
            )
        row = (await self._connection.execute(statement)).first()
        return None if row is None else self._document(row)

    async def versions(self, worker_id: str, document_id: str) -> Sequence[Version]:
        """All versions, newest first."""
        found = await self._connection.execute(
            _ALL.where(
                document.c.worker_id == uuid.UUID(worker_id),
                document.c.id == uuid.UUID(document_id),
            ).order_by(document_version.c.version.desc())
        )
        return [self._version(row) for row in found]

    async def with_files(
        self, after: tuple[str, int], limit: int
    ) -> Sequence[tuple[Document, Version]]:
        """Versions that have a file, of all workers, next after a document and a version."""
        place = sa.tuple_(document_version.c.document_id, document_version.c.version)
        found = await self._connection.execute(
            _ALL.where(
                place > sa.tuple_(sa.literal(uuid.UUID(after[0])), sa.literal(after[1])),
                document_version.c.file_key.is_not(None),
            )
            .order_by(document_version.c.document_id, document_version.c.version)
            .limit(limit)
        )
        return [(self._document(row), self._version(row)) for row in found]

    async def to_check(
        self, kinds: Sequence[str], before: datetime, limit: int
    ) -> Sequence[Document]:
        """Documents of these kinds under check that were not asked about since a moment."""
        asked = document_version.c.check_time
        found = await self._connection.execute(
            _PRESENT.where(
                sa.text("document_version.check_status = 'CHECKING'"),
                sa.or_(asked.is_(None), asked < before),
                document.c.kind.in_(kinds),
                sa.not_(document.c.archived),
            )
            .order_by(asked.nulls_first(), document.c.id)
            .limit(limit)
        )
        return [self._document(row) for row in found]

    async def known_files(self, keys: Sequence[str]) -> set[str]:
        """Those of these files that a version refers to."""
        found = await self._connection.execute(
            sa.select(document_version.c.file_key).where(
                document_version.c.file_key == sa.any_(sa.literal(list(keys), sa.ARRAY(sa.Text)))
            )
        )
        return {row.file_key for row in found}

    async def add(self, made: Document) -> bool:
        """Keep a new document; False when the same file or number is kept already."""
        statement = (
            insert(document)
            .values(
                id=uuid.UUID(made.id),
                worker_id=uuid.UUID(made.worker),
                kind=made.kind,
                source=made.source.value,
                visibility=made.visibility.value,
                archived=made.archived,
                version=made.version.number,
                create_time=made.create_time,
                **self._unique(made.kind, made.version),
            )
            .on_conflict_do_nothing()
            .returning(document.c.id)
        )
        if (await self._connection.execute(statement)).first() is None:
            return False
        await self._insert(made.worker, made.id, made.version)
        return True

    async def add_version(self, old: Document, version: Version, visibility: Visibility) -> bool:
        """Put a version on top; False when another document has the same file or number."""
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(
                    sa.update(document)
                    .where(document.c.id == uuid.UUID(old.id))
                    .values(
                        version=version.number,
                        visibility=visibility.value,
                        archived=False,
                        **self._unique(old.kind, version),
                    )
                )
        except sa.exc.IntegrityError:
            return False
        await self._insert(old.worker, old.id, version)
        return True

    async def note_check(self, old: Document, outcome: Checked) -> None:
        """Write what a check said of the present version."""
        await self._connection.execute(
            sa.update(document_version)
            .where(
                document_version.c.document_id == uuid.UUID(old.id),
                document_version.c.version == old.version.number,
            )
            .values(
                check_status=outcome.status.value,
                check_by=outcome.by,
                check_reason=outcome.reason,
                check_time=outcome.time,
            )
        )

    async def archive(self, old: Document) -> None:
        """Put a document aside; nothing of it is deleted."""
        await self._connection.execute(
            sa.update(document).where(document.c.id == uuid.UUID(old.id)).values(archived=True)
        )

    async def _insert(self, worker_id: str, document_id: str, version: Version) -> None:
        key = await self._key(worker_id)
        content, file, check = version.content, version.file, version.check
        sealed = {name: getattr(content, name) for name in _SEALED}
        if file is not None:
            sealed["label"] = file.label
        place = ("document_version", "sealed", document_id, str(version.number))
        await self._connection.execute(
            sa.insert(document_version).values(
                document_id=uuid.UUID(document_id),
                version=version.number,
                sealed=key.seal(orjson.dumps(sealed), *place),
                check_status=check.status.value,
                check_by=check.by,
                check_reason=check.reason,
                check_time=check.time,
                author=version.author,
                create_time=version.create_time,
                file_key=file.key if file else None,
                data_key=file.data_key if file else None,
                media_type=file.media_type if file else None,
                size=file.size if file else None,
                sha256=file.sha256 if file else None,
                pages=file.pages if file else None,
                scan=file.scan.value if file else None,
                **{name: getattr(content, name) for name in _PLAIN},
            )
        )

    async def _key(self, worker_id: str) -> DataKey:
        wrapped = await self._connection.scalar(
            sa.select(worker.c.data_key).where(worker.c.id == uuid.UUID(worker_id))
        )
        return self._keys.data_key(bytes(wrapped or b""))

    def _unique(self, kind: str, version: Version) -> dict[str, bytes | None]:
        number = number_of(version.content)
        return {
            "sha256": version.file.sha256 if version.file else None,
            "number_index": self._keys.index(f"document.{kind}", number) if number else None,
        }

    def _document(self, row: Any) -> Document:
        return Document(
            id=str(row.document_id),
            worker=str(row.worker_id),
            kind=row.kind,
            source=Source(row.source),
            visibility=Visibility(row.visibility),
            archived=row.archived,
            create_time=row.first_time,
            version=self._version(row),
        )

    def _version(self, row: Any) -> Version:
        key = self._keys.data_key(bytes(row.worker_key))
        place = ("document_version", "sealed", str(row.document_id), str(row.version))
        sealed = orjson.loads(key.open(bytes(row.sealed), *place))
        label = sealed.pop("label", "")
        file = None
        if row.file_key is not None:
            file = File(
                key=row.file_key,
                data_key=bytes(row.data_key),
                label=label,
                media_type=row.media_type,
                size=row.size,
                sha256=bytes(row.sha256),
                pages=row.pages,
                scan=Scan(row.scan),
            )
        plain = {name: getattr(row, name) for name in _PLAIN}
        return Version(
            number=row.version,
            content=Content(**sealed, **plain),
            check=Checked(
                status=Check(row.check_status),
                by=row.check_by,
                reason=row.check_reason,
                time=row.check_time,
            ),
            author=row.author,
            create_time=row.create_time,
            file=file,
        )
