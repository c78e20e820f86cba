"""SMS and web push by HTTP, the reading of messages, and the page that lists them."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, ConfigDict, Field

from lkmr_mailbox_stand_in.manners import Etiquette
from lkmr_mailbox_stand_in.messages import Messages
from lkmr_stand_in_kit.control import Control
from lkmr_stand_in_kit.server import CUT

SYSTEMS = ("smtp", "sms", "sms-2", "push")
READING = ("/api/", "/healthz")
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
_CHANNELS = {"EMAIL": "почта", "SMS": "SMS", "PUSH": "уведомление"}


class Sms(BaseModel):
    """A text message to a phone in international form."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(pattern=r"^\+?[0-9 ()\-]{10,25}$")
    text: str = Field(min_length=1, max_length=1600)


def system_of(path: str) -> str | None:
    """The provider that a path belongs to."""
    first = path.split("/", 2)[1]
    return first if first in SYSTEMS else None


async def reply_as(etiquette: Etiquette, system: str, request: Request) -> None:
    """What comes between a message that was taken and the answer."""
    await etiquette.wait(system)
    manners = etiquette.of(system)
    etiquette.met(system)
    if manners.cut:
        request.scope[CUT]()


def http_router(messages: Messages, control: Control, etiquette: Etiquette) -> APIRouter:
    """What senders call, and what people and tests read."""
    router = APIRouter()

    @router.post("/sms", status_code=201)
    @router.post("/sms-2", status_code=201)
    async def take_sms(
        sms: Sms,
        request: Request,
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> dict[str, int]:
        provider = system_of(request.url.path) or ""
        if idempotency_key:
            key = f"{provider} {idempotency_key}"
            number = messages.add_once(key, "SMS", sms.to, subject="", text=sms.text)
        else:
            number = messages.add("SMS", sms.to, subject="", text=sms.text)
        await reply_as(etiquette, provider, request)
        return {"id": number}

    @router.get("/api/messages")
    async def list_messages(to: str | None = None) -> list[dict[str, Any]]:
        return messages.newest(to)

    @router.get("/", response_class=HTMLResponse)
    async def show(to: str = "") -> str:
        return _PAGES.get_template("page.html").render(
            messages=messages.newest(to or None, limit=100),
            channels=_CHANNELS,
            to=to,
            behaviours=[(name, control.behaviours.of(name)) for name in SYSTEMS],
        )

    return router
