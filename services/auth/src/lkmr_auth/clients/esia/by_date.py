"""The way to ESIA that changes on a day: own signature until then, a certified gateway from it on.

Source: a system with data of more than 100 000 people connects to ESIA through certified
cryptography; the day comes by the setting `esia_direct_until`, warned of in the cabinet before.
"""

from dataclasses import dataclass
from datetime import date

from lkmr_auth.domain.errors import EsiaRequestRefused
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens
from lkmr_auth.domain.health import EsiaHealth
from lkmr_auth.usecases.outside_ports import Esia
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ByDate:
    """The port `Esia`. `last_day` is the last one of `before`; without `after` it closes."""

    before: Esia
    after: Esia | None
    last_day: date
    clock: Clock

    @property
    def way(self) -> Esia:
        """The way of today. Raises EsiaRequestRefused when there is none."""
        if day_in(MOSCOW, self.clock.now()) <= self.last_day:
            return self.before
        if self.after is None:
            raise EsiaRequestRefused
        return self.after

    async def probe(self) -> None:
        await self.way.probe()

    async def authorization_url(self, state: str, redirect_uri: str) -> str:
        return await self.way.authorization_url(state, redirect_uri)

    async def exchange(self, code: str, redirect_uri: str) -> EsiaSignIn:
        return await self.way.exchange(code, redirect_uri)

    async def fetch_person(self, oid: str, tokens: EsiaTokens) -> tuple[EsiaPerson, EsiaTokens]:
        return await self.way.fetch_person(oid, tokens)

    async def refresh(self, tokens: EsiaTokens) -> EsiaTokens:
        return await self.way.refresh(tokens)

    def refusal(self, error: str, description: str) -> Refusal:
        return self.way.refusal(error, description)

    def logout_url(self, return_url: str) -> str:
        return self.way.logout_url(return_url)

    def health(self) -> EsiaHealth:
        return self.way.health()
