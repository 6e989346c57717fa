"""Lies in the lab's `C:\\Python312\\Lib`, and so works in every environment made from that Python.

Two functions of CPython call what Wine 8 lacks, and Wine ends a process that does. This answers in their place. And of
thousands of programs that are started one is refused for an "internal error" of Wine's: that is tried again.
"""

import _winapi
import ctypes
import os


class _Basic(ctypes.Structure):
    """PROCESS_BASIC_INFORMATION."""

    _fields_ = (
        ("exit_status", ctypes.c_void_p),
        ("block", ctypes.c_void_p),
        ("affinity", ctypes.c_void_p),
        ("priority", ctypes.c_void_p),
        ("own_id", ctypes.c_void_p),
        ("parent_id", ctypes.c_void_p),
    )


def _getppid() -> int:
    """Without PssCaptureSnapshot."""
    facts = _Basic()
    this_process = ctypes.c_void_p(-1)
    ctypes.windll.ntdll.NtQueryInformationProcess(this_process, 0, ctypes.byref(facts), ctypes.sizeof(facts), None)
    return facts.parent_id or 0


_INTERNAL_ERROR = 1359
_start = _winapi.CreateProcess


def _create_process(*arguments):
    for _ in range(3):
        try:
            return _start(*arguments)
        except OSError as error:
            if error.winerror != _INTERNAL_ERROR:
                raise
    return _start(*arguments)


_winapi.CreateProcess = _create_process
os.getppid = _getppid
if hasattr(_winapi, "CopyFile2"):
    # shutil.copy2 takes its own way when this one is not there.
    del _winapi.CopyFile2
