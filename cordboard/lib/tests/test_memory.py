"""A process of long life: its threads share one pool of memory."""

import subprocess
import sys

import pytest

from cordboard.lib.memory import one_arena

IN_THREADS = """
import ctypes, sys, threading
from cordboard.lib.memory import one_arena
if sys.argv[1] == "one": one_arena()
stop, ready = threading.Event(), threading.Barrier(7)
def work():
    kept = [bytearray(20_000) for _ in range(50)]
    ready.wait()
    stop.wait()
threads = [threading.Thread(target=work) for _ in range(6)]
for one in threads: one.start()
ready.wait()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(c.fopen(b"/dev/stdout", b"w"))
c.malloc_info(0, out)
c.fclose(out)
stop.set()
"""


def pools(how: str) -> int:
    """The pools of memory that glibc says it has, the first of the process among them (malloc_info(3))."""
    said = subprocess.run([sys.executable, "-c", IN_THREADS, how], check=True, capture_output=True, text=True).stdout
    return said.count("<heap nr=")


def test_threads_take_their_memory_from_one_pool() -> None:
    if not one_arena():
        pytest.skip("this C library has no pools for threads")
    assert pools("one") == 1
    assert pools("many") > 1
