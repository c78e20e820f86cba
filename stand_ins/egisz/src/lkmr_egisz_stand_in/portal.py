"""The НМО portal: studies of people, the notices about them, codes of events, certificates.

A study is one person's part in one course or event. Each change raises its revision and is told by
a notice that carries the whole state, so that a reader may take notices twice or out of order.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from lkmr_egisz_stand_in.credits import Credits
from lkmr_egisz_stand_in.frdo import DocumentRegister
from lkmr_egisz_stand_in.programmes import Programmes
from lkmr_egisz_stand_in.register import Cursor, Register
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.store import Store

STUDY, NOTICE, DUE, CODE, META = "nmo_study", "nmo_notice", "nmo_due", "nmo_code", "nmo_meta"
LATEST = "latest"
CODE_YEARS = 2
CLOSED, CREDITED = "CLOSED", "CREDITED"
_PROGRAMMES = frozenset({"PK", "DISTANCE", "RETRAINING"})
_FIELDS = frozenset(
    {"kind", "title", "organizer", "startDate", "endDate", "hours", "specialty", "programme"}
    | {"state", "reason", "document", "source"}
)
Study = dict[str, Any]


class StudyUnknown(LookupError):
    """The portal has no such study."""


class PersonUnknown(LookupError):
    """The worker register has no card for this SNILS."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What the portal says to a code (ИКП)."""

    answer: str
    study: Study | None = None


class Portal:
    """Studies, notices in their order, codes."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        register: Register,
        documents: DocumentRegister,
        *,
        programmes: int,
        generated_credits: int,
    ) -> None:
        self._store, self._clock, self._register = store, clock, register
        self._documents = documents
        meta = store.find(META, "portal")
        if meta is None:
            meta = {"anchor": self.today.isoformat(), "epoch": uuid4().hex[:8]}
            store.put(META, "portal", meta)
        self.epoch: str = meta["epoch"]
        self.anchor = date.fromisoformat(meta["anchor"])
        self.programmes = Programmes(self.anchor, programmes)
        self._credits = Credits(
            register.generator, self.anchor, generated_credits, register.generated
        )

    @property
    def today(self) -> date:
        """The day in Moscow."""
        return day_in(MOSCOW, self._clock.now())

    def notices(self, cursor_text: str, limit: int) -> dict[str, Any]:
        """A page of notices behind a cursor. Raises CursorInvalid, CursorForeign."""
        self._release()
        if cursor_text == LATEST:
            cursor = Cursor(self._credits.count, self._store.last_place(NOTICE))
        else:
            cursor = Cursor.decode(cursor_text, self.epoch)
        made = self._credits.page(cursor.generated, limit)
        generated = cursor.generated + len(made)
        change = cursor.change
        if len(made) < limit:
            found = self._store.entries(NOTICE, after=change, limit=limit - len(made))
            made += [value for _, _, value in found]
            change = found[-1][0] if found else change
        more = generated < self._credits.count or change < self._store.last_place(NOTICE)
        following = Cursor(generated, change).encode(self.epoch)
        return {"notices": made, "nextCursor": following, "hasMore": more}

    def studies_of(self, snils: str) -> list[Study]:
        """Studies of a person. Raises PersonUnknown."""
        person = self.person(snils)
        return [one for _, one in self._store.documents(STUDY) if one["personId"] == person]

    def study(self, identity: str) -> Study:
        """One study. Raises StudyUnknown."""
        found: Study | None = self._store.find(STUDY, identity)
        if found is None:
            raise StudyUnknown(f"no study {identity}")
        return found

    def begin(self, snils: str, fields: Mapping[str, Any]) -> Study:
        """A new study of a person, told by its first notice. Raises PersonUnknown, ValueError."""
        identity = str(fields.get("id") or uuid4())
        base = {
            "id": identity,
            "personId": self.person(snils),
            "revision": 0,
            "state": "ENROLLED",
            "kind": "PK",
            "title": "",
            "organizer": "",
            "startDate": self.today.isoformat(),
            "endDate": self.today.isoformat(),
            "hours": None,
            "specialty": "",
            "programme": "",
            "reason": "",
            "document": None,
            "source": "PROVIDER",
        }
        return self._told(base, {key: value for key, value in fields.items() if key != "id"})

    def change(self, identity: str, fields: Mapping[str, Any], *, after_days: int = 0) -> Study:
        """A new revision, told now or after so many days. Raises StudyUnknown, ValueError."""
        return self._told(self.study(identity), fields, after_days=after_days)

    def close(
        self,
        identity: str,
        *,
        number: str = "",
        issue_date: date | None = None,
        frdo_after_days: int | None = 0,
        after_days: int = 0,
    ) -> Study:
        """The provider closes the course and issues the document (удостоверение).

        ФИС ФРДО gets the document after `frdo_after_days`, or never when that is None; the notice
        comes after `after_days`. Raises StudyUnknown.
        """
        study = self.study(identity)
        digits = int.from_bytes(sha256(identity.encode()).digest()[:5], "big") % 10**9
        issued = issue_date or max(self.today, date.fromisoformat(study["endDate"]))
        programme = study["kind"] in _PROGRAMMES
        document = {
            "type": _type(study["kind"]),
            "series": "7724" if programme else "",
            "number": number or (f"ПК-{digits:09d}" if programme else f"НМО-{digits:09d}"),
            "issueDate": issued.isoformat(),
            "issuer": study["organizer"],
            "hours": study["hours"],
            "file": identity,
        }
        if programme and frdo_after_days is not None:
            visible = self.today + timedelta(days=frdo_after_days)
            self._documents.enter(study["personId"], document, visible_from=visible)
        return self._told(study, {"state": CLOSED, "document": document}, after_days=after_days)

    def tell(self, notice: Any) -> None:
        """Say something as it is, fit or unfit: repeats, old revisions, nonsense."""
        key = str(notice.get("study", "")) if isinstance(notice, dict) else ""
        self._store.append(NOTICE, key, notice)

    def put_code(self, code: str, event: Mapping[str, Any], snils: str | None = None) -> None:
        """A code of an event; with a SNILS only that person may use it."""
        person = self.person(snils) if snils else None
        held = {"event": dict(event), "person": person, "usedBy": None}
        self._store.put(CODE, _normalised(code), held)

    def redeem(self, person: str, code: str, cycles: list[Mapping[str, str]]) -> Redeemed:
        """Take a code (ИКП): once, by one person, for one event.

        `cycles` are the person's open cycles: specialty, first and last day.
        """
        held = self._store.find(CODE, _normalised(code))
        if held is None or _lapsed(held["event"], self.today):
            return Redeemed("UNKNOWN")
        if refused := self._refusal(held, person):
            return Redeemed(refused)
        event = held["event"]
        fitting = [one for one in cycles if one["specialty"] in event["specialties"]]
        inside = [one for one in fitting if one["startDate"] <= event["endDate"] <= one["endDate"]]
        if not inside:
            return Redeemed("OUTSIDE_CYCLE" if fitting else "SPECIALTY_MISMATCH")
        study = self._credited(person, event, inside[0]["specialty"])
        self._store.put(CODE, _normalised(code), {**held, "usedBy": person})
        return Redeemed("ACCEPTED", study)

    def _refusal(self, held: Mapping[str, Any], person: str) -> str:
        if held["usedBy"] == person:
            return "USED_BY_YOU"
        if held["usedBy"] is not None or held["person"] not in {None, person}:
            return "USED_BY_ANOTHER"
        return "NOT_FINISHED" if held["event"]["endDate"] > self.today.isoformat() else ""

    def _credited(self, person: str, event: Mapping[str, Any], specialty: str) -> Study:
        base = {
            **{key: event[key] for key in ("kind", "title", "organizer", "startDate", "endDate")},
            "id": str(uuid4()),
            "personId": person,
            "revision": 0,
            "hours": event["hours"],
            "specialty": specialty,
            "programme": event.get("programme", ""),
            "reason": "",
            "document": None,
            "source": "PORTAL",
            "state": CREDITED,
        }
        return self._told(base, {})

    def _told(
        self, study: Mapping[str, Any], fields: Mapping[str, Any], *, after_days: int = 0
    ) -> Study:
        if unknown := set(fields) - _FIELDS:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        made = {**study, **fields, "revision": study["revision"] + 1}
        notice = self._notice(made)
        self._store.put(STUDY, made["id"], made)
        if after_days:
            due = self.today + timedelta(days=after_days)
            self._store.put(DUE, f"{due.isoformat()}/{notice['id']}", notice)
        else:
            self._store.append(NOTICE, made["id"], notice)
        return made

    def _notice(self, study: Mapping[str, Any]) -> dict[str, Any]:
        told = {key: value for key, value in study.items() if key != "id"}
        identity = f"{study['id']}:{study['revision']}"
        return {"id": identity, "study": study["id"], "time": as_utc(self._clock.now()), **told}

    def _release(self) -> None:
        """Notices whose day has come join the others."""
        today = self.today.isoformat()
        for key, notice in list(self._store.documents(DUE)):
            if key.split("/", 1)[0] > today:
                return
            self._store.append(NOTICE, notice["study"], notice)
            self._store.delete(DUE, key)

    def person(self, snils: str) -> str:
        """The id of a person. Raises PersonUnknown."""
        card = self._register.find(snils)
        if card is None:
            raise PersonUnknown("the register has no card for this SNILS")
        return str(card["id"])


def file_name(study: Mapping[str, Any]) -> str:
    """The name under which a certificate is downloaded: letters of ASCII, no person."""
    digest = sha256(str(study["id"]).encode()).digest()[:9]
    return f"certificate-{urlsafe_b64encode(digest).decode()}.pdf"


def _type(kind: str) -> str:
    if kind == "RETRAINING":
        return "RETRAINING_DIPLOMA"
    return "CPD_CERTIFICATE" if kind in _PROGRAMMES else "CREDIT_CERTIFICATE"


def _normalised(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _lapsed(event: Mapping[str, Any], today: date) -> bool:
    end = date.fromisoformat(event["endDate"])
    return today > end + timedelta(days=365 * CODE_YEARS)
