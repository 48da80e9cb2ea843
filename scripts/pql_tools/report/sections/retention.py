"""Do customers that were PQLs stay longer?"""

from __future__ import annotations

from pql_tools.report import charts
from pql_tools.report.page import (
    NOTHING,
    Figure,
    Section,
    Table,
    amount,
    between,
    columns,
    number,
    percent,
    spoken,
)
from pql_tools.report.sections.common import Facts, Row, primary_rule

TITLE = "Did they stay?"
GROUPS = {"flagged_before": "found before they paid", "not_flagged_before": "not found before"}
LAST_MONTH = 24


def retention(facts: Facts) -> Section | None:
    """The share still paying by months since the first payment; None where no ends were delivered."""
    rows = [row for row in facts["retention"] if row["months_since_conversion"] < LAST_MONTH]
    if not rows:
        return None
    primary = primary_rule(facts)
    shown = [row for row in rows if row["kind"] == "definition"] if primary else []
    shown = shown or [row for row in rows if row["kind"] == "all"]
    texts = [
        "The share of customers still paying, by whole months since their first payment. Customers who "
        "began lately have not been seen for long; the product-limit estimate counts each for as long as it "
        "was seen. "
        "That some were found before they paid does not say that this made them stay."
    ]
    steps = [step for key in dict.fromkeys(map(_group, shown)) for step in _steps(shown, key)]
    groups = list(dict.fromkeys(step["group"] for step in steps))
    figure = Figure(
        "retention-chart",
        "Share still paying, with 95% intervals",
        "; ".join(_in_words([row for row in shown if _group(row) == key]) for key in groups) + ".",
        charts.draw("retention", lambda width: charts.retention(steps, groups, width)),
        _table(rows),
    )
    notes = ["Amounts are what those still watched at the beginning of the month had first paid, together."]
    return Section("retention", TITLE, texts, parts=[figure], notes=notes)


def _group(row: Row) -> str:
    return GROUPS.get(row["customers"], "all customers")


def _steps(rows: list[Row], group: str) -> list[Row]:
    """From everybody at the beginning to the end of the last month."""
    ends = [
        {
            "months": int(row["months_since_conversion"]) + 1,
            "rate": row["still_paying"],
            "low": row["still_paying_low"],
            "high": row["still_paying_high"],
        }
        for row in rows
        if _group(row) == group
    ]
    return [{"group": group, **end} for end in [{"months": 0, "rate": 1, "low": 1, "high": 1}, *ends]]


def _in_words(rows: list[Row]) -> str:
    first, last = rows[0], rows[-1]
    months = int(last["months_since_conversion"]) + 1
    return (
        f"{_group(first).capitalize()}: {number(first['at_risk'])} customers, "
        f"{percent(last['still_paying'])} after {months} months "
        f"({between(last['still_paying_low'], last['still_paying_high'])})"
    )


def _table(rows: list[Row]) -> Table:
    numbers = "Month;At risk;Stopped;Not seen longer;Still paying at its end;95% interval;Amount"
    return Table(
        "Customers by months since their first payment.",
        columns("Found by", "Customers", *numbers.split(";"), numbers=numbers),
        [
            [
                NOTHING if row["kind"] == "all" else spoken(row["criterion_name"]),
                _group(row),
                number(row["months_since_conversion"]),
                number(row["at_risk"]),
                number(row["ended"]),
                number(row["censored"]),
                percent(row["still_paying"]),
                between(row["still_paying_low"], row["still_paying_high"]),
                amount(row["amount_at_risk"]),
            ]
            for row in rows
            if row["months_since_conversion"] % 3 == 0 or row["months_since_conversion"] < 6
        ],
    )
