"""When to stop asking a register that does not answer."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    """Opens after `row` failures in a row, or when half of at least `least` calls failed lately.

    «Lately» is `window_seconds`. An open breaker lets one probe through after `reset_seconds`, or
    after the pause that the register asked for, at most `longest_pause_seconds`.
    `now` gives seconds of a clock that never goes back.
    """

    now: Callable[[], float]
    reset_seconds: float = 10
    row: int = 5
    least: int = 20
    window_seconds: float = 30
    longest_pause_seconds: float = 60
    _outcomes: deque[tuple[float, bool]] = field(default_factory=deque)
    _failures: int = 0
    _open_until: float = 0
    _probing: bool = False
    _open: bool = False

    def admits(self) -> bool:
        """Whether a call may go out now; a caller that is let in must report its outcome."""
        if not self._open:
            return True
        if self._probing or self.now() < self._open_until:
            return False
        self._probing = True
        return True

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, but for the probe."""
        return self._open

    def succeeded(self) -> None:
        """A call was answered."""
        self._note(good=True)
        self._failures, self._open, self._probing = 0, False, False

    def failed(self, retry_after_seconds: float = 0) -> None:
        """A call was not answered; the register may have said when to come again."""
        was_probe = self._open and self._probing
        self._note(good=False)
        self._failures += 1
        bad = sum(1 for _, good in self._outcomes if not good)
        many = len(self._outcomes) >= self.least and bad * 2 >= len(self._outcomes)
        if was_probe or self._failures >= self.row or many:
            self._open, self._probing = True, False
            pause = min(retry_after_seconds, self.longest_pause_seconds)
            self._open_until = self.now() + max(self.reset_seconds, pause)

    def abandoned(self) -> None:
        """A call was given up by its caller: neither answered nor failed."""
        self._probing = False

    def seconds_left(self) -> float:
        """How long calls will still be refused."""
        return max(0.0, self._open_until - self.now()) if self._open else 0.0

    def _note(self, *, good: bool) -> None:
        moment = self.now()
        if good and self._open:
            self._outcomes.clear()
        self._outcomes.append((moment, good))
        while self._outcomes[0][0] < moment - self.window_seconds:
            self._outcomes.popleft()
