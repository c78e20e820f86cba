"""Keys of GOST R 34.10-2012 (256 bit): signature, check, and their encodings (RFC 9215)."""

import secrets
from dataclasses import dataclass

from asn1crypto import core, parser, pem

from lkmr_gost.curves import CURVES_BY_OID, Affine, Curve, multiply, multiply_and_add
from lkmr_gost.streebog import digest

PUBLIC_KEY_OID = "1.2.643.7.1.1.1.1"
DIGEST_OID = "1.2.643.7.1.1.2.2"
SIGNATURE_OID = "1.2.643.7.1.1.3.2"
DEFAULT_CURVE_OID = "1.2.643.2.2.36.0"
_TC26_SETS = "1.2.643.7.1.2.1.1."
_HALF, _SIGNATURE = 32, 64


class KeyUnreadable(ValueError):
    """Bytes that are not a 256-bit GOST key on a known curve."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point of a named curve. `curve_oid` keeps the name under which it was written."""

    curve_oid: str
    point: Affine

    @property
    def curve(self) -> Curve:
        return CURVES_BY_OID[self.curve_oid]

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether a raw signature `s ‖ r` (64 bytes, big-endian halves) belongs to the message."""
        curve = self.curve
        if len(signature) != _SIGNATURE:
            return False
        s = int.from_bytes(signature[:_HALF], "big")
        r = int.from_bytes(signature[_HALF:], "big")
        if not (0 < r < curve.q and 0 < s < curve.q):
            return False
        inverse = pow(_number_of(message, curve), -1, curve.q)
        first = (s * inverse % curve.q, curve.base)
        second = (-r * inverse % curve.q, self.point)
        point = multiply_and_add(curve, first, second)
        return point is not None and point[0] % curve.q == r

    def to_der(self) -> bytes:
        """SubjectPublicKeyInfo: the digest is named for CryptoPro sets, left out for tc26 sets."""
        x, y = self.point
        octets = x.to_bytes(_HALF, "little") + y.to_bytes(_HALF, "little")
        bits = core.OctetBitString(core.OctetString(octets).dump())
        return sequence(_algorithm(self.curve_oid), bits.dump())


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """A secret number `d`; printing it shows nothing."""

    curve_oid: str
    secret: int

    def __repr__(self) -> str:
        return f"PrivateKey({self.curve_oid}, ***)"

    @property
    def public_key(self) -> PublicKey:
        curve = CURVES_BY_OID[self.curve_oid]
        point = multiply(curve, curve.base, self.secret)
        if point is None:
            raise KeyUnreadable("the secret is a multiple of the order")
        return PublicKey(self.curve_oid, point)

    def sign(self, message: bytes) -> bytes:
        """The raw signature `s ‖ r` of 64 bytes, halves big-endian (ГОСТ Р 34.10-2012, 6.1)."""
        curve = CURVES_BY_OID[self.curve_oid]
        e = _number_of(message, curve)
        while True:
            k = secrets.randbelow(curve.q - 1) + 1
            if signature := _signature(curve, self.secret, e, k):
                return signature

    def to_der(self) -> bytes:
        """PKCS#8 with the secret as 32 little-endian bytes, as the OpenSSL engine writes it."""
        octets = core.OctetString(self.secret.to_bytes(_HALF, "little"))
        return sequence(core.Integer(0).dump(), _algorithm(self.curve_oid), octets.dump())

    def to_pem(self) -> bytes:
        return bytes(pem.armor("PRIVATE KEY", self.to_der()))


def generate_private_key(curve_oid: str = DEFAULT_CURVE_OID) -> PrivateKey:
    """A new random key; the default curve is CryptoPro-XchA, which ESIA certificates use."""
    curve = CURVES_BY_OID[curve_oid]
    return PrivateKey(curve_oid, secrets.randbelow(curve.q - 1) + 1)


def load_private_key(data: bytes) -> PrivateKey:
    """Read PKCS#8, PEM or DER, not encrypted. Raises KeyUnreadable.

    The secret may stand as 32 raw little-endian bytes, the same in an OCTET STRING, or an INTEGER.
    """
    try:
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        outer = core.Sequence.load(der, strict=True)
        curve_oid = _curve_oid(outer[1])
        secret = _secret_of(bytes(outer[2].native))
    except (ValueError, TypeError, KeyError, IndexError) as fault:
        raise KeyUnreadable("not a PKCS#8 key of GOST R 34.10-2012 with 256 bits") from fault
    if not 0 < secret < CURVES_BY_OID[curve_oid].q:
        raise KeyUnreadable("the secret is out of range")
    return PrivateKey(curve_oid, secret)


def parse_public_key(der: bytes) -> PublicKey:
    """Read SubjectPublicKeyInfo; the point is proven to lie in the group. Raises KeyUnreadable."""
    try:
        outer = core.Sequence.load(der, strict=True)
        curve_oid = _curve_oid(outer[0])
        octets = bytes(core.OctetString.load(outer[1].contents[1:], strict=True).native)
    except (ValueError, TypeError, KeyError, IndexError) as fault:
        raise KeyUnreadable("not a public key of GOST R 34.10-2012 with 256 bits") from fault
    if len(octets) != 2 * _HALF:
        raise KeyUnreadable("the point has a wrong length")
    point = (int.from_bytes(octets[:_HALF], "little"), int.from_bytes(octets[_HALF:], "little"))
    curve = CURVES_BY_OID[curve_oid]
    if not curve.holds(point) or multiply(curve, point, curve.q) is not None:
        raise KeyUnreadable("the point is not in the group of the curve")
    return PublicKey(curve_oid, point)


def _number_of(message: bytes, curve: Curve) -> int:
    """`e` of the standard: the digest read little-endian, modulo q; 0 becomes 1."""
    return int.from_bytes(digest(message), "little") % curve.q or 1


def _signature(curve: Curve, secret: int, e: int, k: int) -> bytes | None:
    point = multiply(curve, curve.base, k)
    r = point[0] % curve.q if point else 0
    s = (r * secret + k * e) % curve.q
    if not r or not s:
        return None
    return s.to_bytes(_HALF, "big") + r.to_bytes(_HALF, "big")


def _algorithm(curve_oid: str) -> bytes:
    parts = [core.ObjectIdentifier(curve_oid).dump()]
    if not curve_oid.startswith(_TC26_SETS):
        parts.append(core.ObjectIdentifier(DIGEST_OID).dump())
    return sequence(core.ObjectIdentifier(PUBLIC_KEY_OID).dump(), sequence(*parts))


def _curve_oid(algorithm: core.Sequence) -> str:
    if algorithm[0].dotted != PUBLIC_KEY_OID:
        raise ValueError("another algorithm")
    curve_oid = str(algorithm[1][0].dotted)
    if curve_oid not in CURVES_BY_OID:
        raise ValueError("an unknown curve")
    return curve_oid


def _secret_of(octets: bytes) -> int:
    if len(octets) == _HALF:
        return int.from_bytes(octets, "little")
    inner = core.load(octets, strict=True)
    if isinstance(inner, core.OctetString) and len(inner.native) == _HALF:
        return int.from_bytes(inner.native, "little")
    if isinstance(inner, core.Integer):
        return int(inner.native)
    raise ValueError("an unknown form of the secret")


def sequence(*parts: bytes) -> bytes:
    """DER SEQUENCE of encoded parts."""
    return bytes(parser.emit(0, 1, 16, b"".join(parts)))
