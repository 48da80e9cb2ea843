"""Whether the rules are as good as they were."""

from __future__ import annotations

from pql_tools import statistics as st
from pql_tools.console import p_value_text
from pql_tools.precision.drift import fall_words
from pql_tools.report import charts
from pql_tools.report.page import Figure, Section, Table, columns, interval, number, percent, share
from pql_tools.report.sections.common import Facts, Row, primary_rule, share_bar, total
from pql_tools.report.sections.funnel import has_activation
from pql_tools.statistics import Share


def drift(facts: Facts) -> Section:
    """Is it as good as it was?"""
    title, parts, texts = "Drift", [], []
    rule, rows = primary_rule(facts), [_drift_row(row) for row in facts["drift"] if row["mature"]]
    if len(rows) >= 2:
        parts.append(_drift_figure(rows))
        months = _months_since([row["month"] for row in rows])
        hits, n = zip(*(row["part"] for row in rows), strict=True)
        compared, at_the_time = [row for row in zip(rows, months, strict=True) if row[0]["compared"].n], None
        if compared:
            at_the_time = st.drift_of_ratio(
                [row["compared"].hits for row, _ in compared],
                [row["compared"].n * row["base"] for row, _ in compared],
                [month for _, month in compared],
            )
        texts.append(_trend_words(st.drift(hits, n, months), at_the_time))
        if rule and rule["fall"]:
            texts.append(_evidence_words(rule["fall"]))
    else:
        texts.append("Fewer than two months of accounts have had their time to convert: no trend to see yet.")
    if facts["signups"]:
        parts.append(_cohort_table(facts))
    return Section("drift", title, texts, parts=parts)


def _evidence_words(found: st.Fall) -> str:
    """Since when the primary definition is worse than it was, or that nothing says so."""
    if st.has_fallen(found):
        return "Asked in a way that may be asked every week: " + fall_words(found, 0.95)
    return (
        "Asked in a way that may be asked every week, nothing says that it is worse than it was beside "
        f"accounts of the same age and time: the evidence is {found.evidence:.2g} to 1, and 20 to 1 is "
        "asked for (scripts/check_precision.py --fail-on-drift)."
    )


def _drift_row(row: Row) -> Row:
    """A month, its hits, and what others of the same age, who signed up in the same months, did."""
    return {
        "month": f"{row['qualified_month']:%Y-%m}",
        "part": Share(int(row["hits"]), int(row["mature"])),
        "compared": Share(int(row["compared_hits_then"]), int(row["compared_then"])),
        "base": row["matched_base_rate_then"],
    }


def _drift_figure(rows: list[Row]) -> Figure:
    table = Table(
        "By the month in which accounts first qualified; only those that have had their full time. Base "
        "rate: of others of the same age that signed up in the same month, so that it moves with the market.",
        columns("Month", "Precision", "95% interval", "Base rate", numbers="95% interval;Base rate"),
        [[r["month"], share(r["part"]), interval(r["part"]), percent(r["base"])] for r in rows],
    )
    bars = [{**share_bar(row["month"], row["part"], row["base"]), "name": row["month"]} for row in rows]
    shown = "; ".join(f"{row['month']} {row['part'].hits}/{row['part'].n}" for row in rows[-6:])
    drawing = charts.draw("drift", lambda width: charts.drift(bars, width))
    return Figure(
        "drift-chart", "Precision by month of qualifying", f"{shown} (converted/accounts).", drawing, table
    )


def _months_since(months: list[str]) -> list[int]:
    """Months counted from the first one, gaps included."""
    numbers = [12 * int(month[:4]) + int(month[5:]) for month in months]
    return [value - numbers[0] for value in numbers]


def _chance(trend: st.Trend) -> str:
    """How likely such a trend is by chance."""
    return f"p = {p_value_text(trend.p_value, 3)}".replace("= <", "< ")


def _trend_words(trend: st.Trend | None, at_the_time: st.Trend | None) -> str:
    """Whether precision has a trend, and whether it is the rule's or that of the time."""
    if trend is None:
        return "All outcomes are alike: no trend to see."
    sure = f"(Cochran–Armitage Z = {trend.z:.2f}, {_chance(trend)})"
    said = f"Precision {_moves(trend)} over the months {sure}. "
    if trend.p_value >= 0.05:
        said = f"Precision has no trend over the months that chance would not often give {sure}. "
    if at_the_time is None:
        return said + "Whether the rule or the market moves cannot be told: there is nobody to compare with."
    same = f"(Z = {at_the_time.z:.2f}, {_chance(at_the_time)})"
    others = "others of the same age that signed up in the same month"
    if at_the_time.p_value < 0.05:
        beside = f"Beside {others} it {_moves(at_the_time)} {same}: "
        if trend.p_value < 0.05 and trend.z * at_the_time.z < 0:
            return f"{said}{beside}the market {_moves(trend)}, and the accounts of the rule do so less."
        return said + beside + "it is the rule."
    if trend.p_value < 0.05:
        return said + f"Beside {others} it does not, beyond chance {same}: it may be the market."
    return said + f"Nor has it any beside {others} {same}."


def _moves(trend: st.Trend) -> str:
    return "falls" if trend.z < 0 else "rises"


def _cohort_table(facts: Facts) -> Table:
    months = sorted({row["month"] for row in facts["signups"]}, reverse=True)
    stages = {"Activated": "is_activated", "Was a PQL": "was_pql", "Converted": "is_converted"}
    if not has_activation(facts):
        del stages["Activated"]
    rows = []
    for month in months[:24]:
        of_month = [row for row in facts["signups"] if row["month"] == month]
        n = total(of_month)
        reached = (Share(total(of_month, **{column: 1}), n) for column in stages.values())
        rows.append(
            [f"{month:%Y-%m}", number(n), *(f"{part.hits:,} ({percent(part.rate)})" for part in reached)]
        )
    return Table(
        "By month of sign-up: what share has got there by any path so far. Later months have had less time.",
        columns("Signed up in", "Accounts", *stages, numbers=";".join(["Accounts", *stages])),
        rows,
    )
