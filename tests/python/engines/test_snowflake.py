"""The inputs with known answers on an emulated Snowflake, delivered in two parts (make test-snowflake)."""

import json

import pytest
from harness import CORE_MODELS

from engines.conftest import EngineProject, EngineWarehouse, with_half_the_events
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


@pytest.mark.parametrize("name", ["criteria_utc", "criteria_zones"])
def test_fixture(snowflake_project, fixtures, tmp_path, name):
    """A first build sees half of the events, the second finds the rest as well."""
    folder = fixtures / name
    variables = json.loads((folder / "vars.json").read_text())
    first = with_half_the_events(folder, tmp_path / "first")
    snowflake_project.build(first, variables, CORE_MODELS)
    snowflake_project.load(folder)
    second = snowflake_project.again(variables, CORE_MODELS)
    assert second.success, second.output
    assert_episodes(EngineWarehouse(snowflake_project.engine, second), folder)


def test_incremental_equals_full(snowflake_project, tmp_path):
    assert_incremental_equals_full(snowflake_project, tmp_path / "data")
