"""Why our precision is lower than that of other tools."""

from __future__ import annotations

from pql_tools.report import charts
from pql_tools.report.page import NOTHING, Figure, Section, Table, columns, share
from pql_tools.report.sections.common import Facts, naive_of, name_of, precision_of, rules_of
from pql_tools.statistics import Share


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
        (name_of(rule), naive_of(rule), precision_of(rule)) for rule in rules_of(facts) if rule["qualified"]
    ]
    title = "Appendix: naive and honest precision"
    if not rows:
        return Section("naive", title, [*texts, "No account has met any criterion yet."])
    table = Table(
        "The same accounts counted both ways.",
        columns("Rule", "Naive", "Honest", "Naive minus honest", numbers="Naive minus honest"),
        [[name, share(wrong), share(right), _difference(wrong, right)] for name, wrong, right in rows],
    )
    judged = [row for row in rows if row[2].n]
    if not judged:
        return Section("naive", title, texts, parts=[table])
    worst = max(judged, key=lambda row: abs(row[1].rate - row[2].rate))
    bars = [{"name": name, "naive": wrong.rate, "honest": right.rate} for name, wrong, right in judged]
    summary = f"They differ most for {worst[0]}: naive {share(worst[1])}, honest {share(worst[2])}."
    drawing = charts.draw("naive", lambda width: charts.naive_and_honest(bars, width))
    return Section(
        "naive",
        title,
        texts,
        parts=[Figure("naive-chart", "Naive and honest precision", summary, drawing, table)],
    )


def _difference(wrong: Share, right: Share) -> str:
    return f"{100 * (wrong.rate - right.rate):+.1f} points" if right.n else NOTHING
