"""Every model is described beside its SQL, with exactly the columns that it has."""

from pathlib import Path

import pytest
from harness import MODELS_ONLY, ROOT
from small_worlds import at, event, small_world


@pytest.fixture(scope="module")
def models(project) -> dict:
    """The models of the project by name, as dbt has parsed them."""
    nodes = project.manifest.nodes.values()
    return {node.name: node for node in nodes if node.resource_type == "model"}


def test_every_model_has_a_file_of_its_own_beside_it(models):
    for name, model in models.items():
        path = Path(model.original_file_path)
        assert (ROOT / path.with_suffix(".yml")).exists(), name
        assert model.description and all(column.description for column in model.columns.values()), name


def test_every_mart_has_a_contract_and_states_its_grain(models):
    for name, model in models.items():
        if model.original_file_path.startswith("models/marts/"):
            assert model.contract.enforced, name
            assert model.description.startswith(("One row per ", "One row: ")), name


def test_the_described_columns_are_those_of_the_warehouse(project, models):
    warehouse = project.build(small_world([event(at(3))]), command=MODELS_ONLY)
    found = warehouse.rows("information_schema.columns", "table_name, column_name")
    for name, model in models.items():
        columns = {row["column_name"] for row in found if row["table_name"] == model.alias}
        assert columns == set(model.columns) or not columns, name
