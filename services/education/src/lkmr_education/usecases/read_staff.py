"""Education of the workers whom a head or coordinator answers for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lkmr_education.domain.activity import State
from lkmr_education.domain.counting import Study
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.plan import PlanItem
from lkmr_education.domain.posts import Posts
from lkmr_education.usecases.account import Account, account_of
from lkmr_education.usecases.ports import Member, Reader, Staff
from lkmr_education.usecases.present_worker import Present
from lkmr_servicekit.errors import ServiceError

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLine:
    """A member with the account; None where the register did not answer."""

    member: Member
    account: Account | None
    asked: Sequence[PlanItem]

    @property
    def waiting(self) -> list[Study]:
        """Activities that wait for the head's word."""
        if self.account is None:
            return []
        studies = self.account.present.worker.studies
        return [one for one in studies if one.activity.state is State.EMPLOYER_REVIEW]


async def read_staff(
    *,
    department: str,
    page_size: int,
    page_token: str,
    staff: Staff,
    reader: Reader,
    present: Callable[[str], Awaitable[Present]],
    norms: Norms,
    posts: Posts,
) -> tuple[list[StaffLine], str]:
    """A page of members with their accounts; `accreditation` decides whom the caller may see."""
    members, token = await staff.page(
        department=department, page_size=page_size, page_token=page_token
    )
    gate = asyncio.Semaphore(_AT_ONCE)

    async def account(member: Member) -> Account | None:
        async with gate:
            try:
                return account_of(await present(member.worker), norms, posts)
            except ServiceError:
                return None  # shown as «нет данных», never as a good state

    accounts = await asyncio.gather(*(account(one) for one in members))
    asked = await reader.asked_of([one.worker for one in members])
    return [
        StaffLine(
            member=member,
            account=found,
            asked=[item for item in asked if item.worker == member.worker],
        )
        for member, found in zip(members, accounts, strict=True)
    ], token
