"""Stages of leads, and what became of customers (SPEC §6)."""

import calendar
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from .account import Account
from .clock import Calendar, instant, plain_date
from .world import Row, World

Duration = tuple[int, timedelta]  # whole months, and what is beyond them


def moment_there(value: object, days: Calendar) -> datetime | None:
    """A moment as given; a bare date is the first instant of that local day."""
    day = plain_date(value)
    return instant(value) if day is None else days.midnight(day)


def stage_names(world: World) -> dict[str, str]:
    """What every stage is called: one with a criterion's name is told apart."""
    taken = {declared["name"] for declared in (*world.criteria, *world.definitions)}
    return {
        row["stage"]: f"{row['stage']} (stage)" if row["stage"] in taken else row["stage"]
        for row in world.lead_stages
        if row.get("stage")
    }


def stages_entered(account: Account, world: World) -> dict[str, datetime]:
    """When an account first entered each stage, up to the as-of."""
    names, entered = stage_names(world), {}
    for row in world.lead_stages:
        at = moment_there(row["entered_at"], account.calendar)
        if row["account_id"] != account.account_id or not row["stage"] or at is None or at > account.as_of:
            continue
        name = names[row["stage"]]
        entered[name] = min(at, entered.get(name, at))
    return entered


def churned_at(account: Account, world: World) -> datetime | None:
    """The first end after the first payment."""
    ends = [
        at
        for row in world.subscription_ends
        if row["account_id"] == account.account_id
        and (at := moment_there(row["ended_at"], account.calendar)) is not None
        and account.converted_at is not None
        and account.converted_at < at <= account.as_of
    ]
    return min(ends, default=None)


def later_by(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def duration(earlier: datetime, later: datetime) -> Duration:
    months = 0
    while later_by(earlier, months + 1) <= later:
        months += 1
    return months, later - later_by(earlier, months)


def retention(answers, world: World, judged_at: datetime) -> Iterator[Row]:
    """The rows of pql_retention, each share a product over the moments at which somebody stopped."""
    if not any(instant(row["ended_at"]) for row in world.subscription_ends if row["account_id"]):
        return
    customers = {
        row["account_id"]: row
        for row in answers.dim_accounts
        if row["converted_at"] is not None and row["converted_at"] <= judged_at
    }
    groups = {("all", "all", "all"): set(customers)}
    for row in answers.fct_criterion_outcomes:
        if row["kind"] == "criterion" or row["account_id"] not in customers or row["state"] == "same_day":
            continue
        before = row["qualified_at"] is not None and row["qualified_at"] < row["converted_at"]
        key = (row["criterion_name"], row["kind"], "flagged_before" if before else "not_flagged_before")
        groups.setdefault(key, set()).add(row["account_id"])
    for key, members in groups.items():
        followed = [paid_for(customers[account_id], judged_at) for account_id in members]
        for month in range(max((time[0] for time, _ in followed), default=-1) + 1):
            group = dict(zip(("criterion_name", "kind", "customers"), key, strict=True))
            yield group | in_month(followed, month)


def paid_for(row: Row, judged_at: datetime) -> tuple[Duration, bool]:
    """How long an account is known to have paid, and whether it stopped then."""
    has_ended = row["churned_at"] is not None and row["churned_at"] <= judged_at
    return duration(row["converted_at"], row["churned_at"] if has_ended else judged_at), has_ended


def in_month(followed: list[tuple[Duration, bool]], month: int) -> Row:
    share = Fraction(1)
    for moment in {time for time, has_ended in followed if has_ended and time[0] <= month}:
        at_risk = sum(time >= moment for time, _ in followed)
        share *= 1 - Fraction(sum(time == moment and has_ended for time, has_ended in followed), at_risk)
    there = [has_ended for time, has_ended in followed if time[0] == month]
    return {
        "months_since_conversion": month,
        "at_risk": sum(time[0] >= month for time, _ in followed),
        "ended": sum(there),
        "censored": len(there) - sum(there),
        "still_paying": share,
    }
