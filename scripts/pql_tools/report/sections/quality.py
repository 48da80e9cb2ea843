"""Whether the numbers can be trusted."""

from __future__ import annotations

from pql_tools.precision.evaluation import end_of_data
from pql_tools.report.page import NOTHING, Section, Table, columns, count, number, percent, spoken
from pql_tools.report.sections.common import Facts, total
from pql_tools.statistics import Share


def quality(facts: Facts) -> Section:
    """Can the numbers be trusted?"""
    title, rows = "Data quality", facts["quality"]
    if not rows:
        return Section("quality", title, texts=["No events have been loaded."])
    names = [
        name for name in rows[0] if name not in ("event_source", "raw", "accounts_with_unknown_time_zone")
    ]
    body = [
        [
            f"{row['event_source']}: {spoken(name)}" if len(rows) > 1 else spoken(name),
            number(row[name]),
            percent(Share(int(row[name]), int(row["raw"])).rate),
        ]
        for row in rows
        for name in names
    ]
    raw, zones = total(rows, "raw"), int(rows[0]["accounts_with_unknown_time_zone"])
    table = Table(
        f"Of {count(raw, 'raw row')} of events. Raw is accepted, duplicates and rejected together; "
        "uncounted, ignored, unattributed and invalid properties are part of the accepted.",
        columns("What", "Rows", "Of raw rows", numbers="Rows;Of raw rows"),
        body,
    )
    notes = [
        f"{count(zones, 'account')} of {facts['build'][0]['accounts']:,} with a time zone that is unknown "
        "and read as the default."
    ]
    return Section(
        "quality",
        title,
        texts=[*end_of_data(facts["build"][0]), *_alarm(facts)],
        parts=[table, *_health(facts)],
        notes=notes,
    )


def _alarm(facts: Facts) -> list[str]:
    """Events whose tracking seems to have broken, in one sentence."""
    broken = [row["event_name"] for row in facts["health"] if row["verdict"] == "tracking"]
    return [f"Tracking may be broken: {', '.join(broken)}."] if broken else []


def _health(facts: Facts) -> list[Table]:
    """Events that do not come as usual: did their tracking break, or does nobody do it any more?"""
    words = {"tracking": "tracking may be broken", "usage": "use fell"}
    rows = [
        [
            row["event_name"],
            words[row["verdict"]],
            number(row["events_last_days"]),
            number(row["events_weakest_days"]),
            f"{row['accounts_using']:,} of {row['accounts_active']:,}",
            row["may_be_called"] or NOTHING,
        ]
        for row in facts["health"]
    ]
    caption = (
        "Events that came less than half as often in the last three days as on these weekdays of the "
        "weakest of the four weeks before. Still using it: of accounts that used it before and still do "
        "other things."
    )
    heads = ("Event", "Verdict", "Last three days", "Weakest week", "Still using it", "Now called")
    table = Table(caption, columns(*heads, numbers="Last three days;Weakest week;Still using it"), rows)
    return [table] if rows else []
