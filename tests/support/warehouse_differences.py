"""What differs between two warehouses, table by table, each table as a whole."""

from collections import Counter
from pathlib import Path

import duckdb

# What a build writes down for the next: which part was new to it, and when it was made.
OF_ONE_BUILD = {
    "int_accounts_changed",
    "int_accounts_to_evaluate",
    "int_attribution_inputs",
    "int_criterion_leaf_episodes",
    "int_criterion_spans",
    "int_event_batches",
    "int_event_counts",
    "manifest_inputs",
    "int_local_dates",
    "int_rolling_days_changed",
    "int_runs_to_time",
    "int_starting_day_events",
    "int_affected_days",
    "int_affected_events",
    "pql_check_history",
    "pql_files_read",
    "pql_versions",
}
# Logs, which builds only add to, and what is read from one.
LOGS = {"pql_check_history", "pql_precision_falls"}
TABLES = "select table_name from duckdb_tables() where schema_name = 'main' and not temporary"
OF_ONE_BUILD_COLUMNS = {"built_at", "judged_in_build", "details_version"}


def table_differences(one: Path, other: Path) -> list[str]:
    """Rows that only one of two warehouses has; fractions to nine places, as sums of them differ."""
    kept, anew = contents(one), contents(other)
    found = [f"{table}: not kept" for table in sorted(anew.keys() - kept.keys())]
    for table in sorted(kept.keys() & anew.keys()):
        found += [f"{table}: only kept: {row}" for row in list(kept[table] - anew[table])[:3]]
        found += [f"{table}: only anew: {row}" for row in list(anew[table] - kept[table])[:3]]
    return found


def contents(path: Path) -> dict[str, Counter]:
    """The rows of every table, without what is of one build alone; each row names its columns."""
    with duckdb.connect(str(path)) as connection:
        names = [name for (name,) in connection.execute(TABLES).fetchall() if name not in OF_ONE_BUILD | LOGS]
        return {name: rows(connection, name) for name in names}


def rows(connection: duckdb.DuckDBPyConnection, table: str) -> Counter:
    withdrawn = "where coalesce(reason, '') <> 'withdrawn'" if table == "stg_product__events_judged" else ""
    result = connection.execute(f"from {table} {withdrawn}")
    names = [column[0] for column in result.description]
    return Counter(
        tuple(
            (name, round(value, 9) if isinstance(value, float) else value)
            for name, value in sorted(zip(names, row, strict=True), key=lambda cell: cell[0])
            if name not in OF_ONE_BUILD_COLUMNS
        )
        for row in result.fetchall()
    )
