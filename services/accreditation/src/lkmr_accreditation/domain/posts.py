"""Which specialties fit a post, as data with its source (приказы 205н, 206н)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from lkmr_accreditation.domain.worker import Job


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts that need an accreditation with the specialties that fit, and posts that need none."""

    source: str
    fitting: Mapping[str, tuple[str, ...]]
    others: frozenset[str]
    _kept: dict[str, tuple[str, ...] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the content of `posts.toml`. Raises KeyError when it has another form."""
        return cls(
            data["source"],
            {name: tuple(one["specialties"]) for one in data["post"] for name in one["names"]},
            frozenset(name for one in data["other"] for name in one["names"]),
        )

    def specialties(self, position: str) -> tuple[str, ...] | None:
        """Specialties that fit a post; empty when it needs none, None when it is not known."""
        words = position.strip().casefold()
        if words not in self._kept:
            if len(self._kept) > 10_000:  # noqa: PLR2004 - posts are free text
                self._kept.clear()
            self._kept[words] = self._look(words)
        return self._kept[words]

    def needed(self, job: Job) -> tuple[str, ...] | None:
        """The specialty of a job, else those that fit its post; None when that is not known."""
        return (job.specialty,) if job.specialty else self.specialties(job.position)

    def _look(self, words: str) -> tuple[str, ...] | None:
        known = max(
            (name for name in self.fitting if words == name or words.startswith(name + " ")),
            key=len,
            default=None,
        )
        if known is not None:
            return self.fitting[known]
        other = any(words == name or words.startswith(name + " ") for name in self.others)
        return () if other else None
