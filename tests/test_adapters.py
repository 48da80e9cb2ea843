"""Each adapter's sample, end to end: every adapter at once, on DuckDB."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import sqlglot
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "samples"
ADAPTERS = sorted(path.parent.name for path in SAMPLES.glob("*/expected_events.csv"))
ROWS = """
    select
        judged.event_id, judged.occurred_at, judged.event_name, judged.user_id, judged.account_id,
        judged.anonymous_id, judged.received_at,
        coalesce(judged.properties, judged.invalid_properties) as properties,
        judged.reason, resolved.user_id as resolved_user_id, resolved.account_id as resolved_account_id
    from stg_product__events_judged as judged
    left join int_events_resolved as resolved on judged.event_id = resolved.event_id and judged.reason is null
    where judged.event_source = ?
    order by judged.occurred_at, judged.event_id, judged.reason, judged.received_at, judged.account_id
"""


def sample_vars() -> dict:
    return YAML(typ="safe").load(SAMPLES / "vars.yml")


def run_dbt(
    folder: Path, variables: dict, *arguments: str, data: Path = SAMPLES
) -> subprocess.CompletedProcess:
    """Run dbt on the samples, in a warehouse of its own."""
    environment = os.environ | {
        "PQL_DATA_DIR": str(data),
        "PQL_DUCKDB_PATH": str(folder / "samples.duckdb"),
        "PQL_THREADS": "2",
    }
    command = [Path(sys.executable).with_name("dbt"), *arguments, "--vars", json.dumps(variables)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    done = run_dbt(folder, sample_vars(), "build")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def warehouse(built):
    with duckdb.connect(str(built / "samples.duckdb"), read_only=True) as connection:
        yield connection


def rows(warehouse, query: str, *values) -> list[dict]:
    """Rows as text, as a CSV file holds them."""
    result = warehouse.execute(query, values)
    names = [column[0] for column in result.description]
    return [
        {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


def expected(name: str) -> list[dict]:
    with (SAMPLES / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_sample_gives_exactly_these_events(warehouse, adapter):
    assert rows(warehouse, ROWS, adapter) == expected(f"{adapter}/expected_events.csv")


def test_every_adapter_has_a_sample():
    adapters = {path.stem for path in (ROOT / "macros" / "event_sources").glob("*.sql")}
    assert adapters == set(ADAPTERS)


def test_the_samples_give_these_accounts_and_leads(warehouse):
    query = """
        select
            accounts.account_id, accounts.account_name, accounts.domain, accounts.plan,
            leads.pql_status, leads.qualified_at, dim_accounts.signed_up_at, dim_accounts.converted_at
        from stg_product__accounts as accounts
        left join pql_accounts as leads on accounts.account_id = leads.account_id
        left join dim_accounts on accounts.account_id = dim_accounts.account_id
        order by accounts.account_id
    """
    assert rows(warehouse, query) == expected("expected_accounts.csv")


def test_the_samples_give_these_conversions(warehouse):
    query = "select account_id, converted_at, plan, amount from stg_billing__conversions order by all"
    assert rows(warehouse, query) == expected("expected_conversions.csv")


def test_every_raw_row_of_every_source_is_accounted_for(warehouse):
    delivered = {adapter: len(expected(f"{adapter}/expected_events.csv")) for adapter in ADAPTERS}
    quality = warehouse.sql(
        "select event_source, raw, accepted + duplicates + rejected from event_quality"
    ).fetchall()
    assert {source: raw for source, raw, _ in quality} == delivered
    assert all(raw == accounted for _, raw, accounted in quality)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "snowflake"])
def test_the_sql_of_every_source_parses_for(dialect, tmp_path):
    """Compiled for another engine by its own macros; the files that DuckDB reads stand for its tables."""
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "compile_for.py", dialect, tmp_path, json.dumps(sample_vars())],
        cwd=ROOT,
        env=os.environ | {"PQL_DATA_DIR": str(SAMPLES), "PQL_DUCKDB_PATH": str(tmp_path / "x.duckdb")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for sql in json.loads(done.stdout.splitlines()[-1]):
        assert sqlglot.parse_one(sql, read=dialect)


EVENTS = {"name": "log", "adapter": "table", "folder": "table", "tables": {"events": "usage_log"}}
BAD_CONFIGURATIONS = {
    "an unknown adapter": (
        {"name": "log", "adapter": "segmnt"},
        "unknown adapter 'segmnt'. Known adapters: amplitude,",
    ),
    "an unknown option": (EVENTS | {"colums": {}}, "unknown key 'colums'. Allowed: name, adapter"),
    "a wrong type": (
        EVENTS | {"columns": "log_id"},
        "'columns' must be a mapping {our column: column or path in the source}",
    ),
    "an unknown column": (
        EVENTS | {"columns": {"event": "action"}},
        "has an unknown column 'event'. Allowed: event_id",
    ),
    "a name that breaks out": (EVENTS | {"schema": 'x"; drop'}, "'schema' must be a name of letters"),
    "no name": ({"adapter": "segment"}, "'name' is missing"),
}


@pytest.mark.parametrize("case", BAD_CONFIGURATIONS)
def test_bad_configuration_stops_the_parse(case, tmp_path):
    source, message = BAD_CONFIGURATIONS[case]
    done = run_dbt(tmp_path, sample_vars() | {"pql_event_sources": [source]}, "parse")
    assert done.returncode and message in done.stdout and "Traceback" not in done.stdout


BAD_INPUTS = {
    "missing columns": (
        EVENTS,
        ["'event_id' is missing in events", "'occurred_at' is missing", "found:   events"],
    ),
    "a mapped column that is not there": (
        EVENTS
        | {
            "columns": {
                "event_id": "log_id",
                "occurred_at": "happened",
                "event_name": "action",
                "user_id": "who",
            }
        },
        ["'columns' says that 'user_id' is who, which is not there"],
    ),
    "no table": (
        {"name": "web", "adapter": "segment", "folder": "nowhere"},
        ["nothing to read", "tracks or messages"],
    ),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_input_stops_with_one_clear_message(case, tmp_path):
    source, messages = BAD_INPUTS[case]
    done = run_dbt(
        tmp_path, sample_vars() | {"pql_event_sources": [source]}, "compile", "-s", "base_product__events"
    )
    assert done.returncode and all(message in done.stdout for message in messages), done.stdout


def test_an_empty_source_is_listed_with_zeros(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "events.csv").write_text("event_id,occurred_at,event_name,account_id\n")
    (data / "log.csv").write_text(
        "event_id,occurred_at,event_name,account_id\n1,2026-05-01 10:00,login,acme\n"
    )
    (data / "accounts.csv").write_text("account_id\nacme\n")
    sources = [
        {"name": "quiet", "adapter": "canonical"},
        {"name": "log", "adapter": "table", "tables": {"events": "log"}},
    ]
    variables = {"pql_event_sources": sources} | {
        key: sample_vars()[key] for key in ("pql_criteria", "pql_definitions")
    }
    done = run_dbt(tmp_path, variables, "build", "-s", "+event_quality", data=data)
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(tmp_path / "samples.duckdb")) as warehouse:
        counts = warehouse.sql("select event_source, raw from event_quality order by 1").fetchall()
    assert counts == [("log", 1), ("quiet", 0)]
