"""Why our precision is lower than that of other tools."""

from __future__ import annotations

from pql_tools.report import charts
from pql_tools.report.facts import LANDMARK_DAYS
from pql_tools.report.page import NOTHING, Figure, Section, Table, columns, percent, share
from pql_tools.report.sections.common import (
    Facts,
    Row,
    age_lift_of,
    naive_of,
    name_of,
    precision_of,
    rules_of,
)
from pql_tools.statistics import Share

CAPTION = (
    "The same accounts counted both ways. Then the honest form of “qualified against never "
    f"qualified”: of the accounts open and unpaid {LANDMARK_DAYS} days after sign-up, how many paid "
    "within the horizon from there, of those that had qualified by then and of those that had not. "
    "Then the lift over accounts of the same age that signed up in the same month, which is the lift of "
    "this report, and over accounts of that age whenever they signed up, which it was before: a rule that "
    "only exists in better months has a high one of the second kind and none of the first."
)


def naive(facts: Facts) -> Section:
    """Why our precision is lower than that of other tools."""
    texts = [
        "The naive precision divides all accounts that ever paid by all that ever met the criterion, so "
        "usage that came after "
        "payment counts as having predicted it, and accounts that qualified yesterday count as failures. "
        "The honest one asks only "
        "accounts that were unpaid when they qualified and have had their full time since: it can be lower "
        "or higher, but it is what "
        "sales will see."
    ]
    rows = [
        (name_of(rule), naive_of(rule), precision_of(rule), rule)
        for rule in rules_of(facts)
        if rule["qualified"]
    ]
    title = "Appendix: naive and honest precision"
    if not rows:
        return Section("naive", title, [*texts, "No account has met any criterion yet."])
    table = Table(
        CAPTION,
        columns(
            "Rule",
            "Naive",
            "Honest",
            "Naive minus honest",
            f"Qualified by day {LANDMARK_DAYS}, and not",
            "Lift, same month",
            "Lift, any time",
            numbers="Naive minus honest;Lift, same month;Lift, any time",
        ),
        [
            [
                name,
                share(wrong),
                share(right),
                _difference(wrong, right),
                _landmark(rule),
                *_lifts(rule),
            ]
            for name, wrong, right, rule in rows
        ],
    )
    judged = [row for row in rows if row[2].n]
    if not judged:
        return Section("naive", title, texts, parts=[table])
    worst = max(judged, key=lambda row: abs(row[1].rate - row[2].rate))
    bars = [{"name": name, "naive": wrong.rate, "honest": right.rate} for name, wrong, right, _ in judged]
    summary = f"They differ most for {worst[0]}: naive {share(worst[1])}, honest {share(worst[2])}."
    drawing = charts.draw("naive", lambda width: charts.naive_and_honest(bars, width))
    return Section(
        "naive",
        title,
        texts,
        parts=[Figure("naive-chart", "Naive and honest precision", summary, drawing, table)],
    )


def _lifts(rule: Row) -> list[str]:
    """The lift over accounts of the same age and month of sign-up, and over all of that age."""
    lifts = (rule["lift_then"], age_lift_of(rule))
    return [NOTHING if lift is None else f"{lift:.1f}×" for lift in lifts]


def _landmark(rule: Row) -> str:
    """13.5% against 4.2%; a dash where the rule has no horizon."""
    landmark = rule["landmark"]
    if landmark is None:
        return NOTHING
    return f"{percent(landmark.qualified.rate)} against {percent(landmark.not_qualified.rate)}"


def _difference(wrong: Share, right: Share) -> str:
    return f"{100 * (wrong.rate - right.rate):+.1f} points" if right.n else NOTHING
