"""How long months of the journal are kept: in the table, then in an archive, then as a statement.

No act gives one number for a journal: the terms are the operator's own policies, dated, in
`policies.toml` (rows `journal.…`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Self

HOT_MONTHS = "journal.hot_months"
WHOLE_MONTHS = "journal.whole_months"
_YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in UTC, by which the journal is cut."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The month in which a row of the journal lies."""
        zulu = moment.astimezone(UTC)
        return cls(zulu.year, zulu.month)

    @classmethod
    def read(cls, text: str) -> Self:
        """From `2025-01`. Raises ValueError for another form."""
        first = datetime.strptime(f"{text}+0000", "%Y-%m%z")
        return cls(first.year, first.month)

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment that is not in it."""
        return self.plus(1).start

    def plus(self, months: int) -> "Month":
        """The month so many months later."""
        whole = self.year * _YEAR + self.month - 1 + months
        return Month(whole // _YEAR, whole % _YEAR + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


class Place(Enum):
    """Where a month lies."""

    TABLE = "TABLE"
    ARCHIVE = "ARCHIVE"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Retention:
    """Months after the end of a month: how long it stays at hand, and how long at all."""

    hot_months: int
    whole_months: int

    @classmethod
    def of(cls, policies: Mapping[str, str]) -> Self:
        """From the policies in force; what is at hand is never kept shorter than at all."""
        hot, whole = int(policies[HOT_MONTHS]), int(policies[WHOLE_MONTHS])
        return cls(hot, max(hot, whole))

    def archive_on(self, month: Month) -> date:
        """The day from which a month belongs into the archive."""
        return month.plus(1 + self.hot_months).start.date()

    def end_on(self, month: Month) -> date:
        """The day from which its rows are kept no longer."""
        return month.plus(1 + self.whole_months).start.date()
