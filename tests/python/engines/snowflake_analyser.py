"""Snowflake's SQL before an analyser that knows its names, types and functions, and forgives nothing.

It is ZetaSQL with Snowflake's dialect, by Fivetran (npm: @fivetrandevelopers/zetasql-snowflake). It knows
less than Snowflake does: what that documents beyond it is put to it in words that it knows (`BEYOND_IT`).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_suffix(".js")
PACKAGE = Path(sys.prefix, "node_modules", "@fivetrandevelopers", "zetasql-snowflake")

PAGES = "https://docs.snowflake.com/en/sql-reference/"
# {what Snowflake documents: (what the analyser is given instead, the page)}
BEYOND_IT = {
    r"\bhash\(": ("length(", "functions/hash"),
    r"\bmd5\(": ("upper(", "functions/md5"),  # a text there, in BigQuery bytes
    r"\bjson_extract_path_text\(": ("concat(", "functions/json_extract_path_text"),
    r"\bobject_construct_keep_null\(": ("object_construct(", "functions/object_construct_keep_null"),
    r"\bposition\(\s*(concat\(.+?\)) in (.+?)\n": (r"strpos(\1, \2\n", "functions/position"),
    r"\)\s*within group \(order by [^)]*\)": (")", "functions/listagg"),
    r"\blateral flatten\(input => .*\) as ": ("(select cast('' as text) as value) as ", "functions/flatten"),
    r"\b(numeric|decimal|number)\(38, ": (r"\1(35, ", "data-types-numeric"),
    r"\btransient (?=table)": ("", "sql/create-table"),
    # the adapter's own, of a table that is clustered: one expression of several
    r"\border by \(((?:[^()]|\([^()]*\))*)\)(?=\s*\)\s*;?\s*$)": (r"order by \1", "constructs/order-by"),
}

# What the adapter says of tables, schemas and seeds by itself, in no words of ours.
OF_THE_ADAPTER = re.compile(
    r"\s*(show|describe|drop|use|insert overwrite|alter table \S+ (cluster by|resume recluster))\b", re.I
)


def missing() -> str | None:
    """Why the analyser cannot be run here, or None."""
    return None if PACKAGE.exists() else "the analyser is not installed: make test-snowflake"


def put_to_it(sql: str) -> str:
    """A statement in words that the analyser knows, its tables without their database and schema."""
    sql = re.sub(r'"?\bWAREHOUSE"?\."?PQL"?\."?(\w+)"?', r"\1", sql, flags=re.I)
    for pattern, (given, _) in BEYOND_IT.items():
        sql = re.sub(pattern, given, sql, flags=re.I)
    return sql


def faults(tables: dict[str, dict[str, str]], statements: list[tuple[str, str, bool]]) -> list[str | None]:
    """What is wrong with each of some statements (name, SQL, whether it makes the table of that name)."""
    given = [(name, put_to_it(sql), is_table) for name, sql, is_table in statements]
    done = subprocess.run(
        ["node", SCRIPT],
        input=json.dumps({"tables": tables, "statements": given}),
        env=os.environ | {"ANALYSER": sys.prefix},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])  # before it the server says where it listens
