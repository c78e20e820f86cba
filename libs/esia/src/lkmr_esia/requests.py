"""What is signed in a request to ESIA, and how moments and signatures are written.

Values are concatenated unescaped, with nothing between them; an absent value is an empty text.
Parameters not named here (`permissions`, `access_type`, the hash of the certificate, PKCE) are
not signed. Source: methodical recommendations on the use of ESIA; numbers of rows are those of
this project's table (`README.md`).
"""

import base64
import re
from datetime import datetime, timedelta, timezone

_TIMESTAMP = re.compile(
    r"^(\d{4})\.(\d{2})\.(\d{2}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$", re.ASCII
)
_MAX_SECRET_CHARS = 48 * 1024


def v1_string(*, scope: str, timestamp: str, client_id: str, state: str) -> str:
    """Rows 1 and 2: v1 `ac` and `te` with any grant; goes into a detached CMS."""
    return scope + timestamp + client_id + state


def authorization_string(
    *,
    client_id: str,
    scope: str,
    timestamp: str,
    state: str,
    redirect_uri: str,
    scope_org: str = "",
) -> str:
    """Row 3: `v2/ac`; raw signature."""
    return client_id + scope + scope_org + timestamp + state + redirect_uri


def code_exchange_string(
    *,
    client_id: str,
    scope: str,
    timestamp: str,
    state: str,
    redirect_uri: str,
    code: str,
    scope_org: str = "",
) -> str:
    """Row 4: `v3/te` with `authorization_code`; `state` is the new one of this request."""
    return client_id + scope + scope_org + timestamp + state + redirect_uri + code


def client_credentials_string(
    *, client_id: str, scope: str, timestamp: str, state: str, redirect_uri: str
) -> str:
    """Row 5: `v3/te` with `client_credentials`."""
    return client_id + scope + timestamp + state + redirect_uri


def refresh_string(
    *,
    client_id: str,
    scope: str,
    timestamp: str,
    state: str,
    redirect_uri: str,
    scope_org: str = "",
) -> str:
    """Row 6a: `v3/te` with `refresh_token`, the reading to try first."""
    return client_id + scope + scope_org + timestamp + state + redirect_uri


def refresh_string_with_token(
    *, client_id: str, scope: str, timestamp: str, state: str, refresh_token: str
) -> str:
    """Row 6b: the other reading, sent without `redirect_uri` and without the hash."""
    return client_id + scope + timestamp + state + refresh_token


def format_timestamp(moment: datetime) -> str:
    """`2026.01.15 09:30:00 +0300`; the moment needs a time zone. The `+` becomes `%2B` in a URL."""
    if moment.tzinfo is None:
        raise ValueError("a moment for ESIA needs a time zone")
    return moment.strftime("%Y.%m.%d %H:%M:%S %z")


def parse_timestamp(text: str) -> datetime:
    """The moment that a request names. Raises ValueError."""
    found = _TIMESTAMP.match(text)
    if found is None:
        raise ValueError("not yyyy.MM.dd HH:mm:ss Z")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    shift = timedelta(hours=int(found[8]), minutes=int(found[9]))
    zone = timezone(-shift if found[7] == "-" else shift)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def encode_secret(signature: bytes) -> str:
    """`client_secret` as clients should send it: unpadded base64url."""
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def decode_secret(text: str) -> bytes:
    """`client_secret` as clients do send it: base64url with or without padding, or plain base64.

    Raises ValueError.
    """
    if len(text) > _MAX_SECRET_CHARS:
        raise ValueError("client_secret is too long")
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        padded = plain + "=" * (-len(plain) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except ValueError as fault:
        raise ValueError("client_secret is not base64") from fault
