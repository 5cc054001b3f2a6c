"""Memory that is free goes back to the system."""

import contextlib
import ctypes
import sys


def give_back_memory() -> None:
    """Return what was freed to the system, where the C library would keep it.

    glibc keeps what threads have freed for their next allocation: 150 MB once MNIST was unpacked and 70,000 images
    were looked at. Elsewhere nothing is done.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
