"""What the strings inside of torch's libraries tell: architectures, the two std::strings, numpy, libuv. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VALUES = late_pattern(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:['\"]([^'\"\n]*)['\"]|None)", re.MULTILINE)
"""The assignments in torch/version.py; an empty second group is None."""
FLAGS = late_pattern(rb"sm_\d{2,3}[af]?(?: (?:sm|compute)_\d{2,3}[af]?){1,30}\0")
"""The list that torch.cuda.get_arch_list() gives, which stands as one string among torch_python's constants."""
OLD_STRINGS = late_pattern(rb"_ZN3c105ErrorC[12]ENS_14SourceLocationESs")
NEW_STRINGS = late_pattern(rb"_ZN3c105ErrorC[12]ENS_14SourceLocationENSt7__cxx11")
NUMPY_2 = late_pattern(rb"numpy\._core\._multiarray_umath")
"""numpy 2's headers look for the module under its new name; a library built with them works with numpy 1 too."""
NUMPY_1 = late_pattern(rb"numpy\.core\._?multiarray")
LIBUV_STORE = late_pattern(rb"LibUVStoreDaemon")
"""The TCP store's server over libuv, by the name of its class."""

_FLAG = late_pattern(r"(sm|compute)_(\d+)(\d)([af]?)")
_OVERLAP = 4096


def architecture_labels(flags: bytes) -> tuple[str, ...]:
    """`sm_75 sm_120 compute_120` → `7.5`, `12.0`, `12.0+PTX`."""
    found = (
        f"{major}.{minor}{special}" + ("+PTX" if kind == "compute" else "")
        for kind, major, minor, special in _FLAG.findall(flags.decode("ascii", "replace"))
    )
    return tuple(dict.fromkeys(found))


def find_first(pieces: Iterable[bytes], patterns: Mapping[str, re.Pattern[bytes]]) -> dict[str, bytes]:
    """The first match of each pattern in a file that comes piece by piece; reading ends when all are found.

    A match may be up to 4 KiB long.
    """
    found: dict[str, bytes] = {}
    kept = b""
    for piece in pieces:
        words = kept + piece
        for name, pattern in patterns.items():
            if name not in found and (match := pattern.search(words)):
                found[name] = match[0]
        if len(found) == len(patterns):
            break
        kept = words[-_OVERLAP:]
    return found
