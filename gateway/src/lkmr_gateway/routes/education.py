"""«Обучение (НМО)» for programs: progress, activities, documents."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from lkmr_gateway import schemas_education as schemas
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import worker_of
from lkmr_gateway.routing import JSON, json_answer, router, signed_in
from lkmr_gateway.schemas import NoQuery, PageQuery, read_query
from lkmr_servicekit.errors import Category, ServiceError

ROOT = "/api/v1/education"
FIELDS = (
    "kind",
    "title",
    "organizer",
    "start_date",
    "end_date",
    "hours",
    "specialty",
    "form",
    "place",
    "level",
    "attestation",
)
STEP = ("to", "reason", "start_date", "end_date")
DOCUMENT = ("type", "series", "number", "issue_date", "issuer", "hours")


class ActivityQuery(PageQuery):
    """Which activities."""

    state: schemas.ActivityState | Literal[""] = ""


class EducationActs:
    """Reads and writes of the signed-in worker; foreign and unknown objects look the same."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def summary(self, entry: Entry) -> tuple[bytes, str]:
        """Progress. Raises Refused, ServiceError."""
        return await self._parts.education.summary(worker_of(entry), entry.token)

    async def activity(self, exchange: Exchange, entry: Entry, identity: str) -> tuple[bytes, str]:
        """One activity. Raises Refused."""
        await self.check(exchange, identity)
        try:
            return await self._parts.education.activity(worker_of(entry), identity, entry.token)
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def create(self, exchange: Exchange, entry: Entry, fields: dict[str, str]) -> bytes:
        """Register an activity. Raises Refused, ServiceError."""
        return await self._parts.education.create(
            worker_of(entry), fields, request_id_of(exchange), entry.token
        )

    async def advance(
        self, exchange: Exchange, entry: Entry, identity: str, fields: dict[str, str]
    ) -> bytes:
        """Take a step. Raises Refused, ServiceError."""
        await self.check(exchange, identity)
        try:
            return await self._parts.education.advance(
                worker_of(entry), identity, fields, request_id_of(exchange), entry.token
            )
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def add_certificate(
        self, exchange: Exchange, entry: Entry, identity: str, fields: dict[str, str]
    ) -> bytes:
        """Add a document. Raises Refused, ServiceError."""
        await self.check(exchange, identity)
        try:
            return await self._parts.education.add_certificate(
                worker_of(entry), identity, fields, request_id_of(exchange), entry.token
            )
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def check(self, exchange: Exchange, *identities: str) -> None:
        """Ids that cannot exist are answered like unknown ones. Raises Refused."""
        if not all(is_uuid(one) for one in identities):
            await self._parts.gate.record(exchange, exchange.route, "ACTIVITY_NOT_FOUND")
            raise Refused(problem("ACTIVITY_NOT_FOUND"))

    async def _answer(self, exchange: Exchange, identity: str, fault: ServiceError) -> Exception:
        """The fault itself; an object outside the caller's scope is journalled first."""
        if fault.category is not Category.NOT_FOUND:
            return fault
        await self._parts.gate.record(exchange, f"activities/{identity}", "ACTIVITY_NOT_FOUND")
        return Refused(problem("ACTIVITY_NOT_FOUND"))


def api_routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """`/api/v1/education…`."""
    made = router(parts.gate, api=True)

    @made.get(
        f"{ROOT}/summary", response_model=schemas.EducationSummary, summary="Ход обучения (НМО)"
    )
    async def summary(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await acts.summary(entry))

    @made.get(f"{ROOT}/activities", response_model=schemas.ActivityPage, summary="Моё обучение")
    async def activities(request: Request, _: Annotated[ActivityQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(ActivityQuery, exchange.query)
        body, etag = await parts.education.activities(
            worker_of(entry),
            entry.token,
            page_size=asked.page_size,
            page_token=asked.page_token,
            states=[asked.state] if asked.state else [],
        )
        return json_answer(exchange, body, etag)

    @made.post(
        f"{ROOT}/activities",
        response_model=schemas.EducationActivity,
        status_code=201,
        summary="Записать обучение",
        openapi_extra=body_of(schemas.NewActivity),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body = await acts.create(exchange, entry, typed_fields(exchange, *FIELDS))
        return Response(body, 201, media_type=JSON)

    @made.get(
        f"{ROOT}/activities/{{activity}}",
        response_model=schemas.EducationActivity,
        summary="Одно обучение с историей",
    )
    async def activity(request: Request, activity: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await acts.activity(exchange, entry, activity))

    @made.post(
        f"{ROOT}/activities/{{activity}}/advance",
        response_model=schemas.EducationActivity,
        summary="Сделать следующий шаг или перенести",
        openapi_extra=body_of(schemas.ActivityStep),
    )
    async def advance(request: Request, activity: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        fields = typed_fields(exchange, *STEP)
        return Response(await acts.advance(exchange, entry, activity, fields), media_type=JSON)

    @made.post(
        f"{ROOT}/activities/{{activity}}/certificates",
        response_model=schemas.EducationActivity,
        status_code=201,
        summary="Внести полученный документ",
        openapi_extra=body_of(schemas.NewCertificate),
    )
    async def add_certificate(request: Request, activity: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        fields = typed_fields(exchange, *DOCUMENT)
        body = await acts.add_certificate(exchange, entry, activity, fields)
        return Response(body, 201, media_type=JSON)

    @made.get(
        f"{ROOT}/certificates", response_model=schemas.CertificatePage, summary="Мои документы"
    )
    async def certificates(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await parts.education.certificates(worker_of(entry), entry.token)
        return json_answer(exchange, body, etag)

    return made
