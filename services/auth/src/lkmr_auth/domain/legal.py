"""Terms of use (условия использования) and consents (согласия), and what people decided on them."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Self

from lkmr_auth.domain.errors import DocumentUnknown
from lkmr_auth.domain.person import PersonId


class Kind(Enum):
    """Terms are accepted or the way in ends; a consent is given or not, for one purpose."""

    TERMS = "TERMS"
    CONSENT = "CONSENT"


class Decision(Enum):
    """What a person decided. A consent that was given can be withdrawn at any time."""

    GIVEN = "GIVEN"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text in one version, in force from a day."""

    id: str
    kind: Kind
    version: str
    valid_from: date
    title: str
    purpose: str
    paragraphs: tuple[str, ...]

    @property
    def text_hash(self) -> bytes:
        """SHA-256 of the paragraphs, each ended by a line feed."""
        return hashlib.sha256("".join(f"{one}\n" for one in self.paragraphs).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A line of the registry: it is never changed, a later one outweighs it."""

    id: uuid.UUID
    person_id: PersonId
    document: str
    version: str
    text_hash: bytes
    decision: Decision
    time: datetime


@dataclass(frozen=True, slots=True)
class Legal:
    """All texts that this service knows."""

    documents: Sequence[Document]

    def in_force(self, kind: Kind, day: date) -> tuple[Document, ...]:
        """The texts of a kind in force on a day, one version each, in the order of the file."""
        latest: dict[str, Document] = {}
        for one in self.documents:
            held = latest.get(one.id)
            if one.kind is kind and one.valid_from <= day:
                latest[one.id] = one if held is None or held.valid_from <= one.valid_from else held
        return tuple(latest.values())

    def get(self, document: str, version: str, day: date) -> Document:
        """The text in force under this id and version. Raises DocumentUnknown."""
        for kind in Kind:
            for one in self.in_force(kind, day):
                if (one.id, one.version) == (document, version):
                    return one
        raise DocumentUnknown

    @classmethod
    def from_data(cls, data: Mapping[str, Sequence[Mapping[str, object]]]) -> Self:
        """Read the content of `legal.toml`. Raises KeyError, TypeError, ValueError."""
        return cls(tuple(_document(entry) for entry in data["document"]))


def _document(entry: Mapping[str, object]) -> Document:
    day = entry["valid_from"]
    if not isinstance(day, date):
        raise TypeError("valid_from")
    return Document(
        id=str(entry["id"]),
        kind=Kind(entry["kind"]),
        version=str(entry["version"]),
        valid_from=day,
        title=str(entry["title"]),
        purpose=str(entry["purpose"]),
        paragraphs=tuple(line for line in str(entry["text"]).splitlines() if line),
    )


def undecided(
    documents: Iterable[Document], latest: Mapping[str, DecisionRecord]
) -> tuple[Document, ...]:
    """Texts on whose present version the person has not decided."""
    return tuple(
        one for one in documents if one.id not in latest or latest[one.id].version != one.version
    )


def renewed(
    documents: Iterable[Document], latest: Mapping[str, DecisionRecord]
) -> tuple[Document, ...]:
    """Terms that the person accepted in an earlier version only: they are to be asked again."""
    return tuple(one for one in documents if one.id in latest and not accepted(one, latest))


def accepted(document: Document, latest: Mapping[str, DecisionRecord]) -> bool:
    """Whether the present version was accepted and not taken back."""
    held = latest.get(document.id)
    return held is not None and held.version == document.version and held.decision is Decision.GIVEN
