"""Who does what `next_step` says becomes a lead, wherever it says so.

A random world is built, each account whose row says that its next step alone makes it a lead does exactly
what is missing in the moment after the as-of, and the world is built again.
"""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import ceil

import pytest
from harness import CORE_MODELS
from reference.world import World
from reference.worlds import BEHAVIOURAL, EVENT_NAMES, random_world

INSTANT = timedelta(microseconds=1)
STEPS = """(
    select accounts.account_id, accounts.next_criterion, built.as_of, ledger.observed_value, observed.base
    from pql_accounts as accounts
    cross join pql_build as built
    join pql_account_criteria as ledger
        on accounts.account_id = ledger.account_id and accounts.next_criterion = ledger.criterion_name
    left join int_criterion_observed as observed
        on accounts.account_id = observed.account_id and accounts.next_criterion = observed.criterion_name
    where accounts.next_step_makes_lead
)"""


def what_is_missing(criterion: dict, step: dict) -> list[dict]:
    """The events, as name, user and properties, that bring a measure to its threshold."""
    lacks = Decimal(str(criterion.get("at_least", 0))) - (step["observed_value"] or 0)
    lacks *= step["base"] or 1
    criterion = criterion | criterion.get("of", {})  # of a ratio, what use can add to
    by_default = "event_sum" if "property" in criterion else "event_count"
    kinds = dict.fromkeys(("limit_usage", "decayed_sum"), by_default)
    kind = criterion.get("measure") or kinds.get(criterion["type"], criterion["type"])
    name = (criterion.get("events") or EVENT_NAMES)[0]
    where = {
        key: value[0] if isinstance(value, list) else value
        for key, value in criterion.get("where", {}).items()
    }
    one = {"event_name": name, "user_id": "doer", "properties": where}
    match kind:
        case "milestones":
            return [one | {"event_name": step} for step in criterion["steps"]]
        case "active_days" | "consecutive_days":
            return [one]
        case "event_max":
            return [one | {"properties": where | {criterion["property"]: criterion["at_least"]}}]
        case "event_sum":
            rounded = lacks + (step["base"] or 1) / Decimal(10**6)  # a quotient is shown with six places
            return [one | {"properties": where | {criterion["property"]: ceil(rounded * 10**6) / 10**6}}]
        case "distinct_users":
            return [one | {"user_id": f"doer {number}"} for number in range(ceil(lacks))]
        case "distinct_values" if criterion["property"] == "event_name":
            return [one | {"event_name": other} for other in criterion.get("events") or EVENT_NAMES]
        case "distinct_values":
            return [
                one | {"properties": where | {criterion["property"]: f"new {number}"}}
                for number in range(ceil(lacks))
            ]
    return [one] * ceil(lacks)


def with_the_steps_done(world: World, steps: list[dict]) -> World:
    """The world a moment later: each account has done what it missed."""
    criteria = {criterion["name"]: criterion for criterion in world.criteria}
    events, as_of = list(world.events), max(step["as_of"] for step in steps)
    for step in steps:
        for number, deed in enumerate(what_is_missing(criteria[step["next_criterion"]], step), 1):
            events.append(
                deed
                | {
                    "event_id": f"{step['account_id']} does {number}",
                    "account_id": step["account_id"],
                    "occurred_at": as_of + number * INSTANT,
                    "received_at": as_of + number * INSTANT,
                    "properties": json.dumps(deed["properties"]),
                }
            )
    later = str(as_of + timedelta(milliseconds=10))
    return replace(world, events=events, variables=world.variables | {"pql_as_of": later})


def not_a_lead(project, world: World) -> tuple[int, list[dict]]:
    """How many steps were said to make a lead, and those that did not."""
    steps = project.build(world, command=CORE_MODELS).rows(STEPS)
    if not steps:
        return 0, []
    after = project.build(with_the_steps_done(world, steps), command=CORE_MODELS)
    leads = set(after.values("pql_accounts where is_pql", "account_id"))
    return len(steps), [step for step in steps if step["account_id"] not in leads]


def world_of_points(seed: int) -> World:
    """A random world in which enough points for use of any kind make a lead."""
    world = random_world(seed, accounts=40, rows=500, criteria=22, definitions=1)
    uses = [criterion["name"] for criterion in world.criteria if criterion["type"] in BEHAVIOURAL]
    points = dict.fromkeys(uses, 10)
    needed = {"name": "points", "type": "score", "points": points, "at_least": 10 * (len(uses) // 4)}
    primary = {"name": "pql", "qualifies_when": "points", "audience": "all"}
    return replace(
        world,
        accounts=[account | {"closed_at": None} for account in world.accounts],
        variables=world.variables
        | {"pql_criteria": [*world.criteria, needed], "pql_definitions": [primary, *world.definitions]},
    )


@pytest.mark.parametrize("seed", [2, pytest.param(3, marks=pytest.mark.long)])
def test_a_step_that_is_said_to_make_a_lead_does(project, seed):
    steps, failed = not_a_lead(project, world_of_points(seed))
    assert not failed
    assert steps >= 3
