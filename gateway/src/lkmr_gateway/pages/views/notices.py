"""«Рассылки»: announcements, deliveries and events that failed, for operators."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.pages.views.announcements import KINDS
from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Tone, Unavailable
from lkmr_gateway.roles import role_word

Json = Mapping[str, Any]

_STATES: dict[str, tuple[str, Tone]] = {
    "SCHEDULED": ("ждёт своего часа", "info"),
    "SENDING": ("рассылается", "info"),
    "PAUSED": ("приостановлено", "warn"),
    "CANCELLED": ("отменено", "mute"),
    "LETTERS": ("в кабинете у всех, письма уходят", "info"),
    "DONE": ("разослано", "ok"),
}
_DELIVERIES: dict[str, tuple[str, Tone]] = {
    "QUEUED": ("ждёт отправки", "info"),
    "SENDING": ("отправляется", "info"),
    "DELIVERED": ("доставлено", "ok"),
    "TEMPORARY_FAILURE": ("временный сбой, повторим", "warn"),
    "PERMANENT_FAILURE": ("адрес не принимает", "bad"),
    "TECHNICAL_FAILURE": ("сбой на нашей стороне", "bad"),
    "CANCELLED": ("отменено", "mute"),
}
_CHANNELS = {"EMAIL": "письмо", "SMS": "SMS", "PUSH": "уведомление в браузере"}
_WAITING = ("QUEUED", "SENDING", "TEMPORARY_FAILURE")
_ON_ITS_WAY = "LETTERS"  # in every inbox, letters are on their way
_ACTIONS = {
    "PAUSE": ("Приостановить", frozenset({"SCHEDULED", "SENDING", _ON_ITS_WAY})),
    "RESUME": ("Продолжить", frozenset({"PAUSED"})),
    "CANCEL": ("Отменить", frozenset({"SCHEDULED", "SENDING", "PAUSED", _ON_ITS_WAY})),
}


def announcement_kinds() -> tuple[Choice, ...]:
    """What an announcement may be about."""
    return tuple(Choice(value=code, word=word) for code, word in KINDS.items())


def delivery_states() -> tuple[Choice, ...]:
    """States of deliveries for a filter."""
    return tuple(Choice(value=code, word=word) for code, (word, _) in _DELIVERIES.items())


def channels() -> tuple[Choice, ...]:
    """Channels for a filter."""
    return tuple(Choice(value=code, word=word) for code, word in _CHANNELS.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many deliveries are in a state, and their share in whole percents."""

    state: str
    word: str
    tone: Tone
    count: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeItem:
    """An announcement with its progress; audience in words, `steps` are what may be done now."""

    id: str
    kind: str
    title: str
    text: str
    state: str
    tone: Tone
    urgent: bool
    audience: str
    messages: int
    publish_time: datetime
    source: str = ""
    document_version: str = ""
    effective_date: date | None = None
    counts: tuple[StateCount, ...] = ()
    steps: tuple[Choice, ...] = ()

    @property
    def moving(self) -> bool:
        """Whether its figures still change."""
        return bool(self.steps) or any(
            one.count for one in self.counts if one.state in {"QUEUED", "SENDING"}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesView:
    """`/admin/announcements`."""

    template: ClassVar[str] = "admin_announcements.html"
    items: tuple[NoticeItem, ...] = ()
    may_work: bool = False
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """`/admin/announcements/{announcement}`."""

    template: ClassVar[str] = "admin_announcement.html"
    item: NoticeItem
    may_work: bool = False
    notice: str = ""
    fault: FormFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNoticeView:
    """`/admin/announcements/new`; what was typed comes back.

    `key` makes a form that is sent twice one announcement; `organization` is the only audience of
    who may not speak to all.
    """

    template: ClassVar[str] = "admin_announcement_new.html"
    kinds: tuple[Choice, ...]
    roles: tuple[Choice, ...]
    key: str
    organization: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentItem:
    """Word of a message on its way outside, without any contact."""

    id: str
    kind: str
    channel: str
    state: str
    tone: Tone
    reason: str
    attempts: int
    provider: str
    person: str
    create_time: datetime
    update_time: datetime
    next_try_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentView:
    """`/admin/deliveries`."""

    template: ClassVar[str] = "admin_deliveries.html"
    items: tuple[SentItem, ...] = ()
    states: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    state: str = ""
    channel: str = ""
    person: str = ""
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None

    @property
    def filtered(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.state or self.channel or self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadItem:
    """An event that could not be handled."""

    event_id: str
    subject: str
    resource: str
    reason: str
    deliveries: int
    time: datetime
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadView:
    """`/admin/dead-events`."""

    template: ClassVar[str] = "admin_dead_events.html"
    items: tuple[DeadItem, ...] = ()
    may_work: bool = False
    notice: str = ""
    fault: Unavailable | None = None


def notice_item(value: Json) -> NoticeItem:
    """An item of `GET /api/v1/admin/notifications/announcements…`."""
    sent = value.get("deliveries") or {}
    waits = value["state"] == "DONE" and any(sent.get(one) for one in _WAITING)
    state = _ON_ITS_WAY if waits else value["state"]
    word, tone = _STATES.get(state, (state, "mute"))
    day = value["effective_date"]
    return NoticeItem(
        id=value["id"],
        kind=KINDS.get(str(value["kind"]), str(value["kind"])),
        title=value["title"],
        text=value["text"],
        state=word,
        tone=tone,
        urgent=value["urgent"],
        audience=_audience(value),
        messages=value["messages"],
        publish_time=datetime.fromisoformat(value["publish_time"]),
        source=value["source"],
        document_version=value["document_version"],
        effective_date=date.fromisoformat(day) if day else None,
        counts=_counts(sent),
        steps=tuple(
            Choice(value=code, word=label)
            for code, (label, states) in _ACTIONS.items()
            if state in states
        ),
    )


def sent_item(value: Json) -> SentItem:
    """An item of `GET /api/v1/admin/notifications/deliveries`."""
    word, tone = _DELIVERIES.get(value["state"], (value["state"], "mute"))
    again = value["next_try_time"]
    return SentItem(
        id=value["id"],
        kind=value["kind"],
        channel=_CHANNELS.get(str(value["channel"]), str(value["channel"])),
        state=word,
        tone=tone,
        reason=value["reason"],
        attempts=value["attempts"],
        provider=value["provider"],
        person=value["person"],
        create_time=datetime.fromisoformat(value["create_time"]),
        update_time=datetime.fromisoformat(value["update_time"]),
        next_try_time=datetime.fromisoformat(again) if again else None,
    )


def dead_item(value: Json) -> DeadItem:
    """An item of `GET /api/v1/admin/notifications/dead-events`."""
    return DeadItem(
        event_id=value["event_id"],
        subject=value["subject"],
        resource=value["resource"] or "",
        reason=value["reason"],
        deliveries=value["deliveries"],
        time=datetime.fromisoformat(value["create_time"]),
        asked=value["replay_asked"],
    )


def _counts(found: Mapping[str, int]) -> tuple[StateCount, ...]:
    whole = sum(found.values())
    return tuple(
        StateCount(
            state=code,
            word=word,
            tone=tone,
            count=found[code],
            percent=found[code] * 100 // whole,
        )
        for code, (word, tone) in _DELIVERIES.items()
        if found.get(code)
    )


def _audience(value: Json) -> str:
    roles = ", ".join(role_word(one) for one in value["roles"]) or "все роли"
    organizations = value["organizations"]
    where = ", ".join(organizations) if organizations else "все организации"
    return f"{roles}; {where}"
