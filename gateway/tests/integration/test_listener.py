"""Raw sockets against the listener: what no client library would send."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from lkmr_gateway import listen
from lkmr_gateway.listen import Connections, EdgeServer, configuration, listening

HOST = b"Host: 127.0.0.1\r\n"


async def _app(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    body = f"{scope['method']} {size}".encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def server() -> Any:
    async with listening(configuration(_app, "127.0.0.1:0", Connections())) as made:
        yield made


async def _send(server: EdgeServer, *parts: bytes, pause: float = 0.0) -> bytes:
    """Everything that comes back until the server closes, or 1 s of silence."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)
        answer = b""
        while True:
            try:
                got = await asyncio.wait_for(reader.read(65536), 1)
            except TimeoutError:
                return answer
            if not got:
                return answer + b"<closed>"
            answer += got
    finally:
        writer.close()


async def test_a_plain_request_is_answered_and_the_connection_stays(server: EdgeServer) -> None:
    one = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"

    answer = await _send(server, one, one)

    assert answer.count(b"GET 0") == 2
    assert b"<closed>" not in answer
    assert b"server:" not in answer.lower()


REFUSED = {
    "HTTP/0.9": b"GET /\r\n\r\n",
    "unknown version": b"GET / HTTP/3.0\r\n" + HOST + b"\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "length and coding": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two equal lengths": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "two lengths": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "length list": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\n\r\nx",
    "signed length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\nx",
    "unknown coding": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n",
    "hidden coding": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: b\r\n c\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\n" + b"Host: a\n\n",
    "bare LF in headers": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: b\nX-B: c\r\n\r\n",
    "bare CR": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: b\rX-B: c\r\n\r\n",
    "NUL": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: b\x00c\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\n" + HOST + b"X-A : b\r\n\r\n",
    "absolute target": b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET ?a=b HTTP/1.1\r\n" + HOST + b"\r\n",
    "non-ASCII target": "GET /привет HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "nonsense": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_malformed_request_is_refused_with_400_and_closed(
    server: EdgeServer, name: str
) -> None:
    answer = await _send(server, REFUSED[name])

    assert answer.startswith(b"HTTP/1.1 400 "), answer[:80]
    assert answer.endswith(b"<closed>")
    assert b"LKMR-SYS-009" in answer


async def test_a_malformed_second_request_does_not_ride_on_a_good_first_one(
    server: EdgeServer,
) -> None:
    good = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"
    bad = b"GET /hidden HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n"

    for answer in (await _send(server, good + bad), await _send(server, good, bad, pause=0.05)):
        assert b"GET 0" not in answer
        assert answer.endswith(b"<closed>")


TOO_LARGE = {
    "line": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "one header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 17000 + b"\r\n\r\n",
    "all headers": b"GET / HTTP/1.1\r\n" + HOST + (b"X: " + b"a" * 300 + b"\r\n") * 60 + b"\r\n",
    "number of fields": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 65 + b"\r\n",
    "endless header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 1_000_000,
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_a_head_beyond_its_limits_is_refused_with_431(server: EdgeServer, name: str) -> None:
    answer = await _send(server, TOO_LARGE[name])

    assert answer.startswith(b"HTTP/1.1 431 "), answer[:80]
    assert answer.endswith(b"<closed>")


async def test_a_head_that_trickles_is_refused_with_408(
    server: EdgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "HEAD_SECONDS", 0.3)

    answer = await _send(server, *(b"GET / HT", b"TP/1.1\r\nX", b"-A: b", b"c\r\n"), pause=0.12)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b"<closed>")


async def test_a_connection_that_says_nothing_is_closed(
    server: EdgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "HEAD_SECONDS", 0.2)

    assert (await _send(server)).endswith(b"<closed>")


async def test_a_body_slower_than_its_rate_is_refused_with_408(
    server: EdgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "RATE_GRACE_SECONDS", 0.2)
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n"

    answer = await _send(server, head, b"abc")

    if not answer:  # the rate is looked at each second after the grace
        answer = await _send(server, head, b"abc", pause=0.8)
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_comes_in_pieces_is_taken(server: EdgeServer) -> None:
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"

    answer = await _send(server, head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n", pause=0.05)

    assert b"POST 5" in answer


async def test_an_idle_connection_is_closed_after_its_time(
    server: EdgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.config.timeout_keep_alive = 1
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")

    assert b"GET 0" in await reader.read(65536)
    assert await asyncio.wait_for(reader.read(), 3) == b""
    writer.close()


async def test_connections_of_one_address_are_bounded() -> None:
    counted = Connections()
    async with listening(configuration(_app, "127.0.0.1:0", counted)) as server:
        counted.by_address["127.0.0.1"] = listen.CONNECTIONS_PER_ADDRESS

        answer = await _send(server, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert counted.total == 0


async def test_connect_and_asterisk_reach_the_edge_that_refuses_methods(server: EdgeServer) -> None:
    for line in (b"CONNECT a.example:443 HTTP/1.1", b"OPTIONS * HTTP/1.1"):
        assert b" 200 " in await _send(server, line + b"\r\n" + HOST + b"\r\n")


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, tuple[Path, Path]]:
    made = trustme.CA()
    leaf = made.issue_cert("localhost", "127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    leaf.private_key_pem.write_to_path(key)
    leaf.cert_chain_pems[0].write_to_path(certificate)
    return made, (certificate, key)


async def test_https_speaks_tls_1_3_and_nothing_older(
    authority: tuple[trustme.CA, tuple[Path, Path]],
) -> None:
    made, pair = authority
    config = configuration(_app, "127.0.0.1:0", Connections(), pair)
    async with listening(config) as server:
        modern = ssl.create_default_context()
        made.configure_trust(modern)
        reader, writer = await asyncio.open_connection("localhost", server.port, ssl=modern)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        assert b"GET 0" in await reader.read()
        writer.close()

        old = ssl.create_default_context()
        made.configure_trust(old)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await asyncio.open_connection("localhost", server.port, ssl=old)


async def test_a_handshake_that_never_comes_is_ended(
    authority: tuple[trustme.CA, tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "HANDSHAKE_SECONDS", 0.3)
    async with listening(configuration(_app, "127.0.0.1:0", Connections(), authority[1])) as server:
        assert (await _send(server)).endswith(b"<closed>")


async def _answering(headers: list[tuple[bytes, bytes]], body: bytes, *, declared: int) -> bytes:
    async def app(_: Any, __: Any, send: Any) -> None:
        length = [(b"content-length", b"%d" % declared)] if declared >= 0 else []
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, *length]})
        await send({"type": "http.response.body", "body": body})

    async with listening(configuration(app, "127.0.0.1:0", Connections())) as server:
        return await _send(server, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b=c", b"a\nb", b"a\rb", b"a\x00b"])
async def test_an_answer_with_a_broken_header_is_not_sent(value: bytes) -> None:
    answer = await _answering([(b"x-a", value)], b"", declared=0)

    assert b"set-cookie" not in answer
    assert not answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("declared", [1, 100])
async def test_an_answer_of_another_length_than_told_is_cut_off(declared: int) -> None:
    answer = await _answering([], b"abc", declared=declared)

    assert answer.endswith(b"<closed>")


async def test_an_answer_without_a_length_is_chunked() -> None:
    answer = await _answering([], b"abc", declared=-1)

    assert b"transfer-encoding: chunked" in answer
    assert answer.endswith(b"3\r\nabc\r\n0\r\n\r\n")


async def test_an_answer_before_the_end_of_the_body_says_that_the_connection_ends() -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": b"no"})

    head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 300000\r\n\r\n"
    async with listening(configuration(app, "127.0.0.1:0", Connections())) as server:
        whole = await _send(server, head, b"a" * 150_000, b"a" * 150_000, pause=0.05)
        early = await _send(server, head, b"abc")

    for answer in (whole, early):
        assert b" 413 " in answer
        assert b"connection: close" in answer
    assert whole.endswith(b"no<closed>")
