"""From events to a CRM and back: build a small world, sync it to a stand-in, change the world, sync again."""

import json

import duckdb
import pytest
import sync_crm
from fake_crm import FakeCrm
from harness import Project, environment

CRITERIA = [
    {
        "name": "logins",
        "type": "event_count",
        "window": {"last_days": 3},
        "at_least": 2,
        "description": "Ask how the team logs in",
    },
    {"name": "points", "type": "score", "points": {"logins": 40}, "at_least": 1},
]
DEFINITION = {
    "name": "pql",
    "qualifies_when": "logins",
    "tiers": [{"name": "hot", "when": "logins"}],
    "score": "points",
}


BUILD = ("build", "--select", "+path:models/crm", "path:tests/crm", "--indirect-selection", "empty")


class World:
    """A warehouse of its own, and the data it is built from."""

    def __init__(self, project: Project, folder, capsys):
        self.project, self.home, self.data, self.capsys = project, folder, folder / "data", capsys
        self.data.mkdir()
        nobody = {
            "event_id": "tick",
            "occurred_at": "2026-03-01",
            "event_name": "tick",
            "account_id": "nobody",
        }
        self.tables: dict[str, list[dict]] = {"events": [nobody], "accounts": []}
        self.variables = {"pql_criteria": CRITERIA, "pql_definitions": [DEFINITION]}
        self.path = folder / "pql.duckdb"

    def account(self, name: str, **columns) -> None:
        row = {
            "account_id": name,
            "signed_up_at": "2026-03-01",
            "account_name": name.title(),
            "domain": f"{name}.test",
        }
        self.tables["accounts"].append(row | columns)

    def logins(self, account: str, *moments: str) -> None:
        for moment in moments:
            number = len(self.tables["events"])
            row = {
                "event_id": f"e{number}",
                "occurred_at": moment,
                "event_name": "login",
                "account_id": account,
            }
            self.tables["events"].append(row | {"user_id": f"user-of-{account}"})

    def table(self, name: str, *rows: dict) -> None:
        self.tables.setdefault(name, []).extend(rows)

    def attempt(self, as_of: str, *options: str, **variables):
        """Build as of a moment: dbt's run, which may have failed."""
        for name, rows in self.tables.items():
            (self.data / f"{name}.json").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
        given = self.variables | {"pql_as_of": as_of} | variables
        return self.project.run_in(self.home, self.data, given, (*BUILD, *options)).run

    def build(self, as_of: str, *options: str, **variables) -> None:
        run = self.attempt(as_of, *options, **variables)
        assert run.success, run.output

    def rows(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def command(self, name: str, *options: str) -> list[str]:
        """The arguments of sync_crm.py."""
        folder = str(self.project.folder)
        quick = ["--pause", "0.01", "--poll", "0.01", "--vars", json.dumps(self.variables)]
        return [name, "--project-dir", folder, "--profiles-dir", folder, *quick, *options]

    def environment(self, crm: FakeCrm) -> dict[str, str]:
        return {
            "PQL_DUCKDB_PATH": self.path,
            "PQL_DATA_DIR": self.data,
            "HUBSPOT_ACCESS_TOKEN": "secret-token",
            "HUBSPOT_API_URL": crm.url,
            "SALESFORCE_INSTANCE_URL": crm.url,
            "SALESFORCE_ACCESS_TOKEN": "secret-token",
        }

    def sync(self, crm: FakeCrm, name: str = "hubspot", *options: str) -> int:
        self.capsys.readouterr()
        with environment(**self.environment(crm)):
            code = sync_crm.main(self.command(name, *options))
        self.said = "".join(self.capsys.readouterr())
        assert "secret-token" not in self.said
        assert "Traceback" not in self.said, self.said
        return code


@pytest.fixture(scope="module")
def fields(project):
    given = {"pql_criteria": CRITERIA, "pql_definitions": [DEFINITION]}
    run = project.dbt("run-operation", "print_crm_fields", variables=given, manifest=project.manifest)
    [printed] = [line for line in run.output.splitlines() if line.startswith('{"fields"')]
    return json.loads(printed)["fields"]


@pytest.fixture
def world(project, tmp_path, capsys):
    return World(project, tmp_path, capsys)


def qualify(world: World, *accounts: str, day: int = 10, **columns) -> None:
    for account in accounts:
        world.account(account, **columns)
        world.logins(account, f"2026-03-{day} 09:00:00", f"2026-03-{day} 10:00:00")


def link(world: World, system: str, *accounts: str) -> None:
    world.table(
        "crm_records",
        *[
            {"crm_system": system, "crm_record_id": f"id-{name}", "domain": f"{name}.test"}
            for name in accounts
        ],
    )


def log(world: World) -> list[tuple]:
    return world.rows(
        "select pql_account_id, event_type, silent_because from fct_pql_events order by 1, event_seq"
    )


def test_a_life_in_the_crm(world, fields):
    """Qualify, sync, rebuild, lapse, come back, hear from sales: what is told, sent and left alone."""
    qualify(world, "acme")
    world.account("beta")
    link(world, "hubspot", "acme", "beta")
    world.build("2026-03-10 12:00:00")
    assert log(world) == [("acme", "qualified", "backfill")], "a first build announces nothing"

    with FakeCrm(fields) as crm:
        crm.add("id-acme", name="Acme", hubspot_owner_id="42", lifecyclestage="opportunity")
        assert world.sync(crm) == 0
        company = crm.records["id-acme"]
        assert (company["pql_is_pql"], company["pql_tier"], company["pql_event_id"]) == ("true", "hot", "")
        assert company["pql_talking_point"] == "Ask how the team logs in"

        assert world.sync(crm) == 0
        assert crm.writes == ["acme"], "a second sync sends nothing"

        before = world.rows("select pql_account_id, row_hash, row_changed_at from crm_pql_accounts")
        world.build("2026-03-10 12:00:00", "--full-refresh")
        assert world.rows("select pql_account_id, row_hash, row_changed_at from crm_pql_accounts") == before
        assert world.rows("select count(*) from crm_hubspot_companies_delta") == [(0,)]
        world.build("2026-03-11 12:00:00")
        assert world.rows("select pql_account_id, row_hash, row_changed_at from crm_pql_accounts") == before
        world.build("2026-03-15 12:00:00")
        assert log(world)[1:] == [("acme", "lapsed", "not_a_start")]

        world.logins("acme", "2026-03-16 09:00:00", "2026-03-16 10:00:00")
        world.logins("beta", "2026-03-13 09:00:00", "2026-03-15 10:00:00")
        world.build("2026-03-16 12:00:00")
        assert log(world)[2:] == [("acme", "requalified", ""), ("beta", "qualified", "")]
        assert world.rows(
            "select pql_account_id, is_late_arriving from fct_pql_events where is_notifiable order by 1"
        ) == [
            ("acme", False),
            ("beta", True),
        ], "an event that came late still makes its account known"
        assert world.rows("select max(row_changed_at) > min(row_changed_at) from crm_row_changes") == [
            (True,)
        ]

        crm.add("id-beta", name="Beta", hubspot_owner_id="7", lifecyclestage="lead")
        crm.plan = [429, 503]
        assert world.sync(crm) == 0
        assert sorted(crm.writes) == ["acme", "acme", "beta"]
        assert len(company["pql_event_id"]) == 32
        assert {key: company[key] for key in ("name", "hubspot_owner_id", "lifecyclestage")} == {
            "name": "Acme",
            "hubspot_owner_id": "42",
            "lifecyclestage": "opportunity",
        }


def test_sales_answers(world):
    """An answer of sales keeps an account from being announced again, for as many days as configured."""
    world.account("acme")
    world.build("2026-03-09")
    world.logins("acme", "2026-03-10 09:00:00", "2026-03-10 10:00:00")
    world.build("2026-03-10 12:00:00")
    world.table(
        "crm_pql_feedback",
        {
            "feedback_id": "f1",
            "pql_account_id": "acme",
            "disposition": "rejected",
            "reason_code": "because",
            "first_touch_at": "2026-03-11 09:00:00",
            "dispositioned_at": "2026-03-11 10:00:00",
        },
    )
    for day in (16, 21):
        world.logins("acme", f"2026-03-{day} 09:00:00", f"2026-03-{day} 10:00:00")
        world.build(f"2026-03-{day} 12:00:00", pql_feedback_cool_down_days=10)
    assert [(event, silent) for _, event, silent in log(world)] == [
        ("qualified", ""),
        ("lapsed", "not_a_start"),
        ("requalified", "sales_feedback"),
        ("lapsed", "not_a_start"),
        ("requalified", ""),
    ]
    outcomes = "select disposition, disposition_reason, minutes_to_first_touch, is_contacted_in_time"
    assert world.rows(f"{outcomes} from fct_pql_sales_outcomes order by detected_at") == [
        ("rejected", "other", 1260, True),
        ("none", "", None, None),
    ]
    counts = (
        "select announced, answered, accepted, rejected from pql_sales_precision where kind = 'definition'"
    )
    assert world.rows(counts) == [(2, 1, 0, 1)]


def test_history_rewritten_by_late_data_is_corrected_not_rewritten(world):
    world.account("acme")
    world.build("2026-03-09")
    world.logins("acme", "2026-03-10 09:00:00", "2026-03-10 10:00:00")
    world.build("2026-03-10 12:00:00")
    published = world.rows("select * from fct_pql_events")
    world.tables["events"] = [{**world.tables["events"][-1], "event_id": "other"}]
    world.build("2026-03-10 12:00:00")
    assert [event for _, event, _ in log(world)] == ["qualified", "withdrawn"]
    world.logins("acme", "2026-03-10 10:00:00")
    world.build("2026-03-10 12:00:00")
    assert log(world)[2:] == [("acme", "reinstated", "already_told")]
    assert world.rows("select * from fct_pql_events where event_seq = 1") == published
    world.build("2026-03-10 12:00:00", pql_definitions=[DEFINITION | {"qualifies_when": "points"}])
    assert len(log(world)) == 3, "a changed rule announces nothing that was known"
    world.build("2026-03-09 12:00:00")
    assert len(log(world)) == 3, "an earlier as-of adds nothing"


def test_an_account_that_disappears_stays_in_the_tables(world):
    qualify(world, "acme", "beta")
    world.build("2026-03-10 12:00:00")
    del world.tables["accounts"][0]
    world.build("2026-03-10 13:00:00")
    rows = "select pql_account_id, is_pql, pql_status from crm_pql_accounts order by 1"
    assert world.rows(rows) == [("acme", False, "closed"), ("beta", True, "active")]


def test_hold_out_cool_down_and_odd_text(world, fields):
    """Held-out accounts are never announced, a cool-down holds, and nothing that breaks a tool gets out."""
    world.variables["pql_definitions"] = [DEFINITION | {"cool_down_days": 6}]
    names = [f"a{number}" for number in range(20)]
    for name in names:
        world.account(name, account_name="=cmd|'x'\n\"y\"", plan="+pro\t'plan'")
    qualify(world, "odd", account_name='@"\\', plan="-" * 400)
    world.build("2026-03-09", pql_holdout_share=0.5)
    for day in (10, 14, 18):
        for name in names:
            world.logins(name, f"2026-03-{day} 09:00:00", f"2026-03-{day} 10:00:00")
        world.build(f"2026-03-{day} 12:00:00", pql_holdout_share=0.5)
    told = "select detected_at::date::text, silent_because, count(*) from fct_pql_events where is_start"
    counts = {row[:2]: row[2] for row in world.rows(f"{told} and pql_account_id <> 'odd' group by 1, 2")}
    assert counts["2026-03-10", ""] + counts["2026-03-10", "holdout"] == 20
    assert 3 <= counts["2026-03-10", "holdout"] <= 17
    assert counts["2026-03-14", "cool_down"] == 20
    assert counts["2026-03-18", "holdout"] == counts["2026-03-10", "holdout"]
    statuses = dict(world.rows("select pql_status, count(*) from crm_pql_accounts where is_pql group by 1"))
    assert set(statuses) == {"active"}
    assert world.rows("select plan_name from crm_pql_accounts where pql_account_id = 'a1'") == [
        ("pro ’plan’",)
    ]


@pytest.mark.parametrize("system", ["hubspot", "salesforce"])
def test_a_failure_in_the_middle(world, fields, system):
    """101 rows, one that the CRM refuses, an outage: every row arrives, and is written exactly once."""
    names = [f"a{number:03d}" for number in range(101)]
    qualify(world, *names)
    link(world, system, *names)
    world.build("2026-03-10 12:00:00")
    with FakeCrm(fields) as crm:
        for name in names:
            crm.add(f"id-{name}", OwnerId="42", Name=name)
        crm.failing = {"a007"}
        crm.plan = [500] * 9 if system == "salesforce" else [200, *[500] * 9]
        assert world.sync(crm, system) == 2
        assert "gave up" in world.said or "cannot be reached" in world.said
        delivered = len(crm.writes)
        crm.plan = []
        assert world.sync(crm, system) == 1
        assert "CONFLICT" in world.said or "UNABLE_TO_LOCK_ROW" in world.said
        crm.failing = set()
        assert world.sync(crm, system) == 0
        assert sorted(crm.writes) == names
        assert delivered == (99 if system == "hubspot" else 0)
        assert world.sync(crm, system) == 0
        assert len(crm.writes) == 101
        assert len(crm.records) == 101, "no record was made"
        assert all(record["OwnerId"] == "42" for record in crm.records.values())
        issues = world.rows("select status, count(*) from crm_sync_results group by 1 order by 1")
        assert dict(issues)["delivered"] == 101
    world.build("2026-03-15")
    assert world.rows("select count(*) from crm_reconciliation") == [(0,)]
    assert world.sync(crm, system, "--dry-run") == 0
    assert world.said.count("\n") == 102 and '"pql_is_pql' in world.said


def test_a_row_that_a_whole_batch_is_refused_for(world, fields):
    """HubSpot refuses a batch for one bad value; the other rows of it arrive all the same."""
    names = [f"a{number:02d}" for number in range(20)]
    qualify(world, *names)
    link(world, "hubspot", *names)
    world.build("2026-03-10 12:00:00")
    with duckdb.connect(str(world.path)) as connection:
        connection.execute("update crm_hubspot_companies set pql_tier = 'tepid' where pql_account_id = 'a05'")
    with FakeCrm(fields) as crm:
        for name in names:
            crm.add(f"id-{name}")
        assert world.sync(crm) == 1
        assert sorted(crm.writes) == [name for name in names if name != "a05"]
        del crm.hubspot["pql_is_pql"]
        assert world.sync(crm) == 2
        assert "pql_is_pql" in world.said and "crm_fields.py" in world.said


def test_records_are_made_only_when_asked_for(world, fields):
    """2,500 accounts without a record: nothing is sent, then everything, as new records."""
    names = [f"a{number:04d}" for number in range(2500)]
    qualify(world, *names)
    world.build("2026-03-10 12:00:00")
    with FakeCrm(fields) as crm:
        assert world.sync(crm) == 0
        assert crm.writes == []
        world.build("2026-03-10 12:00:00", pql_crm_create_records=True)
        assert world.sync(crm, "hubspot", "--limit", "150") == 0
        assert crm.calls == [100, 50]
        assert world.sync(crm) == 0
        assert sorted(crm.writes) == names
        assert len(crm.records) == 2500


def test_credentials_are_asked_for(world, monkeypatch, capsys):
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN", raising=False)
    assert sync_crm.main(["hubspot"]) == 2
    assert "HUBSPOT_ACCESS_TOKEN is not set" in capsys.readouterr().err
