"""What `nvidia-smi` prints, read into facts: its table in all its eras, shortened forms, lists, CSV, the log and XML.

Pure and in linear time: every pattern works on one line of bounded length.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.reading.nvidia_smi_log import parse_log, parse_xml
from doctor.reading.nvidia_smi_values import DRIVER, NOT_TOLD, file_name, gpu_of, merged, model_of, number_of
from doctor.snapshot.model import Gpu, GpuProcess, NvidiaDriver, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["parse_banner", "parse_log", "parse_smi_version", "parse_table", "parse_xml"]

_LINE_LIMIT = 400
"""Characters. nvidia-smi's own lines have some 90; what is longer is something else, or a paste without line ends."""
_GPU_LIMIT = 64
_ROW_LIMIT = 2000
_BRANDS = ("nvidia", "geforce", "tesla", "quadro", "titan", "rtx", "gtx", "grid", "jetson")

_SMI = late_pattern(r"NVIDIA-SMI[\s,:v]{1,8}(\d{3}\.\d{1,3}(?:\.\d{1,3})?)", re.IGNORECASE)
_DRIVER = late_pattern(rf"\b(?:Driver|KMD)[ _]Version\s{{0,30}}:?\s{{0,8}}{DRIVER}", re.IGNORECASE)
_CUDA = late_pattern(r"\bCUDA (?:UMD )?Version\s{0,30}:?\s{0,8}(\d{1,2}\.\d{1,2})", re.IGNORECASE)
_CUDA_UMD = late_pattern(r"\bCUDA UMD Version\s{0,30}:?\s{0,8}(\d{1,2}\.\d{1,2})", re.IGNORECASE)
_FAILED = late_pattern(
    r"NVIDIA-SMI (?:has failed|couldn't find)[^\n]{0,120}|Failed to initialize NVML[^\n]{0,80}", re.IGNORECASE
)

_BUS = r"((?:[0-9A-F]{4}|[0-9A-F]{8}):[0-9A-F]{2}:[0-9A-F]{2}\.[0-9A-F])"
_ROW = late_pattern(
    rf"(?:^|\s)(\d{{1,2}})\s+([A-Za-z].{{0,60}}?)\s+(?:(On|Off|WDDM|TCC|MCDM|N/A|ERR!)\s+)?{_BUS}\s*(On|Off|N/A|ERR!)?",
    re.IGNORECASE,
)
"""A card's first line, its bars taken out: index, name, mode, bus, display."""
_BUS_ALONE = late_pattern(_BUS, re.IGNORECASE)
_CAPACITY = late_pattern(r"(\d{1,7}) ?Mi?B\s{0,8}/\s{0,8}(\d{1,7}) ?Mi?B", re.IGNORECASE)
_POWER = late_pattern(r"(?:\d{1,4}|N/A|ERR!) ?W?\s{0,6}/\s{0,6}(\d{1,4}) ?W\b", re.IGNORECASE)
_TEMPERATURE = late_pattern(r"(?<![\w.])(\d{1,3}) ?C\b")
_PROCESS = late_pattern(
    r"^\s*(\d{1,2})\s+(?:(?:N/A|\d{1,3})\s+(?:N/A|\d{1,3})\s+)?\d{1,8}\s+(?:C|G|C\+G|M\+C)\s+"
    r"(\S.{0,120}?)\s+(\d{1,7} ?MiB|N/A)\s*$",
    re.IGNORECASE,
)

_LISTED = late_pattern(r"\bGPU ?#?(\d{1,2}) ?: {0,4}(\S.{0,200})", re.IGNORECASE)
_BRANDED = late_pattern(
    r"\b(NVIDIA|GeForce|Tesla|Quadro|TITAN|RTX|GTX|GRID|Jetson|CMP \d)\b|^(A|H|B|L|V|T|P|K|GH|GB)\d{1,3}\b",
    re.IGNORECASE,
)
_UUID = late_pattern(r"GPU-[0-9a-f-]{8,40}", re.IGNORECASE)
_GAUGED = late_pattern(r"^\s*\[(\d{1,2})\] (\S[^|]{0,60}?) *\|[^|]{0,60}\| *(\d{1,7}) */ *(\d{1,7}) *MB\b")
"""gpustat: `[0] NVIDIA GeForce RTX 3090 | 45'C,   0 % |   500 / 24576 MB |`."""
_NAME_END = late_pattern(r"\s*[\[(,;|]|\s{2,}|\s+\d[\d.]* ?[MG]i?B\b")

_QUERIED = late_pattern(r"--query-gpu[= ]([a-z0-9_.,]{1,200})", re.IGNORECASE)
_FIELD = late_pattern(r"^[a-z_]+(\.[a-z_]+)*( \[(MiB|W|%|MHz)\])?$")


def parse_banner(words: str) -> tuple[str | Unknown, str | Unknown]:
    """The driver's version and the newest CUDA it runs, from either spelling: `Driver Version` and `CUDA Version`, or
    since 610 `KMD Version` and `CUDA UMD Version`."""
    driver: str | None = None
    cuda: str | None = None
    smi: str | None = None
    failure = ""
    since = 99
    for line in _lines(words):
        since += 1
        lowered = line.lower()
        if "version" not in lowered and "nvidia-smi" not in lowered and "nvml" not in lowered:
            continue
        if not failure and (failed := _FAILED.search(line)):
            failure = failed[0].strip()
        found_smi, found_driver = _SMI.search(line), _DRIVER.search(line)
        if found_smi or found_driver:
            since = 0
        smi = smi or (found_smi[1] if found_smi else None)
        driver = driver or (found_driver[1] if found_driver else None)
        # `CUDA Version` alone is said by containers, toolkits and torch as well: it counts beside the driver's only.
        found = _CUDA_UMD.search(line) or (_CUDA.search(line) if since <= 2 else None)
        if found and cuda is None:
            cuda = found[1]
    missing = Unknown(failure or NOT_TOLD)
    # A shortened banner may keep only the program's own version, which is the driver's but under WSL.
    return driver or smi or missing, cuda or missing


def parse_smi_version(words: str) -> str | Unknown:
    """The version of the program itself."""
    found = next((said for line in _lines(words) if "-smi" in line.lower() and (said := _SMI.search(line))), None)
    return found[1] if found else Unknown(NOT_TOLD)


def parse_table(words: str) -> NvidiaDriver | None:
    """The driver and its cards from whatever nvidia-smi printed, alone or amid other text; None where it is not in it.

    Without cards in the text `gpus` is empty, which then says nothing about the machine. Names may end in `...`.
    """
    known = parse_xml(words, source="text") or parse_log(words)
    cards: dict[int, Gpu] = {gpu.index: gpu for gpu in known.gpus} if known else {}
    section = "cards"
    last: int | None = None
    titles: tuple[str, ...] = ()
    processes: dict[int, list[GpuProcess]] = {}
    rows = 0
    brands = _brands_in(words)
    for line in _lines(words):
        lowered = line.lower()
        # Most lines of a long log are told apart by a few words, without any pattern.
        branded = any(brand in lowered for brand in brands)
        if "mig devices:" in lowered:
            section = "mig"
        elif "processes:" in lowered and "|" in line:
            section = "processes"
            processes.setdefault(-1, [])
        if "--query-gpu" in lowered and (queried := _QUERIED.search(line)):
            titles = tuple(queried[1].lower().split(","))
        if section == "processes" and (process := _PROCESS.match(line.translate(_BARS))):
            processes.setdefault(int(process[1]), []).append(
                GpuProcess(name=file_name(process[2]), memory_mib=number_of(process[3]))
            )
        elif (
            rows < _ROW_LIMIT
            and (branded or "000" in line)
            and (bus := _BUS_ALONE.search(line))
            and (row := _ROW.search(line[max(0, bus.start() - 100) : bus.end() + 20].translate(_BARS)))
        ):
            # A card's line is the same in every section, and a second table may follow the first one's processes.
            section, last, rows = "cards", int(row[1]), rows + 1
            _note(cards, _from_row(row))
        elif section == "cards" and last in cards and (capacity := _CAPACITY.search(line)):
            assert last is not None
            _note(cards, _with_readings(gpu_of(last, cards[last].name), line.translate(_BARS), capacity))
            last = None
        elif "gpu" in lowered and ":" in line and (card := _from_list(line, lowered)):
            _note(cards, card)
        elif branded and (gauge := _GAUGED.match(line)):
            _note(cards, _from_gauge(gauge))
        elif "," in line and (branded or "name" in lowered):
            fields = tuple(part.strip() for part in line.strip().strip("`").split(","))
            if _are_titles(fields):
                titles = tuple(field.split(" ")[0] for field in fields)
            elif card := _from_fields(fields, titles, len(cards)):
                _note(cards, card)
    driver, cuda = parse_banner(words)
    version = known.version if known and isinstance(known.version, str) else driver
    if isinstance(version, Unknown):
        version = _queried_driver(words) or version
    if not cards and isinstance(version, Unknown):
        return None
    gpus = [cards[index] for index in sorted(cards)]
    if processes:
        gpus = [replace(gpu, processes=tuple(processes.get(gpu.index, ()))) for gpu in gpus]
    return NvidiaDriver(
        version=version,
        cuda_version=known.cuda_version if known and isinstance(known.cuda_version, str) else cuda,
        gpus=tuple(gpus),
        source="text",
        smi_version=parse_smi_version(words),
        smi_cuda_version=cuda,
    )


_BARS = str.maketrans({"|": " ", "│": " ", "¦": " ", "║": " "})


def _lines(words: str) -> Iterator[str]:
    return (line for line in words.splitlines() if len(line) <= _LINE_LIMIT)


def _brands_in(words: str) -> tuple[str, ...]:
    lowered = words.lower()
    return tuple(brand for brand in _BRANDS if brand in lowered)


def _note(cards: dict[int, Gpu], card: Gpu) -> None:
    """The first that was said counts, and what it left open is taken from later."""
    known = cards.get(card.index)
    if known is not None:
        cards[card.index] = merged(known, card)
    elif len(cards) < _GPU_LIMIT:
        cards[card.index] = card


def _from_row(row: re.Match[str]) -> Gpu:
    display = (row[5] or "").lower()
    return replace(
        gpu_of(int(row[1]), row[2].strip()),
        driver_model=model_of(row[3] or ""),
        pci_bus=row[4],
        display_attached={"on": True, "off": False}.get(display, Unknown(NOT_TOLD)),
    )


def _with_readings(gpu: Gpu, line: str, capacity: re.Match[str]) -> Gpu:
    power, temperature = _POWER.search(line), _TEMPERATURE.search(line)
    total = int(capacity[2])
    return replace(
        gpu,
        memory_total_mib=total,
        memory_free_mib=max(0, total - int(capacity[1])),
        power_limit_watts=int(power[1]) if power else Unknown(NOT_TOLD),
        temperature_celsius=int(temperature[1]) if temperature else Unknown(NOT_TOLD),
    )


def _from_gauge(gauge: re.Match[str]) -> Gpu:
    total = int(gauge[4])
    return replace(
        gpu_of(int(gauge[1]), gauge[2]), memory_total_mib=total, memory_free_mib=max(0, total - int(gauge[3]))
    )


def _from_list(line: str, lowered: str) -> Gpu | None:
    """`GPU 0: NVIDIA GeForce RTX 5090 [WDDM] 2MiB / 32607MiB`, `GPU 1: Tesla T4 (UUID: GPU-…)`, collect_env's lines."""
    place = -1
    for _ in range(4):
        place = lowered.find("gpu", place + 1)
        if place < 0:
            return None
        if listed := _LISTED.match(line, place):
            return _from_listed(listed)
    return None


def _from_listed(listed: re.Match[str]) -> Gpu | None:
    rest = listed[2]
    end = _NAME_END.search(rest)
    # `TITAN X (Pascal)` has brackets in its name.
    if end and rest[end.start() :].lstrip().lower().startswith("(pascal)"):
        end = _NAME_END.search(rest, end.start() + len("(pascal)") + 1)
    name = (rest[: end.start()] if end else rest).strip().rstrip(":")
    if not _BRANDED.search(name) or len(name) > 64:
        return None
    gpu = gpu_of(int(listed[1]), name)
    uuid, mode = _UUID.search(rest), re.search(r"\[(On|Off|WDDM|TCC|MCDM|N/A)\]", rest, re.IGNORECASE)
    capacity = _CAPACITY.search(rest)
    if uuid:
        gpu = replace(gpu, uuid=uuid[0])
    if mode:
        gpu = replace(gpu, driver_model=model_of(mode[1]))
    return _with_readings(gpu, rest, capacity) if capacity else gpu


def _are_titles(fields: tuple[str, ...]) -> bool:
    return len(fields) > 1 and "name" in fields and all(_FIELD.match(field) for field in fields)


def _from_fields(fields: tuple[str, ...], titles: tuple[str, ...], following: int) -> Gpu | None:
    """A line of `--query-gpu=… --format=csv`; without its titles, each value by its form."""
    if not 1 < len(fields) <= 40:
        return None
    if titles and len(titles) == len(fields):
        values = dict(zip(titles, fields, strict=True))
    else:
        values = dict(_by_form(fields))
    name = values.get("name") or values.get("gpu_name") or ""
    if not name or len(name) > 64 or not _BRANDED.search(name) or len(values) < 2:
        return None
    index = values.get("index", "")
    gpu = gpu_of(int(index) if index.isdigit() and len(index) < 3 else following, name)
    capability = values.get("compute_cap", "")
    total, free, used = (number_of(values.get(f"memory.{kind}", "")) for kind in ("total", "free", "used"))
    if isinstance(free, Unknown) and isinstance(total, int) and isinstance(used, int):
        free = max(0, total - used)
    return replace(
        gpu,
        uuid=values.get("uuid", gpu.uuid),
        compute_capability=capability
        if re.fullmatch(r"\d{1,2}\.\d", capability)
        else Unknown("no compute capability in the text"),
        memory_total_mib=total,
        memory_free_mib=free,
        driver_model=model_of(values.get("driver_model.current", "")),
        pci_bus=values.get("pci.bus_id") or Unknown(NOT_TOLD),
        power_limit_watts=number_of(values.get("power.limit", "")),
        temperature_celsius=number_of(values.get("temperature.gpu", "")),
        pcie_generation=number_of(values.get("pcie.link.gen.max", "")),
        pcie_width=number_of(values.get("pcie.link.width.current", "")),
        pcie_width_max=number_of(values.get("pcie.link.width.max", "")),
    )


def _by_form(fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    sizes: list[str] = []
    for place, field in enumerate(fields):
        if place == 0 and field.isdigit():
            yield "index", field
        elif _UUID.fullmatch(field):
            yield "uuid", field
        elif re.fullmatch(r"\d{1,7} MiB", field):
            sizes.append(field)
        elif re.fullmatch(DRIVER, field):
            yield "driver_version", field
        elif re.fullmatch(r"\d{1,2}\.\d", field):
            yield "compute_cap", field
        elif re.match(r"(NVIDIA|GeForce|Tesla|Quadro|TITAN)\b", field, re.IGNORECASE):
            yield "name", field
    if sizes:
        yield "memory.total", max(sizes, key=lambda size: int(size.split()[0]))


def _queried_driver(words: str) -> str | None:
    """The driver's version out of a line of CSV."""
    titles: tuple[str, ...] = ()
    brands = _brands_in(words)
    for line in _lines(words) if brands else ():
        lowered = line.lower()
        if "--query-gpu" in lowered and (queried := _QUERIED.search(line)):
            titles = tuple(queried[1].lower().split(","))
        if "," not in line or not ("name" in lowered or any(brand in lowered for brand in brands)):
            continue
        fields = tuple(part.strip() for part in line.strip().strip("`").split(","))
        if _are_titles(fields):
            titles = tuple(field.split(" ")[0] for field in fields)
        elif _from_fields(fields, titles, 0):
            values = dict(zip(titles, fields, strict=True)) if len(titles) == len(fields) else dict(_by_form(fields))
            version = values.get("driver_version", "")
            if re.fullmatch(DRIVER, version):
                return version
    return None
