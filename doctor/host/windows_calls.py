"""Single questions to Windows' own libraries: file versions, code pages, devices. Elsewhere they raise OSError."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

DISPLAY_CLASS = "{4d36e968-e325-11ce-bfc1-08002be10318}"
"""Windows' class of graphics adapters."""


def file_version(file: str) -> str:
    """The version resource of a program or library, such as `14.44.35211.0`. Raises OSError."""
    if sys.platform == "win32":
        library = ctypes.windll.version
        size = library.GetFileVersionInfoSizeW(ctypes.c_wchar_p(file), None)
        if not size:
            raise ctypes.WinError()
        data = ctypes.create_string_buffer(size)
        if not library.GetFileVersionInfoW(ctypes.c_wchar_p(file), 0, size, data):
            raise ctypes.WinError()
        fixed, length = ctypes.c_void_p(), wintypes.UINT()
        if not library.VerQueryValueW(data, ctypes.c_wchar_p("\\"), ctypes.byref(fixed), ctypes.byref(length)):
            raise ctypes.WinError()
        if not fixed.value or length.value < 16:
            raise OSError(f"no version in {file}")
        # VS_FIXEDFILEINFO: signature, structure version, then the file version in two halves.
        high, low = ctypes.cast(fixed.value + 8, ctypes.POINTER(ctypes.c_uint32 * 2)).contents
        return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"
    else:
        raise OSError(f"not Windows: {file}")


def code_pages() -> tuple[int, int]:
    """The system's code page, and the console's (0 where there is no console)."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        return int(kernel.GetACP()), int(kernel.GetConsoleOutputCP())
    else:
        raise OSError("not Windows")


def computer_name() -> str:
    """The name that the network knows, which may hold other letters than the short one."""
    if sys.platform == "win32":
        size = wintypes.DWORD(256)
        name = ctypes.create_unicode_buffer(256)
        # ComputerNamePhysicalDnsHostname is 5.
        if not ctypes.windll.kernel32.GetComputerNameExW(5, name, ctypes.byref(size)):
            raise ctypes.WinError()
        return name.value
    else:
        raise OSError("not Windows")


def present_devices(*, enumerator: str = "", device_class: str = "") -> tuple[str, ...]:
    """Ids of the devices that are there now (`PCI\\VEN_10DE&DEV_2D04&…\\…`), of a bus or a class. Raises OSError.

    The registry alone also lists what was taken out long ago.
    """
    if sys.platform == "win32":
        # cfgmgr32.h: CM_GETIDLIST_FILTER_ENUMERATOR 1, _PRESENT 0x100, _CLASS 0x200.
        flags = 0x100 | (0x200 if device_class else 0x1)
        wanted = ctypes.c_wchar_p(device_class or enumerator)
        library = ctypes.windll.cfgmgr32
        try:
            ask_size, ask_list = library.CM_Get_Device_ID_List_SizeW, library.CM_Get_Device_ID_ListW
        except AttributeError as exc:
            raise OSError(str(exc)) from exc
        size = wintypes.ULONG()
        if (code := ask_size(ctypes.byref(size), wanted, flags)) != 0:
            raise OSError(f"the configuration manager says {code}")
        words = ctypes.create_unicode_buffer(size.value + 1)
        if (code := ask_list(wanted, words, size, flags)) != 0:
            raise OSError(f"the configuration manager says {code}")
        return tuple(part for part in ctypes.wstring_at(words, size.value).split("\0") if part)
    else:
        raise OSError(f"not Windows: {enumerator}, {device_class}")
