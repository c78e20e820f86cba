from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_notify.domain.channel import Channel, Group, Priority, Urgency
from lkmr_notify.domain.preferences import Digest, Mode, Preferences, plan, strictest
from lkmr_notify.domain.rules import Rule, Whom
from lkmr_servicekit.zones import ELEVEN

MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))


def a_rule(**changed: Any) -> Rule:
    facts: dict[str, Any] = {
        "event": "e",
        "about": "a",
        "kind": "KIND",
        "to": (Whom.SUBJECT,),
        "group": Group.TERMS,
        "urgency": Urgency.DAY,
        "channels": (Channel.EMAIL, Channel.PUSH),
        "fallback": (Channel.SMS,),
        "link": "/",
    }
    return Rule(**{**facts, **changed})


@pytest.mark.parametrize("zone", ELEVEN)
def test_quiet_hours_are_those_of_the_persons_zone(zone: str) -> None:
    wishes = Preferences(zone=ZoneInfo(zone))
    night = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo(zone))

    end = wishes.quiet_end(night.astimezone(UTC))

    assert end is not None
    assert end.astimezone(ZoneInfo(zone)) == datetime(2026, 11, 25, 8, tzinfo=ZoneInfo(zone))
    assert wishes.quiet_end((night - timedelta(hours=3)).astimezone(UTC)) is None


def test_the_zones_are_eleven_hours_of_one_country() -> None:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    offsets = [ZoneInfo(one).utcoffset(moment) for one in ELEVEN]

    assert offsets == [timedelta(hours=hours) for hours in range(2, 13)]


@given(now=MOMENTS, zone=st.sampled_from(ELEVEN), begin=TIMES, end=TIMES)
def test_the_end_of_quiet_hours_is_near_and_not_quiet(
    now: datetime, zone: str, begin: time, end: time
) -> None:
    wishes = Preferences(zone=ZoneInfo(zone), quiet_from=begin, quiet_until=end)

    until = wishes.quiet_end(now)

    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert wishes.quiet_end(until) is None
        assert until.astimezone(wishes.zone).time() == end
    if begin == end:
        assert until is None


@given(now=MOMENTS, urgency=st.sampled_from(Urgency), critical=st.booleans(), bulk=st.booleans())
def test_what_can_wait_never_goes_out_in_quiet_hours_and_what_cannot_never_waits(
    now: datetime, urgency: Urgency, *, critical: bool, bulk: bool
) -> None:
    wishes = Preferences()

    made = plan(a_rule(urgency=urgency, critical=critical), wishes, {}, now=now, bulk=bulk)

    for one in made.deliveries:
        if critical or urgency is Urgency.NOW:
            assert one.due_time == now
            assert one.priority is not Priority.BULK or urgency is Urgency.LATER
        else:
            assert wishes.quiet_end(one.due_time) is None
    assert made.breaks_quiet == (
        (critical or urgency is Urgency.NOW) and wishes.quiet_end(now) is not None
    )


@given(muted=st.sets(st.tuples(st.sampled_from(Group), st.sampled_from(Channel))))
def test_nothing_goes_out_over_a_muted_channel_and_no_fallback_either(
    muted: set[tuple[Group, Channel]],
) -> None:
    wishes = Preferences(chosen=dict.fromkeys(muted, False))
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    made = plan(a_rule(), wishes, {}, now=now)

    used = {one.channel for one in made.deliveries}
    used |= {stand_in for one in made.deliveries for stand_in in one.fallback}
    assert not {(Group.TERMS, channel) for channel in used} & muted


def test_nobody_can_mute_the_letter_of_a_critical_message() -> None:
    muted = Preferences(chosen={(Group.TERMS, channel): False for channel in Channel})
    forbidden = {(Group.TERMS, channel): Mode.FORBID for channel in Channel}
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    made = plan(a_rule(critical=True), muted, forbidden, now=now)

    assert [one.channel for one in made.deliveries] == [Channel.EMAIL]


def test_the_organisation_stands_above_the_person_and_one_that_demands_above_one_that_forbids() -> (
    None
):
    cell = (Group.TERMS, Channel.EMAIL)
    modes = strictest([(cell, Mode.FORBID), (cell, Mode.FORCE), (cell, Mode.FORBID)])
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    made = plan(a_rule(), Preferences(chosen={cell: False}), modes, now=now, push=False)

    assert [one.channel for one in made.deliveries] == [Channel.EMAIL]


def test_with_a_digest_what_can_wait_goes_into_one_letter_at_nine_in_the_persons_zone() -> None:
    wishes = Preferences(zone=ZoneInfo("Asia/Kamchatka"), digest=Digest.DAILY)
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    news = plan(a_rule(urgency=Urgency.LATER), wishes, {}, now=now, push=False)
    status = plan(a_rule(urgency=Urgency.NOW), wishes, {}, now=now, push=False)

    assert news.deliveries == ()
    assert news.digest_time == datetime(2026, 11, 24, 21, tzinfo=UTC)
    assert status.digest_time is None
    assert len(status.deliveries) == 1


def test_a_digest_does_not_bring_back_what_was_muted() -> None:
    wishes = Preferences(digest=Digest.DAILY, chosen={(Group.TERMS, Channel.EMAIL): False})

    made = plan(
        a_rule(urgency=Urgency.LATER), wishes, {}, now=datetime(2026, 11, 24, 12, tzinfo=UTC)
    )

    assert made.digest_time is None


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    ("urgency", "critical", "letter"),
    [
        (Urgency.NOW, False, True),
        (Urgency.DAY, True, True),
        (Urgency.DAY, False, False),
        (Urgency.LATER, False, False),
    ],
)
def test_who_wants_no_letters_of_what_can_wait_gets_those_of_all_else(
    urgency: Urgency, *, critical: bool, letter: bool, forced: bool
) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    modes = {(Group.TERMS, Channel.EMAIL): Mode.FORCE} if forced else {}
    rule = a_rule(urgency=urgency, critical=critical)

    made = plan(rule, Preferences(digest=Digest.NONE), modes, now=now)

    assert (Channel.EMAIL in {one.channel for one in made.deliveries}) is (letter or forced)
    assert made.digest_time is None
