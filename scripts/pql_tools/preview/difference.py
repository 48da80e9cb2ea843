"""What would change: who comes and goes, week by week, and how precise both are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pql_tools.statistics import DAY, Comparison, Share, account_times, compare_definitions, recall
from pql_tools.warehouse import Warehouse

WEEK = np.timedelta64(7, "D")


class Episodes(NamedTuple):
    """The PQL episodes of one definition, sorted by account and start; an open one ends at NaT."""

    account: np.ndarray
    started: np.ndarray
    ended: np.ndarray

    def active_at(self, moment: np.datetime64) -> set[str]:
        """Accounts that are PQLs at a moment."""
        held = (self.started <= moment) & (np.isnat(self.ended) | (self.ended > moment))
        return set(self.account[held].tolist())

    def notified(self, cool_down_days: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Accounts and moments of notifications: the starts that follow none within the cool-down."""
        wait, last, kept = np.timedelta64(cool_down_days or 0, "D"), {}, []
        for i, (account, start) in enumerate(zip(self.account.tolist(), self.started, strict=True)):
            if account not in last or start - last[account] >= wait:
                last[account] = start
                kept.append(i)
        return self.account[kept], self.started[kept]


class Side(NamedTuple):
    """One configuration: its definition's settings and episodes, every account's outcome, and the recall."""

    definition: dict[str, Any]
    episodes: Episodes
    states: dict[str, str]
    caught: Share


class Week(NamedTuple):
    """One week: load for sales under both, and who is a PQL at its end under only one of them."""

    ends_at: np.datetime64
    qualified: tuple[int, int]
    notified: tuple[int, int]
    active: tuple[int, int]
    enter: set[str]
    leave: set[str]


class Preview(NamedTuple):
    """The difference that the change would make."""

    as_of: np.datetime64
    current: Side
    proposed: Side
    enter: set[str]
    leave: set[str]
    stay: set[str]
    fire_now: set[str]
    weeks: list[Week]
    precision: Comparison | None
    recall: tuple[Share, Share]
    only_caught_by: tuple[int, int]


def read_side(warehouse: Warehouse, definition: dict[str, Any], tables: dict[str, str]) -> Side:
    """Episodes and outcomes of one definition, from the tables of one side."""
    name = warehouse.literal(definition["name"])
    found = warehouse.columns(
        f"select account_id, qualified_at, ended_at from {tables['fct_pql_episodes']} "
        f"where definition_name = {name} order by account_id, qualified_at"
    )
    outcomes = warehouse.columns(
        f"select account_id, state from {tables['fct_criterion_outcomes']} "
        f"where kind = 'definition' and criterion_name = {name}"
    )
    ended = found["ended_at"].astype("datetime64[us]")
    episodes = Episodes(found["account_id"], found["qualified_at"].astype("datetime64[us]"), ended)
    return Side(
        definition,
        episodes,
        dict(zip(outcomes["account_id"].tolist(), outcomes["state"].tolist(), strict=True)),
        read_recall(warehouse, name, tables),
    )


def read_recall(warehouse: Warehouse, name: str, tables: dict[str, str]) -> Share:
    """The recall of a definition as the check counts it: of accounts followed for window and horizon."""
    rules = warehouse.rows(
        f"select horizon_days, recall_days, outcomes_as_of from {tables['pql_rules']} "
        f"where kind = 'definition' and criterion_name = {name}"
    )
    found = warehouse.columns(
        "select accounts.signed_up_at, outcomes.qualified_at, accounts.converted_at, accounts.closed_at, "
        "accounts.converted_day_ends_at from {{ ref('dim_accounts') }} as accounts "
        f"inner join {tables['fct_criterion_outcomes']} as outcomes "
        "on accounts.account_id = outcomes.account_id "
        f"where accounts.signed_up_at is not null and outcomes.criterion_name = {name} "
        "and outcomes.kind = 'definition'"
    )
    if not rules or rules[0]["outcomes_as_of"] is None:
        return Share(0, 0)
    rule, as_of = rules[0], rules[0]["outcomes_as_of"]
    horizon, within = (
        None if rule[days] is None else float(rule[days] * DAY) for days in ("horizon_days", "recall_days")
    )
    cutoff = float(np.datetime64(as_of, "us").astype(np.int64))
    return recall(account_times(*found.values()), cutoff, horizon, within).caught


def difference(current: Side, proposed: Side, as_of: np.datetime64, weeks: int) -> Preview:
    """Everything that the change would alter."""
    before, after = current.episodes.active_at(as_of), proposed.episodes.active_at(as_of)
    entering = after - before
    comparison, caught = _compared(current.states, proposed.states)
    return Preview(
        as_of,
        current,
        proposed,
        entering,
        before - after,
        before & after,
        entering - _cooling(current, proposed, as_of),
        [_week(current, proposed, as_of - WEEK * back) for back in range(weeks)],
        comparison,
        (current.caught, proposed.caught),
        caught,
    )


def _cooling(current: Side, proposed: Side, as_of: np.datetime64) -> set[str]:
    """Accounts that sales heard of so lately that the proposed cool-down keeps them quiet."""
    wait = np.timedelta64(proposed.definition.get("cool_down_days") or 0, "D")
    accounts, moments = current.episodes.notified(current.definition.get("cool_down_days"))
    return set(accounts[moments > as_of - wait].tolist())


def _week(current: Side, proposed: Side, ends_at: np.datetime64) -> Week:
    sides = (current, proposed)

    def within(moments: np.ndarray) -> int:
        return int(((moments > ends_at - WEEK) & (moments <= ends_at)).sum())

    active = [side.episodes.active_at(ends_at) for side in sides]
    return Week(
        ends_at,
        tuple(within(side.episodes.started) for side in sides),
        tuple(within(side.episodes.notified(side.definition.get("cool_down_days"))[1]) for side in sides),
        (len(active[0]), len(active[1])),
        active[1] - active[0],
        active[0] - active[1],
    )


def _compared(before: dict[str, str], after: dict[str, str]):
    """Paired precision, and hits of only one side."""
    accounts = sorted(before.keys() & after.keys())
    first, second = (np.array([states[a] for a in accounts], dtype=str) for states in (before, after))
    flags, hits = (
        [np.char.startswith(s, "miss") | (s == "hit") for s in (first, second)],
        [s == "hit" for s in (first, second)],
    )
    comparison = None
    if all(flag.any() for flag in flags):
        comparison = compare_definitions(flags[0], hits[0], flags[1], hits[1])
    caught = int((hits[0] & ~hits[1]).sum()), int((hits[1] & ~hits[0]).sum())
    return comparison, caught
