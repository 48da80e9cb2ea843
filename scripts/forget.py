#!/usr/bin/env python
"""Forget users and accounts: their rows leave every table, and stay out after a full refresh.

Notes the MD5 of each id in $PQL_DATA_DIR/forgotten.csv, which every build reads; devices that only a
forgotten user was seen with go too. Then deletes from the logs that outlive builds, builds (from nothing, as
the list changes how inputs are read), and looks through every table for what is left. The raw files stay as
they are: delete there as well.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from pql_tools.console import error, make_console
from pql_tools.run_dbt import Dbt
from pql_tools.warehouse import (
    Warehouse,
    WarehouseError,
    WritableWarehouse,
    open_warehouse,
    warehouse_parser,
)

LIST = "forgotten.csv"
HEADER = ("kind", "id_hash", "forgotten_at")
ID_COLUMNS = {"account": ("account_id", "pql_account_id"), "user": ("user_id", "champion_user_id")}
EXAMPLES = """examples:
  forget a user, and an account with all that happened in it
    python scripts/forget.py --user u_4711 --account acc_0815

exit codes: 0 forgotten; 1 something of theirs is still there; 2 it cannot be done, with a sentence saying why
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parser().parse_args(argv)
    wanted = [("user", each) for each in options.user] + [("account", each) for each in options.account]
    console = make_console()
    try:
        if not wanted:
            raise WarehouseError("Nobody was named: give --user or --account, as often as needed.")
        with open_warehouse(options) as warehouse:
            wanted += [("anonymous", device) for device in own_devices(warehouse, options.user)]
        note(list_file(), wanted)
        console.print(f"{len(wanted)} noted in {list_file()}; building…")
        with open_warehouse(options, WritableWarehouse) as warehouse:
            delete_from_logs(warehouse, options.account)
        if not Dbt.of(options).show("build", "--exclude-resource-types", "test unit_test exposure"):
            raise WarehouseError("The build failed; mend what dbt says, and run this again.")
        with open_warehouse(options) as warehouse:
            left = leftovers(warehouse, wanted)
    except WarehouseError as problem:
        error(str(problem))
        return 2
    for sentence in left:
        error(sentence)
    if not left:
        console.print("Forgotten: no table of the warehouse holds a row of theirs.")
    return 1 if left else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument(
        "--user", action="append", default=[], metavar="ID", help="a user_id; may be repeated"
    )
    parser.add_argument(
        "--account", action="append", default=[], metavar="ID", help="an account_id; may be repeated"
    )
    return parser


def list_file() -> Path:
    """The list that every build reads."""
    return Path(os.environ.get("PQL_DATA_DIR", "demo_data"), LIST)


def own_devices(warehouse: Warehouse, users: list[str]) -> list[str]:
    """Anonymous ids that were seen with these users and with nobody else."""
    if not users:
        return []
    names = ", ".join(warehouse.literal(user) for user in users)
    seen = warehouse.rows(
        "select anonymous_id from {{ ref('stg_product__events_judged') }} "
        "where anonymous_id is not null and user_id is not null group by anonymous_id "
        f"having sum(case when user_id in ({names}) then 0 else 1 end) = 0"
    )
    return [row["anonymous_id"] for row in seen]


def note(path: Path, wanted: list[tuple[str, str]]) -> None:
    """Add to the list what it does not have yet."""
    try:
        known = set()
        if path.exists():
            with path.open(newline="") as file:
                known = {(row["kind"], row["id_hash"]) for row in csv.DictReader(file)}
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        rows = [(kind, hashlib.md5(name.encode()).hexdigest(), now) for kind, name in wanted]
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if not known:
                writer.writerow(HEADER)
            writer.writerows(row for row in rows if row[:2] not in known)
    except OSError as problem:
        raise WarehouseError(f"The list cannot be written: {problem}. Is PQL_DATA_DIR right?") from problem


def tables_with(warehouse: Warehouse, kind: str) -> list[tuple[str, str]]:
    """Tables and columns that hold ids of a kind."""
    names = ", ".join(warehouse.literal(name) for name in ID_COLUMNS[kind])
    schema = warehouse.config.credentials.schema
    found = warehouse.rows(
        "select columns.table_schema, columns.table_name, columns.column_name "
        "from information_schema.columns as columns "
        "inner join information_schema.tables as tables on columns.table_schema = tables.table_schema "
        "and columns.table_name = tables.table_name "
        f"where columns.column_name in ({names}) and tables.table_type = 'BASE TABLE' "
        f"and columns.table_schema like '{schema}%' order by 1, 2, 3"
    )
    return [(f'"{row["table_schema"]}"."{row["table_name"]}"', row["column_name"]) for row in found]


def delete_from_logs(warehouse: WritableWarehouse, accounts: list[str]) -> None:
    """Take the accounts out of the tables that a build only adds to."""
    for table in ("fct_pql_events", "crm_row_changes", "crm_sync_results"):
        if accounts and warehouse.exists(table):
            named = [
                column for name, column in tables_with(warehouse, "account") if name.endswith(f'."{table}"')
            ]
            for column in named:
                names = ", ".join(warehouse.literal(account) for account in accounts)
                warehouse.execute(f"delete from {warehouse.relation(table)} where {column} in ({names})")


def leftovers(warehouse: Warehouse, wanted: list[tuple[str, str]]) -> list[str]:
    """What tables still hold of them, a sentence each."""
    found = []
    for kind in ID_COLUMNS:
        names = ", ".join(warehouse.literal(name) for other, name in wanted if other == kind)
        for table, column in tables_with(warehouse, kind) if names else []:
            rows = warehouse.rows(f"select count(*) as n from {table} where {column} in ({names})")[0]["n"]
            if rows:
                found.append(
                    f"{table}.{column} still holds {rows} row(s) of theirs.{remedy(warehouse, table)}"
                )
    return found


def remedy(warehouse: Warehouse, table: str) -> str:
    """What to do about a table that the build only copies: a seed is a file of the user."""
    name = table.split('"')[-2]
    seed = warehouse.project_dir / "seeds" / f"{name}.csv"
    return f" Delete them in {seed}, and run this again." if seed.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
