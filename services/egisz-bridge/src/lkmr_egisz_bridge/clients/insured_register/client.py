"""Calls to the register of insured people (ФЕРЗЛ)."""

import uuid
from datetime import date
from http import HTTPStatus

import httpx2
from pydantic import SecretStr

from lkmr_egisz_bridge.clients.guard import Attempt, Guard
from lkmr_egisz_bridge.clients.http import OutsideFault, exchange
from lkmr_egisz_bridge.clients.insured_register.request import PATH, person_data_request
from lkmr_egisz_bridge.clients.insured_register.response import policies_of
from lkmr_servicekit.clock import MOSCOW, Clock

_MAX_BYTES = 1024**2
_ANSWERS = {HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR}


class InsuredRegisterClient:
    """The port `InsuredRegister` over SOAP."""

    def __init__(
        self,
        base_url: str,
        *,
        version: str,
        token: SecretStr,
        client: httpx2.AsyncClient,
        guard: Guard,
        clock: Clock,
    ) -> None:
        self._url = base_url.rstrip("/") + PATH.format(version=version)
        self._version, self._token, self._clock = version, token, clock
        self._client, self._guard = client, guard
        guard.probe = self._probe

    async def policies(self, snils: str, birth_date: date) -> frozenset[str]:
        """Policy numbers of a person, found by SNILS and birth date. Raises RegisterUnavailable."""
        request_id = uuid.uuid4()
        content = person_data_request(
            snils,
            birth_date,
            version=self._version,
            request_id=request_id,
            moment=self._clock.now().astimezone(MOSCOW),
        )

        async def work(attempt: Attempt) -> frozenset[str]:
            request = self._client.build_request(
                "POST",
                self._url,
                content=content,
                headers={
                    "content-type": "text/xml; charset=utf-8",
                    "soapaction": '"getPersonData"',
                    "x-auth-token": self._token.get_secret_value(),
                },
            )
            answer = await exchange(
                self._client,
                request,
                max_bytes=_MAX_BYTES,
                clock=self._clock,
                may_carry_fault=True,
            )
            attempt.code = str(answer.status)
            if answer.status not in _ANSWERS:
                raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
            numbers = policies_of(answer.body, str(request_id))
            if answer.status != HTTPStatus.OK and numbers:
                raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
            attempt.result = "OK" if numbers else "NOT_FOUND"
            return numbers

        return await self._guard.call("get_person_data", work)

    async def _probe(self) -> None:
        """Any answer below 500 shows that the service is there; no person is asked about."""

        async def work(attempt: Attempt) -> None:
            request = self._client.build_request("GET", self._url)
            answer = await exchange(self._client, request, max_bytes=_MAX_BYTES, clock=self._clock)
            attempt.code = str(answer.status)

        await self._guard.call("probe", work, seconds=1.0)
