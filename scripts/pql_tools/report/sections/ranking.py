"""Whether a score puts those who pay on top."""

from __future__ import annotations

from pql_tools.precision.ranking import ORDER, Ranking, ranges, said_of
from pql_tools.report.page import NOTHING, Section, Table, columns, number, spoken
from pql_tools.report.sections.common import Facts


def ranking(facts: Facts) -> Section:
    """Do those with the most points pay the most often?"""
    found: list[Ranking] = facts["rankings"]
    title = "The order of the list"
    if not found:
        text = (
            "There is no score whose order could be judged: it takes a criterion of type score, a horizon in "
            "days, and weeks that a whole horizon has passed since."
        )
        return Section("ranking", title, texts=[text])
    texts = [
        "Sales works a list from the top. Here every open, unpaid account stands at its points at the start "
        "of each week, and either pays within the horizon after or does not.",
        ORDER,
    ]
    parts, notes = [], []
    for its in found:
        parts += [best_table(its), band_table(its)]
        notes += [f"{spoken(its.score_name).capitalize()}: {line}" for line in said_of(its)]
    notes.append(
        "Intervals of 95% take each account once, however many weeks it stood in the list. “Till” is what "
        "was known by that week: rates of weeks whose horizon had passed."
    )
    return Section("ranking", title, texts, parts=parts, notes=notes)


def best_table(its: Ranking) -> Table:
    """What the best of each week are worth."""
    return Table(
        f"The best of each week by “{spoken(its.score_name)}”, {its.first_week} to {its.last_week}; "
        f"of all {ranges(its.base)} paid within {its.horizon_days} days.",
        columns(
            "Best", "A week", "Paid", "Of those that paid", "Times all",
            numbers="A week;Paid;Of those that paid;Times all",
        ),
        [
            [
                what, number(a_week, 1), ranges(cut.precision), ranges(cut.capture), ranges(cut.lift, False),
            ]
            for what, (a_week, cut) in its.cuts.items()
        ],
    )  # fmt: skip


def band_table(its: Ranking) -> Table:
    """How often each band of points pays."""
    return Table(
        f"Paid within {its.horizon_days} days by points of “{spoken(its.score_name)}”.",
        columns(
            "Points", "Accounts", "Paid", f"Till {its.split_week}", "Since then",
            numbers=f"Accounts;Paid;Till {its.split_week};Since then",
        ),
        [
            [
                band.name,
                number(band.accounts) if band.accounts else NOTHING,
                *map(ranges, (band.paid, band.before, band.since)),
            ]
            for band in reversed(its.bands)
        ],
    )  # fmt: skip
