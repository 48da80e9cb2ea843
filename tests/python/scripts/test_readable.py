"""What people read: tables that lose nothing, words that say what is so, judgements on what matters."""

from datetime import datetime
from io import StringIO

import duckdb
import pytest
from pql_tools.console import SafeConsole, show_table
from pql_tools.discovery.output import _times
from pql_tools.first_steps.look import SIZES, Look, many
from pql_tools.first_steps.starter import criteria
from pql_tools.precision.evaluation import end_of_data
from pql_tools.precision.parts import judgement
from pql_tools.preview.output import points
from pql_tools.report.sections.drift import _trend_words
from pql_tools.report.sections.funnel import has_activation
from pql_tools.report.sections.thresholds import told_apart
from pql_tools.statistics import Estimate, Share, Trend
from rich.table import Table

NOBODY = Share(0, 0)
LONG = "Scheduling.Shift.Created.By.An.Administrator"


def printed(*, is_terminal: bool) -> list[str]:
    """A table with a long name and many columns, on a terminal of 80 columns or in a file."""
    console = SafeConsole(file=StringIO(), width=80, force_terminal=is_terminal, color_system=None)
    table = Table("criterion", "precision", *(f"column {i}" for i in range(6)))
    table.add_row(f"at least 3 {LONG} in 7 days", "12.3% 1,148/13,331", *["0.010 <0.001"] * 6)
    show_table(console, table)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_table_loses_nothing_however_wide_it_is(is_terminal):
    lines = printed(is_terminal=is_terminal)
    said = "".join("".join(lines).split())
    assert "…" not in said and all(line.rstrip()[-1] in "┐┃│┓┩┤┘┛┡" for line in lines if line.strip())
    assert max(map(len, lines)) <= 80 or not is_terminal
    if not is_terminal:
        assert any(f"at least 3 {LONG} in 7 days" in line for line in lines), "one row, one line"


def test_no_column_is_cut_where_another_has_a_long_word():
    """The one that rich would narrow first is a name that cannot be folded."""
    console = SafeConsole(file=StringIO(), width=80, force_terminal=True, color_system=None)
    table = Table(
        *["part", "alone", "without", "adds", "keeps", "catches", "overlap"],
        "it is",
        box=None,
        pad_edge=False,
    )
    table.add_row("contact_users_2", *["14.5% 48/331"] * 3, "12.5% 6/48", "6", "90%", "harmful")
    show_table(console, table)
    lines = console.file.getvalue().splitlines()
    assert "harmful" in lines[1] and "contact_users_2" in lines[1] and max(map(len, lines)) <= 80


def part(adds: Share, difference: float, p_value: float | None, keeps_out: Share = NOBODY) -> dict:
    """What --attribution knows of a part without which precision is better by `difference`."""
    return {
        "qualified_alone": 100,
        "moves": 10,
        "adds": adds,
        "keeps_out": keeps_out,
        "conversions_only_it_catches": adds.hits,
        "difference": Estimate(difference, 0, 0),
        "p_value": p_value,
    }


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (part(Share(18, 100), 0.10, 0.001), "adds"),  # below the average of 30%, five times the base rate
        (part(Share(2, 100), 0.10, 0.001), "harmful"),
        (part(Share(2, 100), 0.10, 0.0), "harmful"),  # as small as can be is not the same as none
        (part(Share(2, 100), 0.10, None), "adds"),
        (part(Share(0, 0), 0.10, 0.001, keeps_out=Share(9, 10)), "harmful"),
        (part(Share(0, 0), 0.0, None), "redundant"),
    ],
)
def test_a_part_does_harm_if_what_it_adds_is_not_worth_having(record, said):
    assert judgement(record, floor=0.036) == said


def signups(activated: int, of: int) -> list[dict]:
    """Accounts that paid, some of them activated."""
    return [
        {"accounts": activated, "is_activated": 1, "is_converted": 1},
        {"accounts": of - activated, "is_activated": 0, "is_converted": 1},
    ]


def test_a_stage_that_the_data_cannot_show_is_none():
    """Unless somebody asked for it by a criterion of milestones."""
    default, own = [{"activated_when": ""}], [{"activated_when": "onboarded"}]
    assert not has_activation({"settings": default, "signups": signups(4, 100)})
    assert has_activation({"settings": default, "signups": signups(5, 100)})
    assert has_activation({"settings": own, "signups": signups(0, 100)})
    assert has_activation({"settings": default, "signups": []})


def test_thresholds_that_the_same_accounts_reach_are_one():
    rows = [{"threshold": t, "qualified": n} for t, n in ((5, 90), (10, 90), (15, 40), (20, 40), (25, 7))]
    assert [row["threshold"] for row in told_apart(rows, None)] == [10, 20, 25]
    assert [row["threshold"] for row in told_apart(rows, 15)] == [10, 15, 20, 25]


def test_small_and_infinite_numbers_read_as_what_they_are():
    assert [points(x) for x in (-0.0001, 0.0001, -0.02)] == ["0.0", "0.0", "-2.0"]
    assert [_times(x) for x in (None, float("inf"), 2.04)] == ["–", "∞", "2.0×"]


@pytest.mark.parametrize(
    ("days", "people", "asked"),
    [((1, 1), (0, 0), {}), ((2, 2), (0, 1), {"habit": 2}), ((9, 4), (2, 8), {"habit": 4, "team": 3})],
)
def test_a_starter_asks_for_nothing_that_nobody_has_done(days, people, asked):
    """Days in two weeks (most, and of a fifth) and people (median, most): weekly exports, no ids of users."""
    events = [{"event_name": name, "is_technical": False, "accounts": 5} for name in ("invite", "export")]
    accounts = {"days_max": days[0], "days_p80": days[1], "users_median": people[0], "users_max": people[1]}
    found = {name: entry for name, _, entry in criteria(Look({"accounts": 10}, events, {}, accounts))}
    assert {name: found[name]["at_least"] for name in ("habit", "team") if name in found} == asked


def test_a_starter_counts_what_four_weeks_can_hold():
    """Of a weekly export: not what accounts did in the whole data, which no window of four weeks has."""
    with duckdb.connect() as connection:
        connection.execute("""
            create table events as
            select 'sync' as event_name, account.i as account_id, 1 as event_count,
                timestamp '2026-01-04 23:59:59' + interval (week.i) week as occurred_at
            from range(8) as account (i), range(30) as week (i)
        """)
        sizes = {"sync": many(connection, SIZES)[0]}
    assert sizes["sync"]["p75"] == 4
    event = {"event_name": "sync", "is_technical": False, "accounts": 8}
    found = {name: entry for name, _, entry in criteria(Look({"accounts": 8}, [event], {}, {}, sizes))}
    assert found["sync"]["at_least"] == 4


@pytest.mark.parametrize(
    ("over_time", "beside_others", "said"),
    [
        (-3, -3, "it is the rule"),
        (-3, 3, "the market falls, and the accounts of the rule do so less"),
        (-3, 0.1, "it may be the market"),
        (0.1, -3, "it is the rule"),
    ],
)
def test_a_fall_is_laid_to_what_fell(over_time, beside_others, said):
    trends = [Trend(z, 1e-9 if abs(z) > 2 else 0.9) for z in (over_time, beside_others)]
    words = _trend_words(*trends)
    assert said in words and "0.000" not in words


def test_data_that_end_long_before_the_as_of_are_said():
    build = {"as_of": datetime(2026, 5, 20), "newest_event_at": datetime(2026, 5, 4, 9)}
    assert "2026-05-04, 15 days before the as-of" in end_of_data(build)[0]
    assert end_of_data({**build, "newest_event_at": datetime(2026, 5, 14)}) == []
    assert end_of_data({**build, "newest_event_at": None}) == []
