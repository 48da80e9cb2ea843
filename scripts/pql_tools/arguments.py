"""Readers of the options of the scripts, for argparse: each returns the value or says what is wrong."""

from __future__ import annotations

import argparse
import math
from typing import Any


def mapping(text: str) -> dict[str, Any]:
    """Variables as dbt reads them: a YAML (or JSON) mapping."""
    from pql_tools.config_files import load_yaml
    from pql_tools.problems import WarehouseError

    try:
        given = load_yaml(text)
    except WarehouseError:
        given = None
    if not isinstance(given, dict):
        raise argparse.ArgumentTypeError(
            f"must be a YAML mapping such as '{{pql_horizon_days: 60}}', got {text!r}"
        )
    return given


def seconds(text: str) -> float:
    """A time in seconds, 0 or more."""
    try:
        given = float(text)
    except ValueError:
        given = math.nan
    if not 0 <= given < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, 0 or more, got {text!r}")
    return given


def whole_number(text: str) -> int:
    """A whole number above 0."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, got {text!r}")
    return int(text)
