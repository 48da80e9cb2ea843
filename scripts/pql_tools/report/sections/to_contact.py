"""Whom sales was told of and has not touched yet."""

from __future__ import annotations

from pql_tools.report.page import NOTHING, Section, Table, columns, count
from pql_tools.report.sections.common import Facts, account_name


def to_contact(facts: Facts) -> Section:
    """Who is to be contacted, by when, and with whom to begin."""
    rows, title = facts["to_contact"], "To contact"
    if not rows:
        words = (
            "Nobody waits: no announced lead is without a first touch. The first build announces nobody, "
            "nor does a change of the rules; who is a lead stands below."
        )
        return Section("contact", title, texts=[words])
    as_of = facts["build"][0]["as_of"]
    overdue = sum(row["contact_by"] < as_of for row in rows)
    table = Table(
        f"{count(len(rows), 'lead')} that sales was told of, without a first touch; the first due on top. "
        f"{overdue:,} overdue.",
        columns("Account", "Why", "Until", "Queue", "Begin with", "Tier", "News", numbers="Until"),
        [
            [
                account_name(row),
                row["reason"] or NOTHING,
                f"{row['contact_by']:%Y-%m-%d %H:%M}",
                row["queue"] or NOTHING,
                row["begin_with"] or NOTHING,
                row["tier"] or NOTHING,
                ("overdue, " if row["contact_by"] < as_of else "")
                + ("new" if row["event_type"] == "qualified" else "again"),
            ]
            for row in rows
        ],
        is_list=True,
    )
    return Section("contact", title, parts=[table])
