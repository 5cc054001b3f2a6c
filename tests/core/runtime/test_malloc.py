"""malloc: where threads allocate memory, and when freed memory returns to the system."""

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


_FAULTS = """
import contextlib, resource
from concurrent.futures import ThreadPoolExecutor
from digitpad.core.runtime.malloc import freed_memory_kept, limit_malloc_arenas

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def use_and_free_100_mb():
    before = faults()
    held = [bytearray(1 << 20) for _ in range(100)]
    return faults() - before

limit_malloc_arenas()
with {keeping}:
    for run in (lambda act: act(), lambda act: pool.submit(act).result()):
        with ThreadPoolExecutor(1) as pool:
            run(use_and_free_100_mb)
            print(run(use_and_free_100_mb))
print(use_and_free_100_mb())
"""


def _faults(keeping: str) -> list[int]:
    code = _FAULTS.format(keeping=keeping)
    return [int(line) for line in subprocess.check_output([sys.executable, "-c", code], text=True).split()]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such options")
def test_freed_memory_is_reused_without_page_faults_in_every_thread() -> None:
    by_default, by_default_in_a_thread, _ = _faults("contextlib.nullcontext()")
    kept, kept_in_a_thread, after = _faults("freed_memory_kept()")
    assert min(by_default, by_default_in_a_thread) > 1000
    assert max(kept, kept_in_a_thread) < 500
    assert after > 5000
