"""Credits of generated workers: notice `i` is computed from `i`, a million needs no memory."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from lkmr_egisz_stand_in.generator import Generator

_SEED = b"lkmr-credits"
_DAYS_BACK = 1500
_KINDS = ("EVENT", "WEBINAR", "SEMINAR", "CONFERENCE", "IOM")
_ORGANIZERS = ("Научное общество врачей (демо)", "Профессиональная палата (демо)")


@dataclass(frozen=True, slots=True)
class Credits:
    """`count` notices about the first `workers` of a register, whose first day is `anchor`."""

    generator: Generator
    anchor: date
    count: int
    workers: int

    def page(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Notices behind a place."""
        if not self.workers:
            return []
        return [self._notice(place) for place in range(after, min(after + limit, self.count))]

    def _notice(self, index: int) -> dict[str, Any]:
        worker = index % self.workers
        draw = _draw(index)
        end = self.anchor - timedelta(days=1 + (draw[0] << 8 | draw[1]) % _DAYS_BACK)
        return {
            "id": f"gen-{index}:1",
            "study": f"gen-{index}",
            "revision": 1,
            "time": f"{self.anchor.isoformat()}T00:00:00Z",
            "personId": self.generator.worker_id(worker),
            "state": "CREDITED",
            "kind": _KINDS[draw[2] % len(_KINDS)],
            "title": f"Мероприятие {1 + index}",
            "organizer": _ORGANIZERS[draw[3] % len(_ORGANIZERS)],
            "startDate": end.isoformat(),
            "endDate": end.isoformat(),
            "hours": hours_of(index),
            "specialty": self.generator.specialty(worker),
            "programme": "",
            "reason": "",
            "document": None,
            "source": "PORTAL",
        }


def hours_of(index: int) -> int:
    """Credit units of a notice."""
    return 1 + _draw(index)[4] % 6


def _draw(index: int) -> bytes:
    return blake2b(index.to_bytes(8, "big"), key=_SEED, digest_size=16).digest()
