"""Synthetic pictures and video: made here for demonstrations, read here when they come back.

Pictures are PNG of 8 bits, video is Y4M in grey. Nothing of what is read here is ever stored.
"""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import fmean, pstdev

MAX_PIXELS = 2_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
_FACE = 96
_GRID = 12
_WIDTH, _HEIGHT = 480, 320
_FRAMES = 12


class Unreadable(ValueError):
    """Bytes that are no picture or video of the kinds that are read here."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Brightness 0…255 by rows."""

    width: int
    height: int
    rows: tuple[bytes, ...]

    def sampled(self, step: int = 4) -> list[int]:
        """Every n-th point of every n-th row."""
        return [point for row in self.rows[::step] for point in row[::step]]

    def patch(self, left: int, top: int, size: int) -> list[float]:
        """A square as a grid of mean brightness."""
        cell = size // _GRID
        return [
            fmean(
                point
                for row in self.rows[top + y * cell : top + (y + 1) * cell]
                for point in row[left + x * cell : left + (x + 1) * cell]
            )
            for y in range(_GRID)
            for x in range(_GRID)
        ]


def read_png(data: bytes) -> Picture:
    """A picture out of PNG. Raises Unreadable."""
    if not data.startswith(_SIGNATURE):
        raise Unreadable("not a PNG")
    try:
        header, packed = _chunks(data)
        width, height, depth, kind, _, _, interlace = struct.unpack(">IIBBBBB", header)
    except (struct.error, IndexError) as fault:
        raise Unreadable("a broken PNG") from fault
    if depth != 8 or kind not in _CHANNELS or interlace:  # noqa: PLR2004 - bits of a channel
        raise Unreadable("only 8 bits, without interlace")
    if not 0 < width * height <= MAX_PIXELS:
        raise Unreadable("too large")
    channels = _CHANNELS[kind]
    stride = width * channels
    try:
        raw = zlib.decompressobj().decompress(packed, (stride + 1) * height)
    except zlib.error as fault:
        raise Unreadable("a broken PNG") from fault
    if len(raw) < (stride + 1) * height:
        raise Unreadable("a cut PNG")
    rows, before = [], bytes(stride)
    for start in range(0, (stride + 1) * height, stride + 1):
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], before, channels)
        rows.append(_grey(before, channels))
    return Picture(width, height, tuple(rows))


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    header, packed, place = b"", bytearray(), len(_SIGNATURE)
    while place + 8 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        name, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        if name == b"IHDR":
            header = body
        elif name == b"IDAT":
            packed += body
        elif name == b"IEND":
            break
        place += 12 + length
    return header, bytes(packed)


def _unfiltered(kind: int, line: bytes, before: bytes, step: int) -> bytes:
    """Undo the filter of a row (PNG specification, section 9)."""
    if kind == 0:
        return line
    made = bytearray(len(line))
    for place, value in enumerate(line):
        left = made[place - step] if place >= step else 0
        above, corner = before[place], before[place - step] if place >= step else 0
        match kind:
            case 1:
                guess = left
            case 2:
                guess = above
            case 3:
                guess = (left + above) // 2
            case 4:
                guess = _paeth(left, above, corner)
            case _:
                raise Unreadable("an unknown filter")
        made[place] = (value + guess) & 0xFF
    return bytes(made)


def _paeth(left: int, above: int, corner: int) -> int:
    estimate = left + above - corner
    return min((left, above, corner), key=lambda one: abs(estimate - one))


def _grey(line: bytes, channels: int) -> bytes:
    if channels in {1, 2}:
        return line[::channels]
    red, green, blue = line[::channels], line[1::channels], line[2::channels]
    return bytes(
        (r * 299 + g * 587 + b * 114) // 1000 for r, g, b in zip(red, green, blue, strict=True)
    )


def read_y4m(data: bytes) -> list[Picture]:
    """Frames out of Y4M in grey (`Cmono`). Raises Unreadable."""
    head, found, rest = data.partition(b"\n")
    fields = head.split(b" ")
    if fields[0] != b"YUV4MPEG2" or b"Cmono" not in fields or not found:
        raise Unreadable("not a Y4M in grey")
    try:
        width = next(int(one[1:]) for one in fields if one[:1] == b"W")
        height = next(int(one[1:]) for one in fields if one[:1] == b"H")
    except (StopIteration, ValueError) as fault:
        raise Unreadable("a Y4M without its size") from fault
    if not 0 < width * height <= MAX_PIXELS:
        raise Unreadable("too large")
    frames = []
    while rest.startswith(b"FRAME"):
        _, _, rest = rest.partition(b"\n")
        body, rest = rest[: width * height], rest[width * height :]
        if len(body) < width * height:
            raise Unreadable("a cut frame")
        rows = tuple(body[y * width : (y + 1) * width] for y in range(height))
        frames.append(Picture(width, height, rows))
    return frames


def brightness(picture: Picture) -> float:
    """Mean brightness."""
    return fmean(picture.sampled())


def contrast(picture: Picture) -> float:
    """How much brightness varies."""
    return pstdev(picture.sampled())


def overexposed(picture: Picture) -> float:
    """Share of points that are white with glare."""
    points = picture.sampled()
    return sum(point >= 250 for point in points) / len(points)  # noqa: PLR2004 - almost white


def movement(frames: list[Picture]) -> float:
    """Mean change from frame to frame."""
    sampled = [frame.sampled(8) for frame in frames]
    changes = [
        fmean(abs(one - other) for one, other in zip(first, second, strict=True))
        for first, second in pairwise(sampled)
    ]
    return fmean(changes) if changes else 0


def likeness(first: list[float], second: list[float]) -> float:
    """Correlation of two patches: 1 for one face, about 0 for two."""
    mean_1, mean_2 = fmean(first), fmean(second)
    spread = pstdev(first) * pstdev(second) * len(first)
    if not spread:
        return 0
    return sum((a - mean_1) * (b - mean_2) for a, b in zip(first, second, strict=True)) / spread


PASSPORT_FACE = (24, 88)
SELFIE_FACE = (192, 32)
FACE = _FACE


@cache
def sample(name: str) -> bytes:
    """A synthetic picture or video by name. Raises KeyError."""
    return _SAMPLES[name]()


def _glare(rows: list[bytes]) -> list[bytes]:
    """The same page with a lamp mirrored in all of it but the left third."""
    clear = _WIDTH // 3
    return [row[:clear] + b"\xff" * (_WIDTH - clear) for row in rows]


def _face(seed: int) -> list[bytes]:
    """An invented face: light and dark squares, the same for one seed."""
    source = random.Random(seed)  # noqa: S311 - a picture
    cell = _FACE // _GRID
    made = []
    for _ in range(_GRID):
        row = b"".join(bytes([source.randint(40, 215)]) * cell for _ in range(_GRID))
        made += [row] * cell
    return made


def _rows(face: list[bytes], place: tuple[int, int]) -> list[bytes]:
    """A page with lines of text and a face."""
    left, top = place
    text = (b"\x46" * 6 + b"\xb4" * 10) * (_WIDTH // 16)
    plain = b"\xb4" * _WIDTH
    made = [text if y % 16 < 4 else plain for y in range(_HEIGHT)]  # noqa: PLR2004 - height of a line
    for number, part in enumerate(face):
        row = made[top + number]
        made[top + number] = row[:left] + part + row[left + _FACE :]
    return made


def _png(rows: list[bytes]) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    return _SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _y4m(*, moves: int, light: float) -> bytes:
    face, width, height = _face(1), 160, 120
    table = bytes(int(value * light) for value in range(256))
    frames = []
    for number in range(_FRAMES):
        left = 12 + (number * moves) % 48
        rows = [b"\xb4" * width for _ in range(height)]
        for y, part in enumerate(face):
            rows[12 + y] = rows[12 + y][:left] + part + rows[12 + y][left + _FACE :]
        frames.append(b"FRAME\n" + b"".join(rows).translate(table))
    return f"YUV4MPEG2 W{width} H{height} F12:1 Ip A1:1 Cmono\n".encode() + b"".join(frames)


_SAMPLES: dict[str, Callable[[], bytes]] = {
    "passport.png": lambda: _png(_rows(_face(1), PASSPORT_FACE)),
    "passport-glare.png": lambda: _png(_glare(_rows(_face(1), PASSPORT_FACE))),
    "selfie.png": lambda: _png(_rows(_face(1), SELFIE_FACE)),
    "selfie-stranger.png": lambda: _png(_rows(_face(2), SELFIE_FACE)),
    "video.y4m": lambda: _y4m(moves=6, light=1.0),
    "video-dark.y4m": lambda: _y4m(moves=6, light=0.08),
    "video-still.y4m": lambda: _y4m(moves=0, light=1.0),
}
