"""Pauses of reminders (form F9): they change no term and no verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

FORM = "F9"
SUSPEND, END, RESUME = "SUSPEND_REMINDERS", "END_OF_PRACTICE", "RESUME_REMINDERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """No reminders in a specialty from a day on; `until` is its last day, None for no end.

    An entry that was recorded later ends it: who is accredited anew practises again.
    """

    specialty: str
    since: date
    until: date | None

    def quiets(self, specialty: str, today: date, recorded: date | None = None) -> bool:
        """Whether a term in a specialty is not reminded of on a day."""
        if specialty.casefold() != self.specialty.casefold():
            return False
        lasts = self.until is None or today <= self.until
        return lasts and (recorded is None or recorded <= self.since)


def pause_of(answers: Mapping[str, str], specialty: str, today: date) -> Pause | None:
    """The pause that a finished request asks for; None when reminders go on again."""
    change = answers.get("change", "")
    if change == RESUME:
        return None
    until = date.fromisoformat(answers["until"]) if change == SUSPEND else None
    return Pause(specialty=specialty, since=today, until=until)


def quiet(
    pauses: Iterable[Pause], specialty: str, today: date, recorded: date | None = None
) -> bool:
    """Whether any pause holds for a term in a specialty."""
    return any(one.quiets(specialty, today, recorded) for one in pauses)
