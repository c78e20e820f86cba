"""A form that waits while its sender proves who they are: kept in the page, sent on afterwards."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import Response

from lkmr_gateway.access import rule_for
from lkmr_gateway.exchange import App, Exchange, Receive, Scope, Send

FORM = b"application/x-www-form-urlencoded"
MAX_KEPT = 40 * 1024
_SCOPE = ("type", "asgi", "http_version", "scheme", "client", "server", "root_path", "state")


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was going and what it said; empty for none."""

    action: str = ""
    body: str = ""


def kept_form(exchange: Exchange) -> KeptForm:
    """The form of a request that is refused for now; empty for what is no form of a page."""
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    if exchange.method != "POST" or exchange.is_api or kind != FORM.decode():
        return KeptForm()
    if len(exchange.body) > MAX_KEPT or not exchange.body.isascii():
        return KeptForm()
    query = f"?{exchange.query.decode('latin-1')}" if exchange.query else ""
    body = base64.urlsafe_b64encode(exchange.body).decode()
    return KeptForm(exchange.path + query, body)


def read_kept(fields: dict[str, str]) -> KeptForm:
    """The form that a confirmation page brings back; empty when it is not one of ours."""
    form = KeptForm(fields.get("action", ""), fields.get("kept", ""))
    path = urlsplit(form.action).path
    rule = rule_for("POST", path)
    if rule is None or path.startswith(("/api/", "/auth/", "/step-up")):
        return KeptForm()
    try:
        base64.b64decode(form.body, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return KeptForm()
    return form


class SentOn(Response):
    """Answers with what the kept form's own route answers."""

    def __init__(self, app: App, exchange: Exchange, form: KeptForm, cookie: bytes) -> None:
        super().__init__()
        self._app, self._exchange, self._form, self._cookie = app, exchange, form, cookie

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        parts, body = urlsplit(self._form.action), base64.urlsafe_b64decode(self._form.body)
        exchange = self._exchange
        exchange.path, exchange.query = parts.path, parts.query.encode("latin-1")
        exchange.body, exchange.fields, exchange.session = body, None, None
        exchange.headers.pop(b"x-csrf-token", None)
        exchange.headers.update(
            {b"cookie": self._cookie, b"content-type": FORM, b"content-length": b"%d" % len(body)}
        )
        again = {name: scope[name] for name in _SCOPE if name in scope}
        again |= {
            "method": "POST",
            "path": exchange.path,
            "raw_path": exchange.path.encode(),
            "query_string": exchange.query,
            "headers": list(exchange.headers.items()),
        }

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(again, receive, send)
