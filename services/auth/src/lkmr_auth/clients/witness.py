"""Where signed statements about the journal are kept: a folder beside the database, and the log."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lkmr_auth.domain.journal import Head
from lkmr_auth.domain.statement import Kind, Statement
from lkmr_servicekit.telemetry import log

PUBLIC_KEY = "journal-public-key.pem"
ACT_WORDS = b"lkmr-erasure\n"


class FolderWitness:
    """Statements as files: the newest head of each instance, and one for each hour and day.

    Those of hours and days are written once and also said to the log, whose collector keeps them.
    """

    def __init__(self, folder: Path, key: Ed25519PrivateKey, instance: int) -> None:
        self._folder, self._key, self._instance = folder, key, instance
        self._last = Head()
        self._day, self._hour = "", ""

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The key that proves statements."""
        return self._key.public_key()

    def prepare(self) -> None:
        """Make the folder and publish the key beside the statements."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = self.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _replace(self._folder / PUBLIC_KEY, pem)

    def note(self, head: Head, now: datetime) -> None:
        """State the newest head; at a new hour or day also for good."""
        if head.seq > self._last.seq:
            self._last = head
            made = Statement.sign(Kind.HEAD, head, now, self._key)
            _replace(self._folder / f"head-{self._instance}.json", orjson.dumps(made.to_json()))
        day, hour = f"{now:%Y-%m-%d}", f"{now:%Y-%m-%dT%H}"
        if not head.seq:
            return
        if day != self._day:
            self._day = day
            self._for_good(Statement.sign(Kind.DAY, head, now, self._key), day)
        if hour != self._hour:
            self._hour = hour
            self._for_good(Statement.sign(Kind.HOUR, head, now, self._key), hour)

    def export(self, head: Head, now: datetime) -> Statement:
        """A statement that ends an export."""
        return Statement.sign(Kind.EXPORT, head, now, self._key)

    def sign(self, text: bytes) -> bytes:
        """Over the text of an act; words of another kind than those about the chain."""
        return self._key.sign(ACT_WORDS + text)

    def statements(self) -> Iterator[tuple[str, Statement | None]]:
        """All that are kept, by file name; None for one that cannot be read."""
        for path in sorted(self._folder.glob("*.json")):
            try:
                yield path.name, Statement.read(path.read_bytes())
            except ValueError:
                yield path.name, None

    def _for_good(self, made: Statement, name: str) -> None:
        with suppress(FileExistsError):
            path = self._folder / f"{made.kind.value}-{name}.json"
            with path.open("xb") as file:
                file.write(orjson.dumps(made.to_json()))
                file.flush()
                os.fsync(file.fileno())
            log.info("journal.statement", **made.to_json())


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)
