"""Applications by the forms F1…F9 for programs: drafts, steps, decisions of heads."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation_pb

from lkmr_gateway import schemas_applications as schemas
from lkmr_gateway.body import read_json, typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import extract_answer, worker_of
from lkmr_gateway.routing import JSON, json_answer, router, signed_in
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import Category, FieldFault, ServiceError

ROOT = "/api/v1/applications"
STAFF = "/api/v1/staff/applications"
WORKER_ACTS = {
    "submit": "SUBMIT",
    "ask-agreement": "ASK_AGREEMENT",
    "revise": "REVISE",
    "withdraw": "WITHDRAW",
    "appeal": "APPEAL",
    "grant": "GRANT",
    "deny": "DENY",
}
STAFF_ACTS = {"take": "TAKE", "finish": "FINISH", "refuse": "REFUSE"}
DECISIONS = {"AGREE": "AGREE", "REFUSE": "REFUSE_AGREEMENT"}
_MAX_ANSWERS, _MAX_ANSWER = 60, 4000


class ApplicationActs:
    """Reads and writes; foreign and unknown applications look the same and are journalled."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def read(self, exchange: Exchange, entry: Entry, identity: str) -> tuple[bytes, str]:
        """One's own. Raises Refused, ServiceError."""
        await self._check(exchange, identity)
        try:
            return await self._parts.applications.read(worker_of(entry), identity, entry.token)
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def create(
        self, exchange: Exchange, entry: Entry, form: str, specialty: str, answers: dict[str, str]
    ) -> tuple[bytes, str]:
        """Begin a draft. Raises Refused, ServiceError."""
        return await self._parts.applications.create(
            worker_of(entry),
            form=form,
            specialty=specialty,
            answers=answers,
            request_id=request_id_of(exchange),
            token=entry.token,
        )

    async def update(
        self,
        exchange: Exchange,
        entry: Entry,
        identity: str,
        answers: dict[str, str],
        version: int,
    ) -> tuple[bytes, str]:
        """Keep answers. Raises Refused, ServiceError."""
        await self._check(exchange, identity)
        try:
            return await self._parts.applications.update(
                worker_of(entry), identity, answers, version, entry.token
            )
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def advance(
        self, exchange: Exchange, entry: Entry, identity: str, act: str, reason: str
    ) -> bytes:
        """Take a step. Raises Refused, ServiceError."""
        await self._check(exchange, identity)
        try:
            return await self._parts.applications.advance(
                worker_of(entry),
                identity,
                act=act,
                reason=reason,
                version=version_in(exchange),
                request_id=request_id_of(exchange),
                token=entry.token,
            )
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def staff_read(
        self, exchange: Exchange, entry: Entry, identity: str
    ) -> tuple[bytes, str]:
        """One that waits for the caller. Raises Refused, ServiceError."""
        await self._check(exchange, identity)
        try:
            return await self._parts.applications.staff_read(identity, entry.token)
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def staff_create(
        self,
        exchange: Exchange,
        entry: Entry,
        worker: str,
        *,
        form: str,
        specialty: str,
        answers: dict[str, str],
    ) -> bytes:
        """Enter one for a member of the staff. Raises Refused, ServiceError."""
        if is_uuid(worker):
            try:
                return await self._parts.applications.staff_create(
                    worker,
                    form=form,
                    specialty=specialty,
                    answers=answers,
                    request_id=request_id_of(exchange),
                    token=entry.token,
                )
            except ServiceError as fault:
                if fault.category is not Category.NOT_FOUND:
                    raise
        target = f"workers/{worker}" if is_uuid(worker) else exchange.route
        await self._parts.gate.record(exchange, target, "STAFF_MEMBER_NOT_FOUND")
        raise Refused(problem("STAFF_MEMBER_NOT_FOUND"))

    async def staff_extract(
        self, exchange: Exchange, entry: Entry, identity: str
    ) -> accreditation_pb.Extract:
        """The extract to which a member of the staff agreed. Raises Refused, ServiceError."""
        await self._check(exchange, identity)
        try:
            return await self._parts.applications.staff_extract(
                identity, self._parts.public_origin, entry.token
            )
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def decide(
        self, exchange: Exchange, entry: Entry, identity: str, act: str, reason: str
    ) -> bytes:
        """Decide. Raises Refused, ServiceError."""
        await self._check(exchange, identity)
        try:
            return await self._parts.applications.decide(
                identity,
                act=act,
                reason=reason,
                version=version_in(exchange),
                request_id=request_id_of(exchange),
                token=entry.token,
            )
        except ServiceError as fault:
            raise await self._answer(exchange, identity, fault) from None

    async def _check(self, exchange: Exchange, identity: str) -> None:
        if not is_uuid(identity):
            await self._parts.gate.record(exchange, exchange.route, "APPLICATION_NOT_FOUND")
            raise Refused(problem("APPLICATION_NOT_FOUND"))

    async def _answer(self, exchange: Exchange, identity: str, fault: ServiceError) -> Exception:
        if fault.category is not Category.NOT_FOUND:
            return fault
        target = f"applications/{identity}"
        await self._parts.gate.record(exchange, target, "APPLICATION_NOT_FOUND")
        return Refused(problem("APPLICATION_NOT_FOUND"))


def version_in(exchange: Exchange) -> int:
    """The version of `If-Match`; 0 without one. Raises Refused for what is no version."""
    given = exchange.header(b"if-match").strip().strip('"').removeprefix("W/").strip('"')
    if not given or given == "*":
        return 0
    if not given.isdecimal() or len(given) > 18:  # noqa: PLR2004 - digits of a 64-bit number
        raise Refused(problem("APPLICATION_CHANGED"))
    return int(given)


def object_in(exchange: Exchange, *names: str) -> dict[str, Any]:
    """A JSON object with these members only. Raises Refused."""
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    if exchange.body and kind != JSON:
        raise Refused(problem("CONTENT_TYPE_UNSUPPORTED"))
    given = read_json(exchange.body) if exchange.body else {}
    if not isinstance(given, dict):
        raise Refused(problem("REQUEST_UNREADABLE"))
    unknown = [one for one in given if one not in names]
    if unknown:
        faults = [FieldFault(one, "UNKNOWN_FIELD", "Такого поля нет.") for one in unknown]
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return given


def answers_in(given: object) -> dict[str, str]:
    """Answers by name of field, each a text or a truth value. Raises Refused."""
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > _MAX_ANSWERS:
        fault = FieldFault("answers", "INVALID", "Нужны ответы по именам полей.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    made, faults = {}, []
    for name, value in given.items():
        text = {True: "yes", False: ""}.get(value, value) if isinstance(value, bool) else value
        if not isinstance(text, str) or len(text) > _MAX_ANSWER or "\x00" in text:
            faults.append(FieldFault(name, "INVALID", "Значение не подходит."))
        else:
            made[name] = text
    if faults:
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return made


def text_in(given: dict[str, Any], name: str) -> str:
    """A short text member; empty without one. Raises Refused."""
    value = given.get(name) or ""
    if not isinstance(value, str) or len(value) > _MAX_ANSWER or "\x00" in value:
        fault = FieldFault(name, "INVALID", "Значение не подходит.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    return value


def api_routes(parts: Parts, acts: ApplicationActs) -> APIRouter:
    """`/api/v1/applications…`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/application-forms", response_model=schemas.FormList, summary="Формы F1…F9")
    async def forms(request: Request) -> Response:
        exchange, _ = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await parts.applications.forms())

    @made.get(ROOT, response_model=schemas.ApplicationPage, summary="Мои заявления")
    async def page(request: Request, _: Annotated[schemas.ApplicationQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(schemas.ApplicationQuery, exchange.query)
        body, etag = await parts.applications.page(
            worker_of(entry), entry.token, page_size=asked.page_size, page_token=asked.page_token
        )
        return json_answer(exchange, body, etag)

    @made.post(
        ROOT,
        response_model=schemas.Application,
        status_code=201,
        summary="Начать заявление",
        openapi_extra=body_of(schemas.NewApplication),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        given = object_in(exchange, "form", "specialty", "answers")
        body, etag = await acts.create(
            exchange,
            entry,
            text_in(given, "form"),
            text_in(given, "specialty"),
            answers_in(given.get("answers")),
        )
        return Response(body, 201, media_type=JSON, headers={"etag": f'"{etag}"'})

    @made.get(ROOT + "/{application}", response_model=schemas.Application, summary="Одно заявление")
    async def read(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await acts.read(exchange, entry, application))

    @made.patch(
        ROOT + "/{application}",
        response_model=schemas.Application,
        summary="Сохранить ответы черновика (If-Match — версия)",
        openapi_extra=body_of(schemas.Answers),
    )
    async def update(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        given = object_in(exchange, "answers")
        answers = answers_in(given.get("answers"))
        body, etag = await acts.update(exchange, entry, application, answers, version_in(exchange))
        return Response(body, media_type=JSON, headers={"etag": f'"{etag}"'})

    @made.delete(ROOT + "/{application}", status_code=204, summary="Удалить черновик")
    async def delete(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        await acts.advance(exchange, entry, application, "DELETE", "")
        return Response(status_code=204)

    @made.post(
        ROOT + "/{application}/{act}",
        response_model=schemas.Application,
        summary="Шаг: submit, ask-agreement, revise, withdraw (F7), appeal (F6), grant и deny (F3)",
        openapi_extra=body_of(schemas.Act),
    )
    async def advance(request: Request, application: str, act: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        if act not in WORKER_ACTS:
            raise Refused(problem("PAGE_NOT_FOUND"))
        reason = typed_fields(exchange, "reason")["reason"]
        body = await acts.advance(exchange, entry, application, WORKER_ACTS[act], reason)
        return Response(body, media_type=JSON)

    _add_staff(made, parts, acts)
    return made


def _add_staff(made: APIRouter, parts: Parts, acts: ApplicationActs) -> None:
    @made.get(STAFF, response_model=schemas.StaffApplicationPage, summary="Что ждёт моего решения")
    async def page(request: Request, _: Annotated[schemas.ApplicationQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(schemas.ApplicationQuery, exchange.query)
        body, etag = await parts.applications.staff_page(
            entry.token, page_size=asked.page_size, page_token=asked.page_token
        )
        return json_answer(exchange, body, etag)

    @made.post(
        STAFF,
        response_model=schemas.StaffApplication,
        status_code=201,
        summary="Внести наставничество сотрудника (F8) или запросить его выписку (F3)",
        openapi_extra=body_of(schemas.NewStaffApplication),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        given = object_in(exchange, "form", "worker", "specialty", "answers")
        body = await acts.staff_create(
            exchange,
            entry,
            text_in(given, "worker"),
            form=text_in(given, "form"),
            specialty=text_in(given, "specialty"),
            answers=answers_in(given.get("answers")),
        )
        return Response(body, 201, media_type=JSON)

    @made.get(
        STAFF + "/{application}",
        response_model=schemas.StaffApplication,
        summary="Одно заявление сотрудника",
    )
    async def read(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await acts.staff_read(exchange, entry, application))

    @made.get(
        STAFF + "/{application}/extract.pdf",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}, "description": "PDF/A-2b"}},
        summary="Выписка сотрудника, на которую он согласился (F3)",
    )
    async def extract(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        async with parts.gate.heavy(entry):
            made_extract = await acts.staff_extract(exchange, entry, application)
        return extract_answer(exchange, made_extract)

    @made.post(
        STAFF + "/{application}/agreement",
        response_model=schemas.StaffApplication,
        summary="Согласовать отчёт или отказать с причиной (F2), со вторым фактором",
        openapi_extra=body_of(schemas.Decision),
    )
    async def agree(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        given = typed_fields(exchange, "decision", "reason")
        act = DECISIONS.get(given["decision"], given["decision"])
        body = await acts.decide(exchange, entry, application, act, given["reason"])
        return Response(body, media_type=JSON)

    @made.post(
        STAFF + "/{application}/{act}",
        response_model=schemas.StaffApplication,
        summary="Шаг кадровой службы: take, finish, refuse",
        openapi_extra=body_of(schemas.Act),
    )
    async def decide(request: Request, application: str, act: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        if act not in STAFF_ACTS:
            raise Refused(problem("PAGE_NOT_FOUND"))
        reason = typed_fields(exchange, "reason")["reason"]
        body = await acts.decide(exchange, entry, application, STAFF_ACTS[act], reason)
        return Response(body, media_type=JSON)
