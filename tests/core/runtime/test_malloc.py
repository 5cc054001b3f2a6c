"""malloc arenas: where threads allocate memory."""

import platform
import subprocess
import sys

import pytest

_COUNTING = """
import ctypes, threading
from digitpad.core.runtime.malloc import limit_malloc_arenas

{first}
libc, barrier = ctypes.CDLL(None), threading.Barrier(8)

def work():
    barrier.wait()
    held = [bytearray(5000) for _ in range(100)]
    barrier.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


def _arenas(first: str) -> int:
    code = _COUNTING.format(first=first)
    return subprocess.check_output([sys.executable, "-c", code], text=True).count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no arenas")
def test_all_threads_share_two_arenas() -> None:
    assert _arenas("") > 2
    assert _arenas("limit_malloc_arenas()") <= 2
