"""Nothing that happens later changes what was true before: cutting the input at t leaves the past."""

from datetime import datetime, timedelta

import pytest
from conftest import examples
from harness import CORE_MODELS
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reference.clock import instant
from reference.staging import stage
from reference.world import Row, World
from reference.worlds import random_world, without_corrections

TABLES = {
    "fct_criterion_episodes": "account_id, criterion_name, episode_number, started_at, ended_at",
    "fct_pql_episodes": "definition_name, account_id, episode_number, qualified_at, ended_at, end_reason, "
    "criteria_met, tier, score",
}
START = {"fct_criterion_episodes": "started_at", "fct_pql_episodes": "qualified_at"}
# What is judged as of t may not depend on what comes after t.
JUDGED = TABLES | {
    "pql_accounts": "* exclude (trial_ends_at)",
    "pql_account_criteria": "*",
    "fct_user_usage_daily": "*",
    "fct_account_usage_daily": "*",
}


def until(moment: datetime, rows: list[Row], column: str) -> list[Row]:
    return [row for row in rows if instant(row[column]) is not None and instant(row[column]) <= moment]


def cut(world: World, moment: datetime) -> World:
    """The world as its files stood at a moment: later rows are missing, later ends are unknown."""
    later_ends = {"closed_at": world.accounts, "left_at": world.memberships}
    accounts, memberships = (
        [row | ({column: None} if row[column] is not None and row[column] > moment else {}) for row in rows]
        for column, rows in later_ends.items()
    )
    return World(
        events=until(moment, stage(world).accepted, "occurred_at"),
        accounts=accounts,
        users=world.users,
        memberships=until(moment, memberships, "joined_at"),
        account_changes=world.account_changes,
        conversions=until(moment, world.conversions, "converted_at"),
        plan_limits=world.plan_limits,
        variables=world.variables | {"pql_as_of": str(moment)},
    )


def as_known_at(moment: datetime, rows: list[Row], start: str) -> list[Row]:
    """What a table of episodes must have said at an earlier moment."""
    return [
        row
        if row["ended_at"] is None or row["ended_at"] <= moment
        else row | {"ended_at": None} | ({"end_reason": None} if "end_reason" in row else {})
        for row in rows
        if row[start] <= moment
    ]


def in_order(rows: list[Row]) -> list[str]:
    return sorted(map(str, rows))


@pytest.mark.long
@settings(max_examples=examples(2), phases=[Phase.generate])
@given(st.integers(0, 2**32 - 1), st.integers(0, 10**6), st.sampled_from((-1, 0, 1)))
def test_cutting_the_input_leaves_the_past_as_it_was(project, seed, pick, beside):
    """Judged at a moment at, just before or just after some episode's edge."""
    world = without_corrections(random_world(seed, accounts=30, rows=2000, criteria=24, definitions=4))
    now = project.build(world, command=CORE_MODELS)
    episodes = {table: now.rows(table, columns) for table, columns in TABLES.items()}
    edges = sorted(
        row[edge]
        for row in episodes["fct_criterion_episodes"]
        for edge in ("started_at", "ended_at")
        if row[edge]
    )
    moment = edges[pick % len(edges)] + beside * timedelta(microseconds=1)
    before = project.build(world, {"pql_as_of": str(moment)}, command=CORE_MODELS)
    without_the_rest = project.build(cut(world, moment), command=CORE_MODELS)
    for table, columns in TABLES.items():
        expected = as_known_at(moment, episodes[table], START[table])
        assert in_order(before.rows(table, columns)) == in_order(expected)
    for table, columns in JUDGED.items():
        assert in_order(before.rows(table, columns)) == in_order(without_the_rest.rows(table, columns))
