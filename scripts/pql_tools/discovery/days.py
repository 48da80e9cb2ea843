"""What every simple criterion measured at the end of each day of each account's life (docs/statistics.md §4).

SQL counts, once per measure: events per account, name and day; people and values of a property per day on
which they were seen. From these follow all windows and thresholds at once, as arrays with one row per account
and one column per day since sign-up. The measure of a day is that at its end, as the criterion of vars.yml
has it; so what it tells is known before anything of the next day happens.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

COUNTS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200)
FEW = (2, 3, 5, 7, 10, 15, 20)
SUMS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
FIRST_DAYS = (7, 14)
LAST_DAYS = (7, 14, 28)
ACTIVE_DAYS = {7: (3, 4, 5, 6), 14: (5, 7, 10, 12), 28: (10, 15, 20)}
STREAKS = (3, 5, 7)
RANKING_DAYS = (7, 14, 28, 56, 84)
GROWTH_DAYS, GROWTH, GROWTH_BASE = (7, 14), (1.5, 2, 3), 10
LIMIT_SHARES = (0.5, 0.8, 1.0)
SAMPLED_ACCOUNTS, MOST_PROPERTIES = 200, 12
NEVER = 10**6  # days
ACCOUNTS_AT_ONCE, RUNNING_AT_ONCE = 4096, 12

# one in so many accounts, in the order of their ids, with a number of their own
ACCOUNTS = """
    select
        account_id, row_number() over (order by account_id) - 1 as account_number,
        signed_up_on, converted_at, closed_at, local_time_zone
    from (
        select *, row_number() over (order by account_id) as place
        from {{{{ ref('int_accounts') }}}}
        where signed_up_at is not null
    ) as every_account
    where mod(place, {every}) = 0
"""
NAMES = """
    select event_name, row_number() over (order by event_name) - 1 as event_number
    from (select distinct event_name from {{ ref('fct_user_usage_daily') }}) as names
"""


# what every row of the input `accounts` may have, and what says nothing about payment
NO_ATTRIBUTES = (
    "account_id", "account_name", "domain", "signed_up_at", "closed_at", "time_zone", "trial_ends_at",
)  # fmt: skip
LISTED = """
    select accounts.account_number, listed.attributes
    from {{ ref('stg_product__accounts') }} as listed
    inner join accounts on listed.account_id = accounts.account_id
    where listed.attributes is not null
"""
CHANGES = """
    select
        accounts.account_number, changes.attribute, changes.value, changes.changed_at,
        cast(changes.changed_at as date) as changed_on,
        case when accounts.converted_at is not null then 1 else 0 end as has_paid
    from {{ ref('stg_product__account_changes') }} as changes
    inner join accounts on changes.account_id = accounts.account_id
"""
PAYERS = "select count(converted_at) as payers from accounts"


@dataclass(frozen=True)
class Candidate:
    """One simple criterion as vars.yml would have it."""

    spec: dict[str, Any]


class Lives(NamedTuple):
    """Per account: the day of sign-up, and on which day of its life it paid and closed (inf: it did not)."""

    signed_up_on: np.ndarray
    converted: np.ndarray
    closed: np.ndarray

    @property
    def ended(self) -> np.ndarray:
        """The day on which it paid or closed."""
        return np.minimum(self.converted, self.closed)


class Seen(NamedTuple):
    """A thing (person, value) that an account saw on a day, and the days on which it did before and after."""

    account: np.ndarray
    day: np.ndarray
    previous: np.ndarray
    following: np.ndarray


class Held(NamedTuple):
    """Values of an attribute, and from which day of its life on each account had them."""

    account: np.ndarray
    day: np.ndarray
    value: np.ndarray


class Uses(NamedTuple):
    """Events of one name, or a sum of them, by account and day."""

    account: np.ndarray
    day: np.ndarray
    amount: np.ndarray


def read_lives(warehouse, as_of: np.datetime64, every: int = 1) -> Lives:
    """All accounts with a sign-up, or one in `every`, in the order of their numbers."""
    day_of = {
        name: warehouse.rendered("local_date", timestamp=name, zone="local_time_zone")
        for name in ("converted_at", "closed_at")
    }
    visible = f"timestamp '{str(as_of).replace('T', ' ')}'"
    found = warehouse.columns(f"""
        with accounts as ({ACCOUNTS.format(every=every)})
        select
            signed_up_on,
            case when converted_at <= {visible} then {day_of["converted_at"]} end as converted_on,
            case when closed_at <= {visible} then {day_of["closed_at"]} end as closed_on
        from accounts order by account_number
    """)
    signed_up_on = dates(found["signed_up_on"])
    return Lives(
        signed_up_on, *(_age(dates(found[name]), signed_up_on) for name in ("converted_on", "closed_on"))
    )


def dates(column: np.ndarray) -> np.ndarray:
    """A column of dates, however the driver gives them."""
    return np.asarray(column).astype("datetime64[D]")


def _age(day: np.ndarray, signed_up_on: np.ndarray) -> np.ndarray:
    age = (day - signed_up_on).astype(float)
    return np.where(np.isnat(day), np.inf, age)


class Usage:
    """The daily use of all accounts over their first days, as measured by any simple criterion."""

    def __init__(
        self, warehouse, signed_up_on: np.ndarray, days: int, on_pass: Callable[[str], None], every: int = 1
    ):
        self.signed_up_on, self.days, self._warehouse, self.every = signed_up_on, days, warehouse, every
        self._accounts = ACCOUNTS.format(every=every)
        on_pass("events")
        self.events = [str(n) for n in warehouse.columns(f"{NAMES} order by event_name")["event_name"]]
        self.uses = self._uses()
        self.kinds = together([seen(uses) for uses in self.uses.values()])
        on_pass("people")
        self.people = self._people()
        on_pass("plans")
        self.limit_changes = self._limit_changes()
        self.limits = {
            name: np.round(np.cumsum(self._by_day(*changes), axis=1), 6)  # so that none left over is none
            for name, changes in self.limit_changes.items()
        }
        on_pass("attributes")
        self.attributes, self.attributes_left_out = attributes_of(warehouse, signed_up_on, self._accounts)
        on_pass("properties")
        self.sums: dict[tuple[str, str], Uses] = {}
        self.values: dict[tuple[str, str], Seen] = {}
        self._read_properties()
        self._total = lru_cache(maxsize=2)(self._total)

    def _uses(self) -> dict[str, Uses]:
        found = self._warehouse.columns(f"""
            with accounts as ({self._accounts}), names as ({NAMES})
            select
                accounts.account_number, names.event_number, usage.local_date, sum(usage.events) as amount
            from {{{{ ref('fct_user_usage_daily') }}}} as usage
            inner join accounts on usage.account_id = accounts.account_id
            inner join names on usage.event_name = names.event_name
            where usage.local_date >= accounts.signed_up_on
            group by accounts.account_number, names.event_number, usage.local_date
        """)
        account, event = found["account_number"].astype(np.int32), found["event_number"].astype(np.int32)
        day = self._day(account, found["local_date"])
        rows_of = {e: np.flatnonzero(event == e) for e in range(len(self.events))}
        return {
            self.events[e]: Uses(account[rows], day[rows], found["amount"][rows].astype(float))
            for e, rows in rows_of.items()
            if len(rows)
        }

    def _people(self) -> Seen:
        found = self._warehouse.columns(f"""
            with accounts as ({self._accounts}),
            seen as (
                select distinct accounts.account_number, usage.local_date, usage.user_id
                from {{{{ ref('fct_user_usage_daily') }}}} as usage
                inner join accounts on usage.account_id = accounts.account_id
                where usage.user_id <> '' and usage.local_date >= accounts.signed_up_on
            )
            select account_number, local_date, {_neighbours("account_number, user_id")} from seen
        """)
        return self._seen(found, np.arange(len(found["account_number"])))

    def _seen(self, found: dict[str, np.ndarray], rows: np.ndarray) -> Seen:
        """Some rows that have a date and the dates before and after it."""
        account = found["account_number"][rows].astype(np.int32)
        day = self._day(account, found["local_date"][rows])
        previous = self._day(account, found["previous_date"][rows], -NEVER)
        following = self._day(account, found["following_date"][rows], NEVER)
        return Seen(account, day, previous, following)

    def _day(self, account: np.ndarray, column: np.ndarray, otherwise: int = 0) -> np.ndarray:
        """Days since the account's sign-up."""
        date = dates(column)
        day = (date - self.signed_up_on[account]).astype(np.int64)
        return np.where(np.isnat(date), otherwise, day).astype(np.int32)

    def _properties(self) -> dict[tuple[str, bool], list[str]]:
        """Properties that some accounts have: name, whether it is a number; the events that carry it."""
        found = self._warehouse.rows(f"""
            with accounts as ({self._accounts})
            select seen.event_name, seen.properties, count(*) as events
            from {{{{ ref('int_events_attributed') }}}} as seen
            inner join accounts on seen.account_id = accounts.account_id
            where accounts.account_number < {SAMPLED_ACCOUNTS} and seen.properties is not null
            group by seen.event_name, seen.properties
        """)
        carried: dict[tuple[str, bool], Counter] = {}
        for row in found:
            properties = json.loads(row["properties"])
            for name, value in properties.items() if isinstance(properties, dict) else ():
                is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if is_number or isinstance(value, str):
                    carried.setdefault((name, is_number), Counter())[row["event_name"]] += row["events"]
        most = sorted(carried, key=lambda key: (-carried[key].total(), key))[:MOST_PROPERTIES]
        return {key: sorted(carried[key]) for key in most}

    def _read_properties(self) -> None:
        """Of numbers, sums by day; of texts, the days on which each value was seen."""
        properties = list(self._properties().items())
        if not properties:
            return
        text_of = [self._json_text(name) for (name, _), _ in properties]
        values, sums = [], []
        for number, ((_, is_number), events) in enumerate(properties):
            carried = ", ".join(str(self.events.index(event)) for event in events)
            of = f"{number} as property_number, account_number, event_number, local_date"
            if is_number:
                amount = self._warehouse.rendered("text_to_number", text=text_of[number])
                sums.append(f"""
                    select {of}, local_date as previous_date, local_date as following_date,
                        sum(events * case when {amount} >= 0 then {amount} end) as amount
                    from carried where event_number in ({carried})
                    group by account_number, event_number, local_date
                """)
            else:
                values.append(f"""
                    select distinct {of}, {text_of[number]} as item from carried
                    where event_number in ({carried})
                """)
        seen = f"""
            select property_number, account_number, event_number, local_date,
                {_neighbours("property_number, account_number, event_number, item")}, null as amount
            from ({" union all ".join(values)}) as seen where item is not null
        """
        found = self._warehouse.columns(f"""
            with accounts as ({self._accounts}), names as ({NAMES}),
            carried as (
                select
                    accounts.account_number, names.event_number, usage.local_date, usage.properties,
                    count(*) as events
                from {{{{ ref('int_events_attributed') }}}} as usage
                inner join accounts on usage.account_id = accounts.account_id
                inner join names on usage.event_name = names.event_name
                where usage.local_date >= accounts.signed_up_on and usage.properties is not null
                group by accounts.account_number, names.event_number, usage.local_date, usage.properties
            )
            {" union all ".join([*sums, *([seen] if values else [])])}
        """)
        for number, ((name, is_number), events) in enumerate(properties):
            for event in events:
                mine = (found["property_number"] == number) & (
                    found["event_number"] == self.events.index(event)
                )
                if is_number:
                    amount = found["amount"].astype(float)
                    rows = np.flatnonzero(mine & ~np.isnan(amount))
                    account = found["account_number"][rows].astype(np.int32)
                    day = self._day(account, found["local_date"][rows])
                    self.sums[event, name] = Uses(account, day, amount[rows])
                else:
                    self.values[event, name] = self._seen(found, np.flatnonzero(mine))

    def _json_text(self, name: str) -> str:
        return self._warehouse.rendered("json_text", json="properties", key=name)

    def _limit_changes(self) -> dict[str, Uses]:
        """Of each plan limit: by how much what each account was allowed changed, and when.

        None if plans lack a history, as paying itself may have changed them.
        """
        changed = self._warehouse.rows("""
            select count(*) as accounts from {{ ref('int_accounts') }} as accounts
            inner join {{ ref('int_account_attributes') }} as attributes
                on accounts.account_id = attributes.account_id
            where attributes.attribute = 'plan' and accounts.converted_at is not null
                and attributes.valid_from < timestamp '0002-01-01'
        """)[0]["accounts"]
        if changed:
            return {}
        found = self._warehouse.columns(f"""
            with accounts as ({self._accounts})
            select
                accounts.account_number, plans.held_from_on, plans.held_to_on, limits.limit_name,
                limits.limit_value
            from {{{{ ref('int_account_attribute_days') }}}} as plans
            inner join accounts on plans.account_id = accounts.account_id
            inner join {{{{ ref('stg_billing__plan_limits') }}}} as limits on plans.value = limits.plan
            where plans.attribute = 'plan'
        """)
        account = found["account_number"].astype(np.int32)
        starts = np.maximum(self._day(account, found["held_from_on"]), 0)
        ends = np.maximum(self._day(account, found["held_to_on"], NEVER), 0)
        changes = {}
        for name in sorted({str(name) for name in found["limit_name"]}):
            rows = found["limit_name"] == name
            value = found["limit_value"][rows].astype(float)
            changes[name] = Uses(
                np.tile(account[rows], 2),
                np.concatenate([starts[rows], ends[rows]]),
                np.concatenate([value, -value]),
            )
        return changes

    def specs(self) -> Iterator[tuple[dict[str, Any], tuple[float, ...]]]:
        """Every simple criterion without its threshold, and the thresholds to ask about."""
        lasts = [{"window": {"last_days": days}} for days in LAST_DAYS if days < self.days]
        windows = [{}, *({"window": {"first_days": days}} for days in FIRST_DAYS if days < self.days), *lasts]
        for event in [None, *self.uses]:
            of = {"events": [event]} if event is not None else {}
            for window in windows:
                yield {"type": "event_count", **of, **window}, COUNTS
            for days in GROWTH_DAYS:
                window = {"window": {"last_days": days}, "min_base": GROWTH_BASE}
                yield {"type": "growth", **of, **window}, GROWTH
            for limit in self.limits if of else ():
                window = {"limit": limit, "window": {"calendar": "month"}}
                yield {"type": "limit_usage", **of, **window}, LIMIT_SHARES
        for days, counts in ACTIVE_DAYS.items():
            yield {"type": "active_days", "window": {"last_days": days}}, counts
        yield {"type": "consecutive_days"}, STREAKS
        for window in ({}, *lasts):
            yield {"type": "distinct_users", **window}, FEW
            yield {"type": "distinct_values", "property": "event_name", **window}, FEW
            for event, name in self.values:
                yield {"type": "distinct_values", "events": [event], "property": name, **window}, FEW
            for event, name in self.sums:
                yield {"type": "event_sum", "events": [event], "property": name, **window}, SUMS

    def ranking_specs(self) -> Iterator[tuple[dict[str, Any], tuple[float, ...]]]:
        """What points are given for, of whole lives: more windows, fading sums, sums of all events, ages."""
        lasts = [{"window": {"last_days": days}} for days in RANKING_DAYS]
        properties = sorted({name for _, name in self.sums})
        for event in [None, *self.uses]:
            of = {"events": [event]} if event is not None else {}
            for window in ({}, *lasts):
                yield {"type": "event_count", **of, **window}, COUNTS
                for name in properties:
                    if event is None or (event, name) in self.sums:
                        yield {"type": "event_sum", **of, "property": name, **window}, SUMS
            for days in RANKING_DAYS[2:]:
                yield {"type": "decayed_sum", **of, "fades_over_days": days}, COUNTS
            for limit in self.limits if of else ():
                yield (
                    {"type": "limit_usage", **of, "limit": limit, "window": {"calendar": "month"}},
                    LIMIT_SHARES,
                )
            if len(self.people.day):
                ratio = {
                    "of": {"measure": "event_count", **of, **lasts[2]},
                    "per": {"measure": "distinct_users"},
                }
                yield {"type": "ratio", **ratio}, FEW
        for window in ({}, *lasts):
            yield {"type": "active_days", **window}, FEW
            yield {"type": "distinct_values", "property": "event_name", **window}, FEW
            if len(self.people.day):
                yield {"type": "distinct_users", **window}, FEW
            for event, name in self.values:
                yield {"type": "distinct_values", "events": [event], "property": name, **window}, FEW

    @cached_property
    def parts(self) -> list[tuple[int, Usage]]:
        """The same of some accounts after the other, each with the number of its first: arrays stay small."""
        starts = range(0, len(self.signed_up_on), ACCOUNTS_AT_ONCE)
        return [(start, self._part(start, start + ACCOUNTS_AT_ONCE)) for start in starts]

    def _part(self, start: int, end: int) -> Usage:
        """The use of the accounts from one number to before another."""

        def some(of: Any) -> Any:
            rows = (of.account >= start) & (of.account < end)
            return type(of)(of.account[rows] - start, *(column[rows] for column in of[1:]))

        part = copy(self)
        for kept in ("_month_starts", "_total"):  # of all accounts
            part.__dict__.pop(kept, None)
        part._total = lru_cache(maxsize=2)(part._total)
        part.signed_up_on = self.signed_up_on[start:end]
        part.limits = {name: limit[start:end] for name, limit in self.limits.items()}
        part.kinds, part.people = some(self.kinds), some(self.people)
        for name in ("uses", "sums", "values"):
            setattr(part, name, {key: some(of) for key, of in getattr(self, name).items()})
        return part

    def moments(self, account: np.ndarray, day: np.ndarray):
        """What accounts had measured as given days of their lives ended."""
        from pql_tools.discovery.moments import Moments  # which knows this class

        return Moments(self, account, day)

    @cached_property
    def running(self) -> Callable[[tuple], Any]:
        """Running totals of one kind over whole lives; the last few are kept."""
        from pql_tools.discovery.moments import running_of  # which knows this class

        return lru_cache(maxsize=RUNNING_AT_ONCE)(lambda what: running_of(self, what))

    def measure(self, spec: dict[str, Any]) -> np.ndarray:
        """The measure of a criterion at the end of each day (column) of each account's (row) life."""
        kind, window = spec["type"], spec.get("window", {})
        event, name = spec.get("events", [None])[0], spec.get("property")
        if kind == "distinct_users":
            return self._present(self.people, window)
        if kind == "distinct_values":
            return self._present(self.kinds if name == "event_name" else self.values[event, name], window)
        if kind == "event_sum":
            uses = self.sums[event, name]
            return self._within(np.cumsum(self._by_day(*uses), axis=1), window)
        total = self._total(event)
        if kind == "event_count":
            return self._within(total, window)
        if kind == "growth":
            return _growth(self._within(total, window), window["last_days"], spec["min_base"])
        if kind == "limit_usage":
            limit = self.limits[spec["limit"]]
            used = self._within(total, window)
            return np.divide(used, limit, out=np.zeros_like(used), where=limit > 0)
        active = np.diff(total, axis=1, prepend=0) > 0
        if kind == "active_days":
            return self._within(np.cumsum(active, axis=1), window)
        day = np.arange(self.days)
        return day - np.maximum.accumulate(np.where(active, -1, day), axis=1)  # consecutive_days

    def _total(self, event: str | None) -> np.ndarray:
        """Events up to the end of each day."""
        if event is not None:
            return np.cumsum(self._by_day(*self.uses[event]), axis=1)
        every = np.zeros((len(self.signed_up_on), self.days))
        for uses in self.uses.values():
            every += self._by_day(*uses)
        return np.cumsum(every, axis=1)

    def _by_day(self, account: np.ndarray, day: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """Amounts put in their places, those of one place added; later days are left out."""
        kept = day < self.days
        place = account[kept].astype(np.int64) * self.days + day[kept]
        size = len(self.signed_up_on) * self.days
        return np.bincount(place, amount[kept], minlength=size).reshape(-1, self.days)

    def _within(self, total: np.ndarray, window: dict[str, Any]) -> np.ndarray:
        """What of a running total falls into the window of each day."""
        if "last_days" in window:
            days = window["last_days"]
            inside = total.copy()
            inside[:, days:] -= total[:, :-days]
            return inside
        if "first_days" in window:
            last = window["first_days"] - 1
            return np.concatenate(
                [total[:, :last], np.repeat(total[:, last : last + 1], self.days - last, 1)], 1
            )
        if "calendar" in window:
            padded = np.concatenate([np.zeros((len(total), 1)), total], axis=1)
            return total - np.take_along_axis(padded, self._month_starts, axis=1)
        return total

    @cached_property
    def _month_starts(self) -> np.ndarray:
        """For each account and day, the first day of its life in that month."""
        date = self.signed_up_on[:, None] + np.arange(self.days)
        in_month = (date - date.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
        return np.maximum(np.arange(self.days) - in_month, 0)

    def _present(self, seen: Seen, window: dict[str, Any]) -> np.ndarray:
        """Different things in the window of each day: each counts until the window has passed its last."""
        days = window.get("last_days", NEVER)
        comes, goes = seen.day - seen.previous >= days, seen.following - seen.day >= days
        change = self._by_day(seen.account[comes], seen.day[comes], np.ones(comes.sum()))
        change -= self._by_day(seen.account[goes], seen.day[goes] + days, np.ones(goes.sum()))
        return np.cumsum(change, axis=1)


def attributes_of(warehouse, signed_up_on: np.ndarray, accounts: str) -> tuple[dict[str, Held], list[str]]:
    """What accounts are, as far as no payment can have changed it, and the names of what is left out.

    An attribute counts if `pql_fixed_attributes` names it, or if every account that paid has its history.
    """
    accounts = f"with accounts as ({accounts})"
    listed, changes = (warehouse.columns(f"{accounts} {sql}") for sql in (LISTED, CHANGES))
    paid = warehouse.rows(f"{accounts} {PAYERS}")[0]["payers"]
    fixed = {str(name) for name in warehouse.variable("pql_fixed_attributes", None) or []}
    values: dict[str, list[tuple[int, str]]] = {}
    for number, text in zip(listed["account_number"], listed["attributes"], strict=True):
        for name, value in json.loads(text).items():
            if name not in NO_ATTRIBUTES and value is not None and not isinstance(value, (dict, list)):
                told = value if isinstance(value, str) else json.dumps(value)
                values.setdefault(name, []).append((int(number), told))
    held, left_out = {}, []
    for name in sorted({*values, *map(str, changes["attribute"])}):
        rows = np.flatnonzero(changes["attribute"] == name)
        account = changes["account_number"][rows].astype(np.int64)
        if name in values and name in fixed:
            numbers, texts = zip(*values[name], strict=True)
            held[name] = Held(
                np.array(numbers), np.zeros(len(numbers), dtype=int), np.array(texts, dtype=object)
            )
        elif len(rows) and len(np.unique(account[changes["has_paid"][rows] == 1])) >= paid:
            # what came on a day is known as the next begins
            day = (dates(changes["changed_on"][rows]) - signed_up_on[account]).astype(np.int64)
            texts = np.array(
                ["" if text is None else str(text) for text in changes["value"][rows]], dtype=object
            )
            order = np.lexsort((changes["changed_at"][rows], account))
            held[name] = Held(account[order], day[order], texts[order])
        else:
            left_out.append(name)
    return held, left_out


def _neighbours(item: str) -> str:
    """The dates on which the item of a row was seen before and after."""
    over = f"over (partition by {item} order by local_date)"
    return f"lag(local_date) {over} as previous_date, lead(local_date) {over} as following_date"


def seen(uses: Uses) -> Seen:
    """The days on which events of one name were seen."""
    order = np.lexsort((uses.day, uses.account))
    account, day = uses.account[order], uses.day[order]
    again = account[1:] == account[:-1]
    previous, following = np.full(len(day), -NEVER), np.full(len(day), NEVER)
    previous[1:][again], following[:-1][again] = day[:-1][again], day[1:][again]
    return Seen(account, day, previous, following)


def together(all_seen: list[Seen]) -> Seen:
    """Different things in one list."""
    if not all_seen:
        return Seen(*[np.zeros(0, dtype=int)] * 4)
    return Seen(*map(np.concatenate, zip(*all_seen, strict=True)))


def _growth(inside: np.ndarray, days: int, min_base: float) -> np.ndarray:
    """A window's count over that of the window before, once that one lies wholly after sign-up."""
    before = np.zeros_like(inside)
    before[:, 2 * days - 1 :] = inside[:, days - 1 : -days]
    return np.divide(inside, before, out=np.zeros_like(inside), where=before >= min_base)
