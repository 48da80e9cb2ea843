"""Does each criterion find accounts that go on to pay?"""

from __future__ import annotations

from pql_tools import statistics as st
from pql_tools.report import charts
from pql_tools.report.page import (
    FEW,
    NOTHING,
    Figure,
    Section,
    Table,
    columns,
    count,
    interval,
    number,
    percent,
    share,
)
from pql_tools.report.sections.common import (
    Facts,
    Row,
    base_of,
    lift_of,
    name_of,
    precision_of,
    rules_of,
    share_bar,
)
from pql_tools.statistics import Share

EFFECT = 0.25  # of the payments, due to the contact: a large one


def precision(facts: Facts) -> Section:
    """Does each criterion find accounts that go on to pay?"""
    texts = [
        "Of the accounts that met a criterion while unpaid and open, and that have had their full time "
        "since, the share "
        "that first paid within it. The diamond is the base rate: what the others of the same age "
        "that signed up in the same month did in the same time. "
        "A criterion is worth something where its whole interval lies right of the diamond. This is under "
        "the outreach "
        "then in force: it predicts, it does not say what causes payment."
    ]
    rules = rules_of(facts)
    judged = [rule for rule in rules if rule["mature"]]
    table = _precision_table(rules)
    if not judged:
        return Section(
            "precision", "Precision", [*texts, "No account has had its time to convert yet."], parts=[table]
        )
    bars = [share_bar(name_of(rule), precision_of(rule), base_of(rule)) for rule in judged]
    best = max(judged, key=lambda rule: st.wilson(*precision_of(rule)).low)
    summary = (
        f"{count(len(judged), 'rule')} with accounts to judge, definitions first; converted/accounts "
        "beside each name. "
        f"The highest lower end is that of {name_of(best)}: {share(precision_of(best))}, 95% interval "
        f"{interval(precision_of(best))}, base rate {percent(base_of(best))}."
    )
    drawing = charts.draw("precision", lambda width: charts.precision(bars, width))
    figure = Figure("precision-chart", "Precision and base rate", summary, drawing, table)
    return Section("precision", "Precision", texts, parts=[figure], notes=_precision_notes(rules))


def _precision_notes(rules: list[Row]) -> list[str]:
    notes = [
        f"“few” marks shares of fewer than {FEW} accounts. Intervals of precision are Wilson's, 95%; that of "
        "the lift has the account as its unit. Whether a criterion passes its wanted precision is decided "
        "by scripts/check_precision.py."
    ]
    notes += _experiment_notes(rules)
    same_day = [rule for rule in rules if rule["same_day"]]
    if same_day:
        words = (
            "Some payments are known only to the day on which the account qualified; they count as neither"
        )
        ranges = [f"{rule['criterion_name']} {_range_words(rule)}" for rule in same_day]
        notes.append(f"{words}; so precision lies between: {'; '.join(ranges)}.")
    changed = [
        f"{rule['criterion_name']} ({rule['current_value_of'].replace(';', ', ')})"
        for rule in rules
        if rule["current_value_of"]
    ]
    if changed:
        words = "These rest on values without history, which the conversion itself may have changed"
        notes.append(f"{words}: {'; '.join(changed)}.")
    return notes


def _experiment_notes(rules: list[Row]) -> list[str]:
    """How many accounts it takes to tell what calling them is worth, at the precision of the first rule."""
    now = precision_of(rules[0]).rate if rules else None
    if not now or now == 1:
        return []
    without = now * (1 - EFFECT)
    needed = st.holdout_size(now, without)
    return [
        "What contact with sales is worth only a holdout can tell (pql_holdout_share). If without it "
        f"{percent(without)} instead of {percent(now)} paid, {number(needed)} accounts that are contacted "
        "and as many that are not would show it in 80% of cases."
    ]


def _range_words(rule: Row) -> str:
    """The precision if all payments of the same day had come before qualifying, and if all had come after."""
    found, later = precision_of(rule), int(rule["same_day"])
    most = Share(found.hits + later, found.n + later)
    return f"{found.rate or 0:.1%} and {most.rate:.1%}"


def _precision_table(rules: list[Row]) -> Table:
    numbers = "95% interval;Base;Lift (95%);Not ripe;Paid before;Same day;Wanted"
    return Table(
        "Precision of every definition and criterion. Base: the base rate. Not ripe: qualified too recently "
        "to judge. Paid before: paid before or as it qualified. Same day: only known to have paid on the day "
        "it qualified.",
        columns("Rule", "Within", "Precision", *numbers.split(";"), numbers=numbers),
        [_precision_cells(rule) for rule in rules],
    )


def _lift_words(rule: Row) -> str:
    lift, reach = lift_of(rule), rule["lift_interval"]
    if lift is None:
        return NOTHING
    return f"{lift:.1f}×" + (f" ({reach.low:.1f}–{reach.high:.1f})" if reach else "")


def _precision_cells(rule: Row) -> list[str]:
    part = precision_of(rule)
    return [
        name_of(rule),
        "any time" if rule["horizon_days"] is None else f"{rule['horizon_days']:.0f} days",
        share(part),
        interval(part),
        percent(base_of(rule)),
        _lift_words(rule),
        number(rule["immature"]),
        number(rule["converted_before"] + rule["converted_at"]),
        number(rule["same_day"]),
        percent(rule["min_precision"]),
    ]
