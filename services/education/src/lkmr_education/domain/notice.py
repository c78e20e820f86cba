"""What the НМО portal and providers say about a study, checked before it is believed."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lkmr_education.domain.activity import Kind, Source, specialty_key
from lkmr_education.domain.certificate import Type, number_key
from lkmr_education.domain.draft import MAX_HOURS, MAX_TEXT

_EARLIEST = date(1990, 1, 1)
_AHEAD = timedelta(days=366 * 6)
_MAX_ID = 200
_ID_PARTS = 5


class Told(StrEnum):
    """Where the portal says that a study stands."""

    ENROLLED = "ENROLLED"
    IN_PROGRESS = "IN_PROGRESS"
    CLOSED = "CLOSED"
    CREDITED = "CREDITED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def is_end(self) -> bool:
        """The study is finished: its last day cannot lie ahead."""
        return self in {Told.CLOSED, Told.CREDITED}


class Fault(StrEnum):
    """Why a notice is kept apart (карантин) instead of being believed."""

    UNREADABLE = "UNREADABLE"
    PERSON_UNKNOWN = "PERSON_UNKNOWN"
    STUDY_MISSING = "STUDY_MISSING"
    REVISION_IMPOSSIBLE = "REVISION_IMPOSSIBLE"
    STATE_UNKNOWN = "STATE_UNKNOWN"
    KIND_UNKNOWN = "KIND_UNKNOWN"
    TEXT_IMPOSSIBLE = "TEXT_IMPOSSIBLE"
    HOURS_IMPOSSIBLE = "HOURS_IMPOSSIBLE"
    DAYS_IMPOSSIBLE = "DAYS_IMPOSSIBLE"
    SPECIALTY_UNKNOWN = "SPECIALTY_UNKNOWN"
    DOCUMENT_IMPOSSIBLE = "DOCUMENT_IMPOSSIBLE"
    DOCUMENT_FOREIGN = "DOCUMENT_FOREIGN"


FAULT_WORDS = {
    Fault.UNREADABLE: "Сообщение портала не удалось прочитать.",
    Fault.PERSON_UNKNOWN: "Такого медработника нет в регистре.",
    Fault.STUDY_MISSING: "Не указано, о каком обучении речь.",
    Fault.REVISION_IMPOSSIBLE: "Неверный номер редакции сведений.",
    Fault.STATE_UNKNOWN: "Неизвестное состояние обучения.",
    Fault.KIND_UNKNOWN: "Неизвестный вид обучения.",
    Fault.TEXT_IMPOSSIBLE: "Нет названия или организатора, либо они непригодны.",
    Fault.HOURS_IMPOSSIBLE: "Невозможное число часов.",
    Fault.DAYS_IMPOSSIBLE: "Невозможные даты обучения.",
    Fault.SPECIALTY_UNKNOWN: "Такой специальности нет в номенклатуре.",
    Fault.DOCUMENT_IMPOSSIBLE: "Сведения о документе непригодны.",
    Fault.DOCUMENT_FOREIGN: "Документ с этим номером уже внесён за другого человека.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDocument:
    """A document as it was told."""

    type: str = ""
    series: str = ""
    number: str = ""
    issue_date: str = ""
    issuer: str = ""
    hours: int = 0
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedNotice:
    """A notice as it was told; `unreadable` is the notice itself when nobody could read it."""

    id: str = ""
    study: str = ""
    revision: int = 0
    worker: str = ""
    state: str = ""
    kind: str = ""
    title: str = ""
    organizer: str = ""
    start_date: str = ""
    end_date: str = ""
    hours: int = 0
    specialty: str = ""
    programme: str = ""
    reason: str = ""
    source: str = ""
    document: TypedDocument | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDocument:
    """A document that a provider issued; `file` is its id at the portal."""

    type: Type
    series: str
    number: str
    issue_date: date
    issuer: str
    hours: int | None
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice that can be believed: the whole state of a study at one revision."""

    study: str
    revision: int
    worker: str
    state: Told
    kind: Kind
    title: str
    organizer: str
    start_date: date
    end_date: date
    hours: int | None
    specialty: str
    programme: str
    reason: str
    source: Source
    document: NoticeDocument | None

    @property
    def credits(self) -> bool:
        """Units that the portal itself credits; a programme waits for its document instead."""
        return self.state is Told.CREDITED and self.kind.is_portal


def notice_of(typed: TypedNotice, *, specialties: Container[str], today: date) -> Notice | Fault:
    """The notice, or the first reason not to believe it; `specialties` are keys of known ones."""
    if typed.unreadable:
        return Fault.UNREADABLE
    start, end = _day(typed.start_date), _day(typed.end_date)
    document = _document(typed.document, end, today) if typed.document else None
    if fault := _fault(typed, start, end, specialties, today):
        return fault
    if document is Fault.DOCUMENT_IMPOSSIBLE or start is None or end is None:
        return Fault.DOCUMENT_IMPOSSIBLE
    return Notice(
        study=typed.study,
        revision=typed.revision,
        worker=typed.worker,
        state=Told(typed.state),
        kind=Kind(typed.kind),
        title=_clean(typed.title),
        organizer=_clean(typed.organizer),
        start_date=start,
        end_date=end,
        hours=typed.hours or None,
        specialty=_clean(typed.specialty),
        programme=typed.programme[:_MAX_ID],
        reason=_clean(typed.reason)[:MAX_TEXT],
        source=Source.PROVIDER if typed.source == Source.PROVIDER else Source.PORTAL,
        document=document if isinstance(document, NoticeDocument) else None,
    )


def _fault(
    typed: TypedNotice,
    start: date | None,
    end: date | None,
    specialties: Container[str],
    today: date,
) -> Fault | None:
    state = Told(typed.state) if typed.state in Told.__members__ else None
    credited = state is Told.CREDITED
    possible = start is not None and end is not None and start <= end <= today + _AHEAD
    ahead = end is not None and end > today
    faults = (
        (len(typed.worker.split("-")) != _ID_PARTS, Fault.PERSON_UNKNOWN),
        (not 0 < len(typed.study) <= _MAX_ID, Fault.STUDY_MISSING),
        (typed.revision < 1, Fault.REVISION_IMPOSSIBLE),
        (state is None, Fault.STATE_UNKNOWN),
        (typed.kind not in Kind.__members__, Fault.KIND_UNKNOWN),
        (not (_is_text(typed.title) and _is_text(typed.organizer)), Fault.TEXT_IMPOSSIBLE),
        (not int(credited) <= typed.hours <= MAX_HOURS, Fault.HOURS_IMPOSSIBLE),
        (not possible or (state is not None and state.is_end and ahead), Fault.DAYS_IMPOSSIBLE),
        (
            bool(typed.specialty) and specialty_key(typed.specialty) not in specialties,
            Fault.SPECIALTY_UNKNOWN,
        ),
    )
    return next((fault for found, fault in faults if found), None)


def _document(typed: TypedDocument, ended_on: date | None, today: date) -> NoticeDocument | Fault:
    issued = _day(typed.issue_date)
    fits = (
        typed.type in Type.__members__
        and bool(number_key(typed.number))
        and len(typed.number) <= _MAX_ID
        and _is_text(typed.issuer)
        and issued is not None
        and ended_on is not None
        and ended_on <= issued <= today
        and 0 <= typed.hours <= MAX_HOURS
    )
    if not fits or issued is None:
        return Fault.DOCUMENT_IMPOSSIBLE
    return NoticeDocument(
        type=Type(typed.type),
        series=_clean(typed.series)[:_MAX_ID],
        number=_clean(typed.number),
        issue_date=issued,
        issuer=_clean(typed.issuer),
        hours=typed.hours or None,
        file=typed.file[:_MAX_ID],
    )


def _clean(text: str) -> str:
    return " ".join(text.split())


def _is_text(text: str) -> bool:
    clean = _clean(text)
    return bool(clean) and len(clean) <= MAX_TEXT and clean.isprintable()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= _EARLIEST else None
