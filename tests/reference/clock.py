"""Instants and local days. An instant is a naive datetime in UTC, as in the tables."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def instant(value) -> datetime | None:
    """A raw value as an instant: a date is its first one, and what cannot be read is None."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if is_plain_date(value):
        value = datetime.combine(value, time())
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value


def is_plain_date(value) -> bool:
    """Whether a value is of type DATE (Python's datetimes are dates as well)."""
    return isinstance(value, date) and not isinstance(value, datetime)


def plain_date(value) -> date | None:
    """The day that a value names without a time of day; None where it names none."""
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if is_plain_date(value) else None


@cache
def zone_named(name: str | None) -> ZoneInfo | None:
    """The time zone of that name; None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@dataclass(frozen=True, eq=False)
class Calendar:
    """The local days of one time zone. Get one from `calendar_of`: it remembers what it worked out."""

    zone: ZoneInfo

    @cache  # noqa: B019 (calendars are few and live as long as the process)
    def day_of(self, moment: datetime) -> date:
        """The local date at an instant."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    @cache  # noqa: B019
    def midnight(self, day: date) -> datetime:
        """The first instant with that local date, found by looking at every quarter of an hour."""
        noon = datetime.combine(day, time(12))
        quarters = (noon + timedelta(minutes=15 * step) for step in range(-4 * 30, 4 * 30))
        return next(moment for moment in quarters if self.day_of(moment) == day)


@cache
def calendar_of(zone: ZoneInfo) -> Calendar:
    return Calendar(zone)
