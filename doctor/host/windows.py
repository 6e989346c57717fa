"""What only Windows can answer: registry, memory, volumes, processor. Elsewhere every question raises OSError."""

from __future__ import annotations

import sys

from doctor.quick_dataclass import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class WindowsMemory:
    """Sizes in MiB."""

    total: int
    available: int
    commit_limit: int
    """Memory plus page files."""


@dataclass(frozen=True, kw_only=True)
class WindowsRelease:
    """Which Windows this is."""

    product: str
    """`Windows 11 Pro 24H2`."""
    version: str
    build: int


if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes import wintypes

    class _MemoryStatus(ctypes.Structure):
        _fields_ = (
            ("length", wintypes.DWORD),
            ("load", wintypes.DWORD),
            ("total_physical", ctypes.c_uint64),
            ("available_physical", ctypes.c_uint64),
            ("total_page_file", ctypes.c_uint64),
            ("available_page_file", ctypes.c_uint64),
            ("total_virtual", ctypes.c_uint64),
            ("available_virtual", ctypes.c_uint64),
            ("available_extended", ctypes.c_uint64),
        )

    class _Performance(ctypes.Structure):
        _fields_ = (
            ("size", wintypes.DWORD),
            ("commit_total", ctypes.c_size_t),
            ("commit_limit", ctypes.c_size_t),
            ("commit_peak", ctypes.c_size_t),
            ("physical_total", ctypes.c_size_t),
            ("physical_available", ctypes.c_size_t),
            ("system_cache", ctypes.c_size_t),
            ("kernel_total", ctypes.c_size_t),
            ("kernel_paged", ctypes.c_size_t),
            ("kernel_nonpaged", ctypes.c_size_t),
            ("page_size", ctypes.c_size_t),
            ("handles", wintypes.DWORD),
            ("processes", wintypes.DWORD),
            ("threads", wintypes.DWORD),
        )

    def read_memory() -> WindowsMemory:
        """Memory now, and what programs may commit together."""
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            raise ctypes.WinError()
        # GlobalMemoryStatusEx gives the limit of this process, which a job object may have lowered; the other call
        # gives the machine's. kernel32 has had it under this name since Windows 7.
        limit = int(status.total_page_file)
        performance = _Performance(size=ctypes.sizeof(_Performance))
        if ctypes.windll.kernel32.K32GetPerformanceInfo(ctypes.byref(performance), performance.size):
            limit = int(performance.commit_limit) * int(performance.page_size)
        return WindowsMemory(
            total=int(status.total_physical) // _MIB,
            available=int(status.available_physical) // _MIB,
            commit_limit=limit // _MIB,
        )

    def read_release() -> WindowsRelease:
        """Product, version and build."""
        found = sys.getwindowsversion()
        key = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
        product = str(registry_value(key, "ProductName") or "Windows")
        # The registry still says "Windows 10" on Windows 11; the build tells them apart.
        if found.build >= 22000 and product.startswith("Windows 10"):
            product = "Windows 11" + product.removeprefix("Windows 10")
        display = registry_value(key, "DisplayVersion")
        return WindowsRelease(
            product=f"{product} {display}" if display else product,
            version=f"{found.major}.{found.minor}.{found.build}",
            build=found.build,
        )

    def registry_value(key: str, name: str) -> str | int | None:
        """A value under HKEY_LOCAL_MACHINE, or None when it is not there."""
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return None
        return value if isinstance(value, int) else str(value)

    def processor_name() -> str:
        """As the processor calls itself."""
        key = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        return str(registry_value(key, "ProcessorNameString") or "").strip()

    def processor_features() -> tuple[str, ...]:
        """Of the names in `snapshot.model.Processor.features`, those that Windows can be asked about."""
        # winnt.h: PF_AVX2_INSTRUCTIONS_AVAILABLE 40, PF_AVX512F_INSTRUCTIONS_AVAILABLE 41.
        asked = ((40, "avx2"), (41, "avx512f"))
        return tuple(name for number, name in asked if ctypes.windll.kernel32.IsProcessorFeaturePresent(number))

    def read_volume(path: str) -> tuple[str, bool]:
        """File system of a path's volume (`NTFS`), and whether the volume is on another machine."""
        root = ctypes.create_unicode_buffer(261)
        if not ctypes.windll.kernel32.GetVolumePathNameW(path, root, 261):
            raise ctypes.WinError()
        name = ctypes.create_unicode_buffer(64)
        if not ctypes.windll.kernel32.GetVolumeInformationW(root, None, 0, None, None, None, name, 64):
            raise ctypes.WinError()
        return name.value, ctypes.windll.kernel32.GetDriveTypeW(root) == 4  # DRIVE_REMOTE

else:

    def read_memory() -> WindowsMemory:
        """Memory now, and what programs may commit together."""
        raise OSError("not Windows")

    def read_release() -> WindowsRelease:
        """Product, version and build."""
        raise OSError("not Windows")

    def registry_value(key: str, name: str) -> str | int | None:
        """A value under HKEY_LOCAL_MACHINE, or None when it is not there."""
        raise OSError(f"not Windows: {key}, {name}")

    def processor_name() -> str:
        """As the processor calls itself."""
        raise OSError("not Windows")

    def processor_features() -> tuple[str, ...]:
        """Of the names in `snapshot.model.Processor.features`, those that Windows can be asked about."""
        raise OSError("not Windows")

    def read_volume(path: str) -> tuple[str, bool]:
        """File system of a path's volume (`NTFS`), and whether the volume is on another machine."""
        raise OSError(f"not Windows: {path}")
