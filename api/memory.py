"""How the process takes memory from the system."""

import ctypes
import sys

_M_ARENA_MAX = -8  # of glibc's malloc.h
POOLS = 2


def share_pools() -> None:
    """Let all threads take memory from two pools. Call it before there are threads.

    With a pool for each thread, as glibc has it, what one gave back is of no use to the others:
    under load the service took a third more, and went on taking. Elsewhere nothing is changed.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and one pool
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, POOLS)
