"""Where the tables of a build and the answers of the reference disagree."""

from collections import Counter
from fractions import Fraction

from harness import Warehouse
from reference.measures import MEASURES, threshold
from reference.oracle import Answers
from reference.world import World

# The columns that a table and the reference share; the reference calls a local day `day`.
COLUMNS = {
    "dim_accounts": (
        "account_id",
        "signed_up_at",
        "is_signup_inferred",
        "converted_at",
        "closed_at",
        "merged_into",
        "first_seen_at",
        "last_seen_at",
    ),
    "fct_user_usage_daily": (
        "account_id",
        "user_id",
        "local_date as day",
        "event_name",
        "events",
        "first_event_at",
        "last_event_at",
    ),
    "fct_account_usage_daily": (
        "account_id",
        "local_date as day",
        "active_users",
        "events",
        "distinct_events",
        "active_users_7d",
        "events_7d",
        "active_users_28d",
        "events_28d",
    ),
    "fct_criterion_episodes": ("account_id", "criterion_name", "episode_number", "started_at", "ended_at"),
    "pql_account_criteria": (
        "account_id",
        "criterion_name",
        "is_met",
        "times_met",
        "first_met_at",
        "last_started_at",
        "last_ended_at",
    ),
    "fct_pql_episodes": (
        "definition_name",
        "account_id",
        "episode_number",
        "qualified_at",
        "ended_at",
        "end_reason",
        "criteria_met",
        "tier",
        "score",
    ),
    "pql_accounts": (
        "account_id",
        "is_pql",
        "pql_status",
        "qualified_at",
        "first_qualified_at",
        "times_qualified",
        "pql_tier",
        "pql_score",
        "criteria_met",
    ),
}
TEXTS = ("event_id", "occurred_at", "event_name", "user_id", "account_id")


def disagreements(warehouse: Warehouse, answers: Answers, world: World) -> list[str]:
    """One line per row that only one of the two has, at most a few per table."""
    found = []
    for table, columns in COLUMNS.items():
        names = [column.split(" as ")[-1] for column in columns]
        rows = [tuple(row.values()) for row in warehouse.rows(table, ", ".join(columns))]
        expected = [tuple(row[name] for name in names) for row in getattr(answers, table)]
        found += differences(table, rows, expected)
    found += staging_differences(warehouse, answers)
    found += differences("event_quality", [counts(warehouse)], [expected_counts(answers)])
    found += observed_differences(warehouse, answers, world)
    return found


def differences(table: str, rows: list[tuple], expected: list[tuple]) -> list[str]:
    rows, expected = Counter(rows), Counter(expected)
    wrong = [f"{table}: built    {printed(row)}" for row in rows - expected]
    missing = [f"{table}: expected {printed(row)}" for row in expected - rows]
    return sorted(wrong)[:5] + sorted(missing)[:5]


def printed(row: tuple) -> str:
    return ", ".join(str(value) for value in row)


def staging_differences(warehouse: Warehouse, answers: Answers) -> list[str]:
    """Accepted rows, and the ids and reasons of rejected ones."""
    accepted = [tuple(row.values()) for row in warehouse.rows("stg_product__events", ", ".join(TEXTS))]
    rejected = [
        tuple(row.values()) for row in warehouse.rows("stg_product__events_rejected", "event_id, reason")
    ]
    return differences(
        "stg_product__events", accepted, [tuple(row.get(name) for name in TEXTS) for row in answers.accepted]
    ) + differences(
        "stg_product__events_rejected", rejected, [(row["event_id"], why) for row, why in answers.rejected]
    )


REASONS = (
    "missing_event_id",
    "missing_event_name",
    "missing_occurred_at",
    "invalid_event_count",
    "future_occurred_at",
)


def counts(warehouse: Warehouse) -> tuple:
    """What event_quality counts, over all sources of events."""
    columns = (
        "raw",
        "accepted",
        "duplicates",
        "conflicting_duplicates",
        "unattributed",
        "ignored",
        "invalid_properties",
        "placeholder_ids",
    )
    columns += tuple(f"rejected_{reason}" for reason in REASONS)
    sums = ", ".join(f"coalesce(sum({column}), 0)::bigint as {column}" for column in columns)
    return tuple(warehouse.row("event_quality", sums).values())


def expected_counts(answers: Answers) -> tuple:
    quality = answers.quality
    columns = (
        "raw",
        "accepted",
        "duplicates",
        "conflicting",
        "unattributed",
        "ignored",
        "invalid_properties",
        "placeholder_ids",
    )
    rejected = [quality["rejected"].get(reason, 0) for reason in REASONS]
    return (*(quality[column] for column in columns), *rejected)


def observed_differences(warehouse: Warehouse, answers: Answers, world: World) -> list[str]:
    """The measures of the ledger, to six places, and what follows from them."""
    criteria = {criterion["name"]: criterion for criterion in world.criteria}
    columns = "account_id, criterion_name, is_met, observed_value, threshold, margin, is_in_grace"
    ledger = {
        (r["account_id"], r["criterion_name"]): r for r in warehouse.rows("pql_account_criteria", columns)
    }
    found = []
    for answer in answers.pql_account_criteria:
        row = ledger.get((answer["account_id"], answer["criterion_name"]))
        criterion, measured = criteria[answer["criterion_name"]], answer["observed_value"]
        if row is None or measured is None:
            continue
        is_close = abs(Fraction(row["observed_value"]) - Fraction(measured)) <= Fraction(1, 10**6)
        is_behaviour = criterion["type"] in MEASURES
        is_in_grace = is_behaviour and answer["is_met"] and measured < threshold(criterion)
        is_consistent = row["margin"] == row["observed_value"] - row["threshold"]
        if is_behaviour:
            is_consistent &= abs(Fraction(row["threshold"]) - threshold(criterion)) <= Fraction(1, 10**6)
        if not is_close or not is_consistent or row["is_in_grace"] != is_in_grace:
            found.append(f"pql_account_criteria: built {printed(row.values())}, expected {measured}")
    return found[:5]
