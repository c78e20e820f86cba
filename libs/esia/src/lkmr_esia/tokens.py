"""Checks of ESIA access and id tokens: the resource server's and the client's rules.

Source: methodical recommendations on the use of ESIA, appendix В.6; RFC 8725 (JWT practice).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.errors import JoseError

from lkmr_esia.certificates import GOST, RSA, TrustedCertificates
from lkmr_esia.claims import AccessClaims, IdClaims, parse_scopes
from lkmr_esia.compact import CompactToken, read_compact
from lkmr_esia.jose import signature_fits
from lkmr_esia.refusals import Refusal, TokenRefused

_ALGORITHMS = frozenset({GOST, RSA})
_AHEAD_SECONDS = 60
_MAX_OID = 2**63 - 1
_MAX_MOMENT = 32_503_680_000  # the year 3000, in seconds
_DIGITS = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """What one environment of ESIA may send us."""

    issuer: str
    """Exact `iss`: http, with a trailing slash, as in `http://esia.gosuslugi.ru/`."""
    client_ids: frozenset[str]
    """Mnemonics of the systems whose tokens are taken."""
    certificates: TrustedCertificates
    algorithms: frozenset[str] = _ALGORITHMS
    leeway_seconds: int = 60
    max_access_seconds: int = 3600
    max_id_seconds: int = 10800
    system_tokens: bool = False
    """Whether an access token without a person (client_credentials) is taken."""


def verify_access_token(token: str, *, policy: TokenPolicy, now: datetime) -> AccessClaims:
    """Check a bearer token as a resource server. Raises TokenRefused, and nothing else.

    Needed scopes are asked from the answer (`grants`); a session ended locally is the caller's.
    """
    claims, issued, expires = _verified(token, "access", policy, policy.max_access_seconds, now)
    client_id = _text(claims, "client_id")
    if client_id not in policy.client_ids:
        raise TokenRefused(Refusal.CLIENT_WRONG)
    try:
        scopes = parse_scopes(_text(claims, "scope"))
    except ValueError:
        raise TokenRefused(Refusal.CLAIM_WRONG) from None
    if policy.system_tokens and "urn:esia:sbj_id" not in claims:
        oid, session = None, None
    else:
        oid, session = _oid(claims, "urn:esia:sbj_id"), _text(claims, "urn:esia:sid")
    return AccessClaims(
        client_id=client_id,
        oid=oid,
        session_id=session,
        scopes=scopes,
        issue_time=issued,
        expire_time=expires,
    )


def verify_id_token(
    token: str, *, policy: TokenPolicy, now: datetime, access: AccessClaims | None = None
) -> IdClaims:
    """Check an id token as a client. Raises TokenRefused, and nothing else.

    With `access`, the checked token of the same answer, both must name one person, session and
    system. That the account is confirmed and a second factor was used is left to the caller.
    """
    claims, issued, expires = _verified(token, "id", policy, policy.max_id_seconds, now)
    client_id = _text(claims, "aud")
    if client_id not in policy.client_ids or (access and access.client_id != client_id):
        raise TokenRefused(Refusal.CLIENT_WRONG)
    oid, session = _oid(claims, "sub"), _text(claims, "urn:esia:sid")
    subject = claims.get("urn:esia:sbj")
    if not isinstance(subject, dict):
        raise TokenRefused(Refusal.CLAIM_WRONG)
    if _oid(subject, "urn:esia:sbj:oid") != oid:
        raise TokenRefused(Refusal.SUBJECT_MISMATCH)
    if access is not None and (access.oid, access.session_id) != (oid, session):
        raise TokenRefused(Refusal.SUBJECT_MISMATCH)
    methods = _methods(claims)
    return IdClaims(
        client_id=client_id,
        oid=oid,
        session_id=session,
        confirmed=_confirmed(subject),
        second_factor=_second_factor(claims) or "DS" in methods,
        methods=methods,
        authentication_time=_moment(claims, "auth_time") if "auth_time" in claims else None,
        issue_time=issued,
        expire_time=expires,
    )


def _verified(
    token: str, kind: str, policy: TokenPolicy, max_seconds: int, now: datetime
) -> tuple[Mapping[str, Any], datetime, datetime]:
    compact = read_compact(token)
    algorithm = compact.header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in policy.algorithms & _ALGORITHMS:
        raise TokenRefused(Refusal.ALGORITHM_NOT_ALLOWED)
    if compact.header.get("sbt") != kind or compact.header.get("typ", "JWT") != "JWT":
        raise TokenRefused(Refusal.KIND_WRONG)
    issued = _moment(compact.claims, "iat")
    _check_signature(compact, algorithm, policy.certificates, issued)
    if compact.claims.get("iss") != policy.issuer:
        raise TokenRefused(Refusal.ISSUER_WRONG)
    return compact.claims, issued, _check_times(compact.claims, issued, policy, max_seconds, now)


def _check_signature(
    compact: CompactToken, algorithm: str, trusted: TrustedCertificates, issued: datetime
) -> None:
    key_id = compact.header.get("x5t#St256")
    if key_id is not None and not isinstance(key_id, str):
        raise TokenRefused(Refusal.MALFORMED)
    candidates = trusted.candidates(algorithm, key_id, issued)
    if not candidates:
        raise TokenRefused(Refusal.KEY_UNKNOWN)
    try:
        fits = any(signature_fits(compact.text, algorithm, item.key) for item in candidates)
    except (JoseError, ValueError):
        raise TokenRefused(Refusal.MALFORMED) from None
    if not fits:
        raise TokenRefused(Refusal.SIGNATURE_WRONG)


def _check_times(
    claims: Mapping[str, Any],
    issued: datetime,
    policy: TokenPolicy,
    max_seconds: int,
    now: datetime,
) -> datetime:
    expires = _moment(claims, "exp")
    leeway = timedelta(seconds=policy.leeway_seconds)
    ahead = now + timedelta(seconds=_AHEAD_SECONDS)
    if now >= expires + leeway:
        raise TokenRefused(Refusal.EXPIRED)
    if issued > ahead or ("nbf" in claims and _moment(claims, "nbf") > ahead):
        raise TokenRefused(Refusal.NOT_YET_VALID)
    if expires - issued > timedelta(seconds=max_seconds):
        raise TokenRefused(Refusal.LIFE_TOO_LONG)
    return expires


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= _MAX_MOMENT:  # neither bool nor float
        raise TokenRefused(Refusal.CLAIM_WRONG)
    return datetime.fromtimestamp(value, UTC)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise TokenRefused(Refusal.CLAIM_WRONG)
    return value


def _oid(claims: Mapping[str, Any], name: str) -> str:
    """A number, or a text of digits without leading zeros, as a text of digits."""
    value = claims.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int or not 0 < value <= _MAX_OID:
        raise TokenRefused(Refusal.CLAIM_WRONG)
    return str(value)


def _methods(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """ESIA writes `amr` as a text, OpenID Connect as a list; both are read."""
    value = claims.get("amr", [])
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise TokenRefused(Refusal.CLAIM_WRONG)
    return tuple(items)


def _confirmed(subject: Mapping[str, Any]) -> bool:
    """Confirmed only if nothing in the token says otherwise: the level is absent in older ones."""
    level = subject.get("urn:esia:sbj:lvl", "PR")
    return subject.get("urn:esia:sbj:is_tru") is True and level == "PR"


def _second_factor(claims: Mapping[str, Any]) -> bool:
    """`acr` is an object such as {"2fa": "otp"} in newer tokens and absent in older ones."""
    acr = claims.get("acr")
    factor = acr.get("2fa") if isinstance(acr, dict) else None
    return isinstance(factor, str) and bool(factor)
