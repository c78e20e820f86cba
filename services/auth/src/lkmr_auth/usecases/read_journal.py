"""Entries of the journal for those who may read it, and one's own for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from lkmr_auth.domain.access_log import Dispute, Entry, Filters
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of
from lkmr_servicekit.personal import Personal

WHOLE_JOURNAL = frozenset({"AUDITOR"})
"""Roles whose cell «24 audit log» has no scope: they read acts of all organisations."""


class Chain(Protocol):
    """The chain, brought up to date before it is read."""

    async def advance(self) -> object: ...


class Entries(Protocol):
    """Rows of the journal, newest first. `before` is the number above the first one wanted."""

    async def page(self, filters: Filters, *, before: int, size: int) -> Sequence[Entry]: ...

    async def about(
        self, subjects: Sequence[str], actor: str, *, others_only: bool, before: int, size: int
    ) -> Sequence[Entry]: ...

    async def account_numbers(self, actors: Sequence[str]) -> Mapping[str, str]: ...

    async def names(self, actors: Sequence[str]) -> Mapping[str, Personal[str]]: ...

    async def organizations(self, ids: Sequence[str]) -> Mapping[str, str]: ...

    async def archived_before(self) -> date | None:
        """The first day (UTC) that is at hand; older rows are in the archive. None: all are."""
        ...

    async def disputes(self, owner: PersonId, entries: Sequence[Entry]) -> Sequence[Dispute]: ...


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries for an auditor; people are named by the numbers of their accounts."""

    entries: Sequence[Entry]
    accounts: Mapping[str, str]
    next_page_token: str
    archived_before: date | None = None


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Entries for the person whose data they concern."""

    reader: PersonId
    entries: Sequence[Entry]
    names: Mapping[str, Personal[str]]
    organizations: Mapping[str, str]
    disputes: Sequence[Dispute]
    next_page_token: str
    archived_before: date | None = None


async def list_audit_events(
    filters: Filters, *, page_size: int, page_token: str, caller: Caller, chain: Chain,
    entries: Entries,
) -> AuditPage:  # fmt: skip
    """A page for the auditor; an administrator sees the own organisation and what has none.

    Raises ServiceError PAGE_TOKEN_INVALID, PAGE_SIZE_INVALID.
    """
    size, place = page_size_of(page_size), position_of(page_token, int)
    if WHOLE_JOURNAL.isdisjoint(caller.roles):
        filters = replace(filters, organizations=(caller.organization, ""))
    await chain.advance()
    found = await entries.page(filters, before=_before(place), size=size + 1)
    shown = found[:size]
    accounts = await entries.account_numbers([one.actor for one in shown])
    return AuditPage(shown, accounts, _next(found, size), await entries.archived_before())


async def list_access_log(
    owner: PersonId, *, others_only: bool, page_size: int, page_token: str, caller: Caller,
    chain: Chain, entries: Entries,
) -> AccessPage:  # fmt: skip
    """One's own entries: who touched the data, and what oneself did.

    Raises ServiceError PAGE_TOKEN_INVALID, PAGE_SIZE_INVALID.
    """
    size, place = page_size_of(page_size), position_of(page_token, int)
    me = f"persons/{owner}"
    subjects = [me, *([f"workers/{caller.worker}"] if caller.worker else [])]
    await chain.advance()
    found = await entries.about(
        subjects, me, others_only=others_only, before=_before(place), size=size + 1
    )
    shown = found[:size]
    return AccessPage(
        owner,
        shown,
        await entries.names([one.actor for one in shown]),
        await entries.organizations([one.organization for one in shown]),
        await entries.disputes(owner, shown),
        _next(found, size),
        await entries.archived_before(),
    )


def _before(place: tuple[str | int, ...]) -> int:
    return int(place[0]) if place else 2**63 - 1


def _next(found: Sequence[Entry], size: int) -> str:
    return page_token_of(found[size - 1].seq) if len(found) > size else ""
