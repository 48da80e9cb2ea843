"""A published number is the same wherever it stands: demo, report, weekly mart, metrics, Lightdash."""

from datetime import date
from types import SimpleNamespace

import demo
import pytest
from harness import Project
from pql_tools.report.sections.headlines import _new_card
from reference.world import World
from small_worlds import at, event

CRITERIA = [{"name": "twice_a_day", "type": "event_count", "window": {"last_days": 1}, "at_least": 2}]
TIERS = [{"name": "hot", "when": "twice_a_day"}]
EMPLOYEES = {"name": "employees", "type": "number"}
TRIAL = {"name": "trial_ends_at", "type": "date"}
# the last whole week before Thursday the 19th begins on Monday the 9th
LAST_WEEK = date(2026, 3, 9)
LEADS = {
    "new": [10],
    "new_and_again": [9, 15],
    "returned": [4, 11],
    "too_new": [17],
    "old": [3],
    "twice_old": [3, 6],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A world in which each account is a PQL on the given days of March 2026."""
    project = Project(tmp_path_factory.mktemp("numbers"))
    events = [
        event(at(day, hour), account_id=account) | {"event_id": f"{account} {day} {hour}"}
        for account, days in LEADS.items()
        for day in days
        for hour in (9, 10)
    ]
    accounts = [
        {"account_id": account, "signed_up_at": at(2), "plan": "free"}
        | {"industry": "toys", "employees": 12, "trial_ends_at": at(25)}
        for account in LEADS
    ]
    variables = {
        "pql_as_of": str(at(19, 12)),
        "pql_criteria": CRITERIA,
        "pql_definitions": [{"name": "pql", "qualifies_when": "twice_a_day", "tiers": TIERS}],
        "pql_mart_attributes": ["industry", EMPLOYEES, TRIAL],
    }
    conversions = [{"account_id": "old", "converted_at": at(5), "plan": "pro", "amount": 9}]
    changes = [
        {"account_id": "old", "attribute": "plan", "value": "free", "changed_at": at(2)},
        {"account_id": "old", "attribute": "plan", "value": "pro", "changed_at": at(5)},
    ]
    world = World(events, accounts, account_changes=changes, conversions=conversions, variables=variables)
    # columns that a variable names take a contract away, which dbt decides as it parses
    run = project.dbt("parse", variables=variables)
    run.result.disabled.clear()
    run.result.selectors.clear()
    project.manifest = run.result
    command = ("build", "--exclude", "test_type:unit", "tag:logic")
    return project, project.build(world, command=command)


def test_new_pqls_are_one_number(built):
    project, warehouse = built
    in_week = f"where week_starting_on = date '{LAST_WEEK}'"
    assert warehouse.row(f"mart_pql_weekly {in_week}", "sum(new_pqls) as n")["n"] == 2
    assert warehouse.row(f"mart_pql_weekly {in_week}", "sum(returned_pqls) as n")["n"] == 2

    by_metric = "sum(case when is_ever_pql then 1 else 0 end) as n"
    days = f"where first_qualified_on between date '{LAST_WEEK}' and date '{LAST_WEEK}' + 6"
    assert warehouse.row(f"mart_pql_accounts {days}", by_metric)["n"] == 2
    metric = project.manifest.metrics["metric.pql_warehouse.new_pqls"]
    assert metric.type_params.expr == "case when is_ever_pql then 1 else 0 end"

    columns = project.manifest.nodes["model.pql_warehouse.mart_pql_weekly"].columns
    labels = {
        measure["label"]: (name, measure["type"])
        for name, column in columns.items()
        for measure in column.config.meta.get("metrics", {}).values()
    }
    assert labels["New PQLs"] == ("new_pqls", "sum")

    rows = SimpleNamespace(rows=lambda sql: warehouse.rows(f"({plain(sql)})"))
    assert demo.new_last_week(rows) == 2

    weekly = warehouse.rows("mart_pql_weekly", "week_starting_on as week, new_pqls, returned_pqls")
    facts = {"build": warehouse.rows("pql_build"), "weekly": weekly}
    card = _new_card(facts)
    assert (card.value, card.detail.split(".")[1].strip()) == ("2", "2 more had been one before")


def test_the_scorecard_counts_what_others_count(built):
    _, warehouse = built

    def of_all_weeks(team: str) -> int:
        return warehouse.row(f"mart_team_scorecard where team = '{team}'", "sum(quantity) as n")["n"]

    assert of_all_weeks("marketing") == len(LEADS)
    assert of_all_weeks("product") == warehouse.row("mart_pql_weekly", "sum(new_pqls) as n")["n"]
    assert of_all_weeks("sales") == warehouse.row("mart_pql_weekly", "sum(announced_pqls) as n")["n"]
    assert of_all_weeks("success") == warehouse.row("mart_pql_accounts", "count(converted_at) as n")["n"]


def plain(sql: str) -> str:
    """A script's SQL with the names of tables for references."""
    return sql.replace("{{ ref('", "").replace("') }}", "")


def test_no_rate_can_be_split_by_what_holds_only_now(built):
    project, warehouse = built
    row = warehouse.row("mart_pql_accounts where account_id = 'old'")
    assert (row["first_plan"], row["current_plan"]) == ("free", "pro")
    assert (row["first_tier"], row["current_tier"], row["is_pql"]) == ("hot", None, False)
    assert row["reason"] == "at least 2 events in 1 day", "who was a PQL keeps a reason"
    models = project.manifest.semantic_models
    dimensions = {d.name for d in models["semantic_model.pql_warehouse.pql_accounts"].dimensions}
    assert dimensions == {"segment", "first_tier", "first_plan", "first_reason_code"} | {
        "signed_up_on",
        "first_qualified_on",
    }
    of_accounts, of_standings = (
        {entity.name for entity in models[f"semantic_model.pql_warehouse.{name}"].entities}
        for name in ("pql_accounts", "pql_standings")
    )
    assert not of_accounts & of_standings, "or MetricFlow would join one to the other"


def test_chosen_attributes_are_typed_columns(built):
    _, warehouse = built
    row = warehouse.row("mart_pql_accounts where account_id = 'new'")
    assert (row["first_industry"], row["current_industry"]) == ("toys", "toys")
    assert row["current_employees"] + 1 == 13
    card = warehouse.row("crm_pql_accounts where pql_account_id = 'new'")
    chosen = [card[f"current_{name}"] for name in ("industry", "employees", "trial_ends_at")]
    assert chosen == ["toys", 12, date(2026, 3, 25)]
    for table, suffix in (("crm_hubspot_companies", ""), ("crm_salesforce_accounts", "__c")):
        row = warehouse.row(f"{table} where pql_account_id{suffix} = 'new'")
        assert row[f"pql_current_employees{suffix}"] == 12


def test_every_column_of_bi_has_a_label_and_the_first_moment_is_filled(built):
    project, warehouse = built
    for node in project.manifest.nodes.values():
        if node.resource_type == "model" and node.name.startswith("mart_"):
            unlabelled = [
                name
                for name, c in node.columns.items()
                if not c.config.meta.get("dimension", {}).get("label")
            ]
            assert not unlabelled, node.name
            labels = [column.config.meta["dimension"]["label"] for column in node.columns.values()]
            assert len(set(labels)) == len(labels), node.name
    for name in ("mart_pql_accounts", "pql_accounts"):
        types = warehouse.rows(f"(describe {name})", "column_name, column_type")
        first = next(column["column_name"] for column in types if column["column_type"] == "TIMESTAMP")
        assert warehouse.row(name, f"count({first}) as n")["n"] == len(LEADS), f"{name}.{first}"
