"""How an activity follows what the portal and providers say: their word wins over a person's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from lkmr_education.domain.activity import (
    OVER,
    UPCOMING,
    Activity,
    State,
    specialty_key,
)
from lkmr_education.domain.notice import Notice, Told

_STATES = {
    Told.ENROLLED: State.ENROLLED,
    Told.IN_PROGRESS: State.IN_PROGRESS,
    Told.CLOSED: State.COMPLETED_CLAIMED,
    Told.CREDITED: State.COMPLETED_CLAIMED,
    Told.REFUSED: State.REJECTED,
    Told.CANCELLED: State.CANCELLED,
    Told.FAILED: State.FAILED,
    Told.WITHDRAWN: State.REJECTED_DOC,
}
_GOES_ON = frozenset({Told.ENROLLED, Told.IN_PROGRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """An activity after a notice; `revoked` when a confirmation no longer holds."""

    activity: Activity
    revoked: bool


def first_of(notice: Notice, identity: str, now: datetime) -> Activity:
    """The activity of a study that nobody knew; credited units are confirmed at once."""
    return Activity(
        id=identity,
        worker=notice.worker,
        kind=notice.kind,
        title=notice.title,
        organizer=notice.organizer,
        start_date=notice.start_date,
        end_date=notice.end_date,
        hours=notice.hours,
        specialty=notice.specialty,
        source=notice.source,
        external_id=notice.study,
        external_revision=notice.revision,
        programme_id=notice.programme,
        state=State.CONFIRMED if notice.credits else _STATES[notice.state],
        reason=notice.reason,
        create_time=now,
        update_time=now,
    )


def followed(activity: Activity, notice: Notice, now: datetime) -> Followed | None:
    """The activity after a newer notice; None for one that is old or a repeat.

    Moved days make it RESCHEDULED (перенос); a confirmed study stays so while nothing that its
    hours rest on changes. Source: «a status that arrives from the register wins over a local one»,
    решение проекта.
    """
    if notice.revision <= activity.external_revision:
        return None
    fresh = replace(
        activity,
        kind=notice.kind,
        title=notice.title,
        organizer=notice.organizer,
        start_date=notice.start_date,
        end_date=notice.end_date,
        hours=notice.hours,
        specialty=notice.specialty or activity.specialty,
        external_id=notice.study,
        external_revision=notice.revision,
        programme_id=notice.programme or activity.programme_id,
        reason=notice.reason,
        version=activity.version + 1,
        update_time=now,
    )
    same = _ground(fresh) == _ground(activity)
    kept = activity.state is State.CONFIRMED and notice.state.is_end and same
    state = State.CONFIRMED if kept else _state_after(activity, notice, fresh)
    return Followed(
        activity=replace(fresh, state=state),
        revoked=activity.state is State.CONFIRMED and not kept,
    )


def _state_after(activity: Activity, notice: Notice, fresh: Activity) -> State:
    moved = (activity.start_date, activity.end_date) != (fresh.start_date, fresh.end_date)
    if notice.state in _GOES_ON and moved and activity.state in UPCOMING:
        return State.RESCHEDULED
    return _STATES[notice.state]


def _ground(activity: Activity) -> tuple[object, ...]:
    """What confirmed hours rest on."""
    return (activity.kind, activity.hours, activity.start_date, activity.end_date)


def own_record(notice: Notice, own: Iterable[Activity]) -> Activity | None:
    """The activity that the worker recorded themselves about the same study, when there is one.

    The same programme of the catalogue; else the same organiser and title, so that a course which
    moved is found again, and of several the one with the same days.
    """
    fitting = [one for one in own if not one.external_id and one.state not in OVER]
    if notice.programme:
        planned = [one for one in fitting if one.programme_id == notice.programme]
        if planned:
            return planned[0]
    named = [one for one in fitting if _name(one.organizer, one.title) == _key(notice)]
    same_days = [one for one in named if one.start_date == notice.start_date]
    if same_days:
        return same_days[0]
    ahead = [one for one in named if one.state in UPCOMING]
    return ahead[0] if len(ahead) == 1 else None


def _key(notice: Notice) -> tuple[str, str]:
    return _name(notice.organizer, notice.title)


def _name(organizer: str, title: str) -> tuple[str, str]:
    return specialty_key(organizer), specialty_key(title)
