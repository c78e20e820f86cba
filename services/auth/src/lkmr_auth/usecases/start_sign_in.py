"""Begin a sign-in."""

import uuid

from lkmr_auth.domain.session import hash_of, new_secret
from lkmr_auth.domain.sign_in import SignIn, require_origin, safe_return_to
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.start_limit import StartLimit


async def start_sign_in(
    origin: str,
    return_to: str,
    address: str,
    *,
    allowed_origins: frozenset[str],
    limit: StartLimit,
    parts: SignInParts,
) -> tuple[str, str]:
    """Open a record and give the address of ESIA and the secret of the record.

    ESIA is looked at first, so that a person sees our explanation instead of a dead page.
    Raises SignInRateLimited, OriginUnknown, EsiaUnavailable, EsiaMaintenance, EsiaOverloaded.
    """
    with step("start"):
        limit.take(address)
        require_origin(origin, allowed_origins)
        await parts.esia.probe()
        secret = new_secret()
        record = SignIn(
            id=uuid.uuid4(),
            secret_hash=hash_of(secret),
            state=str(uuid.uuid4()),
            origin=origin,
            return_to=safe_return_to(return_to),
            create_time=parts.clock.now(),
        )
        url = await parts.esia.authorization_url(record.state, record.redirect_uri)
        async with parts.new_uow() as uow:
            await limit.take_everywhere(address, uow.starts, record.create_time)
            await uow.sign_ins.add(record)
            await uow.commit()
        return url, secret
