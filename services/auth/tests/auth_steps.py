"""Steps of sign-in that several tests take."""

from urllib.parse import parse_qs, urlsplit

import pytest
from auth_fakes import ORIGIN, World

from lkmr_auth.domain.sign_in import Browser, Step
from lkmr_auth.usecases.finish_sign_in import Callback, finish_sign_in
from lkmr_auth.usecases.start_limit import StartLimit
from lkmr_auth.usecases.start_sign_in import start_sign_in
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

BROWSER = Browser(
    address=Personal("192.0.2.7"),
    user_agent=Personal("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"),
    device="device-1",
)


async def begin(world: World, return_to: str = "/accreditations") -> tuple[str, str]:
    """Start a sign-in; gives cookie and state."""
    url, cookie = await start_sign_in(
        ORIGIN,
        return_to,
        "192.0.2.7",
        allowed_origins=frozenset({ORIGIN}),
        limit=StartLimit(1000),
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
