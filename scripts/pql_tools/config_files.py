"""Files and YAML as dbt reads them, by its own loader (YAML 1.1): NO and 1e5 are here what they are there.

read_yaml(path), load_yaml(text)            WarehouseError of one sentence where it cannot be read
as_option({"pql_horizon_days": 60})         for --vars, read back as the very same values
flow({"events": ["NO"]})                    {events: ['NO']}
block({"vars": {"x": [1, 2]}}, levels=1)    vars: {x: [1, 2]}, and a line for each entry of the levels above
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import yaml

from pql_tools.dbt_internals import SafeLoader
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


def block(value: Any, levels: int, indent: int = 0) -> str:
    """A value in YAML's long form: a line for each entry of its outer levels, the deeper ones in one."""
    written = yaml.dump(
        _in_long_form(value, levels), Dumper=_Dumper, default_flow_style=True, allow_unicode=True,
        width=float("inf"), sort_keys=False,
    )  # fmt: skip
    return textwrap.indent(written, " " * indent)


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, but for which collections take a line for each entry."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """A list stands further in than its name."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """What occurs twice is written twice."""
        return True


class _LongMapping(dict):
    """A mapping that takes a line for each of its entries."""


class _LongList(list):
    """A list that takes a line for each of its items."""


def _in_long_form(value: Any, levels: int) -> Any:
    if levels and isinstance(value, dict):
        return _LongMapping({key: _in_long_form(item, levels - 1) for key, item in value.items()})
    if levels and isinstance(value, list):
        return _LongList(_in_long_form(item, levels - 1) for item in value)
    return value


_Dumper.add_representer(
    _LongMapping,
    lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=False),
)
_Dumper.add_representer(
    _LongList,
    lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=False),
)


def flow(value: Any) -> str:
    """A value in YAML's short form, on one line, quoted where dbt would read something else."""
    listed = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False
    )
    return listed.strip()[1:-1]
