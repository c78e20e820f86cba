import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_notify.domain.announcement import Action, Announcement, Kind, State
from lkmr_notify.domain.errors import AnnouncementInvalid, AnnouncementStateWrong

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def one(**changed: Any) -> Announcement:
    facts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "kind": Kind.SERVICE,
        "title": "Т",
        "text": "Текст",
        "created_by": uuid.uuid4(),
        "publish_time": NOON,
        "create_time": NOON,
    }
    return Announcement(**{**facts, **changed})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "Т" * 201}, "title"),
        ({"text": ""}, "text"),
        ({"text": "До\x00после"}, "text"),
        ({"source": "\x00"}, "source"),
        ({"organizations": ("org\x00",)}, "organizations"),
        ({"link": "https://elsewhere.example"}, "link"),
        ({"link": "//elsewhere.example"}, "link"),
        ({"kind": Kind.LAW_CHANGE}, "effective_date"),
        ({"kind": Kind.SIGN_IN_CHANGE}, "effective_date"),
        ({"kind": Kind.SIGN_IN_CHANGE, "effective_date": NOON.date()}, "effective_date"),
        ({"kind": Kind.DOCUMENTATION}, "document_version"),
        ({"expire_date": date(2026, 11, 23)}, "expire_date"),
    ],
)
def test_what_people_would_miss_is_refused(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(AnnouncementInvalid) as refusal:
        one(**changed).checked()

    assert refusal.value.metadata == {"field": field}


@given(st.lists(st.sampled_from(Action), max_size=8))
def test_what_is_cancelled_never_goes_on(actions: list[Action]) -> None:
    made, cancelled = one(cursor="x", state=State.SENDING), False

    for action in actions:
        try:
            made = made.steer(action)
        except AnnouncementStateWrong:
            continue
        assert not cancelled
        cancelled = action is Action.CANCEL

    assert (made.state is State.CANCELLED) is cancelled
