"""Windows' job objects: a child and everything it starts, as one thing that ends together.

Every child of tunedoc gets a job of its own before its first instruction: it is started suspended, put into the job and
woken. The job kills what is in it when its last handle is closed, and only tunedoc has one: however tunedoc ends, its
children end with it. A child that is to save first gets a job without that rule, which only serves to end it whole.

No job of tunedoc's has tunedoc in it, so nothing depends on what started tunedoc and which job that put it in: jobs are
nested since Windows 8. Where the system refuses a job all the same, the child runs without one, and ending it walks the
tree of processes instead.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _BasicLimits(ctypes.Structure):
        _fields_ = (
            ("per_process_time", ctypes.c_int64),
            ("per_job_time", ctypes.c_int64),
            ("flags", wintypes.DWORD),
            ("minimum_working_set", ctypes.c_size_t),
            ("maximum_working_set", ctypes.c_size_t),
            ("active_processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority_class", wintypes.DWORD),
            ("scheduling_class", wintypes.DWORD),
        )

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = (
            ("basic", _BasicLimits),
            ("io", ctypes.c_uint64 * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("peak_process_memory", ctypes.c_size_t),
            ("peak_job_memory", ctypes.c_size_t),
        )


CREATE_SUSPENDED = 0x4
"""Flag for a process that waits to be woken."""
_KILL_ON_CLOSE = 0x2000
_EXTENDED_LIMITS = 9
_MAY_BE_PUT_INTO_A_JOB = 0x1 | 0x100
"""PROCESS_TERMINATE and PROCESS_SET_QUOTA."""
_NO_MISSING_FILE_BOX, _NO_CRASH_BOX = 0x1, 0x2
_MAY_BE_WOKEN = 0x800
"""PROCESS_SUSPEND_RESUME."""


class Job:
    """A job object. Close it when its process has ended."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def add(self, pid: int) -> bool:
        """Put a process into the job, with everything that it will start; False where the system refuses."""
        if sys.platform == "win32":
            kernel = _kernel()
            process = kernel.OpenProcess(_MAY_BE_PUT_INTO_A_JOB, False, pid)
            if not process:
                return False
            added = kernel.AssignProcessToJobObject(self._handle, process)
            kernel.CloseHandle(process)
            return bool(added)
        else:
            return False

    def terminate(self) -> bool:
        """End every process of the job at once; False where that failed."""
        if sys.platform == "win32":
            return bool(self._handle) and bool(_kernel().TerminateJobObject(self._handle, 1))
        else:
            return False

    def close(self) -> None:
        """Let go of the job: what a job that kills still holds ends now."""
        handle, self._handle = self._handle, 0
        if sys.platform == "win32" and handle:
            _kernel().CloseHandle(handle)


def make_job(*, kills: bool) -> Job | None:
    """A new job; `kills`: its processes end when tunedoc does. None elsewhere than on Windows, or where refused."""
    if sys.platform == "win32":
        kernel = _kernel()
        handle = kernel.CreateJobObjectW(None, None)
        if not handle:
            return None
        limits = _ExtendedLimits()
        limits.basic.flags = _KILL_ON_CLOSE
        if kills and not kernel.SetInformationJobObject(
            handle, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        ):
            kernel.CloseHandle(handle)
            return None
        return Job(handle)
    else:
        return None


def hush_dialogs() -> None:
    """Have this process's children fail with an exit code where a DLL is missing or they crash.

    Windows would show a box for it, and the child would wait until somebody pressed a button.
    """
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetErrorMode(kernel.GetErrorMode() | _NO_MISSING_FILE_BOX | _NO_CRASH_BOX)


def wake(pid: int) -> None:
    """Let a process run that was started suspended. Raises OSError."""
    if sys.platform == "win32":
        kernel = _kernel()
        process = kernel.OpenProcess(_MAY_BE_WOKEN, False, pid)
        if not process:
            raise ctypes.WinError(ctypes.get_last_error())
        # The documented way needs the first thread's handle, which Python closes. This one debuggers use.
        code = ctypes.WinDLL("ntdll").NtResumeProcess(wintypes.HANDLE(process))
        kernel.CloseHandle(process)
        if code:
            raise OSError(f"the process {pid} cannot be woken: {code & 0xFFFFFFFF:#x}")


if sys.platform == "win32":

    def _kernel() -> ctypes.WinDLL:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
        kernel.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
        kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
        kernel.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
        kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
        return kernel
