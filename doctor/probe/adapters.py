"""Graphics adapters of every maker, as the operating system lists them, with or without a driver of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.host.registry import RealRegistry
from doctor.late_pattern import late_pattern
from doctor.snapshot.model import NOT_ASKED, Adapter, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.host.base import Host
    from doctor.host.registry import Registry

Vendor = Literal["nvidia", "amd", "intel", "microsoft", "other"]

ROOT = Path("/")
_VENDORS: dict[str, Vendor] = {
    "10de": "nvidia",
    "1002": "amd",
    "1022": "amd",
    "8086": "intel",
    "1414": "microsoft",
}
_NAMES: tuple[tuple[str, Vendor], ...] = (
    (r"nvidia|geforce|quadro|tesla", "nvidia"),
    (r"\bamd\b|radeon|\bati\b", "amd"),
    (r"intel", "intel"),
    (r"microsoft|hyper-v", "microsoft"),
)
_AMD_INSIDE = late_pattern(
    # `AMD Radeon(TM) Graphics`, `Radeon Vega 8 Graphics`, `Radeon 780M`, `Radeon 8060S`, and on Linux the chips' names.
    r"radeon(\(tm\))? graphics|vega \d{1,2} graphics|radeon(\(tm\))? r\d graphics|radeon(\(tm\))? \d{3,4}[ms]\b"
    r"|\b(kaveri|carrizo|stoney|raven|picasso|renoir|lucienne|cezanne|barcelo|rembrandt|mendocino|phoenix|hawk point"
    r"|raphael|granite ridge|strix|krackan|van gogh|dragon range)",
    re.IGNORECASE,
)
_INTEL_APART = late_pattern(
    r"arc\b.*\b[abp]\d{2,3}m?\b|\bdg[12]\b|iris xe max|battlemage|data center gpu", re.IGNORECASE
)
_DISPLAY = r"{4d36e968-e325-11ce-bfc1-08002be10318}"
_DEVICES = r"SYSTEM\CurrentControlSet\Enum"
_CLASSES = r"SYSTEM\CurrentControlSet\Control\Class"
_IDS = ("usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids")


def probe_adapters(host: Host, root: Path = ROOT, registry: Registry | None = None) -> tuple[Adapter, ...] | Unknown:
    """All adapters that are there now. Raises nothing but OSError."""
    if host.system == "windows":
        known = registry or RealRegistry()
        return read_devices(known, _present(known))
    if host.system == "macos":
        return Unknown("not asked on macOS")
    if (root / "dev/dxg").exists():
        return _under_wsl(root)
    devices = root / "sys/bus/pci/devices"
    if not devices.is_dir():
        return Unknown("this system does not show its PCI bus")
    found = [
        (vendor, number) for device in _entries(devices) if (pair := _display(device)) for vendor, number in [pair]
    ]
    names = _names(root, found) if found else {}
    return tuple(_adapter(vendor, number, names.get((vendor, number), "")) for vendor, number in found)


def read_devices(registry: Registry, instances: Iterable[str]) -> tuple[Adapter, ...]:
    """Adapters from the registry's records of devices (`PCI\\VEN_10DE&DEV_2D04&SUBSYS_…\\4&…`)."""
    found: list[Adapter] = []
    for instance in dict.fromkeys(name.upper() for name in instances):
        place = rf"{_DEVICES}\{instance}"
        kind = str(registry.value("machine", place, "ClassGUID") or "").lower()
        compatible = registry.value("machine", place, "CompatibleIDs") or ()
        # The class is missing as long as no driver is installed; CC_03 is PCI's own class for displays.
        if kind != _DISPLAY and (kind or "CC_03" not in str(compatible).upper()):
            continue
        # `@oem12.inf,%nvidia_dev.2d04%;NVIDIA GeForce RTX 5060 Ti`
        name = str(registry.value("machine", place, "DeviceDesc") or "").rpartition(";")[2]
        driver = registry.value("machine", place, "Driver")
        version = registry.value("machine", rf"{_CLASSES}\{driver}", "DriverVersion") if driver else None
        number = re.match(r"PCI\\VEN_([0-9A-F]{4})", instance)
        vendor = _VENDORS.get(number[1].lower(), "other") if number else vendor_of(name)
        found.append(
            Adapter(
                name=name or instance.partition("\\")[2].partition("&SUBSYS")[0] or instance,
                vendor="microsoft" if vendor_of(name) == "microsoft" else vendor,
                integrated=is_integrated(vendor, name),
                driver_version=str(version) if version else Unknown("no driver is installed"),
            )
        )
    return tuple(found)


def vendor_of(name: str) -> Vendor:
    """The maker by an adapter's name."""
    return next((vendor for words, vendor in _NAMES if re.search(words, name, re.IGNORECASE)), "other")


def is_integrated(vendor: Vendor, name: str) -> bool | Unknown:
    """Whether an adapter is part of the processor, by its maker and name."""
    if vendor == "nvidia":
        return False
    if vendor == "intel":
        return not _INTEL_APART.search(name) if name else Unknown("it has no name")
    if vendor == "amd":
        if _AMD_INSIDE.search(name):
            return True
        return False if re.search(r"\bRX\b|\bPRO W\d|Instinct|\bR9\b|Vega (56|64)", name) else Unknown("by its name")
    return Unknown("by its name")


def parse_pci_ids(words: Iterable[str], wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Names of devices by vendor and device number, out of the list that distributions keep of all of them."""
    left = set(wanted)
    vendors = {vendor for vendor, _ in left}
    found: dict[tuple[str, str], str] = {}
    vendor = ""
    for line in words:
        if line[:1] not in ("\t", "#", "\n", ""):
            vendor = line[:4].lower()
        elif vendor in vendors and line[:1] == "\t" and line[1:2] != "\t" and (vendor, line[1:5]) in left:
            found[vendor, line[1:5]] = line[5:].strip()
            left.discard((vendor, line[1:5]))
            if not left:
                break
    return found


def _adapter(vendor: str, number: str, name: str) -> Adapter:
    maker = _VENDORS.get(vendor, "other")
    # `GB206 [GeForce RTX 5060 Ti]`: what people know stands in the brackets.
    known = re.search(r"\[(.+)\]", name)
    shown = known[1] if known and maker in ("nvidia", "amd") else name
    prefix = {"nvidia": "NVIDIA ", "amd": "AMD ", "intel": "Intel "}.get(maker, "")
    return Adapter(
        name=prefix + shown if shown else f"{prefix}adapter {vendor}:{number}",
        vendor=maker,
        integrated=is_integrated(maker, name),
        driver_version=NOT_ASKED,
    )


def _display(device: Path) -> tuple[str, str] | None:
    """Vendor and device number of a display controller or 3D accelerator (PCI class 03), else None."""
    try:
        if not (device / "class").read_text(encoding="ascii").startswith("0x03"):
            return None
        vendor = (device / "vendor").read_text(encoding="ascii").strip()
        number = (device / "device").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return vendor.removeprefix("0x").lower(), number.removeprefix("0x").lower()


def _names(root: Path, wanted: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    for place in _IDS:
        try:
            with (root / place).open(encoding="utf-8", errors="replace") as words:
                return parse_pci_ids(words, wanted)
        except OSError:
            continue
    return {}


def _under_wsl(root: Path) -> tuple[Adapter, ...] | Unknown:
    """WSL shows no PCI bus; the folders of Windows' drivers, which it lends, tell whose adapters there are."""
    found: list[Adapter] = []
    drivers = [entry.name.lower() for entry in _entries(root / "usr/lib/wsl/drivers")]
    if (root / "usr/lib/wsl/lib/libcuda.so.1").exists():
        found.append(Adapter(name="NVIDIA GPU through WSL", vendor="nvidia", integrated=False))
    if any(re.match(r"iigd|igd|gfx_win|cui_", name) for name in drivers):
        found.append(Adapter(name="Intel GPU through WSL", vendor="intel", integrated=Unknown("WSL does not tell")))
    if any(re.match(r"[uc]\d{6,7}\.inf", name) for name in drivers):
        found.append(Adapter(name="AMD GPU through WSL", vendor="amd", integrated=Unknown("WSL does not tell")))
    return tuple(found) or Unknown("WSL hands a GPU through without saying whose")


def _present(registry: Registry) -> tuple[str, ...]:
    """Devices of the class, and those of the PCI bus that have no driver and so no class."""
    from doctor.host.windows_calls import DISPLAY_CLASS, present_devices

    try:
        listed = (*present_devices(device_class=DISPLAY_CLASS), *present_devices(enumerator="PCI"))
    except OSError:
        listed = ()
    # Without an answer of the configuration manager, all that were ever there are listed.
    bus = rf"{_DEVICES}\PCI"
    return listed or tuple(
        rf"PCI\{device}\{instance}"
        for device in registry.subkeys("machine", bus)
        for instance in registry.subkeys("machine", rf"{bus}\{device}")
    )


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
