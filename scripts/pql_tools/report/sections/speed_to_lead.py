"""How fast sales answers."""

from __future__ import annotations

import numpy as np

from pql_tools.report.page import Card, Section, count, percent
from pql_tools.report.sections.common import Facts, total
from pql_tools.statistics import Share


def speed_to_lead(facts: Facts) -> Section:
    """How fast does sales answer?"""
    title, rows = "Speed to lead", facts["feedback"]
    touched = [row for row in rows if row["hours"] is not None]
    if not touched:
        missing = (
            "No first touch by sales is in this warehouse: once the CRM's feedback is loaded, "
            "the time from notice to first touch stands here."
        )
        return Section("speed", title, texts=[missing])
    hours = np.repeat([row["hours"] for row in touched], [int(row["pqls"]) for row in touched])
    in_time, late = (
        total([row for row in rows if row["is_contacted_in_time"] is wanted], "pqls")
        for wanted in (True, False)
    )
    cards = [
        Card("Touched", percent(len(hours) / total(rows, "pqls")), _of(len(hours), total(rows, "pqls"))),
        Card(
            "Median wait",
            f"{np.median(hours):.0f} h",
            f"of the {len(hours):,} touched, whole hours from notice",
        ),
        Card("In time", percent(Share(in_time, in_time + late).rate), _of(in_time, in_time + late) + " due"),
    ]
    accepted, rejected = total(rows, "accepted"), total(rows, "rejected")
    if answered := accepted + rejected:
        share = percent(Share(accepted, answered).rate)
        cards.append(Card("Accepted", share, f"{_of(accepted, answered)} that sales judged"))
    return Section("speed", title, cards=cards)


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {count(whole, 'notice')}"
