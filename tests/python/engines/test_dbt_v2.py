"""dbt v2 (Fusion), a release candidate of it, on DuckDB: it builds what dbt-core builds (make test-dbt2)."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml
from comparison import disagreements
from harness import EVERYTHING, ROOT, Project, Run, Warehouse
from reference.oracle import evaluate
from reference.worlds import random_world

from engines.conftest import with_half_the_events
from engines.test_engines import assert_episodes

HOME = ROOT / ".venv-dbt2"
DBT = HOME / "bin" / "dbt"
pytestmark = pytest.mark.skipif(not DBT.exists(), reason="dbt v2 is not installed: make test-dbt2")

OWN = ROOT / "tests" / "consumer_project" / "macros" / "every_event.sql"


class ProjectOnV2(Project):
    """A scratch copy of the project, whose commands dbt v2 executes."""

    def __init__(self, folder):
        super().__init__(folder)
        # it would work where links lead
        for linked in [path for path in self.folder.iterdir() if path.is_symlink()]:
            source = linked.resolve()
            linked.unlink()
            (shutil.copytree if source.is_dir() else shutil.copy)(source, linked)

    def run_in(self, home, data, variables=None, command=("build",)):
        home.mkdir(parents=True, exist_ok=True)
        self.replace_seeds(data)
        path = home / "pql.duckdb"
        return Warehouse(path, self.dbt(*command, variables=variables, data=data, path=path))

    def dbt(self, *command, variables=None, manifest=None, data="no_data", path=None) -> Run:
        place = {"PQL_DATA_DIR": str(data), "PQL_DUCKDB_PATH": str(path or self.folder / "pql.duckdb")}
        done = subprocess.run(
            [DBT, *command, "--vars", yaml.safe_dump(variables or {}, width=10**9)],
            cwd=self.folder,
            env=os.environ | place | {"ADBC_DRIVER_PATH": str(HOME / "driver"), "PQL_THREADS": "1"},
            capture_output=True, text=True,
        )  # fmt: skip
        return Run(done.returncode == 0, done.stdout + done.stderr, None)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return ProjectOnV2(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("name, command", [("criteria_utc", EVERYTHING), ("criteria_zones", ("build",))])
def test_fixture(project, fixtures, tmp_path, name, command):
    """A first build sees half of the events, the second finds the rest; once with all of dbt's own tests."""
    folder = fixtures / name
    variables = json.loads((folder / "vars.json").read_text())
    first = with_half_the_events(folder, tmp_path / "first")
    home = tmp_path / "home"
    half = project.run_in(home, first, variables)
    assert half.run.success, half.run.output
    warehouse = project.run_in(home, folder, variables, command)
    assert warehouse.run.success, warehouse.run.output
    assert_episodes(warehouse, folder)


def test_random_world(project):
    world = random_world(3)
    warehouse = project.build(world, command=("build",))
    assert disagreements(warehouse, evaluate(world), world) == []


def test_a_criterion_type_of_ones_own(project, fixtures):
    """It is told by the names of its macros."""
    shutil.copy(OWN, project.folder / "macros")
    folder = fixtures / "criteria_utc"
    variables = {
        "pql_criteria": [{"name": "busy", "type": "every_event", "at_least": 20}],
        "pql_definitions": [{"name": "pql", "qualifies_when": "busy"}],
    }
    unknown = project.attempt(folder, variables)
    assert not unknown.run.success
    assert "unknown type 'every_event'" in unknown.run.output
    names = re.findall(r"macro (\w+)\(", OWN.read_text())
    warehouse = project.build(folder, variables | {"pql_own_macros": names})
    assert {row["criterion_name"] for row in warehouse.rows("fct_criterion_episodes")} == {"busy"}


@pytest.mark.parametrize(
    "variables, said",
    [
        ({"pql_criteria": [{"name": "a", "type": "nosuch", "at_least": 1}]}, "unknown type 'nosuch'"),
        ({"pql_horizon_days": 0}, "must be a whole number of days from 1 to 36500"),
        ({"pql_horizn_days": 3}, "unknown variable 'pql_horizn_days'"),
        ({"pql_time_zone": "Europe/Berln"}, "must be an IANA time zone"),
        ({"pql_event_sources": [{"name": "a", "adapter": "nosuch"}]}, "unknown adapter 'nosuch'"),
        ({"pql_holdout_share": 1.5}, "pql_holdout_share"),
    ],
)
def test_faults_of_the_configuration(project, fixtures, variables, said):
    """Nothing is built."""
    warehouse = project.attempt(fixtures / "criteria_utc", variables)
    assert not warehouse.run.success
    assert said in warehouse.run.output
    assert "pql_accounts" not in [
        row["name"] for row in warehouse.rows("duckdb_tables()", "table_name as name")
    ]
