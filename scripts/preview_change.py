#!/usr/bin/env python
"""Show what a change to vars.yml would do, before anybody makes it.

Builds the proposed criteria and definitions with dbt, beside the current ones, in a schema of their own that
is dropped afterwards. Raw files are not read again: staging and usage facts are those of the last build. The
tables that people use are read and never written.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pql_tools.config_files import read_yaml
from pql_tools.console import error, make_console, progress_bar
from pql_tools.statistics import Comparison, Share, compare_definitions, wilson
from pql_tools.warehouse import PACKAGE, Warehouse, WarehouseError, open_warehouse, warehouse_parser
from pql_tools.warehouse.run_dbt import scratch_schema
from rich.table import Table

SUFFIX = "_pql_preview"
CHANGEABLE = ("pql_criteria", "pql_definitions", "pql_horizon_days")
RULED = ("int_account_attributes+", "int_detailed_events+", "int_criterion_spans+", "pql_rules+")
NEEDED = [
    f"package:{PACKAGE},{rule},+{table}"
    for rule in RULED
    for table in ("fct_pql_episodes", "fct_criterion_outcomes")
]
WEEK = np.timedelta64(7, "D")
EXAMPLES = """examples:
  edit a copy of vars.yml, and see who would come and go
    cp vars.yml proposed.yml
    python scripts/preview_change.py proposed.yml

  another definition than the primary one, over the last quarter, as JSON
    python scripts/preview_change.py proposed.yml --definition expansion --weeks 13 --format json

The file has the form of vars.yml; what it leaves out stays as it is. Run `dbt build` first, so that the
current tables are those of the current vars.yml.

exit codes: 0 done; 2 the question cannot be answered, with a sentence saying why
"""


class Problem(Exception):
    """What is wrong with the request or the data, in one sentence."""


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
    """One configuration: its definition's settings, its episodes, and the outcome state of every account."""

    definition: dict[str, Any]
    episodes: Episodes
    states: dict[str, str]


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


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument("proposed", type=Path, metavar="FILE", help="the proposed vars.yml")
    parser.add_argument(
        "--definition", metavar="NAME", help="definition to compare; default: the primary one of each side"
    )
    parser.add_argument("--weeks", type=int, default=8, metavar="N", help="weeks to look back (8)")
    parser.add_argument(
        "--list", type=int, default=10, metavar="N", dest="listed", help="accounts to list by name (10)"
    )
    parser.add_argument(
        "--format", choices=["table", "json"], default="table", help="for people (table) or programs (json)"
    )
    return parser  # fmt: skip


def read_proposed(path: Path) -> dict[str, Any]:
    """The variables of the proposed file."""
    content = read_yaml(path)
    variables = content.get("vars") if isinstance(content, dict) else None
    if not isinstance(variables, dict):
        raise Problem(
            f"{path} must have the form of vars.yml: a mapping `vars:` with pql_criteria and pql_definitions."
        )
    return variables


def merged(current: dict[str, Any], proposed: dict[str, Any]) -> dict[str, Any]:
    """The proposed configuration in full; Problem where it changes what only a full build can show."""
    for name, value in proposed.items():
        if name not in CHANGEABLE and str(value) != str(current.get(name, value)):
            raise Problem(
                f"'{name}' differs ({current.get(name)!r} now, {value!r} "
                "proposed), and the built tables depend on it: "
                f"only {', '.join(CHANGEABLE)} can be previewed. Build that change into a target of its own."
            )
    return {**current, **proposed}


def definition_of(variables: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The definition of that name, or the primary one."""
    definitions = variables.get("pql_definitions") or []
    found = [d for d in definitions if isinstance(d, dict) and name in (None, d.get("name"))]
    if not found:
        known = ", ".join(str(d.get("name")) for d in definitions if isinstance(d, dict))
        raise Problem(f"There is no definition '{name}' on one side; it has: {known or 'none'}.")
    return found[0]


@contextlib.contextmanager
def proposed_tables(warehouse: Warehouse, proposed: dict[str, Any]):
    """Build the proposed configuration beside the current one; yields its relations by model; drops it."""
    with scratch_schema(warehouse, SUFFIX, proposed) as (here, there):
        state = warehouse.built_manifest()
        if state is None:
            here.run("parse")
            state = here.artifacts / "manifest.json"
        there.run("run", "--defer", "--favor-state", "--state", str(state.parent), "--select", *NEEDED)
        yield there.relations()


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
    )


def difference(current: Side, proposed: Side, as_of: np.datetime64, weeks: int) -> Preview:
    """Everything that the change would alter."""
    before, after = current.episodes.active_at(as_of), proposed.episodes.active_at(as_of)
    entering = after - before
    return Preview(
        as_of,
        current,
        proposed,
        entering,
        before - after,
        before & after,
        entering - _cooling(current, proposed, as_of),
        [_week(current, proposed, as_of - WEEK * back) for back in range(weeks)],
        *_compared(current.states, proposed.states),
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
    """Paired precision, hits of both, and conversions that only one side catches."""
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
    return comparison, (int(hits[0].sum()), int(hits[1].sum())), caught


def preview(options: argparse.Namespace, on_step=lambda text: None) -> tuple[Preview, dict[str, str]]:
    """Build, compare, clean up; the difference, and the names of the accounts in it."""
    proposed = read_proposed(options.proposed)
    if options.weeks < 1:
        raise Problem(f"--weeks must be at least 1, got {options.weeks}.")
    with open_warehouse(options) as warehouse:
        current = {**warehouse.config.vars.to_dict(), **warehouse.variables}
        current = {name: value for name, value in current.items() if name.startswith("pql_")}
        full = merged(current, proposed)
        sides = [definition_of(variables, options.definition) for variables in (current, full)]
        here = {model: warehouse.relation(model) for model in ("fct_pql_episodes", "fct_criterion_outcomes")}
        as_of = warehouse.columns("select as_of from {{ ref('int_as_of') }}")["as_of"][0]
        converted = warehouse.rows("select count(converted_at) as n from {{ ref('int_accounts') }}")[0]["n"]
        before = read_side(warehouse, sides[0], here)
    on_step("building the proposed definitions")
    with proposed_tables(warehouse, full) as there:
        with open_warehouse(options) as again:
            after = read_side(again, sides[1], there)
            named = again.rows("select account_id, account_name from {{ ref('dim_accounts') }}")
        on_step("cleaning up")
    found = difference(before, after, as_of, options.weeks)
    shares = tuple(Share(hits, converted) for hits in found.recall)
    return found._replace(recall=shares), {row["account_id"]: row["account_name"] or "" for row in named}


def show(found: Preview, names: dict[str, str], listed: int) -> None:
    """Print the difference."""
    console = make_console()
    quiet = len(found.enter) - len(found.fire_now)
    console.print(
        f"[bold]As of {str(found.as_of)[:16].replace('T', ' ')}[/]: "
        f"{len(found.enter):,} accounts enter, {len(found.leave):,} leave, "
        f"{len(found.stay):,} stay PQLs.\nOn adoption {len(found.fire_now):,} notifications fire"
        + (f"; {quiet:,} more are held back by the cool-down.\n" if quiet else ".\n")
    )
    for title, accounts in (("enter", found.enter), ("leave", found.leave)):
        if accounts and listed:
            table = Table(
                "account", "name", title=f"Accounts that {title} ({len(accounts):,})", title_justify="left"
            )
            for account in sorted(accounts)[:listed]:
                table.add_row(account, names.get(account, ""))
            if len(accounts) > listed:
                table.add_row("…", f"{len(accounts) - listed:,} more: --list N, or --format json")
            console.print(table)
    console.print(_weeks_table(found))
    _show_precision(console, found)


def _weeks_table(found: Preview) -> Table:
    table = Table(title="Per week, current → proposed", title_justify="left")
    for column in ("week until", "starts", "notifications", "PQLs at its end", "enter", "leave"):
        table.add_column(column, justify="left" if column == "week until" else "right")
    for week in reversed(found.weeks):
        pairs = [f"{a:,} → {b:,}" for a, b in (week.qualified, week.notified, week.active)]
        table.add_row(str(week.ends_at)[:10], *pairs, f"{len(week.enter):,}", f"{len(week.leave):,}")
    load = [sum(week.notified[side] for week in found.weeks) / len(found.weeks) for side in (0, 1)]
    table.caption = f"load for sales: {load[0]:.1f} → {load[1]:.1f} notifications a week"
    return table


def _show_precision(console, found: Preview) -> None:
    if found.precision is None:
        console.print("Precision cannot be compared: one side has no mature account at risk yet.")
    else:
        c = found.precision
        rows = [
            ("current", c.first),
            ("proposed", c.second),
            ("only current", c.swaps.first_only),
            ("only proposed", c.swaps.second_only),
        ]
        table = Table(
            "flagged by",
            title="Precision on the same accounts (mature, unpaid when flagged)",
            title_justify="left",
        )
        for column in ("precision", "95% interval", "hits of accounts"):
            table.add_column(column, justify="right")
        for label, share in rows:
            low, high = wilson(*share)
            rate = "–" if share.rate is None else f"{share.rate:.1%}"
            table.add_row(
                label, rate, f"{low:.1%} – {high:.1%}" if share.n else "–", f"{share.hits:,} of {share.n:,}"
            )
        console.print(table)
        test = "" if c.p_value is None else f", p = {c.p_value:.3f}"
        console.print(
            f"Proposed − current: {-c.difference.value * 100:+.1f} points "
            f"({-c.difference.high * 100:+.1f} to {-c.difference.low * 100:+.1f}{test}), paired."
        )
    first, second = found.recall
    console.print(
        f"Recall: {first.hits:,} → {second.hits:,} of {first.n:,} conversions caught in time; "
        f"{found.only_caught_by[0]:,} only by the current, "
        f"{found.only_caught_by[1]:,} only by the proposed definition."
    )


def as_json(found: Preview) -> dict[str, Any]:
    """The difference for programs."""
    c = found.precision
    return {
        "schema_version": 1,
        "as_of": str(found.as_of),
        "enter": sorted(found.enter),
        "leave": sorted(found.leave),
        "stay": len(found.stay),
        "notifications_on_adoption": sorted(found.fire_now),
        "weeks": [
            {"until": str(w.ends_at), "new_pqls": w.qualified, "notifications": w.notified, "pqls": w.active,
             "enter": sorted(w.enter), "leave": sorted(w.leave)}
            for w in reversed(found.weeks)
        ],
        "precision": None if c is None else {
            "current": c.first._asdict(), "proposed": c.second._asdict(),
            "difference": {
                "value": -c.difference.value, "low": -c.difference.high, "high": -c.difference.low,
            },
            "p_value": c.p_value, "only_current": c.swaps.first_only._asdict(),
            "only_proposed": c.swaps.second_only._asdict(),
        },
        "recall": [share._asdict() for share in found.recall],
        "caught_only_by": found.only_caught_by,
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the question cannot be answered."""
    options = parser().parse_args(argv)
    try:
        with progress_bar() as progress:
            task = progress.add_task("reading the current definitions", total=None)
            found, names = preview(options, lambda text: progress.update(task, description=text))
    except (Problem, WarehouseError) as problem:
        error(str(problem))
        return 2
    if options.format == "json":
        print(json.dumps(as_json(found), indent=2))
    else:
        show(found, names, options.listed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
