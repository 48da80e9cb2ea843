"""How long accounts take to pay after they qualified."""

from __future__ import annotations

import numpy as np

from pql_tools import statistics as st
from pql_tools.report import charts
from pql_tools.report.page import Figure, Section, Table, between, columns, count, number, percent
from pql_tools.report.sections.common import Facts, Row, sentence, total


def waiting(facts: Facts) -> Section:
    """How long until they pay?"""
    title = "Time to convert"
    rows = [row for row in facts["waiting"] if row["accounts"]]
    converted, everyone = total(rows, cause=st.CONVERTED), total(rows)
    if converted == 0:
        return Section(
            "waiting",
            title,
            texts=[f"Of {count(everyone, 'account')} that qualified while unpaid, none has paid since."],
        )
    repeated = [
        np.repeat([row[key] for row in rows], [int(row["accounts"]) for row in rows])
        for key in ("hours", "cause")
    ]
    curve = st.aalen_johansen(np.asarray(repeated[0], dtype=float) / 24, np.asarray(repeated[1], dtype=int))
    last = max(row["hours"] for row in rows) / 24
    steps = _curve_steps(curve, last)
    marks = [days for days in (7, 14, 30, 60, 90, 180) if days <= last]
    table = Table(
        "Share that has paid by each day since it first qualified, of all that qualified while unpaid and "
        "open.",
        columns(
            "Days since", "Paid", "95% interval", "Still watched", numbers="Paid;95% interval;Still watched"
        ),
        [
            [
                number(days),
                *_at_day(curve, days),
                number(sum(int(r["accounts"]) for r in rows if r["hours"] >= days * 24)),
            ]
            for days in marks
        ],
    )
    words = (
        " and ".join(f"{_at_day(curve, days)[0]} by day {days}" for days in marks[:3])
        or "the data cover less than a week"
    )
    summary = (
        f"{sentence(words)}. {converted:,} of {count(everyone, 'account')} have paid, "
        f"{total(rows, cause=st.CLOSED):,} closed first, the others are waiting. Band: 95%."
    )
    figure = Figure(
        "waiting-chart",
        "Paid since qualifying",
        summary,
        charts.draw("waiting", lambda width: charts.incidence(steps, width)),
        table,
    )
    note = (
        "Aalen–Johansen: accounts that qualified lately count for as long as they were seen, and closing "
        "an account ends its chance to pay. To the hour."
    )
    return Section("waiting", title, parts=[figure], notes=[note])


def _at_day(curve: st.Curve, days: float) -> list[str]:
    value, low, high = st.incidence_at(curve, days)
    return [percent(value), between(low, high)]


def _curve_steps(curve: st.Curve, last: float) -> list[Row]:
    """The curve as rows to draw, at most some 200 of them, from day 0 to the last that was seen."""
    keep = np.unique(np.linspace(0, len(curve.times) - 1, 200).astype(int))
    rows = [{"days": 0.0, "rate": 0.0, "low": 0.0, "high": 0.0}]
    for i in keep:
        values = (curve.times, curve.incidence, curve.low, curve.high)
        rows.append(
            dict(zip(("days", "rate", "low", "high"), (round(float(v[i]), 4) for v in values), strict=True))
        )
    return [*rows, {**rows[-1], "days": last}]
