"""How much each team brought, week by week, and what became of it."""

from __future__ import annotations

from pql_tools.report import charts
from pql_tools.report.page import NOTHING, Figure, Section, Table, columns, day, number, share
from pql_tools.report.sections.common import Facts, Row, week_starts
from pql_tools.statistics import Share

TITLE = "Scorecard of teams"
TEAMS = {
    "marketing": ("sign-ups", "became a PQL in time"),
    "product": ("new PQLs", "paid in time"),
    "sales": ("announced leads", "accepted"),
    "success": ("new customers", "still paying after 90 days"),
}


def scorecard(facts: Facts) -> Section | None:
    """Quantity and quality of each team as small multiples; None where the table is not built."""
    weeks = week_starts(facts["scorecard"], facts["build"][0]["as_of"].date())
    if not weeks:
        return None
    found = {(row["team"], row["week"]): row for row in facts["scorecard"]}
    texts = [
        "For each team what it brought in a week, and of that, what turned out well. A week's quality is "
        "drawn once all of the week can be judged, so that the newest weeks have none yet."
    ]
    teams = [team for team in TEAMS if any(found.get((team, week), {}).get("quantity") for week in weeks)]
    panels = [
        (team, *TEAMS[team], [_week(found.get((team, week)), week) for week in weeks]) for team in teams
    ]
    figure = Figure(
        "scorecard-chart",
        "Quantity and quality by week",
        "; ".join(f"{team}: {_in_words(rows, what, good)}" for team, what, good, rows in panels) + ".",
        charts.draw("scorecard", lambda width: charts.scorecard(panels, width)),
        _table(found, weeks, teams),
    )
    return Section("scorecard", TITLE, texts, parts=[figure])


def _quality(row: Row | None) -> Share | None:
    """What is judged of a week; None while it cannot be, or where nothing of it is."""
    if row is None or not row["quality_denominator"]:
        return None
    return Share(int(row["quality_numerator"]), int(row["quality_denominator"]))


def _week(row: Row | None, week) -> Row:
    part = _quality(row)
    return {
        "week": day(week),
        "quantity": int(row["quantity"]) if row else 0,
        "hits": part.hits if part else 0,
        "n": part.n if part else 0,
        "quality": part.rate if part else None,
    }


def _in_words(rows: list[Row], what: str, good: str) -> str:
    judged = Share(sum(row["hits"] for row in rows), sum(row["n"] for row in rows))
    words = f"{sum(row['quantity'] for row in rows):,} {what}"
    return f"{words}, {share(judged)} {good}" if judged.n else words


def _table(found: dict, weeks: list, teams: list[str]) -> Table:
    heads = [head for team in teams for head in (TEAMS[team][0].capitalize(), TEAMS[team][1].capitalize())]
    heads += ["Touched in time"] if "sales" in teams else []
    return Table(
        "By week (Monday, UTC), newest first.",
        columns("Week of", *heads, numbers=";".join(heads)),
        [
            [
                day(week),
                *(cell for team in teams for cell in _cells(found.get((team, week)))),
                *([_touched(found.get(("sales", week)))] if "sales" in teams else []),
            ]
            for week in weeks[::-1]
        ],
    )


def _cells(row: Row | None) -> list[str]:
    part = _quality(row)
    return [number(row["quantity"]) if row else "0", share(part) if part else NOTHING]


def _touched(row: Row | None) -> str:
    part = _quality(row)
    return share(Share(int(row["touched_in_time"]), part.n)) if part else NOTHING
