"""What a growth team reads standing up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from pql_tools.report.page import NOTHING, Card, Section, count, interval, percent
from pql_tools.report.sections.common import (
    Facts,
    Row,
    base_of,
    horizon_words,
    lift_of,
    precision_of,
    primary_rule,
    total,
)
from pql_tools.statistics import Share


def headlines(facts: Facts) -> Section:
    """What a growth team reads standing up."""
    rule = primary_rule(facts)
    cards = [_open_card(facts), _new_card(facts)]
    if rule:
        cards += [_precision_card(rule), _lift_card(rule), _recall_card(rule), _median_card(rule)]
    return Section(
        "headlines", "This week in six numbers" if rule else "This week", cards=cards, notes=_stale(facts)
    )


def _stale(facts: Facts) -> list[str]:
    settings, build = facts["settings"][0], facts["build"][0]
    if settings["rules_version"] == build["rules_version"]:
        return []
    return [
        "The configuration has changed since the warehouse was built: run dbt build, then this report again."
    ]


def _open_card(facts: Facts) -> Card:
    counted = Counter({row["pql_status"]: row["accounts"] for row in facts["statuses"]})
    still_open = sum(counted[status] for status in ("active", "lapsed", "never"))
    return Card(
        "PQLs now",
        count(counted["active"]),
        f"of {count(still_open, 'account')} open, unpaid and not excluded",
    )


def _new_card(facts: Facts) -> Card:
    as_of = facts["build"][0]["as_of"].date()
    this_week = as_of - timedelta(days=as_of.weekday())
    weeks = [this_week - timedelta(days=days) for days in (7, 14)]
    last, before = (total(facts["weekly"], "new_pqls", week=week) for week in weeks)
    returned = total(facts["weekly"], "returned_pqls", week=weeks[0])
    return Card(
        "New in the last whole week",
        count(last),
        f"a PQL for the first time; {before:,} in the week before. {returned:,} more had been one before",
    )


def _precision_card(rule: Row) -> Card:
    part, within = precision_of(rule), horizon_words(rule)
    if part.n == 0:
        return Card("Precision", NOTHING, f"no account has had its time to convert ({within}) yet")
    detail = f"{part.hits:,} of {part.n:,} that qualified paid {within}; 95% interval {interval(part)}"
    return Card("Precision", percent(part.rate), detail)


def _lift_card(rule: Row) -> Card:
    lift = lift_of(rule)
    if lift is None:
        return Card("Lift", NOTHING, "no base rate to compare with yet")
    reach = rule["lift_interval"]
    detail = f"precision over the {percent(base_of(rule))} of other accounts of the same age"
    if rule["lift_then"] is not None:
        detail += " that signed up in the same month"
    return Card(
        "Lift",
        f"{lift:.1f}×",
        detail + (f"; 95% interval {reach.low:.1f} to {reach.high:.1f}" if reach else ""),
    )


def _recall_card(rule: Row) -> Card:
    caught = Share(int(rule["converters_caught"]), int(rule["converters"]))
    days = "" if rule["recall_days"] is None else f" within {rule['recall_days']:.0f} days of sign-up"
    if caught.n == 0:
        return Card("Recall", NOTHING, f"nobody with that much history has paid{days}")
    return Card(
        "Recall",
        percent(caught.rate),
        f"{caught.hits:,} of {caught.n:,} that paid{days} were flagged in time",
    )


def _median_card(rule: Row) -> Card:
    if not rule["hit"]:
        return Card("Median time to pay", NOTHING, "nobody has paid after qualifying yet")
    days = rule["median_days_to_convert"]
    return Card(
        "Median time to pay", f"{days:.0f} days", f"from qualifying, of the {rule['hit']:,} that paid in time"
    )
