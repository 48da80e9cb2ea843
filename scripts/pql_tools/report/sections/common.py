"""What several sections of the report need: rows of facts in, counts, rates and words out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pql_tools import statistics as st
from pql_tools.report.page import count, spoken
from pql_tools.statistics import Share

Row = dict
Facts = dict[str, list[Row]]
WEEKS_SHOWN = 26


def total(rows: Iterable[Row], column: str = "accounts", **wanted) -> int:
    """The sum of a column over the rows that have the wanted values."""
    return int(sum(row[column] for row in rows if all(row[key] == value for key, value in wanted.items())))


def rules_of(facts: Facts) -> list[Row]:
    """Definitions, the primary one first, then criteria, each in their order, then stages; with counts."""
    return facts["precision"]


def primary_rule(facts: Facts) -> Row | None:
    """The primary definition with its counts; None where it is about paying accounts."""
    name = facts["settings"][0]["definition_name"]
    return next(
        (row for row in rules_of(facts) if row["criterion_name"] == name and row["kind"] == "definition"),
        None,
    )


def precision_of(rule: Row) -> Share:
    """Hits among mature accounts at risk."""
    return Share(int(rule["hit"]), int(rule["mature"]))


def naive_of(rule: Row) -> Share:
    """Ever converted among ever qualified: the number not to use."""
    return Share(int(rule["qualified_and_converted"]), int(rule["qualified"]))


def base_of(rule: Row) -> float | None:
    """The base rate that `lift_of` is over."""
    return rule["matched_base_rate_then"] if rule["lift_then"] is not None else rule["matched_base_rate"]


def lift_of(rule: Row) -> float | None:
    """Hits over those that others of the same age and month of sign-up let expect; without others, by age."""
    return age_lift_of(rule) if rule["lift_then"] is None else rule["lift_then"]


def age_lift_of(rule: Row) -> float | None:
    """Precision over the base rate at matched age, whenever those compared signed up."""
    base = rule["matched_base_rate"]
    return precision_of(rule).rate / base if base and rule["mature"] else None


def name_of(rule: Row) -> str:
    """The rule's name in words."""
    name = spoken(rule["criterion_name"])
    if rule["kind"] == "criterion" or name.endswith(" (stage)"):
        return name
    return f"{name} ({rule['kind']})"


def horizon_words(rule: Row | None) -> str:
    """within 30 days"""
    if rule is None or rule["horizon_days"] is None:
        return "by the as-of"
    return f"within {count(int(rule['horizon_days']), 'day')}"


def week_starts(rows: list[Row], until) -> list:
    """Every Monday from the first row to the week of the as-of, the newest WEEKS_SHOWN of them."""
    if not rows:
        return []
    first, last = min(row["week"] for row in rows), until - timedelta(days=until.weekday())
    return [first + timedelta(days=7 * i) for i in range((last - first).days // 7 + 1)][-WEEKS_SHOWN:]


def share_bar(name: str, part: Share, base: float | None) -> Row:
    """One line of a chart of shares with their intervals."""
    low, high = st.wilson(*part)
    label = f"{name}  {part.hits}/{part.n}"
    return {"name": label, "rate": part.rate, "low": low, "high": high, "base": base}


def sentence(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def account_name(row: Row) -> str:
    """The name of an account with its id, or the id alone."""
    name = row["account_name"]
    return f"{name} ({row['account_id']})" if name else row["account_id"]
