"""The SQL that a build is compared with: what one would write by hand, and the usual way. DuckDB only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pql_tools.warehouse import duckdb_literal as literal


def rows_of(*files: Path) -> str:
    """Parquet files as a table of DuckDB."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in files)}], union_by_name = true)"


def floor_query(events: Path) -> str:
    """The least that any warehouse of events must do, as one query.

    It reads the Parquet, rejects what is no event, keeps the delivery of each event_id that counts, and
    counts by account, user, UTC day and event. It takes account and user as they stand in the row.
    """
    return f"""
    with ranked as (
        select
            *,
            row_number() over (
                partition by event_id
                order by
                    coalesce(received_at, occurred_at), occurred_at, account_id nulls last,
                    user_id nulls last, event_name, anonymous_id nulls last, properties nulls last
            ) as delivery
        from {rows_of(events)}
        where
            trim(event_id) <> '' and trim(event_name) <> ''
            and occurred_at
            <= coalesce(received_at, cast(now() at time zone 'UTC' as timestamp)) + interval 1 day
    )
    select
        account_id,
        user_id,
        cast(occurred_at as date) as day,
        event_name,
        count(*) as events,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from ranked
    where delivery = 1
    group by all"""


def spine_queries(criteria: list[Mapping[str, Any]]) -> dict[str, str]:
    """The usual way, a query per criterion: every day of every account, joined to the days it looks at."""
    return {entry["name"]: _spine_query(entry) for entry in criteria if entry["type"] in _MEASURES}


def _spine_query(criterion: Mapping[str, Any]) -> str:
    measure = _MEASURES[criterion["type"]](criterion)
    threshold = criterion.get("at_least") or len(criterion.get("steps", ()))
    if "fades_over_days" in criterion:
        threshold = f"{threshold} * {criterion['fades_over_days']}"
    return f"""
    with spine as (
        select
            account_id,
            cast(signed_up_at as date) as signed_up_on,
            cast(unnest(generate_series(
                cast(signed_up_at as date), cast((select as_of from pql_build) as date), interval 1 day
            )) as date) as day
        from dim_accounts
    ),
    usage as ({_usage_of_both(criterion) if criterion["type"] == "ratio" else _usage(criterion)}),
    measured as (
        select spine.account_id, spine.day, {measure} as measure
        from spine
        left join usage
            on spine.account_id = usage.account_id
            and usage.local_date between spine.signed_up_on and spine.day
            and {_window(criterion)}
        group by spine.account_id, spine.day, spine.signed_up_on
    ),
    met as (
        select
            account_id,
            day,
            day - cast(row_number() over (partition by account_id order by day) as integer) as run
        from measured
        where measure >= {threshold}
    )
    select account_id, min(day) as started_on, max(day) as ended_on
    from met
    group by account_id, run"""


def _usage_of_both(ratio: Mapping[str, Any]) -> str:
    """What stands above the line of a ratio, and what stands below it."""
    of, per = _parts(ratio)
    return f"""select *, true as is_of from ({_usage(of)})
        union all by name
        select *, false as is_of from ({_usage(per)})"""


def _parts(ratio: Mapping[str, Any]) -> tuple[dict, dict]:
    """The two measures of a ratio, each with its window."""
    return ratio["of"], {"window": ratio["of"].get("window")} | ratio["per"]


def _usage(criterion: Mapping[str, Any]) -> str:
    """The daily facts where they suffice, the events where a property matters."""
    names = criterion.get("events") or criterion.get("steps")
    wanted = f"event_name in ({', '.join(map(literal, names))})" if names else "true"
    value = criterion.get("property")
    if value == "event_name" or not (value or criterion.get("where")):
        columns = "account_id, user_id, local_date, event_name, events"
        return f"select {columns} from fct_user_usage_daily where {wanted}"
    for key, fits in (criterion.get("where") or {}).items():
        fits = fits if isinstance(fits, list) else [fits]
        texts = ", ".join(literal(str(fit).lower() if isinstance(fit, bool) else str(fit)) for fit in fits)
        wanted += f" and {_property(key)} in ({texts})"
    text = _property(value) if value else "null"
    return f"""select account_id, user_id, local_date, event_name, 1 as events, {text} as value
        from int_events_attributed where {wanted}"""


def _property(key: str) -> str:
    return f"json_extract_string(properties, {literal('$.' + _quoted(key))})"


def _window(criterion: Mapping[str, Any]) -> str:
    window = criterion.get("window") or {}
    if criterion.get("type") == "consecutive_days":
        return f"usage.local_date > spine.day - {criterion['at_least']}"
    if criterion.get("type") == "growth":
        return f"usage.local_date > spine.day - {2 * window['last_days']}"
    if "fades_over_days" in criterion:
        return f"usage.local_date > spine.day - {criterion['fades_over_days']}"
    if isinstance(window, str) or not window:
        return "true"
    if "last_days" in window:
        return f"usage.local_date > spine.day - {window['last_days']}"
    if "first_days" in window:
        return f"usage.local_date < spine.signed_up_on + {window['first_days']}"
    return f"usage.local_date >= date_trunc('{window['calendar']}', spine.day)"


def _growth(criterion: Mapping[str, Any]) -> str:
    days = criterion["window"]["last_days"]
    recent = f"usage.local_date > spine.day - {days}"
    before = f"coalesce(sum(usage.events) filter (where not {recent}), 0)"
    least = criterion.get("min_base", 1)
    is_known = f"{before} >= {least} and spine.day - {2 * days} >= spine.signed_up_on - 1"
    return f"sum(usage.events) filter (where {recent}) / (case when {is_known} then {before} end)"


def _ratio(criterion: Mapping[str, Any]) -> str:
    """The measure above the line up to the day, by the one below it up to the day before."""
    of, per = _parts(criterion)
    day_before = _window(per).replace("spine.day", "(spine.day - 1)")
    above = f"{_MEASURES[of['measure']](of)} filter (where is_of and {_window(of)})"
    until_then = f"not is_of and usage.local_date < spine.day and {day_before}"
    below = f"{_MEASURES[per['measure']](per)} filter (where {until_then})"
    return f"{above} / (case when {below} >= {criterion.get('min_base', 1)} then {below} end)"


def _decayed_sum(criterion: Mapping[str, Any]) -> str:
    """So many days' worth of points, which an event has in full on its day and loses one a day."""
    amount = "try_cast(value as decimal(28, 6))" if criterion.get("property") else "usage.events"
    return f"sum({amount} * ({criterion['fades_over_days']} - (spine.day - usage.local_date)))"


def _limit_usage(criterion: Mapping[str, Any]) -> str:
    used = "sum(try_cast(value as decimal(28, 6)))" if criterion.get("property") else "sum(usage.events)"
    return f"""{used} / (
            select max(limits.limit_value)
            from dim_accounts as held
            inner join stg_billing__plan_limits as limits on held.plan = limits.plan
            where held.account_id = spine.account_id and limits.limit_name = {literal(criterion["limit"])}
        )"""


def _distinct_values(criterion: Mapping[str, Any]) -> str:
    return f"count(distinct {'event_name' if criterion['property'] == 'event_name' else 'value'})"


_MEASURES = {
    "event_count": lambda _: "sum(usage.events)",
    "event_sum": lambda _: "sum(try_cast(value as decimal(28, 6)))",
    "event_max": lambda _: "max(try_cast(value as decimal(28, 6)))",
    "active_days": lambda _: "count(distinct usage.local_date)",
    "consecutive_days": lambda _: "count(distinct usage.local_date)",
    "decayed_sum": _decayed_sum,
    "distinct_users": lambda _: "count(distinct nullif(usage.user_id, ''))",
    "distinct_values": _distinct_values,
    "growth": _growth,
    "limit_usage": _limit_usage,
    "milestones": lambda _: "count(distinct usage.event_name)",
    "ratio": _ratio,
}


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"\w+", key) else '"' + key.replace('"', '\\"') + '"'
