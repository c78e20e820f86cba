"""Forms with a file, read in whatever portions they come."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_gateway.exchange import ClientGone, Exchange, Refused
from lkmr_gateway.upload import Upload, is_multipart

EDGE = "----lkmr-edge"


def a_form(*parts: tuple[str, str | None, bytes]) -> bytes:
    made = b""
    for name, file, content in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
        made += f"--{EDGE}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
        made += content + b"\r\n"
    return made + f"--{EDGE}--\r\n".encode()


def an_upload(body: bytes, portion: int = 1000, *, cut: bool = False, **headers: str) -> Upload:
    portions = [body[start : start + portion] for start in range(0, len(body), portion)] or [b""]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": one, "more_body": True} for one in portions
    ]
    if cut:
        messages.append({"type": "http.disconnect"})
    else:
        messages[-1]["more_body"] = False
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    scope = {"method": "POST", "path": "/", "query_string": b"", "scheme": "https"}
    named = {k.replace("_", "-").encode(): v.encode() for k, v in headers.items()}
    kind = {b"content-type": f"multipart/form-data; boundary={EDGE}".encode()}
    return Upload(Exchange(scope, {**kind, **named}, ""), receive)


async def all_of(content: AsyncIterator[bytes]) -> bytes:
    return b"".join([one async for one in content])


@given(st.binary(max_size=300), st.integers(1, 64))
async def test_fields_and_file_come_out_as_they_went_in(content: bytes, portion: int) -> None:
    body = a_form(
        ("kind", None, b"DIPLOMA"), ("note", None, "да".encode()), ("file", "д.pdf", content)
    )
    upload = an_upload(body, portion)

    assert await upload.fields() == {"kind": "DIPLOMA", "note": "да"}
    assert upload.file_name == "д.pdf"
    assert await all_of(upload.content()) == content


async def test_a_connection_that_breaks_is_no_end_of_the_file() -> None:
    body = a_form(("kind", None, b"DIPLOMA"), ("file", "d.pdf", b"x" * 5000))
    upload = an_upload(body[:3000], cut=True)
    await upload.fields()

    with pytest.raises(ClientGone):
        await all_of(upload.content())


async def test_a_form_without_its_last_edge_is_unreadable() -> None:
    body = a_form(("file", "d.pdf", b"x" * 50))[:-10]

    with pytest.raises(Refused) as refused:
        await all_of(an_upload(body).content())
    assert refused.value.problem.status == 400


@pytest.mark.parametrize(
    "parts",
    [
        [("file", "a.pdf", b"1"), ("kind", None, b"DIPLOMA")],
        [("file", "a.pdf", b"1"), ("file", "b.pdf", b"2")],
        [("scan", "a.pdf", b"1")],
        [("kind", None, b"A"), ("kind", None, b"B")],
        [("kind", None, b"\xff")],
        [(f"f{n}", None, b"") for n in range(40)],
        [("kind", None, b"x" * 20_000)],
    ],
)
async def test_what_does_not_fit_is_refused(parts: list[tuple[str, str | None, bytes]]) -> None:
    with pytest.raises(Refused) as refused:
        await all_of(an_upload(a_form(*parts)).content())
    assert refused.value.problem.status in {400, 413, 422}


async def test_a_form_that_says_it_is_too_long_is_not_read() -> None:
    with pytest.raises(Refused) as refused:
        an_upload(b"", content_length=str(30 * 1024 * 1024))
    assert refused.value.problem.status == 413
    assert not is_multipart(
        Exchange(
            {"method": "POST", "path": "/", "query_string": b"", "scheme": "https"},
            {b"content-type": b"application/json"},
            "",
        )
    )
