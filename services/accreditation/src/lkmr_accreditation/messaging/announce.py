"""Our facts as messages."""

from lkmr.accreditation.v1 import events_pb2 as pb

from lkmr_accreditation.domain import events
from lkmr_accreditation.domain.documents import DocumentFact, Happening
from lkmr_accreditation.domain.worker import Change, EntryChanged
from lkmr_accreditation.usecases.ports import IssuedExtract
from lkmr_servicekit.events import Announcement, event_id_for
from lkmr_servicekit.resource_names import name_of

_KINDS = {
    Change.RECORDED: pb.AccreditationRecorded,
    Change.CHANGED: pb.AccreditationChanged,
    Change.ANNULLED: pb.AccreditationAnnulled,
}
Fact = EntryChanged | IssuedExtract | events.WorkerFact | events.LawFact | DocumentFact


def announce(fact: Fact) -> Announcement:
    """The announcement of a fact; the same change of the same entry has the same id."""
    if isinstance(fact, EntryChanged):
        name = name_of(workers=fact.worker, accreditations=fact.accreditation)
        message = _KINDS[fact.change](accreditation=name, version=fact.version)
        return Announcement(name, message, event_id_for("entry", name, str(fact.version)))
    if isinstance(fact, IssuedExtract):
        name = name_of(extracts=fact.id)
        about = name_of(workers=fact.worker, accreditations=fact.accreditation)
        return Announcement(name, pb.ExtractIssued(extract=name, accreditation=about))
    if isinstance(fact, events.LawAnnounced | events.LawStarted):
        return _law_change(fact)
    if isinstance(fact, events.ReviewMissed):
        norm = fact.norm
        review = norm.review_on.isoformat()
        missed = pb.NormReviewMissed(key=norm.key, owner=norm.owner, review_date=review)
        return Announcement(f"norms/{norm.key}", missed, event_id_for("review", norm.key, review))
    if isinstance(fact, events.LawTurned):
        return Announcement("law", pb.LawChanged(digest=fact.digest))
    return _about_document(fact) if isinstance(fact, DocumentFact) else _about_worker(fact)


def _about_document(fact: DocumentFact) -> Announcement:
    name = name_of(workers=fact.worker, documents=fact.document)
    if fact.what is Happening.ADDED:
        return Announcement(name, pb.DocumentAdded(document=name, kind=fact.kind))
    if fact.what is Happening.CHECKED:
        checked = pb.DocumentChecked(
            document=name, version=fact.version, status=fact.check, kind=fact.kind
        )
        return Announcement(name, checked)
    if fact.what is Happening.DAMAGED:
        return Announcement(name, pb.DocumentDamaged(document=name, version=fact.version))
    changed = pb.DocumentChanged(document=name, version=fact.version, kind=fact.kind)
    return Announcement(name, changed)


def _law_change(fact: events.LawAnnounced | events.LawStarted) -> Announcement:
    change, started = fact.change, isinstance(fact, events.LawStarted)
    name = f"lawChanges/{change.id}"
    kind = pb.LawChangeStarted if started else pb.LawChangeAnnounced
    message = kind(
        law_change=name, effective_date=change.effective_on.isoformat(), roles=change.roles
    )
    return Announcement(name, message, event_id_for("law", kind.__name__, change.id))


def _application(fact: events.ApplicationMoved) -> Announcement:
    name = name_of(workers=fact.worker, applications=fact.application)
    made = pb.ApplicationChanged(
        application=name,
        worker=name_of(workers=fact.worker),
        form=fact.form,
        state=fact.state,
        before=fact.before,
        warning=str(fact.warning) if fact.warning else "",
    )
    id_ = event_id_for("application", name, str(fact.version), str(fact.warning))
    return Announcement(name, made, id_)


def _about_application(fact: events.ApplicationMoved | events.StepTerm) -> Announcement:
    return _application(fact) if isinstance(fact, events.ApplicationMoved) else _step_term(fact)


def _step_term(fact: events.StepTerm) -> Announcement:
    name = name_of(workers=fact.worker, applications=fact.application, steps="present")
    made = pb.ApplicationTermChanged(
        resource=name,
        worker=name_of(workers=fact.worker),
        expire_date=fact.limit.isoformat() if fact.limit else "",
        time_zone=fact.time_zone,
        solved=fact.limit is None,
    )
    id_ = event_id_for("application-term", name, str(fact.version), made.expire_date)
    return Announcement(name, made, id_)


def _about_worker(fact: events.WorkerFact) -> Announcement:
    if isinstance(fact, events.ApplicationMoved | events.StepTerm):
        return _about_application(fact)
    worker, revision = name_of(workers=fact.worker), str(fact.revision)
    if isinstance(fact, events.ComplianceChanged):
        other = pb.ComplianceChanged(worker=worker)
        return Announcement(worker, other, event_id_for("compliance", worker, revision))
    if isinstance(fact, events.DiscrepancyDetected):
        found = pb.DiscrepancyDetected(
            worker=worker, kind=fact.kind, corrected_by=fact.corrected_by
        )
        id_ = event_id_for("discrepancy", worker, fact.kind, fact.subject, revision)
        return Announcement(worker, found, id_)
    term = fact.term
    if not term.of_record:
        return _document_term(fact.worker, term, revision)
    name = name_of(workers=fact.worker, accreditations=term.id)
    day = term.expire_date.isoformat() if term.expire_date else ""
    if isinstance(fact, events.TermChanged):
        changed = pb.TermChanged(
            resource=name,
            worker=worker,
            profile="ACCREDITATION",
            expire_date=day,
            time_zone=term.time_zone,
            solved=term.quiet,
            recommended_months=fact.recommended_months,
        )
        return Announcement(name, changed, event_id_for("term", name, revision))
    over = isinstance(fact, events.RecordExpired)
    kind = pb.AccreditationExpired if over else pb.AccreditationExpiring
    message = kind(accreditation=name, expire_date=day)
    return Announcement(name, message, event_id_for(kind.__name__, name, revision))


def _document_term(worker: str, term: events.TermNow, revision: str) -> Announcement:
    name = name_of(workers=worker, documents=term.id)
    changed = pb.DocumentTermChanged(
        resource=name,
        worker=name_of(workers=worker),
        profile=term.profile,
        expire_date=term.expire_date.isoformat() if term.expire_date else "",
        time_zone=term.time_zone,
        solved=term.quiet,
    )
    return Announcement(name, changed, event_id_for("term", name, revision))
