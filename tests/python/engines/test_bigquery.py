"""The inputs with known answers on an emulated BigQuery, built twice, and every statement before Google's
own analyser (make test-bigquery). The emulator runs and forgives; the analyser does neither.
"""

import json

import pytest
from harness import MODELS_ONLY, Project

from engines.conftest import EngineProject
from engines.test_engines import assert_episodes

pytest.importorskip("zetasql", reason="Google's analyser is not installed: make test-bigquery")
pytest.importorskip("dbt.adapters.bigquery", reason="dbt-bigquery is not installed: make test-bigquery")

# Its answer to these cannot be read by zetasql 0.1.5, whose messages nest a hundred deep at most
TOO_DEEP = {"crm_fields_fit_their_kind"}


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


@pytest.mark.parametrize("name", ["criteria_zones", "criteria_utc"])
def test_fixture(bigquery_project, fixtures, name):
    folder = fixtures / name
    variables = json.loads((folder / "vars.json").read_text())
    warehouse = bigquery_project.build(folder, variables, MODELS_ONLY)
    assert_episodes(warehouse, folder)
    again = bigquery_project.again(variables, MODELS_ONLY)
    assert again.success, again.output
    assert_episodes(warehouse, folder)


@pytest.fixture(scope="module")
def analyser(bigquery_project, fixtures):
    """It takes a minute to load, and knows the tables of the last build."""
    from engines.bigquery_analyser import BigQueryAnalyser

    return BigQueryAnalyser(bigquery_project.engine.columns())


def test_every_statement_is_bigquerys(analyser, bigquery_project, fixtures, tmp_path):
    """Models, tests and analyses, as they are and not as they are put to the emulator."""
    project = Project(tmp_path)
    project.target, project.settings = bigquery_project.target, bigquery_project.settings
    variables = json.loads((fixtures / "criteria_utc" / "vars.json").read_text())
    compiled = project.dbt("compile", variables=variables)
    assert compiled.success, compiled.output
    nodes = [result.node for result in compiled.result.results]
    queries = [node for node in nodes if node.resource_type in ("model", "test", "analysis")]
    statements = {node.name: node.compiled_code for node in queries if node.name not in TOO_DEEP}
    assert len(statements) > 150
    faults = {name: analyser.fault(sql) for name, sql in statements.items()}
    assert {name: fault for name, fault in faults.items() if fault} == {}


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
    ],
)
def test_the_analyser_forgives_nothing(analyser, sql):
    assert analyser.fault("select as_of from int_as_of") is None
    assert analyser.fault(sql)
