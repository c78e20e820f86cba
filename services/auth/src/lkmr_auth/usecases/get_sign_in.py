"""Look again at the step that a sign-in waits for."""

from lkmr_auth.domain.errors import SignInStateLost
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import (
    ActivationStep,
    ProfileStep,
    Stage,
    Step,
    WaitingSignIn,
    require_secret,
)
from lkmr_auth.usecases.advance_sign_in import list_profiles, require_admitted
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_auth.usecases.send_code import code_step


async def get_sign_in(login_cookie: str, *, parts: SignInParts) -> Step:
    """The present step. Raises SignInStateLost, AccountBlocked, CodeBlocked."""
    async with parts.new_uow() as uow:
        waiting = await get_waiting(uow, login_cookie, None, parts)
        person = await uow.people.get(waiting.confirmed.person_id)
        require_admitted(person)
        if waiting.stage is Stage.ACTIVATION:
            return ActivationStep(greeting_name=person.names.greeting())
        if waiting.stage is Stage.PROFILE:
            return ProfileStep(profiles=await list_profiles(uow, person, parts))
        code = await uow.codes.find_last(person.id)
        if code is None:
            raise SignInStateLost
        return code_step(person, code)


async def get_waiting(
    uow: UnitOfWork,
    login_cookie: str,
    stage: Stage | None,
    parts: SignInParts,
    *,
    lock: bool = False,
) -> WaitingSignIn:
    """The waiting record behind a cookie, at this stage. Raises SignInStateLost."""
    secret_hash = hash_of(require_secret(login_cookie))
    waiting = await uow.sign_ins.find_waiting(secret_hash, parts.clock.now(), lock=lock)
    if waiting is None or stage not in (None, waiting.stage):
        raise SignInStateLost
    return waiting
