"""What both ways to ESIA share: the look whether it answers, the checks of tokens, the counting."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from lkmr_auth.clients.esia.response import Answer, TokenAnswer, refusal_of_error
from lkmr_auth.clients.esia.transport import Transport
from lkmr_auth.domain.errors import EsiaAnswerRefused, EsiaUnavailable
from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.health import EsiaHealth
from lkmr_esia import (
    AccessClaims,
    IdClaims,
    TokenPolicy,
    TokenRefused,
    parse_esia_code,
    verify_access_token,
    verify_id_token,
)
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import counter, log

PROBE_SECONDS = 1.5
OK, UNAUTHORIZED = 200, 401
_SERVER_FAULT, _TOO_MANY = 500, 429

_faults = counter("lkmr_auth_esia_faults_total", "Refusals by ESIA", ("code",))


@dataclass(slots=True, kw_only=True)
class EitherWay:
    """`public_url` is where browsers reach what answers at the base address of the transport."""

    transport: Transport
    policy: TokenPolicy
    clock: Clock
    public_url: str
    _probing: asyncio.Task[Refusal | None] | None = None

    async def probe(self) -> None:
        """Look whether ESIA answers; all who ask meanwhile share the look.

        Nothing is remembered: a browser sent to a dead page cannot be called back, and recovery
        must show at once. Raises EsiaUnavailable, EsiaMaintenance, EsiaOverloaded.
        """
        if self._probing is None:
            self._probing = asyncio.create_task(self._probe())
            self._probing.add_done_callback(self._probed)
        refusal = await asyncio.shield(self._probing)
        if refusal is not None:
            raise refusal

    def _probed(self, _: asyncio.Task[Refusal | None]) -> None:
        self._probing = None

    async def _probe(self) -> Refusal | None:
        try:
            answer = await self.transport.call("HEAD", "/", seconds=PROBE_SECONDS)
            if self.serves(answer):
                return None
            # An answer to HEAD has no body, and only the body tells planned works from overload.
            answer = await self.transport.call("GET", "/", seconds=PROBE_SECONDS)
        except (EsiaUnavailable, EsiaAnswerRefused) as refusal:
            return refusal if isinstance(refusal, EsiaUnavailable) else None
        return None if self.serves(answer) else self.transport.refusal(answer)

    def refusal(self, error: str, description: str) -> Refusal:
        """The refusal behind an error that came by the browser."""
        code = parse_esia_code(description) or ""
        count(code, error)
        return refusal_of_error(error, code)

    def health(self) -> EsiaHealth:
        """What was seen last."""
        return self.transport.health

    def serves(self, answer: Answer) -> bool:
        """Whether an answer is one of a system that works."""
        return answer.status < _SERVER_FAULT and answer.status != _TOO_MANY

    def verify(self, found: TokenAnswer) -> tuple[AccessClaims, IdClaims | None]:
        """The claims of tokens that pass all checks. Raises EsiaAnswerRefused."""
        now = self.moment()
        try:
            access = verify_access_token(found.access_token, policy=self.policy, now=now)
            if not found.id_token:
                return access, None
            identity = verify_id_token(found.id_token, policy=self.policy, now=now, access=access)
        except TokenRefused as refused:
            log.error("esia.token_refused", reason=refused.reason.value)
            count(refused.reason.value, "token")
            raise EsiaAnswerRefused from None
        return access, identity

    def moment(self) -> datetime:
        """Our clock."""
        return self.clock.now()


def tokens_made(found: TokenAnswer, access: AccessClaims) -> EsiaTokens:
    """Checked tokens as a session keeps them."""
    return EsiaTokens(
        access_token=Personal(found.access_token),
        refresh_token=Personal(found.refresh_token),
        expire_time=access.expire_time,
    )


def count(code: str, otherwise: str) -> None:
    """Count a refusal by its code of ESIA, or by a word of ours when it has none."""
    known = code or (otherwise if otherwise.isidentifier() and len(otherwise) < 40 else "unknown")  # noqa: PLR2004 - labels stay few
    _faults.labels(known).inc()
    log.warning("esia.refused", code=known)
