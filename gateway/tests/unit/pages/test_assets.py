"""Static files as the server gives them."""

import gzip
import re
from typing import Any

import pytest

from lkmr_gateway.pages.assets import UnknownAsset, asset_url, assets, serve_asset
from lkmr_gateway.pages.policy import content_security_policy

OWN_SCRIPT_LIMIT = 40 * 1024
FIRST_SCREEN_SCRIPT_LIMIT = 250 * 1024


async def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await serve_asset(
        {"type": "http", "method": method, "path": path, "headers": given}, receive, send
    )
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, sent[1]["body"]


async def test_a_file_is_named_by_its_content_and_kept_for_ever() -> None:
    url = asset_url("app.css")

    status, headers, body = await ask(url)

    assert re.fullmatch(r"/static/app\.[0-9a-f]{16}\.css", url)
    assert status == 200
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["content-length"] == str(len(body))
    assert headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("name", ["app.css", "app.js", "htmx.js", "icons.svg", "pt-sans-400.ttf"])
async def test_text_and_fonts_are_packed_for_who_asks(name: str) -> None:
    _, plain_headers, plain = await ask(asset_url(name))
    status, headers, packed = await ask(asset_url(name), accept_encoding="br, gzip")

    assert status == 200
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert len(packed) < len(plain)
    assert gzip.decompress(packed) == plain


async def test_a_known_file_is_not_sent_again() -> None:
    _, headers, _ = await ask(asset_url("app.js"))

    status, _, body = await ask(asset_url("app.js"), if_none_match=headers["etag"])

    assert (status, body) == (304, b"")


async def test_the_head_of_a_file_comes_without_its_body() -> None:
    status, headers, body = await ask(asset_url("app.js"), method="HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize("path", ["/static/app.css", "/static/../render.py", "/static/"])
async def test_other_addresses_are_unknown(path: str) -> None:
    assert (await ask(path))[0] == 404


async def test_files_are_only_read() -> None:
    status, headers, _ = await ask(asset_url("app.js"), method="POST")

    assert (status, headers["allow"]) == (405, "GET, HEAD")


def test_an_unknown_name_in_a_template_is_found_out() -> None:
    with pytest.raises(UnknownAsset):
        asset_url("missing.css")


def test_files_name_each_other_by_their_served_addresses() -> None:
    by_name, by_url = assets()

    for asset in by_name.values():
        if (
            asset.kind.startswith((b"text/javascript", b"text/css"))
            and asset is not by_name["htmx.js"]
        ):
            mentioned = re.findall(rb'"((?:\./|/static/)[^"]+)"', asset.body)
            assert all(address.decode() in by_url for address in mentioned), asset.url


def test_scripts_stay_within_their_budget() -> None:
    by_name = assets()[0]
    scripts = {name: asset for name, asset in by_name.items() if name.endswith(".js")}

    own = sum(len(asset.body) for name, asset in scripts.items() if name != "htmx.js")
    packed = sum(len(asset.packed or asset.body) for asset in scripts.values())
    assert own <= OWN_SCRIPT_LIMIT
    assert packed <= FIRST_SCREEN_SCRIPT_LIMIT


def test_nothing_refers_to_another_host() -> None:
    namespace = b"http://www.w3.org/2000/svg"
    for name, asset in assets()[0].items():
        if name != "htmx.js" and not name.endswith(".ttf"):
            body = asset.body.replace(namespace, b"")
            assert not re.search(rb"https?://|url\(//|@import", body), name


def test_the_policy_of_a_page_allows_nothing_by_default() -> None:
    policy = content_security_policy("abc", form_origins=("https://esia.example",))
    rules = dict(part.split(" ", 1) for part in policy.split("; "))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'nonce-abc' 'strict-dynamic'"
    assert rules["style-src"] == rules["font-src"] == rules["connect-src"] == "'self'"
    assert rules["form-action"] == "'self' https://esia.example"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in policy
