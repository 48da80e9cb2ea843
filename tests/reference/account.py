"""One account as it is known at the as-of: its calendar, its events and the history of its attributes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property

from .clock import DAY, Calendar, calendar_of, instant, plain_date, zone_named
from .identity import Successors
from .staging import Event
from .world import Row, World


@dataclass(frozen=True)
class Conversion:
    """An account's first payment: its moment, or the day on which it happened at some moment."""

    moment: datetime
    day: date | None


@dataclass(eq=False)
class Account:
    """What happened after the as-of is not in here."""

    row: Row
    as_of: datetime
    calendar: Calendar
    events: list[Event]
    history: dict[str, list[tuple[datetime, object]]]
    limits: dict[tuple[str, str], Fraction]
    conversion: Conversion | None
    closed_at: datetime | None
    merged_into: str | None
    sign_ups: list[datetime | None]  # stated, of all accounts that are this one

    @property
    def account_id(self) -> str:
        return self.row["account_id"]

    @property
    def converted_at(self) -> datetime | None:
        return None if self.conversion is None else self.conversion.moment

    @property
    def is_signup_inferred(self) -> bool:
        stated = min((moment for moment in self.sign_ups if moment), default=None)
        is_known = None not in self.sign_ups or not self.events
        return not is_known and (stated is None or self.events[0].occurred_at < stated)

    @cached_property
    def signed_up_at(self) -> datetime | None:
        """The earliest stated, or the first event where one is not; it may lie after the as-of."""
        if self.is_signup_inferred:
            return self.events[0].occurred_at
        return min((moment for moment in self.sign_ups if moment), default=None)

    @property
    def has_signed_up(self) -> bool:
        return self.merged_into is None and self.signed_up_at is not None and self.signed_up_at <= self.as_of

    @cached_property
    def first_day(self) -> date:
        """The local day of the sign-up."""
        return self.calendar.day_of(self.signed_up_at)

    @cached_property
    def today(self) -> date:
        """The local day of the as-of."""
        return self.calendar.day_of(self.as_of)

    def day_of(self, event: Event) -> date:
        return self.calendar.day_of(event.occurred_at)

    def days(self) -> Iterator[date]:
        """Every local day from the sign-up to the as-of."""
        day = self.first_day
        while self.has_signed_up and day <= self.today:
            yield day
            day += DAY

    def value(self, attribute: str, moment: datetime) -> object:
        """The attribute's value at a moment: its history where it has one, else the row's value."""
        if attribute == "signed_up_at":
            return self.signed_up_at
        if attribute not in self.history:
            return self.row.get(attribute)
        known = [value for changed_at, value in self.history[attribute] if changed_at <= moment]
        return known[-1] if known else None

    def changes(self, attribute: str) -> list[datetime]:
        """The moments at which the attribute's value may change."""
        return [changed_at for changed_at, _ in self.history.get(attribute, [])]


def visible(moment: datetime | None, as_of: datetime) -> datetime | None:
    """A moment that has come by the as-of; else None."""
    return moment if moment is not None and moment <= as_of else None


def first_conversion(world: World, account_id: str, calendar: Calendar, as_of: datetime) -> Conversion | None:
    """An account's first payment by a moment; a day stands at its first instant, after a payment then."""
    rows = [row for row in world.conversions if row["account_id"] == account_id]
    given = [conversion(row["converted_at"], calendar) for row in rows]
    known = [payment for payment in given if payment is not None and payment.moment <= as_of]
    return min(known, key=lambda payment: (payment.moment, payment.day is not None), default=None)


def conversion(value: object, calendar: Calendar) -> Conversion | None:
    day = plain_date(value)
    if day is not None:
        return Conversion(calendar.midnight(day), day)
    moment = instant(value)
    return None if moment is None else Conversion(moment, None)


def history_of(world: World, account_id: str) -> dict[str, list[tuple[datetime, object]]]:
    """For each attribute with a history: its (changed_at, value), oldest first, one of each moment."""
    history = {}
    for row in world.account_changes:
        if row["account_id"] == account_id:
            values = history.setdefault(row["attribute"], {}).setdefault(instant(row["changed_at"]), [])
            values.append(row["value"])
    return {
        attribute: [
            (moment, max(values, key=lambda value: (value is not None, (value or "").encode())))
            for moment, values in sorted(changes.items())
        ]
        for attribute, changes in history.items()
    }


def know(row: Row, world: World, events: list[Event], as_of: datetime, successors: Successors) -> Account:
    """Gather everything known about one account at the as-of."""
    account_id = row["account_id"]
    is_merged = successors.account(account_id) != account_id
    default_zone = zone_named(world.variables.get("pql_time_zone", "UTC"))
    calendar = calendar_of(zone_named(row.get("time_zone")) or default_zone)
    return Account(
        row=row,
        as_of=as_of,
        calendar=calendar,
        events=[e for e in events if e.account_id == account_id and e.occurred_at <= as_of],
        history=history_of(world, account_id),
        limits={
            (limit["plan"], limit["limit_name"]): Fraction(str(limit["limit_value"]))
            for limit in world.plan_limits
        },
        conversion=first_conversion(successors.in_force(world), account_id, calendar, as_of),
        closed_at=visible(instant(row.get("closed_at")), as_of),
        merged_into=successors.account(account_id) if is_merged else None,
        sign_ups=[
            instant(other.get("signed_up_at"))
            for other in world.accounts
            if other["account_id"] == account_id or successors.account(other["account_id"]) == account_id
        ],
    )
