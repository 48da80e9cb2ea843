"""Files as exports leave them: whatever stands in them is read as it is written, or said."""

import json
from pathlib import Path

import pytest
from harness import CORE_MODELS, Project, Warehouse
from small_worlds import TWICE

VARIABLES = {"pql_criteria": [TWICE], "pql_definitions": [{"name": "pql", "qualifies_when": "twice"}]}
STAGED = (*CORE_MODELS[:3], "--select", "+dim_accounts", "+event_quality")


@pytest.fixture
def folder(tmp_path) -> Path:
    """An account and no events."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "accounts.csv").write_text("account_id,signed_up_at\nacme,2026-03-01\n")
    (data / "events.csv").write_text("event_id,occurred_at,event_name,account_id\n")
    return data


def build(project: Project, folder: Path, **variables) -> Warehouse:
    built = project.run_in(folder.parent / "home", folder, VARIABLES | variables, STAGED)
    assert built.run.success, built.run.output
    return built


def attributes(built: Warehouse) -> dict[str, dict]:
    rows = built.rows("stg_product__accounts", "account_id, attributes")
    return {row["account_id"]: json.loads(row["attributes"]) for row in rows}


def test_the_name_of_a_column_never_runs_as_sql(project, folder):
    secret = folder.parent / "secret.txt"
    secret.write_text("secret")
    injected = f"x\" || (select content from read_text('{secret}')) || \"x"
    names = ['Screen 5"', injected, "it's", "{{ 7 * 7 }}", "--"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in ["account_id", "x", *names])
    (folder / "accounts.csv").write_text(f"{header}\nacme,1,a,b,c,d,e\n")
    expected = {"account_id": "acme", "x": "1"} | dict(zip(names, "abcde", strict=True))
    assert attributes(build(project, folder)) == {"acme": expected}
