"""Stages of leads, ends of subscriptions, the scorecard and the history of checks."""

import json
import re
import shutil
from datetime import date, datetime, timedelta
from html import unescape
from itertools import product
from pathlib import Path

import duckdb
import pytest
import report
from checking import CHECKED, check
from harness import MODELS_ONLY, environment
from reference.oracle import evaluate
from reference.world import World
from reference.worlds import random_world, write_world
from small_worlds import at, event

WHOLE = (*MODELS_ONLY, "--exclude", "path:models/7_sales/crm")
KEY = ("criterion_name", "kind", "customers", "months_since_conversion")


def test_retention_equals_the_reference(project):
    """Over months of different lengths, with ends that fall together and some known to the day."""
    world = random_world(5, accounts=60, rows=900, criteria=6, definitions=3)
    for number, row in enumerate(world.conversions):
        if number % 2 and isinstance(row["converted_at"], datetime):
            row["converted_at"] -= timedelta(days=30 * (number % 5))
    expected = keyed(evaluate(world).pql_retention)
    built = keyed(project.build(world, command=CHECKED).rows("pql_retention"))
    assert built.keys() == expected.keys() and len(built) > 20
    for key, row in expected.items():
        assert {name: built[key][name] for name in ("at_risk", "ended", "censored")} == {
            name: row[name] for name in ("at_risk", "ended", "censored")
        }, key
        assert built[key]["still_paying"] == pytest.approx(float(row["still_paying"])), key
        assert built[key]["still_paying_low"] <= built[key]["still_paying"] <= built[key]["still_paying_high"]
    assert {0 < row["still_paying"] < 1 for row in expected.values()} == {True, False}


def keyed(rows: list[dict]) -> dict[tuple, dict]:
    return {tuple(row[name] for name in KEY): row for row in rows}


def staged_world(**variables) -> World:
    """
    Forty accounts of four kinds: `both` are an mql on 2 January and found by the definition on the 3rd, the
    others by one of them or by none. Of each kind the first few pay on the 20th.
    """
    paying = {"both": 6, "only_pql": 5, "only_mql": 1, "neither": 1}
    names = [(kind, number) for kind, number in product(paying, range(10))]
    return World(
        accounts=[{"account_id": f"{kind}{n}", "signed_up_at": datetime(2026, 1, 1)} for kind, n in names],
        events=[
            event(datetime(2026, 1, 3, 0, 0, n), event_id=f"{kind}{n}", account_id=f"{kind}{n}")
            for kind, n in names
            if kind in ("both", "only_pql")
        ]
        + [event(datetime(2026, 5, 1), event_id="last", account_id="elsewhere")],
        lead_stages=[
            {"account_id": f"{kind}{n}", "stage": "mql", "entered_at": "2026-01-02 00:00:00"}
            for kind, n in names
            if kind in ("both", "only_mql")
        ]
        # entered again, and after it had paid
        + [{"account_id": "both0", "stage": "mql", "entered_at": "2026-03-02"}]
        + [{"account_id": "only_pql0", "stage": "mql", "entered_at": "2026-02-02"}],
        conversions=[
            {"account_id": f"{kind}{n}", "converted_at": datetime(2026, 1, 20), "amount": 100 if n else 300}
            for kind, n in names
            if n < paying[kind]
        ],
        subscription_ends=[
            {"account_id": "both1", "ended_at": "2026-01-10"},
            {"account_id": "both1", "ended_at": "2026-02-20 00:00:00"},
            {"account_id": "neither0", "ended_at": "2026-04-30 00:00:00"},
        ],
        variables={
            "pql_as_of": "2026-05-01 00:00:00",
            "pql_criteria": [{"name": "used", "type": "event_count", "at_least": 1}],
            "pql_definitions": [{"name": "pql", "qualifies_when": "used"}],
        }
        | variables,
    )


@pytest.fixture(scope="module")
def staged(project):
    return project.build(staged_world(), command=WHOLE)


def test_a_stage_is_judged_as_a_definition_is(staged):
    found = {row["criterion_name"]: row for row in staged.rows("pql_criterion_precision")}
    assert {name: (row["kind"], row["hit"], row["mature"]) for name, row in found.items()} == {
        "used": ("criterion", 11, 20),
        "pql": ("definition", 11, 20),
        "mql": ("stage", 7, 20),
    }
    assert found["mql"]["converted_before"] == 1  # only_pql0, an mql when it had paid
    # of all 40 of that age 13 paid in time
    assert found["mql"]["matched_base_rate"] == found["pql"]["matched_base_rate"] == pytest.approx(13 / 40)
    assert [row["kind"] for row in staged.rows("dim_pql_criteria where criterion_name = 'mql'")] == ["stage"]


def test_amounts_weigh_hits(staged):
    [row] = staged.rows("pql_criterion_precision where criterion_name = 'mql'")
    # both0 and only_mql0 paid 300, the other five 100; all 13 customers paid 2,100
    assert (row["hit_amount"], row["hits_with_amount"]) == (1100, 7)
    assert row["precision_by_amount"] == pytest.approx(7 / 20 * (1100 / 7) / (2100 / 13))


def test_overlap_has_the_parts_and_their_hits(staged):
    [row] = staged.rows("pql_stage_overlap where criterion_name = 'pql'")
    assert row == {
        "criterion_name": "pql", "kind": "definition", "other_name": "mql", "other_kind": "stage",
        "in_both": 10, "in_both_hits": 6, "in_both_hits_by_other": 6, "this_first": 0, "other_first": 10,
        "only_this": 10, "only_this_hits": 5, "only_other": 10, "only_other_hits": 1, "undecided": 0,
    }  # fmt: skip
    [mirrored] = staged.rows("pql_stage_overlap where criterion_name = 'mql'")
    assert (mirrored["only_this"], mirrored["only_other_hits"], mirrored["this_first"]) == (10, 5, 10)


def test_the_first_end_after_the_payment_is_the_churn(staged):
    accounts = staged.rows("dim_accounts where churned_at is not null")
    churned = {row["account_id"]: row["churned_at"] for row in accounts}
    assert churned == {"both1": datetime(2026, 2, 20), "neither0": datetime(2026, 4, 30)}
    months = {
        (row["customers"], row["months_since_conversion"]): (row["at_risk"], row["ended"], row["censored"])
        for row in staged.rows("pql_retention where criterion_name = 'pql'")
    }
    # both1 stops when the second month begins
    assert months["flagged_before", 0] == (11, 0, 0) and months["flagged_before", 1] == (11, 1, 0)
    assert months["flagged_before", 3] == (10, 0, 10) and months["not_flagged_before", 3] == (2, 1, 1)


def test_the_scorecard_judges_a_week_as_a_whole(staged):
    found = {(row["week_starting_on"], row["team"]): row for row in staged.rows("mart_team_scorecard")}
    first, paid = date(2025, 12, 29), date(2026, 1, 19)

    def card(week: date, team: str) -> tuple:
        row = found[week, team]
        return row["quantity"], row["quality_numerator"], row["quality_denominator"]

    assert card(first, "marketing") == (40, 20, 40) and card(first, "product") == (20, 11, 20)
    # 90 days after 20 January both1 had stopped, and neither0 had not
    assert card(paid, "success") == (13, 12, 13)
    assert card(paid, "marketing") == (0, None, None)


def test_the_report_compares_them(project, staged, tmp_path):
    output = tmp_path / "report.html"
    given = ["--project-dir", project.folder, "--profiles-dir", project.folder, "--output", output]
    with environment(PQL_DUCKDB_PATH=staged.path, PQL_THREADS="2", PQL_DATA_DIR="no_data"):
        assert report.main([*map(str, given), "--vars", json.dumps(staged_world().variables)]) == 0
    page = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", output.read_text(), flags=re.S)
    words = " ".join(unescape(page).split())
    # a lead is compared with the 39 others: of those 12 paid where it did itself, else 13
    assert "pql (definition): 55.0% (11 of 20), base rate 31.9%, lift 1.7×" in words
    assert "mql (stage): 35.0% (7 of 20), base rate 32.4%, lift 1.1×" in words
    # at 14 days all were found that ever were, and all that paid had not paid yet
    assert "mql 14 days 60.0% (6 of 10, few) 50.0% (5 of 10, few) 10.0% (1 of 10, few)" in words
    assert "Found before they paid: 11 customers, 90.9% after 4 months" in words
    assert "marketing: 40 sign-ups, 50.0% (20 of 40) became a PQL in time" in words


def test_the_check_is_kept_once(project, staged):
    """A build has kept it at its own settings; the script adds what it was asked for besides."""
    before = staged.rows("pql_check_history")
    for _ in range(2):
        code, _, errors = check(project, staged, "pql", "--horizon-days", "10", "--min-precision", "0.1")
        assert code in (0, 3) and "not kept" not in errors
    check(project, staged, "pql")
    [row] = [row for row in staged.rows("pql_check_history") if row not in before]
    assert (row["made_by"], row["horizon_days"], row["mature"], row["hits"]) == ("script", 10, 20, 0)


@pytest.mark.parametrize(
    ("hits", "expected", "is_said", "is_beyond_market"),
    [
        ((120, 130), (40, 80), True, True),  # 10 of 200 since, where 40 were to be expected as before
        ((120, 130), (40, 44), True, False),  # others pay less as well
        ((120, 130), (None, None), True, None),  # checks that did not count it
        ((120, 190), (40, 80), False, None),  # 70 of 200 after 120 of 300: in a year of looks that happens
    ],
)
def test_a_fall_is_told_from_that_of_the_market(staged, tmp_path, hits, expected, is_said, is_beyond_market):
    """Two checks by hand: 300 accounts by the first of them, 200 more by the second."""
    kept = Path(shutil.copy(staged.path, tmp_path / staged.path.name))
    with duckdb.connect(str(kept)) as connection:
        for month, mature, hit, expects in zip((1, 6), (300, 500), hits, expected, strict=True):
            rate = None if expects is None else expects / mature
            connection.execute(
                "insert into pql_check_history select * replace (? as checked_at, ? as as_of, 'told' as "
                "criterion_name, ? as mature, ? as hits, ? as compared_then, ? as compared_hits_then, "
                "? as matched_base_rate_then) from pql_check_history where criterion_name = 'pql' limit 1",
                [datetime(2027, month, 1), datetime(2027, month, 1), mature, hit, mature, hit, rate],
            )
        found = connection.execute(
            "select is_beyond_market from pql_precision_falls where criterion_name = 'told'"
        ).fetchall()
    assert found == ([(is_beyond_market,)] if is_said else [])


def test_what_cannot_be_judged_yet_is_in_no_part(project):
    built = project.build(staged_world(pql_as_of="2026-02-01 12:00:00"), command=WHOLE)
    # the mqls of 2 January have had their 30 days, the definition's of the 3rd have not
    [row] = built.rows("pql_stage_overlap where criterion_name = 'mql'")
    assert (row["in_both"], row["only_this"], row["only_other"], row["undecided"]) == (0, 10, 0, 10)
    # sign-ups of 1 January likewise, the PQLs of the 3rd and customers of the 20th not yet
    assert built.values("mart_team_scorecard where quality_denominator is not null", "team") == ["marketing"]


@pytest.mark.long
def test_every_check_is_kept_and_a_fall_is_said(project, tmp_path):
    """One warehouse, ever later: a good half year, then one in which hardly anybody pays."""
    days = [datetime(2025, 1, 1) + timedelta(days=4 * n) for n in range(90)]
    world = World(
        accounts=[{"account_id": f"a{n}", "signed_up_at": day} for n, day in enumerate(days)],
        events=[
            event(day + timedelta(hours=1), event_id=f"e{n}", account_id=f"a{n}")
            for n, day in enumerate(days)
        ],
        conversions=[
            {"account_id": f"a{n}", "converted_at": day + timedelta(days=3)}
            for n, day in enumerate(days)
            if (n % 2 if n < 45 else n % 15 == 0)
        ],
        variables=staged_world().variables,
    )
    data, said = tmp_path / "data", []
    data.mkdir()
    write_world(world, data, data)
    for as_of in ("2025-07-20", "2025-07-20", "2025-09-01", "2026-02-01"):
        variables = world.variables | {"pql_as_of": as_of}
        built = project.run_in(tmp_path / "kept", data, variables, ("build",))
        assert built.run.success, built.run.output
        said.append("The precision of 'pql' has fallen by more than chance" in built.run.output)
    history = built.rows("pql_check_history where criterion_name = 'pql' order by checked_at")
    assert [str(row["as_of"].date()) for row in history] == ["2025-07-20", "2025-09-01", "2026-02-01"]
    assert {row["made_by"] for row in history} == {"build"}
    assert said == [False, False, False, True]
    assert "It may be the market" in built.run.output, (
        "everybody is found, so there is nobody else to tell by"
    )


def test_stages_may_be_entered_before_sign_up_and_bear_any_name(project):
    world = World(
        accounts=[
            {"account_id": "acme", "signed_up_at": at(10)},
            {"account_id": "late", "signed_up_at": at(12)},
        ],
        events=[event(at(10, 1)), event(at(31), event_id="last")],
        lead_stages=[
            {"account_id": "acme", "stage": "it's sales'", "entered_at": "2026-03-01"},
            {"account_id": "acme", "stage": "pql", "entered_at": "2026-03-11"},
        ],
        conversions=[{"account_id": "acme", "converted_at": at(15)}],
        variables={
            "pql_as_of": str(at(31, 12)),
            "pql_horizon_days": 15,
            "pql_criteria": [{"name": "used", "type": "event_count", "at_least": 1}],
            "pql_definitions": [{"name": "pql", "qualifies_when": "used"}],
        },
    )
    # with dbt's own tests of these tables
    command = (
        "build",
        "--select",
        "+path:models/6_precision",
        "+tag:bi",
        "--exclude-resource-types",
        "unit_test",
    )
    built = project.build(world, command=(*command, "--indirect-selection", "cautious"))
    outcomes = built.rows("fct_criterion_outcomes where account_id = 'acme'")
    states = {row["criterion_name"]: row["state"] for row in outcomes}
    assert states == {"used": "hit", "pql": "hit", "it's sales'": "hit", "pql (stage)": "hit"}
    # nine days before sign-up: both accounts are compared, the other had that age on 3 March
    [row] = built.rows("int_criterion_risk_sets where criterion_name = 'it''s sales'''")
    assert (row["at_risk"], row["at_risk_converted"]) == (2, 1)
