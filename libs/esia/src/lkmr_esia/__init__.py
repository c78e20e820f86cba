"""What the client of ESIA (ЕСИА) and the check of its tokens share; no I/O but trusted files."""

from lkmr_esia.certificates import TrustedCertificates
from lkmr_esia.claims import AccessClaims, IdClaims, Scope, parse_scopes
from lkmr_esia.errors import parse_esia_code
from lkmr_esia.refusals import Refusal, TokenRefused
from lkmr_esia.tokens import TokenPolicy, verify_access_token, verify_id_token

__all__ = [
    "AccessClaims",
    "IdClaims",
    "Refusal",
    "Scope",
    "TokenPolicy",
    "TokenRefused",
    "TrustedCertificates",
    "parse_esia_code",
    "parse_scopes",
    "verify_access_token",
    "verify_id_token",
]
