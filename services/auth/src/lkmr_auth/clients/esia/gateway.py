"""The port `Esia` through a certified gateway («ЕСИА Шлюз»), which signs in our place.

New connections must use one (regulation of ЕСИА 2.47; own integrations end with 2026). The gateway
speaks plain OAuth 2 with a shared secret and passes ESIA's own tokens through, so that they are
checked here and at our edge exactly as those of the direct adapter. Where vendors differ is in one
place: `_Paths` and `_person_parts`.
"""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from lkmr_auth.clients.esia.either_way import OK, UNAUTHORIZED, EitherWay, count, tokens_made
from lkmr_auth.clients.esia.response import (
    TokenAnswer,
    elements_of,
    person_of,
    refusal_of_token_answer,
    relayed_tokens_of,
)
from lkmr_auth.domain.errors import EsiaAnswerRefused, EsiaRequestRefused
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens

PROVIDER = "esia_oauth"
_WRONG_CLIENT = 401


@dataclass(frozen=True, slots=True)
class _Paths:
    authorize: str = "/auth/authorize"
    token: str = "/auth/token"  # noqa: S105 - a path
    userinfo: str = "/auth/userinfo"
    logout: str = "/auth/logout"


PATHS = _Paths()


@dataclass(slots=True, kw_only=True)
class GatewayClient(EitherWay):
    """Speaks with one gateway for one client system; `public_url` is where browsers reach it."""

    client_id: str
    client_secret: SecretStr
    scope: str

    async def authorization_url(self, state: str, redirect_uri: str) -> str:
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "provider": PROVIDER,
            "scope": self.scope,
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self.public_url}{PATHS.authorize}?{urlencode(query)}"

    async def exchange(self, code: str, redirect_uri: str) -> EsiaSignIn:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        found = await self._ask(form, with_id=True)
        access, identity = await asyncio.to_thread(self.verify, found)
        if identity is None:
            raise EsiaAnswerRefused
        return EsiaSignIn(
            oid=identity.oid,
            confirmed=identity.confirmed,
            second_factor=identity.second_factor,
            tokens=tokens_made(found, access),
        )

    async def refresh(self, tokens: EsiaTokens) -> EsiaTokens:
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.open()}
        found = await self._ask(form, with_id=False)
        access, _ = await asyncio.to_thread(self.verify, found)
        return tokens_made(found, access)

    async def fetch_person(
        self,
        oid: str,  # noqa: ARG002 - the token itself says whose data they are
        tokens: EsiaTokens,
    ) -> tuple[EsiaPerson, EsiaTokens]:
        """Everything about the person in one answer; one 401 renews the tokens once."""
        info = await self._userinfo(tokens)
        if info is None:
            tokens = await self.refresh(tokens)
            info = await self._userinfo(tokens)
        if info is None:
            raise EsiaAnswerRefused
        return person_of(*_person_parts(info)), tokens

    def logout_url(self, return_url: str) -> str:
        query = {"client_id": self.client_id}
        if return_url:
            query["redirect_uri"] = return_url
        return f"{self.public_url}{PATHS.logout}?{urlencode(query)}"

    async def _ask(self, form: dict[str, str], *, with_id: bool) -> TokenAnswer:
        """Post once; a code that may have arrived is never sent again."""
        secret = self.client_secret.get_secret_value()
        whole = {"client_id": self.client_id, "client_secret": secret, **form}
        answer = await self.transport.call("POST", PATHS.token, form=whole)
        if answer.status == _WRONG_CLIENT:
            count(answer.esia_code, "gateway_secret")
            raise EsiaRequestRefused
        if answer.status != OK:
            refusal = refusal_of_token_answer(answer, self.clock.now())
            count(answer.esia_code, refusal.reason)
            raise refusal
        return relayed_tokens_of(answer, with_id=with_id)

    async def _userinfo(self, tokens: EsiaTokens) -> dict[str, Any] | None:
        token = tokens.access_token.open()
        answer = await self.transport.call("POST", PATHS.userinfo, bearer=token)
        if answer.status == UNAUTHORIZED:
            return None
        if not self.serves(answer):
            raise self.transport.refusal(answer)
        if answer.status != OK:
            count(answer.esia_code, "person")
            raise EsiaAnswerRefused
        content = answer.json()
        info = content.get("info") if isinstance(content, dict) else None
        if not isinstance(info, dict):
            raise EsiaAnswerRefused
        return info


def _person_parts(info: dict[str, Any]) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Person, contacts, documents; a collection whose scope was not given is absent."""
    return info, elements_of(info.get("contacts", {})), elements_of(info.get("documents", {}))
