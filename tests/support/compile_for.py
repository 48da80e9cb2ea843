"""Print SQL as another engine's macros compile it: compile_for.py DIALECT FOLDER VARS [all].

The models that read the sources, or all of them.
"""

import json
import sys

from dbt.adapters.duckdb import DuckDBAdapter
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.cli.main import dbtRunner
from dbt.context import providers

MODELS = (
    "base_product__events",
    "stg_product__accounts",
    "stg_billing__conversions",
    "stg_product__memberships",
)


PARENTS = {"databricks": ["spark"], "redshift": ["postgres"]}
WITH_BACKTICKS = ("bigquery", "databricks", "spark")


def main(dialect: str, folder: str, variables: str, models: str = "sources") -> int:
    # A macro of the dialect comes first, as on that engine; only what finds the files stays DuckDB's.
    providers.get_adapter_type_names = lambda _: [dialect, *PARENTS.get(dialect, []), "duckdb"]
    if dialect in WITH_BACKTICKS:
        DuckDBAdapter.quote = classmethod(lambda _, name: f"`{name}`")
        DuckDBRelation.quote_character = "`"
    selection = [] if models == "all" else ["--select", *MODELS]
    arguments = ["compile", "--quiet", "--no-partial-parse", "--target-path", f"{folder}/target"]
    done = dbtRunner().invoke([*arguments, "--log-path", f"{folder}/logs", "--vars", variables, *selection])
    if not done.success:
        print(done.exception or [result.message for result in done.result], file=sys.stderr)
        return 1
    compiled = [result.node for result in done.result if result.node.resource_type == "model"]
    print(json.dumps([node.compiled_code for node in compiled]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
