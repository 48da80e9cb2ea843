"""The daily facts of one account (docs/specification.md §4)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from .account import Account
from .clock import DAY
from .staging import Event
from .world import Row


def user_usage_daily(account: Account) -> list[Row]:
    """One row per user, local day and event name with events; an event of no user has user_id ''."""
    groups = defaultdict(list)
    for event in account.events:
        groups[event.user_id or "", account.day_of(event), event.event_name].append(event)
    return [
        {
            "account_id": account.account_id,
            "user_id": user_id,
            "day": day,
            "event_name": event_name,
            "events": count_events(events),
            "first_event_at": min(event.occurred_at for event in events),
            "last_event_at": max(event.occurred_at for event in events),
        }
        for (user_id, day, event_name), events in groups.items()
    ]


def account_usage_daily(account: Account) -> list[Row]:
    """One row per local day, up to the as-of's, whose 28-day window holds an event."""
    return [account_day(account, day) for day in days_with_usage(account)]


def days_with_usage(account: Account) -> Iterator[date]:
    if not account.events:
        return
    day = account.day_of(account.events[0])
    while day <= account.today:
        if last_days(account, day, 28):
            yield day
        day += DAY


def last_days(account: Account, day: date, size: int) -> list[Event]:
    """The events of the days of a window that ends on a day."""
    return [event for event in account.events if day - size * DAY < account.day_of(event) <= day]


def account_day(account: Account, day: date) -> Row:
    today, week, month = (last_days(account, day, size) for size in (1, 7, 28))
    return {
        "account_id": account.account_id,
        "day": day,
        "active_users": count_users(today),
        "events": count_events(today),
        "distinct_events": len({event.event_name for event in today}),
        "active_users_7d": count_users(week),
        "events_7d": count_events(week),
        "active_users_28d": count_users(month),
        "events_28d": count_events(month),
    }


def count_events(events: list[Event]) -> int:
    """A row that stands for several events counts as so many."""
    return sum(event.count for event in events)


def count_users(events: list[Event]) -> int:
    return len({event.user_id for event in events} - {None})
