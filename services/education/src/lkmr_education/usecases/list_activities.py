"""Activities of a worker: filtered, newest first, in pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lkmr_education.domain.activity import State
from lkmr_education.domain.counting import Study
from lkmr_education.domain.errors import FilterInvalid
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of


@dataclass(frozen=True, slots=True)
class Page:
    """One page of studies."""

    items: Sequence[Study]
    next_page_token: str


def page_of(
    studies: Sequence[Study], *, states: Iterable[str], page_size: int, page_token: str
) -> Page:
    """Choose and cut. Raises FilterInvalid, ServiceError PAGE_TOKEN_INVALID, PAGE_SIZE_INVALID."""
    wanted = frozenset(states)
    if unknown := wanted - set(State):
        raise FilterInvalid(field="state", value=min(unknown)[:40])
    size, position = page_size_of(page_size), position_of(page_token, int, str)
    rows = [one for one in studies if not wanted or one.activity.state in wanted]
    rows.sort(key=_key, reverse=True)
    if position:
        rows = [one for one in rows if _key(one) < (int(position[0]), str(position[1]))]
    token = page_token_of(*_key(rows[size - 1])) if len(rows) > size else ""
    return Page(rows[:size], token)


def _key(study: Study) -> tuple[int, str]:
    return (study.activity.start_date.toordinal(), study.activity.id)
