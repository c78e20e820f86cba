"""Static files: collected, named by content and compressed once at start, served for ever.

Own styles and modules come from this package, htmx and PT Sans from locked packages; neither of
those two is imported, only their files are read.
"""

import gzip
import hashlib
import re
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from starlette.types import Receive, Scope, Send

PREFIX = "/static/"
_MAX_AGE = b"public, max-age=31536000, immutable"
_TYPES = {
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
    "ttf": b"font/ttf",
}
_PACKAGED = {
    "htmx.js": "django_htmx/static/django_htmx/htmx-2.min.js",
    "pt-sans-400.ttf": "fontpkg_pt_sans/files/PT_Sans-Web-Regular.ttf",
    "pt-sans-700.ttf": "fontpkg_pt_sans/files/PT_Sans-Web-Bold.ttf",
}
# Where a script that runs apart from pages may serve, when that is above its own folder.
_WORKERS = {"verify-worker": b"/verify/"}
# A file names another one by "./name"; it gets the name that the other one is served under.
_MENTION = re.compile(rb'"\./([a-z0-9.-]+)"')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; `packed` is None where gzip does not help."""

    url: str
    kind: bytes
    body: bytes
    packed: bytes | None
    etag: bytes


class UnknownAsset(LookupError):
    """A template or a file names an asset that does not exist."""


def asset_url(name: str) -> str:
    """The address of an asset by its plain name, as `app.css`. Raises UnknownAsset."""
    try:
        return assets()[0][name].url
    except KeyError:
        raise UnknownAsset(name) from None


@lru_cache(maxsize=1)
def assets() -> tuple[dict[str, Asset], dict[str, Asset]]:
    """All assets by plain name and by address; call it at start to pay for reading early."""
    sources = _sources()
    made: dict[str, Asset] = {}
    for name in sources:
        _make(name, sources, made)
    return made, {asset.url: asset for asset in made.values()}


def _sources() -> dict[str, bytes]:
    folder = files("lkmr_gateway.pages") / "static"
    found = {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if entry.name.rpartition(".")[2] in _TYPES
    }
    packages = Path(sysconfig.get_path("purelib"))
    return found | {name: (packages / path).read_bytes() for name, path in _PACKAGED.items()}


def _make(name: str, sources: dict[str, bytes], made: dict[str, Asset]) -> Asset:
    """One asset after those that it mentions. A circle of mentions raises RecursionError."""
    if name in made:
        return made[name]
    if name not in sources:
        raise UnknownAsset(name)

    def address(found: re.Match[bytes]) -> bytes:
        return b'"%b"' % _make(found[1].decode(), sources, made).url.encode()

    stem, _, kind = name.rpartition(".")
    body = sources[name] if name in _PACKAGED else _MENTION.sub(address, sources[name])
    digest = hashlib.sha256(body).hexdigest()[:16]
    packed = gzip.compress(body, 9, mtime=0)
    made[name] = Asset(
        url=f"{PREFIX}{stem}.{digest}.{kind}",
        kind=_TYPES[kind],
        body=body,
        packed=packed if len(packed) < len(body) * 0.9 else None,
        etag=b'"%b"' % digest.encode(),
    )
    return made[name]


async def serve_asset(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - a request for a file has no body
    """Answer `GET` or `HEAD` of `/static/…`: 200, 304 by ETag, 404, 405."""
    asset = assets()[1].get(scope["path"])
    if scope["method"] not in {"GET", "HEAD"}:
        return await _answer(send, 405, [(b"allow", b"GET, HEAD")])
    if asset is None:
        return await _answer(send, 404, [(b"cache-control", b"no-store")])
    asked = {name: value for name, value in scope["headers"] if name in _ASKED}
    headers = [
        (b"etag", asset.etag),
        (b"cache-control", _MAX_AGE),
        (b"vary", b"accept-encoding"),
    ]
    if asset.etag in asked.get(b"if-none-match", b""):
        return await _answer(send, 304, headers)
    body = asset.body
    scope_of_worker = _WORKERS.get(asset.url.removeprefix(PREFIX).partition(".")[0])
    if scope_of_worker is not None:
        headers.append((b"service-worker-allowed", scope_of_worker))
    headers.append((b"content-type", asset.kind))
    if asset.packed is not None and b"gzip" in asked.get(b"accept-encoding", b""):
        body = asset.packed
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", b"%d" % len(body)))
    return await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


_ASKED = frozenset({b"if-none-match", b"accept-encoding"})


async def _answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    if not any(name == b"content-length" for name, _ in headers) and status != 304:  # noqa: PLR2004 - a 304 has no length
        headers = [*headers, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
