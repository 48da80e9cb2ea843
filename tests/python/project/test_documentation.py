"""Every model is described beside its SQL, with exactly its columns; every message has its remedy."""

import re
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
        is_of_sales = {"sales", "crm", "bi"} & set(model.tags)
        if not is_of_sales and not name.startswith(("base_", "stg_", "int_", "manifest_")):
            assert model.contract.enforced, name
            assert model.description.startswith(("One row per ", "One row: ")), name


def test_every_table_that_others_read_says_its_key_and_a_test_stands_for_it(models):
    """dbt itself works out the key from the tests, which is where catalogues and reverse ETL look."""
    for name, model in models.items():
        if model.group not in ("pql_inputs", "pql_engine") and not name.startswith(("int_", "stg_")):
            declared = model.config.meta.get("primary_key", [])
            assert model.primary_key == sorted(declared), name
            assert declared, name


def test_the_described_columns_are_those_of_the_warehouse(project, models):
    warehouse = project.build(small_world([event(at(3))]), command=MODELS_ONLY)
    found = warehouse.rows("information_schema.columns", "table_name, column_name")
    for name, model in models.items():
        columns = {row["column_name"] for row in found if row["table_name"] == model.alias}
        assert columns == set(model.columns) or not columns, name


REASONS = {  # where the reasons of rows that are not used are given
    "macros/inputs/rejection_reason.sql": r"'(\w+)': '",
    "macros/inputs/verdicts.sql": r"else '(\w+)'",
    "macros/inputs/reading/input_rows.sql": r"(?m)then '(\w+)'$",
    "models/1_inputs/base_inputs.sql": r"then '(\w+)' end\) as reason",
    "models/7_sales/crm/crm_reconciliation.sql": r"(?:then|else) '(\w+)'(?=.*\bas reason\b)",
    "models/7_sales/crm/int_crm_unlinked_records.sql": r"(?:then|else) '(\w+)'",
    **dict.fromkeys(
        (str(path.relative_to(ROOT)) for path in (ROOT / "macros" / "inputs" / "conversions").glob("*.sql")),
        r"adapter_fault.*then '(\w+)'",
    ),
}


def test_every_warning_and_every_reason_stands_in_the_docs_with_what_to_do():
    page = (ROOT / "docs" / "messages.md").read_text()
    warnings = {path.stem for path in (ROOT / "tests" / "sql" / "your_data").glob("*.sql")}
    reasons = {
        reason
        for path, pattern in REASONS.items()
        for reason in re.findall(pattern, (ROOT / path).read_text())
    }
    assert {"conflicting_duplicate", "several_accounts", "closes_a_cycle", "several_records"} <= reasons
    assert sorted(name for name in warnings | reasons if f"`{name}`" not in page) == []
