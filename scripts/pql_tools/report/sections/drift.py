"""Whether the rules are as good as they were."""

from __future__ import annotations

from pql_tools import statistics as st
from pql_tools.report import charts
from pql_tools.report.page import Figure, Section, Table, columns, interval, number, percent, share
from pql_tools.report.sections.common import Facts, Row, primary_rule, share_bar, total
from pql_tools.statistics import Share


def drift(facts: Facts) -> Section:
    """Is it as good as it was?"""
    title, parts, texts = "Drift", [], []
    rule = primary_rule(facts)
    expected = rule["same_time"]["expected"] if rule and rule["same_time"] else {}
    rows = [_drift_row(row, expected) for row in facts["drift"] if row["mature"]]
    if len(rows) >= 2:
        parts.append(_drift_figure(rows))
        months = _months_since([row["month"] for row in rows])
        hits, n = zip(*(row["part"] for row in rows), strict=True)
        at_the_time = None
        if all(row["expected"] is not None for row in rows):
            at_the_time = st.drift_of_ratio(hits, [row["expected"] for row in rows], months)
        texts.append(_trend_words(st.drift(hits, n, months), at_the_time))
    else:
        texts.append("Fewer than two months of accounts have had their time to convert: no trend to see yet.")
    if facts["signups"]:
        parts.append(_cohort_table(facts))
    return Section("drift", title, texts, parts=parts)


def _drift_row(row: Row, expected: dict[str, float]) -> Row:
    """A month, its hits, and how many accounts that signed up at the same time let expect."""
    month, part = f"{row['qualified_month']:%Y-%m}", Share(int(row["hits"]), int(row["mature"]))
    hits = expected.get(month)
    base = row["matched_base_rate"] if hits is None else hits / part.n
    return {"month": month, "part": part, "base": base, "expected": hits}


def _drift_figure(rows: list[Row]) -> Figure:
    table = Table(
        "By the month in which accounts first qualified; only those that have had their full time. Base "
        "rate: of accounts of the same age that signed up in the same quarter.",
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


def _trend_words(trend: st.Trend | None, at_the_time: st.Trend | None) -> str:
    """Whether precision has a trend, and whether it is the rule's or that of the time."""
    if trend is None:
        return "All outcomes are alike: no trend to see."
    direction = "falls" if trend.z < 0 else "rises"
    sure = f"(Cochran–Armitage Z = {trend.z:.2f}, p = {trend.p_value:.3f})"
    if trend.p_value >= 0.05:
        return f"No trend over the months that chance would not often give {sure}."
    words = f"Precision {direction} over the months {sure}. "
    if at_the_time is None:
        return words + "Whether the market moved or the rule cannot be told without a horizon."
    same = f"(Z = {at_the_time.z:.2f}, p = {at_the_time.p_value:.3f})"
    if at_the_time.p_value >= 0.05:
        return words + f"So do accounts that signed up at the same time: beside them it has none {same}."
    moves = "falls" if at_the_time.z < 0 else "rises"
    return words + f"Beside accounts that signed up at the same time it {moves} too {same}: it is the rule."


def _cohort_table(facts: Facts) -> Table:
    months = sorted({row["month"] for row in facts["signups"]}, reverse=True)
    rows = []
    for month in months[:24]:
        of_month = [row for row in facts["signups"] if row["month"] == month]
        n = total(of_month)
        reached = (
            Share(total(of_month, **{column: 1}), n) for column in ("is_activated", "was_pql", "is_converted")
        )
        rows.append(
            [f"{month:%Y-%m}", number(n), *(f"{part.hits:,} ({percent(part.rate)})" for part in reached)]
        )
    return Table(
        "By month of sign-up: what share has got there by any path so far. Later months have had less time.",
        columns(
            "Signed up in",
            "Accounts",
            "Activated",
            "Was a PQL",
            "Converted",
            numbers="Accounts;Activated;Was a PQL;Converted",
        ),
        rows,
    )
