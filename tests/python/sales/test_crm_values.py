"""What reaches a CRM, held against the declaration of its fields: on what is not known, and what is gone."""

import re
from datetime import date, datetime

import pytest
from crm_world import World, declared_fields, on

OF_THE_INPUTS = ("key_features", "active_users", "usage_as_of", "champion_user_id", "last_active_on")
OF_THE_ACCOUNT = ("account_name", "account_domain", "plan_name", "trial_ends_on", "summary")
ODD_NAMES = {
    "noname": "",
    "emoji": "🦄👩‍👩‍👧" * 100,
    "terminal": '\x1b]0;pwned\x07\x9b31m=\u202eA\'cme\u200b "Inc"\u0085 \\ \ttwo',
    "formula": '=HYPERLINK("https://evil.test")',
    "long": "wörd " * 90,
    "arabic": "می‌خواهم",  # a joiner without width belongs to the word
}


@pytest.fixture(scope="module")
def world(project, tmp_path_factory) -> World:
    """No criterion asks for a limit, and nobody has a plan but two who are gone in the second build."""
    world = World(project, tmp_path_factory.mktemp("values"), pql_app_url="https://app.test/{account_id}")
    for name, spelt in ODD_NAMES.items():
        world.account(name, account_name=spelt)
    world.account("nobody_known")
    world.account("old", signed_up_at="2016-02-28 09:00:00", trial_ends_at="2016-02-29")
    world.account("for_ever", trial_ends_at="9999-12-31")
    world.account("older", signed_up_at="1999-12-31 23:30:00", time_zone="Asia/Tokyo")
    world.account("live", "lapsed", plan="team", trial_ends_at=on(30), account_name="Gone & Co")
    world.logins(3, "lapsed")
    world.logins(10, *ODD_NAMES, "nobody_known", "live", "for_ever")
    for row in world.tables["events"]:
        if row["account_id"] == "nobody_known":
            row["user_id"] = None
    for hour in (9, 10):
        world.event("old", f"2016-02-28 {hour:02d}:30:00")
    world.link("hubspot", "emoji", "formula")
    gone = {"crm_system": "hubspot", "crm_record_id": "id-live", "pql_account_id": "live"}
    unknown = {"crm_system": "hubspot", "crm_record_id": "id-x", "pql_account_id": "never_seen"}
    two_of_one = [gone | {"crm_record_id": f"id-arabic-{n}", "pql_account_id": "arabic"} for n in (1, 2)]
    world.table("crm_records", gone, unknown, *two_of_one)
    world.build(on(10, 11))
    return world


@pytest.fixture(scope="module")
def deliveries(world) -> list[dict[str, dict]]:
    """The rows of two builds; before the second the log is as earlier versions wrote it, and accounts go."""
    read = lambda: {  # noqa: E731
        row["pql_account_id"]: row for row in world.dictionaries("select * from crm_pql_accounts")
    }
    first = read()
    world.rows("update fct_pql_events set plan_limit_pct = -999999999")
    world.tables["accounts"] = [
        row for row in world.tables["accounts"] if row["account_id"] not in ("live", "lapsed")
    ]
    world.build(on(10, 13))
    return [first, read()]


def faults(field: dict, value) -> bool:
    """Whether a value is none that the field may have; written from the kinds, not from the SQL."""
    kind = field["kind"]
    if kind in ("date", "moment"):
        is_kind = value is None or type(value) is (datetime if kind == "moment" else date)
        return not is_kind or (value is not None and not field["least"] <= str(value)[:10] <= field["most"])
    if kind == "number":
        return type(value) is not int or not field["least"] <= value <= field["most"]
    if kind == "flag":
        return type(value) is not bool
    if kind in ("choice", "choices"):
        chosen = [value] if kind == "choice" else [name for name in value.split(";") if name]
        return not set(chosen) <= set(field["options"])
    unseen = re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u200b\ufeff'\"\\\\]|^[=+@ -]", value)
    return len(value) > field.get("length", 255) or (kind != "key" and unseen is not None)


def test_every_field_fits_its_declaration(project, world, deliveries):
    fields = declared_fields(project, world.variables)
    assert {field["name"] for field in fields if field["kind"] == "number" and field["least"] == 0} == {
        "pql_event_seq", "active_users", "plan_limit_pct",
    }  # fmt: skip
    for rows in deliveries:
        assert rows.keys() == {*ODD_NAMES, "nobody_known", "old", "for_ever", "live", "lapsed"}
        found = [
            (account, field["name"], row[field["name"]])
            for account, row in rows.items()
            for field in fields
            if faults(field, row[field["name"]])
        ]
        assert not found


def test_every_field_fits_where_no_criterion_is_about_use_and_there_are_no_tiers_and_no_score(
    project, world, deliveries, tmp_path
):
    """What leads were by the rules of before is retired, not lost."""
    rules = {
        "pql_criteria": [
            {"name": "team", "type": "account_attribute", "attribute": "plan", "in": ["team"]},
            {"name": "no_team", "type": "none_of", "criteria": ["team"]},
        ],
        "pql_definitions": [{"name": "pql", "qualifies_when": "no_team"}],
    }
    copy = world.copy(tmp_path / "bare")
    copy.build(on(10, 14), **rules)
    rows = copy.dictionaries("select * from crm_pql_accounts")
    fields = declared_fields(project, world.variables | rules)
    leads = {*ODD_NAMES, "nobody_known", "old", "older", "for_ever"}
    assert {row["pql_account_id"] for row in rows} == leads | {"live", "lapsed"}
    assert not [
        (row["pql_account_id"], field["name"], row[field["name"]])
        for row in rows
        for field in fields
        if faults(field, row[field["name"]])
    ]
    assert {(row["pql_tier"], row["pql_score"]) for row in rows if row["is_pql"]} == {
        ("none", 0),
        ("retired", 40),
    }


def test_what_is_not_known_is_nothing_and_not_a_number(world, deliveries):
    first, second = deliveries
    assert {row["plan_limit_pct"] for row in [*first.values(), *second.values()]} == {0}
    assert second["nobody_known"]["active_users"] == 0 and second["nobody_known"]["champion_user_id"] == ""
    assert second["for_ever"]["trial_ends_on"] is None, "that date stands for never"
    assert str(second["old"]["trial_ends_on"]) == "2016-02-29"
    assert str(second["old"]["qualified_at"]) == "2016-02-28 10:30:00"
    assert world.rows("select distinct plan_limit_pct from fct_pql_events") == [(0,)], "put right"


def test_the_declared_key_of_every_table_names_each_row_once(project, world):
    built = {row[0] for row in world.rows("select table_name from information_schema.tables")}
    assert {"crm_reconciliation", "fct_pql_events", "mart_pql_weekly", "pql_status_by_day"} <= built
    for node in project.manifest.nodes.values():
        key = node.resource_type == "model" and node.config.meta.get("primary_key")
        if key and node.alias in built:
            unknown = " or ".join(f"{column} is null" for column in key)
            sql = f"select {', '.join(key)} from {node.alias} group by all having count(*) > 1 or {unknown}"
            assert world.rows(sql) == [], node.name


def test_the_dimension_of_dates_has_every_day_of_the_data(world):
    """From the oldest on, and local days and weeks that begin in the year before."""
    days = {row[0] for row in world.rows("select date_day from dim_pql_dates")}
    for column, table in {
        "signed_up_on": "mart_pql_accounts",
        "week_starting_on": "mart_pql_weekly",
        "status_on": "fct_pql_status_daily",
        "local_date": "fct_account_usage_daily",
    }.items():
        assert days.issuperset(row[0] for row in world.rows(f"select {column} from {table}")), column
    history = world.rows(
        "select min(date_day), max(date_day) from pql_status_by_day where account_id = 'older'"
    )
    assert history == [(date(1999, 12, 31), date(2026, 3, 10))]
    assert max(days) == date(2036, 12, 31)


def test_names_reach_a_crm_as_people_read_them(deliveries):
    names = {account: deliveries[1][account]["account_name"] for account in ODD_NAMES}
    assert names["terminal"] == "]0;pwned 31m=A’cme ”Inc” / two"
    assert names["formula"] == "HYPERLINK(”https://evil.test”)"
    assert names["noname"] == "" and names["arabic"] == ODD_NAMES["arabic"]
    assert names["emoji"] == ODD_NAMES["emoji"][:255]


def test_an_account_that_is_deleted_is_so_everywhere_and_keeps_its_card(world, deliveries):
    first, second = deliveries
    for account in ("live", "lapsed"):
        before, after = first[account], second[account]
        assert (after["pql_status"], after["is_pql"]) == ("deleted", False)
        for name in (*OF_THE_INPUTS, *OF_THE_ACCOUNT):
            assert before[name] == after[name] and after[name] not in (None, ""), name
    assert [event for event, _ in world.log("live")] == ["qualified", "deleted"]
    assert [event for event, _ in world.log("lapsed")] == ["qualified", "lapsed"], "it was no lead any more"
    issues = dict(world.rows("select crm_record_id, issue from crm_reconciliation"))
    assert issues["id-live"] == "deleted" and issues["id-x"] == "unknown_here"
    due = world.rows("select pql_account_id from crm_hubspot_companies_delta")
    assert ("live",) in due, "the CRM is told"


def test_a_copy_of_the_records_says_what_the_crm_has(world, deliveries, tmp_path):
    """For tools that report nothing: the row hash as it stands in the CRM; without it every row is due."""
    copy = world.copy(tmp_path / "copied")
    accounts = lambda table: {row[0] for row in copy.rows(f"select pql_account_id from {table}")}  # noqa: E731
    unknown = "crm_reconciliation where issue = 'delivery_unknown'"
    assert accounts("crm_hubspot_companies_delta") == {"emoji", "formula", "live"}
    assert accounts(unknown) == {"emoji", "formula"}
    [has, has_an_older_one] = copy.tables["crm_records"][:2]
    has["pql_row_hash"] = deliveries[1]["emoji"]["row_hash"]
    has_an_older_one["pql_row_hash"] = "older"
    copy.build(on(10, 13))
    assert accounts("crm_hubspot_companies_delta") == {"formula", "live"}
    assert accounts("crm_reconciliation where issue = 'out_of_date'") == {"formula"}
    assert accounts(unknown) == set()
