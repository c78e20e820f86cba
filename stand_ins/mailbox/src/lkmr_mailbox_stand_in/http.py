"""SMS and web push by HTTP, the reading of messages, and the page that lists them."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, ConfigDict, Field

from lkmr_mailbox_stand_in.messages import Messages
from lkmr_stand_in_kit.control import Control

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


def http_router(messages: Messages, control: Control) -> APIRouter:
    """What senders call, and what people and tests read."""
    router = APIRouter()

    @router.post("/sms", status_code=201)
    @router.post("/sms-2", status_code=201)
    async def take_sms(
        sms: Sms, idempotency_key: Annotated[str | None, Header(max_length=200)] = None
    ) -> dict[str, int]:
        if idempotency_key:
            key = f"sms {idempotency_key}"
            return {"id": messages.add_once(key, "SMS", sms.to, subject="", text=sms.text)}
        return {"id": messages.add("SMS", sms.to, subject="", text=sms.text)}

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
