"""Steps of sign-in that several tests take."""

from urllib.parse import parse_qs, urlsplit

import pytest
from auth_fakes import World
from auth_outside_fakes import FakeHasher
from auth_samples import DOCTOR, ORIGIN

from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import Browser, SessionStep, Step
from lkmr_auth.usecases.finish_sign_in import Callback, finish_sign_in
from lkmr_auth.usecases.resolve_session import resolve_session
from lkmr_auth.usecases.start_limit import StartLimit
from lkmr_auth.usecases.start_sign_in import start_sign_in
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.personal import Personal

BROWSER = Browser(
    address=Personal("192.0.2.7"),
    user_agent=Personal("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"),
    device="device-1",
)

NO_PASSWORD = Personal("")
PASSWORD = Personal("Kabinet-2026!")


async def begin(
    world: World, return_to: str = "/accreditations", limit: StartLimit | None = None
) -> tuple[str, str]:
    """Start a sign-in; gives cookie and state."""
    url, cookie = await start_sign_in(
        ORIGIN,
        return_to,
        "192.0.2.7",
        allowed_origins=frozenset({ORIGIN}),
        limit=limit or StartLimit(1000),
        parts=world.sign_in,
    )
    return cookie, parse_qs(urlsplit(url).query)["state"][0]


def back(cookie: str, state: str, **changes: str) -> Callback:
    values = {"code": "code-1", "error": "", "error_description": ""} | changes
    return Callback(login_cookie=cookie, state=state, browser=BROWSER, **values)


async def sign_in(world: World) -> Step:
    return await finish_sign_in(back(*await begin(world)), parts=world.sign_in)


async def refusal(world: World) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await sign_in(world)
    return refused.value


async def signed_in(*, password: bool = False) -> tuple[World, bytes]:
    world = World()
    person = world.store.person(DOCTOR)
    step = await sign_in(world)
    assert isinstance(step, SessionStep)
    if password:
        async with world.store() as uow:
            hashed = await FakeHasher().hash(PASSWORD)
            await uow.passwords.save(PersonId(person.id), hashed, world.clock.now())
            await uow.commit()
    return world, hash_of(step.session_cookie)


async def assurance(world: World, session: bytes) -> str:
    parts = await world.sessions()

    async def keys() -> dict[str, bytes]:
        return parts.keys.published()

    resolved = await resolve_session(session, "device-1", parts=parts)
    caller = await TokenVerifier(keys, world.clock).verify(resolved.caller_token)
    assert caller.assurance == resolved.assurance.value
    return caller.assurance
