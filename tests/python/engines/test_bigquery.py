"""The inputs with known answers on an emulated BigQuery, delivered in two parts, and every statement before
Google's own analyser (make test-bigquery). The emulator runs and forgives; the analyser does neither.
"""

import json
from dataclasses import replace
from types import SimpleNamespace

import notify
import pytest
import verify
from fake_receivers import FakeWebhook
from hard_values import LINES, faults, questions
from harness import CORE_MODELS, MODELS_ONLY, Project, environment
from small_worlds import at

from engines import test_scripts as scripts
from engines.conftest import EngineProject, EngineWarehouse, said_otherwise, with_half_the_events
from engines.test_deliveries import assert_incremental_equals_full
from engines.test_engines import assert_episodes
from engines.test_scripts import WORLD

pytest.importorskip("zetasql", reason="Google's analyser is not installed: make test-bigquery")
pytest.importorskip("dbt.adapters.bigquery", reason="dbt-bigquery is not installed: make test-bigquery")


@pytest.fixture(scope="module")
def engine():
    from engines import bigquery

    if bigquery.missing():
        pytest.skip(bigquery.missing())
    engine = bigquery.Engine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def bigquery_project(engine, tmp_path_factory):
    project = EngineProject(tmp_path_factory.mktemp("project"), engine)
    engine.adapt(project.folder)
    return project


@pytest.fixture(scope="module")
def plain_project(bigquery_project, tmp_path_factory):
    """The project as it is and not as it is put to the emulator."""
    project = Project(tmp_path_factory.mktemp("plain"))
    project.target, project.settings = bigquery_project.target, bigquery_project.settings
    return project


@pytest.fixture(scope="module")
def sent(bigquery_project):
    """Every statement that the tests before have sent, and the tables that there were."""
    with bigquery_project.engine.recorded() as statements:
        yield Sent(statements)


class Sent:
    def __init__(self, statements: dict[str, str]):
        self.statements, self.tables = statements, {}

    def know(self, engine) -> None:
        for table, columns in engine.columns().items():
            self.tables.setdefault(table, {}).update(columns)


def test_incremental_equals_full(bigquery_project, sent, tmp_path):
    assert_incremental_equals_full(bigquery_project, tmp_path / "data")
    sent.know(bigquery_project.engine)


def test_scripts(bigquery_project, sent, tmp_path, capsys):
    """Each reads and writes through the adapter; what they send from this process is analysed as well."""
    # of a seed without rows the emulator loses the columns
    limits = [{"plan": "pro", "limit_name": "seats", "limit_value": 2}]
    world = replace(WORLD, plan_limits=limits)
    bigquery_project.build(world, {"pql_as_of": str(at(5))}, MODELS_ONLY)
    second = bigquery_project.again(WORLD.variables, MODELS_ONLY)
    assert second.success, second.output
    folder = str(bigquery_project.folder)
    options = ["--project-dir", folder, "--profiles-dir", folder, "--target", "bigquery"]
    options += ["--vars", json.dumps(WORLD.variables)]
    place = SimpleNamespace(engine=bigquery_project.engine, project=bigquery_project, options=options)
    with environment(**bigquery_project.settings):
        scripts.test_scripts_that_read(place, tmp_path, capsys)
        scripts.test_preview(place, tmp_path, capsys)
        scripts.test_a_delivery_is_logged(place, capsys)
        with FakeWebhook() as slack, environment(PQL_SLACK_WEBHOOK_URL=slack.url):
            told = [scripts.said(capsys, notify, 0, "slack", "--pause", "0.01", *options) for _ in range(2)]
        assert [text.split()[0] for text in told] == ["1", "0"] and len(slack.messages) == 1
        sent.know(bigquery_project.engine)
        assert "differs" not in scripts.said(capsys, verify, 0, *options)
        scripts.test_who_is_forgotten_is_in_no_table(place, capsys)
    assert [dataset.dataset_id for dataset in place.engine.client.list_datasets()] == [place.engine.schema]
    sent.know(bigquery_project.engine)


@pytest.mark.parametrize("name, command", [("criteria_zones", CORE_MODELS), ("criteria_utc", MODELS_ONLY)])
def test_fixture(bigquery_project, sent, fixtures, tmp_path, name, command):
    """A first build sees half of the events, the second finds the rest as well."""
    folder = fixtures / name
    variables = json.loads((folder / "vars.json").read_text())
    first = with_half_the_events(folder, tmp_path / "first")
    bigquery_project.build(first, variables, command)
    bigquery_project.load(folder)
    second = bigquery_project.again(variables, command)
    assert second.success, second.output
    warehouse = EngineWarehouse(bigquery_project.engine, second)
    assert_episodes(warehouse, folder)
    sent.know(bigquery_project.engine)


@pytest.fixture(scope="module")
def analyser(sent):
    """It takes a minute to load, and knows the tables of the builds before."""
    from engines.bigquery_analyser import BigQueryAnalyser

    values = {"id": "INT64", "asked": "STRING", "a": "STRING", "b": "STRING"}
    return BigQueryAnalyser(sent.tables | {"hard_values": values})


def test_every_statement_is_bigquerys(analyser, plain_project, fixtures):
    """Models, tests and analyses, as they are and not as they are put to the emulator."""
    variables = json.loads((fixtures / "criteria_utc" / "vars.json").read_text())
    compiled = plain_project.dbt("compile", variables=variables)
    assert compiled.success, compiled.output
    nodes = [result.node for result in compiled.result.results]
    queries = [node for node in nodes if node.resource_type in ("model", "test", "analysis")]
    statements = {node.name: node.compiled_code for node in queries}
    assert len(statements) > 150
    faults = {name: analyser.fault(sql) for name, sql in statements.items()}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_a_macro_with_a_function_that_bigquery_lacks_is_found(analyser, plain_project):
    words = {"safe.parse_json(": "json_valid(", "timestamp_sub(": "epoch_us("}
    with said_otherwise(plain_project, words):
        run = plain_project.dbt("compile", "--select", "base_product__events", "int_local_dates")
    assert run.success, run.output
    faults = [analyser.fault(result.node.compiled_code) for result in run.result.results]
    assert len(faults) == 2 and all("Function not found: " in fault for fault in faults), faults


def test_every_statement_that_was_sent_is_bigquerys(analyser, sent):
    """What makes tables, rewrites parts of them, asks for their state and says what they are."""
    statements = sent.statements.values()
    assert sum("begin transaction" in sql for sql in statements) > 15
    faults = {sql: analyser.fault(sql) for sql in statements}
    assert {sql: fault for sql, fault in faults.items() if fault} == {}


def test_hard_values(analyser, plain_project):
    """As Google's own implementation of the functions reckons them."""
    rows = [[number, *line[:3]] for number, line in enumerate(LINES)]
    answers = {}
    for name, question in questions(plain_project).items():
        query = f"select cast(id as string), {question} from hard_values where asked = '{name}'"
        for number, answer in analyser.answers(query, "hard_values", rows):
            answers[int(number)] = answer and answer.removesuffix("+00")
    assert faults(answers, "bigquery") == []


@pytest.mark.parametrize(
    "sql",
    [
        "select strftime(as_of, '%Y') from int_as_of",
        "select timezone('UTC', as_of) from int_as_of",
        "select 1 as one where false",
        "select no_such_column from int_as_of",
        "select 'it''s' as text",
        "select cast(1 as numeric(38, 6)) as number",
        "select as_of > date '2026-01-01' from int_as_of",
        "begin transaction; delete from int_as_of where no_such_column is null; commit transaction;",
    ],
)
def test_the_analyser_forgives_nothing(analyser, sql):
    assert analyser.fault("select as_of from int_as_of") is None
    assert analyser.fault(sql)


@pytest.mark.parametrize("column, is_known", [("as_of", True), ("no_such_column", False)])
def test_nor_what_is_nested_deep(analyser, column, is_known):
    text = "concat(" * 150 + f"cast({column} as string)" + ", 'a')" * 150
    assert (analyser.fault(f"select {text} as text from int_as_of") is None) == is_known
