"""The tables as other tools read them: dlt to the stand-in for HubSpot, BI tools through SQLAlchemy."""

import json
import urllib.request

import pytest
from crm_world import FOLDERS, World, declared_fields, on
from fake_crm import FakeCrm

ROWS = 150


@pytest.fixture(scope="module")
def world(project, tmp_path_factory):
    """Accounts that are PQLs, and personal data wherever an input has room for it."""
    world = World(project, tmp_path_factory.mktemp("tools"))
    names = [f"a{number:03d}" for number in range(ROWS)]
    world.account(*names)
    world.logins(10, *names)
    for row in world.tables["events"]:
        row["user_id"] = f"private.{row['account_id']}@person.test"
    world.table("users", {"user_id": "u1", "account_id": "a001", "email": "private@person.test"})
    answer = {"feedback_id": "f1", "pql_account_id": "a001", "disposition": "accepted"}
    private = {"reason_text": "call private@person.test", "actor_id": "private@person.test"}
    world.table("crm_pql_feedback", {**answer, "dispositioned_at": on(10, 11), **private})
    world.build(on(10))
    return world


@pytest.fixture(scope="module")
def fields(project, world):
    return declared_fields(project, world.variables)


def test_dlt_delivers_every_row(world, fields, tmp_path):
    """As a team with dlt would: the wire table in, batches of 100 out; dlt must be told that text is text."""
    dlt = pytest.importorskip("dlt")
    rows = world.dictionaries("select * from crm_hubspot_companies_wire")

    with FakeCrm(fields) as crm:

        @dlt.destination(batch_size=100, naming_convention="direct")
        def hubspot(items, table):
            inputs = [
                {
                    "id": item["pql_account_id"],
                    "idProperty": "pql_account_id",
                    "objectWriteTraceId": item["pql_account_id"],
                    "properties": item,
                }
                for item in items
            ]
            request = urllib.request.Request(
                f"{crm.url}/crm/v3/objects/companies/batch/upsert", json.dumps({"inputs": inputs}).encode()
            )
            with urllib.request.urlopen(request) as answer:
                assert answer.status == 200

        pipeline = dlt.pipeline("pql", destination=hubspot, pipelines_dir=str(tmp_path))
        text = {name: {"data_type": "text"} for name in rows[0]}
        pipeline.run(rows, table_name="companies", columns=text)
        assert sorted(crm.writes) == sorted(row["pql_account_id"] for row in rows)
        assert len(crm.calls) == 2


def test_a_bi_tool_reads_the_mart_through_sqlalchemy(world, tmp_path):
    """Names, types and comments as a BI tool sees them, and the numbers it would chart."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    copy = world.copy(tmp_path / "not_open_in_this_process")
    engine = sqlalchemy.create_engine(f"duckdb:///{copy.path}")
    inspector = sqlalchemy.inspect(engine)
    for name in ("mart_pql_accounts", "mart_pql_weekly", "pql_sales_precision"):
        columns = inspector.get_columns(name)
        assert columns, name
        assert all(str(column["type"]) not in ("JSON", "NULL") for column in columns), name
    comments = (
        "select count(*) from duckdb_columns() where table_name = 'mart_pql_accounts' and comment is null"
    )
    with engine.connect() as connection:
        read = lambda sql: connection.execute(sqlalchemy.text(sql)).fetchall()  # noqa: E731
        assert read(comments) == [(0,)], "every column is described in the database itself"
        assert read("select count(*), sum(case when is_pql then 1 else 0 end) from mart_pql_accounts") == [
            (ROWS, ROWS)
        ]
        assert read("select sum(new_pqls) from mart_pql_weekly") == [(ROWS,)]
    engine.dispose()


def test_nothing_personal_gets_out(world):
    """No e-mail address in any table for sales or BI, nor in dbt's log."""
    for node in world.project.manifest.nodes.values():
        is_for_others = set(FOLDERS) & set(node.tags) and not node.name.startswith(("int_", "stg_"))
        if node.resource_type == "model" and is_for_others:
            assert "person.test" not in str(world.rows(f"select * from {node.name}")), node.name
    for log in (world.project.folder / "logs").glob("*.log*"):
        assert "private@person.test" not in log.read_text(), log
