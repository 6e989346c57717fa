"""Letters as strokes of a pen, for pictures made without any font: ASCII, and the Chinese that plots say. Pure.

Each glyph is a list of strokes, each stroke a list of points of two digits, across and down. Latin letters stand on
line 6 of a grid whose capitals begin at 0; Chinese ones fill a square of sixteen, in hexadecimal digits.
"""

from __future__ import annotations

_LATIN = {
    "0": "103041453616050110", "1": "011016 0626", "2": "01103041420646", "3": "01103041423323 23334445361605",
    "4": "36300444", "5": "40000312324345361605", "6": "413010010516364544331304", "7": "004016",
    "8": "103041423313020110 1304051636454433", "9": "051636454130100102133342",
    "A": "062046 1434", "B": "06003041423303 3344453606", "C": "4130100105163645", "D": "06002042442606",
    "E": "40000646 0333", "F": "400006 0333", "G": "41301001051636454323", "H": "0006 4046 0343", "I": "0006",
    "J": "3035261605", "K": "0006 4004 1346", "L": "000646", "M": "0600234046", "N": "06004640",
    "O": "103041453616050110", "P": "06003041423303", "Q": "103041453616050110 2446", "R": "06003041423303 2346",
    "S": "413010010213334445361605", "T": "0040 2026", "U": "000516364540", "V": "002640", "W": "0016233640",
    "X": "0046 4006", "Y": "002340 2326", "Z": "00400646",
    "a": "3236 3322120305162635", "b": "0006 0312223335261605", "c": "3322120305162635",
    "d": "3036 3322120305162635", "e": "04343322120305162635", "f": "201116 0222",
    "g": "3237281807 3322120305162635", "h": "0006 0312223336", "i": "0206 00", "j": "121708 10",
    "k": "0006 3205 1436", "l": "0006", "m": "0206 03122326 23324346", "n": "0206 0312223336",
    "o": "122233352616050312", "p": "0208 0312223335261605", "q": "3238 3322120305162635", "r": "0206 031222",
    "s": "33221203142435261605", "t": "101526 0222", "u": "0205162635 3236", "v": "022642", "w": "0216233642",
    "x": "0236 3206", "y": "0226 4218", "z": "02320636",
    ".": "06", ",": "1607", ":": "02 06", ";": "12 1607", "-": "0434", "_": "0747", "(": "10020618", ")": "00121608",
    "/": "3006", "\\": "0036", "+": "2125 0343", "=": "0242 0444", "#": "1016 3036 0242 0444", "'": "0001",
    '"': "0001 2021", "!": "0004 06", "?": "011030414223 26", "[": "10000818", "]": "00101808", "|": "0008",
    "*": "2125 0224 4204", "%": "4006 00 46", "~": "0413243342", "<": "314435", ">": "114415", "…": "06 26 46",
    "·": "03", "–": "0444", "@": "34231304152535324130100105163646", "&": "4602112030210405163644",
    "{": "20110304151728", "}": "00111324151708", "$": "413010010213334445361605 2026", "^": "122032", "`": "0011",
}  # fmt: skip
_CHINESE = {
    "训": "2143 16464d6b 82886e b3bc e1ef",
    "练": "4125552969 1d6b 73f3 a187e7 c5cfae 9a7d dafd",
    "损": "1464 414f2e 1a68 91e1e49491 8c86f6fc b8bb7f ccff",
    "失": "4125 34d4 19f9 81886c2f 89bdff",
    "平": "22e2 4457 c4b7 19f9 828f",
    "滑": "2143 1637 1e49 8681e1e6 83b3b6 6866f6f8 8f89e9efde 8beb 8ded",
    "每": "4024 32e2 553cec 55d5cfae 19f9 8698 7a8b",
    "步": "8086 83d3 4246 16f6 888c 583b d8ad3f",
    "留": "6022 222665 5376 81e1d6b5 b176 38d8df3f38 3bdb 888f",
    "出": "808f 3237d7d2 292fefe9",
    "集": "5024 333a 8092 32e2 35d5 37d7 3aea 828a 1cfc 8a8f 7c2f 9cef",
    "次": "2345 1c48 9065 83e3d6 a59a5f a8ccff",
    "无": "32d2 17f7 82782f 878eeeeb",
    "：": "36 3c",
}
_UNKNOWN = "0040460600"
"""A box."""
_GAP = 1.7
_SPACE = 2.6

Stroke = list[tuple[float, float]]


def strokes_of(words: str, size: int) -> tuple[list[Stroke], float]:
    """The strokes of a line of words and its width; its letters stand on 0, and capitals are 0.7 of the size high."""
    unit = size * 0.7 / 6
    strokes: list[Stroke] = []
    at = 0.0
    for letter in words:
        if letter.isspace():
            at += _SPACE * unit
        elif letter in _CHINESE:
            grid = size * 0.92 / 15
            for stroke in _CHINESE[letter].split():
                points = _points(stroke)
                strokes.append([(at + x * grid, (y - 13) * grid) for x, y in points])
            at += size * 1.08
        else:
            glyph = _LATIN.get(letter, _UNKNOWN)
            drawn = [_points(stroke) for stroke in glyph.split()]
            strokes += [[(at + x * unit, (y - 6) * unit) for x, y in points] for points in drawn]
            at += (max(x for points in drawn for x, _ in points) + _GAP) * unit
    return strokes, max(0.0, at - _GAP * unit)


def _points(stroke: str) -> list[tuple[int, int]]:
    return [(int(stroke[place], 16), int(stroke[place + 1], 16)) for place in range(0, len(stroke) - 1, 2)]
