"""Who is almost there."""

from __future__ import annotations

from pql_tools.report.page import NOTHING, Section, Table, amount, columns, count, day, spoken
from pql_tools.report.sections.common import Facts, account_name


def near_misses(facts: Facts) -> Section:
    """Who is almost there."""
    rows, title = facts["near_misses"], "Near misses"
    if not rows:
        return Section(
            "near", title, texts=["No account is on its way to a criterion that it can still meet."]
        )
    with_points = any(row["points"] is not None for row in rows)
    heads = [
        "Account",
        "What is missing",
        "Next criterion",
        "Then a PQL",
        *(["Points"] if with_points else []),
        "Was a PQL",
        "Plan",
        "Last seen",
    ]
    table = Table(
        f"The {count(len(rows), 'account')} nearest to qualifying that {'is' if len(rows) == 1 else 'are'} "
        "open, not excluded and can still be a PQL, by what they lack in sum. Then a PQL: whether this step, "
        "taken on the day of the report, is enough, or how many criteria are missing.",
        columns(*heads, numbers="Points;Last seen"),
        [
            [
                account_name(row),
                row["next_step"] or NOTHING,
                spoken(row["next_criterion"]),
                "yes" if row["next_step_makes_lead"] else count(row["steps_to_lead"], "step"),
                *([f"{amount(row['points'])} of {amount(row['points_needed'])}"] if with_points else []),
                "before" if row["pql_status"] == "lapsed" else "never",
                row["plan"] or NOTHING,
                day(row["last_seen_at"]),
            ]
            for row in rows
        ],
        is_list=True,
    )
    return Section("near", title, parts=[table])
