"""What a person chooses, what an organisation decides above it, and what follows for what waits."""

import pytest

from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.errors import PreferenceInvalid, PreferenceLocked
from lkmr_notify.domain.preferences import Digest, Mode, Preferences
from lkmr_notify.main import load_data
from lkmr_notify.usecases.preferences import (
    Change,
    Choosing,
    mute_letters,
    update_preferences,
    withhold_digest,
)
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.identity import Caller, CallerKind

from .fakes import PERSON, People, Store, always

_, RULES = load_data()
ME = Caller(CallerKind.PERSON, str(PERSON), 0)


def choosing(store: Store) -> Choosing:
    return Choosing(people=People(), rules=RULES, new_uow=always(store), clock=FakeClock())


async def change(store: Store, given: Change) -> Preferences:
    return (await update_preferences(given, caller=ME, parts=choosing(store))).wishes


async def test_what_is_not_named_stays_and_what_is_none_is_refused() -> None:
    kept = Preferences(chosen={(Group.NEWS, Channel.EMAIL): False})
    store = Store(wanted={PERSON: kept})

    made = await change(store, Change(zone="Asia/Omsk", quiet_from="22:30"))

    assert made.zone.key == "Asia/Omsk"
    assert f"{made.quiet_from:%H:%M}" == "22:30"
    assert made.chosen == kept.chosen
    for wrong in (
        Change(zone="Mars/Phobos"),
        Change(quiet_from="25:00"),
        Change(quiet_until="08:00:01"),
        Change(digest="HOURLY"),
    ):
        with pytest.raises(PreferenceInvalid):
            await change(store, wrong)


async def test_what_the_organisation_decided_cannot_be_chosen_otherwise() -> None:
    cell = (Group.SCHEDULE, Channel.EMAIL)
    store = Store(ruled={"org-gp1": {cell: Mode.FORCE}})

    with pytest.raises(PreferenceLocked):
        await change(store, Change(choices={cell: False}))
    assert (await change(store, Change(choices={cell: True}))).wants(*cell)


async def test_what_waits_over_a_channel_that_is_off_now_is_stopped() -> None:
    store, cell = Store(), (Group.TERMS, Channel.EMAIL)

    await change(store, Change(choices={cell: False, (Group.NEWS, Channel.PUSH): True}))

    ((_, channel, kinds),) = [one for one in store.kept if isinstance(one, tuple)]
    assert channel is Channel.EMAIL
    assert "DOCUMENT_TERM_COMING" in kinds
    assert "DOCUMENT_TERM_OVER" not in kinds  # nobody can mute it


async def test_a_link_stops_what_waits_unless_the_organisation_wants_it_sent() -> None:
    forced = {"org-gp1": {(Group.NEWS, Channel.EMAIL): Mode.FORCE}}

    for store, stopped in ((Store(), 1), (Store(ruled=forced), 0)):
        await mute_letters(PERSON, Group.NEWS, parts=choosing(store))
        assert sum(isinstance(one, tuple) for one in store.kept) == stopped


async def test_a_link_in_the_letter_of_the_day_stops_letters_of_what_can_wait() -> None:
    store = Store(wanted={PERSON: Preferences(digest=Digest.DAILY)})

    await withhold_digest(PERSON, parts=choosing(store))

    (((_, wishes), dropped)) = store.kept
    assert isinstance(wishes, Preferences)
    assert (wishes.digest, dropped) == (Digest.NONE, "dropped")
