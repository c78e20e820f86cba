"""Warn security administrators before something outside ends that the sign-in needs (F-265)."""

import uuid
from collections.abc import Iterable

from lkmr_auth.domain.audit import AuditEntry, Result
from lkmr_auth.domain.facts import IncidentDetected
from lkmr_auth.domain.incident import Incident, IncidentState
from lkmr_auth.domain.outside_term import OutsideTerm
from lkmr_auth.domain.suspicion import Severity
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.administration.watch_journal import DETECTED
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.telemetry import log

_URGENT = 7


async def warn_of_terms(terms: Iterable[OutsideTerm], *, parts: AdministrationParts) -> int:
    """One incident for each warning day that has come; how many are new."""
    now, made = parts.clock.now(), 0
    today = day_in(MOSCOW, now)
    for term in terms:
        days = term.warning(today)
        if days is None:
            continue
        async with parts.new_uow() as uow:
            if await uow.incidents.is_known(term.key(days), term.kind):
                continue
            left = max((term.last_day - today).days, 0)
            incident = Incident(
                id=uuid.uuid4(),
                kind=term.kind,
                severity=Severity.CRITICAL if left <= _URGENT else Severity.WARNING,
                state=IncidentState.DETECTED,
                organization=parts.operator,
                session=term.key(days),
                facts={"days_left": left, "last_day": term.last_day.isoformat()},
                detect_time=now,
            )
            await uow.incidents.add(incident)
            entry = AuditEntry(
                operation=DETECTED,
                object=incident.name,
                result=Result.ALLOWED,
                reason=term.kind,
                organization=incident.organization,
            )
            await uow.journal.add(entry, now)
            await uow.announce(
                IncidentDetected(
                    incident=incident.name,
                    kind=incident.kind,
                    severity=incident.severity.value,
                    organization=incident.organization,
                    person="",
                    session="",
                )
            )
            await uow.commit()
        log.warning("outside.term_comes", term=term.kind, days_left=left)
        made += 1
    return made
