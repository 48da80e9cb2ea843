"""The inputs with known answers on an emulated Snowflake, delivered in two parts, and every statement before
an analyser of Snowflake's SQL (make test-snowflake). The emulator forgives; the analyser does not.
"""

import json

import pytest
from harness import CORE_MODELS, ROOT

from engines import snowflake_analyser
from engines.conftest import EngineProject, EngineWarehouse, said_otherwise, with_half_the_events
from engines.test_deliveries import assert_incremental_equals_full
from engines.test_engines import assert_episodes

pytest.importorskip("fakesnow", reason="fakesnow is not installed: make test-snowflake")
pytest.importorskip("dbt.adapters.snowflake", reason="dbt-snowflake is not installed: make test-snowflake")


@pytest.fixture(scope="module")
def snowflake_project(tmp_path_factory):
    from engines.snowflake import Engine

    engine = Engine()
    engine.start()
    project = EngineProject(tmp_path_factory.mktemp("project"), engine)
    engine.adapt(project.folder)
    yield project
    engine.stop()


@pytest.fixture(scope="module")
def sent(snowflake_project):
    """Every statement that the builds of an input with known answers have sent."""
    return {}


@pytest.mark.parametrize("name", ["criteria_zones", "criteria_utc"])
def test_fixture(snowflake_project, sent, fixtures, tmp_path, name):
    """A first build sees half of the events, the second finds the rest as well."""
    folder = fixtures / name
    variables = json.loads((folder / "vars.json").read_text())
    first = with_half_the_events(folder, tmp_path / "first")
    with snowflake_project.engine.recorded() as statements:
        snowflake_project.build(first, variables, CORE_MODELS)
        snowflake_project.load(folder)
        second = snowflake_project.again(variables, CORE_MODELS)
    assert second.success, second.output
    assert_episodes(EngineWarehouse(snowflake_project.engine, second), folder)
    sent[name] = statements


def test_incremental_equals_full(snowflake_project, tmp_path):
    assert_incremental_equals_full(snowflake_project, tmp_path / "data")


@pytest.fixture(scope="module")
def compiled(snowflake_project, fixtures):
    """Models, tests and analyses where inputs are there and nothing else, and the columns of these."""
    if snowflake_analyser.missing():
        pytest.skip(snowflake_analyser.missing())
    folder = fixtures / "criteria_utc"
    engine, variables = snowflake_project.engine, json.loads((folder / "vars.json").read_text())
    engine.empty()
    snowflake_project.load(folder)
    columns = engine.columns()
    for seed in (ROOT / "seeds").glob("*.csv"):
        header = seed.read_text().splitlines()[0].split(",")
        columns.setdefault(seed.stem, dict.fromkeys(header, "text"))
    run = snowflake_project.again(variables, ("compile",))
    assert run.success, run.output
    nodes = [result.node for result in run.result.results]
    queries = [
        (node.name, node.compiled_code, node.resource_type == "model")
        for node in nodes
        if node.resource_type in ("model", "test", "analysis")
    ]
    return columns, queries


def faults(compiled, more=()) -> dict[str, str]:
    """{statement: what is wrong with it}, of what was compiled and of more."""
    columns, queries = compiled
    statements = [*queries, *((sql, sql, False) for sql in more)]
    found = zip(statements, snowflake_analyser.faults(columns, statements), strict=True)
    return {name: fault for (name, _, _), fault in found if fault}


def test_every_statement_is_snowflakes(compiled):
    assert len(compiled[1]) > 250
    assert faults(compiled) == {}


@pytest.mark.parametrize(
    "model, ours, theirs",
    [
        ("base_product__events", "check_json(", "json_valid("),
        ("int_local_dates", "dateadd(microsecond, ", "epoch_us("),
    ],
)
def test_a_macro_with_a_function_that_snowflake_lacks_is_found(
    snowflake_project, compiled, model, ours, theirs
):
    with said_otherwise(snowflake_project, {ours: theirs}):
        run = snowflake_project.again(command=("compile", "--select", model))
    assert run.success, run.output
    [changed] = [result.node.compiled_code for result in run.result.results]
    queries = [(name, changed if name == model else sql, is_table) for name, sql, is_table in compiled[1]]
    assert f"Function not found: {theirs[:-1]}" in faults((compiled[0], queries))[model]


def test_every_statement_that_was_sent_is_snowflakes(compiled, sent):
    """What makes tables, rewrites parts of them, asks for their state and says what they are."""
    statements = [
        sql
        for sql in sent["criteria_utc"].values()
        if not snowflake_analyser.OF_THE_ADAPTER.match(sql) and "information_schema" not in sql
    ]
    assert sum(sql.lower().startswith("delete from") for sql in statements) > 15
    assert faults(compiled, statements) == {}


def test_the_analyser_forgives_nothing(compiled):
    wrong = [
        "select strftime(as_of, '%Y') as x from int_as_of",
        "select timezone('UTC', as_of) as x from int_as_of",
        "select json_extract_string('{}', 'a') as x from int_as_of",
        "select regexp_full_match('a', 'b') as x from int_as_of",
        "select 1 as one where false",
        "select no_such_column from int_as_of",
        "delete from int_as_of where no_such_column is null",
    ]
    assert set(faults(compiled, ["select as_of from int_as_of", *wrong])) == set(wrong)
