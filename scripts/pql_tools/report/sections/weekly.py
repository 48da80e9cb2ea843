"""How many leads sales gets, week by week."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pql_tools.report import charts
from pql_tools.report.page import Figure, Section, Table, columns, count, day, number, spoken
from pql_tools.report.sections.common import Facts, total, week_starts

NO_TIER = "no tier"
RETURNED = "returned"
CRITERIA_WEEKS = 8


def weekly(facts: Facts, capacity: float | None) -> Section:
    """How many leads sales gets, week by week: new ones by tier, and those that come back."""
    title = "PQLs by week, new and returned"
    weeks = week_starts(facts["weekly"], facts["build"][0]["as_of"].date())
    if not weeks:
        return Section("weekly", title, texts=["No account has become a PQL yet."])
    groups = [*_tiers(facts), RETURNED]
    volume = _volume(facts)
    bars = [
        {
            "week": day(week),
            "is_whole": week < weeks[-1],
            "group": group,
            "position": p,
            "pqls": volume[week, group],
        }
        for week in weeks
        for p, group in enumerate(groups)
    ]
    new = {week: sum(volume[week, group] for group in groups[:-1]) for week in weeks}
    sums = {week: new[week] + volume[week, RETURNED] for week in weeks}
    whole = weeks[:-1] or weeks[-1:]
    summary = (
        f"New, for the first time: mean {np.mean([new[w] for w in whole]):.1f}, most "
        f"{max(new[w] for w in whole):,} in a week, over {count(len(whole), 'whole week')}; with those that "
        f"came back, mean {np.mean([sums[w] for w in whole]):.1f}. The last, paler bar is the unfinished "
        f"week of {day(weeks[-1])}."
    )
    if capacity is not None:
        over = sum(sums[week] > capacity for week in whole)
        summary += f" In {over:,} of {len(whole):,} all were more than the capacity of {capacity:g}."
    heads = [*groups[:-1], "New", RETURNED.capitalize(), "All"]
    table = Table(
        "Accounts by the week (Monday, UTC) in which they became a PQL, newest first: for the first time by "
        "tier and in all (new), or again (returned).",
        [*columns("Week of"), *columns(*heads, numbers=";".join(heads))],
        [
            [
                day(w),
                *(number(volume[w, g]) for g in groups[:-1]),
                number(new[w]),
                number(volume[w, RETURNED]),
                number(sums[w]),
            ]
            for w in weeks[::-1]
        ],
    )
    figure = Figure(
        "weekly-chart",
        "New ones by tier at the moment of qualifying",
        summary,
        charts.draw("weekly", lambda width: charts.weekly(bars, groups, capacity, width)),
        table,
    )
    return Section("weekly", title, parts=[figure, _criteria_table(facts, weeks)])


def _volume(facts: Facts) -> defaultdict[tuple, int]:
    """How many began in a week: new ones by tier, all others as returned."""
    volume = defaultdict(int)
    for row in facts["weekly"]:
        volume[row["week"], row["tier"] or NO_TIER] += int(row["new_pqls"])
        volume[row["week"], RETURNED] += int(row["returned_pqls"])
    return volume


def _tiers(facts: Facts) -> list[str]:
    """The tiers that occur, in the order of vars.yml."""
    seen = {row["tier"] or NO_TIER for row in facts["weekly"] if row["new_pqls"]}
    named = [tier for tier in facts["settings"][0]["tiers"].split(";") if tier in seen]
    return named + sorted(seen - set(named))


def _criteria_table(facts: Facts, weeks: list) -> Table:
    """The newest weeks by criterion: a PQL counts under every criterion that it met as it qualified."""
    shown = weeks[-CRITERIA_WEEKS:][::-1]
    names = dict.fromkeys(
        row["criterion_name"] for row in sorted(facts["weekly_criteria"], key=lambda row: row["part_rank"])
    )
    volume = defaultdict(
        int, {(row["week"], row["criterion_name"]): int(row["pqls"]) for row in facts["weekly_criteria"]}
    )
    ever = {name: total(facts["weekly_criteria"], "pqls", criterion_name=name) for name in names}
    heads = [f"{week:%m-%d}" for week in shown]
    return Table(
        "New PQLs by criterion met at that moment (one PQL can stand in several rows), newest week first.",
        columns("Criterion", *heads, "Ever", numbers=";".join([*heads, "Ever"])),
        [
            [spoken(name), *(number(volume[week, name]) for week in shown), number(ever[name])]
            for name in sorted(names, key=lambda n: -ever[n])
        ],
    )
