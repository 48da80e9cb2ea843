"""What the check of precision found, kept beside what builds found, and what has fallen since."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from pql_tools.precision.evaluation import Outcomes, Result, Settings
from pql_tools.warehouse import Warehouse, WarehouseError, WritableWarehouse, open_warehouse

HISTORY, FALLS = "pql_check_history", "pql_precision_falls"
KEY = ("as_of", "rules_version", "criterion_name", "kind", "horizon_days", "mature", "hits")

_MARKET = {
    True: "It fell beside accounts of the same age and time as well: it is the rule.",
    False: "It may be the market: others of the same age and time pay less as well, or too few to tell.",
    None: "What others of the same age and time did is not known.",
}


def new_checks(outcomes: Outcomes, results: list[Result], settings: Settings) -> list[dict[str, Any]]:
    """The rows that the history lacks, of the results on all accounts; none where no build has begun it."""
    warehouse = outcomes.warehouse
    if not (warehouse.is_built(HISTORY) and warehouse.is_built("pql_build")):
        return []
    known = {
        tuple(row[name] for name in KEY)
        for row in warehouse.rows(f"select {', '.join(KEY)}, compared_then from {{{{ ref('{HISTORY}') }}}}")
    }
    build = warehouse.rows("select rules_version from {{ ref('pql_build') }}")[0]
    checked = [
        {
            "checked_at": datetime.now(UTC).replace(tzinfo=None),
            "made_by": "script",
            "as_of": settings.as_of or outcomes.as_of,
            "rules_version": build["rules_version"],
            "criterion_name": result.name,
            "kind": result.rule["kind"],
            "horizon_days": result.horizon_days,
            "mature": result.counts.precision.n,
            "hits": result.counts.precision.hits,
            "precision_rate": result.counts.precision.rate,
            "matched_base_rate": result.counts.base_rate,
            "matched_base_rate_then": result.counts.then.base_rate,
            "compared_then": result.counts.then.compared.n,
            "compared_hits_then": result.counts.then.compared.hits,
        }
        for result in results
        if result.group is None
    ]
    return [row for row in checked if tuple(row[name] for name in KEY) not in known]


def keep(options: argparse.Namespace, rows: list[dict[str, Any]]) -> str | None:
    """Add rows to the history; a sentence where that cannot be, as with rights to read alone."""
    if not rows:
        return None
    try:
        with open_warehouse(options, WritableWarehouse) as warehouse:
            place = warehouse.relation(HISTORY)
            names = warehouse.names_of(place)
            columns = ", ".join(names[name] for name in rows[0])
            values = ", ".join(
                "(" + ", ".join(_literal(warehouse, value) for value in row.values()) + ")" for row in rows
            )
            warehouse.execute(f"insert into {place} ({columns}) values {values}")
    except WarehouseError as problem:
        return f"This check is not kept in {HISTORY}: {problem}"
    return None


def _literal(warehouse: Warehouse, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"timestamp '{value:%Y-%m-%d %H:%M:%S.%f}'"
    return warehouse.literal(value) if isinstance(value, str) else repr(value)


def falls(warehouse: Warehouse) -> list[str]:
    """A sentence for each whose precision has fallen by more than chance."""
    if not warehouse.is_built(FALLS):
        return []
    return [
        f"{row['criterion_name']}: the precision has fallen by more than chance: {row['hits_since']:,} of "
        f"{row['mature_since']:,} accounts judged since {row['as_of_before']} paid in time, before it were "
        f"{row['hits_before']:,} of {row['mature_before']:,}. {_MARKET[row['is_beyond_market']]}"
        for row in warehouse.rows(f"select * from {{{{ ref('{FALLS}') }}}} order by criterion_name")
    ]
