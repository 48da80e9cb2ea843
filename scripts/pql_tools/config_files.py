"""Files and YAML as dbt reads them, by its own loader (YAML 1.1): NO and 1e5 are here what they are there.

read_yaml(path), load_yaml(text)            WarehouseError of one sentence where it cannot be read
as_option({"pql_horizon_days": 60})         for --vars, read back as the very same values
flow({"events": ["NO"]})                    {events: ['NO']}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from dbt.clients.yaml_helper import SafeLoader

from pql_tools.problems import WarehouseError


def read_text(path: Path) -> str:
    """The text of a file."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise WarehouseError(not_utf_8(path, problem)) from problem
    except OSError as problem:
        raise WarehouseError(f"{path} cannot be read: {problem.strerror}.") from problem


def not_utf_8(path: Path, problem: UnicodeDecodeError) -> str:
    """Which byte of which line is no UTF-8, and what to do."""
    line = problem.object[: problem.start].count(b"\n") + 1
    byte = problem.object[problem.start]
    return f"{path} is not UTF-8: byte 0x{byte:02x} in line {line}. Save it as UTF-8, then run this again."


def load_yaml(text: str, name: str = "The text") -> Any:
    """What a YAML text says to dbt; `name` is what it is called in the message."""
    try:
        return yaml.load(text, SafeLoader)
    except (yaml.YAMLError, ValueError) as problem:  # 2026-02-30 is a ValueError
        raise WarehouseError(f"{name} is not valid YAML: {' '.join(str(problem).split())}") from problem


def read_yaml(path: Path) -> Any:
    """What a YAML file says to dbt."""
    return load_yaml(read_text(path), str(path))


def as_option(variables: dict[str, Any]) -> str:
    """Variables as one argument, read back by dbt and our scripts as the very same, dates and emoji too."""
    return flow(variables)


def flow(value: Any) -> str:
    """A value in YAML's short form, on one line, quoted where dbt would read something else."""
    listed = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False
    )
    return listed.strip()[1:-1]
