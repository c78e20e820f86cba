"""Documents and licences of many workers at once, as rules and terms look at them."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lkmr_accreditation.domain.holdings import Held
from lkmr_accreditation.domain.licences import LicenceRecord, Licences, LicenceState

_PAPERS = """
SELECT d.worker_id::text, d.id::text, d.kind, v.specialty, v.level,
       coalesce(v.valid_from, v.issue_date), v.valid_until, v.check_status
  FROM document d JOIN document_version v ON v.document_id = d.id AND v.version = d.version
 WHERE d.worker_id = ANY($1) AND NOT d.archived
"""
_LICENCES = """
SELECT c.organization_oid, l.number, l.kind, l.issuer, l.issue_date, l.valid_until, l.state, l.works
  FROM licence_check c LEFT JOIN licence l ON l.organization_oid = c.organization_oid
 WHERE c.organization_oid = ANY(ARRAY(
   SELECT DISTINCT j ->> 'organization_oid' FROM worker w, jsonb_array_elements(w.jobs) j
    WHERE w.id = ANY($1)))
"""


async def papers_of(driver: Any, workers: Sequence[uuid.UUID]) -> dict[str, list[Held]]:
    """Documents that are not put aside, by worker."""
    found: dict[str, list[Held]] = defaultdict(list)
    for row in await driver.fetch(_PAPERS, workers):
        found[row[0]].append(Held._make(row[1:]))
    return found


async def licences_of_workers(driver: Any, workers: Sequence[uuid.UUID]) -> Licences:
    """Licences of the organisations in which some workers work."""
    found: dict[str, list[LicenceRecord]] = {}
    for row in await driver.fetch(_LICENCES, workers):
        known = found.setdefault(row[0], [])
        if row[1] is not None:
            known.append(
                LicenceRecord(
                    number=row[1],
                    kind=row[2],
                    organization_oid=row[0],
                    issuer=row[3],
                    issue_date=row[4],
                    valid_until=row[5],
                    state=LicenceState(row[6]),
                    works=tuple(row[7]),
                )
            )
    return Licences({oid: tuple(ones) for oid, ones in found.items()})
