"""The measure of each behavioural type on a day: docs/specification.md §3, one function per row of its table.

Every measure sees the matching events so far, of the sign-up day or later, and is an exact number.
"""

import json
from calendar import monthrange
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from .account import Account
from .clock import DAY, instant, is_plain_date
from .staging import Event
from .world import Row

Number = int | Fraction


def json_text(value: object) -> str | None:
    """A JSON value as text: strings without their quotes, a null as nothing, a date as written."""
    value = str(value) if isinstance(value, date) else value
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


def counts(window: object, event_day: date, day: date, account: Account) -> bool:
    """Whether an event on one local day counts on another."""
    if window is None or window == "lifetime":
        return event_day <= day
    [(kind, size)] = window.items()
    if kind == "last_days":
        return day - size * DAY < event_day <= day
    if kind == "first_days":
        return event_day < account.first_day + size * DAY and event_day <= day
    if kind == "billing":
        anchor = billing_date(account, size, day)
        return (
            anchor is not None
            and billing_month(anchor, event_day) == billing_month(anchor, day)
            and event_day <= day
        )
    return period(size, event_day) == period(size, day) and event_day <= day


def start_of(account: Account, day: date) -> datetime:
    """The moment by which something must be known to count on a day: its first, or on its day the sign-up."""
    return max(account.calendar.midnight(day), account.signed_up_at)


def billing_date(account: Account, attribute: str, day: date) -> date | None:
    """The first date that an attribute has had by the start of a day."""
    if attribute in account.history:
        known = [value for at, value in account.history[attribute] if at <= start_of(account, day)]
    else:
        known = [account.value(attribute, account.signed_up_at)]
    days = [local_day(account, value) for value in known]
    return next((found for found in days if found is not None), None)


def local_day(account: Account, value: object) -> date | None:
    """The local day of a date-like value; a DATE, or a text without a time of day, is that very day."""
    if value is None or is_plain_date(value):
        return value
    if isinstance(value, str) and len(value) == len("2026-03-31"):
        return None if instant(value) is None else date.fromisoformat(value)
    moment = instant(value)
    return None if moment is None else account.calendar.day_of(moment)


def billing_month(anchor: date, day: date) -> tuple[int, int]:
    """Which of the months that begin on the anchor's day a day lies in, named after the calendar's."""
    begins_on = min(anchor.day, monthrange(day.year, day.month)[1])
    if day.day >= begins_on:
        return day.year, day.month
    return (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)


def period(size: str, day: date) -> tuple[int, int]:
    """The calendar month or ISO week of a day."""
    return (day.year, day.month) if size == "month" else day.isocalendar()[:2]


def amount(event: Event, name: str) -> Fraction | None:
    """A property as a number of six places; None unless it is a number or a numeric string, and positive."""
    number = number_of(event.properties.get(name))
    return number if number is not None and number >= 0 else None


def number_of(value: object) -> Fraction | None:
    """A value as a number of six places; None unless it is a number or a numeric string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(json_text(value))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return Fraction(number.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def amounts(criterion: Row, events: list[Event]) -> list[Fraction]:
    found = [amount(event, criterion["property"]) for event in events]
    return [number for number in found if number is not None]


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_listed(criterion: Row, day: date) -> bool:
    """Whether a criterion looks at a day of this weekday at all."""
    return WEEKDAYS[day.weekday()] in criterion.get("weekdays", WEEKDAYS)


def run_ending_on(day: date, days: set[date], criterion: Row) -> int:
    """How many listed days in a row, up to this one or the last before it, are among the days."""
    length = 0
    while day in days or not is_listed(criterion, day):
        length += is_listed(criterion, day)
        day -= DAY
    return length


def listed_days(account: Account, criterion: Row, events: list[Event]) -> set[date]:
    return {day for event in events if is_listed(criterion, day := account.day_of(event))}


def event_count(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return sum(event.count for event in events)


def event_sum(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return sum(amounts(criterion, events))


def event_max(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return max(amounts(criterion, events), default=0)


def active_days(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    return len(listed_days(account, criterion, events))


def consecutive_days(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """The run that ends on the day; with first_days the longest so far."""
    days = listed_days(account, criterion, events)
    if criterion.get("window") in (None, "lifetime"):
        return run_ending_on(day, days, criterion)
    return max((run_ending_on(last, days, criterion) for last in days), default=0)


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
    days = [(account.day_of(event), event.count) for event in events]
    current = sum(count for d, count in days if day - size * DAY < d <= day)
    base = sum(count for d, count in days if day - 2 * size * DAY < d <= day - size * DAY)
    began = day - 2 * size * DAY + DAY
    is_comparable = base >= criterion.get("min_base", 1) and began >= account.first_day
    return Fraction(current, base) if is_comparable else 0


def limit_usage(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """The share of a limit held when the day began: that of the plan, or the account's own."""
    if "limit_attribute" in criterion:
        limit = number_of(account.value(criterion["limit_attribute"], start_of(account, day)))
    else:
        limit = account.limits.get((account.value("plan", start_of(account, day)), criterion["limit"]))
    used = MEASURES[criterion.get("measure", "event_sum" if "property" in criterion else "event_count")]
    return Fraction(used(account, criterion, events, day)) / limit if limit is not None and limit > 0 else 0


def ratio(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """`of` on the day for each of `per` on the day before."""
    of, per = criterion["of"], criterion["per"]
    base = asked(account, {"window": of.get("window")} | per, events, day - DAY)
    if base < Fraction(str(criterion.get("min_base", 1))):
        return 0
    return Fraction(asked(account, of, events, day)) / base


def asked(account: Account, part: Row, events: list[Event], day: date) -> Number:
    """One of the two measures of a ratio."""
    inside = [
        e for e in events if matches(part, e) and counts(part.get("window"), account.day_of(e), day, account)
    ]
    return MEASURES[part["measure"]](account, part, inside, day)


def decayed_sum(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """Every event weighs less by an N-th of its amount a day."""
    days, total = criterion["fades_over_days"], Fraction(0)
    for event in events:
        worth = amount(event, criterion["property"]) if "property" in criterion else event.count
        age = (day - account.day_of(event)).days
        if worth is not None and 0 <= age < days:
            total += worth * Fraction(days - age, days)
    return total


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
        ratio,
        decayed_sum,
    )
}


def measure(account: Account, criterion: Row, events: list[Event], day: date) -> Number:
    """The measure of a behavioural criterion on a day, given the matching events so far."""
    window = None if criterion["type"] == "growth" else criterion.get("window")
    inside = [e for e in events if counts(window, account.day_of(e), day, account)]
    return MEASURES[criterion["type"]](account, criterion, inside, day)


def threshold(criterion: Row) -> Number:
    """What the measure has to reach; for milestones it defaults to all steps."""
    return Fraction(str(criterion.get("at_least", len(criterion.get("steps", [])))))
