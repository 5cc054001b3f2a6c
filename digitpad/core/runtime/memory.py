"""Checks, before something large is allocated, whether there is memory for it.

Libraries do not always raise MemoryError: safetensors and torch may end the program.
"""

from digitpad.core.errors import DigitpadError

# Less is always tried: asking the system takes longer than allocating it.
_SMALL = 128 << 20
_GB = 1e9


def check_memory(needed: float, remedy: str) -> None:
    """Raise DigitpadError with a remedy, such as "choose smaller layers", if `needed` bytes are not free."""
    if needed <= _SMALL:
        return
    free = free_memory()
    if needed > free:
        raise DigitpadError(
            "this needs about {needed:.1f} GB of memory, and {free:.1f} GB are free: {remedy}",
            needed=needed / _GB,
            free=free / _GB,
            remedy=remedy,
        )


def free_memory() -> int:
    """Return how many bytes this process can still allocate: of memory and swap, within its own limit."""
    import psutil

    free = psutil.virtual_memory().available + psutil.swap_memory().free
    try:
        import resource
    except ImportError:  # Windows
        return free
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return free
    return max(0, min(free, limit - psutil.Process().memory_info().vms))
