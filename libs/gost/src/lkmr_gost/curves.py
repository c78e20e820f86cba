"""Elliptic curves of GOST R 34.10-2012 with 256 bits, and scalar multiples of their points."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]

_INFINITY: Jacobian = (1, 1, 0)
_WINDOW_BITS = 4
_WINDOWS = 256 // _WINDOW_BITS


@dataclass(frozen=True, slots=True)
class Curve:
    """y² = x³ + ax + b over p with a base point of prime order q."""

    name: str
    p: int
    a: int
    b: int
    q: int
    base: Affine

    def holds(self, point: Affine) -> bool:
        """Whether the point satisfies the equation of the curve."""
        x, y = point
        if not (0 <= x < self.p and 0 <= y < self.p):
            return False
        return (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0


_P_A = 2**256 - 617
_P_B = 2**255 + 0xC99
_P_C = int("9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D759B", 16)

CRYPTOPRO_A = Curve(
    "CryptoPro-A",
    _P_A,
    _P_A - 3,
    0xA6,
    int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893", 16),
    (1, int("8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14", 16)),
)
TC26_A = Curve(
    "tc26-256-A",
    _P_A,
    int("C2173F1513981673AF4892C23035A27CE25E2013BF95AA33B22C656F277E7335", 16),
    int("295F9BAE7428ED9CCC20E7C359A9D41A22FCCD9108E17BF7BA9337A6F8AE9513", 16),
    int("400000000000000000000000000000000FD8CDDFC87B6635C115AF556C360C67", 16),
    (
        int("91E38443A5E82C0D880923425712B2BB658B9196932E02C78B2582FE742DAA28", 16),
        int("32879423AB1A0375895786C4BB46E9565FDE0B5344766740AF268ADB32322E5C", 16),
    ),
)
CRYPTOPRO_B = Curve(
    "CryptoPro-B",
    _P_B,
    _P_B - 3,
    int("3E1AF419A269A5F866A7D3C25C3DF80AE979259373FF2B182F49D4CE7E1BBC8B", 16),
    int("800000000000000000000000000000015F700CFFF1A624E5E497161BCC8A198F", 16),
    (1, int("3FA8124359F96680B83D1C3EB2C070E5C545C9858D03ECFB744BF8D717717EFC", 16)),
)
CRYPTOPRO_C = Curve(
    "CryptoPro-C",
    _P_C,
    _P_C - 3,
    0x805A,
    int("9B9F605F5A858107AB1EC85E6B41C8AA582CA3511EDDFB74F02F3A6598980BB9", 16),
    (0, int("41ECE55743711A8C3CBF3783CD08C0EE4D4DC440D4641A8F366E550DFDB3BB67", 16)),
)

# Parameter sets of RFC 4357 (CryptoPro) and of the technical committee 26 (RFC 7836, RFC 9215).
CURVES_BY_OID = {
    "1.2.643.2.2.35.1": CRYPTOPRO_A,
    "1.2.643.2.2.36.0": CRYPTOPRO_A,  # XchA
    "1.2.643.7.1.2.1.1.2": CRYPTOPRO_A,  # tc26-256-B
    "1.2.643.7.1.2.1.1.1": TC26_A,
    "1.2.643.2.2.35.2": CRYPTOPRO_B,
    "1.2.643.7.1.2.1.1.3": CRYPTOPRO_B,  # tc26-256-C
    "1.2.643.2.2.35.3": CRYPTOPRO_C,
    "1.2.643.2.2.36.1": CRYPTOPRO_C,  # XchB
    "1.2.643.7.1.2.1.1.4": CRYPTOPRO_C,  # tc26-256-D
}


def multiply(curve: Curve, point: Affine, scalar: int) -> Affine | None:
    """`scalar · point`; None is the point at infinity. Remembers a table for recent points."""
    return _to_affine(curve, _multiple(curve, point, scalar))


def multiply_and_add(
    curve: Curve, first: tuple[int, Affine], second: tuple[int, Affine]
) -> Affine | None:
    """`u·P + v·R` for `first = (u, P)` and `second = (v, R)`; None is the point at infinity."""
    start = _multiple(curve, first[1], first[0])
    return _to_affine(curve, _multiple(curve, second[1], second[0], start))


def _multiple(curve: Curve, point: Affine, scalar: int, start: Jacobian = _INFINITY) -> Jacobian:
    total = start
    for row in _table(curve, point):
        if digit := scalar & 15:
            total = _add(curve, total, row[digit - 1])
        scalar >>= _WINDOW_BITS
    return total


@lru_cache(maxsize=64)
def _table(curve: Curve, point: Affine) -> tuple[tuple[Affine, ...], ...]:
    """Multiples 1…15 of 16ⁱ·point for each of 64 windows; about 10 ms and 150 KB."""
    rows: list[list[Jacobian]] = []
    start = point
    for _ in range(_WINDOWS):
        row: list[Jacobian] = [(start[0], start[1], 1)]
        for _ in range(14):
            row.append(_add(curve, row[-1], start))
        rows.append(row)
        following = _to_affine(curve, _double(curve, row[7]))
        if following is None:
            raise ValueError("the point has a small order")
        start = following
    flat = _all_to_affine(curve, [multiple for row in rows for multiple in row])
    return tuple(tuple(flat[i : i + 15]) for i in range(0, len(flat), 15))


def _double(curve: Curve, point: Jacobian) -> Jacobian:
    x, y, z = point
    p = curve.p
    if not z or not y:
        return _INFINITY
    yy = y * y % p
    s = 4 * x * yy % p
    zz = z * z % p
    m = (3 * x * x + curve.a * zz * zz) % p
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p


def _add(curve: Curve, point: Jacobian, other: Affine) -> Jacobian:
    x1, y1, z1 = point
    x2, y2 = other
    p = curve.p
    if not z1:
        return x2, y2, 1
    zz = z1 * z1 % p
    h = (x2 * zz - x1) % p
    r = (y2 * zz * z1 - y1) % p
    if not h:
        return _INFINITY if r else _double(curve, point)
    hh = h * h % p
    hhh = h * hh % p
    v = x1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return x3, (r * (v - x3) - y1 * hhh) % p, z1 * h % p


def _to_affine(curve: Curve, point: Jacobian) -> Affine | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, curve.p)
    square = inverse * inverse % curve.p
    return x * square % curve.p, y * square * inverse % curve.p


def _all_to_affine(curve: Curve, points: list[Jacobian]) -> list[Affine]:
    """Convert many points with one inversion (Montgomery's trick)."""
    p = curve.p
    products = [1]
    for _, _, z in points:
        if not z:
            raise ValueError("the point has a small order")
        products.append(products[-1] * z % p)
    inverse = pow(products[-1], -1, p)
    result: list[Affine] = []
    for (x, y, z), (before, _) in zip(
        reversed(points), reversed(list(pairwise(products))), strict=True
    ):
        own = inverse * before % p
        inverse = inverse * z % p
        square = own * own % p
        result.append((x * square % p, y * square * own % p))
    return result[::-1]
