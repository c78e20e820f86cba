"""A worker with what else is kept of them: gaps of the card, identity, contradictions, papers."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import orjson

from lkmr_accreditation.domain.facts import Mentoring
from lkmr_accreditation.domain.holdings import Held, Holdings, mentoring_of
from lkmr_accreditation.domain.licences import LicenceRecord, Licences, LicenceState
from lkmr_accreditation.storage.compliance import identity_of
from lkmr_accreditation.storage.holdings import papers_of
from lkmr_accreditation.storage.reader import AFTER, COLUMNS, RUNNING_STATES, TABLES, stored_worker
from lkmr_accreditation.usecases.ports import StoredWorker
from lkmr_accreditation.usecases.read_compliance import Traits
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable

# What is asked by $1 alone is read once, however many entries a worker has.
_SQL = f"""
SELECT {COLUMNS}, w.gaps, w.identity::text,
       (SELECT json_agg(json_build_array(kind, subject, found_date))::text
          FROM discrepancy WHERE worker_id = $1),
       (SELECT json_agg(json_build_array(d.id, d.kind, v.specialty, v.level,
                 coalesce(v.valid_from, v.issue_date), v.valid_until, v.check_status))::text
          FROM document d
          JOIN document_version v ON v.document_id = d.id AND v.version = d.version
         WHERE d.worker_id = $1 AND NOT d.archived),
       (SELECT json_agg(json_build_array(c.organization_oid, l.number, l.kind, l.issuer,
                 l.issue_date, l.valid_until, l.state, l.works))::text
          FROM licence_check c LEFT JOIN licence l ON l.organization_oid = c.organization_oid
         WHERE c.organization_oid = ANY(ARRAY(
           SELECT j ->> 'organization_oid' FROM worker, jsonb_array_elements(jobs) j
            WHERE id = $1)))
  FROM {TABLES} WHERE w.id = $1
"""  # noqa: S608 - parts of our own


class PostgresTraits:
    """One statement by the worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mentoring_of(self, worker: str, today: date) -> Sequence[Mentoring]:
        """Terms of mentoring of a worker."""
        return (await self.mentoring_of_many([worker], today)).get(worker, ())

    async def mentoring_of_many(
        self, workers: Sequence[str], today: date
    ) -> dict[str, Sequence[Mentoring]]:
        """Terms of mentoring by worker; who has no documents is left out."""
        try:
            async with self._database.pool.acquire() as driver:
                papers = await papers_of(driver, [uuid.UUID(one) for one in workers])
        except AWAY as fault:
            raise unavailable() from fault
        return {worker: mentoring_of(held, today) for worker, held in papers.items()}

    async def find_whole(self, worker: str) -> tuple[StoredWorker, Traits] | None:
        """A worker with the traits, or None when the register was never read for them."""
        with telemetry.span("postgresql select worker with traits", kind="CLIENT"):
            try:
                rows = await self._database.pool.fetch(_SQL, uuid.UUID(worker), RUNNING_STATES)
            except AWAY as fault:
                raise unavailable() from fault
        return (stored_worker(rows), _traits(*rows[0][AFTER:])) if rows else None

    async def find_traits(self, worker: str) -> Traits:
        """Traits of a worker; empty ones for a worker who is not stored."""
        found = await self.find_whole(worker)
        return found[1] if found else Traits()


def _traits(
    gaps: Sequence[str] | None,
    identity: str | None,
    contradictions: str | None,
    papers: str | None,
    licences: str | None,
) -> Traits:
    return Traits(
        gaps=None if gaps is None else tuple(gaps),
        identity=identity_of(identity),
        found_on={
            (kind, subject): date.fromisoformat(day) for kind, subject, day in _rows(contradictions)
        },
        holdings=Holdings(tuple(_held(row) for row in _rows(papers)), _licences(_rows(licences))),
    )


def _rows(found: str | None) -> Iterator[list[Any]]:
    yield from orjson.loads(found) if found else ()


def _held(row: Sequence[Any]) -> Held:
    *first, start, end, status = row
    return Held._make((*first, _day(start), _day(end), status))


def _licences(rows: Iterator[Sequence[Any]]) -> Licences:
    found: dict[str, list[LicenceRecord]] = {}
    for oid, number, kind, issuer, issued, until, state, works in rows:
        known = found.setdefault(oid, [])
        if number is not None:
            known.append(
                LicenceRecord(
                    number=number,
                    kind=kind,
                    organization_oid=oid,
                    issuer=issuer,
                    issue_date=_day(issued),
                    valid_until=_day(until),
                    state=LicenceState(state),
                    works=tuple(works),
                )
            )
    return Licences({oid: tuple(ones) for oid, ones in found.items()})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
