"""What flagged accounts are worth, where payments have amounts."""

from __future__ import annotations

from typing import Any

from pql_tools.precision.evaluation import Outcomes

WORTH = """
    select
        criterion_name,
        kind,
        hit_amount / mature as per_flagged_account,
        precision_by_amount / nullif(coalesce(matched_base_rate_then, matched_base_rate), 0) as lift_by_amount
    from {{ ref('pql_criterion_precision') }}
    where hit_amount is not null and mature > 0
    order by case when kind = 'definition' then 0 else 1 end, criterion_name
"""


def worth(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Of each rule: first payments in time per flagged account, and that over what others bring."""
    return outcomes.warehouse.rows(WORTH)


def said_of_worth(rows: list[dict[str, Any]]) -> list[str]:
    """A sentence for each definition."""
    return [
        f"{row['criterion_name']}: {row['per_flagged_account']:,.2f} paid in time per flagged account"
        + (
            f", {row['lift_by_amount']:.1f} times what as many of their age bring."
            if row["lift_by_amount"]
            else "."
        )
        for row in rows
        if row["kind"] == "definition"
    ]
