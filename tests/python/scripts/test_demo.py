"""What the demo makes of what a build says, and the day that it delivers last."""

import io
from datetime import datetime

import demo
import pytest
from pql_tools.console import SafeConsole, sparkline
from pql_tools.simulator import sales

SAID = """10:09:20  [WARNING]: 2 row(s) of 'conversions' (payments) come to nothing: account_id=a
10:09:47  73 of 186 WARN 1 events_find_their_account ..... [WARN 1 in 0.48s]
10:10:45  [WARNING]: in test rows_name_known_accounts (tests/sql/your_data/rows_name_known_accounts.sql)
10:10:45  [WARNING]: Got 1 result, configured to warn if != 0
"""


def test_what_is_odd_about_the_data_is_told_from_what_dbt_adds():
    assert demo.oddities(SAID) == ["2 row(s) of 'conversions' (payments) come to nothing: account_id=a"]
    assert demo.oddities("") == []


def test_the_last_days_are_delivered_once_in_two_parts_and_only_the_demo_s_own(tmp_path, monkeypatch):
    monkeypatch.delenv("PQL_DATA_DIR", raising=False)
    events = tmp_path / "demo_data" / "events"
    names = [f"2026-06-{22 + day}" for day in range(demo.HELD_BACK)]
    for folder in (events, *(tmp_path / "demo_data" / "events_to_come" / name for name in names)):
        folder.mkdir(parents=True)
        (folder / "part-00000.parquet").write_text(folder.name)
    with monkeypatch.context() as context:
        context.setenv("PQL_DATA_DIR", "exports")
        assert demo.days_to_come(tmp_path) == []
    delivered = []
    while days := demo.days_to_come(tmp_path):
        delivered.append(len(days))
        demo.deliver(days)
    assert delivered == [9, 5]
    assert sorted(file.read_text() for file in events.iterdir()) == [*names, "events"]


def test_sales_of_the_demo_answers_most_of_what_it_is_told_of_in_time_some_late_and_some_not_at_all():
    told = [
        {"pql_event_id": f"e{number}", "pql_account_id": "a", "detected_at": datetime(2026, 6, 25, 23)}
        for number in range(16)
    ]
    given = sales.answers(told[::-1])
    assert given == sales.answers(told) and len(given) == 14
    in_time = [row for row in given if row["first_touch_at"] <= "2026-06-26 23:00:00"]
    assert len(in_time) == 10 and all(row["first_touch_at"] <= row["dispositioned_at"] for row in given)
    assert {row["disposition"] for row in given} == {"accepted", "working", "rejected"}


@pytest.mark.parametrize("width", [80, 120])
def test_a_lead_takes_one_line_on_any_terminal(width, monkeypatch):
    """What does not fit is cut, wide signs and text that would steer the terminal included."""
    monkeypatch.setenv("COLUMNS", str(width))
    names = ["Ann & Co", "東京の会社 with a name that does not end", "\x1b[2J[bold]", None]
    rows = [[name, "hot", "120", "▁▂█", "3 colleagues invited in a week, " * 6] for name in names]
    shown = io.StringIO()
    console = SafeConsole(file=shown, width=width, highlight=False)
    console.print(demo.summary_table("Top", ["account", "tier", "score", "8 weeks", "why"], rows))
    lines = shown.getvalue().splitlines()
    assert len(lines) == 2 + len(rows) and all(line.rstrip().endswith("…") for line in lines[2:])
    assert r"\u001b[2J[bold]" in lines[4]


def test_small_bars_are_as_high_as_their_numbers():
    assert sparkline([0, 1, 4, 8]) == "·▂▅█"
    assert sparkline([]) == "" and sparkline([0, 0]) == "··"


def test_columns_in_which_nothing_stands_take_no_room():
    table = demo.summary_table("Top", ["account", "tier", "score", "why"], [["a", "", None, "3 logins"]])
    assert [column.header for column in table.columns] == ["account", "why"]


def test_the_demo_ends_with_three_next_steps(tmp_path, monkeypatch):
    monkeypatch.delenv("PQL_DATA_DIR", raising=False)
    monkeypatch.delenv("PQL_DUCKDB_PATH", raising=False)
    steps = dict(demo.next_steps("acc 1", tmp_path / "report.html"))
    assert list(steps.values()) == [
        "python scripts/explain.py --account 'acc 1'",
        str(tmp_path / "report.html"),
        "python scripts/init.py --data-dir exports",
    ]


def test_next_steps_can_be_pasted_whatever_data_and_warehouse_were_named(monkeypatch):
    monkeypatch.setenv("PQL_DATA_DIR", "my exports")
    monkeypatch.setenv("PQL_DUCKDB_PATH", "mine.duckdb")
    python = "PQL_DATA_DIR='my exports' PQL_DUCKDB_PATH=mine.duckdb python"
    assert [command for _, command in demo.next_steps("a", None)] == [
        f"{python} scripts/explain.py --account a",
        f"{python} scripts/report.py",
        f"{python} scripts/discover_criteria.py",
    ]
