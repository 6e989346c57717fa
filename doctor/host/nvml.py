"""Ask the NVIDIA driver about itself and its GPUs through nvidia-ml-py, which is loaded only where a driver is."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from doctor.reading.nvidia_smi_values import file_name
from doctor.snapshot.model import Gpu, GpuProcess, NvidiaDriver, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DriverModel = Literal["wddm", "tcc", "mcdm", "none"]

_MIB = 1024 * 1024
_TEMPERATURE_GPU = 0
"""nvml.h: NVML_TEMPERATURE_GPU, the die's own sensor."""


def library_present(environ: Mapping[str, str]) -> bool:
    """Whether the driver's management library can be loaded.

    Asked before nvidia-ml-py is imported: that module alone costs a tenth of a second and ten megabytes.
    """
    for place in _places(environ):
        try:
            ctypes.CDLL(place)
        except OSError:
            continue
        return True
    return False


def ask_driver() -> NvidiaDriver | Unknown:
    """What the driver says. `library_present` must have said yes. Never raises for what a driver can do wrong."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as exc:
        return Unknown(_reason(exc))
    try:
        count: int | Unknown = _ask(pynvml, pynvml.nvmlDeviceGetCount)
        if isinstance(count, Unknown):
            return count
        return NvidiaDriver(
            version=_words(_ask(pynvml, pynvml.nvmlSystemGetDriverVersion)),
            cuda_version=_cuda_version(_ask(pynvml, pynvml.nvmlSystemGetCudaDriverVersion_v2)),
            gpus=tuple(_ask_gpu(pynvml, index) for index in range(count)),
        )
    finally:
        _ask(pynvml, pynvml.nvmlShutdown)


def _places(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where nvidia-ml-py looks, plus WSL's folder: once loaded from there, the library is found by its name."""
    if sys.platform == "win32":
        windows = Path(environ.get("WINDIR") or "C:/Windows")
        programs = Path(environ.get("PROGRAMFILES") or "C:/Program Files")
        return str(windows / "System32" / "nvml.dll"), str(programs / "NVIDIA Corporation" / "NVSMI" / "nvml.dll")
    else:
        return "libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"


def _ask_gpu(pynvml: Any, index: int) -> Gpu:
    handle = _ask(pynvml, lambda: pynvml.nvmlDeviceGetHandleByIndex(index))
    if isinstance(handle, Unknown):
        # A card that has fallen off the bus still counts; leaving it out would say that it does not exist.
        return Gpu(
            index=index,
            name="?",
            uuid="?",
            compute_capability=handle,
            memory_total_mib=handle,
            memory_free_mib=handle,
            driver_model=handle,
            pci_bus=handle,
            pcie_generation=handle,
            pcie_width=handle,
            pcie_width_max=handle,
            power_limit_watts=handle,
            temperature_celsius=handle,
            display_attached=handle,
            processes=handle,
        )
    name = _words(_ask(pynvml, lambda: pynvml.nvmlDeviceGetName(handle)))
    uuid = _words(_ask(pynvml, lambda: pynvml.nvmlDeviceGetUUID(handle)))
    capability = _ask(pynvml, lambda: pynvml.nvmlDeviceGetCudaComputeCapability(handle))
    memory = _ask(pynvml, lambda: pynvml.nvmlDeviceGetMemoryInfo(handle))
    pci = _ask(pynvml, lambda: pynvml.nvmlDeviceGetPciInfo(handle))
    return Gpu(
        index=index,
        name=name if isinstance(name, str) else "?",
        uuid=uuid if isinstance(uuid, str) else "?",
        compute_capability=capability if isinstance(capability, Unknown) else f"{capability[0]}.{capability[1]}",
        memory_total_mib=memory if isinstance(memory, Unknown) else int(memory.total) // _MIB,
        memory_free_mib=memory if isinstance(memory, Unknown) else int(memory.free) // _MIB,
        driver_model=_driver_model(pynvml, handle),
        pci_bus=pci if isinstance(pci, Unknown) else _text(pci.busId),
        pcie_generation=_number(_ask(pynvml, lambda: pynvml.nvmlDeviceGetMaxPcieLinkGeneration(handle))),
        pcie_width=_number(_ask(pynvml, lambda: pynvml.nvmlDeviceGetCurrPcieLinkWidth(handle))),
        pcie_width_max=_number(_ask(pynvml, lambda: pynvml.nvmlDeviceGetMaxPcieLinkWidth(handle))),
        power_limit_watts=_watts(pynvml, handle),
        temperature_celsius=_number(_ask(pynvml, lambda: pynvml.nvmlDeviceGetTemperature(handle, _TEMPERATURE_GPU))),
        display_attached=_switch(_ask(pynvml, lambda: pynvml.nvmlDeviceGetDisplayMode(handle))),
        processes=_processes(pynvml, handle),
    )


def draw_watts(environ: Mapping[str, str], index: int) -> float | None:
    """What a GPU draws now; None where nobody can say."""
    if not library_present(environ):
        return None
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        drawn = _ask(pynvml, lambda: pynvml.nvmlDeviceGetPowerUsage(pynvml.nvmlDeviceGetHandleByIndex(index)))
        return None if isinstance(drawn, Unknown) else float(drawn) / 1000
    finally:
        _ask(pynvml, pynvml.nvmlShutdown)


def _watts(pynvml: Any, handle: Any) -> int | Unknown:
    """The limit in force. Laptops do not let it be managed, and say only what is enforced."""
    enforced = _ask(pynvml, lambda: pynvml.nvmlDeviceGetEnforcedPowerLimit(handle))
    if isinstance(enforced, Unknown):
        enforced = _ask(pynvml, lambda: pynvml.nvmlDeviceGetPowerManagementLimit(handle))
    return enforced if isinstance(enforced, Unknown) else round(int(enforced) / 1000)


def _processes(pynvml: Any, handle: Any) -> tuple[GpuProcess, ...] | Unknown:
    """Programs that compute or draw on a GPU, by their file names alone: arguments and folders are personal."""
    computing = _ask(pynvml, lambda: pynvml.nvmlDeviceGetComputeRunningProcesses(handle))
    drawing = _ask(pynvml, lambda: pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle))
    if isinstance(computing, Unknown):
        return computing
    listed = [*computing, *([] if isinstance(drawing, Unknown) else drawing)]
    found: dict[int, GpuProcess] = {}
    for process in listed:
        if process.pid not in found:
            found[process.pid] = GpuProcess(name=_program(pynvml, process.pid), memory_mib=_held(process.usedGpuMemory))
    return tuple(found.values())


def _program(pynvml: Any, pid: int) -> str:
    name = _words(_ask(pynvml, lambda: pynvml.nvmlSystemGetProcessName(pid)))
    return file_name(name) if isinstance(name, str) else "?"


def _held(used: int | None) -> int | Unknown:
    return Unknown("WDDM does not tell") if used is None else int(used) // _MIB


def _number(answer: Any) -> int | Unknown:
    return answer if isinstance(answer, Unknown) else int(answer)


def _switch(answer: Any) -> bool | Unknown:
    return answer if isinstance(answer, Unknown) else bool(answer)


def _driver_model(pynvml: Any, handle: Any) -> DriverModel | Unknown:
    system: str = sys.platform
    if system != "win32":
        return "none"
    answer = _ask(pynvml, lambda: pynvml.nvmlDeviceGetDriverModel(handle))
    if isinstance(answer, Unknown):
        return answer
    # nvml.h: NVML_DRIVER_WDDM 0, NVML_DRIVER_WDM 1 (which tools call TCC), NVML_DRIVER_MCDM 2.
    match int(answer[0]):
        case 0:
            return "wddm"
        case 1:
            return "tcc"
        case 2:
            return "mcdm"
        case other:
            return Unknown(f"driver model {other}")


def _ask(pynvml: Any, question: Callable[[], Any]) -> Any:
    """The answer, or Unknown. Any: nvidia-ml-py is not typed."""
    try:
        return question()
    except pynvml.NVMLError as exc:
        return Unknown(_reason(exc))
    except UnicodeDecodeError:
        return Unknown("the driver's answer is not text")


def _reason(error: Any) -> str:
    return f"NVML: {error} (code {getattr(error, 'value', '?')})"


def _words(answer: Any) -> str | Unknown:
    return answer if isinstance(answer, Unknown) else _text(answer)


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _cuda_version(answer: Any) -> str | Unknown:
    """13000 → `13.0`."""
    return answer if isinstance(answer, Unknown) else f"{answer // 1000}.{answer % 1000 // 10}"
