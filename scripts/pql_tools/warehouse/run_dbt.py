"""dbt as a program of its own, run on the project and target of a script or in a schema beside it.

Dbt.of(options).run("parse")                                what it printed; WarehouseError if it fails
with scratch_schema(warehouse, "_pql_verify") as (here, there):
    there.run("build", "--full-refresh")                    into a schema that is dropped afterwards
    there.relations()["pql_accounts"]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pql_tools.config_files import as_option, flow, read_yaml
from pql_tools.dbt_internals import PROGRAM
from pql_tools.warehouse import PACKAGE, Warehouse, WarehouseError, find_profiles_dir, find_project_dir


class Dbt(NamedTuple):
    """Where dbt runs, with which variables, and where it writes; no target and no folder are dbt's own."""

    project_dir: Path
    profiles_dir: Path
    target: str | None
    variables: dict[str, Any]
    artifacts: Path | None = None

    @classmethod
    def of(cls, options: argparse.Namespace) -> Dbt:
        """The project and target that a script's options name."""
        project_dir = find_project_dir(options.project_dir)
        profiles_dir = find_profiles_dir(options.profiles_dir, project_dir)
        return cls(project_dir, profiles_dir, options.target, options.vars)

    def options(self) -> list[str]:
        """Project, profile, target and variables as command line options, which our scripts take as well."""
        given = ["--project-dir", str(self.project_dir), "--profiles-dir", str(self.profiles_dir)]
        given += ["--target", self.target] if self.target else []
        return given + (["--vars", as_option(self.variables)] if self.variables else [])

    def command(self, *arguments: str, warnings: bool = False) -> list[str]:
        """The command line; what it prints are errors, and warnings where they are asked for."""
        folder = str(self.artifacts)
        places = ["--target-path", folder, "--log-path", folder] if self.artifacts else []
        printed = ["--log-level", "warn"] if warnings else ["--quiet"]
        return [sys.executable, "-c", PROGRAM, *printed, *arguments, *self.options(), *places]

    def show(self, *arguments: str) -> bool:
        """Run a command in the user's sight; returns whether it went well."""
        return subprocess.run(self.command(*arguments), cwd=self.project_dir).returncode == 0

    def run(self, *arguments: str) -> str:
        """Run a command and return what it printed; what it complains about is the problem."""
        command = self.command("--no-use-colors", *arguments)
        done = subprocess.run(command, cwd=self.project_dir, capture_output=True, text=True)
        if done.returncode:
            raise WarehouseError(f"dbt {arguments[0]} failed: {_without_trace(done.stdout + done.stderr)}")
        return done.stdout

    def relations(self) -> dict[str, str]:
        """The relation of each model of ours, as the last run into these artifacts built it."""
        nodes = json.loads((self.artifacts / "manifest.json").read_text())["nodes"].values()
        return {
            node["name"]: node["relation_name"]
            for node in nodes
            if node["resource_type"] == "model" and node["package_name"] == PACKAGE
        }


@contextlib.contextmanager
def scratch_schema(
    warehouse: Warehouse, suffix: str, variables: dict[str, Any] | None = None
) -> Iterator[tuple[Dbt, Dbt]]:
    """dbt on the warehouse's target, and in a schema beside it that is dropped afterwards.

    `variables` are those of the schema beside, where they are others. Inputs that are tables are those of the
    target's own schema there as well. A project whose schemas do not follow the target's has no room beside.
    """
    name, config = warehouse.config.profile_name, warehouse.config
    inputs = {"pql_source_schema": warehouse.variable("pql_source_schema", config.credentials.schema)}
    profiles = read_yaml(warehouse.profiles_dir / "profiles.yml")
    # secrets and all, as dbt reads them, under dbt's own names: what BigQuery calls dataset is its schema
    output = type(config.credentials).translate_aliases(profiles[name]["outputs"][config.target_name])
    output |= {"schema": config.credentials.schema + suffix}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        made_for_it = flow({name: {"target": "scratch", "outputs": {"scratch": output}}})
        (folder / "profiles.yml").write_text(made_for_it, encoding="utf-8")
        places = warehouse.project_dir, warehouse.profiles_dir
        here = Dbt(*places, config.target_name, warehouse.variables, folder / "here")
        given = inputs | (variables or warehouse.variables)
        there = Dbt(places[0], folder, "scratch", given, folder / "there")
        there.run("parse")
        if shared := sorted(warehouse.relations() & set(there.relations().values())):
            raise WarehouseError(
                f"No copy can be built beside the warehouse: {shared[0]} is called so whatever the target's "
                "schema is. Your macro generate_schema_name must make use of target.schema where this is run."
            )
        try:
            yield here, there
        finally:
            with contextlib.suppress(WarehouseError):
                there.run("run-operation", "drop_scratch_schema")


def _without_trace(printed: str) -> str:
    """What dbt complains about, without the macros through which it came there."""
    return re.sub(r"\n\s*> (?:in|called by) [^\n]*", "", printed).strip()
