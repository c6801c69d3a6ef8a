"""How a process of long life keeps its memory."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""Of <malloc.h> (glibc)."""


def one_arena() -> bool:
    """All threads take their memory from one pool. Call it before the first thread. Returns whether the C library did so (glibc does).

    glibc gives threads pools of their own, and what is freed in one is no use to the others: in a process that makes and drops the sound of thousands of
    calls the pools grew for hours without anything being held. The interpreter lets one thread at a time ask for memory anyway.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1))
    except (OSError, AttributeError):
        return False
