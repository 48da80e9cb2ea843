"""The measure of each behavioural type on a day: SPEC §3, one function per row of its table.

Every measure sees the matching events so far, of the sign-up day or later, and is an exact number.
"""

import json
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from .account import Account
from .clock import DAY
from .staging import Event
from .world import Row

Number = int | Fraction


def json_text(value: object) -> str | None:
    """A JSON value as text: strings without their quotes, a null as nothing."""
    return value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def matches(criterion: Row, event: Event) -> bool:
    """Whether a criterion looks at an event at all."""
    names = criterion.get("events")
    wanted, unwanted = criterion.get("where", {}), criterion.get("where_not", {})
    return (
        (names is None or event.event_name in names)
        and all(fits(event.properties.get(name), values) for name, values in wanted.items())
        and not any(fits(event.properties.get(name), values) for name, values in unwanted.items())
    )


def fits(value: object, configured: object) -> bool:
    """Whether a property has one of the configured values; a null has none, and "*" stands for any other."""
    if value is None:
        return False
    values = configured if isinstance(configured, list) else [configured]
    return configured == "*" or json_text(value) in [json_text(each) for each in values]


def matching_events(account: Account, criterion: Row) -> list[Event]:
    """The events that count at all: matching, and on the local day of sign-up or later."""
    return [e for e in account.events if matches(criterion, e) and account.day_of(e) >= account.first_day]


def counts(window: object, event_day: date, day: date, first_day: date) -> bool:
    """Whether an event on one local day counts on another."""
    if window is None or window == "lifetime":
        return event_day <= day
    [(kind, size)] = window.items()
    if kind == "last_days":
        return day - size * DAY < event_day <= day
    if kind == "first_days":
        return event_day < first_day + size * DAY and event_day <= day
    return period(size, event_day) == period(size, day) and event_day <= day


def period(size: str, day: date) -> tuple[int, int]:
    """The calendar month or ISO week of a day."""
    return (day.year, day.month) if size == "month" else day.isocalendar()[:2]


def amount(event: Event, name: str) -> Fraction | None:
    """A property as a number of six places; None unless it is a number or a numeric string, and positive."""
    value = event.properties.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(json_text(value))
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0:
        return None
    return Fraction(number.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def amounts(criterion: Row, events: list[Event]) -> list[Fraction]:
    found = [amount(event, criterion["property"]) for event in events]
    return [number for number in found if number is not None]


def run_ending_on(day: date, days: set[date]) -> int:
    """How many days in a row, up to this one, are among the days."""
    length = 0
    while day - length * DAY in days:
        length += 1
    return length


def event_count(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return len(events)


def event_sum(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return sum(amounts(criterion, events))


def event_max(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return max(amounts(criterion, events), default=0)


def active_days(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return len({account.day_of(event) for event in events})


def consecutive_days(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """The run that ends on the day; with first_days the longest so far."""
    days = {account.day_of(event) for event in events}
    if criterion.get("window") in (None, "lifetime"):
        return run_ending_on(day, days)
    return max((run_ending_on(last, days) for last in days), default=0)


def distinct_users(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return len({event.user_id for event in events} - {None})


def distinct_values(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    name = criterion["property"]
    if name == "event_name":
        return len({event.event_name for event in events})
    return len({json_text(event.properties.get(name)) for event in events} - {None})


def growth(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """This window against the one before it, once that one is large enough and began after sign-up."""
    size = criterion["window"]["last_days"]
    days = [account.day_of(event) for event in events]
    current = sum(day - size * DAY < d <= day for d in days)
    base = sum(day - 2 * size * DAY < d <= day - size * DAY for d in days)
    began = day - 2 * size * DAY + DAY
    is_comparable = base >= criterion.get("min_base", 1) and began >= account.first_day
    return Fraction(current, base) if is_comparable else 0


def limit_usage(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """The share of the limit of the plan held when the day began, or at sign-up on its day."""
    plan = account.value("plan", max(account.calendar.midnight(day), account.signed_up_at))
    limit = account.limits.get((plan, criterion["limit"]))
    used = event_sum if "property" in criterion else event_count
    return Fraction(used(account, criterion, events, day)) / limit if limit else 0


def milestones(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    if criterion.get("ordered", False):
        return finished_prefix(criterion["steps"], events)
    names = {event.event_name for event in events}
    return sum(step in names for step in criterion["steps"])


def finished_prefix(steps: list[str], events: list[Event]) -> int:
    """How many steps are done in their order, each strictly later than the one before it."""
    done, moment = 0, datetime.min
    for step in steps:
        later = [e.occurred_at for e in events if e.event_name == step and e.occurred_at > moment]
        if not later:
            break
        done, moment = done + 1, min(later)
    return done


MEASURES = {
    function.__name__: function
    for function in (
        event_count,
        event_sum,
        event_max,
        active_days,
        consecutive_days,
        distinct_users,
        distinct_values,
        growth,
        limit_usage,
        milestones,
    )
}


def measure(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """The measure of a behavioural criterion on a day, given the matching events so far."""
    window = None if criterion["type"] == "growth" else criterion.get("window")
    inside = [e for e in events if counts(window, account.day_of(e), day, account.first_day)]
    return MEASURES[criterion["type"]](account, criterion, inside, day)


def threshold(criterion: Row) -> Number:
    """What the measure has to reach; for milestones it defaults to all steps."""
    return Fraction(str(criterion.get("at_least", len(criterion.get("steps", [])))))
