"""A proposed vars.yml, and its tables built beside those in use."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from pql_tools.config_files import read_yaml
from pql_tools.problems import Problem
from pql_tools.warehouse import PACKAGE, Warehouse
from pql_tools.warehouse.run_dbt import scratch_schema

SUFFIX = "_pql_preview"
CHANGEABLE = ("pql_criteria", "pql_definitions", "pql_horizon_days")
RULED = ("int_account_attributes+", "int_detailed_events+", "int_criterion_spans+", "pql_rules+")


NEEDED = [
    f"package:{PACKAGE},{rule},+{table}"
    for rule in RULED
    for table in ("fct_pql_episodes", "fct_criterion_outcomes")
]


def read_proposed(path: Path) -> dict[str, Any]:
    """The variables of the proposed file."""
    content = read_yaml(path)
    variables = content.get("vars") if isinstance(content, dict) else None
    if not isinstance(variables, dict):
        raise Problem(
            f"{path} must have the form of vars.yml: a mapping `vars:` with pql_criteria and pql_definitions."
        )
    return variables


def merged(current: dict[str, Any], proposed: dict[str, Any]) -> dict[str, Any]:
    """The proposed configuration in full; Problem where it changes what only a full build can show."""
    for name, value in proposed.items():
        if name not in CHANGEABLE and str(value) != str(current.get(name, value)):
            raise Problem(
                f"'{name}' differs ({current.get(name)!r} now, {value!r} "
                "proposed), and the built tables depend on it: "
                f"only {', '.join(CHANGEABLE)} can be previewed. Build that change into a target of its own."
            )
    return {**current, **proposed}


def definition_of(variables: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The definition of that name, or the primary one."""
    definitions = variables.get("pql_definitions") or []
    found = [d for d in definitions if isinstance(d, dict) and name in (None, d.get("name"))]
    if not found:
        known = ", ".join(str(d.get("name")) for d in definitions if isinstance(d, dict))
        raise Problem(f"There is no definition '{name}' on one side; it has: {known or 'none'}.")
    return found[0]


@contextlib.contextmanager
def proposed_tables(warehouse: Warehouse, proposed: dict[str, Any]):
    """Build the proposed configuration beside the current one; yields its relations by model; drops it."""
    with scratch_schema(warehouse, SUFFIX, proposed) as (here, there):
        state = warehouse.built_manifest()
        if state is None:
            here.run("parse")
            state = here.artifacts / "manifest.json"
        there.run("run", "--defer", "--favor-state", "--state", str(state.parent), "--select", *NEEDED)
        yield there.relations()
