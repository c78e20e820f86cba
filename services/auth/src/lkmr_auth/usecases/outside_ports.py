"""What the use cases need from systems outside: ESIA, registers, messages, slow hashes."""

from typing import Protocol

from lkmr_auth.domain.activation import ApprovalState
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens
from lkmr_auth.domain.health import EsiaHealth
from lkmr_auth.domain.identity import IdentityCheck, WorkerCard
from lkmr_auth.domain.lapse import Lapse
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal


class Esia(Protocol):
    """ESIA (ЕСИА): directly, or through a certified gateway."""

    async def probe(self) -> None:
        """Raises EsiaUnavailable, EsiaMaintenance, EsiaOverloaded."""
        ...

    async def authorization_url(self, state: str, redirect_uri: str) -> str:
        """Where the browser goes, with the signed request."""
        ...

    async def exchange(self, code: str, redirect_uri: str) -> EsiaSignIn:
        """Exchange the code of a callback and check what came.

        Raises EsiaCodeRefused, EsiaRequestRefused, EsiaAnswerRefused, EsiaDenied, EsiaUnavailable,
        EsiaMaintenance, EsiaOverloaded, AccountNotConfirmed, SecondFactorRefused.
        """
        ...

    async def fetch_person(self, oid: str, tokens: EsiaTokens) -> tuple[EsiaPerson, EsiaTokens]:
        """The data of a person who has just signed in, and the tokens to go on with.

        Raises as `exchange` does.
        """
        ...

    async def refresh(self, tokens: EsiaTokens) -> EsiaTokens:
        """Renew the tokens of a session. Raises as `exchange` does; EsiaCodeRefused is final."""
        ...

    def refusal(self, error: str, description: str) -> Refusal:
        """The refusal behind an error that came by the browser."""
        ...

    def logout_url(self, return_url: str) -> str:
        """Where the browser ends the session of ESIA."""
        ...

    def health(self) -> EsiaHealth:
        """What was seen last."""
        ...


class Registers(Protocol):
    """The state registers behind egisz-bridge."""

    async def check_identity(self, person: EsiaPerson, *, by_binding: bool) -> IdentityCheck:
        """Compare a person with the registers; the worker register is not asked `by_binding`.

        Raises IdentityCheckUnavailable.
        """
        ...

    async def find_card(self, worker_id: str, *, min_version: int) -> WorkerCard | None:
        """The present card; None when the register has none. Raises IdentityCheckUnavailable."""
        ...


class Admissions(Protocol):
    """The right of workers to practise, kept by the service of accreditations."""

    async def list_lapses(self, worker_id: str, *, min_version: int) -> tuple[Lapse, ...]:
        """Jobs of today whose accreditation is over, by a card of this version or a newer one.

        Raises ServiceError.
        """
        ...


class CodeSender(Protocol):
    """The sender of text messages (SMS)."""

    async def send(self, phone: Personal[str], text: Personal[str]) -> None:
        """Raises CodeNotDelivered."""
        ...


class Approvals(Protocol):
    """Questions to a person in the mobile application of Gosuslugi."""

    @property
    def offered(self) -> bool:
        """Whether the application can be asked at all."""
        ...

    async def ask(self, tokens: EsiaTokens, text: str, seconds: int) -> str:
        """Put a question; gives its id. Raises ApprovalUnavailable."""
        ...

    async def state(self, tokens: EsiaTokens, approval_id: str) -> ApprovalState:
        """Raises ApprovalUnavailable."""
        ...


class PasswordHasher(Protocol):
    """Slow one-way hashing of passwords."""

    async def hash(self, password: Personal[str]) -> str: ...

    async def fits(self, password_hash: str, password: Personal[str]) -> bool: ...
