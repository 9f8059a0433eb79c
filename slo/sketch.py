"""A mergeable quantile sketch: DDSketch with logarithmic buckets, kept as dense lanes of counts.

Masson, Rim and Lee, "DDSketch" (VLDB 2019): bucket ``i`` holds the values in
``(gamma^(i-1), gamma^i]``, and a quantile read from it is within 1 % of the true sample.
Sketches merge by adding lanes. Python adds whole sketches as one big integer, which merges a
month of hours in about a millisecond; a dictionary of buckets takes twenty.
"""

import math
import struct
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, repeat
from operator import mul

RELATIVE_ACCURACY = 0.01
GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY)
SMALLEST = 1e-6  # values under it count as zero, so that one of them cannot widen a sketch
LARGEST = 1e12

_BUCKETS_PER_E = 1 / math.log(GAMMA)
_HEADER = struct.Struct("<BiQQ")  # version, bucket of the first lane, zeros, all samples
_VERSION = 1
_NARROW, _WIDE = array("I"), array("Q")  # lanes as stored, and for sums beyond them
_LANE_LIMIT = 1 << (8 * _NARROW.itemsize)

EMPTY = _HEADER.pack(_VERSION, 0, 0, 0)
ZERO = -(1 << 31)  # the key of values that count as zero, below every bucket


@dataclass(frozen=True)
class Sketch:
    """Counts of samples by bucket: ``lanes[k]`` samples in bucket ``first + k``."""

    zeros: int
    first: int
    lanes: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many samples there are."""
        return self.zeros + sum(self.lanes)

    def quantile(self, share: Fraction) -> float | None:
        """The nearest-rank quantile, within 1 %; None without samples. ``0 < share <= 1``."""
        if not 0 < share <= 1:
            raise ValueError(f"a quantile lies over 0 and up to 1, not at {share}")
        count = self.count
        if count == 0:
            return None
        rank = math.ceil(share * count)
        if rank <= self.zeros:
            return 0.0
        lane = bisect_left(list(accumulate(self.lanes)), rank - self.zeros)
        return bucket_value(self.first + lane)


def bucket(value: float) -> int:
    """The bucket of ``value``. Raises ValueError for what no measurement is."""
    if not 0 <= value <= LARGEST:  # false for NaN too
        raise ValueError(f"a sketch holds values from 0 to {LARGEST:g}, not {value}")
    return ZERO if value < SMALLEST else math.ceil(math.log(value) * _BUCKETS_PER_E)


def bucket_value(number: int) -> float:
    """The value that is within 1 % of every sample of the bucket."""
    return 2 * math.exp(number / _BUCKETS_PER_E) / (GAMMA + 1)


def count_buckets(values: Collection[float]) -> Counter[int]:
    """How many of ``values`` fall into each bucket."""
    if values and min(values) >= SMALLEST and max(values) <= LARGEST:
        scaled = map(mul, map(math.log, values), repeat(_BUCKETS_PER_E))
        return Counter(map(math.ceil, scaled))  # as `bucket` does, without a step in Python each
    return Counter(map(bucket, values))


def add(encoded: bytes, counts: Mapping[int, int]) -> bytes:
    """Add counts by bucket to an encoded sketch."""
    first, zeros, count = _read_header(encoded)
    lanes = _lanes(encoded)
    touched = [number for number in counts if number != ZERO]
    if touched:
        first, lanes = _widen(first, lanes, min(touched), max(touched))
        for number in touched:
            lanes[number - first] += counts[number]
    zeros, count = zeros + counts.get(ZERO, 0), count + sum(counts.values())
    return _HEADER.pack(_VERSION, first, zeros, count) + _little_endian(lanes).tobytes()


def combined(sketches: Iterable[bytes]) -> bytes:
    """Encoded sketches as one."""
    return add(EMPTY, buckets(sketches))


def buckets(sketches: Iterable[bytes]) -> Counter[int]:
    """How many samples encoded sketches hold together, by bucket."""
    merged = merge(sketches)
    lanes = {merged.first + lane: number for lane, number in enumerate(merged.lanes)}
    return +Counter({**lanes, ZERO: merged.zeros})


def merge(sketches: Iterable[bytes]) -> Sketch:
    """Add encoded sketches up. Neither the order nor the grouping matters."""
    encoded = list(sketches)
    headers = [_read_header(one) for one in encoded]
    zeros = sum(header[1] for header in headers)
    first = min((header[0] for header in headers if header[2] > header[1]), default=0)
    wide = sum(header[2] for header in headers) >= _LANE_LIMIT  # a narrow lane could overflow
    lane_bits = 8 * (_WIDE if wide else _NARROW).itemsize
    total = 0
    for one, (start, one_zeros, one_count) in zip(encoded, headers, strict=True):
        if one_count > one_zeros:
            lanes = _little_endian(array("Q", _lanes(one))) if wide else one[_HEADER.size :]
            total += int.from_bytes(lanes, "little") << lane_bits * (start - first)
    return Sketch(zeros, first, _split(total, wide=wide))


def _read_header(encoded: bytes) -> tuple[int, int, int]:
    version, first, zeros, count = _HEADER.unpack_from(encoded)
    if version != _VERSION:
        raise ValueError(f"a sketch of version {version} cannot be read; known is {_VERSION}")
    return first, zeros, count


def _lanes(encoded: bytes) -> "array[int]":
    return _little_endian(array("I", encoded[_HEADER.size :]))


def _widen(first: int, lanes: "array[int]", low: int, high: int) -> "tuple[int, array[int]]":
    """Make room for the buckets from ``low`` to ``high``."""
    if not lanes:
        return low, array("I", bytes(_NARROW.itemsize * (high - low + 1)))
    if low < first:
        lanes = array("I", bytes(_NARROW.itemsize * (first - low))) + lanes
        first = low
    missing = high + 1 - first - len(lanes)
    if missing > 0:
        lanes.extend(array("I", bytes(_NARROW.itemsize * missing)))
    return first, lanes


def _split(total: int, *, wide: bool) -> tuple[int, ...]:
    """Take the lanes out of the big integer that they were added up in."""
    lanes = array("Q" if wide else "I")
    size = -(-total.bit_length() // (8 * lanes.itemsize)) * lanes.itemsize
    lanes.frombytes(total.to_bytes(size, "little"))
    return tuple(_little_endian(lanes))


def _little_endian(lanes: "array[int]") -> "array[int]":
    """Turn the machine's byte order into the stored one, or back."""
    if sys.byteorder == "big":
        lanes.byteswap()
    return lanes
