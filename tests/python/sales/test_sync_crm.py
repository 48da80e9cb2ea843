"""Rows to a CRM that enforces the rules of real ones: exactly once, and nothing but our own fields."""

import json
import os
import signal
import subprocess
import sys
from itertools import chain
from time import sleep

import duckdb
import pytest
import sync_crm
from crm_world import SECRET, VARIABLES, World, declared_fields, on
from fake_crm import FakeCrm
from harness import ROOT

LINKED = [f"a{number:03d}" for number in range(101)]
UNLINKED = [f"b{number:04d}" for number in range(2500)]
SALES = {"name": "Acme", "hubspot_owner_id": "42", "lifecyclestage": "opportunity"}


@pytest.fixture(scope="module")
def fields(project):
    return declared_fields(project, VARIABLES)


@pytest.fixture(scope="module")
def built(project, tmp_path_factory):
    """101 PQLs with a record in either CRM, 2,500 with none, and two records that mean the same account."""
    world = World(project, tmp_path_factory.mktemp("built"))
    world.account(*LINKED, *UNLINKED, "twin")
    world.logins(10, *LINKED, *UNLINKED, "twin")
    for system in ("hubspot", "salesforce", "attio"):
        world.link(system, *LINKED)
        twins = [{"crm_record_id": f"id-twin-{number}", "domain": "twin.test"} for number in (1, 2)]
        world.table("crm_records", *[{"crm_system": system} | record for record in twins])
    world.build(on(10))
    return world


@pytest.fixture
def world(built, tmp_path):
    return built.copy(tmp_path)


@pytest.fixture
def crm(fields):
    with FakeCrm(fields) as crm:
        for name in LINKED:
            crm.add(f"id-{name}", **SALES)
        yield crm


def sales_fields(crm: FakeCrm) -> list[dict]:
    """What the records hold that is not ours."""
    return [
        {name: value for name, value in record.items() if not name.startswith("pql_")}
        for record in crm.records.values()
    ]


def create_records(world: World) -> None:
    """Let accounts without a record have one; only the views depend on it."""
    world.variables = world.variables | {"pql_crm_create_records": True}
    world.build(on(10), select=["crm_hubspot_companies_delta"])


def test_attio_takes_a_record_a_call(world, crm, capsys):
    """Typed values; what fails alone fails alone, and a second run sends that one and nothing else."""
    before = sales_fields(crm)
    crm.failing = {"a007"}
    assert world.sync(crm, "attio") == 1
    assert len(crm.writes) == 100 and "concurrent_write_conflict" in capsys.readouterr().out
    crm.failing, crm.writes = set(), []
    assert world.sync(crm, "attio") == 0 and crm.writes == ["a007"]
    assert sales_fields(crm) == before
    record = crm.records["id-a000"]
    assert record["pql_is_pql"] is True and record["pql_criteria_met"] == ["logins", "points"]
    assert record["pql_score"] == 40 and record["pql_qualified_at"] == "2026-03-10T10:00:00Z"


@pytest.mark.parametrize("system", ["hubspot", "salesforce"])
def test_a_failure_in_the_middle(world, crm, capsys, system):
    """101 rows, one that the CRM refuses, an outage: every row arrives, and is written exactly once."""
    before = sales_fields(crm)
    crm.failing = {"a007"}
    crm.plan = [500] * 9 if system == "salesforce" else [200, *[500] * 9]
    assert world.sync(crm, system) == 2
    said = capsys.readouterr().err
    assert "gave up" in said or "cannot be reached" in said
    assert len(crm.writes) == (99 if system == "hubspot" else 0)

    crm.plan = []
    assert world.sync(crm, system) == 1
    said = capsys.readouterr().out
    assert "CONFLICT" in said or "UNABLE_TO_LOCK_ROW" in said
    world.build(on(10), select=["crm_reconciliation"])
    issues = f"select pql_account_id, issue from crm_reconciliation where crm_system = '{system}'"
    assert dict(world.rows(f"{issues} and issue <> 'no_record'")) == {
        "": "not_linked",  # a record of nobody here
        "a007": "rejected_by_crm",
        "twin": "ambiguous_match",
    }

    crm.failing = set()
    assert world.sync(crm, system) == 0
    assert sorted(crm.writes) == LINKED
    assert world.sync(crm, system) == 0
    assert len(crm.writes) == 101, "a second sync sends nothing"
    assert len(crm.records) == 101, "no record was made"
    assert sales_fields(crm) == before


def test_limits_and_a_bad_connection(world, crm):
    """429 and 503 are tried again after a pause."""
    crm.plan = [429, 503]
    assert world.sync(crm, "hubspot", "--limit", "5") == 0
    assert crm.calls == [5]


@pytest.mark.parametrize("system", ["hubspot", "salesforce", "attio"])
def test_a_dry_run_shows_every_row_and_sends_none(world, crm, capsys, system):
    assert world.sync(crm, system, "--dry-run") == 0
    said = capsys.readouterr()
    rows = [json.loads(line) for line in said.out.splitlines()]
    rows = [row["data"]["values"] if "data" in row else row for row in rows]
    assert len(rows) == 101 and "101 rows would be sent" in said.err
    assert crm.calls == [] and crm.jobs == {}
    sent = {name for row in rows for name in row.get("properties", row)}
    assert all(name.startswith("pql_") for name in sent - {"Id"}), "only our own fields"


def test_a_row_that_a_whole_batch_is_refused_for(world, crm, capsys):
    """HubSpot refuses a batch for one bad value; the other rows of it arrive all the same."""
    world.rows("update crm_hubspot_companies set pql_tier = 'tepid' where pql_account_id = 'a005'")
    assert world.sync(crm) == 1
    assert sorted(crm.writes) == [name for name in LINKED if name != "a005"]
    del crm.hubspot["pql_is_pql"]
    assert world.sync(crm) == 2
    said = capsys.readouterr().err
    assert "pql_is_pql" in said and "crm_fields.py" in said


def test_records_are_made_only_when_asked_for(world, crm):
    """2,500 accounts without a record get one each, and the twin, whose two records are left alone."""
    create_records(world)
    assert world.sync(crm, "hubspot", "--limit", "150") == 0
    assert world.sync(crm) == 0
    assert sorted(crm.writes) == sorted([*LINKED, *UNLINKED, "twin"])
    assert len(crm.records) == 2602
    assert max(crm.calls) == 100


# what a server, or a proxy before it, may say; the exit code, and what the row and the user are told
ODD_ANSWERS = [
    (200, "{{{", 2, "UNREADABLE_ANSWER", "cannot be read"),
    (200, "<html>Please log in</html>", 2, "UNREADABLE_ANSWER", "is HUBSPOT_API_URL right?"),
    (200, "null", 2, "UNREADABLE_ANSWER", "cannot be read"),
    (200, "[]", 2, "UNREADABLE_ANSWER", "cannot be read"),
    (204, "", 2, "UNREADABLE_ANSWER", "(nothing)"),
    (200, '{"results": null}', 1, "NOT_CONFIRMED", "no result came back"),
    (207, '{"results": [7, {"id": [], "properties": 1}], "errors": [{"context": 1, "category": []}]}',
     1, "NOT_CONFIRMED", "no result"),
    (400, '["a"]', 1, "HTTP_400", "3 failed"),
    (400, '{"category": 5, "message": {"a": 1}}', 1, "HTTP_400", "3 failed"),
    (400, '{"category": "\\u001b[2JBAD", "message": "\\u001b]0;x"}', 1, "[2JBAD", "]0;x"),
    (404, "<html>", 2, "HTTP_404", "404"),
]  # fmt: skip


def test_an_answer_that_is_none(world, crm, capsys):
    """Each ends in a sentence, an exit code and a result for every row; nothing is thought delivered."""
    results = "select distinct error_code, status from crm_sync_results"
    for status, body, code, error_code, sentence in ODD_ANSWERS:
        crm.instead = (status, body, "")
        world.rows("delete from crm_sync_results")
        assert world.sync(crm, "hubspot", "--limit", "3") == code, body
        said = "".join(capsys.readouterr())
        assert sentence in said and "\x1b]" not in said and "\x1b[2J" not in said, body
        assert world.rows(results) == [(error_code, "failed")], body
    assert crm.writes == []
    crm.instead = None
    assert world.sync(crm, "hubspot", "--limit", "3") == 0
    assert len(crm.writes) == 3, "the next run sends what failed"


@pytest.mark.parametrize("system", ["hubspot", "salesforce", "attio"])
def test_a_redirect_is_not_followed(world, crm, fields, capsys, system):
    with FakeCrm(fields) as other:
        for status in (302, 307):
            crm.instead = (status, "", f"{other.url}/elsewhere")
            assert world.sync(crm, system, "--limit", "3") == 2
            assert "redirects" in capsys.readouterr().err
        assert other.bodies == []


def test_salesforce_answers_oddly(world, crm, capsys, monkeypatch):
    """No answer of this kind is an account delivered, or a stack trace; a job that never ends is left."""
    for status, body in [
        (200, "{{{"),
        (200, "<html>"),
        (200, "null"),
        (201, "[]"),
        (400, '["a"]'),
        (404, ""),
    ]:
        crm.instead = (status, body, "")
        assert world.sync(crm, "salesforce", "--limit", "3") == 2, body
        assert "Salesforce" in capsys.readouterr().err
    crm.instead, crm.jobs_end = None, False
    monkeypatch.setattr("pql_tools.crm.salesforce.Salesforce.most_seconds_of_a_job", 0.1)
    assert world.sync(crm, "salesforce", "--limit", "3") == 2
    assert "has not finished a job" in capsys.readouterr().err
    codes = "select error_code from crm_sync_results order by attempted_at desc limit 1"
    assert world.rows(codes) == [("JOB_UNFINISHED",)]
    assert crm.writes == []


@pytest.mark.parametrize("system", ["hubspot", "salesforce", "attio"])
def test_a_server_that_never_answers(world, crm, capsys, system):
    crm.stall_after(0)
    assert world.sync(crm, system, "--limit", "3", "--timeout", "1") == 2
    assert "does not answer" in capsys.readouterr().err
    assert world.rows("select distinct error_code from crm_sync_results") == [("NO_ANSWER",)]
    crm.door.set()


def test_the_warehouse_is_free_while_the_crm_is_waited_for(world, crm, capsys, tmp_path):
    """A build may begin meanwhile, and the results wait until it ends; a second sync is refused."""
    world = world.copy(tmp_path / "not_open_in_this_process")
    crm.stall_after(0)
    command = [sys.executable, str(ROOT / "scripts/sync_crm.py"), *world.command("hubspot", "--limit", "5")]
    sync = subprocess.Popen(command, env=os.environ | world.surroundings(crm))
    assert crm.waiting.wait(120)
    assert world.sync(crm) == 2
    assert "is under way" in capsys.readouterr().err
    with duckdb.connect(str(world.path)):
        crm.open_calls = None
        crm.door.set()
        sleep(2)
        assert sync.poll() is None
    assert sync.wait(60) == 0
    assert world.rows("select count(*), count(distinct row_hash) from crm_sync_results") == [(5, 5)]


def test_a_sync_that_is_killed(world, crm, tmp_path):
    """kill -9 while a call is under way: what was confirmed is not sent again, and everything arrives."""
    create_records(world)
    world = world.copy(tmp_path / "not_open_in_this_process")
    crm.stall_after(7)
    command = [sys.executable, str(ROOT / "scripts/sync_crm.py"), *world.command("hubspot")]
    sync = subprocess.Popen(command, env=os.environ | world.surroundings(crm))
    assert crm.waiting.wait(120)
    sync.send_signal(signal.SIGKILL)
    sync.wait()
    crm.door.set()
    crm.open_calls = None
    confirmed = set(chain(*world.rows("select pql_account_id from crm_sync_results")))
    unconfirmed = set(crm.writes) - confirmed
    assert len(confirmed) >= 600 and 1 <= len(unconfirmed) <= 100
    assert world.sync(crm) == 0
    assert set(crm.writes) == {*LINKED, *UNLINKED, "twin"}
    twice = {name for name in crm.writes if crm.writes.count(name) > 1}
    assert twice == unconfirmed, "only the call without an answer was made again, with the same values"
    assert len(crm.records) == 2602, "and it made no second record"


def test_a_step_back_in_the_lifecycle_is_ignored(crm):
    """Why the lifecycle is not ours to write: HubSpot says yes, and does nothing."""
    from hubspot import HubSpot

    item = {"id": "id-a001", "properties": {"lifecyclestage": "lead"}, "objectWriteTraceId": "a001"}
    client = HubSpot(access_token=SECRET, host=crm.url)
    answer = client.crm.companies.batch_api.update({"inputs": [item]})
    assert answer.status == "COMPLETE"
    assert crm.records["id-a001"]["lifecyclestage"] == "opportunity"


def test_nothing_secret_is_said(world, crm, capsys):
    crm.failing, crm.plan = {"a003"}, [401]
    assert world.sync(crm) == 2
    assert world.sync(crm) == 1
    said = "".join(capsys.readouterr())
    assert "refuses the access token" in said
    assert SECRET not in said and "Traceback" not in said
    assert not any(SECRET in path.read_text() for path in (world.project.folder / "logs").glob("*.log"))


def test_credentials_are_asked_for(monkeypatch, capsys):
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN", raising=False)
    assert sync_crm.main(["hubspot"]) == 2
    assert "HUBSPOT_ACCESS_TOKEN is not set" in capsys.readouterr().err
