"""Settings of glibc's malloc: when freed memory returns to the system; no effect on other systems."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator, Mapping

# Of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8
_ARENAS = 2
_MB = 2**20
# In training malloc keeps up to this much freed memory, and does not give large blocks mappings of their own.
_KEPT = {_M_TRIM_THRESHOLD: 256 * _MB, _M_TOP_PAD: 64 * _MB, _M_MMAP_THRESHOLD: 64 * _MB}
# The largest values that malloc chooses by itself.
_USUAL = {_M_TRIM_THRESHOLD: 64 * _MB, _M_TOP_PAD: 128 * 2**10, _M_MMAP_THRESHOLD: 32 * _MB}


def limit_malloc_arenas() -> None:
    """Let all threads allocate from the same two arenas; call it before the first thread starts.

    By default each new thread gets an arena, and the unused gaps in each grow with every training.
    """
    _set_options({_M_ARENA_MAX: _ARENAS})


@contextlib.contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Let malloc reuse freed memory, in all threads, instead of returning it to the system.

    A training step of a CNN frees up to 100 MB, and to get it back from the system takes up to a fifth of the step.
    """
    _set_options(_KEPT)
    try:
        yield
    finally:
        _set_options(_USUAL)
        trim_heap()


def _set_options(options: Mapping[int, int]) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library
            for option, value in options.items():
                ctypes.CDLL(None).mallopt(option, value)


def trim_heap() -> None:
    """Return freed memory to the system: malloc keeps 150 MB after MNIST is unpacked and 70,000 images are shown."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
