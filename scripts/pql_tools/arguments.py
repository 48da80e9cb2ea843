"""Readers of the options of the scripts, for argparse: each returns the value or says what is wrong."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

MOST_DAYS = 36500


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


def moment(text: str) -> datetime:
    """A date or a time, in UTC where it does not say otherwise."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a date or time such as 2026-05-01 12:00, got {text!r}"
        ) from None
    return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given


def horizon(text: str) -> int | str:
    """A number of days, or "none" for any later payment."""
    if text == "none":
        return text
    if text.isdigit() and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a number of days from 1 to {MOST_DAYS}, or none; got {text!r}")


def dimension(text: str) -> str:
    """What to group accounts by: their month of sign-up, or an attribute."""
    if text == "cohort" or (text.startswith("segment:") and len(text) > len("segment:")):
        return text
    raise argparse.ArgumentTypeError(f"must be cohort or segment:<attribute>, got {text!r}")


def whole_number(text: str) -> int:
    """A whole number above 0."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, got {text!r}")
    return int(text)


def whole_number_within(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers of a range."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return read


def share(text: str) -> float:
    """A share of accounts, a chance."""
    return _between(text, 0, 1, "a number between 0 and 1 (0.25 for 25%)")


def confidence(text: str) -> float:
    """A confidence of more than even odds."""
    return _between(text, 0.5, 1, "a number between 0.5 and 1")


def positive(text: str) -> float:
    """A number above 0."""
    return _between(text, 0, 1e9, "a number above 0")


def capacity(text: str) -> float:
    """How many leads sales can work in a week."""
    return _between(text, 0, 1e9, "a number of PQLs a week above 0")


def seconds(text: str) -> float:
    """A time in seconds, 0 or more."""
    given = _number(text)
    if not 0 <= given < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, 0 or more, got {text!r}")
    return given


def _between(text: str, low: float, high: float, allowed: str) -> float:
    """A number strictly between two others."""
    given = _number(text)
    if not low < given < high:
        raise argparse.ArgumentTypeError(f"must be {allowed}, got {text!r}")
    return given


def _number(text: str) -> float:
    """What the text says as a number; NaN, which is in no range, where it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
