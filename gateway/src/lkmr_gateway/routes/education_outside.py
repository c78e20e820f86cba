"""What others say about studies, for programs: codes, files, confirmations, kept notices."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from lkmr_gateway import schemas_education as schemas
from lkmr_gateway import schemas_education_outside as outside
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.openapi import body_of, file_body
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.routes.accreditations import worker_of
from lkmr_gateway.routes.education import ROOT, EducationActs
from lkmr_gateway.routing import JSON, json_answer, router, signed_in, with_headers
from lkmr_gateway.schemas import NoQuery, PageQuery, read_query
from lkmr_servicekit.errors import FieldFault

CONFIRMATIONS, KEPT, CODES = (f"{ROOT}/{one}" for one in ("confirmations", "kept-notices", "codes"))
CONFIRMATION = ("worker", "certificate", "reason")
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class KeptQuery(PageQuery):
    """Those that wait, or closed ones."""

    resolved: bool = False


def api_routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """Below `/api/v1/education`: codes, files of certificates, confirmations, kept notices."""
    made = router(parts.gate, api=True)
    _own_routes(made, parts, acts)
    _file_routes(made, parts, acts)
    _confirmation_routes(made, parts, acts)
    _kept_routes(made, parts, acts)
    return made


def _own_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    @made.post(
        CODES,
        response_model=outside.CodeTaken,
        summary="Ввести код подтверждения мероприятия (ИКП)",
        openapi_extra=body_of(outside.CodeTyped),
    )
    async def redeem(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        code = typed_fields(exchange, "code")["code"]
        body = await parts.education_outside.redeem(worker_of(entry), code, entry.token)
        return Response(body, media_type=JSON)

    @made.post(
        f"{ROOT}/certificates/{{certificate}}/check",
        response_model=schemas.EducationCertificate,
        status_code=202,
        summary="Спросить ФИС ФРДО о документе, не чаще раза в час",
    )
    async def check(request: Request, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, certificate)
        body = await parts.education_outside.check(worker_of(entry), certificate, entry.token)
        return Response(body, 202, media_type=JSON)

    @made.get(
        f"{ROOT}/certificates/{{certificate}}/file",
        response_class=Response,
        summary="Файл документа об обучении",
    )
    async def file(request: Request, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, certificate)
        return await certificate_file(parts, entry, certificate)


def _file_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    @made.post(
        f"{ROOT}/certificate-proposals",
        response_model=outside.CertificateProposal,
        summary="Прочитать поля документа из файла, ничего не сохраняя",
        openapi_extra=file_body(),
    )
    async def propose(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return Response(await proposed(parts, exchange, entry), media_type=JSON)

    @made.post(
        f"{ROOT}/certificates/{{certificate}}/file",
        response_model=schemas.EducationCertificate,
        status_code=201,
        summary="Приложить файл документа",
        openapi_extra=file_body(),
    )
    async def attach(request: Request, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body = await attached(parts, acts, exchange, entry, certificate)
        return Response(body, 201, media_type=JSON)


async def proposed(parts: Parts, exchange: Exchange, entry: Entry) -> bytes:
    """Fields that a file seems to name, as JSON. Raises Refused, ServiceError."""
    content = await _content(exchange)
    async with parts.gate.heavy(entry):
        return await parts.education_outside.propose(worker_of(entry), content, entry.token)


async def attached(
    parts: Parts, acts: EducationActs, exchange: Exchange, entry: Entry, certificate: str
) -> bytes:
    """Keep the file of an own document; it as JSON. Raises Refused, ServiceError."""
    await acts.check(exchange, certificate)
    content = await _content(exchange)
    async with parts.gate.heavy(entry):
        return await parts.education_outside.attach(
            worker_of(entry), certificate, content, entry.token
        )


async def _content(exchange: Exchange) -> AsyncIterator[bytes]:
    """The bytes of the one file of a form. Raises Refused without one."""
    form = exchange.upload
    if form is not None:
        exchange.fields = await form.fields()
        typed_fields(exchange)
    if form is None or not form.file_name:
        fault = FieldFault("file", "REQUIRED", "Выберите файл.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    return form.content()


async def certificate_file(parts: Parts, entry: Entry, certificate: str) -> Response:
    """The file as a download, byte by byte as it came."""
    portions = parts.education_outside.file(worker_of(entry), certificate, entry.token)
    first = await anext(portions)  # a refusal must come before the answer begins

    async def body() -> AsyncIterator[bytes]:
        yield first.content
        async for one in portions:
            yield one.content

    name = f"certificate-{certificate}.{_ENDINGS[first.media_type]}"
    answer = StreamingResponse(
        body(),
        media_type=first.media_type,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "content-length": str(first.size),
        },
    )
    return with_headers(answer, FILE_POLICY)


def _confirmation_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    @made.get(
        CONFIRMATIONS,
        response_model=outside.ConfirmationPage,
        summary="Документы сотрудников, которые ждут подтверждения кадровой службы",
    )
    async def confirmations(request: Request, _: Annotated[PageQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(PageQuery, exchange.query)
        found = await parts.education_outside.confirmations(
            entry.token, page_size=asked.page_size, page_token=asked.page_token
        )
        return json_answer(exchange, *found)

    @made.post(
        CONFIRMATIONS,
        response_model=schemas.EducationActivity,
        status_code=201,
        summary="Подтвердить документ сотрудника без реестра",
        openapi_extra=body_of(outside.NewConfirmation),
    )
    async def confirm(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body = await confirmed(parts, acts, exchange, entry, typed_fields(exchange, *CONFIRMATION))
        return Response(body, 201, media_type=JSON)


async def confirmed(
    parts: Parts, acts: EducationActs, exchange: Exchange, entry: Entry, typed: dict[str, str]
) -> bytes:
    """Vouch for a document; the activity as JSON. Raises Refused, ServiceError."""
    await acts.check(exchange, typed["worker"], typed["certificate"])
    return await parts.education.confirm(
        typed["worker"],
        typed["certificate"],
        typed["reason"],
        request_id_of(exchange),
        entry.token,
    )


def _kept_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    @made.get(
        KEPT,
        response_model=outside.KeptNoticePage,
        summary="Сведения портала НМО, которые не удалось принять",
    )
    async def kept(request: Request, _: Annotated[KeptQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(KeptQuery, exchange.query)
        found = await parts.education_outside.kept(
            entry.token,
            resolved=asked.resolved,
            page_size=asked.page_size,
            page_token=asked.page_token,
        )
        return json_answer(exchange, *found)

    @made.post(f"{KEPT}/{{notice}}/replay", status_code=204, summary="Принять сведения повторно")
    async def replay(request: Request, notice: str) -> Response:
        exchange, entry = signed_in(request)
        await _check(exchange, acts, notice)
        await parts.education_outside.replay(notice, entry.token)
        return Response(status_code=204)

    @made.post(f"{KEPT}/{{notice}}/dismiss", status_code=204, summary="Закрыть сведения без учёта")
    async def dismiss(request: Request, notice: str) -> Response:
        exchange, entry = signed_in(request)
        await _check(exchange, acts, notice)
        await parts.education_outside.dismiss(notice, entry.token)
        return Response(status_code=204)


async def _check(exchange: Exchange, acts: EducationActs, notice: str) -> Any:
    read_query(NoQuery, exchange.query)
    typed_fields(exchange)
    await acts.check(exchange, notice)
