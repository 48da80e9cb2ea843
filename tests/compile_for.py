"""Print the SQL of every source as another engine's macros compile it: compile_for.py DIALECT FOLDER VARS."""

import json
import sys

from dbt.cli.main import dbtRunner
from dbt.context import providers

MODELS = (
    "base_product__events",
    "stg_product__accounts",
    "stg_billing__conversions",
    "stg_product__memberships",
)


def main(dialect: str, folder: str, variables: str) -> int:
    # A macro of the dialect comes first, as on that engine; only what finds the files stays DuckDB's.
    providers.get_adapter_type_names = lambda _: [dialect, "duckdb"]
    arguments = ["compile", "--quiet", "--no-partial-parse", "--target-path", f"{folder}/target"]
    done = dbtRunner().invoke(
        [*arguments, "--log-path", f"{folder}/logs", "--vars", variables, "--select", *MODELS]
    )
    if not done.success:
        print(done.exception or [result.message for result in done.result], file=sys.stderr)
        return 1
    print(
        json.dumps(
            [result.node.compiled_code for result in done.result if result.node.resource_type == "model"]
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
