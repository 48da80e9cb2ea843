"""The one file that uses what dbt does not promise to keep: what a new version of dbt breaks is here.

dbt offers Python its command line (`dbtRunner`) and nothing else. Scripts also want what only dbt knows:
which warehouse a profile names, how an engine is asked, what a macro of the project says on it, how a YAML
file reads. Everything is imported where it is used, because dbt takes seconds to load.

  SafeLoader         dbt's own reading of YAML, so that NO and 1e5 are here what they are there
  read_config        the project, its profile and its variables; parses no model
  make_adapter       the adapter of the target, to read from or to write with
  connect            opens an adapter's connection, and asks it something where it would not say that it fails
  ask                runs SQL through an adapter; a cursor
  type_name          what a driver calls the type of a column
  load_macros        lets an adapter run the project's macros; reads the macros only, no model
  close              gives everything back that an adapter holds
  let_go             closes the file that dbt holds open after a command in this process
  invoke             one dbt command in this process
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

try:  # as dbt.clients.yaml_helper does, which takes a while to import
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader

__all__ = [
    "PROGRAM", "SafeLoader", "ask", "close", "connect", "invoke", "let_go", "load_macros", "make_adapter",
    "read_config", "type_name",
]  # fmt: skip

# dbt as a program of its own; `python -m dbt.cli.main` begins with a warning about itself
PROGRAM = "from dbt.cli.main import cli; cli(prog_name='dbt')"


def read_config(project_dir: Path, profiles_dir: Path, target: str | None, variables: dict[str, Any]):
    """dbt's own reading of dbt_project.yml, profiles.yml and vars.yml, in the project's folder."""
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context

    given = {
        "project_dir": str(project_dir), "profiles_dir": str(profiles_dir), "target": target,
        "profile": None, "threads": None, "vars": variables,
        "macro_debugging": False, "version_check": False,
    }  # fmt: skip
    options = argparse.Namespace(**given, **{key.upper(): value for key, value in given.items()})
    set_invocation_context(os.environ)
    set_from_args(options, None)
    _be_quiet()
    from dbt.config.runtime import RuntimeConfig

    return RuntimeConfig.from_args(options)


def make_adapter(config, *, read_only: bool):
    """The adapter of the target; a file of DuckDB can be opened so that others may read it as well."""
    from dbt.adapters.factory import get_adapter, register_adapter, reset_adapters

    _be_quiet()
    if read_only and config.credentials.type == "duckdb" and config.credentials.path != ":memory:":
        options = config.credentials.config_options or {}
        config.credentials.config_options = {**options, "access_mode": "READ_ONLY"}
    if hasattr(config.credentials, "autocommit"):  # else what is written is lost on closing, and
        config.credentials.autocommit = True  # after one error everything is one
    reset_adapters()
    register_adapter(config, get_context("spawn"))
    return get_adapter(config)


def connect(adapter) -> None:
    """Open the connection, if it is not."""
    adapter.acquire_connection("pql_tools")
    connection = adapter.connections.get_thread_connection()
    is_open = connection.state == "open"
    _ = connection.handle  # asking for it opens it
    if adapter.type() == "bigquery" and not is_open:
        adapter.connections.raw_execute("select 1")  # its client has not asked the server for anything


def ask(adapter, sql: str):
    """Run SQL through an adapter that is connected; a cursor with the rows."""
    if adapter.type() == "bigquery":
        return BigQueryRows(adapter.connections.raw_execute(sql)[1])
    return adapter.connections.add_query(sql, auto_begin=False)[1]


class BigQueryRows:
    """A cursor of what BigQuery's client gives, with moments as other drivers give them: in UTC, unsaid."""

    def __init__(self, rows):
        self.rows = rows
        self.description = [(field.name, field.field_type) for field in rows.schema]

    def fetchall(self) -> list[tuple]:
        """Every row."""
        return [tuple(map(_without_offset, row.values())) for row in self.rows]


def _without_offset(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def type_name(adapter, code: Any) -> str:
    """What a driver calls the type of a column."""
    return code if adapter.type() == "bigquery" else adapter.connections.data_type_code_to_name(code)


def load_macros(adapter, config) -> None:
    """Let an adapter that is connected run the project's macros, unless it can already."""
    if adapter.get_macro_resolver() is not None:
        return
    from dbt.context.providers import generate_runtime_macro_context
    from dbt.parser.manifest import ManifestLoader

    macros = ManifestLoader.load_macros(config, adapter.connections.set_query_header)
    macros.env_vars, macros.files = {}, {}  # dbt notes there what macros read of the environment
    adapter.set_macro_resolver(macros)
    adapter.set_macro_context_generator(generate_runtime_macro_context)


def close(adapter) -> None:
    """Give back the connections, and DuckDB's file, which stays open in this process until told otherwise."""
    with contextlib.suppress(Exception):
        adapter.cleanup_connections()
    if adapter.type() == "duckdb":
        environment = adapter.connections._ENV
        if environment is not None:
            environment.close()
        adapter.connections.close_all_connections()


def let_go() -> None:
    """Close the file of DuckDB that dbt holds open, if it has run in this process."""
    if connections := sys.modules.get("dbt.adapters.duckdb.connections"):
        environment = connections.DuckDBConnectionManager._ENV
        if environment is not None:
            environment.close()


def invoke(command: list[str]):
    """Run one dbt command in this process, without a word on stdout; returns dbt's own result."""
    from dbt.cli.main import dbtRunner

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        return dbtRunner().invoke(command)


def _be_quiet() -> None:
    """Drop what dbt would say about it besides."""
    from dbt_common.events.event_manager_client import cleanup_event_logger

    cleanup_event_logger()
