"""Threads share the memory that others gave back."""

import subprocess
import sys
from pathlib import Path

from api.memory import POOLS

# Counts the pools of the C library after sixteen threads have taken memory at the same time.
COUNTED = """
import ctypes, os, sys, threading
from api.memory import share_pools

if "share" in sys.argv:
    share_pools()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(16)

def take():
    together.wait()
    libc.malloc(ctypes.c_size_t(1000))
    together.wait()

threads = [threading.Thread(target=take) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
told = ctypes.c_void_p(libc.fopen(os.fsencode(sys.argv[1]), b"w"))
libc.malloc_info(0, told)
libc.fclose(told)
"""


def test_threads_share_two_pools_of_memory(tmp_path: Path) -> None:
    def pools(*arguments: str) -> int:
        file = tmp_path / "malloc.xml"
        subprocess.run([sys.executable, "-c", COUNTED, file, *arguments], check=True)
        return file.read_text().count("<heap nr=")

    assert pools() > POOLS
    assert pools("share") <= POOLS
