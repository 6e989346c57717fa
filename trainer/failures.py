"""What an exception of torch and its libraries means."""

from __future__ import annotations


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, of a device or of the machine."""
    words = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or "out of memory" in words
        or "not enough memory" in words
        or "can't allocate memory" in words
    )


def first_line(error: BaseException) -> str:
    """The first line that says anything."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
