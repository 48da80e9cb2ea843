"""Arrow columns of ids, codes and moments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pql_tools.simulator.clock import Calendar
from pql_tools.simulator.units import NEVER, NOBODY


def event_ids(rng: np.random.Generator, id_index: np.ndarray) -> pa.Array:
    """Return 128 random bits in hexadecimal per distinct id; NOBODY is null."""
    n_ids = int(id_index.max(initial=0)) + 1
    raw = np.frombuffer(rng.bytes(16 * n_ids), dtype="V16")[np.maximum(id_index, 0)]
    text = HEX_PAIRS[raw.view(np.uint8)]
    return fixed_width_strings(text, 32, valid=id_index != NOBODY)


HEX_PAIRS = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)


def fixed_width_strings(text: np.ndarray, width: int, valid: np.ndarray) -> pa.Array:
    """Wrap a buffer of equally long strings, without copying."""
    n = len(valid)
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(width)
    bitmap = pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(pa.string(), n, [bitmap, pa.py_buffer(offsets), pa.py_buffer(text)])


def coded(codes: np.ndarray, values: list[str] | tuple[str, ...]) -> pa.DictionaryArray:
    """Return strings by code; NOBODY is null."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(values, pa.string()))


def timestamps(calendar: Calendar, utc: np.ndarray, valid: np.ndarray | None = None) -> pa.Array:
    """Return UTC timestamps in microseconds; NEVER and what is not valid are null."""
    missing = utc == NEVER if valid is None else ~valid
    return pa.array((utc + calendar.epoch) * 1_000, mask=missing).view(pa.timestamp("us"))
