"""Runs the project on any inputs and settings, in this process: importing dbt once saves seconds per run.

    project = Project(scratch_folder)
    warehouse = project.build(World(events=[…], accounts=[…], variables={…}))
    warehouse.rows("pql_accounts", "account_id, is_pql")

A `Project` is a copy of the checkout (links, but for macros and seeds), so that seeds can be replaced without
touching the user's. Every build has a DuckDB file of its own. The project is parsed once; builds
after that only compile, each with its own variables. `parse` always parses anew.
"""

import gc
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

import duckdb
import jinja2
import yaml
from dbt.cli.main import dbtRunner
from pql_tools.environment import environment
from reference.world import World
from reference.worlds import SEEDS, write_world

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
SHARED = ROOT.parent / "shared"  # data of others, which are not ours to hand on
COPIED = ("macros", "seeds")
LINKED = (
    "analyses",
    "models",
    "tests",
    "snapshots",
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
    "vars.yml",
)
MODELS_ONLY = ("build", "--exclude-resource-types", "test unit_test")
# what a definition comes to, without what others are told of it
FOR_OTHERS = ("tag:sales", "tag:bi", "tag:crm")
CORE_MODELS = (*MODELS_ONLY, "--exclude", *FOR_OTHERS)
# with the tests of logic, which a plain build leaves out
EVERYTHING = ("build", "--select", "*")


def cached_by_text(compile):
    """Compile a template that a process compiles again only once; a tree, which is no text, as before."""
    programs = {}

    def compiled(self, source, name=None, filename=None, raw=False, defer_init=False):
        if not isinstance(source, str) or raw:
            return compile(self, source, name, filename, raw, defer_init)
        key = type(self), source, name, filename
        if key not in programs:
            programs[key] = compile(self, source, name, filename)
        return programs[key]

    return compiled


# dbt makes many objects that live as long as a run, through which Python would look again and again
gc.set_threshold(50_000, 20, 20)
# and compiles the text of every model in each run, which in this process is the same in most
jinja2.Environment.compile = cached_by_text(jinja2.Environment.compile)

# A macro of the tests' own: the problems of many configurations in one run of dbt.
PROBE = """
{% macro print_config_problems(configurations) %}
    {% for configuration in configurations %}
        {% set raw = pql_raw_config() %}
        {% do raw.update(configuration) %}
        {% do print(tojson(pql_config_problems(with_dates_as_text(raw)))) %}
    {% endfor %}
{% endmacro %}

{% macro print_harmless(texts) %}
    {% set shown = [] %}
    {% for text in texts %}{% do shown.append(harmless(text)) %}{% endfor %}
    {% do print(tojson(shown)) %}
{% endmacro %}
"""


@dataclass
class Run:
    """How one dbt command ended, every line that its user would have read, and what it gave back."""

    success: bool
    output: str
    result: object


class Warehouse:
    """The DuckDB file of one build."""

    def __init__(self, path: Path, run: Run):
        self.path, self.run = path, run

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        """The rows of a table as dictionaries, in no order."""
        with duckdb.connect(str(self.path)) as connection:
            result = connection.execute(f"select {columns} from {table}")
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def row(self, table: str, columns: str = "*") -> dict:
        """The only row there is."""
        [row] = self.rows(table, columns)
        return row

    def values(self, table: str, column: str) -> list:
        """A column, sorted."""
        return sorted(row[column] for row in self.rows(table, f"{column} as {column}"))


class Project:
    """A scratch copy of the project in a folder, and the builds made with it."""

    target, settings = "dev", {}  # of profiles.yml, and what it reads from the environment

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.numbers = count()
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in LINKED:
            if (ROOT / name).exists():
                (self.folder / name).parent.mkdir(exist_ok=True)
                (self.folder / name).symlink_to(ROOT / name)
        for name in COPIED:
            shutil.copytree(ROOT / name, self.folder / name)
        (self.folder / "macros" / "probe.sql").write_text(PROBE)

    @cached_property
    def manifest(self):
        """The project as parsed once; variables are read when a model is compiled."""
        run = self.dbt("parse")
        assert run.success, run.output
        # dbt cannot copy what is switched off nor selectors, and no build looks at them there
        run.result.disabled.clear()
        run.result.selectors.clear()
        return run.result

    def build(self, inputs: World | Path, variables: dict | None = None, command=("build",)) -> Warehouse:
        """Build on a world, or on a folder of inputs that may hold seeds as well; it must succeed."""
        warehouse = self.attempt(inputs, variables, command)
        assert warehouse.run.success, warehouse.run.output
        return warehouse

    def attempt(self, inputs: World | Path, variables: dict | None = None, command=("build",)) -> Warehouse:
        """The same, but it may fail."""
        home = self.folder / f"build_{next(self.numbers)}"
        data = inputs
        if isinstance(inputs, World):
            data = home / "data"
            data.mkdir(parents=True)
            variables = write_world(inputs, data, data) | (variables or {})
        return self.run_in(home, data, variables, command)

    def run_in(self, home: Path, data: Path, variables: dict | None = None, command=("build",)) -> Warehouse:
        """Run a command on a folder of inputs, with the DuckDB file of a home folder."""
        home.mkdir(parents=True, exist_ok=True)
        self.replace_seeds(data)
        # the file's name is the catalog's, and so is part of the parsed project: it is always the same
        path = home / "pql.duckdb"
        manifest = self.manifest.deepcopy()
        # what was parsed is written down already
        run = self.dbt(
            "--no-write-json", *command, variables=variables, manifest=manifest, data=data, path=path
        )
        return Warehouse(path, run)

    def start(self, home: Path, data: Path, variables: dict, command, **process) -> subprocess.Popen:
        """Start a command in a process of its own, to be killed or hindered."""
        self.replace_seeds(data)
        paths = {
            "--project-dir": self.folder,
            "--profiles-dir": self.folder,
            "--target-path": home,
            "--log-path": home,
        }
        paths = [str(word) for pair in paths.items() for word in pair]
        given = ["--vars", yaml.safe_dump(variables, width=10**9)]
        place = {"PQL_DATA_DIR": str(data), "PQL_DUCKDB_PATH": str(home / "pql.duckdb"), "PQL_THREADS": "2"}
        return subprocess.Popen(
            [sys.executable, "-m", "dbt.cli.main", *command, *paths, *given], env=os.environ | place,
            **({"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | process),
        )  # fmt: skip

    def replace_seeds(self, data: Path) -> None:
        """Take the seeds from the folder of inputs; those it lacks are empty."""
        for name, header in SEEDS.items():
            seed = self.folder / "seeds" / f"{name}.csv"
            given = Path(data, f"{name}.csv")
            seed.write_text(given.read_text() if given.is_file() else ",".join(header) + "\n")

    def config_problems(self, configurations: list[dict]) -> list[list[str]]:
        """The problems of each configuration; what it leaves out is as in vars.yml."""
        arguments = yaml.safe_dump({"configurations": configurations})
        run = self.dbt("run-operation", "print_config_problems", "--args", arguments, manifest=self.manifest)
        assert run.success, run.output
        return [json.loads(line) for line in run.output.splitlines() if line.startswith("[")]

    def dbt(self, *command, variables=None, manifest=None, data="no_data", path=None) -> Run:
        """Run one dbt command; its files stay in the scratch folder."""
        lines = []

        def listen(event):
            if event.info.level in ("info", "warn", "error"):
                lines.append(event.info.msg)

        options = {
            "--project-dir": self.folder,
            "--profiles-dir": self.folder,
            "--target-path": self.folder / "target",
            "--log-path": self.folder / "logs",
            "--vars": yaml.safe_dump(variables or {}, width=10**9),
            "--target": self.target,
        }
        arguments = [
            *command,
            # what it says is listened to; written down as well, it would cost a tenth of a build
            "--log-level", "none", "--log-level-file", "none",
            *(str(word) for pair in options.items() for word in pair),
        ]  # fmt: skip
        path = path or self.folder / "pql.duckdb"  # a file of its own, as other workers have theirs
        settings = {"PQL_DATA_DIR": data, "PQL_DUCKDB_PATH": path, "PQL_THREADS": "2"} | self.settings
        with environment(**settings):
            outcome = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(arguments)
        if outcome.exception is not None:
            lines.append(str(outcome.exception))
        return Run(outcome.success, "\n".join(lines), outcome.result)
