"""The options that every script takes as dbt does, and the folders that they name."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pql_tools.arguments import mapping
from pql_tools.problems import WarehouseError

CHECKOUT = Path(__file__).resolve().parents[3]


def warehouse_parser(description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    """Return a script's parser with its own words, as they are, and dbt's own options."""
    parser = argparse.ArgumentParser(
        description=description, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    group = parser.add_argument_group("warehouse (as for dbt itself)")
    group.add_argument("--project-dir", type=Path, metavar="DIR", help="folder of dbt_project.yml")
    group.add_argument("--profiles-dir", type=Path, metavar="DIR", help="folder of profiles.yml")
    group.add_argument("--target", metavar="NAME", help="target of the profile; default: the profile's own")
    group.add_argument("--vars", type=mapping, default={}, metavar="YAML", help="variables, as for dbt")
    return parser


def find_project_dir(given: Path | None) -> Path:
    """The folder of the dbt project: the one given, else here or above, else that of these scripts."""
    places = [given] if given else [*(Path.cwd() / "x").parents, CHECKOUT]
    for place in places:
        if (place / "dbt_project.yml").is_file():
            return place.resolve()
    raise WarehouseError(f"There is no dbt_project.yml in {places[0]}: give its folder with --project-dir.")


def find_profiles_dir(given: Path | None, project_dir: Path) -> Path:
    """Where dbt itself would look for profiles.yml."""
    named = given or os.environ.get("DBT_PROFILES_DIR")
    places = [Path(named)] if named else [project_dir, Path.cwd(), Path.home() / ".dbt"]
    for place in places:
        if (place / "profiles.yml").is_file():
            return place.resolve()
    looked = ", ".join(str(place) for place in places)
    raise WarehouseError(f"There is no profiles.yml in {looked}: give its folder with --profiles-dir.")
