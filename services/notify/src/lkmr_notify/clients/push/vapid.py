"""Who sends a push message (VAPID, RFC 8292)."""

from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from joserfc import jwt
from joserfc.jwk import ECKey

from lkmr_notify.clients.push.encryption import decode, encode, point_of
from lkmr_servicekit.clock import Clock

LIFE_SECONDS = 12 * 3600  # at most 24 h by RFC 8292, section 2
_SCALAR = 32


class Vapid:
    """Signs for push services. `secret` is the private key, 32 bytes in base64url.

    Raises ValueError when it is none.
    """

    def __init__(self, secret: str, contact: str, clock: Clock) -> None:
        raw = decode(secret)
        if len(raw) != _SCALAR:
            raise ValueError("VAPID_KEY: 32 bytes in base64url expected")
        private = derive_private_key(int.from_bytes(raw, "big"), SECP256R1())
        point = point_of(private.public_key())
        self.public_key = encode(point)
        self._key = ECKey.import_key(
            {
                "kty": "EC",
                "crv": "P-256",
                "x": encode(point[1:33]),
                "y": encode(point[33:]),
                "d": encode(raw),
            }
        )
        self._contact, self._clock = contact, clock
        self._known: dict[str, tuple[str, float]] = {}

    def authorization(self, endpoint: str) -> str:
        """The header for a push service; one token for each service serves for hours."""
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        now = self._clock.now().timestamp()
        token, until = self._known.get(origin, ("", 0.0))
        if until - now < LIFE_SECONDS / 2:
            until = now + LIFE_SECONDS
            claims = {"aud": origin, "exp": int(until), "sub": self._contact}
            token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._key)
            self._known[origin] = (token, until)
        return f"vapid t={token}, k={self.public_key}"
