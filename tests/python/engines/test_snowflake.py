"""The inputs with known answers on an emulated Snowflake, built twice (make test-snowflake)."""

import json

import pytest
from harness import CORE_MODELS

from engines.conftest import EngineProject
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
def test_fixture(snowflake_project, fixtures, name):
    folder = fixtures / name
    variables = json.loads((folder / "vars.json").read_text())
    warehouse = snowflake_project.build(folder, variables, CORE_MODELS)
    assert_episodes(warehouse, folder)
    again = snowflake_project.again(variables, CORE_MODELS)
    assert again.success, again.output
    assert_episodes(warehouse, folder)
