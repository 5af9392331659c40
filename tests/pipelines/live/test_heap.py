"""What is free in the heap goes back to the system: memory in use is measured, in a process of its own."""

import platform
import subprocess
import sys

import pytest

from pipelines.live.heap import SpareHeap

BLOCKS, BLOCK_BYTES = 8000, 9000
FILL = f"""
from pathlib import Path
from pipelines.live.heap import SpareHeap

def held_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

heap = SpareHeap(every_s=0)
# Every fifth block stays, so that what is free between them cannot go back by itself.
blocks = [bytes([1]) * {BLOCK_BYTES} for _ in range({BLOCKS})]
kept = blocks[::5]
blocks.clear()
before_mb = held_mb()
heap.look()
print(before_mb - held_mb())
"""


def test_it_is_not_due_before_its_time() -> None:
    assert not SpareHeap(every_s=60).look()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_what_is_free_between_blocks_in_use_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", FILL], capture_output=True, text=True, check=True, timeout=60)
    free_mb = BLOCKS * BLOCK_BYTES * 0.8 / 1e6
    assert float(done.stdout) > free_mb / 4


PASSING_BYTES, TIMES = 400_000, 500
PASSING = f"""
import resource
from pipelines.live.heap import share_arenas

assert share_arenas()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({TIMES}):
    bytearray({PASSING_BYTES})[::4096] = bytes(len(range(0, {PASSING_BYTES}, 4096)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_what_is_needed_again_and_again_is_not_fetched_again_and_again() -> None:
    done = subprocess.run([sys.executable, "-c", PASSING], capture_output=True, text=True, check=True, timeout=60)
    pages = TIMES * PASSING_BYTES / 4096
    assert int(done.stdout) < pages / 10, "page faults"
