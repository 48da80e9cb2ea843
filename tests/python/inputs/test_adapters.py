"""Each adapter's sample, end to end: every adapter of every kind at once, on DuckDB."""

import json

import duckdb
import pytest
import sqlglot
from dbt.context import providers
from harness import MODELS_ONLY, ROOT, Project, Warehouse
from samples import ADAPTERS, COMPARED, EVENTS, OTHER_ROWS, SAMPLES, expected, rows, sample_vars

READS_SOURCES = ("base_product__events", "base_inputs", "stg_product__accounts", "stg_product__memberships")
DIALECTS = ["postgres", "spark", "snowflake"]


class Samples(Project):
    """The project as parsed with the sources of the samples: what a model refers to depends on them."""

    def dbt(self, *command, variables=None, **options):
        return super().dbt(*command, variables=sample_vars() | (variables or {}), **options)


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Samples:
    return Samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def built(samples) -> Warehouse:
    return samples.build(SAMPLES, command=("build", "--select", *COMPARED, "--indirect-selection", "empty"))


@pytest.fixture(scope="module")
def warehouse(built):
    with duckdb.connect(str(built.path)) as connection:
        yield connection


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_sample_gives_exactly_these_events(warehouse, adapter):
    assert rows(warehouse, EVENTS, adapter) == expected(f"{adapter}/expected_events.csv")


@pytest.mark.parametrize("name", OTHER_ROWS)
def test_the_samples_give_exactly_these_rows(warehouse, name):
    assert rows(warehouse, OTHER_ROWS[name]) == expected(f"{name}.csv")


def test_every_adapter_has_a_sample():
    sampled = sample_vars()
    for kind, folder in {
        "event": "events",
        "account": "accounts",
        "conversion": "conversions",
        "subscription_end": "subscription_ends",
        "lead_stage": "lead_stages",
        "feedback": "feedback",
        "crm_record": "crm_records",
    }.items():
        adapters = {path.stem for path in (ROOT / "macros" / "inputs" / folder).glob("*.sql")}
        used = {source["adapter"] for source in sampled[f"pql_{kind}_sources"]}
        # what is read where nothing is written is tried by every other test
        assert adapters - used <= {"canonical", "seed", "events"}, kind


def test_every_raw_row_of_every_source_is_accounted_for(warehouse):
    delivered = {adapter: len(expected(f"{adapter}/expected_events.csv")) for adapter in ADAPTERS}
    quality = warehouse.sql(
        "select event_source, raw, accepted + duplicates + rejected from event_quality"
    ).fetchall()
    assert {source: raw for source, raw, _ in quality} == delivered
    assert all(raw == accounted for _, raw, accounted in quality)


def test_what_is_odd_about_the_inputs_is_said_with_the_first_examples(built):
    said = built.run.output
    assert (
        "8 row(s) of 'conversions' (stripe_invoices) come to nothing, their accounts are not in acc" in said
    )
    assert "conversion_id=ch_3, account_id=hp-other, converted_at=2026-05-23 12:00:00" in said
    assert "conversion_id=907, account_id=, converted_at=2026-05-26T10:00:00Z" in said
    assert "1 row(s) of 'crm_pql_feedback' (answers) are rejected, missing_pql_account_id" in said
    assert "1 answer(s) of sales are in unknown words" in said and ": 'vielleicht'" in said


# For other engines: a table with the columns of the files.
TABLES = """
{{% macro {dialect}__find_input(input, relation) %}}
    {{% set files, columns = duckdb__find_input(input, relation), {{}} %}}
    {{% if not files %}}{{% do return(none) %}}{{% endif %}}
    {{% for column in files.columns %}}{{% do columns.update({{column: 'VARCHAR'}}) %}}{{% endfor %}}
    {{% do return({{'from': 'raw_rows', 'columns': columns}}) %}}
{{% endmacro %}}
"""


@pytest.fixture(scope="module")
def of_tables(tmp_path_factory) -> Samples:
    """The samples as tables of other engines."""
    project = Samples(tmp_path_factory.mktemp("of_tables"))
    stand_ins = [TABLES.format(dialect=dialect) for dialect in DIALECTS]
    (project.folder / "macros" / "tables.sql").write_text("".join(stand_ins))
    return project


@pytest.mark.long
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_of_every_source_parses_for(of_tables, tmp_path, dialect, monkeypatch):
    """Compiled for another engine by its own macros."""
    monkeypatch.setattr(providers, "get_adapter_type_names", lambda _: [dialect, "duckdb"])
    run = of_tables.run_in(tmp_path, SAMPLES, command=("compile", "--select", *READS_SOURCES)).run
    assert run.success, run.output
    compiled = [result.node.compiled_code for result in run.result if result.node.resource_type == "model"]
    assert len(compiled) == len(READS_SOURCES)
    for sql in compiled:
        assert sqlglot.parse_one(sql, read=dialect)


LOG = {"name": "log", "adapter": "table", "folder": "table", "tables": {"events": "usage_log"}}
ANSWERS = {"name": "answers", "adapter": "table"}
STAGES = {"name": "crm", "adapter": "hubspot"}
BAD_CONFIGURATIONS = [
    ("event", {"name": "log", "adapter": "segmnt"}, "unknown adapter 'segmnt'. Known adapters: amplitude,"),
    ("event", LOG | {"colums": {}}, "unknown key 'colums'. Allowed: name, adapter"),
    ("event", LOG | {"columns": "log_id"}, "'columns' must be a mapping {our column: column or path"),
    ("event", LOG | {"columns": {"event": "action"}}, "has an unknown column 'event'. Allowed: event_id"),
    ("event", LOG | {"schema": 'x"; drop'}, "'schema' must be a name of letters"),
    ("event", {"adapter": "segment"}, "'name' is missing"),
    ("feedback", ANSWERS | {"dispositions": {"yes": "good"}}, "'yes' must be one of accepted, working,"),
    ("conversion", {"name": "paid", "adapter": "stripe", "refunds": "maybe"}, "must be one of drop, keep"),
    (
        "conversion",
        {"name": "paid", "adapter": "table", "where": {}},
        "'where' must be a mapping {property: v",
    ),
    (
        "subscription_end",
        {"name": "paid", "adapter": "paddle"},
        "unknown adapter 'paddle'. Known adapters: c",
    ),
    ("subscription_end", {"name": "paid", "adapter": "stripe", "account_key": ""}, "'account_key' must be"),
    ("lead_stage", STAGES | {"stages": {"lead": "My lead"}}, "'lead' must be snake_case"),
    ("lead_stage", STAGES | {"stages": "mql"}, "must be a mapping {stage of the CRM: name here, or none}"),
    ("lead_stage", STAGES | {"columns": {"stage": "x"}}, "unknown key 'columns'. Allowed: name, adapter"),
    ("lead_stage", STAGES | {"product_account_id": 7}, "'product_account_id' must be"),
    (
        "lead_stage",
        {"name": "sf", "adapter": "salesforce", "status_field": ""},
        "'status_field' must be",
    ),
    (
        "subscription_end",
        {"name": "quits", "adapter": "table", "where": "paid"},
        "'where' must be a mapping {property: v",
    ),
    (
        "crm_record",
        {"name": "a", "adapter": "attio", "product_account_id": ["id"]},
        "'product_account_id' must",
    ),
    ("crm_record", {"name": "crm", "adapter": "close"}, "unknown adapter 'close'. Known adapters: attio,"),
]


def test_bad_configuration_is_named_with_what_is_allowed(samples):
    configurations = [{f"pql_{kind}_sources": [source]} for kind, source, _ in BAD_CONFIGURATIONS]
    found = samples.config_problems(configurations)
    for problems, (_, source, message) in zip(found, BAD_CONFIGURATIONS, strict=True):
        assert any(message in problem for problem in problems), (source, problems)


IDS = {"event_id": "log_id", "occurred_at": "happened", "event_name": "action"}
BAD_INPUTS = {
    "missing columns": (
        LOG,
        ["'event_id' is missing in events", "'occurred_at' is missing", "found:   events"],
    ),
    "a mapped column that is not there": (
        LOG | {"columns": IDS | {"user_id": "who"}},
        ["'columns' says that 'user_id' is who, which is not there"],
    ),
    "a column of the wrong type": (
        {"name": "log", "adapter": "table", "folder": "typed", "tables": {"events": "log"}},
        ["is of type BOOLEAN and cannot be read as 'occurred_at', a timestamp"],
    ),
    "no table": (
        {"name": "web", "adapter": "segment", "folder": "nowhere"},
        ["nothing to read", "tracks or messages"],
    ),
}


def test_refunds_may_be_kept_and_a_filter_must_name_what_is_there(samples, tmp_path):
    """All charges of the sample, refunds included; then a filter by a column that it does not have."""
    source = {"name": "stripe", "adapter": "stripe", "folder": "stripe", "refunds": "keep"}
    command = (*MODELS_ONLY, "--select", "+stg_billing__conversions")
    warehouse = samples.run_in(tmp_path, SAMPLES, {"pql_conversion_sources": [source]}, command)
    assert warehouse.values("stg_billing__conversions", "conversion_id") == ["ch_2", "ch_3", "ch_6"]
    filtered = {"pql_conversion_sources": [source | {"where": {"colour": "red"}}]}
    run = samples.run_in(tmp_path, SAMPLES, filtered, ("compile", "--select", "stg_billing__conversions")).run
    assert not run.success and "'where' asks for 'colour', which is not there" in run.output


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_input_stops_with_one_clear_message(samples, tmp_path, case):
    source, messages = BAD_INPUTS[case]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "table").symlink_to(SAMPLES / "table")
    (tmp_path / "data" / "typed").mkdir()
    log = tmp_path / "data" / "typed" / "log.parquet"
    duckdb.sql(f"copy (select 1 as event_id, true as occurred_at, 'a' as event_name) to '{log}'")
    variables = {"pql_event_sources": [source]}
    command = ("compile", "--select", "base_product__events")
    run = samples.run_in(tmp_path, tmp_path / "data", variables, command).run
    assert not run.success and "Traceback" not in run.output
    assert all(message in run.output for message in messages), run.output


def test_tables_of_stages_and_ends_say_what_they_lack(samples, tmp_path):
    """A list of leads without a stage, one of our own without anybody's id, and ends without a time."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "leads.csv").write_text("company,day\nacme,2026-05-01\n")
    (data / "lead_stages.csv").write_text("stage,entered_at\nmql,2026-05-01\n")
    (data / "quits.csv").write_text("account_id,why\nacme,price\n")
    variables = {
        "pql_lead_stage_sources": [
            {
                "name": "leads",
                "adapter": "table",
                "tables": {"lead_stages": "leads"},
                "columns": {"entered_at": "day"},
            }
        ],
        "pql_subscription_end_sources": [
            {"name": "quits", "adapter": "table", "tables": {"subscription_ends": "quits"}}
        ],
    }
    said = ""
    for table in ("stg_crm__lead_stages", "stg_billing__subscription_ends"):
        said += samples.run_in(tmp_path, data, variables, ("compile", "--select", table)).run.output
    assert "'account_id' is missing; expected account_id or domain" in said and "'stage' is missing" in said
    assert "pql_subscription_end_sources 'quits' (table) cannot be read" in said
    assert "'ended_at' is missing; expected ended_at" in said and "Traceback" not in said
    own = {"pql_lead_stage_sources": [{"name": "own", "adapter": "canonical"}]}
    said = samples.run_in(tmp_path, data, own, ("compile", "--select", "stg_crm__lead_stages")).run.output
    assert "'lead_stages' lacks the required column 'account_id' (or 'domain')" in said


def test_an_empty_source_is_listed_and_a_column_added_is_read(samples, tmp_path):
    """Two builds of one warehouse: a tracker adds a column in between. BigQuery keeps `groups` for itself."""
    data = tmp_path / "data"
    (data / "server").mkdir(parents=True)
    calls = "id,event,timestamp,user_id,group_id"
    (data / "tracks.csv").write_text(f"{calls}\n1,login,2026-05-01 10:00,ann,acme\n")
    (data / "server" / "tracks.csv").write_text(f"{calls}\n3,login,2026-05-03 10:00,bob,\n")
    (data / "server" / "_groups.csv").write_text(
        "id,timestamp,user_id,group_id\n4,2026-05-01 10:00,bob,acme\n"
    )
    (data / "events.csv").write_text("event_id,occurred_at,event_name,account_id\n")
    (data / "accounts.csv").write_text("account_id\nacme\n")
    variables = {
        "pql_event_sources": [
            {"name": "quiet", "adapter": "canonical"},
            {"name": "server", "adapter": "rudderstack", "folder": "server"},
            {"name": "web", "adapter": "segment"},
        ],
        "pql_account_sources": [{"name": "accounts", "adapter": "canonical"}],
    }
    command = (*MODELS_ONLY, "--select", "+event_quality")
    samples.run_in(tmp_path, data, variables, command)
    (data / "tracks.csv").write_text(
        f"{calls},colour\n1,login,2026-05-01 10:00,ann,acme,\n2,login,2026-05-02 10:00,ann,acme,red\n"
    )
    warehouse = samples.run_in(tmp_path, data, variables, command)
    assert warehouse.run.success, warehouse.run.output
    counts = warehouse.rows("event_quality", "event_source, raw, accepted")
    assert sorted(map(tuple, map(dict.values, counts))) == [("quiet", 0, 0), ("server", 2, 2), ("web", 2, 2)]
    properties = {row["event_id"]: row["properties"] for row in warehouse.rows("stg_product__events")}
    assert json.loads(properties["2"]) == {"colour": "red"}
