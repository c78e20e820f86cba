"""Calls to the licence register."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx2
import orjson
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import Licence
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from lkmr_egisz_bridge.clients.guard import BACKGROUND_SECONDS, Attempt, Guard
from lkmr_egisz_bridge.clients.http import OutsideFault, exchange
from lkmr_egisz_bridge.domain.errors import CursorInvalid
from lkmr_egisz_bridge.usecases.ports import LicenceChanges
from lkmr_servicekit.clock import Clock

Query = Mapping[str, Sequence[str]]
_MAX_BYTES = 4 * 1024**2


class _Read(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class _Licence(_Read):
    number: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=40)
    organization_oid: str = Field(min_length=1, max_length=100)
    issuer: str = Field(default="", max_length=2000)
    issued_at: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
    state: str = Field(max_length=40)
    works: list[str] = Field(max_length=1000)


class _Found(_Read):
    items: list[_Licence] = Field(max_length=10_000)


class _Changed(_Read):
    number: str = Field(min_length=1, max_length=200)
    organization_oid: str = Field(min_length=1, max_length=100)


class _Changes(_Read):
    items: list[_Changed] = Field(max_length=10_000)
    next_cursor: str = Field(max_length=512)


class LicenceRegisterClient:
    """The port `LicenceRegister` over REST; licences are our messages from here on."""

    def __init__(
        self, base_url: str, *, client: httpx2.AsyncClient, guard: Guard, clock: Clock
    ) -> None:
        self._base = base_url.rstrip("/") + "/licences/v1"
        self._client, self._guard, self._clock = client, guard, clock
        guard.probe = self._probe

    async def of_organizations(self, oids: Sequence[str]) -> list[Licence]:
        """Licences of some organisations. Raises RegisterUnavailable."""
        return await self._find({"organizationOid": list(oids)})

    async def by_number(self, number: str) -> list[Licence]:
        """The licence with a number, none or one. Raises RegisterUnavailable."""
        return await self._find({"number": [number]})

    async def changes(self, cursor: str) -> LicenceChanges:
        """What was written after a cursor. Raises RegisterUnavailable, CursorInvalid."""

        async def work(attempt: Attempt) -> LicenceChanges | None:
            status, body = await self._get(attempt, "/changes", {"since": [cursor]})
            if cursor and status == HTTPStatus.BAD_REQUEST:
                return None
            read = _read(_Changes, status, body)
            return LicenceChanges(
                numbers=[one.number for one in read.items],
                organization_oids=list(dict.fromkeys(one.organization_oid for one in read.items)),
                cursor=read.next_cursor,
            )

        found = await self._guard.call("licence_changes", work, seconds=BACKGROUND_SECONDS)
        if found is None:
            raise CursorInvalid
        return found

    async def _find(self, query: Query) -> list[Licence]:
        async def work(attempt: Attempt) -> list[Licence]:
            status, body = await self._get(attempt, "/licences", query)
            return [_message(one) for one in _read(_Found, status, body).items]

        return await self._guard.call("find_licences", work, seconds=BACKGROUND_SECONDS)

    async def _probe(self) -> None:
        async def work(attempt: Attempt) -> None:
            _read(_Changes, *await self._get(attempt, "/changes", {}))

        await self._guard.call("probe", work, seconds=1.0)

    async def _get(self, attempt: Attempt, path: str, query: Query) -> tuple[int, bytes]:
        request = self._client.build_request("GET", self._base + path, params=query)
        answer = await exchange(self._client, request, max_bytes=_MAX_BYTES, clock=self._clock)
        attempt.code = str(answer.status)
        return answer.status, answer.body


def _read(kind: type[Any], status: int, body: bytes) -> Any:
    if status != HTTPStatus.OK:
        raise OutsideFault("ANSWER_UNEXPECTED", str(status))
    try:
        return kind.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        raise OutsideFault("ANSWER_UNREADABLE", str(status)) from None


def _message(one: _Licence) -> Licence:
    return Licence(
        number=one.number,
        kind=one.kind,
        organization_oid=one.organization_oid,
        issuer=one.issuer,
        issue_date=one.issued_at or "",
        expire_date=one.valid_to or "",
        state=one.state,
        works=one.works,
    )
