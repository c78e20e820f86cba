"""Open the session under the profile that the person chose."""

from lkmr_auth.domain.profiles import choose
from lkmr_auth.domain.sign_in import SessionStep, Stage
from lkmr_auth.usecases.advance_sign_in import list_profiles, open_session, require_admitted
from lkmr_auth.usecases.get_sign_in import get_waiting
from lkmr_auth.usecases.journaling import Attempt, refusals_journalled
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import SignInParts


async def choose_profile(login_cookie: str, name: str, *, parts: SignInParts) -> SessionStep:
    """Raises ProfileUnknown (one may choose again), AccountBlocked, SignInStateLost."""
    with step("profile"):
        async with parts.new_uow() as uow:
            waiting = await get_waiting(uow, login_cookie, Stage.PROFILE, parts)
        confirmed = waiting.confirmed
        attempt = Attempt(confirmed.browser, confirmed.person_id)
        async with (
            refusals_journalled(attempt, new_uow=parts.new_uow, clock=parts.clock),
            parts.new_uow() as uow,
        ):
            await get_waiting(uow, login_cookie, Stage.PROFILE, parts, lock=True)
            person = await uow.people.get(confirmed.person_id, lock=True)
            require_admitted(person)
            profile = choose(await list_profiles(uow, person, parts), name)
            await uow.sign_ins.remove(waiting.id)
            made = await open_session(uow, confirmed, person, profile, parts)
            await uow.commit()
        return made
