"""What is wrong with a journal, and where: changed, removed, reordered, cut, rewritten."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lkmr_auth.domain.journal import GENESIS, ChainedRow, Head, link
from lkmr_auth.domain.statement import Statement

MOST = 50


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong at a row. `kind` is one of CHANGED, REMOVED, REORDERED, REWRITTEN, CUT."""

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
        self.flaws.append(Flaw(kind, seq, detail))
