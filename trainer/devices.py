"""What this machine computes with: threads, number format, and how much memory was used at most."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import torch

from trainer.program import Refusal

if TYPE_CHECKING:
    from trainer.contract import Job

Format = Literal["fp32", "bf16", "fp16"]


def use_threads(threads: int, processes: int = 1) -> int:
    """Set torch's threads and return their number; 0 shares the physical cores that we may use among the processes."""
    if threads <= 0:
        import psutil

        process = psutil.Process()
        allowed = len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else psutil.cpu_count() or 1
        threads = max(1, min(psutil.cpu_count(logical=False) or allowed, allowed) // processes)
    torch.set_num_threads(threads)
    return threads


def has_gpu() -> bool:
    """Whether torch computes on a GPU here."""
    return bool(torch.cuda.is_available())


def choose_format(job: Job) -> Format:
    """The number format of the computation. Raises Refusal for one that the hardware lacks."""
    on_gpu = torch.cuda.is_available()
    if job.precision == "auto":
        if on_gpu:
            # Emulated bf16 on older cards is slower than fp32, so only what the card computes natively counts.
            return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
        return "bf16" if _has_native_bf16() else "fp32"
    if job.precision == "fp16" and not on_gpu:
        raise Refusal("bad_job", "`precision: fp16` needs an NVIDIA GPU; use auto, bf16 or fp32 on a CPU")
    return job.precision


def stay_in_own_memory(system: str = sys.platform) -> None:
    """On Windows, let a card's memory run out instead of having the driver go on in the computer's.

    That is ten to fifty times slower, and nobody is told; what runs out makes micro-batches smaller.
    """
    if system != "win32":
        return
    for card in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, total = torch.cuda.mem_get_info(card)
        torch.cuda.set_per_process_memory_fraction(min(1.0, free / total), card)


def peak_mib() -> int:
    """Highest memory use so far: of the busiest GPU where there is one, else of this process."""
    if torch.cuda.is_available():
        return int(max(torch.cuda.max_memory_reserved(i) for i in range(torch.cuda.device_count()))) >> 20
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset) >> 20
    else:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak >> 20 if sys.platform == "darwin" else peak >> 10


def _has_native_bf16() -> bool:
    """Whether the CPU multiplies bf16 itself (AVX512-BF16 or AMX): 1.5 times fp32's speed there, slower elsewhere."""
    for question in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        ask = getattr(torch.cpu, question, None)
        if ask is not None and ask():
            return True
    return False


def device_name() -> str:
    """The name of the GPU that computes, or CPU."""
    import torch

    return torch.cuda.getdevice_name(0) if torch.cuda.is_available() else "CPU"
