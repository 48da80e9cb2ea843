"""Whom to call."""

from __future__ import annotations

from pql_tools.report.page import NOTHING, Section, Table, amount, columns, count, day
from pql_tools.report.sections.common import Facts, account_name, total


def current_pqls(facts: Facts) -> Section:
    """Whom to call."""
    active = total(facts["statuses"], pql_status="active")
    rows = facts["pqls"]
    if not rows:
        return Section("pqls", "Current PQLs", texts=["No account is a PQL at this moment."])
    table = Table(
        f"{'All' if len(rows) == active else f'The first {len(rows):,} of'} "
        f"{count(active, 'current PQL')}: most points first, then who became one last.",
        columns(
            "Account", "Why", "Tier", "Points", "Since", "Plan", "Last seen", numbers="Points;Since;Last seen"
        ),
        [
            [
                account_name(row),
                row["reason"] or NOTHING,
                row["pql_tier"] or NOTHING,
                amount(row["pql_score"]),
                day(row["qualified_at"]),
                row["plan"] or NOTHING,
                day(row["last_seen_at"]),
            ]
            for row in rows
        ],
        is_list=True,
    )
    return Section("pqls", "Current PQLs", parts=[table])
