#!/usr/bin/env python
"""Forget users and accounts: their rows leave every table, and stay out after a full refresh.

Notes the MD5 of each id in a list that every build reads: $PQL_DATA_DIR/forgotten.csv on DuckDB, elsewhere
the table `forgotten` beside the inputs, which is made if it is missing. Other ids of a user, accounts merged
into one that is forgotten, and devices that only a forgotten user was seen with go too. Then deletes from the
logs that outlive builds, builds (from nothing, as the list changes how inputs are read), and looks through
every table for what is left. The raw files or tables stay as they are: delete there as well.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pql_tools.config_files import read_text
from pql_tools.console import error, make_console
from pql_tools.warehouse import (
    PACKAGE,
    Warehouse,
    WarehouseError,
    WritableWarehouse,
    open_warehouse,
    warehouse_parser,
)
from pql_tools.warehouse.run_dbt import Dbt

LIST = "forgotten.csv"
HEADER = ("kind", "id_hash", "forgotten_at")
ID_COLUMNS = {
    "account": ("account_id", "pql_account_id", "into_account_id", "merged_into"),
    "user": ("user_id", "champion_user_id", "old_user_id", "pql_user_id", "pql_user_id__c"),
    "anonymous": ("anonymous_id",),
}
BUILD = ("build", "--select", f"package:{PACKAGE}+", "--exclude-resource-types", "test unit_test exposure")
LOGS = (
    "fct_pql_events",
    "pql_notifications",
    "crm_row_changes",
    "crm_contact_changes",
    "crm_nudge_changes",
    "crm_sync_results",
)
EXAMPLES = """examples:
  forget a user, and an account with all that happened in it
    python scripts/forget.py --user u_4711 --account acc_0815

exit codes: 0 forgotten; 1 something of theirs is still there; 2 it cannot be done, with a sentence saying why
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parser().parse_args(argv)
    named = [("user", each) for each in options.user] + [("account", each) for each in options.account]
    console = make_console()
    try:
        if not all(name.strip() for _, name in named) or not named:
            raise WarehouseError("Nobody was named: give --user or --account an id, as often as needed.")
        with open_warehouse(options) as warehouse:
            wanted = with_other_ids(warehouse, named)
            users, accounts = (
                [name for kind, name in wanted if kind == each] for each in ("user", "account")
            )
            wanted += [("anonymous", device) for device in own_devices(warehouse, users)]
        with open_warehouse(options, WritableWarehouse) as warehouse:
            place = note(warehouse, wanted)
            delete_from_logs(warehouse, accounts, users)
        console.print(f"{len(wanted)} noted in {place}; building…")
        if not Dbt.of(options).show(*BUILD):
            raise WarehouseError("The build failed; mend what dbt says, and run this again.")
        with open_warehouse(options) as warehouse:
            left = leftovers(warehouse, wanted)
    except WarehouseError as problem:
        error(str(problem))
        return 2
    for sentence in left:
        error(sentence)
    if not left:
        console.print(
            "Forgotten: no table of the warehouse holds a row of theirs. The raw files or tables, and the "
            "models of a project that this is a package of, stay as they are: delete there as well.",
            soft_wrap=True,
        )
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


def list_file(project_dir: Path) -> Path:
    """The list that every build reads, from where dbt reads it."""
    return project_dir / os.environ.get("PQL_DATA_DIR", "demo_data") / LIST


def with_other_ids(warehouse: Warehouse, named: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """These, all other ids of the users among them, and what was merged into the accounts among them."""
    rows = warehouse.rows("select kind, id, successor_id from {{ ref('int_successors') }}")
    into = {(row["kind"], row["id"]): (row["kind"], row["successor_id"]) for row in rows}
    whole = {into.get(each, each) if each[0] == "user" else each for each in named}
    others = {each for each, successor in into.items() if successor in whole}
    return named + sorted((whole | others) - set(named))


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


def note(warehouse: WritableWarehouse, wanted: list[tuple[str, str]]) -> str:
    """Add to the list what it does not have yet; returns where the list is."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    rows = [(kind, hashlib.md5(name.encode()).hexdigest(), now) for kind, name in wanted]
    if model := (warehouse.variable("pql_input_models") or {}).get("forgotten"):
        return noted_in_model(warehouse, model, rows)
    if warehouse.reads_files:
        path = list_file(warehouse.project_dir)
        note_in_file(path, rows)
        return str(path)
    return note_in_table(warehouse, rows)


def noted_in_model(warehouse: Warehouse, model: str, rows: list[tuple[str, str, str]]) -> str:
    """A list that is the user's own model, which is theirs to write; it must have everybody."""
    place = warehouse.relation(model)
    known = {(row["kind"], str(row["id_hash"]).lower()) for row in warehouse.rows(f"select * from {place}")}
    if missing := [row for row in rows if row[:2] not in known]:
        listed = ", ".join(" ".join(row[:2]) for row in missing)
        raise WarehouseError(
            f"The list of the forgotten is your model '{model}' (pql_input_models). Add these rows "
            f"(kind, id_hash) to what it reads, build it, and run this again: {listed}."
        )
    return place


def note_in_file(path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Add rows to the list as a file, written anew: an editor may leave other line ends, or none."""
    try:
        text = read_text(path) if path.exists() else ""
        listed = [[row.get(name) for name in HEADER] for row in csv.DictReader(text.splitlines())]
        known = {tuple(row[:2]) for row in listed}
        whole = path.with_suffix(".new")
        with whole.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows([HEADER, *listed, *(row for row in rows if row[:2] not in known)])
        whole.replace(path)
    except OSError as problem:
        raise WarehouseError(f"The list cannot be written: {problem}. Is PQL_DATA_DIR right?") from problem


def note_in_table(warehouse: WritableWarehouse, rows: list[tuple[str, str, str]]) -> str:
    """Add rows to the list as a table."""
    try:
        place = warehouse.macro("list_of_forgotten").render()
        names = warehouse.names_of(place)
        known = {tuple(row.values()) for row in warehouse.rows(f"select kind, id_hash from {place}")}
        new = [row for row in rows if row[:2] not in known]
        if new:
            columns = ", ".join(names[name] for name in HEADER)
            values = ", ".join(f"('{kind}', '{digest}', timestamp '{now}')" for kind, digest, now in new)
            warehouse.execute(f"insert into {place} ({columns}) values {values}")
    except (WarehouseError, KeyError) as problem:
        missing = f"it has no column {problem}" if isinstance(problem, KeyError) else str(problem)
        listed = ", ".join(" ".join(row[:2]) for row in rows)
        raise WarehouseError(
            f"The list cannot be written: {missing} Add these rows (kind, id_hash) to the table `forgotten` "
            f"beside the inputs, and run this again: {listed}."
        ) from problem
    return place


def tables_with_ids(warehouse: Warehouse) -> list[tuple[Any, str, str]]:
    """Tables of the project, those of earlier versions too, and their columns of ids, each with its kind."""
    own = {name.lower() for name in warehouse.relations()}
    inputs = [] if warehouse.reads_files else warehouse.macro("raw_relations")
    raw = {relation.render().lower() for relation in inputs} - own
    return [
        (table, column, kind)
        for table in warehouse.tables()
        if table.render().lower() not in raw
        for name, column in warehouse.names_of(table.render()).items()
        for kind, names in ID_COLUMNS.items()
        if name in names
    ]


def delete_from_logs(warehouse: WritableWarehouse, accounts: list[str], users: list[str]) -> None:
    """Take rows about them out of the tables that a build only adds to, and users out of accounts' rows."""
    wanted = {"account": accounts, "user": users}
    for table, column, kind in tables_with_ids(warehouse):
        names = ", ".join(warehouse.literal(name) for name in wanted.get(kind, []))
        if not names or table.identifier.lower() not in LOGS:
            continue
        given = {"relation": table, "condition": f"{column} in ({names})"}
        if kind == "account" or column.lower() != "champion_user_id":
            warehouse.macro("remove_rows", **given)
        else:
            warehouse.macro("put_right", column=column, value="''", **given)


def leftovers(warehouse: Warehouse, wanted: list[tuple[str, str]]) -> list[str]:
    """What tables still hold of them, a sentence each."""
    found = []
    for table, column, kind in tables_with_ids(warehouse):
        names = ", ".join(warehouse.literal(name) for other, name in wanted if other == kind)
        sql = f"select count(*) as n from {table.render()} where {column} in ({names})"
        if rows := warehouse.rows(sql)[0]["n"] if names else 0:
            hint = remedy(warehouse, table.identifier)
            found.append(f"{table.render()}.{column} still holds {rows} row(s) of theirs.{hint}")
    return found


def remedy(warehouse: Warehouse, name: str) -> str:
    """What to do about a table that the build only copies: a seed is a file of the user."""
    seed = warehouse.project_dir / "seeds" / f"{name}.csv"
    return f" Delete them in {seed}, and run this again." if seed.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
