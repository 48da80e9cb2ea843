"""The report says what SQL by hand says, escapes what customers typed, needs no network, bears emptiness."""

import json
import re
import shutil
import sys
from datetime import datetime
from html import unescape
from pathlib import Path

import duckdb
import pytest
from harness import CORE_MODELS, ROOT, Project, environment
from reference.world import World

sys.path.insert(0, str(ROOT / "scripts"))
import report
from pql_tools.report.sections import speed_to_lead
from pql_tools.report.sections.to_contact import to_contact

SIGNED_UP = datetime(2026, 1, 1, 9)
HOSTILE = "<script>alert('x')</script> & \"Søns\""
CRITERIA = [
    {
        "name": "three_logins",
        "type": "event_count",
        "events": ["login"],
        "window": {"first_days": 7},
        "at_least": 3,
    },
    {
        "name": "two_logins",
        "type": "event_count",
        "events": ["login"],
        "window": {"first_days": 3},
        "at_least": 2,
    },
    {"name": "points", "type": "score", "points": {"three_logins": 20, "two_logins": 10}, "at_least": 10},
]
DEFINITIONS = [
    {
        "name": "lead",
        "qualifies_when": "points",
        "score": "points",
        "tiers": [{"name": "hot", "when": "three_logins"}],
    }
]
VARIABLES = {"pql_as_of": "2026-03-31 09:00:00", "pql_criteria": CRITERIA, "pql_definitions": DEFINITIONS}


def logins(account_id: str, *days: int) -> list[dict]:
    return [
        {
            "event_id": f"{account_id}-{day}-{n}",
            "account_id": account_id,
            "event_name": "login",
            "occurred_at": datetime(2026, 1, day, 10, 0, n),
        }
        for n, day in enumerate(days)
    ]


def small_world() -> World:
    """Twelve accounts of January: a third pays within the horizon, one before it qualifies, one closes."""
    accounts = [
        {
            "account_id": f"a{n:02}",
            "account_name": HOSTILE if n == 1 else None,
            "signed_up_at": SIGNED_UP,
        }
        for n in range(12)
    ]
    accounts[9]["closed_at"] = datetime(2026, 1, 20)
    accounts.append({"account_id": HOSTILE, "signed_up_at": datetime(2026, 3, 30)})
    events = [event for n in range(10) for event in logins(f"a{n:02}", 1, 2, *([3] if n % 2 else []))]
    events += logins("a10", 5)
    for hour in (1, 2):
        occurred_at = datetime(2026, 3, 30, hour)
        events.append(
            {**events[0], "event_id": f"late-{hour}", "account_id": HOSTILE, "occurred_at": occurred_at}
        )
    paid = {"a02": "2026-01-10 00:00:00", "a03": "2026-01-20 00:00:00", "a04": "2026-01-01 12:00:00"}
    conversions = [{"account_id": account_id, "converted_at": moment} for account_id, moment in paid.items()]
    return World(events=events, accounts=accounts, conversions=conversions, variables=VARIABLES)


def written(project: Project, warehouse_file: Path, output: Path, *options: str, variables=VARIABLES) -> int:
    """Run the script as a user would, on a warehouse of the test project."""
    given = ["--project-dir", project.folder, "--profiles-dir", project.folder, "--output", output, *options]
    with environment(PQL_DUCKDB_PATH=warehouse_file, PQL_THREADS="2", PQL_DATA_DIR="no_data"):
        return report.main([*map(str, given), "--vars", json.dumps(variables)])


@pytest.fixture(scope="module")
def small(project):
    return project.build(small_world(), command=CORE_MODELS)


@pytest.fixture(scope="module")
def page(project, small, tmp_path_factory) -> str:
    output = tmp_path_factory.mktemp("page") / "deep" / "report.html"
    assert written(project, small.path, output, "--capacity", "2") == 0
    return output.read_text(encoding="utf-8")


def section(page: str, name: str) -> str:
    """The words of one section, without its drawings."""
    [found] = re.findall(rf'<section id="{name}".*?</section>', page, re.S)
    bare = re.sub(r"<svg.*?</svg>", "", found, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def test_headline_numbers_are_those_of_sql(page, small):
    words = section(page, "headlines")
    [row] = small.rows(
        "fct_criterion_outcomes where criterion_name = 'lead'",
        "count(case when state = 'hit' then 1 end) as hits, count(case when state in ('hit', 'miss', "
        "'miss_late', 'miss_closed') then 1 end) as mature",
    )
    assert row == {"hits": 2, "mature": 9}
    assert "22.2% 2 of 9 that qualified paid within 30 days" in words
    [pqls] = small.rows("pql_accounts where is_pql", "count(*) as n")
    assert f"PQLs now {pqls['n']} of" in words


def test_funnel_counts_each_stage_among_the_one_above(page, small):
    [row] = small.rows(
        "pql_accounts",
        "count(*) as accounts, count(case when times_qualified > 0 then 1 end) as pqls, "
        "count(converted_at) as converted",
    )
    words = section(page, "funnel")
    of_those = f"Of those, ever a PQL {row['pqls'] - 1}; Of those, paid 2."
    assert f"Signed up {row['accounts']}; Activated 10; {of_those}" in words
    assert f"By any path {row['pqls']} were ever a PQL and {row['converted']} paid." in words
    assert "active on two or more local days of its first seven" in words
    assert "Of those, paid 2 15.4% 22.2% 3" in words, "by any path, all that paid count"


def test_precision_stands_with_its_interval_and_denominator(page):
    words = section(page, "precision")
    assert "lead (definition) 30 days 22.2% (2 of 9, few) 6.3% to 54.7%" in words
    assert "three logins 30 days 20.0% (1 of 5, few)" in words
    [(lift, low, high)] = re.findall(r"lead \(definition\).{,80}? ([\d.]+)× \(([\d.]+)–([\d.]+)\)", words)
    assert 0 <= float(low) < float(lift) < float(high), "that of the check: of 9 accounts, some have no hit"


def test_thresholds_count_first_crossings(page):
    words = section(page, "thresholds")
    assert "10 (now) 22.2% (2 of 9, few)" in words
    assert "30 20.0% (1 of 5, few)" in words
    assert "capacity of 2 a week" in words


def test_time_to_convert_treats_closing_as_an_end(page):
    assert "2 of 10 accounts have paid, 1 closed first" in section(page, "waiting")


def test_naive_precision_counts_what_came_before(page):
    assert "lead (definition) 27.3% (3 of 11, few) 22.2% (2 of 9, few) +5.1 points" in section(page, "naive")


def test_what_customers_typed_stays_text(page):
    assert page.count("<script") == 1, "our own"
    assert HOSTILE in section(page, "pqls")


def test_the_page_needs_nothing_else(page):
    assert len(page.encode()) < 2_000_000
    assert not re.findall(r'(?:src|href)\s*=\s*"(?!#)', page), "only links within the page"
    assert not re.findall(r"url\((?!#)|@import|<link|<script .|<iframe", page)
    assert set(re.findall(r'https?://[^"\s]+', page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_each_reader_has_a_page_of_its_own_in_the_one_file(page):
    """Sales comes first; no section stands on both, and print has all."""
    sales, growth = re.findall(
        r'<div class="view" id="(?:sales|growth)".*?(?=<div class="view"|</main>)', page, re.S
    )
    names = [set(re.findall(r'<section id="(\w+)"', part)) for part in (sales, growth)]
    assert names[0] == {"contact", "pqls", "near", "speed"} and not names[0] & names[1]
    assert {"headlines", "funnel", "precision", "thresholds", "quality"} <= names[1]
    for part, own in zip((sales, growth), names, strict=True):
        assert set(re.findall(r'<li><a href="#(\w+)"', part)) == own


def test_search_and_sort_ask_nobody(page):
    [script] = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert not re.findall(r"fetch|XMLHttp|import|innerHTML|eval|document\.write|https?:", script)


def test_sales_sees_whom_it_was_told_of():
    told = {
        "account_id": "a1",
        "account_name": "Ann & Co",
        "reason": "3 invites",
        "tier": "hot",
        "queue": "smb",
    }
    told |= {"contact_by": datetime(2026, 5, 2), "event_type": "requalified", "begin_with": None}
    facts = {"to_contact": [told], "build": [{"as_of": datetime(2026, 5, 3)}]}
    [table] = to_contact(facts).parts
    assert "1 overdue" in table.caption
    [row] = table.rows
    assert row == ["Ann & Co (a1)", "3 invites", "2026-05-02 00:00", "smb", "–", "hot", "overdue, again"]


def test_the_page_can_be_read_without_seeing_it(page):
    assert '<html lang="en">' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    drawings = re.findall(r'<div class="(?:wide|narrow)" role="img" aria-label="([^"]*)"', page)
    assert len(drawings) == page.count("<svg") and all(drawings)
    assert page.count("<figure") == page.count("<details")
    assert {f"#{name}" for name in ids} >= set(re.findall(r'href="(#[^"]+)"', page))


def test_the_same_warehouse_gives_the_same_page(project, small, page, tmp_path):
    assert written(project, small.path, tmp_path / "again.html", "--capacity", "2") == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


@pytest.mark.long
def test_changed_rules_are_named(project, small, tmp_path):
    changed = {**VARIABLES, "pql_definitions": [{**DEFINITIONS[0], "qualifies_when": "two_logins"}]}
    assert written(project, small.path, tmp_path / "changed.html", variables=changed) == 0
    assert (
        "configuration has changed since the warehouse was built" in (tmp_path / "changed.html").read_text()
    )


@pytest.mark.long
@pytest.mark.parametrize("accounts", [0, 1])
def test_a_page_without_leads(project, tmp_path, accounts):
    """Nobody at all, or one account without events."""
    given = [{"account_id": "a1", "signed_up_at": SIGNED_UP}][:accounts]
    world = World(accounts=given, variables=VARIABLES)
    built = project.build(world, command=CORE_MODELS)
    assert written(project, built.path, tmp_path / "empty.html") == 0
    page = (tmp_path / "empty.html").read_text(encoding="utf-8")
    assert "No account is a PQL at this moment." in section(page, "pqls")
    assert "No account has become a PQL yet." in section(page, "weekly")
    assert f"Signed up {accounts}; Activated 0" in section(page, "funnel")
    assert "nan" not in section(page, "headlines").lower().split()


def test_speed_to_lead_counts_first_touches():
    feedback = [
        {"hours": 2.0, "is_contacted_in_time": True, "pqls": 3, "accepted": 2, "rejected": 1},
        {"hours": 30.0, "is_contacted_in_time": False, "pqls": 1, "accepted": 1, "rejected": 0},
        {"hours": None, "is_contacted_in_time": False, "pqls": 1, "accepted": 0, "rejected": 0},
        {"hours": None, "is_contacted_in_time": None, "pqls": 5, "accepted": 0, "rejected": 0},
    ]
    cards = {card.label: (card.value, card.detail) for card in speed_to_lead({"feedback": feedback}).cards}
    assert cards["Touched"] == ("40.0%", "4 of 10 notices")
    assert cards["Median wait"][0] == "2 h"
    assert cards["In time"] == ("60.0%", "3 of 5 notices due")
    assert cards["Accepted"] == ("75.0%", "3 of 4 notices that sales judged")


def test_without_a_warehouse(project, tmp_path, capfd):
    assert written(project, tmp_path / "nowhere" / "pql.duckdb", tmp_path / "report.html") == 2
    said = capfd.readouterr().err
    assert "not built" in said and "dbt build" in said and "Traceback" not in said
    assert not (tmp_path / "report.html").exists()


@pytest.mark.long
def test_a_warehouse_that_is_not_as_it_was_built(project, small, tmp_path, capfd):
    """Renamed, its views name another file; by another version, it lacks a column: both say what to do."""
    with duckdb.connect(str(small.path)) as connection:
        connection.execute("checkpoint")
    renamed = shutil.copy(small.path, tmp_path / "moved.duckdb")
    assert written(project, renamed, tmp_path / "report.html") == 2
    assert "give it that name again" in capfd.readouterr().err
    older = shutil.copy(small.path, tmp_path / small.path.name)
    with duckdb.connect(str(older)) as connection:
        connection.execute("drop view pql_precision_falls")
    assert written(project, older, tmp_path / "report.html") == 2
    assert "Where another version of the project built it, run `dbt build`" in capfd.readouterr().err


@pytest.mark.parametrize("capacity", ["0", "-3", "many", "nan"])
def test_capacity_must_be_a_number(capacity, capsys):
    with pytest.raises(SystemExit) as ended:
        report.main([f"--capacity={capacity}"])
    assert ended.value.code == 2
    assert "must be a number of PQLs a week above 0" in capsys.readouterr().err
