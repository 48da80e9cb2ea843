"""verify finds what drifted; forget leaves nothing of somebody, also after a full refresh."""

import json
import re
from types import SimpleNamespace

import duckdb
import forget
import pytest
import verify
from harness import MODELS_ONLY, environment
from small_worlds import at, event, small_world

pytestmark = pytest.mark.long

WORLD = small_world(
    [
        event(at(3, 9), user_id="ann", anonymous_id="ann's phone"),
        event(at(4, 9), user_id="bob", anonymous_id="the office"),
        event(at(5, 9), anonymous_id="ann's phone"),
        event(at(6, 9), account_id="bolt", user_id="cas"),
        event(at(7, 9), account_id="bolt", user_id="cas", anonymous_id="the office"),
    ],
    users=[{"user_id": name, "account_id": "acme"} for name in ("ann", "bob")] + [{"user_id": "ann"}],
    memberships=[{"user_id": "ann", "account_id": "acme", "joined_at": at(5), "left_at": at(4)}],
    account_changes=[{"account_id": "bolt", "attribute": "plan", "value": "pro"}],
)
WORLD.accounts.append({"account_id": "bolt", "signed_up_at": at(1)})


@pytest.fixture
def built(project, tmp_path):
    """A warehouse on files of its own, with what a script needs to find it."""
    from reference.worlds import write_world

    data = tmp_path / "data"
    data.mkdir()
    variables = write_world(WORLD, data, data)
    warehouse = project.run_in(tmp_path, data, variables, MODELS_ONLY)
    assert warehouse.run.success, warehouse.run.output
    place = ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder)]
    with environment(PQL_DUCKDB_PATH=warehouse.path, PQL_DATA_DIR=data):
        yield warehouse, [*place, "--vars", json.dumps(variables)]


def test_verify_passes_what_is_equal_and_shows_what_drifted(built, capsys):
    warehouse, options = built
    assert verify.main([*options, "--format", "json"]) == 0
    assert all(table["equal"] for table in json.loads(capsys.readouterr().out))
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("delete from fct_criterion_episodes where account_id = 'bolt'")
    assert verify.main([*options, "--format", "json"]) == 1
    drifted = {table["table"]: table for table in json.loads(capsys.readouterr().out) if not table["equal"]}
    assert [row["account_id"] for row in drifted["fct_criterion_episodes"]["examples"]] == ["bolt"]
    with duckdb.connect(str(warehouse.path)) as connection:
        schemas = connection.execute("select schema_name from information_schema.schemata").fetchall()
    assert not [name for (name,) in schemas if name.endswith("_pql_verify")]


def test_who_is_forgotten_is_in_no_table_and_stays_out(built, project, tmp_path):
    warehouse, options = built
    unread = str(warehouse.values("stg_inputs_rejected", "row_key"))
    assert "user_id=ann" in unread and "account_id=bolt" in unread
    assert forget.main([*options, "--user", "ann", "--account", "bolt"]) == 0
    left = {(row["user_id"], row["anonymous_id"]) for row in warehouse.rows("stg_product__events")}
    assert left == {("bob", "the office")}
    assert {row["account_id"] for row in warehouse.rows("pql_accounts")} == {"acme"}
    assert "ann" not in (tmp_path / "data" / "forgotten.csv").read_text()
    tables = [row["table_name"] for row in warehouse.rows("information_schema.tables", "table_name")]
    holding = {table for table in tables if re.search(r"\b(ann|bolt)\b", str(warehouse.rows(f'"{table}"')))}
    assert not holding, "nor in what is kept of rows that could not be read"
    again = project.run_in(tmp_path, tmp_path / "data", WORLD.variables, (*MODELS_ONLY, "--full-refresh"))
    assert {row["user_id"] for row in again.rows("stg_product__events")} == {"bob"}


@pytest.mark.parametrize("named", [[], ["--user", ""], ["--account", "acme", "--user", " "]])
def test_nobody_named_is_an_error(capsys, named):
    assert forget.main(named) == 2
    assert "--user" in capsys.readouterr().err


@pytest.mark.parametrize(
    "written", ["", "kind,id_hash,forgotten_at\nuser,a1,2026-01-01", "kind,id_hash\nuser,a1\n"]
)
def test_the_list_may_be_edited_by_hand(tmp_path, written):
    listed = tmp_path / "forgotten.csv"
    listed.write_text(written)
    forget.note_in_file(listed, [("user", "a1", "2026-02-02"), ("account", "b2", "2026-02-02")])
    rows = [line.split(",")[:2] for line in listed.read_text().splitlines()]
    assert rows[0] == ["kind", "id_hash"] and sorted(rows[1:]) == [["account", "b2"], ["user", "a1"]]


def test_a_seed_is_named_with_the_file_to_edit(project):
    warehouse = SimpleNamespace(project_dir=project.folder)
    assert str(project.folder / "seeds" / "conversions.csv") in forget.remedy(warehouse, "conversions")
    assert forget.remedy(warehouse, "dim_accounts") == ""
