"""Changes of the register, what each of them must lead to, and the count of it in the end."""

import itertools
import re
import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx2

from ..support.own_suite import eventually
from ..support.visitor import Visitor

AWAY = (httpx2.TransportError,)
PASSING = frozenset({502, 503, 504})
LINK = re.compile(r"/messages/([0-9a-f-]{36})")
_numbers = itertools.count(1)


RECORDED, ANNULLED = "ACCREDITATION_RECORDED", "ACCREDITATION_ANNULLED"


@dataclass(frozen=True, slots=True)
class Worker:
    """A demo doctor with what the register and the mailbox know them by."""

    login: str
    snils: str

    @property
    def email(self) -> str:
        return f"{self.login}@demo.example"


WALKER = Worker("akhmetov", "90002177736")
WITNESS = Worker("ivanova", "90000103798")


@dataclass(frozen=True, slots=True)
class Change:
    """One act of the register. Its specialty is its own, so that its traces can be counted."""

    number: int
    kind: str

    @property
    def specialty(self) -> str:
        return f"проверка стойкости {self.number:04}"


class Register:
    """Changes the register for one worker and knows what has to follow."""

    def __init__(self, visitor: Visitor, worker: Worker) -> None:
        self.visitor, self.worker = visitor, worker
        self.made: list[Change] = []
        self.statuses: Counter[int] = Counter()

    def record(self) -> Change:
        """A new entry."""
        return self._put(next(_numbers), RECORDED)

    def annul(self, entry: Change) -> Change:
        """An end of an entry that the cabinet knows."""
        return self._put(entry.number, ANNULLED, annulled=True)

    def _put(self, number: int, kind: str, **more: object) -> Change:
        change = Change(number, kind)
        body = {
            "kind": "PERIODIC",
            "specialty": change.specialty,
            "recorded_at": "2026-10-01",
            **more,
        }
        path = f"register/workers/{self.worker.snils}/accreditations/7726 09{number:07}"
        self.visitor.control("egisz", "PUT", path, body)
        self.made.append(change)
        return change

    def read(self, path: str) -> Any:
        """A part of the API, or None while the cabinet is not whole.

        Raises AssertionError for an answer that a fault elsewhere does not excuse: a lost session,
        an unexplained error.
        """
        try:
            answer = self.visitor.request("GET", f"/api/v1/{path}")
        except AWAY:
            return None
        self.statuses[answer.status_code] += 1
        if answer.status_code in PASSING:
            assert answer.json()["code"].startswith("LKMR-"), answer.text
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str) -> list[dict[str, Any]]:
        """All items of a list."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            address = f"{path}?page_size=200&page_token={token}"
            page = eventually(partial(self.read, address), 20, path)
            found += page["items"]
            token = page["next_page_token"]
            if not token:
                return found

    def told(self) -> list[dict[str, Any]]:
        """Messages about changes; announcements and reminders come beside them."""
        return about_changes(self.pages("messages"))

    def letters(self) -> Counter[str]:
        """The part of `mailed` that is about changes."""
        wanted = {str(one["id"]) for one in self.told()}
        return Counter({name: times for name, times in self.mailed().items() if name in wanted})

    def wait_for(self, change: Change, seconds: float, *, mail: bool = True) -> None:
        """Until a change stands in the list, in the messages and in the mailbox."""
        what = f"{change.kind} of «{change.specialty}»"
        eventually(lambda: self._in_list(change), seconds, f"{what} in the list")
        found = eventually(lambda: self._message(change), seconds, f"{what} as a message")
        if mail:
            eventually(lambda: found["id"] in self.mailed(), seconds, f"{what} by e-mail")

    def mailed(self) -> Counter[str]:
        """How often the e-mail about each message has come; all its copies have one Message-ID."""
        letters = (one for one in self.visitor.messages(self.worker.email))
        return Counter(
            found.group(1) for one in letters if (found := LINK.search(one["text"])) is not None
        )

    def _in_list(self, change: Change) -> bool:
        answer = self.read(f"accreditations?specialty={change.specialty}")
        if answer is None or len(answer["items"]) != 1:
            return False
        wanted = change.kind == ANNULLED
        return bool((answer["items"][0]["state"] == "ANNULLED") == wanted)

    def _message(self, change: Change) -> dict[str, Any] | None:
        items: list[dict[str, Any]] = (self.read("messages?page_size=50") or {"items": []})["items"]
        return next((one for one in items if tells_of(one, change)), None)


def about_changes(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages of the kinds that `Register` causes."""
    return [one for one in messages if one["kind"] in {RECORDED, ANNULLED}]


def tells_of(message: dict[str, Any], change: Change) -> bool:
    """Whether a message is about a change."""
    return message["kind"] == change.kind and change.specialty in message["text"]


class Walk:
    """Changes the register at a steady pace and reads the list between, whatever dies meanwhile."""

    PACE_SECONDS = 0.7

    def __init__(self, register: Register) -> None:
        self.register = register
        self.faults: list[BaseException] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go, name="walk", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(30)

    def _go(self) -> None:
        try:
            while not self._stop.wait(self.PACE_SECONDS):
                self.register.record()
                self.register.read("accreditations?page_size=10")
        except BaseException as fault:  # noqa: BLE001 - the test thread raises it again
            self.faults.append(fault)
