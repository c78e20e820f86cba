"""The channels that are switched on, from their settings."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx2

from lkmr_notify.clients.dkim import signer
from lkmr_notify.clients.push.sender import PushSender
from lkmr_notify.clients.push.vapid import Vapid
from lkmr_notify.clients.sms import SmsSender
from lkmr_notify.clients.smtp import SmtpSender
from lkmr_notify.domain.channel import Channel
from lkmr_notify.usecases.ports import Sender, Subscription

__all__ = ["SmtpSender", "Vapid", "letter_signer", "push_sender", "senders_of"]

Browsers = Callable[[uuid.UUID], Awaitable[Sequence[tuple[uuid.UUID, Subscription]]]]
Forget = Callable[[uuid.UUID], Awaitable[None]]


def letter_signer(domain: str, selector: str, key_file: str) -> Callable[[bytes], bytes] | None:
    """A DKIM signer; None without a domain. Raises OSError, ValueError for a key that is none."""
    return signer(domain, selector, Path(key_file)) if domain else None


def push_sender(
    vapid: Vapid | None, http: httpx2.AsyncClient, *, browsers: Browsers, forget: Forget
) -> PushSender | None:
    """Browser push; None without a key."""
    return PushSender(vapid, http, browsers=browsers, forget=forget) if vapid else None


def senders_of(
    smtp: SmtpSender, sms_urls: str, push: PushSender | None, http: httpx2.AsyncClient
) -> dict[Channel, Sender]:
    """Senders by channel; SMS only with a provider, push only with a key."""
    made: dict[Channel, Sender] = {Channel.EMAIL: smtp}
    if urls := [one.strip() for one in sms_urls.split(",") if one.strip()]:
        made[Channel.SMS] = SmsSender(urls, http)
    if push is not None:
        made[Channel.PUSH] = push
    return made
