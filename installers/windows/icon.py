"""Draw tunedoc's icon: a pulse that ends in a clean wave, on a dark rounded square. `python installers/windows/icon.py`

Standard library only, and the same bytes every time. Small sizes are bitmaps, which every reader of icons knows.
"""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise
from pathlib import Path

ICON = Path(__file__).with_name("tunedoc.ico")
SIZES = (16, 24, 32, 48, 64, 256)
FINE = 4
"""Points a pixel and direction, for smooth edges."""
GROUND = (24, 32, 51)
LINE = (94, 234, 160)
Colour = tuple[float, float, float, float]


def main() -> None:
    pictures = [(size, picture(size)) for size in SIZES]
    ICON.write_bytes(icon(pictures))
    print(f"{ICON.name}: {ICON.stat().st_size} bytes")


def picture(size: int) -> list[list[Colour]]:
    """Rows from the top; red, green, blue (0 to 255) and how solid (0 to 1)."""
    steps = size * FINE
    line = _line()
    inside = [[_shade(x / steps, y / steps, size, line) for x in range(steps)] for y in range(steps)]
    return [[_mean(inside, x, y) for x in range(size)] for y in range(size)]


def icon(pictures: list[tuple[int, list[list[Colour]]]]) -> bytes:
    """The file: a head, a row for every picture, and the pictures."""
    bodies = [_png(rows) if size >= 256 else _bitmap(rows) for size, rows in pictures]
    head = struct.pack("<HHH", 0, 1, len(bodies))
    place = len(head) + 16 * len(bodies)
    for (size, _), body in zip(pictures, bodies, strict=True):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(body), place)
        place += len(body)
    return head + b"".join(bodies)


def _line() -> list[tuple[float, float]]:
    pulse = [(0.12, 0.56), (0.24, 0.56), (0.31, 0.24), (0.41, 0.80), (0.48, 0.50)]
    wave = [(0.48 + 0.40 * i / 24, 0.50 - 0.13 * math.sin(i / 24 * 2.0 * math.pi)) for i in range(1, 25)]
    return [*pulse, *wave]


def _shade(x: float, y: float, size: int, line: list[tuple[float, float]]) -> Colour:
    edge, corner = 0.02, 0.22
    dx = max(edge + corner - x, x - (1 - edge - corner), 0.0)
    dy = max(edge + corner - y, y - (1 - edge - corner), 0.0)
    if dx * dx + dy * dy > corner * corner:
        return (0.0, 0.0, 0.0, 0.0)
    # Thicker in small pictures, where a thin line would vanish.
    half = 0.042 if size >= 48 else 0.055
    near = any(_near(x, y, a, b, half) for a, b in pairwise(line))
    return (*(LINE if near else GROUND), 1.0)


def _near(x: float, y: float, a: tuple[float, float], b: tuple[float, float], half: float) -> bool:
    run, rise = b[0] - a[0], b[1] - a[1]
    along = max(0.0, min(1.0, ((x - a[0]) * run + (y - a[1]) * rise) / (run * run + rise * rise)))
    away_x, away_y = x - a[0] - along * run, y - a[1] - along * rise
    return away_x * away_x + away_y * away_y <= half * half


def _mean(inside: list[list[Colour]], x: int, y: int) -> Colour:
    points = [inside[y * FINE + j][x * FINE + i] for i in range(FINE) for j in range(FINE)]
    solid = sum(point[3] for point in points)
    if not solid:
        return (0.0, 0.0, 0.0, 0.0)
    red, green, blue = (sum(point[c] * point[3] for point in points) / solid for c in range(3))
    return (red, green, blue, solid / len(points))


def _bytes(colour: Colour) -> tuple[int, int, int, int]:
    return round(colour[0]), round(colour[1]), round(colour[2]), round(255 * colour[3])


def _bitmap(rows: list[list[Colour]]) -> bytes:
    size = len(rows)
    colours = bytearray()
    for row in reversed(rows):
        for red, green, blue, solid in map(_bytes, row):
            colours += bytes((blue, green, red, solid))
    # The old mask, all zero: how solid a point is says the fourth byte.
    mask = bytes((size + 31) // 32 * 4 * size)
    return struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, len(colours), 0, 0, 0, 0) + colours + mask


def _png(rows: list[list[Colour]]) -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + b"".join(bytes(_bytes(colour)) for colour in row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows), len(rows), 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(lines, 9)) + part(b"IEND", b"")


if __name__ == "__main__":
    main()
