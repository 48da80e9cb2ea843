"""The warehouse as dbt sees it: dbt's own profile, target and adapter, so that scripts work on any engine.

A plain file of DuckDB is opened without the adapter, and without dbt as long as the project has not changed.

    with open_warehouse(options) as warehouse:
        warehouse.rows("select criterion_name from {{ ref('pql_rules') }}")       # list of dicts
        warehouse.columns("select account_id from {{ ref('dim_accounts') }}")     # dict of numpy arrays

`options` come from a parser that `warehouse_parser()` made. Only `ref` is resolved in SQL, nothing else of
Jinja; a name is that of our own model, whatever a host project has of that name. Everything that can go wrong
for a user is a `WarehouseError` of one sentence.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pql_tools import dbt_internals
from pql_tools.config_files import as_option, flow, not_utf_8
from pql_tools.problems import WarehouseError
from pql_tools.warehouse.columns import column_of, fetched, tidy
from pql_tools.warehouse.options import find_profiles_dir, find_project_dir
from pql_tools.warehouse.place import DuckDBFile, Place, duckdb_literal
from pql_tools.warehouse.remembered import Remembered

PACKAGE = "pql_warehouse"
# {the type of a target: what its engine is called}
ENGINES = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "spark": "Spark",
    "databricks": "Databricks",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
}
_REF = re.compile(r"\{\{\s*ref\(\s*['\"](\w+)['\"]\s*\)\s*\}\}")
_PLAIN = re.compile(r"[A-Za-z0-9_ .:,/+-]*")  # as the macro is_plain says


class WarehouseBusy(WarehouseError):
    """Another program has the warehouse's file, for now."""


@contextlib.contextmanager
def open_warehouse(options: argparse.Namespace, kind: type[Warehouse] | None = None) -> Iterator[Warehouse]:
    """Open the warehouse that the options name; to read from it, unless `kind` says otherwise."""
    project_dir = find_project_dir(options.project_dir)
    profiles_dir = find_profiles_dir(options.profiles_dir, project_dir)
    warehouse = (kind or Warehouse)(project_dir, profiles_dir, options.target, options.vars)
    try:
        yield warehouse
    finally:
        warehouse.close()


class Warehouse:
    """An open connection, and the project's relations by model name."""

    read_only = True

    def __init__(
        self,
        project_dir: Path,
        profiles_dir: Path,
        target: str | None = None,
        variables: dict[str, Any] | None = None,
    ):
        self.project_dir, self.profiles_dir, self.variables = project_dir, profiles_dir, variables or {}
        self._target = target
        self.remembered = Remembered(project_dir, profiles_dir, target, self.variables)
        self.place = Place(**self.remembered.told("place", self._ask_where_it_is))
        self._file: DuckDBFile | None = None
        if self._is_plain(self.place):
            self._file = DuckDBFile(self.place, project_dir, read_only=self.read_only)
        self._relations: dict[str, dict] | None = None

    @cached_property
    def config(self):
        """dbt's own reading of the project, which takes dbt a while."""
        with contextlib.chdir(self.project_dir):
            return self._read_config()

    @cached_property
    def adapter(self):
        """dbt's adapter of the target, likewise."""
        with contextlib.chdir(self.project_dir):
            return dbt_internals.make_adapter(self.config, read_only=self.read_only)

    @property
    def name(self) -> str:
        """What the warehouse is called in messages: its file or database, and the target."""
        place = self.place.path or ".".join(filter(None, (self.place.database, self.place.schema)))
        return f"{place} (target '{self.place.target_name}')"

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Run a query and return its rows; decimals come as floats."""
        cursor = self._run(sql)
        names = [column[0].lower() for column in cursor.description]
        return [
            {name: float(v) if isinstance(v, Decimal) else v for name, v in zip(names, row, strict=True)}
            for row in fetched(cursor)
        ]

    def columns(self, sql: str) -> dict[str, np.ndarray]:
        """Run a query and return its columns: datetime64[us] (NaT), floats (NaN), integers or objects."""
        cursor = self._run(sql)
        if self.reads_files:
            return {name: tidy(column) for name, column in cursor.fetchnumpy().items()}
        kinds = {
            column[0].lower(): dbt_internals.type_name(self.adapter, column[1])
            for column in cursor.description
        }
        columns = list(zip(*fetched(cursor), strict=True)) or [()] * len(kinds)
        return {name: column_of(values, kinds[name]) for name, values in zip(kinds, columns, strict=True)}

    def macro(self, name: str, **arguments: Any) -> Any:
        """Return what a macro of the project returns, or the SQL that it renders, on this engine."""
        self._leave_the_file()  # which the macro may ask
        return self._run_macro(name, arguments)

    def rendered(self, name: str, **arguments: Any) -> Any:
        """The same of a macro that asks the warehouse nothing; dbt is needed only if the project changed."""
        return self.remembered.told(f"{name} {flow(arguments)}", lambda: self._run_macro(name, arguments))

    def _run_macro(self, name: str, arguments: dict[str, Any]) -> Any:
        if self._file is None:
            self._connect()
        try:
            with contextlib.chdir(self.project_dir):
                dbt_internals.load_macros(self.adapter, self.config)
                given = self.adapter.execute_macro(name, project=PACKAGE, kwargs=arguments)
        except Exception as problem:
            raise WarehouseError(self._explain(problem, [])) from problem
        return given.strip() if isinstance(given, str) else given

    def literal(self, text: str) -> str:
        """A text as an SQL literal, as this engine reads it: to some a backslash is an escape character."""
        if self.reads_files:
            return duckdb_literal(text)
        return f"'{text}'" if _PLAIN.fullmatch(text) else self.macro("text_literal", value=text)

    def names_of(self, relation: str) -> dict[str, str]:
        """Return the columns of a relation, in lower case, each with its name ready for SQL."""
        names = [column[0] for column in self._run(f"select * from {relation} where false").description]
        mark = '"' if self.reads_files else self.adapter.quote("")[0]
        return {name.lower(): f"{mark}{name.replace(mark, 2 * mark)}{mark}" for name in names}

    def relation(self, model: str) -> str:
        """Return the name of a model's (or seed's) relation, ready for SQL."""
        return self._node(model)["relation_name"]

    @property
    def reads_files(self) -> bool:
        """Whether the inputs are files; elsewhere they are tables."""
        return self.place.type == "duckdb"

    def tables(self) -> list[Any]:
        """Return dbt's relations of all tables in our schemas, those of earlier versions too, no host's."""
        ours = self._own_nodes()
        others = {node["relation_name"] for node in self._nodes().values() if node not in ours}
        places = {(node["database"], node["schema"]) for node in ours}
        self._leave_the_file()
        self._connect()
        with contextlib.chdir(self.project_dir):
            dbt_internals.load_macros(self.adapter, self.config)
            found = [self.adapter.list_relations(*place) for place in sorted(places, key=str)]
        no_tables = ("view", "function")  # which dbt lists as well
        return [
            relation
            for schema in found
            for relation in schema
            if relation.type not in no_tables and relation.render() not in others
        ]

    def relations(self) -> set[str]:
        """Return the names of the relations of all our models and seeds, ready for SQL."""
        return {node["relation_name"] for node in self._own_nodes()}

    def exists(self, model: str) -> bool:
        """Say whether the relation of a model has been built."""
        relation = self.relation(model)
        self._connect()
        try:
            self._execute(f"select * from {relation} where false")
        except Exception:  # each driver has its own for "no such table"
            return False
        return True

    def is_built(self, model: str) -> bool:
        """The same of a model that this version of the project, or its last build, may not know."""
        try:
            return self.exists(model)
        except WarehouseError:
            return False

    def variable(self, name: str, default: Any = None) -> Any:
        """Return a variable of the project as it is set, on the command line or in a file."""
        return self.all_variables.get(name, default)

    @property
    def all_variables(self) -> dict[str, Any]:
        """All variables that are set."""
        return {**self.place.variables, **self.variables}

    def built_manifest(self) -> Path | None:
        """What dbt's last command wrote down about the project, if it was about this very target."""
        return self._manifest() if self._built_relations() else None

    def connect(self) -> None:
        """Open the connection to a server now, so that what is wrong with it is said before any work."""
        if not self.reads_files:
            self._connect()

    def close(self) -> None:
        """Give the connection back."""
        if self._file is not None:
            self._file.close()
        if "adapter" in self.__dict__:
            dbt_internals.close(self.adapter)
        dbt_internals.let_go()

    def _leave_the_file(self) -> None:
        """From now on let dbt's adapter have the connection: one file is not opened twice."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def release(self) -> None:
        """Let other programs have the warehouse until it is asked again: an open file is locked."""
        if self.reads_files:
            self.close()

    def _run(self, sql: str):
        models = list(dict.fromkeys(_REF.findall(sql)))
        try:
            self._connect()
            return self._execute(_REF.sub(lambda match: self.relation(match[1]), sql))
        except WarehouseError:
            raise
        except Exception as problem:
            raise WarehouseError(self._explain(problem, models)) from problem

    def _execute(self, sql: str):
        """Run SQL without refs; return the cursor."""
        self._connect()  # dbt may have had to parse in between
        with contextlib.chdir(self.project_dir):
            if self._file is not None:
                return self._file.execute(sql)
            return dbt_internals.ask(self.adapter, sql)

    def _connect(self) -> None:
        """Open the connection, if it is not."""
        try:
            with contextlib.chdir(self.project_dir):
                if self._file is not None:
                    if not self._file.is_open:
                        dbt_internals.let_go()
                    self._file.connect()
                    return
                dbt_internals.connect(self.adapter)
        except Exception as problem:
            fault = WarehouseBusy if _is_in_use(_said(problem)) else WarehouseError
            raise fault(self._explain_connection(problem)) from problem

    def _explain_connection(self, problem: Exception) -> str:
        """What keeps the warehouse from being opened, in one sentence, and where its settings are."""
        said = _said(problem)
        if self.reads_files:
            return self._explain(problem, [])
        return (
            f"Cannot connect to the warehouse {self.name}: {said.rstrip('.?')}. Its settings are in "
            f"{self.profiles_dir / 'profiles.yml'} and the environment variables named there."
        )

    def _explain(self, problem: Exception, models: list[str]) -> str:
        """One sentence for what most often goes wrong, else what the engine said."""
        said = _said(problem)
        if "database does not exist" in said or "No such file" in said:
            return f"The warehouse {self.name} is not built yet: run `dbt build` first."
        if _is_in_use(said):
            return f"The warehouse {self.name} is in use by another program: close it, or wait for it to end."
        with contextlib.suppress(Exception):
            missing = [model for model in models if not self.exists(model)]
            if missing:
                names = ", ".join(missing)
                return f"{names} is not built yet in the warehouse {self.name}: run `dbt build` first."
        return f"The warehouse {self.name} says: {said}{_hint(said)}"

    def _ask_where_it_is(self) -> dict[str, Any]:
        place = Place.of(self.config)
        if not self._is_plain(place):
            self.remembered.give_up()
        return place._asdict()

    def _is_plain(self, place: Place) -> bool:
        return place.is_file and place.target_name in self.remembered.plain_targets

    def _read_config(self):
        """dbt's own reading of the project; WarehouseError where it cannot read it."""
        given = self.project_dir, self.profiles_dir, self._target, self.variables
        try:
            config = dbt_internals.read_config(*given)
        except UnicodeDecodeError as problem:
            raise WarehouseError(not_utf_8(self._file_of(problem.object), problem)) from problem
        except Exception as problem:
            said = _said(problem)
            if missing := re.search(r"Could not find adapter type (\w+)", said):
                raise WarehouseError(_missing_driver(missing[1])) from problem
            raise WarehouseError(f"{self.profiles_dir / 'profiles.yml'}: {said}") from problem
        if config.credentials.type not in ENGINES:
            raise WarehouseError(_no_engine_of_ours(config.credentials.type))
        return config

    def _file_of(self, content: bytes) -> Path:
        """Which of the files that dbt configures itself with this is the content of."""
        files = [*self.project_dir.glob("*.yml"), self.profiles_dir / "profiles.yml"]
        return next((file for file in files if file.read_bytes() == content), self.project_dir)

    def _node(self, model: str) -> dict:
        nodes = self._nodes()
        others = (name for name in nodes if name.endswith(f".{model}"))
        for name in (f"{PACKAGE}.{model}", model, *others):
            if name in nodes:
                return nodes[name]
        raise WarehouseError(f"The project in {self.project_dir} has no model '{model}'.")

    def _own_nodes(self) -> list[dict]:
        return [node for name, node in self._nodes().items() if name.startswith(f"{PACKAGE}.")]

    def _nodes(self) -> dict[str, dict]:
        if self._relations is None:
            self._relations = self._built_relations() or self.remembered.told(
                "relations", self._parsed_relations
            )
        return self._relations

    def _built_relations(self) -> dict[str, dict] | None:
        """The relations that dbt's last command wrote down, if it was about this very target."""
        try:
            relations = _relations(json.loads(self._manifest().read_text())["nodes"])
        except (OSError, ValueError, KeyError):
            return None
        is_same = all(
            (node["database"], node["schema"]) == self._usual_place(node["own_schema"])
            for name, node in relations.items()
            if name.startswith(f"{PACKAGE}.")
        )
        return relations if relations and is_same else None

    def _usual_place(self, own_schema: str | None) -> tuple[str | None, str]:
        """The database and schema that dbt gives to a model with such a `schema`, unless told otherwise."""
        parts = (self.place.schema, (own_schema or "").strip())
        return self.place.database, "_".join(filter(None, parts))

    def _manifest(self) -> Path:
        return Path(self.project_dir, self.place.artifacts, "manifest.json")

    def _parsed_relations(self) -> dict[str, dict]:
        """The relations as dbt resolves them, which takes dbt a few seconds."""
        places = ["--project-dir", str(self.project_dir), "--profiles-dir", str(self.profiles_dir)]
        command = ["--quiet", "parse", *places]
        command += ["--target", self.place.target_name, "--vars", as_option(self.variables)]
        self.release()
        with contextlib.chdir(self.project_dir):
            result = dbt_internals.invoke(command)
        if not result.success:
            raise WarehouseError(f"dbt cannot parse {self.project_dir}: {result.exception}")
        self.__dict__.pop("adapter", None)  # dbt has made one of its own meanwhile
        return _relations({key: node.to_dict() for key, node in result.result.nodes.items()})


class WritableWarehouse(Warehouse):
    """The warehouse, open for writing as well."""

    read_only = False

    def execute(self, sql: str) -> None:
        """Run a statement; it is final when this returns."""
        self._run(sql)
        self._commit()

    def macro(self, name: str, **arguments: Any) -> Any:
        """The same as of any warehouse; what the macro writes is final when this returns."""
        given = super().macro(name, **arguments)
        self._commit()
        return given

    def _commit(self) -> None:
        """End the transaction that dbt opens for some questions of its own; what is written is in it."""
        if self._file is not None:
            return
        connection = self.adapter.connections.get_if_exists()
        if connection and connection.transaction_open:
            self.adapter.connections.commit()


def _is_in_use(said: str) -> bool:
    """Whether DuckDB says that the file is open elsewhere."""
    return "Could not set lock" in said or "different configuration" in said


def _said(problem: Exception) -> str:
    """What dbt or a driver says, on one line and without the kind of error that it begins with."""
    said = " ".join(str(problem).split())
    said = re.sub(r"^(?:(?:Runtime|Database) Error )+", "", said)
    said = re.split(r" at (?:[\w$-]+[./])+[\w$<>]+\(", said)[0]  # where in Java it happened,
    said = re.sub(r"(?:[\w$]+\.){2,}\w+(?:Exception|Error): ", "", said)  # its kinds of errors,
    return re.sub(r"(; line \d+ pos \d+); .*", r"\1", said)  # and what Spark made of a query


def _hint(said: str) -> str:
    """What to do about a table or column that is not there, where the engine names one."""
    if renamed := re.search(r'Catalog "([^"]+)" does not exist', said):
        return f" It was built as {renamed[1]}.duckdb: give it that name again, or run `dbt build`."
    if re.search(r"does not exist|does not have a column|not found|[Cc]annot be resolved", said):
        return " Where another version of the project built it, run `dbt build` with this one."
    return ""


def _missing_driver(engine: str) -> str:
    """How to install the adapter of an engine."""
    if engine not in ENGINES:
        return _no_engine_of_ours(engine)
    return f"The driver of {engine} is not installed: run `make engine-{engine}`, or install dbt-{engine}."


def _no_engine_of_ours(engine: str) -> str:
    *others, last = ENGINES.values()
    return f"{PACKAGE} does not run on {engine}, but on {', '.join(others)} and {last} (docs/engines.md)."


def _relations(nodes: dict[str, dict]) -> dict[str, dict]:
    wanted = ("relation_name", "database", "schema", "alias")
    kinds = ("model", "seed", "snapshot")
    return {
        f"{node['package_name']}.{node['name']}": {key: node[key] for key in wanted}
        | {"own_schema": node["config"].get("schema")}
        for node in nodes.values()
        if node["resource_type"] in kinds and node["relation_name"]
    }
