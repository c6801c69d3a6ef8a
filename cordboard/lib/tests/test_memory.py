"""A process of long life: its threads share one pool of memory."""

import subprocess
import sys

import pytest

from cordboard.lib.memory import one_arena

POOL = 64 << 20
"""glibc lays a thread's pool at a multiple of this (HEAP_MAX_SIZE of its arena.c)."""

IN_THREADS = """
import sys, threading
from cordboard.lib.memory import one_arena
if sys.argv[1] == "one": one_arena()
stop = threading.Event()
def work():
    kept = [bytearray(20_000) for _ in range(50)]
    stop.wait()
threads = [threading.Thread(target=work) for _ in range(6)]
for one in threads: one.start()
writable = [line for line in open("/proc/self/maps") if line.split()[1] == "rw-p" and len(line.split()) == 5]
print(sum(int(line.split("-")[0], 16) % int(sys.argv[2]) == 0 for line in writable))
stop.set()
"""


def pools(how: str) -> int:
    return int(subprocess.run([sys.executable, "-c", IN_THREADS, how, str(POOL)], check=True, capture_output=True, text=True).stdout)


def test_threads_take_their_memory_from_one_pool() -> None:
    if not one_arena():
        pytest.skip("this C library has no pools for threads")
    assert pools("one") == 0
    assert pools("many") > 0
