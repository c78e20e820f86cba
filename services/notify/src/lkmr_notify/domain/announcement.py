"""Announcements (объявления) by operators: what, to whom, from when, and the life of one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Self

from lkmr_notify.domain.errors import AnnouncementInvalid, AnnouncementStateWrong

MAX_TITLE, MAX_TEXT, MAX_SHORT = 200, 4000, 300


class Kind(Enum):
    """What an announcement is about."""

    LAW_CHANGE = "LAW_CHANGE"  # изменение законодательства
    SIGN_IN_CHANGE = "SIGN_IN_CHANGE"  # изменение входа
    DOCUMENTATION = "DOCUMENTATION"  # новые требования к документам
    SERVICE = "SERVICE"  # новости кабинета


class State(Enum):
    """Where an announcement is."""

    SCHEDULED = "SCHEDULED"
    SENDING = "SENDING"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"
    DONE = "DONE"  # in the inbox of everybody; letters may still be on their way


class Action(Enum):
    """What an operator may do with it."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    CANCEL = "CANCEL"


_STEPS: Mapping[Action, frozenset[State]] = {
    Action.PAUSE: frozenset({State.SCHEDULED, State.SENDING, State.DONE}),
    Action.RESUME: frozenset({State.PAUSED}),
    Action.CANCEL: frozenset({State.SCHEDULED, State.SENDING, State.PAUSED, State.DONE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What operators tell an audience. Title and text are shown in the cabinet only.

    `cursor` is the last person of the audience who has the message, `messages` how many have it.
    `steering`: not all of its deliveries follow its state yet.
    """

    id: uuid.UUID
    kind: Kind
    title: str
    text: str
    created_by: uuid.UUID
    publish_time: datetime
    create_time: datetime
    link: str = ""
    source: str = ""
    document_version: str = ""
    effective_date: date | None = None
    expire_date: date | None = None
    roles: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    urgent: bool = False
    state: State = State.SCHEDULED
    cursor: str = ""
    messages: int = 0
    steering: bool = False

    def checked(self) -> Self:
        """Itself. Raises AnnouncementInvalid naming the field that does not fit."""
        self._check_texts()
        self._check_days()
        return self

    def _check_texts(self) -> None:
        for field, text, limit in (
            ("title", self.title, MAX_TITLE),
            ("text", self.text, MAX_TEXT),
        ):
            if not text.strip() or len(text) > limit or "\x00" in text:
                raise AnnouncementInvalid(field=field)
        for field, text in (("source", self.source), ("document_version", self.document_version)):
            if len(text) > MAX_SHORT or "\x00" in text:
                raise AnnouncementInvalid(field=field)
        if not all(one.isprintable() for one in self.organizations):
            raise AnnouncementInvalid(field="organizations")
        inside = not self.link or (self.link.startswith("/") and not self.link.startswith("//"))
        if not inside or len(self.link) > MAX_SHORT or not self.link.isprintable():
            raise AnnouncementInvalid(field="link")
        if self.kind is Kind.DOCUMENTATION and not self.document_version.strip():
            raise AnnouncementInvalid(field="document_version")

    def _check_days(self) -> None:
        begin, first = self.publish_time.date(), self.effective_date
        if self.kind in {Kind.LAW_CHANGE, Kind.SIGN_IN_CHANGE} and first is None:
            raise AnnouncementInvalid(field="effective_date")
        if self.kind is Kind.SIGN_IN_CHANGE and first and begin >= first:
            raise AnnouncementInvalid(field="effective_date")  # people are told before the switch
        if self.expire_date and self.expire_date < begin:
            raise AnnouncementInvalid(field="expire_date")

    def steer(self, action: Action) -> Self:
        """The announcement after an operator's step. Raises AnnouncementStateWrong."""
        if self.state not in _STEPS[action]:
            raise AnnouncementStateWrong(state=self.state.value)
        states = {
            Action.PAUSE: State.PAUSED,
            Action.CANCEL: State.CANCELLED,
            Action.RESUME: State.SENDING if self.cursor else State.SCHEDULED,
        }
        return replace(self, state=states[action], steering=True)

    @property
    def course(self) -> Action:
        """What its deliveries are to follow."""
        courses = {State.PAUSED: Action.PAUSE, State.CANCELLED: Action.CANCEL}
        return courses.get(self.state, Action.RESUME)
