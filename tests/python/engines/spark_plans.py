"""What Spark means to do for a query, read from its physical plan."""

import os
import re
from contextlib import contextmanager
from math import inf
from pathlib import Path

# A row per zone, day, rule, band, plan or build, however many events: a product with one of these is none.
SMALL = {
    "OneRowRelation",
    "crm_routing",
    "int_as_of",
    "int_event_batches",
    "int_event_counts",
    "int_local_dates",
    "plan_limits",
    "pql_rules",
    "pql_score_bands",
    "stg_billing__plan_limits",
    "stg_product__forgotten",
}
# A row for each event, or for many of them. Whatever else events are joined with fits into memory.
EVENTS = (
    "events",
    "stg_product__events_judged",
    "int_affected_events",
    "int_anonymous_events_identified",
    "int_events_set_aside",
    "int_detailed_events",
)
# How often rows of events go from task to task, {model: (built anew, in a day's build, and why they must)}.
# What depends on the criteria written has no limit.
SHUFFLES = {
    "int_event_batches": (1, 2, "grouped by batch in each task first"),
    "stg_product__events_judged": (1, 9, "sorted by id; a day finds its ids, their moments, what has gone"),
    "int_event_counts": (1, 1, "counted by batch and day in each task first"),
    "int_affected_events": (0, 6, "each once, and what else their devices did, in the order of time"),
    "int_affected_days": (0, 6, "touched events and their devices' users, each once, then grouped in tasks"),
    "int_anonymous_events_identified": (2, 4, "events of devices in the order of time"),
    **dict.fromkeys(
        (
            "int_events_resolved",
            "int_events_attributed",
            "int_events_set_aside",
            "int_detailed_events",
            "int_starting_day_events",
        ),
        (2, 2, "an event and the user that its device later had; none while the latter fit into memory"),
    ),
    "fct_user_usage_daily": (3, 3, "the same, and counted in each task first"),
    "event_quality": (3, 3, "counted by source in each task first"),
    "int_criterion_spans": (inf, inf, "each criterion's own grouping of the details, as many as are written"),
    "int_criterion_observed": (inf, inf, "the same"),
}
# What is multiplied there is the different values of a column.
ALLOWED = {"int_local_dates": "days by time zones", "crm_reconciliation": "accounts by CRMs"}
PRODUCTS = ("CartesianProduct", "BroadcastNestedLoopJoin")


def children(plan) -> list:
    return [plan.children().apply(number) for number in range(plan.children().size())]


def large_tables(plan) -> set[str]:
    """The tables that the rows of a plan come from, but for small ones and what it sums up in one row."""
    name = plan.nodeName()
    if name.endswith("Aggregate") and plan.groupingExpressions().isEmpty():
        return set()
    if name.startswith(("Scan ", "BatchScan ")):
        return {re.split(r"[. ]", name.strip())[-1]} - SMALL
    return set().union(*map(large_tables, children(plan)))


def products(plan) -> list[str]:
    """Joins that compare every row of one large input with every row of another."""
    found = [product for child in children(plan) for product in products(child)]
    if plan.nodeName() in PRODUCTS:
        sides = [large_tables(child) for child in children(plan)]
        if all(sides):
            found.append(f"{plan.nodeName()} of {sorted(sides[0])} and {sorted(sides[1])}")
    return found


def products_in(spark, models: dict[str, str]) -> dict[str, list[str]]:
    """The products in the queries of models, {model: SQL}, as if no table were small enough to broadcast."""
    threshold = "spark.sql.autoBroadcastJoinThreshold"
    before = spark.conf.get(threshold)
    spark.conf.set(threshold, -1)
    try:
        plans = {
            name: spark.sql(sql)._jdf.queryExecution().sparkPlan()
            for name, sql in models.items()
            if name not in ALLOWED
        }
        return {name: found for name, plan in plans.items() if (found := products(plan))}
    finally:
        spark.conf.set(threshold, before)


def is_final(plan) -> bool:
    """Sums up what other tasks have summed up."""
    return plan.nodeName().endswith("Aggregate") and plan.requiredChildDistributionExpressions().isDefined()


def events_in(plan) -> set[str]:
    """The tables whose rows of events a plan hands on, each by itself or as a task has grouped its own."""
    name = plan.nodeName()
    if is_final(plan) or (name.endswith("Aggregate") and plan.groupingExpressions().isEmpty()):
        return set()
    if name == "ReusedExchange":
        return events_in(plan.child())
    if name.startswith("Scan "):
        return {re.split(r"[. ]", name.strip())[-1]} & set(EVENTS)
    return set().union(*map(events_in, children(plan)))


def shuffles(plan) -> list[str]:
    """Where rows of events go from one task to others."""
    found = [shuffle for child in children(plan) for shuffle in shuffles(child)]
    if plan.nodeName() in ("Exchange", "BroadcastExchange") and (tables := events_in(plan)):
        found.append(f"{plan.nodeName()} of {sorted(tables)} to {plan.outputPartitioning().toString()}")
    return found


@contextmanager
def grown(spark, folder: Path):
    """Tables of events as if they were large: beside each file lies one of a terabyte that takes no space."""
    tables = [table for table in EVENTS if (folder / table).exists()]
    files = {
        file.parent / "large.parquet" for table in tables for file in (folder / table).rglob("*.parquet")
    }
    try:
        for file in files:
            file.touch()
            os.truncate(file, 10**12)
        for table in tables:
            spark.sql(f"refresh table pql.{table}")
        yield
    finally:
        for file in files:
            file.unlink()
        for table in tables:
            spark.sql(f"refresh table pql.{table}")


def shuffles_in(spark, folder: Path, models: dict[str, str]) -> dict[str, list[str]]:
    """The shuffles of rows of events in the queries of models, as if these were many and all others few."""
    settings = {"spark.sql.adaptive.enabled": "false", "spark.sql.shuffle.partitions": "200"}
    before = {name: spark.conf.get(name) for name in settings}
    for name, value in settings.items():
        spark.conf.set(name, value)
    try:
        with grown(spark, folder):
            plans = {
                name: spark.sql(sql)._jdf.queryExecution().executedPlan() for name, sql in models.items()
            }
        return {name: found for name, plan in plans.items() if (found := shuffles(plan))}
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


def unexplained_shuffles_in(
    spark, folder: Path, models: dict[str, str], is_next: bool
) -> dict[str, list[str]]:
    """The models that send rows of events about more often than SHUFFLES says."""
    return {
        name: found
        for name, found in shuffles_in(spark, folder, models).items()
        if len(found) > SHUFFLES.get(name, (0, 0))[is_next]
    }
