"""What Spark means to do for a query, read from its physical plan."""

import re

# A row per zone, day, rule, plan or build, however many events: a product with one of these is none.
SMALL = {
    "OneRowRelation",
    "crm_routing",
    "int_as_of",
    "int_event_batches",
    "int_local_dates",
    "plan_limits",
    "pql_rules",
    "stg_billing__plan_limits",
    "stg_product__forgotten",
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
    if name.startswith("Scan "):
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
