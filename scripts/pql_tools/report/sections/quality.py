"""Whether the numbers can be trusted."""

from __future__ import annotations

from pql_tools.report.page import Section, Table, columns, count, number, percent, spoken
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
    return Section("quality", title, parts=[table], notes=notes)
