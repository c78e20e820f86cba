"""Requests to ESIA: what is sent, and the signature over it.

Order of values, forms and names: methodical recommendations on the use of ESIA, appendix В.
"""

import asyncio
import base64
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from lkmr_auth.domain.errors import EsiaRequestRefused
from lkmr_esia import requests as strings
from lkmr_gost import Signer, SigningImpossible, certificate_hash
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.telemetry import log

AUTHORIZATION_PATH = "/aas/oauth2/v2/ac"
TOKEN_PATH = "/aas/oauth2/v3/te"  # noqa: S105 - a path
LOGOUT_PATH = "/idp/ext/Logout"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A form for the token endpoint, and the `state` that its answer must echo."""

    form: dict[str, str]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWriter:
    """Writes signed requests of one client system. Signing blocks, so it runs in a thread."""

    signer: Signer
    client_id: str
    scope: str
    scope_org: str = ""
    person_filter: str = ""
    _hash: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", certificate_hash(self.signer.certificate))

    async def authorization(self, state: str, redirect_uri: str, moment: datetime) -> str:
        """The query of `v2/ac`."""
        timestamp = _timestamp(moment)
        text = strings.authorization_string(
            client_id=self.client_id,
            scope=self.scope,
            scope_org=self.scope_org,
            timestamp=timestamp,
            state=state,
            redirect_uri=redirect_uri,
        )
        query = {
            "client_id": self.client_id,
            "client_secret": await self._sign(text),
            "client_certificate_hash": self._hash,
            "redirect_uri": redirect_uri,
            "scope": self.scope,
            "response_type": "code",
            "state": state,
            "access_type": "offline",
            "timestamp": timestamp,
        }
        if self.scope_org:
            query["scope_org"] = self.scope_org
        if self.person_filter:
            query["person_filter"] = base64.b64encode(self.person_filter.encode()).decode()
        return urlencode(query)

    async def code_exchange(self, code: str, redirect_uri: str, moment: datetime) -> TokenRequest:
        """The form of `v3/te` that exchanges a code, with a `state` of its own."""
        state, timestamp = str(uuid.uuid4()), _timestamp(moment)
        text = strings.code_exchange_string(
            client_id=self.client_id,
            scope=self.scope,
            scope_org=self.scope_org,
            timestamp=timestamp,
            state=state,
            redirect_uri=redirect_uri,
            code=code,
        )
        form = self._form(state, timestamp) | {
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
            "client_secret": await self._sign(text),
        }
        return TokenRequest(form=form, state=state)

    async def refresh(
        self, refresh_token: str, redirect_uri: str, moment: datetime
    ) -> TokenRequest:
        """The form of `v3/te` that renews tokens: the reading that is tried first."""
        state, timestamp = str(uuid.uuid4()), _timestamp(moment)
        text = strings.refresh_string(
            client_id=self.client_id,
            scope=self.scope,
            scope_org=self.scope_org,
            timestamp=timestamp,
            state=state,
            redirect_uri=redirect_uri,
        )
        form = self._form(state, timestamp) | {
            "grant_type": "refresh_token",
            "redirect_uri": redirect_uri,
            "refresh_token": refresh_token,
            "client_secret": await self._sign(text),
        }
        return TokenRequest(form=form, state=state)

    async def refresh_other_reading(self, refresh_token: str, moment: datetime) -> TokenRequest:
        """The other reading of the recommendations: the token is signed, the hash is not sent."""
        state, timestamp = str(uuid.uuid4()), _timestamp(moment)
        text = strings.refresh_string_with_token(
            client_id=self.client_id,
            scope=self.scope,
            timestamp=timestamp,
            state=state,
            refresh_token=refresh_token,
        )
        form = {
            "client_id": self.client_id,
            "scope": self.scope,
            "timestamp": timestamp,
            "state": state,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_secret": await self._sign(text),
        }
        return TokenRequest(form=form, state=state)

    def _form(self, state: str, timestamp: str) -> dict[str, str]:
        form = {
            "client_id": self.client_id,
            "client_certificate_hash": self._hash,
            "scope": self.scope,
            "timestamp": timestamp,
            "state": state,
            "token_type": "Bearer",
        }
        return form | ({"scope_org": self.scope_org} if self.scope_org else {})

    async def _sign(self, text: str) -> str:
        try:
            signature = await asyncio.to_thread(self.signer.sign, text.encode())
        except SigningImpossible as fault:
            log.error("esia.signing_failed", kind=type(fault).__name__)
            raise EsiaRequestRefused from None
        return strings.encode_secret(signature)


def _timestamp(moment: datetime) -> str:
    return strings.format_timestamp(moment.astimezone(MOSCOW))
