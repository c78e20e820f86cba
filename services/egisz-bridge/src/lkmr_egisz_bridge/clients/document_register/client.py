"""Asks the register of education documents (ФИС ФРДО) about one document."""

from http import HTTPStatus

import httpx2
import orjson
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import WorkerCard
from lkmr.egisz_bridge.v1.learning_service_pb2 import DocumentCheck, StudyDocument

from lkmr_egisz_bridge.clients.guard import BACKGROUND_SECONDS, Attempt, Guard
from lkmr_egisz_bridge.clients.http import OutsideFault, exchange
from lkmr_egisz_bridge.clients.json_fields import Unreadable, object_of, one_of, texts
from lkmr_servicekit.clock import Clock

_STATES = frozenset({"FOUND", "NOT_FOUND", "MISMATCH", "ANNULLED"})
_FIELDS = {
    "surname": "family_name",
    "name": "given_name",
    "patronymic": "patronymic",
    "birthDate": "birth_date",
    "snils": "snils",
    "type": "type",
    "series": "series",
    "number": "number",
    "issueDate": "issue_date",
    "issuer": "issuer",
    "hours": "hours",
}
_MAX_BYTES = 256 * 1024


class DocumentRegisterClient:
    """The port `DocumentRegister`."""

    def __init__(
        self, base_url: str, *, client: httpx2.AsyncClient, guard: Guard, clock: Clock
    ) -> None:
        self._url = base_url.rstrip("/") + "/frdo/v1/documents/check"
        self._client, self._guard, self._clock = client, guard, clock
        guard.probe = guard.probe_at(self._url, client)

    async def check(self, card: WorkerCard, document: StudyDocument) -> DocumentCheck:
        """What the register says now. Raises RegisterUnavailable."""

        async def work(attempt: Attempt) -> DocumentCheck:
            request = self._client.build_request(
                "POST",
                self._url,
                content=_query(card, document),
                headers={"content-type": "application/json"},
            )
            answer = await exchange(self._client, request, max_bytes=_MAX_BYTES, clock=self._clock)
            attempt.code = str(answer.status)
            if answer.status != HTTPStatus.OK:
                raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
            return check_of(answer.body)

        return await self._guard.call("check_document", work, seconds=BACKGROUND_SECONDS)


def check_of(body: bytes) -> DocumentCheck:
    """The answer as our message; names of fields that we do not know are left as they are.

    Raises OutsideFault ANSWER_UNREADABLE.
    """
    raw = object_of(body)
    try:
        state, fields = one_of(raw, "state", _STATES), texts(raw, "fields", most=50)
    except Unreadable:
        raise OutsideFault("ANSWER_UNREADABLE") from None
    return DocumentCheck(state=state, fields=[_FIELDS.get(one, one[:40]) for one in fields])


def _query(card: WorkerCard, document: StudyDocument) -> bytes:
    return orjson.dumps(
        {
            "snils": card.snils,
            "surname": card.family_name,
            "name": card.given_name,
            "patronymic": card.patronymic or None,
            "birthDate": card.birth_date,
            "type": document.type,
            "series": document.series,
            "number": document.number,
            "issueDate": document.issue_date,
            "issuer": document.issuer,
            "hours": document.hours or None,
        }
    )
