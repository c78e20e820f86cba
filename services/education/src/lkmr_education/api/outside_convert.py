"""What came from outside, as JSON for the browser API."""

from collections.abc import Sequence
from typing import Any

from lkmr_education.api.convert import certificate_item, moment
from lkmr_education.domain.notice import FAULT_WORDS
from lkmr_education.usecases.list_confirmations import Vouched
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


def confirmations_json(items: Sequence[Vouched], token: str) -> dict[str, Any]:
    """Documents that wait for a word of the personnel office, and those that have it."""
    return {"items": [_vouched(one) for one in items], "next_page_token": token}


def _vouched(one: Vouched) -> dict[str, Any]:
    activity, document, ground = one.study.activity, one.study.certificate, one.study.confirmation
    return {
        "worker": one.member.worker,
        "family_name": one.member.family_name,
        "given_name": one.member.given_name,
        "patronymic": one.member.patronymic,
        "position": one.member.position,
        "department": one.member.department,
        "activity": activity.id,
        "title": activity.title,
        "kind": activity.kind,
        "hours": activity.hours,
        "end_date": activity.end_date,
        "certificate": certificate_item(document) if document else None,
        "confirmed": one.by_hand,
        "reason": ground.reason if ground and one.by_hand else "",
        "confirm_time": moment(ground.confirm_time) if ground and one.by_hand else None,
    }


def redeemed_json(said: Redeemed) -> dict[str, Any]:
    """The portal's yes to a code."""
    return {
        "answer": said.answer,
        "hours": said.hours,
        "sentence": f"Код принят. Портал начислит {said.hours} ЗЕТ.",
    }
