"""Registered partners: who they are, what opens to them, and how much of it. Data, not code.

The file is TOML, reread when it changes, so that a suspension acts within seconds; a file that
cannot be read leaves the last good one in force and says so.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

from prometheus_client import Gauge
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.telemetry import REGISTRY, log

CHECK, WATCH = "specialists.check", "specialists.watch"
SCOPES = frozenset({CHECK, WATCH})
LOOK_EVERY_SECONDS = 1.0
_ID = r"^[a-z][a-z0-9-]{1,39}$"
_WORD = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"

_partners = Gauge("lkmr_partners", "Registered partners by state", ("state",), registry=REGISTRY)


class Certificate(BaseModel):
    """A pinned certificate: all three must fit. Two at a time make a rotation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    """RFC 4514 name of the issuer."""
    identity: str
    """URI or DNS name among the subject alternative names."""
    key_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the public key (SubjectPublicKeyInfo, DER)."""
    valid_until: date | None = None
    """Last day on which it is taken, whatever the certificate itself says."""


class Partner(BaseModel):
    """One partner system. The limits hold for all its calls together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=_ID)
    title: str
    certificates: tuple[Certificate, ...] = Field(min_length=1, max_length=2)
    esia_client_ids: frozenset[str] = frozenset()
    token_required: bool = True
    """False only for a partner that ESIA gives no system token; the journal then says so."""
    scopes: frozenset[str]
    purposes: frozenset[str]
    bases: frozenset[str]
    suspended: bool = False
    per_second: float = Field(default=50, gt=0)
    burst: float = Field(default=100, ge=1)
    day_quota: int = Field(default=100_000, ge=1)
    """Checks in a day (Moscow); a batch counts each of its queries."""
    batch: int = Field(default=1000, ge=1, le=1000)
    streams: int = Field(default=10, ge=1)
    deadline_seconds: float = Field(default=10, gt=0, le=10)
    stream_seconds: float = Field(default=600, gt=0, le=600)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if unknown := self.scopes - SCOPES:
            raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}")
        if self.token_required and not self.esia_client_ids:
            raise ValueError("a partner with a token needs esia_client_ids")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    partner: tuple[Partner, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for name, values in (
            ("id", [one.id for one in self.partner]),
            ("esia_client_ids", [two for one in self.partner for two in one.esia_client_ids]),
            ("key_sha256", [two.key_sha256 for one in self.partner for two in one.certificates]),
        ):
            if len(values) != len(set(values)):
                raise ValueError(f"{name} belongs to two partners")
        return self


def read_registry(text: str) -> tuple[Partner, ...]:
    """The partners of a file. Raises ValueError naming what cannot be taken."""
    return _File.model_validate(tomllib.loads(text)).partner


@dataclass(slots=True)
class Registry:
    """The partners in force now."""

    path: Path
    _by_key: Mapping[str, tuple[Partner, Certificate]] = field(default_factory=dict)
    _state: tuple[int, int] | None = None
    _looked: float = float("-inf")

    def find(self, key_sha256: str) -> tuple[Partner, Certificate] | None:
        """The partner whose certificate has this key."""
        self.look()
        return self._by_key.get(key_sha256)

    def client_ids(self) -> frozenset[str]:
        """Systems of ESIA that belong to some partner."""
        return frozenset(two for one in self.all() for two in one.esia_client_ids)

    def all(self) -> Iterable[Partner]:
        """Every partner, once."""
        self.look()
        return {one.id: one for one, _ in self._by_key.values()}.values()

    def look(self) -> None:
        """Read the file when it changed, at most once a second."""
        if monotonic() - self._looked < LOOK_EVERY_SECONDS:
            return
        self._looked = monotonic()
        try:
            known = self.path.stat()
            state = (known.st_mtime_ns, known.st_size)
            if state == self._state:
                return
            self._state = state
            partners = read_registry(self.path.read_text(encoding="utf-8"))
        except (OSError, ValidationError, ValueError) as fault:
            log.error("partners.unreadable", kind=type(fault).__name__)
            return
        self._by_key = {
            pinned.key_sha256: (one, pinned) for one in partners for pinned in one.certificates
        }
        suspended = sum(one.suspended for one in partners)
        _partners.labels("suspended").set(suspended)
        _partners.labels("active").set(len(partners) - suspended)
        log.info("partners.read", partners=len(partners), suspended=suspended)
