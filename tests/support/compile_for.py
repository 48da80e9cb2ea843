"""Print the SQL of every model as another engine's macros compile it: compile_for.py DIALECT FOLDER VARS."""

import json
import sys

from dbt.adapters.duckdb import DuckDBAdapter
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.cli.main import dbtRunner
from dbt.context.providers import BaseDatabaseWrapper

PARENTS = {"databricks": ["spark"]}
WITH_BACKTICKS = ("bigquery", "databricks", "spark")

# what finds and reads the files stays DuckDB's, since they are the inputs here
OF_FILES = {"find_input", "input_address", "file_versions", "names_in_files", "column_text"}


def speak(dialect: str) -> None:
    """Let our macros be those of the dialect; nothing of DuckDB's stands in for one that is missing."""
    dispatch = BaseDatabaseWrapper.dispatch
    names = [dialect, *PARENTS.get(dialect, [])]

    def dispatched(self, macro_name, macro_namespace=None, packages=None):
        ours = macro_namespace == "pql_warehouse" and macro_name not in OF_FILES
        self._get_adapter_macro_prefixes = lambda: [*names, *([] if ours else ["duckdb"]), "default"]
        return dispatch(self, macro_name, macro_namespace, packages)

    BaseDatabaseWrapper.dispatch = dispatched
    if dialect in WITH_BACKTICKS:
        DuckDBAdapter.quote = classmethod(lambda _, name: f"`{name}`")
        DuckDBRelation.quote_character = "`"


def main(dialect: str, folder: str, variables: str) -> int:
    speak(dialect)
    arguments = ["compile", "--quiet", "--no-partial-parse", "--target-path", f"{folder}/target"]
    done = dbtRunner().invoke([*arguments, "--log-path", f"{folder}/logs", "--vars", variables])
    if not done.success:
        print(done.exception or [result.message for result in done.result], file=sys.stderr)
        return 1
    compiled = [result.node for result in done.result if result.node.resource_type == "model"]
    print(json.dumps([node.compiled_code for node in compiled]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
