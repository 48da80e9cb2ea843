"""Where to put the bar: what would follow from a stricter or a laxer one."""

from __future__ import annotations

from itertools import zip_longest

from pql_tools import statistics as st
from pql_tools.report import charts
from pql_tools.report.page import (
    Figure,
    Section,
    Table,
    amount,
    columns,
    interval,
    number,
    percent,
    share,
    spoken,
)
from pql_tools.report.sections.common import Facts, Row
from pql_tools.statistics import Share


def thresholds(facts: Facts, capacity: float | None) -> Section:
    """How strict should the bar be?"""
    score = facts["settings"][0]["score_name"]
    current = facts["settings"][0]["score_threshold"] if score else None
    rows = told_apart([row for row in map(_threshold_row, facts["thresholds"]) if row["qualified"]], current)
    title = "Where to put the bar"
    what = f"points of the score “{spoken(score)}”" if score else "criteria of the definition met at once"
    if len(rows) < 2:
        return Section(
            "thresholds",
            title,
            texts=[
                "There is no range of thresholds to compare. scripts/discover_criteria.py tries those of "
                "each event."
            ],
        )
    texts = [
        f"What would follow if the {what} alone decided. Further right there are fewer leads, and better "
        "ones if the score is worth something."
    ]
    table = _threshold_table(rows, current)
    drawn = [row for row in rows if row["precision"] is not None]
    parts = []
    if drawn:
        ends = (
            f"Precision goes from {_at(drawn[0])} to {_at(drawn[-1])}; recall from "
            f"{percent(drawn[0]['recall'])} to {percent(drawn[-1]['recall'])}."
        )
        picture = charts.draw("thresholds", lambda width: charts.threshold_rates(drawn, current, what, width))
        parts.append(Figure("threshold-chart", "Precision and recall by threshold", ends, picture, table))
    picture = charts.draw(
        "volume", lambda width: charts.threshold_volume(rows, current, capacity, what, width)
    )
    parts.append(
        Figure(
            "volume-chart",
            "Accounts a week by threshold",
            _volume_words(rows, capacity),
            picture,
            _volume_table(rows),
        )
    )
    notes = [
        "Recall: of the accounts that paid within their first days (the longest window plus the horizon), "
        "the share flagged in time. Differences between neighbours are mostly chance where intervals "
        "overlap."
    ]
    return Section("thresholds", title, texts, parts=parts, notes=notes)


def told_apart(rows: list[Row], current: float | None) -> list[Row]:
    """Of thresholds that the same accounts reach only the highest, and the one in use.

    Points in tens make 35 and 40 one threshold.
    """
    return [
        row
        for row, after in zip_longest(rows, rows[1:])
        if after is None or row["qualified"] != after["qualified"] or row["threshold"] == current
    ]


def _threshold_row(row: Row) -> Row:
    part = Share(int(row["hits"]), int(row["mature"]))
    low, high = st.wilson(*part)
    weeks = max(row["recent_days"] or 0, 7) / 7
    return {
        "threshold": float(row["threshold"]),
        "qualified": int(row["qualified"]),
        "hits": part.hits,
        "n": part.n,
        "precision": part.rate,
        "low": low,
        "high": high,
        "recall": Share(int(row["caught"]), int(row["converters"])).rate,
        "caught": int(row["caught"]),
        "converters": int(row["converters"]),
        "recent": int(row["recent"]),
        "weeks": weeks,
        "volume": row["recent"] / weeks,
    }


def _at(row: Row) -> str:
    return f"{share(Share(row['hits'], row['n']))} at {amount(row['threshold'])}"


def _threshold_table(rows: list[Row], current: float | None) -> Table:
    return Table(
        "By threshold: accounts that have had their time, of them those that paid, and of all payers those "
        "flagged in time.",
        columns(
            "At least",
            "Precision",
            "95% interval",
            "Recall",
            "Accounts a week",
            numbers="95% interval;Recall;Accounts a week",
        ),
        [
            [
                amount(row["threshold"]) + (" (now)" if row["threshold"] == current else ""),
                share(Share(row["hits"], row["n"])),
                interval(Share(row["hits"], row["n"])),
                share(Share(row["caught"], row["converters"])),
                number(row["volume"], 1),
            ]
            for row in rows
        ],
    )


def _volume_table(rows: list[Row]) -> Table:
    return Table(
        f"Accounts that first reached the threshold in the last {rows[0]['weeks']:.0f} weeks while unpaid "
        "and open, and how many that is a week.",
        columns("At least", "Accounts", "A week", numbers="Accounts;A week"),
        [[amount(row["threshold"]), number(row["recent"]), number(row["volume"], 1)] for row in rows],
    )


def _volume_words(rows: list[Row], capacity: float | None) -> str:
    weeks = f"Accounts that first reach it, over the last {rows[0]['weeks']:.0f} weeks."
    if capacity is None:
        return f"{weeks} Give --capacity to draw how many sales can work."
    within = [row for row in rows if row["volume"] <= capacity]
    if not within:
        return f"{weeks} No threshold brings them down to the capacity of {capacity:g} a week."
    return (
        f"{weeks} The lowest threshold within the capacity of {capacity:g} a week is "
        f"{amount(within[0]['threshold'])}, with {within[0]['volume']:.1f} a week and a precision of "
        f"{share(Share(within[0]['hits'], within[0]['n']))}."
    )
