"""What came from outside, as JSON for the browser API."""

from collections.abc import Sequence
from typing import Any

from lkmr_education.api.convert import moment
from lkmr_education.domain.notice import FAULT_WORDS
from lkmr_education.usecases.outside import Kept, Redeemed


def kept_json(items: Sequence[Kept], token: str, waiting: int) -> dict[str, Any]:
    """A page of notices that were not believed; nothing of it names a person."""
    return {
        "items": [kept_item(one) for one in items],
        "waiting": waiting,
        "next_page_token": token,
    }


def kept_item(one: Kept) -> dict[str, Any]:
    """One notice as an operator sees it."""
    notice = one.notice
    return {
        "id": one.id,
        "notice": notice.id[:200],
        "study": notice.study[:200],
        "revision": notice.revision,
        "state": notice.state[:40],
        "kind": notice.kind[:40],
        "hours": notice.hours,
        "start_date": notice.start_date,
        "end_date": notice.end_date,
        "specialty": notice.specialty[:200],
        "fault": one.fault,
        "fault_label": FAULT_WORDS[one.fault],
        "receive_time": moment(one.receive_time),
        "tries": one.tries,
        "resolution": one.resolution,
        "resolved_by": one.resolved_by,
        "resolve_time": moment(one.resolve_time) if one.resolve_time else None,
    }


def redeemed_json(said: Redeemed) -> dict[str, Any]:
    """The portal's yes to a code."""
    return {
        "answer": said.answer,
        "hours": said.hours,
        "sentence": f"Код принят. Портал начислит {said.hours} ЗЕТ.",
    }
