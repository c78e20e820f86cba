"""The port `Esia` over the protocol of ESIA, generation v2/v3."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from lkmr_auth.clients.esia.either_way import (
    OK,
    PROBE_SECONDS,
    UNAUTHORIZED,
    EitherWay,
    count,
    tokens_made,
)
from lkmr_auth.clients.esia.request import (
    AUTHORIZATION_PATH,
    LOGOUT_PATH,
    TOKEN_PATH,
    RequestWriter,
    TokenRequest,
)
from lkmr_auth.clients.esia.response import (
    CLOCK_WRONG,
    PASSING,
    SIGNATURE_WRONG,
    Answer,
    TokenAnswer,
    elements_of,
    http_date,
    person_of,
    refusal_of_token_answer,
    tokens_of,
)
from lkmr_auth.domain.errors import EsiaAnswerRefused, EsiaRequestRefused
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens
from lkmr_servicekit.telemetry import log

_FORBIDDEN, _NOT_FOUND, _SERVER_FAULT = 403, 404, 500
_MAX_LINKS = 20
_EMBEDDED = "contacts.elements,documents.elements"


@dataclass(slots=True, kw_only=True)
class EsiaClient(EitherWay):
    """Speaks with ESIA for one client system; `redirect_uri` is the address that renewals name."""

    writer: RequestWriter
    redirect_uri: str
    _offset: timedelta = timedelta()
    _other_reading: bool = False

    async def authorization_url(self, state: str, redirect_uri: str) -> str:
        query = await self.writer.authorization(state, redirect_uri, self.moment())
        return f"{self.public_url}{AUTHORIZATION_PATH}?{query}"

    async def exchange(self, code: str, redirect_uri: str) -> EsiaSignIn:
        found = await self._ask_tokens(
            lambda moment: self.writer.code_exchange(code, redirect_uri, moment), with_id=True
        )
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
        secret = tokens.refresh_token.open()
        readings: list[Callable[[datetime], Awaitable[TokenRequest]]] = [
            lambda moment: self.writer.refresh(secret, self.redirect_uri, moment),
            lambda moment: self.writer.refresh_other_reading(secret, moment),
        ]
        if self._other_reading:
            readings.reverse()
        try:
            found = await self._ask_tokens(readings[0], with_id=False)
        except EsiaRequestRefused as refusal:
            if refusal.metadata.get("esia_code") not in SIGNATURE_WRONG:
                raise
            found = await self._ask_tokens(readings[1], with_id=False)
            self._other_reading = not self._other_reading
            log.info("esia.refresh_reading", other=self._other_reading)
        access, _ = await asyncio.to_thread(self.verify, replace(found, id_token=""))
        return tokens_made(found, access)

    async def fetch_person(self, oid: str, tokens: EsiaTokens) -> tuple[EsiaPerson, EsiaTokens]:
        """Fetch a person with contacts and documents; one 401 renews the tokens once."""
        parts = await self._fetch_parts(oid, tokens.access_token.open())
        if parts is None:
            tokens = await self.refresh(tokens)
            parts = await self._fetch_parts(oid, tokens.access_token.open())
        if parts is None:
            raise EsiaAnswerRefused
        person, contacts, documents = parts
        return person_of(person, contacts, documents), tokens

    def logout_url(self, return_url: str) -> str:
        query = {"client_id": self.writer.client_id}
        if return_url:
            query["redirect_url"] = return_url
        return f"{self.public_url}{LOGOUT_PATH}?{urlencode(query)}"

    def moment(self) -> datetime:
        """Our clock, moved to that of ESIA once they were found to differ."""
        return self.clock.now() + self._offset

    async def _ask_tokens(
        self, write: Callable[[datetime], Awaitable[TokenRequest]], *, with_id: bool
    ) -> TokenAnswer:
        """Post once; only a refusal of the time, which uses nothing up, is tried once again."""
        request = await write(self.moment())
        answer = await self.transport.call("POST", TOKEN_PATH, form=request.form)
        offset = self._offset
        if answer.status != OK and answer.esia_code == CLOCK_WRONG:
            offset = await self._measured_offset()
            request = await write(self.clock.now() + offset)
            answer = await self.transport.call("POST", TOKEN_PATH, form=request.form)
        if answer.status != OK:
            refusal = refusal_of_token_answer(answer, self.clock.now())
            count(answer.esia_code, refusal.reason)
            raise refusal
        self._offset = offset
        return tokens_of(answer, request.state, with_id=with_id)

    async def _measured_offset(self) -> timedelta:
        answer = await self.transport.call("HEAD", "/", seconds=PROBE_SECONDS)
        moment = http_date(answer.headers.get("date", ""))
        if moment is None:
            raise EsiaRequestRefused(esia_code=CLOCK_WRONG)
        offset = moment - self.clock.now()
        log.warning("esia.clock_differs", seconds=round(offset.total_seconds()))
        return offset

    async def _fetch_parts(self, oid: str, token: str) -> tuple[Any, list[Any], list[Any]] | None:
        """Person, contacts, documents; None when the token is not taken (any more).

        One question for all three; what ESIA left out is asked for by itself, since a scope that
        was not granted may close the whole answer (403) or leave a part out of it.
        """
        base = f"/rs/prns/{oid}"
        person = await self._get(f"{base}?embed=({_EMBEDDED})", token)
        if person.status == _FORBIDDEN:
            person = await self._get(base, token)
        if person.status == UNAUTHORIZED:
            return None
        if person.status != OK:
            count(person.esia_code, "person")
            raise EsiaAnswerRefused
        whole = person.json()
        if not isinstance(whole, dict):
            raise EsiaAnswerRefused
        contacts, documents = await asyncio.gather(
            self._part(whole, "contacts", f"{base}/ctts?embed=(elements)", token),
            self._part(whole, "documents", f"{base}/docs?embed=(elements)", token),
        )
        return None if contacts is None or documents is None else (whole, contacts, documents)

    async def _part(
        self, whole: dict[str, Any], name: str, path: str, token: str
    ) -> list[Any] | None:
        """Objects of a collection; links of the same host are followed, 403 means not granted."""
        collection = whole.get(name)
        if collection is None:
            answer = await self._get(path, token)
            if answer.status == UNAUTHORIZED:
                return None
            if answer.status in (_FORBIDDEN, _NOT_FOUND):
                return []
            if answer.status != OK:
                raise EsiaAnswerRefused
            collection = answer.json()
        elements = elements_of(collection)
        found = [one for one in elements if isinstance(one, dict)]
        links = [one for one in elements if isinstance(one, str)][:_MAX_LINKS]
        paths = [path for link in links if (path := self._path_of(link))]
        answers = await asyncio.gather(*(self._get(path, token) for path in paths))
        return found + [one.json() for one in answers if one.status == OK]

    def _path_of(self, link: str) -> str:
        """The path of a link to ESIA itself; nothing for any other host."""
        try:
            parts = urlsplit(link)
            hosts = {urlsplit(self.transport.base_url).netloc, urlsplit(self.public_url).netloc}
        except ValueError:
            return ""
        inside = parts.netloc in hosts and parts.path.startswith("/rs/") and ".." not in parts.path
        return parts.path if inside else ""

    async def _get(self, path: str, token: str) -> Answer:
        """Read; a passing fault is tried once more."""
        answer = await self.transport.call("GET", path, bearer=token)
        if answer.status >= _SERVER_FAULT or answer.esia_code in PASSING:
            await asyncio.sleep(random.uniform(0.1, 0.3))  # noqa: S311 - jitter
            answer = await self.transport.call("GET", path, bearer=token)
        if not self.serves(answer):
            raise self.transport.refusal(answer)
        return answer
