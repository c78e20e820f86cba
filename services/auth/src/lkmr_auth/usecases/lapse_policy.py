"""What a lapse of the right to practise means at an organisation today."""

from lkmr_auth.domain.lapse import BLOCK_ON_EXPIRED, LapseMode, lapses_at
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.policy import Policies
from lkmr_auth.domain.profiles import Profile
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock, day_in


async def lapse_mode(
    uow: UnitOfWork, person: Person, profile: Profile | None, policies: Policies, clock: Clock
) -> LapseMode | None:
    """What the lapses at the profile's organisation mean today; None without any."""
    if profile is None or not lapses_at(person.lapses, profile.organization.oid):
        return None
    decisions, day = await uow.policies.list(), day_in(MOSCOW, clock.now())
    values = policies.in_force(decisions, day, profile.organization.id)
    return LapseMode(values[BLOCK_ON_EXPIRED].upper())
