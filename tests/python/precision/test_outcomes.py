"""Outcomes against the reference, and the ways in which a precision can leak (docs/statistics.md §1.10)."""

import random
from datetime import datetime, timedelta

import pytest
from checking import CHECKED, results
from reference.oracle import evaluate
from reference.world import World
from reference.worlds import random_world

START = datetime(2026, 1, 1, 9)
NAMES = ("account_id", "criterion_name", "kind", "state", "qualified_at", "converted_at")


@pytest.mark.parametrize(
    "variables",
    [
        {"pql_conversions_as_of": "2026-04-02"},
        pytest.param({}, marks=pytest.mark.long),
        pytest.param({"pql_horizon_days": "none"}, marks=pytest.mark.long),
    ],
)
def test_outcomes_equal_the_reference(project, variables):
    world = random_world(3, accounts=30, rows=2000, criteria=28, definitions=4)
    world.variables |= variables
    expected = evaluate(world).fct_criterion_outcomes
    built = project.build(world, command=CHECKED).rows("fct_criterion_outcomes", ", ".join(NAMES))
    assert as_set(built) == as_set(expected)
    assert {"same_day", "hit", "converted_at"} <= {row["state"] for row in expected}


def as_set(rows):
    return sorted(tuple(str(row[name]) for name in NAMES) for row in rows)


def leaky_world(seed=1, accounts=60) -> World:
    """Accounts of one week that use the product, and pay without regard to it."""
    roll = random.Random(seed)
    signups = {f"a{number:02}": START + timedelta(hours=roll.randrange(168)) for number in range(accounts)}
    events = [
        (name, signup + timedelta(hours=roll.randrange(24 * 40)))
        for name, signup in signups.items()
        for _ in range(roll.randrange(1, 9))
    ]
    return World(
        accounts=[{"account_id": name, "signed_up_at": signup} for name, signup in signups.items()],
        events=[login(number, *event) for number, event in enumerate(events)],
        conversions=[
            {"account_id": name, "converted_at": signup + timedelta(hours=24 * 5 + roll.randrange(24 * 50))}
            for name, signup in signups.items()
            if roll.random() < 0.6
        ],
        variables={
            "pql_as_of": "2026-05-01",
            "pql_criteria": [{"name": "used", "type": "event_count", "events": ["login"], "at_least": 3}],
            "pql_definitions": [{"name": "pql", "qualifies_when": "used"}],
        },
    )


def login(number, account, moment):
    return {"event_id": f"e{number}", "account_id": account, "event_name": "login", "occurred_at": moment}


def plans(signup: datetime, *held: tuple[str, int]) -> list[dict]:
    """The plans of account a00, each from so many days after its sign-up."""
    change = {"account_id": "a00", "attribute": "plan"}
    return [{**change, "value": plan, "changed_at": signup + timedelta(days=days)} for plan, days in held]


def first_qualifications(warehouse) -> dict:
    rows = warehouse.rows("fct_criterion_outcomes", "account_id, criterion_name, qualified_at")
    return {row["account_id"]: row["qualified_at"] for row in rows if row["criterion_name"] == "used"}


@pytest.mark.long
def test_what_comes_later_moves_no_earlier_qualification(project):
    """(a) The input cut off at t: every q up to t stays, and nothing else is there."""
    world = leaky_world()
    whole, cut = first_qualifications(project.build(world, command=CHECKED)), START + timedelta(days=20)
    world.events = [event for event in world.events if event["occurred_at"] <= cut]
    world.variables["pql_as_of"] = str(cut)
    expected = {name: q if q and q <= cut else None for name, q in whole.items()}
    assert first_qualifications(project.build(world, command=CHECKED)) == expected


@pytest.mark.long
def test_usage_after_the_payment_changes_nothing(project):
    """(b) Events after the conversion leave the honest precision alone; the naive one goes up."""
    world = leaky_world()
    honest = results(project, project.build(world, command=CHECKED))["used"]
    for number, row in enumerate(list(world.conversions)):
        for hours in (1, 2, 3):
            later = row["converted_at"] + timedelta(hours=hours)
            world.events.append(login(f"{number}_{hours}", row["account_id"], later))
    leaked = results(project, project.build(world, command=CHECKED))["used"]
    for key in ("hits", "mature", "precision", "recall", "bound_lower", "converted_at", "closed_before"):
        assert leaked[key] == honest[key], key
    assert leaked["naive_precision_do_not_use"] > honest["naive_precision_do_not_use"]
    assert leaked["converted_before"] > honest["converted_before"]


@pytest.mark.long
def test_a_criterion_without_effect_has_no_lift(project):
    """(c) Payments dealt out anew among the accounts of one sign-up week: the lift is about 1."""
    lifts = [
        results(project, project.build(leaky_world(seed, 150), command=CHECKED), "used")["used"]
        for seed in (1, 2)
    ]
    assert all(record["lift_low"] < 1 < record["lift_high"] for record in lifts)


def test_a_limit_is_that_of_the_plan_held_then(project):
    """(d) Paying moves an account to a plan with a higher limit; its history says what it had used before."""
    world = leaky_world(accounts=1)
    world.accounts[0] |= {"plan": "pro"}
    signup = world.accounts[0]["signed_up_at"]
    world.events = [login(number, "a00", signup + timedelta(days=1, minutes=number)) for number in range(8)]
    world.conversions = [{"account_id": "a00", "converted_at": signup + timedelta(days=9)}]
    world.plan_limits = [
        {"plan": "free", "limit_name": "logins", "limit_value": 10},
        {"plan": "pro", "limit_name": "logins", "limit_value": 1000},
    ]
    world.variables["pql_criteria"] = [
        {"name": "used", "type": "limit_usage", "events": ["login"], "limit": "logins", "at_least": 0.8}
    ]
    without = results(project, project.build(world, command=CHECKED))["used"]
    assert without["not_qualified"] == 1 and "present value of plan" in without["warnings"][0]
    world.account_changes = plans(signup, ("free", 0), ("pro", 9))
    with_history = results(project, project.build(world, command=CHECKED))["used"]
    assert with_history["hits"] == 1 and not with_history["warnings"]


def test_a_cumulative_criterion_qualifies_at_the_event_that_completes_it(project):
    """(e) Not at the end of its window."""
    world = leaky_world(accounts=1)
    moments = [world.accounts[0]["signed_up_at"] + timedelta(hours=hours) for hours in (1, 30, 50, 70)]
    world.events = [login(number, "a00", moment) for number, moment in enumerate(moments)]
    world.variables["pql_criteria"][0]["window"] = {"first_days": 14}
    assert first_qualifications(project.build(world, command=CHECKED)) == {"a00": moments[2]}


def test_an_exclusion_holds_back_and_a_converted_audience_has_no_outcomes(project):
    """A definition's q is the first moment at which its criterion holds and nothing excludes it."""
    world = leaky_world(accounts=1)
    signup = world.accounts[0]["signed_up_at"]
    world.events = [login(number, "a00", signup + timedelta(hours=number + 1)) for number in range(3)]
    world.conversions = []
    world.account_changes = plans(signup, ("trial", 0), ("free", 5))
    world.variables["pql_criteria"].append(
        {"name": "on_trial", "type": "account_attribute", "attribute": "plan", "in": ["trial"]}
    )
    world.variables["pql_definitions"] = [
        {"name": "pql", "qualifies_when": "used", "excluded_when": ["on_trial"]},
        {"name": "expansion", "qualifies_when": "used", "audience": "converted"},
    ]
    rows = project.build(world, command=CHECKED).rows(
        "fct_criterion_outcomes", "criterion_name, qualified_at"
    )
    found = {row["criterion_name"]: row["qualified_at"] for row in rows}
    assert found == {
        "used": signup + timedelta(hours=3),
        "on_trial": signup,
        "pql": signup + timedelta(days=5),
    }
