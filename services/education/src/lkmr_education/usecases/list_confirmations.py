"""Documents for which the personnel office may vouch, and those for which it did."""

from collections.abc import Sequence
from dataclasses import dataclass

from lkmr_education.domain.activity import FINISHED
from lkmr_education.domain.certificate import Check, Method
from lkmr_education.domain.counting import Study
from lkmr_education.usecases.ports import Member, Reader, Staff

_AGAINST = frozenset({Check.MISMATCH, Check.ANNULLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """A study of a member; `by_hand` when somebody vouched for it."""

    member: Member
    study: Study
    by_hand: bool


async def list_confirmations(
    *, page_size: int, page_token: str, staff: Staff, reader: Reader
) -> tuple[list[Vouched], str]:
    """Those of a page of members, waiting ones first; `accreditation` decides about members."""
    members, token = await staff.page(department="", page_size=page_size, page_token=page_token)
    known = await reader.find_workers([one.worker for one in members])
    found = [
        Vouched(member=member, study=study, by_hand=_by_hand(study))
        for member in members
        if member.worker in known
        for study in _of_interest(known[member.worker].studies)
    ]
    return sorted(found, key=lambda one: one.by_hand), token


def _of_interest(studies: Sequence[Study]) -> list[Study]:
    return [one for one in studies if _by_hand(one) or _may_be_vouched_for(one)]


def _by_hand(study: Study) -> bool:
    return study.confirmation is not None and study.confirmation.method is Method.MANUAL_HR


def _may_be_vouched_for(study: Study) -> bool:
    document = study.certificate
    return (
        document is not None
        and study.confirmation is None
        and study.activity.state in FINISHED
        and document.check not in _AGAINST
    )
