"""What is wrong with a journal, and where: changed, removed, reordered, cut, rewritten."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lkmr_auth.domain.journal import GENESIS, ChainedRow, Head, link
from lkmr_auth.domain.month_statement import MonthStatement
from lkmr_auth.domain.statement import Statement

MOST = 50


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong at a row.

    `kind` is one of CHANGED, REMOVED, REORDERED, REWRITTEN, CUT, FORGED.
    """

    kind: str
    seq: int
    detail: str


@dataclass(slots=True)
class Verification:
    """Takes rows in the order of their numbers and compares them with signed statements.

    `statements` are those whose signature holds. A flaw names the first row that it concerns.
    """

    statements: tuple[Statement, ...] = ()
    first: int = 1
    before: bytes = GENESIS
    flaws: list[Flaw] = field(default_factory=list)
    head: Head = field(default_factory=Head)
    rows: int = 0
    _signed: dict[int, list[Statement]] = field(default_factory=dict)
    _trusted: int = 0
    _file: str = ""

    def __post_init__(self) -> None:
        for one in self.statements:
            self._signed.setdefault(one.head.seq, []).append(one)
        self.head = Head(self.first - 1, self.before)

    def take(self, rows: Iterable[ChainedRow]) -> None:
        """Check the rows that follow."""
        head, signed = self.head, self._signed
        seq, last = head.seq, head.hash
        for row in rows:
            if row.seq != seq + 1:
                self._misplaced(row.seq, seq)
            elif row.before != last:
                self._flaw("REORDERED", row.seq, "не продолжает строку перед собой")
            if link(row.before, row.content) != row.hash:
                self._flaw("CHANGED", row.seq, "содержание не отвечает своему хешу")
            seq, last = row.seq, row.hash
            self.rows += 1
            if seq in signed:
                self._compare(row)
        self.head = Head(seq, last)

    def enter(self, file: str) -> None:
        """Rows from here on lie in a file of the archive; empty: in the table."""
        self._file = file

    def leave(self, month: MonthStatement, *, whole: bool) -> None:
        """A file of the archive is over; `whole` when it could be read to its end."""
        if self.head != month.last:
            reason = "кончается раньше" if whole else "не читается дальше"
            self._flaw("CHANGED", self.head.seq + 1, f"файл {reason} строки {month.last.seq}")
        self.head = month.last
        self._file = ""

    def pass_over(self, month: MonthStatement) -> None:
        """Rows whose term is over: the chain goes on from what was signed about their end."""
        if month.first != self.head.seq + 1:
            self._misplaced(month.first, self.head.seq)
        elif month.before != self.head.hash:
            self._flaw("REORDERED", month.first, "не продолжает строку перед собой")
        self.head, self._trusted = month.last, month.last.seq
        for one in self._signed.get(month.last.seq, ()):
            if one.head.hash != month.last.hash:
                self._flaw("REWRITTEN", month.first, f"конец не тот, что подписан {one.time}")

    def tell(self, kind: str, seq: int, detail: str) -> None:
        """Note something wrong that was found beside the rows."""
        self._flaw(kind, seq, detail)

    def finish(self, noted: Head | None = None) -> None:
        """The rows are over. `noted` is the end that the database itself remembers."""
        longest = max(self.statements, key=lambda one: one.head.seq, default=None)
        if longest is not None and longest.head.seq > self.head.seq:
            self._flaw(
                "CUT",
                self.head.seq + 1,
                f"нет строк {self.head.seq + 1}…{longest.head.seq}: они были {longest.time}",
            )
        if noted is not None and noted.seq > self.head.seq:
            self._flaw(
                "CUT",
                self.head.seq + 1,
                f"нет строк {self.head.seq + 1}…{noted.seq}, о которых помнит база",
            )
        elif noted is not None and noted != self.head:
            self._flaw("CHANGED", self.head.seq, "конец цепочки не тот, что помнит база")

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws

    def report(self) -> Iterator[str]:
        """Lines for an operator."""
        for flaw in self.flaws[:MOST]:
            yield f"{flaw.kind}\tстрока {flaw.seq}\t{flaw.detail}"
        if len(self.flaws) > MOST:
            yield f"…и ещё {len(self.flaws) - MOST}"

    def _misplaced(self, seq: int, before: int) -> None:
        if seq <= before:
            self._flaw("REORDERED", seq, f"стоит после строки {before}")
        else:
            missing = f"{before + 1}…{seq - 1}" if seq - before > 2 else str(before + 1)  # noqa: PLR2004 - more than one
            self._flaw("REMOVED", before + 1, f"нет строк {missing}")

    def _compare(self, row: ChainedRow) -> None:
        for one in self._signed[row.seq]:
            if one.head.hash == row.hash:
                self._trusted = row.seq
            else:
                self._flaw(
                    "REWRITTEN",
                    self._trusted + 1,
                    f"строки {self._trusted + 1}…{row.seq} не те, что подписаны {one.time}",
                )

    def _flaw(self, kind: str, seq: int, detail: str) -> None:
        place = f" ({self._file})" if self._file else ""
        self.flaws.append(Flaw(kind, seq, detail + place))
