"""Each adapter's sample as tables of an engine, each source in a schema: the rows are as on DuckDB.

A column that holds objects or lists is JSON there (`jsonb` on PostgreSQL, text on Spark).
"""

import json
from pathlib import Path

import duckdb
import pytest
from samples import ADAPTERS, COMPARED, EVENTS, OTHER_ROWS, SAMPLES, expected, rows, sample_vars

READ = (
    "stg_product__events_judged",
    "int_events_resolved",
    "stg_product__accounts",
    "pql_accounts",
    "dim_accounts",
    "stg_billing__conversions",
    "stg_crm__feedback",
    "stg_crm__records",
    "stg_crm__lead_stages",
    "stg_billing__subscription_ends",
    "input_quality",
    "stg_inputs_rejected",
)


def source_of(path: Path) -> str:
    """What DuckDB reads of a file or a folder of files, all of it as text but what is nested."""
    if path.suffix == ".csv":
        return f"read_csv('{path}', all_varchar = true)"
    files = f"{path}/*.ndjson" if path.is_dir() else path
    lines = f"read_json('{files}', format = 'newline_delimited', maximum_depth = 1, sample_size = -1)"
    nested = duckdb.sql(f"select bool_or(json_type(columns(*)) in ('OBJECT', 'ARRAY')) from {lines}")
    columns = [
        f'"{column}"' if is_nested else f"""("{column}" ->> '$') as "{column}\""""
        for column, is_nested in zip(nested.columns, nested.fetchone(), strict=True)
    ]
    return f"(select {', '.join(columns)} from {lines})"


def schema_of(folder: str) -> str:
    return f"of_{folder}"  # `table` is no name


def variables() -> dict:
    """The sources of the samples, each in a schema of its own."""
    found = sample_vars()
    for name in found:
        if name.endswith("_sources"):
            found[name] = [
                {key: value for key, value in source.items() if key != "folder"}
                | {"schema": schema_of(source["folder"])}
                if "folder" in source
                else source
                for source in found[name]
            ]
    return found


@pytest.fixture(scope="module")
def built(engine_project):
    """What the engine built of the samples, as text, in a database of DuckDB that the same queries read."""
    engine = engine_project.engine
    engine.empty()
    for path in sorted(SAMPLES.glob("*/*")):
        if path.stem != "expected_events":
            engine.load(path.stem, source_of(path), schema=schema_of(path.parent.name))
    engine_project.replace_seeds(SAMPLES)
    command = (
        "build",
        "--select",
        *COMPARED,
        "--exclude-resource-types",
        "unit_test",
        "--indirect-selection",
        "empty",
    )
    run = engine_project.again(variables(), command)
    assert run.success, run.output
    with duckdb.connect() as database:
        for table in READ:
            copy(engine.rows(table), table, database)
        yield database


def copy(found: list[dict], table: str, database) -> None:
    """Write rows of an engine into a table of texts."""
    names = list(found[0])
    database.execute(f"create table {table} ({', '.join(f'{name} varchar' for name in names)})")
    texts = [[None if value is None else str(value) for value in row.values()] for row in found]
    database.executemany(f"insert into {table} values ({', '.join('?' * len(names))})", texts)


def comparable(found: list[dict]) -> list[str]:
    """Rows in one order, what is JSON in them without regard to blanks and the order of keys."""
    return sorted(
        json.dumps({name: parsed(value) for name, value in row.items()}, sort_keys=True) for row in found
    )


def parsed(value: str):
    try:
        return json.loads(value) if value.startswith("{") else value
    except json.JSONDecodeError:
        return value


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_sample_gives_exactly_these_events(built, adapter):
    assert comparable(rows(built, EVENTS, adapter)) == comparable(expected(f"{adapter}/expected_events.csv"))


@pytest.mark.parametrize("name", OTHER_ROWS)
def test_the_samples_give_exactly_these_rows(built, name):
    assert comparable(rows(built, OTHER_ROWS[name])) == comparable(expected(f"{name}.csv"))
