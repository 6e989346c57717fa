"""What a graphics card's name tells: compute capability, family, memory. For texts, where no driver can be asked.

Capabilities as NVIDIA lists them: https://developer.nvidia.com/cuda-gpus and /cuda-legacy-gpus.
"""

from __future__ import annotations

import re
from functools import cache

from doctor.versions import numbers

# The first pattern that fits decides, so exceptions stand before their series. A name's words may be cut off or
# lack `NVIDIA GeForce`, and laptop parts carry the chip of their series.
_NAMES: tuple[tuple[str, str], ...] = (
    # GeForce
    (r"[rg]tx[ _-]?50[5-9]0|(geforce|nvidia) 50[5-9]0|\b50[5-9]0 ?(ti|d)\b", "12.0"),
    (r"[rg]tx[ _-]?40[5-9]0|(geforce|nvidia) 40[5-9]0|\b40[5-9]0 ?(ti|d|super)\b", "8.9"),
    (
        r"[rg]tx[ _-]?30[5-9]0|(geforce|nvidia) 30[5-9]0|\b30[5-9]0 ?ti\b|\brtx a\d{3,4}h?\b|\ba40\b|\ba1?0g?\b(?!0)|"
        r"rtx ?2050|\bmx ?570|\ba16\b|\ba2\b",
        "8.6",
    ),
    (
        r"rtx ?20[5-8]0|gtx ?16[0356]0|titan rtx|quadro rtx|\bt4g?\b|\bt([456]00|550|1000|1200|2000)\b|mx ?[45]50",
        "7.5",
    ),
    (r"titan v\b|tesla v100|\bv100|quadro gv100", "7.0"),
    (r"gtx ?10[1-8]0|gt ?10[13]0|titan x ?\(?p|quadro p\d|tesla p(4|40)\b|\bp40?\b|mx ?(1|2|3)[1-5]0", "6.1"),
    (r"tesla p100|\bp100\b|quadro gp100", "6.0"),
    (r"gtx ?(95|96|97|98)0|gtx titan x|titan x\b|\bm40\b|tesla m(4|40|60)\b|quadro m[2456]000|9[1-8]0mx?\b", "5.2"),
    (r"gtx ?(745|750)|quadro (k620|k1200|k2200|m[56]?\d0?0m?)|tesla m10\b|8[345]0m\b", "5.0"),
    (r"tesla k80|\bk80\b|tesla k(20|40)|gtx ?7[78]0|gtx titan\b|quadro k6000|gt ?7[1-4]0|gt ?640 ", "3.5"),
    (r"gtx ?6[5-9]0|gtx ?7[4-6]0|quadro k\d|\bk2000|gt ?6[34]0|tesla k10|grid k", "3.0"),
    (r"gtx ?[45][5-9]0|gt ?[45]\d0|quadro [456]000\b|tesla [cm]20[57]\d", "2.0"),
    # Workstation and data centre
    (r"rtx pro \d{3,4}|rtx 6000d\b|rtx (pro )?[2456]000 blackwell", "12.0"),
    (r"\bgb10\b|dgx spark", "12.1"),
    (r"\bb300\b|\bgb300\b", "10.3"),
    (r"\bb[12]00\b|\bgb200\b", "10.0"),
    (r"\bgh?200\b|\bh(100|200|800|20)\b", "9.0"),
    (r"rtx \d{3,4}e?( sff)? ada|\bl(4|40s?|20)\b|rtx (5000|6000|5880)", "8.9"),
    (r"\ba(100|30|800)\b", "8.0"),
    (r"jetson (agx )?orin|orin nano|orin nx", "8.7"),
    (r"jetson (agx )?xavier|xavier nx", "7.2"),
    (r"cmp 170hx", "8.0"),
)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Made at first use: where a driver answers, no name is ever looked up."""
    return tuple((re.compile(pattern, re.IGNORECASE), capability) for pattern, capability in _NAMES)


_FAMILIES: tuple[tuple[str, str], ...] = (
    ("10.0", "Blackwell"),
    ("9.0", "Hopper"),
    ("8.9", "Ada"),
    ("8.0", "Ampere"),
    ("7.5", "Turing"),
    ("7.0", "Volta"),
    ("6.0", "Pascal"),
    ("5.0", "Maxwell"),
    ("3.0", "Kepler"),
    ("2.0", "Fermi"),
)


def capability_of(name: str) -> str | None:
    """The compute capability (`12.0`) of a card by its name; None for a name that is not known."""
    for pattern, capability in _patterns():
        if pattern.search(name):
            return capability
    return None


def family_of(capability: str) -> str | None:
    """`Pascal` for `6.1`; None for what is no capability."""
    if not capability[:1].isdigit():
        return None
    have = numbers(capability)
    for first, family in _FAMILIES:
        if have >= numbers(first):
            return family
    return None


def memory_of(name: str) -> int | None:
    """GiB of memory where the name itself says so (`RTX 4060 Ti 16GB`, `V100-PCIE-32GB`); else None."""
    found = re.search(r"\b(\d{1,3}) ?GB?\b(?!ps)", name)
    return int(found[1]) if found else None


def architecture(capability: str) -> str:
    """`sm_120` for `12.0`."""
    return "sm_" + capability.replace(".", "")
