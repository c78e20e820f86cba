"""Professional documents for programs: the own ones, and those of the staff."""

from collections.abc import Awaitable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from lkmr_gateway import schemas_documents as schemas
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.routes.accreditations import worker_of
from lkmr_gateway.routing import JSON, json_answer, router, signed_in, with_headers
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import Category, ServiceError

ROOT, STAFF = "/api/v1/documents", "/api/v1/staff/{worker}/documents"
FIELDS = (
    "kind",
    "series",
    "number",
    "issuer",
    "note",
    "specialty",
    "level",
    "issue_date",
    "valid_from",
    "valid_until",
    "visibility",
)
_SUFFIX = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class DocumentActs:
    """Reads and writes of documents; foreign and unknown ones look the same."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, entry: Entry, worker: str, query: bytes) -> tuple[bytes, str]:
        """A page of a worker's documents. Raises Refused, ServiceError."""
        asked = read_query(schemas.DocumentQuery, query)
        return await self._parts.documents.page(
            worker,
            entry.token,
            states=[asked.state] if asked.state else [],
            kinds=[asked.kind] if asked.kind else [],
            page_size=asked.page_size,
            page_token=asked.page_token,
        )

    async def read(
        self, exchange: Exchange, entry: Entry, worker: str, document: str
    ) -> tuple[bytes, str]:
        """One document. Raises Refused, ServiceError."""
        name = await self.name(exchange, worker, document)
        return await self._known(exchange, name, self._parts.documents.read(name, entry.token))

    async def upload(
        self, exchange: Exchange, entry: Entry, worker: str, document: str = ""
    ) -> bytes:
        """Keep a new document or version, with a file or without. Raises Refused, ServiceError."""
        form = exchange.upload
        if form is None:
            given = typed_fields(exchange, *FIELDS, "etag")
        else:
            exchange.fields = await form.fields()
            given = typed_fields(exchange, *FIELDS, "etag")
        etag = given.pop("etag") or exchange.header(b"if-match")
        name = await self.name(exchange, worker, document) if document else f"workers/{worker}"
        has_file = form is not None and bool(form.file_name)
        async with self._parts.gate.heavy(entry):
            return await self._parts.documents.upload(
                name,
                given,
                entry.token,
                file_name=form.file_name if form and has_file else "",
                content=form.content() if form else None,
                etag=etag,
                request_id=request_id_of(exchange),
            )

    async def file(self, exchange: Exchange, entry: Entry, worker: str, document: str) -> Response:
        """The file of a version. Raises Refused, ServiceError."""
        asked = read_query(schemas.FileQuery, exchange.query)
        name = await self.name(exchange, worker, document)
        async with self._parts.gate.heavy(entry):
            sent = await self._parts.documents.download(name, asked.version, entry.token)
        ascii_name = f"document.{_SUFFIX.get(sent.media_type, 'bin')}"
        disposition = (
            f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(sent.file_name)}"
        )
        answer = StreamingResponse(
            sent.content,
            media_type=sent.media_type,
            headers={
                "content-length": str(sent.size),
                "content-disposition": disposition,
                "etag": f'"{sent.sha256}"',
            },
        )
        return with_headers(answer, FILE_POLICY)

    async def decide(self, exchange: Exchange, entry: Entry, worker: str, document: str) -> bytes:
        """The word of the personnel office. Raises Refused, ServiceError."""
        given = typed_fields(exchange, "status", "reason", "etag")
        etag = given.pop("etag") or exchange.header(b"if-match")
        name = await self.name(exchange, worker, document)
        return await self._parts.documents.decide(
            name, given, etag, request_id_of(exchange), entry.token
        )

    async def archive(self, exchange: Exchange, entry: Entry, worker: str, document: str) -> bytes:
        """Put a document aside. Raises Refused, ServiceError."""
        given = typed_fields(exchange, "etag")
        etag = given["etag"] or exchange.header(b"if-match")
        name = await self.name(exchange, worker, document)
        return await self._parts.documents.archive(name, etag, request_id_of(exchange), entry.token)

    async def name(self, exchange: Exchange, worker: str, document: str) -> str:
        """The resource name; ids that cannot exist are answered like unknown ones."""
        if not is_uuid(worker) or not is_uuid(document):
            await self._parts.gate.record(exchange, exchange.route, "DOCUMENT_NOT_FOUND")
            raise Refused(problem("DOCUMENT_NOT_FOUND"))
        return f"workers/{worker}/documents/{document}"

    async def _known(
        self, exchange: Exchange, name: str, work: Awaitable[tuple[bytes, str]]
    ) -> tuple[bytes, str]:
        try:
            return await work
        except ServiceError as fault:
            if fault.category is Category.NOT_FOUND:
                target = name.partition("/documents/")[2]
                await self._parts.gate.record(exchange, f"documents/{target}", fault.reason)
            raise


def checked_worker(worker: str) -> str:
    """A worker named in an address. Raises Refused for an id that cannot exist."""
    if not is_uuid(worker):
        raise Refused(problem("STAFF_MEMBER_NOT_FOUND"))
    return worker


def api_routes(parts: Parts, acts: DocumentActs) -> APIRouter:
    """`/api/v1/documents…`."""
    made = router(parts.gate, api=True)

    @made.get(ROOT, response_model=schemas.DocumentPage, summary="Мои документы")
    async def documents(request: Request, _: Annotated[schemas.DocumentQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        return json_answer(exchange, *await acts.page(entry, worker_of(entry), exchange.query))

    @made.get(ROOT + "/kinds", response_model=schemas.DocumentKinds, summary="Виды документов")
    async def kinds(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await parts.documents.kinds(entry.token))

    @made.get("/api/v1/licences", response_model=schemas.Licences, summary="Лицензии организаций")
    async def licences(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await parts.documents.licences(entry.token))

    @made.post(
        ROOT,
        response_model=schemas.DocumentDetail,
        status_code=201,
        summary="Внести документ",
        openapi_extra=schemas.upload_body(),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        return Response(await acts.upload(exchange, entry, worker_of(entry)), 201, media_type=JSON)

    @made.get(
        ROOT + "/{document}", response_model=schemas.DocumentDetail, summary="Документ с версиями"
    )
    async def document(request: Request, document: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await acts.read(exchange, entry, worker_of(entry), document))

    @made.get(ROOT + "/{document}/file", **_file("Файл документа"))
    async def file(
        request: Request, document: str, _: Annotated[schemas.FileQuery, Query()]
    ) -> Response:
        exchange, entry = signed_in(request)
        return await acts.file(exchange, entry, worker_of(entry), document)

    @made.post(
        ROOT + "/{document}/versions",
        response_model=schemas.DocumentDetail,
        status_code=201,
        summary="Внести новую версию документа",
        openapi_extra=schemas.upload_body(),
    )
    async def version(request: Request, document: str) -> Response:
        exchange, entry = signed_in(request)
        body = await acts.upload(exchange, entry, worker_of(entry), document)
        return Response(body, 201, media_type=JSON)

    @made.post(
        ROOT + "/{document}/archive",
        response_model=schemas.DocumentDetail,
        summary="Убрать документ в архив",
        openapi_extra=body_of(schemas.DocumentStep),
    )
    async def archive(request: Request, document: str) -> Response:
        exchange, entry = signed_in(request)
        body = await acts.archive(exchange, entry, worker_of(entry), document)
        return Response(body, media_type=JSON)

    return made


def staff_routes(parts: Parts, acts: DocumentActs) -> APIRouter:
    """`/api/v1/staff/{worker}/documents…`."""
    made = router(parts.gate, api=True)

    @made.get(STAFF, response_model=schemas.DocumentPage, summary="Документы сотрудника")
    async def documents(
        request: Request, worker: str, _: Annotated[schemas.DocumentQuery, Query()]
    ) -> Response:
        exchange, entry = signed_in(request)
        found = await acts.page(entry, checked_worker(worker), exchange.query)
        return json_answer(exchange, *found)

    @made.post(
        STAFF,
        response_model=schemas.DocumentDetail,
        status_code=201,
        summary="Внести документ сотрудника",
        openapi_extra=schemas.upload_body(),
    )
    async def create(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        body = await acts.upload(exchange, entry, checked_worker(worker))
        return Response(body, 201, media_type=JSON)

    @made.get(
        STAFF + "/{document}",
        response_model=schemas.DocumentDetail,
        summary="Документ сотрудника с версиями",
    )
    async def document(request: Request, worker: str, document: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await acts.read(exchange, entry, worker, document))

    @made.get(STAFF + "/{document}/file", **_file("Файл документа сотрудника"))
    async def file(
        request: Request, worker: str, document: str, _: Annotated[schemas.FileQuery, Query()]
    ) -> Response:
        exchange, entry = signed_in(request)
        return await acts.file(exchange, entry, worker, document)

    @made.post(
        STAFF + "/{document}/decide",
        response_model=schemas.DocumentDetail,
        summary="Подтвердить или отклонить документ сотрудника",
        openapi_extra=body_of(schemas.DocumentDecision),
    )
    async def decide(request: Request, worker: str, document: str) -> Response:
        exchange, entry = signed_in(request)
        return Response(await acts.decide(exchange, entry, worker, document), media_type=JSON)

    return made


def _file(summary: str) -> dict[str, Any]:
    content: dict[str, Any] = {kind: {} for kind in _SUFFIX}
    return {
        "response_class": Response,
        "responses": {200: {"content": content, "description": "Файл"}},
        "summary": summary,
    }
