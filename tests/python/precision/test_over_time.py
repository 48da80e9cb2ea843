"""What the calendar does to the figures of a rule: better months, and rules that fall."""

import json
import math
import re
from datetime import datetime, timedelta

import numpy as np
import pytest
from checking import check, results
from harness import CORE_MODELS
from pql_tools import statistics as st
from reference.world import World

START, WEEKS, A_WEEK = datetime(2025, 1, 1), 60, 14
BETTER_FROM, NEWER_FROM, FELL_AT = 30, 40, 34  # weeks


def moving_world() -> World:
    """
    Sixty weeks of sign-ups, who from the thirtieth on pay far more often. `steady` raises the odds of paying
    for good, `fading` does so until week 34, and `newer` says nothing and can be met only from week 40 on.
    """
    rng = np.random.default_rng(8)
    accounts, events, conversions = [], [], []
    for number in range(WEEKS * A_WEEK):
        name, week = f"a{number:03}", number / A_WEEK
        signup = START + timedelta(weeks=week)
        accounts.append({"account_id": name, "signed_up_at": signup})
        met = {
            "steady": rng.random() < 0.3,
            "fading": rng.random() < 0.5,
            "newer": week >= NEWER_FROM and rng.random() < 0.6,
        }
        events += [
            {
                "event_id": f"{rule} {name}",
                "account_id": name,
                "event_name": rule,
                "occurred_at": signup + timedelta(days=float(rng.uniform(0.5, 4))),
            }
            for rule, is_met in met.items()
            if is_met
        ]
        odds = (0.6 if week >= BETTER_FROM else 0.08) * (4 if met["steady"] else 1)
        odds *= 6 if met["fading"] and week < FELL_AT else 1
        if rng.random() < odds / (1 + odds):
            paid = signup + timedelta(days=float(rng.uniform(4, 24)))
            conversions.append({"account_id": name, "converted_at": paid})
    criteria = ("steady", "fading", "newer")
    return World(
        events,
        accounts,
        conversions=conversions,
        variables={
            "pql_as_of": str(START + timedelta(weeks=WEEKS + 5)),
            "pql_criteria": [
                {"name": name, "type": "event_count", "events": [name], "at_least": 1} for name in criteria
            ],
            "pql_definitions": [{"name": "pql", "qualifies_when": "steady"}],
        },
    )


@pytest.fixture(scope="module")
def moving(project):
    return project.build(moving_world(), command=CORE_MODELS)


def test_a_rule_of_better_months_has_no_lift_beside_accounts_of_those_months(project, moving):
    found = results(project, moving, "--min-lift", "1.2")
    newer, steady = found["newer"], found["steady"]
    assert newer["lift_low"] > 1.03, "beside accounts of the whole year"
    assert newer["lift_then_low"] < 1 < newer["lift_then_high"]
    assert (newer["verdict"], steady["verdict"]) == ("FAIL", "PASS")
    assert any("the rest is when they signed up" in remark for remark in newer["remarks"])
    assert steady["lift_then_low"] > 1.4 and steady["relative_rate_then_low"] > 1.4


def test_sql_and_statistics_compare_the_same_accounts(project, moving):
    """The models' columns beside those of a check with a horizon of its own, which counts in Python."""
    built, counted = results(project, moving), results(project, moving, "--horizon-days", "30")
    keys = [key for key in built["newer"] if key.endswith("_then") or key in ("lift", "base_rate")]
    assert len(keys) == 9
    for name in built:
        assert [built[name][key] for key in keys] == pytest.approx([counted[name][key] for key in keys]), name
    cohorts = moving.rows("pql_criterion_cohorts where criterion_name = 'newer'")
    [row] = moving.rows("pql_criterion_precision where criterion_name = 'newer'")
    expected = sum(cohort["matched_base_rate_then"] * cohort["compared_then"] for cohort in cohorts)
    assert row["lift_then"] == pytest.approx(row["compared_hits_then"] / expected)


def test_a_rule_that_fell_in_a_rising_market_is_said_and_a_steady_one_is_not(project, moving):
    """In numbers `fading` is as good as ever: the market has risen meanwhile."""
    code, output, _ = check(project, moving, "--fail-on-drift", "--format", "json")
    found = {row["name"]: row for row in json.loads(output)["results"]}
    assert code == 3
    assert {name for name, row in found.items() if row["has_fallen"]} == {"fading"}
    since = datetime.fromisoformat(found["fading"]["fallen_since"])
    assert abs((since - START) / timedelta(weeks=1) - FELL_AT) < 8
    assert re.search(r"worse than it was, since about 2025-\d\d-\d\d", found["fading"]["warnings"][0])
    assert check(project, moving, "steady", "pql", "--fail-on-drift")[0] == 0
    code, output, _ = check(project, moving, "fading", "--fail-on-drift", "--format", "junit")
    assert code == 3 and 'type="FALLEN"' in output
    code, output, _ = check(project, moving, "fading", "--fail-on-drift")
    assert code == 3 and "worse than it was" in " ".join(output.split())
    earlier = str(START + timedelta(weeks=FELL_AT))
    assert check(project, moving, "--fail-on-drift", "--as-of", earlier)[0] == 0


def test_months_are_those_of_the_models(project, moving):
    """One definition of when accounts are compared: the macro's and that of the statistics."""
    rows = moving.rows("int_criterion_risk_sets")
    moments = {row["account_id"]: row["signed_up_at"] for row in moving.rows("dim_accounts")}
    signup = np.array([moments[row["account_id"]] for row in rows], dtype="datetime64[us]")
    nobody = np.full(len(rows), math.inf)
    months = st.signup_months(st.account_times(signup, nobody, nobody, nobody))
    assert [np.datetime64(row["signup_month"], "M").astype(int) for row in rows] == months.tolist()
