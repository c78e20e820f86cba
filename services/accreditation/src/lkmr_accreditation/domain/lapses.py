"""Jobs of today whose accreditation is over: a right to practise that was held and is lost."""

from dataclasses import dataclass
from datetime import date

from lkmr_accreditation.domain.accreditation import State
from lkmr_accreditation.domain.facts import Facts, gives_right
from lkmr_accreditation.domain.posts import Posts

_LOST = frozenset({State.EXPIRED, State.ANNULLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A job whose specialty has no entry that gives the right any more.

    `end_date` is the last day of the entry with its extensions; None for an annulled one, of which
    the register does not say since when.
    """

    organization_oid: str
    specialty: str
    end_date: date | None


def lapses_of(facts: Facts, posts: Posts) -> tuple[Lapse, ...]:
    """The lapses of a worker on a day, by job.

    A post that needs no accreditation, one that is not known, and a specialty that never had an
    entry make none: absence of data takes no right away. Source: ТК, ст. 76 (a special right that
    ended); ФЗ-323, ст. 69.
    """
    found = []
    for job in facts.current_jobs:
        record = facts.best(posts.needed(job) or ())
        if record is None or gives_right(record) or record.term.state not in _LOST:
            continue
        over = record.term.state is State.EXPIRED
        found.append(
            Lapse(
                organization_oid=job.organization_oid,
                specialty=record.entry.specialty,
                end_date=record.term.effective if over else None,
            )
        )
    return tuple(dict.fromkeys(found))
