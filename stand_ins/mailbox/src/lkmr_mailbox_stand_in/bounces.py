"""Sends letters back to where they came from, as a mail system does that could not deliver them.

The report is written from RFC 3464 and goes to the return path of the letter.
"""

import asyncio
import smtplib
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from lkmr_mailbox_stand_in.messages import address_key
from lkmr_servicekit.settings import host_and_port
from lkmr_stand_in_kit.control import CONTROL
from lkmr_stand_in_kit.store import Store

KIND = "return path"
_SECONDS = 10.0


class Return(BaseModel):
    """Which letter comes back and why: the newest one to `to`, so many times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str
    status: str = Field(default="5.1.1", pattern=r"^[245]\.\d{1,3}\.\d{1,3}$")
    action: str = Field(default="failed", pattern=r"^(failed|delayed|delivered)$")
    times: int = Field(default=1, ge=1, le=10)


class ReturnPaths:
    """Remembers where the newest letter to an address would come back to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, to: str, sender: str) -> None:
        """A letter was taken."""
        self._store.put(KIND, address_key(to), sender)

    def of(self, to: str) -> str:
        """The return path; empty when no letter came or it names none."""
        return str(self._store.find(KIND, address_key(to)) or "")


def bounces_router(paths: ReturnPaths, door: str) -> APIRouter:
    """`POST /_control/bounces`; `door` is `host:port` of the system that takes reports."""
    router = APIRouter(prefix=CONTROL)

    @router.post("/bounces", status_code=202)
    async def send_back(wanted: Return) -> dict[str, str]:
        path = paths.of(wanted.to)
        if not path:
            raise HTTPException(404, "no letter to this address")
        if not door:
            raise HTTPException(409, "MAILBOX_BOUNCE_TO is not set")
        for _ in range(wanted.times):
            await asyncio.to_thread(_deliver, report_of(wanted, path), path, door)
        return {"to": path}

    return router


def report_of(wanted: Return, path: str) -> Message:
    """A delivery status notification."""
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["To"] = "MAILER-DAEMON@mailbox.localhost", path
    report["Subject"] = "Delivery Status Notification"
    report.attach(MIMEText("The letter could not be delivered."))
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    blocks: list[Message[str, str] | str] = [
        _block({"Reporting-MTA": "dns; mailbox.localhost"}),
        _block(
            {
                "Final-Recipient": f"rfc822; {wanted.to}",
                "Action": wanted.action,
                "Status": wanted.status,
            }
        ),
    ]
    status.set_payload(blocks)
    report.attach(status)
    return report


def _block(fields: dict[str, str]) -> Message:
    block = Message()
    for name, value in fields.items():
        block[name] = value
    return block


def _deliver(report: Message, path: str, door: str) -> None:
    host, port = host_and_port(door)
    with smtplib.SMTP(host, port, timeout=_SECONDS) as client:
        client.ehlo()
        if client.has_extn("starttls"):
            client.starttls()  # as relays do: encrypted where it is offered
        client.sendmail("", [path], report.as_bytes())
