"""How many places threads allocate from."""

import platform
import subprocess
import sys

import pytest

_COUNTING = """
import ctypes, threading
from digitpad.core.runtime.malloc import share_memory

{first}
libc, together = ctypes.CDLL(None), threading.Barrier(8)

def work():
    together.wait()
    held = [bytearray(5000) for _ in range(100)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


def _places(first: str) -> int:
    code = _COUNTING.format(first=first)
    return subprocess.check_output([sys.executable, "-c", code], text=True).count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such places")
def test_threads_share_two_places_to_allocate_from() -> None:
    assert _places("") > 2
    assert _places("share_memory()") <= 2
