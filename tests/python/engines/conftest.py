"""The engines that the tests of this folder run on: those that PQL_ENGINES names, by default every one.

An engine that cannot be started here is skipped, and the reason says why.
"""

import os
import shutil
from contextlib import contextmanager
from importlib import import_module, util
from pathlib import Path

import duckdb
import pytest
from harness import Project, Run, Warehouse
from reference.worlds import FILES

# {engine: (the module that its adapter is, the extra of pyproject.toml that installs it)}
ENGINES = {
    "postgres": "dbt.adapters.postgres",
    "spark": "dbt.adapters.spark",
    "delta": "dbt.adapters.spark",
    "iceberg": "dbt.adapters.spark",
}
INPUTS = (*FILES, "conversions")


class EngineWarehouse(Warehouse):
    """What the last build left on an engine."""

    def __init__(self, engine, run: Run):
        self.engine, self.run = engine, run

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        return self.engine.rows(table, columns)


class EngineProject(Project):
    """A scratch copy of the project whose builds all go to one schema of one engine."""

    def __init__(self, folder: Path, engine):
        super().__init__(folder)
        self.engine, self.target, self.settings = engine, engine.target, engine.environment

    def run_in(self, home, data, variables=None, command=("build",)):
        self.engine.empty()
        self.load(data)
        self.replace_seeds(data)
        return EngineWarehouse(self.engine, self.again(variables, command))

    def again(self, variables=None, command=("build",)) -> Run:
        """Run a command on the inputs and tables that are there."""
        return self.dbt(*command, variables=variables)

    def load(self, data: Path) -> None:
        """Make tables of the engine from the files in a folder."""
        for name in INPUTS:
            if Path(data, f"{name}.parquet").exists():
                self.engine.load(name, f"read_parquet('{data}/{name}.parquet')")
            elif Path(data, name).is_dir():
                self.engine.load(name, f"read_parquet('{data}/{name}/*.parquet', union_by_name = true)")
            elif Path(data, f"{name}.csv").exists():
                self.engine.load(name, f"read_csv('{data}/{name}.csv', all_varchar = true)")


def with_half_the_events(folder: Path, copy: Path) -> Path:
    """A copy of a folder of inputs with every other event."""
    shutil.copytree(folder, copy)
    numbered = f"select *, row_number() over () as number from '{folder}/events.parquet'"
    half = f"select * exclude number from ({numbered}) where number % 2 = 0"
    duckdb.sql(f"copy ({half}) to '{copy}/events.parquet' (format parquet)")
    return copy


@contextmanager
def said_otherwise(project: Project, words: dict[str, str]):
    """What macros say on the engine of a project, in other words meanwhile."""
    file = project.folder / "macros" / "portability" / f"{project.target}.sql"
    text = file.read_text()
    try:
        for ours, theirs in words.items():
            assert ours in text
            file.write_text(file.read_text().replace(ours, theirs))
        yield
    finally:
        file.write_text(text)


def queries_of(run: Run) -> dict[str, str]:
    """The SQL of every model that a build has run."""
    nodes = [result.node for result in run.result.results]
    return {node.name: node.compiled_code for node in nodes if node.resource_type == "model"}


@contextmanager
def started(name: str, module: str):
    """An engine, run by one of our modules, with an empty schema; skipped where it cannot be started."""
    if name not in os.environ.get("PQL_ENGINES", " ".join(ENGINES)).split():
        pytest.skip(f"{name} is not among PQL_ENGINES")
    if util.find_spec(ENGINES[name]) is None:
        pytest.skip(f"{name}: no adapter; `make test-engines` installs it")
    found = import_module(f"engines.{module}")
    if found.missing():
        pytest.skip(f"{name}: {found.missing()}")
    engine = found.Engine()
    try:
        engine.start()
    except TimeoutError as problem:
        pytest.skip(f"{name}: {problem}")
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session", params=ENGINES)
def engine(request):
    """A running engine with an empty schema."""
    with started(request.param, request.param) as engine:
        yield engine


@pytest.fixture(scope="session")
def engine_project(engine, tmp_path_factory) -> EngineProject:
    return EngineProject(tmp_path_factory.mktemp("project"), engine)
