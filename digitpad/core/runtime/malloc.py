"""Settings of glibc's malloc, so that freed memory returns to the system; no effect on other systems."""

import contextlib
import ctypes
import sys

_M_ARENA_MAX = -8  # of glibc's malloc.h
_ARENAS = 2


def limit_malloc_arenas() -> None:
    """Let all threads allocate from the same two arenas; call it before the first thread starts.

    By default each new thread gets an arena, and the unused gaps in each grow with every training.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def trim_heap() -> None:
    """Return freed memory to the system: malloc keeps 150 MB after MNIST is unpacked and 70,000 images are shown."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
