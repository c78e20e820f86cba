"""Why a token of ESIA was refused."""

from enum import StrEnum


class Refusal(StrEnum):
    """A reason for the log; a caller gets the same answer for every one of them."""

    MALFORMED = "MALFORMED"
    """Size, form, base64url, JSON or a repeated name."""
    HEADER_NOT_ALLOWED = "HEADER_NOT_ALLOWED"
    """`crit`, `jku`, `x5u`, `jwk`, `x5c`, `b64`."""
    ALGORITHM_NOT_ALLOWED = "ALGORITHM_NOT_ALLOWED"
    KIND_WRONG = "KIND_WRONG"
    """`sbt` names another kind of token."""
    KEY_UNKNOWN = "KEY_UNKNOWN"
    """No trusted certificate of this algorithm and id, valid when the token was issued."""
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    ISSUER_WRONG = "ISSUER_WRONG"
    CLIENT_WRONG = "CLIENT_WRONG"
    """`aud` or `client_id` is not one of the expected systems."""
    CLAIM_WRONG = "CLAIM_WRONG"
    """A claim is missing or has a wrong type."""
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    LIFE_TOO_LONG = "LIFE_TOO_LONG"
    SUBJECT_MISMATCH = "SUBJECT_MISMATCH"
    """`sub`, `urn:esia:sbj` and the access token speak of different people or sessions."""


class TokenRefused(Exception):
    """A token that must not be trusted; holds no part of the token."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason
