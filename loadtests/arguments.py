"""Numbers on command lines, refused in one line when they are none."""

import argparse
import math

MOST = 100_000


def count(text: str) -> int:
    """A whole number from 1 to 100,000."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 1 to 100,000")
    return int(text)


def positive(text: str) -> float:
    """A number above 0, up to 100,000."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number above 0, up to 100,000")
    return value
