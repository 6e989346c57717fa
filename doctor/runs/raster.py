"""A picture of lines, markers and words as a PNG file, drawn with nothing but the standard library. Pure."""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

from doctor.runs.picture import PAPER, Label, Line, Marker, corners
from doctor.runs.strokes import strokes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doctor.runs.picture import Picture

_Pixels = dict[tuple[int, int], float]
"""How much of a pixel a shape covers, 0 to 1."""


def as_png(picture: Picture) -> bytes:
    """The picture as the content of a PNG file, one pixel for each unit."""
    canvas = _Canvas(picture.width, picture.height)
    for shape in picture.shapes:
        match shape:
            case Line():
                canvas.paint(_stroke(_dashed(shape.points, shape.dashes), shape.width), shape.colour, shape.opacity)
            case Marker():
                canvas.paint(_marker(shape, 1.5), PAPER, 1.0)
                canvas.paint(_marker(shape, 0.0), shape.colour, 1.0)
            case Label():
                canvas.paint(_label(shape), shape.colour, 1.0)
    return canvas.png()


class _Canvas:
    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._rows = bytearray(bytes(_rgb(PAPER)) * (width * height))

    def paint(self, pixels: _Pixels, colour: str, opacity: float) -> None:
        wanted = _rgb(colour)
        width, height, rows = self._width, self._height, self._rows
        for (x, y), covered in pixels.items():
            if 0 <= x < width and 0 <= y < height:
                place = (y * width + x) * 3
                share = covered * opacity
                for part in range(3):
                    there = rows[place + part]
                    rows[place + part] = round(there + (wanted[part] - there) * share)

    def png(self) -> bytes:
        length = self._width * 3
        lines = b"".join(b"\0" + self._rows[begin : begin + length] for begin in range(0, len(self._rows), length))
        header = struct.pack(">IIBBBBB", self._width, self._height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"IDAT", zlib.compress(lines, 9))
            + _chunk(b"IEND", b"")
        )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _stroke(lines: Iterable[Sequence[tuple[float, float]]], width: float) -> _Pixels:
    """What a round pen of this width covers; where its strokes cross, once."""
    pixels: _Pixels = {}
    half = max(width, 1.0) / 2
    thin = min(1.0, width)
    reach = half + 0.5
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line):
            dx, dy = x1 - x0, y1 - y0
            squared = dx * dx + dy * dy
            for y in range(math.floor(min(y0, y1) - reach), math.ceil(max(y0, y1) + reach) + 1):
                low, high = _across(x0, y0, x1, y1, y + 0.5, reach)
                for x in range(math.floor(low - reach), math.ceil(high + reach) + 1):
                    px, py = x + 0.5 - x0, y + 0.5 - y0
                    along = min(1.0, max(0.0, (px * dx + py * dy) / squared)) if squared else 0.0
                    far = math.hypot(px - along * dx, py - along * dy)
                    if far < reach:
                        covered = min(1.0, reach - far) * thin
                        if covered > pixels.get((x, y), 0.0):
                            pixels[x, y] = covered
    return pixels


def _across(x0: float, y0: float, x1: float, y1: float, y: float, reach: float) -> tuple[float, float]:
    """The part of a segment that can come near a row of pixels: steep lines would else fill a whole box."""
    if y0 == y1:
        return min(x0, x1), max(x0, x1)
    begin = min(1.0, max(0.0, (y - reach - y0) / (y1 - y0)))
    end = min(1.0, max(0.0, (y + reach - y0) / (y1 - y0)))
    one, other = x0 + (x1 - x0) * begin, x0 + (x1 - x0) * end
    return min(one, other), max(one, other)


def _dashed(points: Sequence[tuple[float, float]], dashes: Sequence[int]) -> list[list[tuple[float, float]]]:
    """A line as the parts that are drawn of it."""
    if not dashes:
        return [list(points)]
    parts: list[list[tuple[float, float]]] = []
    place, left, drawing = 0, float(dashes[0]), True
    current = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        done = 0.0
        while length - done > left:
            done += left
            point = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if drawing:
                parts.append([*current, point])
            current = [point]
            place = (place + 1) % len(dashes) if len(dashes) % 2 == 0 else place + 1
            left, drawing = float(dashes[place % len(dashes)]), not drawing
        left -= length - done
        current.append((x1, y1))
    return [*parts, current] if drawing else parts


def _marker(marker: Marker, rim: float) -> _Pixels:
    if marker.shape == "circle":
        return _stroke([[(marker.x, marker.y), (marker.x, marker.y)]], 2 * (marker.radius + rim))
    outline = list(corners(marker))
    pixels = _filled(outline)
    if rim:
        for place, covered in _stroke([[*outline, outline[0]]], 2 * rim).items():
            pixels[place] = max(covered, pixels.get(place, 0.0))
    return pixels


def _filled(outline: Sequence[tuple[float, float]]) -> _Pixels:
    """What a shape without dents covers, its edges drawn soft."""
    pixels: _Pixels = {}
    edges = list(zip(outline, [*outline[1:], outline[0]], strict=True))
    for y in range(math.floor(min(y for _, y in outline)), math.ceil(max(y for _, y in outline)) + 1):
        for x in range(math.floor(min(x for x, _ in outline)), math.ceil(max(x for x, _ in outline)) + 1):
            inside = 1.0
            for (x0, y0), (x1, y1) in edges:
                length = math.hypot(x1 - x0, y1 - y0)
                far = ((x1 - x0) * (y + 0.5 - y0) - (y1 - y0) * (x + 0.5 - x0)) / length
                inside = min(inside, far + 0.5)
            if inside > 0:
                pixels[x, y] = min(1.0, inside)
    return pixels


def _label(label: Label) -> _Pixels:
    lines, width = strokes_of(label.words, label.size)
    shift = {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    placed = []
    for line in lines:
        points = []
        for x, y in line:
            across, down = x - shift, y
            points.append((label.x + down, label.y - across) if label.upright else (label.x + across, label.y + down))
        placed.append(points if len(points) > 1 else points * 2)
    return _stroke(placed, max(1.25, label.size / 12))
