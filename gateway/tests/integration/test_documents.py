"""Documents through the gateway: streams in, streams out, what breaks on the way."""

import asyncio
import json
import socket
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from lkmr.accreditation.v1 import document_service_pb2 as pb

from lkmr_servicekit.errors import Category, FieldFault, ServiceError

from .played_cabinet import WORKER, Cabinet, a_session, document, until

pytestmark = pytest.mark.servers
PAPER = str(uuid.UUID(int=77))
FIELDS = {"kind": "OTHER", "issue_date": "2026-01-01"}


class Vault:
    """What the played service was sent."""

    def __init__(self, cabinet: Cabinet) -> None:
        self.heads: list[pb.UploadDocumentRequest] = []
        self.content = b""
        self.parts = 0
        self.ended = False
        self.fault: ServiceError | None = None
        cabinet.documents.on["UploadDocument"] = self.take

    async def take(self, requests: AsyncIterator[pb.UploadDocumentRequest]) -> Any:
        async for one in requests:
            if one.name:
                self.heads.append(one)
                if self.fault:
                    raise self.fault
            self.content += one.content
            self.parts += 1
            self.ended = one.last
        return document({"id": PAPER})


@pytest.fixture
def vault(cabinet: Cabinet) -> Vault:
    cabinet.signed_in()
    return Vault(cabinet)


async def send(
    cabinet: Cabinet, path: str = "/api/v1/documents", content: bytes = b"%PDF", **fields: str
) -> Any:
    files = {"file": ("Диплом.pdf", content, "application/pdf")}
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf()}
    return await cabinet.client.post(path, headers=headers, data={**FIELDS, **fields}, files=files)


async def test_a_file_goes_through_in_portions_with_its_fields(
    cabinet: Cabinet, vault: Vault
) -> None:
    content = bytes(range(256)) * 4096 * 8

    answer = await send(cabinet, content=content, note="копия")

    assert answer.status_code == 201
    assert answer.json() == {"id": PAPER}
    (head,) = vault.heads
    assert head.name == f"workers/{WORKER}"
    assert (head.fields.kind, head.fields.note, head.file_name) == ("OTHER", "копия", "Диплом.pdf")
    assert vault.content == content
    assert vault.parts > 100
    assert vault.ended


async def test_a_version_names_what_was_seen_and_a_record_needs_no_file(
    cabinet: Cabinet, vault: Vault
) -> None:
    csrf = await cabinet.csrf()
    headers = {
        **cabinet.headers,
        "x-csrf-token": csrf,
        "content-type": "application/json",
        "if-match": '"v1U-abc"',
        "idempotency-key": "a-key-of-the-page",
    }
    answer = await cabinet.client.post(
        f"/api/v1/documents/{PAPER}/versions", headers=headers, content=json.dumps(FIELDS)
    )

    assert answer.status_code == 201
    (head,) = vault.heads
    assert head.name == f"workers/{WORKER}/documents/{PAPER}"
    assert (head.etag, head.file_name, vault.content) == ('"v1U-abc"', "", b"")
    assert uuid.UUID(head.request_id).version == 4


async def test_a_connection_that_breaks_ends_the_stream_without_its_end(
    cabinet: Cabinet, vault: Vault
) -> None:
    csrf = await cabinet.csrf()
    edge = "xxx"
    fields = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in FIELDS.items()
    )
    body = f'{fields}--{edge}\r\nContent-Disposition: form-data; name="file"; filename="d.pdf"\r\n'
    head = (
        f"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1:{cabinet.port}\r\n"
        f"Cookie: {cabinet.headers['cookie']}\r\nX-CSRF-Token: {csrf}\r\nUser-Agent: "
        f"{cabinet.client.headers['user-agent']}\r\n"
        f"Content-Type: multipart/form-data; boundary={edge}\r\nContent-Length: 5000000\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", cabinet.port)
    writer.write(head.encode() + body.encode() + b"\r\n%PDF" + b"x" * 500_000)
    await writer.drain()
    await until(lambda: len(vault.content) > 400_000)
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()

    await asyncio.sleep(0.3)
    assert not vault.ended
    assert (await send(cabinet)).status_code == 201, "the same may be sent again"
    assert vault.ended


async def test_a_refusal_is_heard_though_the_file_is_still_on_its_way(
    cabinet: Cabinet, vault: Vault
) -> None:
    fault = FieldFault("number", "REQUIRED", "Укажите номер документа.")
    vault.fault = ServiceError("DOCUMENT_INVALID", Category.INVALID_ARGUMENT, fields=[fault])

    answer = await send(cabinet, content=b"x" * 9_000_000)

    assert answer.status_code == 422
    assert answer.json()["code"] == "LKMR-DOC-009"
    assert answer.json()["errors"][0]["field"] == "number"


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("DOCUMENT_TYPE_REFUSED", 415, "LKMR-DOC-001"),
        ("DOCUMENT_TOO_LARGE", 413, "LKMR-DOC-002"),
        ("DOCUMENT_UNSAFE", 422, "LKMR-DOC-003"),
        ("DOCUMENT_ENCRYPTED", 422, "LKMR-DOC-004"),
    ],
)
async def test_what_is_wrong_with_a_file_has_its_code(
    cabinet: Cabinet, vault: Vault, reason: str, status: int, code: str
) -> None:
    vault.fault = ServiceError(reason, Category.INVALID_ARGUMENT)

    answer = await send(cabinet)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_form_without_token_or_of_a_foreign_page_is_refused(
    cabinet: Cabinet, vault: Vault
) -> None:
    files = {"file": ("d.pdf", b"%PDF", "application/pdf")}
    bare = await cabinet.client.post(
        "/api/v1/documents", headers=cabinet.headers, data=FIELDS, files=files
    )
    field = await cabinet.client.post(
        "/documents",
        headers={**cabinet.headers, "accept": "text/html"},
        data={**FIELDS, "csrf_token": await cabinet.csrf()},
        files=files,
    )
    elsewhere = await cabinet.client.post(
        "/api/v1/messages/x/read",
        headers={**cabinet.headers, "x-csrf-token": await cabinet.csrf()},
        files=files,
    )

    assert bare.status_code == 403
    assert (field.status_code, field.headers["location"]) == (303, f"/documents/{PAPER}?done=added")
    assert elsewhere.status_code == 415
    assert len(vault.heads) == 1


async def test_a_form_longer_than_any_file_is_refused_at_its_length(
    cabinet: Cabinet, vault: Vault
) -> None:
    answer = await send(cabinet, content=b"x" * (21 * 1024 * 1024))

    assert answer.status_code == 413
    assert vault.heads == []


async def test_a_file_comes_back_with_its_name_and_is_no_page(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    def parts(request: pb.DownloadDocumentRequest) -> Any:
        assert (request.name, request.version) == (f"workers/{WORKER}/documents/{PAPER}", 2)
        yield pb.DocumentChunk(
            media_type="application/pdf", file_name="Диплом «а».pdf", size=8, sha256="ab"
        )
        yield pb.DocumentChunk(content=b"%PDF")
        yield pb.DocumentChunk(content=b"-1.7")

    cabinet.documents.on["DownloadDocument"] = parts
    answer = await cabinet.get(f"/api/v1/documents/{PAPER}/file?version=2")

    assert answer.status_code == 200
    assert answer.content == b"%PDF-1.7"
    assert answer.headers["content-length"] == "8"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('attachment; filename="document.pdf"')
    assert "filename*=UTF-8''%D0%94" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"].startswith("sandbox")


async def test_a_foreign_document_is_404_and_rights_are_those_of_the_matrix(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in()
    cabinet.documents.on["ReadDocument"] = lambda _: (_ for _ in ()).throw(
        ServiceError("DOCUMENT_NOT_FOUND", Category.NOT_FOUND)
    )
    for path in (f"/api/v1/documents/{PAPER}", "/api/v1/documents/no-id"):
        answer = await cabinet.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "LKMR-DOC-005")


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("DOCTOR", "get", f"/api/v1/staff/{WORKER}/documents"),
        ("SUPPORT", "get", "/api/v1/documents"),
        ("HEAD_DEPT", "post", f"/api/v1/staff/{WORKER}/documents/{PAPER}/decide"),
        ("HEAD_ORG", "post", f"/api/v1/staff/{WORKER}/documents"),
    ],
)
async def test_rights_are_those_of_the_matrix(
    cabinet: Cabinet, role: str, method: str, path: str
) -> None:
    cabinet.signed_in(a_session(role))
    if method == "get":
        answer = await cabinet.get(path)
    else:
        answer = await cabinet.post(path, csrf=await cabinet.csrf())

    assert (answer.status_code, answer.json()["reason"]) == (403, "SECTION_CLOSED")
