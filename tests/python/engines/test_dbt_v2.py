"""dbt v2 (Fusion), a release candidate of it, on DuckDB: it builds what dbt-core builds (make test-dbt2)."""

import json
import os
import re
import shutil
import subprocess

import duckdb
import pytest
import yaml
from comparison import disagreements
from harness import EVERYTHING, ROOT, Project, Run, Warehouse
from reference.oracle import evaluate
from reference.worlds import random_world
from test_config_errors import CASES
from test_consumer_project import CONSUMER, LEFT_BEHIND, package  # noqa: F401

from engines.conftest import with_half_the_events
from engines.test_engines import assert_episodes

HOME = ROOT / ".venv-dbt2"
DBT = HOME / "bin" / "dbt"
pytestmark = pytest.mark.skipif(not DBT.exists(), reason="dbt v2 is not installed: make test-dbt2")

OWN = CONSUMER / "macros" / "every_event.sql"


def names_of_macros(*files) -> list[str]:
    return [name for file in files for name in re.findall(r"macro (\w+)\(", file.read_text())]


def run(folder, *command, **place) -> Run:
    """Run a command of dbt v2 in the folder of a project."""
    place = {"ADBC_DRIVER_PATH": HOME / "driver", "PQL_THREADS": "1"} | place
    place = {name: str(value) for name, value in place.items()}
    done = subprocess.run([DBT, *command], cwd=folder, env=os.environ | place, capture_output=True, text=True)
    return Run(done.returncode == 0, done.stdout + done.stderr, None)


class ProjectOnV2(Project):
    """A scratch copy of the project, whose commands dbt v2 executes."""

    manifest = None

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
        path = path or self.folder / "pql.duckdb"
        given = ("--vars", yaml.safe_dump(variables or {}, width=10**9))
        return run(self.folder, *command, *given, PQL_DATA_DIR=data, PQL_DUCKDB_PATH=path)


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
    warehouse = project.build(folder, variables | {"pql_own_macros": names_of_macros(OWN)})
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


def test_every_fault_of_a_configuration(project):
    """As dbt-core says them; a date without quotes is a text to the YAML of v2."""
    cases = [case for case in CASES if "datetime.date" not in repr(case.values[0])]
    assert len(cases) > 200
    found = project.config_problems([case.values[0] for case in cases])
    otherwise = {
        case.id: problems
        for case, problems in zip(cases, found, strict=True)
        if not problems or [word for word in case.values[1] if word not in problems[0]]
    }
    assert otherwise == {}


def test_as_a_package_of_another_project(package, tmp_path):  # noqa: F811
    """With a criterion type and an adapter of the host's, told by name, and a seed: it finds none of ours."""
    consumer = shutil.copytree(CONSUMER, tmp_path / "consumer", ignore=LEFT_BEHIND)
    (consumer / "packages.yml").write_text(f"packages:\n  - local: {package}\n")
    shutil.copy(ROOT / "seeds" / "crm_routing.csv", consumer / "seeds" / "routing.csv")
    project = consumer / "dbt_project.yml"
    settings = yaml.safe_load(project.read_text())
    own = sorted((consumer / "macros").glob("*.sql"))
    settings["vars"]["pql_own_macros"] = names_of_macros(*own)
    settings["vars"]["pql_input_models"]["crm_routing"] = "acme_analytics.routing"
    project.write_text(yaml.safe_dump(settings, width=10**9))
    for command in ("deps", "build", "build"):
        done = run(consumer, command, PQL_DUCKDB_PATH=consumer / "acme.duckdb")
        assert done.success, done.output
    with duckdb.connect(str(consumer / "acme.duckdb")) as warehouse:
        statuses = "select account_id, pql_status from analytics_sales.pql_accounts order by 1"
        assert warehouse.sql(statuses).fetchall() == [
            ("acme", "active"),
            ("beta", "never"),
            ("paid", "converted"),
        ]
