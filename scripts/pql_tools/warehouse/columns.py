"""What drivers return, as rows and arrays that are the same from every engine."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np


def fetched(cursor) -> list[tuple]:
    """The rows of a query. Spark's Thrift client hands out dates as text."""
    rows = cursor.fetchall()
    if "DATE_TYPE" not in (kinds := [column[1] for column in cursor.description]):
        return rows
    return [
        tuple(
            date.fromisoformat(value) if kind == "DATE_TYPE" and isinstance(value, str) else value
            for kind, value in zip(kinds, row, strict=True)
        )
        for row in rows
    ]


def tidy(column: np.ndarray) -> np.ndarray:
    """A column of DuckDB with its nulls in place instead of under a mask."""
    values, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    if values.dtype.kind == "M":
        values = values.astype("datetime64[us]")
        empty: Any = np.datetime64("NaT")
    elif values.dtype.kind in "iuf":
        values = values if not mask.any() else values.astype(float)
        empty = np.nan
    else:
        values = values if not mask.any() else values.astype(object)
        empty = None
    if mask.any():
        values = values.copy()
        values[mask] = empty
    return values


def column_of(values: tuple, kind: str) -> np.ndarray:
    """Values of any driver as an array, by the type of the first that is not null; `kind` where all are."""
    first = next((value for value in values if value is not None), None)
    if first is None and "TIME" in kind.upper():
        return np.full(len(values), np.datetime64("NaT", "us"))
    if isinstance(first, datetime):
        return np.array(
            [None if v is None else v.replace(tzinfo=None) for v in values], dtype="datetime64[us]"
        )
    if isinstance(first, (int, float, Decimal)) and not isinstance(first, bool):
        if isinstance(first, int) and None not in values:
            return np.array(values, dtype=np.int64)
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array(values, dtype=object)
