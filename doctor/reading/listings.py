"""Read facts out of lines: listings of every tool in use, key and value, paths, and what error messages tell aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from doctor.reading import patterns
from doctor.reading.names import KEYS, PACKAGES, gpus_of, normal_package, systems_of


@dataclass(slots=True)
class Told:
    """Facts as they come out of a text; the first that is told under a clear name stays."""

    systems: list[str] = field(default_factory=list)
    wsl: int = 0
    os_name: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    gpus: dict[str, list[str]] = field(default_factory=dict)
    """Cards by how they were told: `listed`, `numbered`, `found`, `mentioned`."""
    gpu_count: int = 0
    others: list[str] = field(default_factory=list)
    no_gpu: bool = False
    architectures: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    built: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Wheels by their names: package, version with its tag, Python tag, platform."""
    capabilities: dict[str, str] = field(default_factory=dict)
    """By card's name; under the empty name of a card that was not named."""
    windows_signs: int = 0
    linux_signs: int = 0
    macos_signs: int = 0
    wsl_signs: int = 0

    def say(self, fact: str, value: str) -> None:
        if value and fact not in self.facts:
            self.facts[fact] = value

    def have(self, name: str, version: str, *, sure: bool = True) -> None:
        normal = normal_package(name)
        if normal and (sure or normal in PACKAGES) and normal not in self.packages:
            self.packages[normal] = version.rstrip(".,")

    def card(self, how: str, name: str) -> None:
        self.gpus.setdefault(how, []).append(name)


def read_line(line: str, told: Told) -> None:
    """All that one line (of bounded length) tells."""
    if " ..." in line:
        line = patterns.DOTS.sub(": ", line)
    lowered = line.lower()
    _read_signs(line, told)
    key = patterns.KEY.match(line) if ":" in line or "=" in line or "：" in line else None
    if key is not None:
        _read_key(key[1], key[2], told)
    if "gpu" in lowered or "cuda" in lowered or "device" in lowered:
        _read_gpu_lines(line, told)
    if ("no " in lowered or "没有" in line) and patterns.NO_CARD.search(line):
        told.no_gpu = True
    if "found version" in lowered and (driver := patterns.FOUND_VERSION.search(line)):
        told.say("driver_cuda", f"{int(driver[1]) // 1000}.{int(driver[1]) % 1000 // 10}")
    _read_packages(line, lowered, told)
    if "=" in line:
        for found in patterns.VARIABLE.finditer(line):
            value = found[2] + (" " if found[3] else "")
            told.variables.setdefault(found[1], value)
    if "python" in lowered or "cp3" in lowered:
        _read_python(line, told)
    if (
        "tx" in lowered
        or "tesla" in lowered
        or "quadro" in lowered
        or "00" in lowered
        or "titan" in lowered
        or "l40" in lowered
    ):
        for found in patterns.MENTIONED.finditer(line):
            for _ in range(min(int(found[1] or 1), 8)):
                told.card("mentioned", found[2].strip())
    memory = patterns.VRAM_RAM.search(line) if "VRAM" in line else None
    if memory:
        told.say("vram", f"{memory[1]} MB")
        told.say("memory", f"{memory[2]} MB")
    if "cuda" in lowered or "nvcc" in lowered:
        kit = patterns.TOOLKIT.search(line)
        if kit:
            told.say("toolkit_seen", next(filter(None, kit.groups())))


def _read_signs(line: str, told: Told) -> None:
    if "\\" in line or "." in line or "WinError" in line:
        told.windows_signs += patterns.WINDOWS_SIGNS.search(line) is not None
    if "/" in line or ".so" in line:
        told.linux_signs += patterns.LINUX_SIGNS.search(line) is not None
    if "/" in line or ".dylib" in line or "mac" in line or "Mac" in line:
        told.macos_signs += patterns.MACOS_SIGNS.search(line) is not None
    if "WSL" in line or "wsl" in line or "/mnt/c" in line or "microsoft" in line:
        told.wsl_signs += patterns.WSL_SIGNS.search(line) is not None


def _read_key(raw: str, value: str, told: Told) -> None:
    key = re.sub(r"[\s_`]+", " ", raw).strip().lower()
    fact = KEYS.get(key) or KEYS.get(key.replace(" ", "_"))
    value = value.strip().strip("`'\"")
    match fact:
        case None:
            name = key.removesuffix(" version").replace(" ", "-")
            if normal_package(name) in PACKAGES and (found := re.match(r"v?(\d+(?:\.[\w+]+)+)", value)):
                told.have(name, found[1])
            elif key in {"packages", "package versions", "pip"}:
                for found in patterns.COLUMN_PAIRS.finditer(value):
                    told.have(found[1], found[2], sure=False)
        case "os":
            systems, wsl = systems_of(value)
            if systems and not told.systems:
                told.systems, told.wsl, told.os_name = list(systems), wsl, value[:80]
        case "torch":
            _read_torch_value(value, told)
        case "available":
            said = re.match(r"(true|yes|1|false|no|0|是|否)\b", value, re.IGNORECASE)
            if said:
                told.say("available", "true" if said[1].lower() in {"true", "yes", "1", "是"} else "false")
        case "gpu":
            nvidia, others, none = gpus_of(value)
            for name in nvidia:
                told.card("listed", name)
            told.others += others
            told.no_gpu = told.no_gpu or none
            if count := patterns.COUNTED.search(value):
                told.gpu_count = told.gpu_count or int(next(filter(None, count.groups())))
            if capability := patterns.CAPABILITY.search(value):
                told.capabilities.setdefault(nvidia[0] if nvidia else "", _capability(capability))
        case "gpu_count":
            if found := re.match(r"\d{1,2}\b", value):
                told.gpu_count = told.gpu_count or int(found[0])
        case "rocm":
            if re.match(r"\d", value):
                told.say("rocm", value)
        case "toolkit" | "driver" | "driver_cuda" | "torch_cuda" | "python" | "capability":
            found = re.search(r"(?<![\d.])\d{1,3}(?:\.\d{1,4}){1,3}", value[:80])
            if found and fact == "driver" and found[0].count(".") == 3:
                # Windows' own number, as dxdiag and the device manager tell it: 32.0.15.8129 is 581.29.
                digits = "".join(found[0].split(".")[-2:])[-5:]
                told.say(fact, f"{digits[:3]}.{digits[3:]}" if len(digits) == 5 else "")
            elif found:
                told.say(fact, found[0])
            elif fact == "torch_cuda" and value.lower() in {"none", "n/a"}:
                told.say("torch_cuda", "none")
            if fact == "python" and "32-bit" in value.lower():
                told.say("bits", "32")
        case _:
            told.say(fact, value)


def _read_torch_value(value: str, told: Told) -> None:
    found = re.match(r"v?(\d\.\d{1,2}[\w.+]{0,30})", value)
    if found:
        told.say("torch", found[1].rstrip("."))
        if cuda := re.search(r"\(?cuda (\d{2}\.\d)", value, re.IGNORECASE):
            told.say("torch_cuda", cuda[1])
        for pair in patterns.PAIRS.finditer(value):
            told.have(pair[1], pair[2], sure=False)
    if available := re.search(r"cuda available: (True|False)", value, re.IGNORECASE):
        told.say("available", available[1].lower())
    elif found and re.search(r"\((True|GPU|CUDA)\)", value):
        told.say("available", "true")
    elif found and re.search(r"\((False|CPU)\)", value):
        told.say("available", "false")


def _read_gpu_lines(line: str, told: Told) -> None:
    numbered = patterns.NUMBERED_GPU.match(line)
    if numbered:
        nvidia, others, _ = gpus_of(numbered[2])
        for name in nvidia[:1]:
            if (place := int(numbered[1])) >= len(told.gpus.get("numbered", [])) or place == 0:
                told.card("numbered", name)
        told.others += others
    if found := patterns.CAPABLE.search(line):
        told.card("found", found[1].strip())
        told.capabilities.setdefault(found[1].strip(), _dotted(found[2]))
    if found := patterns.FOUND_GPU.search(line):
        told.card("found", found[2].strip())
        told.capabilities.setdefault(found[2].strip(), found[3])
    if found := patterns.SUPPORTS.search(line):
        tokens = re.findall(r"(sm|compute)_(\d{2,3})", found[1], re.IGNORECASE)
        told.architectures = told.architectures or tuple(
            _dotted(number) + ("+PTX" if kind.lower() == "compute" else "") for kind, number in tokens
        )
    elif found := patterns.CAPABILITY.search(line):
        told.capabilities.setdefault("", _capability(found))
    if found := patterns.BNB.search(line):
        told.say("torch_cuda", f"{found[1]}.{found[2]}")
        if found[3]:
            told.capabilities.setdefault("", found[3])
    if found := patterns.COUNTED.search(line):
        told.gpu_count = told.gpu_count or int(next(filter(None, found.groups())))


def _read_packages(line: str, lowered: str, told: Told) -> None:
    # A demand such as `Collecting torch==2.6` is not yet what is installed.
    if "==" in line and not patterns.DEMAND.search(lowered):
        for pair in patterns.EQUALS.finditer(line):
            told.have(pair[1], pair[2])
    if "version" in lowered and (named := patterns.VERSION_OF.match(line)):
        told.have(named[1], named[2], sure=False)
    if (columns := patterns.COLUMNS.match(line)) and normal_package(columns[1]) in PACKAGES:
        told.have(columns[1], columns[2] + _conda_tag(columns[3]))
    if "satisfied" in line or "existing installation" in line:
        for pair in patterns.SATISFIED.finditer(line):
            told.have(pair[1], pair[2] or pair[3])
    if "uccessfully installed" in line:
        for pair in patterns.INSTALLED.finditer(line):
            told.packages[normal_package(pair[1])] = pair[2]
    if ".whl" in line and (wheel := patterns.WHEEL.search(line)):
        system = "windows" if wheel[4].startswith("win") else "macos" if wheel[4].startswith("mac") else "linux"
        told.say("wheel_system", system)
        told.built.append((normal_package(wheel[1]), wheel[2], wheel[3], wheel[4]))
    if "you have" in line and (have := patterns.YOU_HAVE.search(line)):
        told.say("python" if lowered.lstrip().startswith("python") else "torch", have[1])
    if patterns.DEMAND.search(lowered) or patterns.FOREIGN.search(lowered):
        return
    if "torch" in lowered and not patterns.ORDER.search(lowered) and (torch := patterns.TORCH.search(line)):
        told.say("torch_seen", torch[1].rstrip("."))
    if "Triton: " in line and (triton := patterns.TRITON.search(line)):
        told.say("triton_seen", triton[1])
    if "+" in line and (tag := patterns.TAGGED.search(line)):
        told.say("tag_seen", tag[1])


def _conda_tag(build: str | None) -> str:
    """conda tells in the build's name what pip tells in the local tag."""
    if not build:
        return ""
    if found := re.search(r"cuda_?(\d{2})\.?(\d)", build):
        return f"+cu{found[1]}{found[2]}"
    return "+cpu" if re.search(r"(^|_)cpu(_|$)", build) else ""


def _read_python(line: str, told: Told) -> None:
    if found := patterns.PYTHON.search(line):
        told.say("python_seen", found[1])
    if found := patterns.PYTHON_PLACE.search(line):
        parts = [part for part in found.groups() if part]
        told.say("python_place", ".".join(parts))


def _capability(found: re.Match[str]) -> str:
    return found[1] or f"{found[2]}.{found[3]}"


def _dotted(number: str) -> str:
    """`120` → `12.0`, `86` → `8.6`."""
    return f"{number[:-1]}.{number[-1]}"


def gibibytes(words: str) -> float | None:
    """Of `32 GB`, `16311MiB`."""
    found = patterns.GIB.search(words)
    if found is None:
        return None
    size = float(found[1])
    return size / 1024 if found[2].lower().startswith("m") else size
