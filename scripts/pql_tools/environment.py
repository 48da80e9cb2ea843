"""The environment that this process and those that it starts read their settings from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

IN_MEMORY = {"PQL_DUCKDB_PATH": ":memory:"}  # no file is the warehouse: for what only renders SQL


@contextmanager
def environment(**values: Any) -> Iterator[None]:
    """Set some variables for a while, as text; afterwards all is as it was."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update({name: str(value) for name, value in values.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
