"""Every simple criterion worth asking about, and when each account first met it (evaluation.md §4).

One SQL pass per measure. A pass numbers the events (days, users, values) of an account by time, so that the
k-th one and the one k − 1 before it are at hand; from these follow all thresholds and windows at once. What
comes back is one row per account (and event name) and one column per threshold and window: the first moment
at which the criterion of that name in vars.yml would start. Nothing at or after payment or closure is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pql_tools.stats_outcomes import DAY

COUNTS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200)
FEW = (2, 3, 5, 7, 10, 15, 20)
FIRST_DAYS = (7, 14)
LAST_DAYS = (7, 14, 28)
ACTIVE_DAYS = {7: (3, 4, 5, 6), 14: (5, 7, 10, 12), 28: (10, 15, 20)}
STREAKS = (3, 5, 7)
LIMIT_SHARES = (0.5, 0.8, 1.0)


@dataclass(frozen=True)
class Frame:
    """The accounts that are compared: signed up up to `train_until` or within the test span, UTC."""

    train_until: np.datetime64
    test_from: np.datetime64
    test_until: np.datetime64
    observe_days: int

    def sql(self) -> str:
        """The rows of the frame, numbered: account_number, signed_up_on, ends_at (payment or closure)."""
        train_until, test_from, test_until = (
            f"timestamp '{str(moment).replace('T', ' ')}'"
            for moment in (self.train_until, self.test_from, self.test_until)
        )
        return f"""
            select
                account_id,
                row_number() over (order by account_id) - 1 as account_number,
                signed_up_at, signed_up_on, converted_at, closed_at,
                least(
                    coalesce(converted_at, timestamp '9999-12-31'),
                    coalesce(closed_at, timestamp '9999-12-31')
                ) as ends_at
            from {{{{ ref('int_accounts') }}}}
            where signed_up_at <= {train_until}
                or (signed_up_at >= {test_from} and signed_up_at <= {test_until})
        """

    def usage_sql(self, key: str) -> str:
        """Per account, `key` and local day since sign-up: its first event."""
        return f"""
            select frame.account_number, usage.{key} as item, usage.local_date - frame.signed_up_on as day,
                min(usage.first_event_at) as moment
            from {{{{ ref('fct_user_usage_daily') }}}} as usage
            inner join frame on usage.account_id = frame.account_id
            where usage.local_date >= frame.signed_up_on
                and usage.local_date - frame.signed_up_on <= {self.observe_days}
                and usage.first_event_at < frame.ends_at
                and usage.{key} <> ''
            group by frame.account_number, usage.{key}, usage.local_date - frame.signed_up_on
        """


@dataclass(frozen=True)
class Candidate:
    """One simple criterion as vars.yml would have it, and how many words it takes to say."""

    spec: dict[str, Any] = field(hash=False)
    words: int


@dataclass(frozen=True)
class Column:
    """One column of a pass: the criterion it stands for, once the event name of the row is known."""

    name: str
    sql: str
    spec: dict[str, Any]
    any_event: bool = False

    def candidate(self, event: str | None) -> Candidate:
        """The criterion, for one event name or for any event."""
        spec = dict(self.spec)
        if event is not None:
            kind = spec.pop("type")
            spec = {"type": kind, "events": [event], **spec}
        return Candidate(spec, len(spec) + ("window" in spec))


def passes(frame: Frame, limits: list[str]) -> Iterator[tuple[str, str, list[Column]]]:
    """Each pass: what it is about, its SQL, its columns. Events themselves are read by the first alone."""
    yield "counts of events", *_event_counts(frame, limits)
    yield "active days", *_active_days(frame)
    yield "people", *_distinct(frame, "user_id", {"type": "distinct_users"})
    yield (
        "kinds of events",
        *_distinct(frame, "event_name", {"type": "distinct_values", "property": "event_name"}),
    )


def _event_counts(frame: Frame, limits: list[str]) -> tuple[str, list[Column]]:
    """Counts of each kind of event and of all; and the share of a limit that a month's events have used."""
    columns = [*_count_columns(frame, ""), *_count_columns(frame, "any_")]
    for number, limit in enumerate(limits):
        for share in LIMIT_SHARES:
            spec = {"type": "limit_usage", "limit": limit, "window": {"calendar": "month"}, "at_least": share}
            sql = f"min(case when in_month >= {share} * limit_{number} then moment end)"
            columns.append(Column(f"share{round(share * 100)}_{number}", sql, spec))
    return _select(frame, columns, "numbered.event_name", f"""
        limits as (
            select plan{"".join(_limit_column(number, limit) for number, limit in enumerate(limits))}
            from {{{{ ref('stg_billing__plan_limits') }}}} where limit_value > 0 group by plan
        ),
        numbered as (
            select
                frame.account_number, events.event_name, events.occurred_at as moment,
                events.local_date - frame.signed_up_on as day,
                row_number() over (
                    partition by frame.account_number, events.event_name order by events.occurred_at
                ) as k,
                row_number() over (partition by frame.account_number order by events.occurred_at) as any_k,
                row_number() over (
                    partition by
                        frame.account_number, events.event_name, date_trunc('month', events.local_date)
                    order by events.occurred_at
                ) as in_month
                {"".join(f", {name}" for name in _limit_names(limits))}
                {_days_before("", "frame.account_number, events.event_name")}
                {_days_before("any_", "frame.account_number")}
            from {{{{ ref('int_events_attributed') }}}} as events
            inner join frame on events.account_id = frame.account_id
            left join {{{{ ref('int_account_plans') }}}} as plans
                on events.account_id = plans.account_id and events.local_date >= plans.held_from_on
                and events.local_date < coalesce(plans.held_to_on, date '9999-12-31')
            left join limits on plans.plan = limits.plan
            where events.local_date >= frame.signed_up_on
                and events.local_date - frame.signed_up_on <= {frame.observe_days}
                and events.occurred_at < frame.ends_at
        )
    """), columns  # fmt: skip


def _limit_names(limits: list[str]) -> list[str]:
    return [f"limit_{number}" for number in range(len(limits))]


def _limit_column(number: int, limit: str) -> str:
    quoted = "'" + limit.replace("'", "''") + "'"
    return f", max(case when limit_name = {quoted} then limit_value end) as limit_{number}"


def _days_before(prefix: str, partition: str) -> str:
    """For each k, the local day of the event k - 1 before."""
    return "".join(
        f", lag(events.local_date - frame.signed_up_on, {k - 1}) over "
        f"(partition by {partition} order by events.occurred_at) as {prefix}day_{k}"
        for k in COUNTS
        if k > 1
    )


def _count_columns(frame: Frame, prefix: str) -> list[Column]:
    columns, any_event = [], bool(prefix)

    def add(name: str, condition: str, spec: dict[str, Any]) -> None:
        sql = f"min(case when {condition} then moment end)"
        columns.append(Column(prefix + name, sql, {"type": "event_count", **spec}, any_event))

    for k in COUNTS:
        add(f"k{k}", f"{prefix}k = {k}", {"at_least": k})
        for days in (days for days in FIRST_DAYS if days < frame.observe_days):
            window = {"window": {"first_days": days}, "at_least": k}
            add(f"k{k}_first{days}", f"{prefix}k = {k} and day < {days}", window)
        for days in (days for days in LAST_DAYS if k > 1 and days < frame.observe_days):
            window = {"window": {"last_days": days}, "at_least": k}
            add(f"k{k}_last{days}", f"day - {prefix}day_{k} < {days}", window)
    return columns


def _active_days(frame: Frame) -> tuple[str, list[Column]]:
    columns = []
    for days, counts in ACTIVE_DAYS.items():
        for k in counts:
            if days < frame.observe_days:
                spec = {"type": "active_days", "window": {"last_days": days}, "at_least": k}
                columns.append(
                    Column(f"d{k}_last{days}", f"min(case when day - day_{k} < {days} then moment end)", spec)
                )
    for k in STREAKS:
        spec = {"type": "consecutive_days", "at_least": k}
        columns.append(Column(f"streak{k}", f"min(case when day - day_{k} < {k} then moment end)", spec))
    needed = sorted({k for counts in ACTIVE_DAYS.values() for k in counts} | set(STREAKS))
    lags = ",\n".join(
        f"lag(day, {k - 1}) over (partition by account_number order by day) as day_{k}" for k in needed
    )
    return _select(frame, columns, "cast(null as varchar)", f"""
        days as (
            select account_number, day, min(moment) as moment from ({frame.usage_sql("event_name")}) as usage
            group by account_number, day
        ),
        numbered as (select account_number, moment, day, {lags} from days)
    """), columns  # fmt: skip


def _distinct(frame: Frame, key: str, spec: dict[str, Any]) -> tuple[str, list[Column]]:
    """Distinct users or values: each counts from its first event until the window has passed its last."""
    columns, unions = [], []
    for days in (*LAST_DAYS, None):
        if days is not None and days >= frame.observe_days:
            continue
        stays = 10_000 if days is None else days
        unions.append(f"""
            select account_number, {stays} as stays, day, moment, 1 as change from seen
            where previous is null or day - previous >= {stays}
            union all
            select account_number, {stays} as stays, day + {stays} as day,
                cast(null as timestamp) as moment, -1 as change
            from seen where following is null or following - day >= {stays}
        """)
        for k in FEW:
            window = {} if days is None else {"window": {"last_days": days}}
            sql = f"min(case when stays = {stays} and change = 1 and present >= {k} then moment end)"
            columns.append(Column(f"n{k}_last{stays}", sql, {**spec, **window, "at_least": k}))
    return _select(frame, columns, "cast(null as varchar)", f"""
        seen as (
            select account_number, item, day, moment,
                lag(day) over (partition by account_number, item order by day) as previous,
                lead(day) over (partition by account_number, item order by day) as following
            from ({frame.usage_sql(key)}) as usage
        ),
        numbered as (
            select account_number, stays, moment, change, sum(change) over (
                partition by account_number, stays order by day, change, moment rows unbounded preceding
            ) as present
            from ({" union all ".join(unions)}) as changes
        )
    """), columns  # fmt: skip


def _select(frame: Frame, columns: list[Column], event: str, ctes: str) -> str:
    measured = ",\n".join(f"{column.sql} as {column.name}" for column in columns)
    grouped = "account_number" + (", event_name" if event.startswith("numbered") else "")
    return f"""
        with frame as ({frame.sql()}), {ctes}
        select account_number, {event} as event_name, {measured}
        from numbered group by {grouped}
    """


def sweep(
    warehouse, frame: Frame, accounts: dict[str, np.ndarray], limits: list[str], on_pass
) -> tuple[list[Candidate], np.ndarray]:
    """All candidates, and the age in microseconds at which each account (row) first meets each (column).

    Ages are +inf where never, or not within the days observed. Candidates that nobody meets are left out.
    """
    candidates, ages = [], []
    signed_up_at = accounts["signed_up_at"]
    ends = (accounts["ends_at"] - signed_up_at).astype("timedelta64[us]").astype(float)
    horizon = frame.observe_days * DAY
    todo = list(passes(frame, limits))
    for about, sql, columns in todo:
        on_pass(about, len(todo))
        found = warehouse.columns(sql)
        numbers, names = found["account_number"].astype(int), found["event_name"]
        kinds = sorted({str(name) for name in names if name is not None})
        of_kind = {kind: np.flatnonzero(names == kind) for kind in kinds}
        for column in columns:
            each = {None: slice(None)} if column.any_event or not kinds else of_kind
            for kind, rows in each.items():
                who, met_at = numbers[rows], found[column.name][rows].astype("datetime64[us]")
                age = np.maximum((met_at - signed_up_at[who]).astype("timedelta64[us]").astype(float), 0)
                age[np.isnat(met_at)] = np.inf
                age[(age >= horizon) | (age >= ends[who])] = np.inf  # ends may come before sign-up
                if np.isfinite(age).any():
                    whole = np.full(len(signed_up_at), np.inf)
                    np.minimum.at(whole, who, age)
                    candidates.append(column.candidate(kind))
                    ages.append(whole)
    return candidates, np.array(ages).T if ages else np.zeros((len(signed_up_at), 0))
