"""The push service (RFC 8030) and the browsers behind it."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_mailbox_stand_in.browsers import Browsers
from lkmr_mailbox_stand_in.http import reply_as
from lkmr_mailbox_stand_in.manners import Etiquette
from lkmr_mailbox_stand_in.messages import Messages

PUSH_LIMIT = 4096


class Unfit(Exception):
    """A message that the push service does not take."""

    def __init__(self, status: int, why: str = "") -> None:
        super().__init__(why)
        self.status, self.why = status, why


def push_router(messages: Messages, browsers: Browsers, etiquette: Etiquette) -> APIRouter:
    """What senders call; `/push-subscriptions` plays the browser that subscribes."""
    router = APIRouter()

    @router.post("/push-subscriptions", status_code=201)
    async def subscribe(request: Request) -> dict[str, Any]:
        return browsers.subscribe(f"{request.url.scheme}://{request.headers['host']}")

    @router.delete("/push-subscriptions/{subscription}", status_code=204)
    async def unsubscribe(subscription: str) -> None:
        browsers.end(subscription)

    @router.post("/push/{subscription}")
    async def take_push(subscription: str, request: Request) -> Response:
        body = await request.body()
        try:
            opened, encoding = _opened(browsers, subscription, request, body)
        except Unfit as unfit:
            return Response(unfit.why, unfit.status)
        subject, text = push_text(opened, encoding)
        number = messages.add("PUSH", subscription, subject=subject, text=text)
        await reply_as(etiquette, "push", request)
        return Response(status_code=201, headers={"Location": f"/push/messages/{number}"})

    return router


def _opened(browsers: Browsers, name: str, request: Request, body: bytes) -> tuple[bytes, str]:
    """What the browser reads, and what is left of its coding. Raises Unfit."""
    if not request.headers.get("ttl", "").isdigit():
        raise Unfit(400, "TTL is needed")  # RFC 8030, section 5.2
    if len(body) > PUSH_LIMIT:
        raise Unfit(413)  # RFC 8030, section 7.2
    if browsers.ended(name):
        raise Unfit(410)  # RFC 8030, section 7.3
    encoding = request.headers.get("content-encoding", "")
    if not browsers.known(name):
        return body, encoding
    if encoding != "aes128gcm":
        raise Unfit(415, "aes128gcm is needed")
    if not browsers.sender_fits(name, request.headers.get("authorization", "")):
        raise Unfit(403, "the sender is not known")  # RFC 8292, section 4.2
    try:
        return browsers.open(name, body), ""
    except (ValueError, IndexError):
        raise Unfit(400, "unreadable") from None


def push_text(body: bytes, encoding: str) -> tuple[str, str]:
    """Subject and text of a push; one encrypted for the browser (RFC 8291) cannot be read here."""
    if encoding:
        return "", f"({encoding}, {len(body)} B)"
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", body.decode("utf-8", errors="replace")
    if not isinstance(content, dict):
        return "", body.decode()
    text = content.get("body", content.get("text", ""))
    return str(content.get("title", "")), str(text)
