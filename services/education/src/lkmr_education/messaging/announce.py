"""Our facts as messages."""

from lkmr.education.v1 import events_pb2 as pb

from lkmr_education.domain.activity import Activity
from lkmr_education.domain.facts import (
    ActivityCreated,
    ActivityStepped,
    CertificateAdded,
    CertificateWaits,
    CreditMoved,
    CreditsLoaded,
    Fact,
    PlanItemMoved,
)
from lkmr_education.domain.plan import PlanItem
from lkmr_servicekit.events import Announcement, event_id_for
from lkmr_servicekit.resource_names import name_of

PORTION = 1000
FEED = "feeds/studies"
"""What facts about many workers are about."""


def announce(fact: Fact) -> list[Announcement]:
    """The announcements of a fact; the same version of the same activity has the same ids."""
    if isinstance(fact, ActivityCreated):
        return [_changed(fact.activity, "")]
    if isinstance(fact, ActivityStepped):
        made = [_changed(fact.new, fact.old.state.value)]
        return [*made, _moved(fact)] if fact.moved else made
    if isinstance(fact, CertificateAdded | CertificateWaits):
        return [_loaded(fact) if isinstance(fact, CertificateAdded) else _waits(fact)]
    if isinstance(fact, PlanItemMoved):
        return [_planned(fact.item)]
    if isinstance(fact, CreditsLoaded):
        return _credits(fact)
    return [_credit(fact)]


def _name(activity: Activity) -> str:
    return name_of(workers=activity.worker, activities=activity.id)


def _changed(activity: Activity, old_state: str) -> Announcement:
    name, version = _name(activity), activity.version
    message = pb.ActivityChanged(
        activity=name, version=version, old_state=old_state, state=activity.state.value
    )
    return Announcement(name, message, event_id_for("activity-changed", name, str(version)))


def _moved(fact: ActivityStepped) -> Announcement:
    name, version = _name(fact.new), fact.new.version
    message = pb.ActivityRescheduled(
        activity=name,
        version=version,
        old_start_date=fact.old.start_date.isoformat(),
        start_date=fact.new.start_date.isoformat(),
        end_date=fact.new.end_date.isoformat(),
        moved_by=fact.actor,
    )
    return Announcement(name, message, event_id_for("activity-moved", name, str(version)))


def _loaded(fact: CertificateAdded) -> Announcement:
    document = fact.certificate
    name = name_of(workers=document.worker, certificates=document.id)
    message = pb.CertificateLoaded(
        certificate=name,
        activity=name_of(workers=document.worker, activities=document.activity),
        origin=document.origin,
    )
    return Announcement(name, message, event_id_for("certificate-loaded", name))


def _waits(fact: CertificateWaits) -> Announcement:
    document = fact.certificate
    name = name_of(workers=document.worker, certificates=document.id)
    message = pb.CertificateWaitChanged(
        certificate=name,
        issue_date=document.issue_date.isoformat(),
        entry_date=document.entry_date.isoformat(),
        solved=not document.waits,
    )
    return Announcement(name, message)


def _credit(fact: CreditMoved) -> Announcement:
    name = name_of(workers=fact.worker)
    about = name_of(workers=fact.worker, activities=fact.activity) if fact.activity else ""
    return Announcement(name, pb.CreditChanged(worker=name, activity=about))


def _credits(fact: CreditsLoaded) -> list[Announcement]:
    """Messages of a thousand workers each, about 50 kB."""
    names = [name_of(workers=one) for one in fact.workers]
    portions = [names[start : start + PORTION] for start in range(0, len(names), PORTION)]
    return [Announcement(FEED, pb.CreditsLoaded(workers=portion)) for portion in portions]


def _planned(item: PlanItem) -> Announcement:
    name = name_of(workers=item.worker, planItems=item.id)
    message = pb.PlanItemChanged(
        plan_item=name,
        version=item.version,
        state=item.state.value,
        agreement=item.agreement.value,
        deadline=item.deadline.isoformat(),
    )
    return Announcement(name, message, event_id_for("plan-item", name, str(item.version)))
