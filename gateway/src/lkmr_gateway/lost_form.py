"""A form that comes after the end of its session is kept for its person, who signs in again."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from lkmr_gateway.access import rule_for
from lkmr_gateway.backends.drafts import Drafts
from lkmr_gateway.body import fields_of
from lkmr_gateway.csrf import comes_from_us
from lkmr_gateway.entry import key_of
from lkmr_gateway.exchange import SESSION_COOKIE, Exchange, Refused
from lkmr_gateway.kept_form import kept_form
from lkmr_gateway.return_to import HOME, safe_return_to
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

# What proves a person or belongs to one request is never kept.
NEVER_KEPT = frozenset(
    {"csrf_token", "password", "backup_password", "code", "backup_code", "credential", "kept"}
)
_NEVER_FROM = ("/api/", "/auth/", "/step-up", "/security/", "/profile/password")


def worth_keeping(form: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Texts of a form of our pages that a person would have to type again."""
    if form.startswith(_NEVER_FROM) or rule_for("POST", form) is None:
        return {}
    return {name: text for name, text in fields.items() if text and name not in NEVER_KEPT}


def page_of(exchange: Exchange) -> str:
    """The page of ours where a form stood, as the browser says; home when it does not."""
    told = urlsplit(exchange.header(b"referer"))
    if f"{told.scheme}://{told.netloc}" != exchange.origin:
        return HOME
    return safe_return_to(told.path + (f"?{told.query}" if told.query else ""))


async def keep_lost_form(drafts: Drafts, exchange: Exchange) -> str:
    """The page to open after sign-in: that of the form. Empty when this is no form of ours.

    Text that `auth` does not take is given up: the person is led to sign in all the same.
    """
    cookie = exchange.cookie(SESSION_COOKIE)
    if not kept_form(exchange).action or not cookie or not comes_from_us(exchange):
        return ""
    try:
        fields = worth_keeping(exchange.path, fields_of(exchange))
    except Refused:
        return ""
    page = page_of(exchange)
    if fields:
        try:
            await drafts.save_lost(key_of(cookie), exchange.path, page, fields)
        except ServiceError as fault:
            log.info("draft.not_kept", reason=fault.reason)
    return page
