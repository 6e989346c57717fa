"""The long answers of nvidia-smi, read into facts: `nvidia-smi -q` and `nvidia-smi -q -x`."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Literal

from doctor.late_pattern import late_pattern
from doctor.reading.nvidia_smi_values import DRIVER, NOT_TOLD, file_name, gpu_of, model_of, number_of
from doctor.snapshot.model import Gpu, GpuProcess, NvidiaDriver, Unknown

_VALUE = late_pattern(r"^( {0,40})([A-Z][A-Za-z0-9 ()./-]{0,60}?) {0,60}: ?(.{0,200})$")
_CARD = late_pattern(r"^GPU ((?:[0-9A-F]{4}|[0-9A-F]{8}):[0-9A-F]{2}:[0-9A-F]{2}\.[0-9A-F])\s*$", re.IGNORECASE)
_XML = ("<nvidia_smi_log>", "</nvidia_smi_log>")


def parse_xml(words: str, source: Literal["nvidia-smi", "text"] = "nvidia-smi") -> NvidiaDriver | None:
    """The answer of `nvidia-smi -q -x`, alone or amid other text; None where it is none or cut off.

    It says no compute capability: that stays Unknown.
    """
    begin, end = words.find(_XML[0]), words.find(_XML[1])
    if begin < 0 or end < begin:
        return None
    try:
        # Without its prologue it can declare no entities, so nothing in it can swell or reach outside.
        root = ElementTree.fromstring(words[begin : end + len(_XML[1])])
    except ElementTree.ParseError:
        return None
    cuda = _version(r"(\d{1,2}\.\d{1,2})", _said(root, "cuda_umd_version"), _said(root, "cuda_version"))
    return NvidiaDriver(
        version=_version(DRIVER, _said(root, "kmd_version"), _said(root, "driver_version")),
        cuda_version=cuda,
        gpus=tuple(_from_element(index, gpu) for index, gpu in enumerate(root.findall("gpu")[:64])),
        source=source,
        smi_cuda_version=cuda,
    )


def parse_log(words: str) -> NvidiaDriver | None:
    """The answer of `nvidia-smi -q`; None where it is not in the text."""
    if "NVSMI LOG" not in words:
        return None
    heads: dict[str, str] = {}
    cards: list[Gpu] = []
    path: list[tuple[int, str]] = []
    for line in words[words.index("NVSMI LOG") :].splitlines():
        if len(line) > 400:
            continue
        if card := _CARD.match(line):
            cards.append(replace(gpu_of(len(cards), "?"), pci_bus=card[1]))
            path = []
            continue
        depth = len(line) - len(line.lstrip(" "))
        found = _VALUE.match(line)
        while path and path[-1][0] >= depth:
            path.pop()
        if found is None:
            if line.strip():
                path.append((depth, line.strip()))
            continue
        if not cards:
            heads.setdefault(found[2].strip(), found[3].strip())
        elif len(cards) <= 64:
            cards[-1] = _with_value(cards[-1], path[-1][1] if path else "", found[2].strip(), found[3].strip())
        path.append((depth, found[2].strip()))
    return NvidiaDriver(
        version=_version(DRIVER, heads.get("KMD Version", ""), heads.get("Driver Version", "")),
        cuda_version=_version(r"(\d{1,2}\.\d{1,2})", heads.get("CUDA UMD Version", ""), heads.get("CUDA Version", "")),
        gpus=tuple(cards[:64]),
        source="text",
    )


def _with_value(gpu: Gpu, group: str, name: str, value: str) -> Gpu:
    match (group, name):
        case (_, "Product Name"):
            return replace(gpu, name=value)
        case (_, "GPU UUID"):
            return replace(gpu, uuid=value)
        case ("Driver Model", "Current"):
            return replace(gpu, driver_model=model_of(value))
        case (_, "Display Mode" | "Display Attached"):
            return replace(gpu, display_attached=_yes(value))
        case ("FB Memory Usage", "Total"):
            return replace(gpu, memory_total_mib=number_of(value))
        case ("FB Memory Usage", "Free"):
            return replace(gpu, memory_free_mib=number_of(value))
        case (_, "GPU Current Temp"):
            return replace(gpu, temperature_celsius=number_of(value))
        case (_, "Current Power Limit" | "Enforced Power Limit" | "Power Limit"):
            return gpu if isinstance(gpu.power_limit_watts, int) else replace(gpu, power_limit_watts=number_of(value))
        case ("PCIe Generation", "Max"):
            return replace(gpu, pcie_generation=number_of(value))
        case ("Link Width", "Max"):
            return replace(gpu, pcie_width_max=number_of(value))
        case ("Link Width", "Current"):
            return replace(gpu, pcie_width=number_of(value))
        case _:
            return gpu


def _from_element(index: int, gpu: ElementTree.Element) -> Gpu:
    link = "pci/pci_gpu_link_info"
    power = [
        number_of(_said(gpu, f"{group}/{name}"))
        for group in ("gpu_power_readings", "power_readings")
        for name in ("current_power_limit", "enforced_power_limit", "power_limit")
    ]
    listed = gpu.find("processes")
    return replace(
        gpu_of(index, _said(gpu, "product_name") or "?"),
        uuid=_said(gpu, "uuid") or "?",
        compute_capability=Unknown("nvidia-smi -q -x does not say it"),
        memory_total_mib=number_of(_said(gpu, "fb_memory_usage/total")),
        memory_free_mib=number_of(_said(gpu, "fb_memory_usage/free")),
        driver_model=model_of(_said(gpu, "driver_model/current_dm")),
        pci_bus=gpu.get("id") or _said(gpu, "pci/pci_bus_id") or Unknown(NOT_TOLD),
        pcie_generation=number_of(_said(gpu, f"{link}/pcie_gen/max_link_gen")),
        pcie_width=number_of(_said(gpu, f"{link}/link_widths/current_link_width")),
        pcie_width_max=number_of(_said(gpu, f"{link}/link_widths/max_link_width")),
        power_limit_watts=next((watts for watts in power if isinstance(watts, int)), Unknown(NOT_TOLD)),
        temperature_celsius=number_of(_said(gpu, "temperature/gpu_temp")),
        # `display_attached` since 5xx, before it `display_mode` said the same.
        display_attached=_yes(_said(gpu, "display_attached") or _said(gpu, "display_mode")),
        processes=(
            Unknown(NOT_TOLD)
            if listed is None
            else tuple(
                GpuProcess(
                    name=file_name(_said(process, "process_name")), memory_mib=number_of(_said(process, "used_memory"))
                )
                for process in listed.findall("process_info")[:100]
            )
        ),
    )


def _said(element: ElementTree.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _version(pattern: str, *said: str) -> str | Unknown:
    """The first that is a version. Since 610 the old names may hold a notice instead of a number."""
    for words in said:
        found = re.match(pattern, words)
        if found:
            return found[1]
    return Unknown(next((words for words in said if words), NOT_TOLD))


def _yes(words: str) -> bool | Unknown:
    return {"enabled": True, "yes": True, "disabled": False, "no": False}.get(words.lower(), Unknown(words or NOT_TOLD))
