"""Find strangers in sessions by the acts of the journal, end the session and raise the alarm."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from lkmr_auth.domain.audit import AuditEntry, Result
from lkmr_auth.domain.facts import IncidentDetected
from lkmr_auth.domain.incident import Incident, IncidentState
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason, Session
from lkmr_auth.domain.suspicion import Networks, Rules, Suspicion, Watch, WatchedAct
from lkmr_auth.usecases.administration.apply_rights import SESSIONS, end_sessions
from lkmr_auth.usecases.administration.ports import (
    AdministrationParts,
    AdministrationUnitOfWork,
)
from lkmr_servicekit.resource_names import ids_in
from lkmr_servicekit.telemetry import counter, log

DETECTED = "incident.detect"
LOOK_BACK = timedelta(minutes=5)
SIGN_IN = "session.start"
_found = counter("lkmr_auth_incidents_total", "Incidents found by rules", ("kind",))


@dataclass(slots=True)
class JournalWatch:
    """Looks at each act once; one instance at a time. A start looks five minutes back."""

    rules: Rules
    networks: Networks
    parts: AdministrationParts
    _watch: Watch = field(init=False)
    _place: int | None = None

    def __post_init__(self) -> None:
        self._watch = Watch(self.rules)

    def adopt(self, rules: Rules) -> None:
        """Judge by other thresholds from now on; what was counted stays counted."""
        self.rules = self._watch.rules = rules

    def forget(self) -> None:
        """Begin anew: another instance may have looked meanwhile."""
        self._watch, self._place = Watch(self.rules), None

    async def look(self) -> None:
        """Look at what the chain got since the last look."""
        async with self.parts.new_uow() as uow:
            head = await uow.incidents.journal_head()
            if self._place is None:
                since = self.parts.clock.now() - LOOK_BACK
                first = await uow.incidents.first_act_since(since)
                self._place = head if first is None else first - 1
            acts: tuple[WatchedAct, ...] = ()
            if head > self._place:
                acts = await uow.incidents.acts(self._place, head, self.rules.operations)
        for act in acts:
            for suspicion in self._watch.observe(act):
                await self._raise(suspicion)
            if act.operation == SIGN_IN and act.result == Result.ALLOWED.value:
                await self._check_travel(act)
        self._place = head

    async def _raise(self, suspicion: Suspicion) -> None:
        owner, session_id = _ids(suspicion.session)
        async with self.parts.new_uow() as uow:
            if await uow.incidents.is_known(suspicion.session, suspicion.kind):
                return
            session = await uow.sessions.get_own(session_id, owner)
            await _detect(uow, suspicion, session, self.parts)
            await uow.commit()
        _found.labels(suspicion.kind).inc()
        log.warning("incident.detected", incident_kind=suspicion.kind)

    async def _check_travel(self, act: WatchedAct) -> None:
        """The person has just proven to be here: sessions far away are somebody else's."""
        owner, session_id = _ids(act.session)
        now = self.parts.clock.now()
        async with self.parts.new_uow() as uow:
            sessions = await uow.sessions.list_open(owner, now, SESSIONS)
        here = next((one for one in sessions if one.id == session_id), None)
        place = self.networks.place_of(here.address.open()) if here else None
        if here is None or place is None:
            return
        for other in sessions:
            there = self.networks.place_of(other.address.open())
            if other.id == session_id or there is None or other.start_time > here.start_time:
                continue  # a later sign-in is judged by its own act
            distance = place.kilometres_to(there)
            between = abs(here.start_time - max(other.active_time, other.start_time))
            if self.rules.travel.is_impossible(distance, between):
                await self._raise(
                    Suspicion(
                        kind="IMPOSSIBLE_TRAVEL",
                        severity=self.rules.travel.severity,
                        session=other.name,
                        organization=other.organization_id,
                        block=True,
                        facts={
                            "kilometres": int(distance),
                            "minutes": int(between.total_seconds() // 60),
                        },
                    )
                )


async def _detect(
    uow: AdministrationUnitOfWork,
    suspicion: Suspicion,
    session: Session | None,
    parts: AdministrationParts,
) -> None:
    """Block, note, journal and tell, in one transaction."""
    now = parts.clock.now()
    owner, _ = _ids(suspicion.session)
    incident = Incident(
        id=uuid.uuid4(),
        kind=suspicion.kind,
        severity=suspicion.severity,
        state=IncidentState.DETECTED,
        person_id=owner,
        organization=suspicion.organization or (session.organization_id if session else ""),
        session=suspicion.session,
        facts=suspicion.facts,
        detect_time=now,
    )
    await uow.incidents.add(incident)
    if suspicion.block and session is not None:
        await end_sessions(uow, session, EndReason.SUSPICIOUS, now)
    entry = AuditEntry(
        operation=DETECTED,
        object=incident.name,
        result=Result.ALLOWED,
        reason=suspicion.kind,
        organization=incident.organization,
    )
    await uow.journal.add(entry, now)
    await uow.announce(told_of(incident))


def told_of(incident: Incident) -> IncidentDetected:
    """The fact for the other services."""
    return IncidentDetected(
        incident=incident.name,
        kind=incident.kind,
        severity=incident.severity.value,
        organization=incident.organization,
        person=f"persons/{incident.person_id}" if incident.person_id else "",
        session=incident.session,
    )


def _ids(session: str) -> tuple[PersonId, uuid.UUID]:
    person, identity = ids_in(session, "persons", "sessions")
    return PersonId(uuid.UUID(person)), uuid.UUID(identity)
