"""The span, time zones, and the hours at which people work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import duckdb
import numpy as np

from pql_tools.simulator.units import DAY, HOUR, SECOND

LAST_DATE = date(2026, 6, 30)

# Accounts whose zone is null or unknown live by UTC, which is also how the warehouse reads them.
ZONES = {
    "America/New_York": ("US", 18),
    "Europe/London": ("GB", 12),
    "America/Los_Angeles": ("US", 11),
    "America/Chicago": ("US", 9),
    "Europe/Berlin": ("DE", 9),
    "Europe/Paris": ("FR", 6),
    "Asia/Kolkata": ("IN", 7),
    "America/Sao_Paulo": ("BR", 4),
    "Asia/Singapore": ("SG", 4),
    "Australia/Sydney": ("AU", 4),
    "Asia/Tokyo": ("JP", 3),
    "America/Toronto": ("CA", 3),
    "Africa/Lagos": ("NG", 1.2),
    None: ("IE", 8),
    "Pacific Standard Time": ("US", 0.4),
    "GMT+25": ("PT", 0.4),
}
ZONE_NAMES = tuple(ZONES)
UNKNOWN_ZONES = (None, "Pacific Standard Time", "GMT+25")
HOURS = np.array([3, 1, 1, 1, 1, 3, 10, 30, 70, 100, 105, 95, 65, 85, 100, 98, 85, 60, 32, 22, 20, 18, 12, 6])
HOURS_PASSED = np.concatenate([[0], np.cumsum(HOURS) / HOURS.sum()])
WEEKDAYS = np.array([1.0, 1.06, 1.05, 1.02, 0.88, 0.17, 0.14])  # Monday first
MARGIN_DAYS = 12  # known offsets before and after the span


@dataclass(frozen=True)
class Calendar:
    """The span, and what the clocks of all zones show in it."""

    days: int
    offsets: np.ndarray  # milliseconds ahead of UTC, by zone and UTC hour

    @classmethod
    def of_last(cls, days: int) -> Calendar:
        """Return the calendar of the last `days` days, with offsets from the warehouse's own zones."""
        first = LAST_DATE - timedelta(days=days - 1 + MARGIN_DAYS)
        hours = (days + 2 * MARGIN_DAYS) * 24
        offsets = np.zeros((len(ZONES), hours), np.int64)
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            for row, zone in enumerate(ZONE_NAMES):
                if zone not in UNKNOWN_ZONES:
                    offsets[row] = connection.execute(
                        """
                        select epoch_ms(timezone($zone, moment)) - epoch_ms(moment) as ahead
                        from (
                            select $first::timestamptz + to_hours(i) as moment from range($hours) as _(i)
                        )
                        order by moment
                        """,
                        {"zone": zone, "first": str(first), "hours": hours},
                    ).fetchnumpy()["ahead"]
        return cls(days, offsets)

    @property
    def end(self) -> int:
        """The first moment after the span, UTC."""
        return self.days * DAY

    @property
    def first_date(self) -> date:
        """The date of local day 0."""
        return LAST_DATE - timedelta(days=self.days - 1)

    @property
    def epoch(self) -> int:
        """Milliseconds from 1970 to the start of the span."""
        return (self.first_date - date(1970, 1, 1)).days * DAY

    @cached_property
    def dates(self) -> list[date]:
        """The dates of local days; the last one is only reached east of Greenwich."""
        return [self.first_date + timedelta(days=day) for day in range(self.days + 1)]

    @cached_property
    def day_weights(self) -> np.ndarray:
        """How busy each local day is."""
        return WEEKDAYS[[day.weekday() for day in self.dates]]

    @cached_property
    def month_starts(self) -> np.ndarray:
        """For each local day, the first local day of its month in the span."""
        return np.array([max(0, i - day.day + 1) for i, day in enumerate(self.dates)])

    def to_utc(self, zone: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Convert local to UTC, with the offset in force at that day's noon."""
        return local - self._ahead(zone, local // DAY * DAY + 12 * HOUR)

    def to_local(self, zone: np.ndarray, utc: np.ndarray) -> np.ndarray:
        """Convert UTC to local, exactly."""
        return utc + self._ahead(zone, utc)

    def _ahead(self, zone: np.ndarray, moment: np.ndarray) -> np.ndarray:
        hour = moment // HOUR + MARGIN_DAYS * 24
        return self.offsets[zone, np.clip(hour, 0, self.offsets.shape[1] - 1)]


def times_of_day(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw local times of day, in milliseconds, by the office's rhythm."""
    hour = np.interp(rng.random(n), HOURS_PASSED, np.arange(25))
    return np.minimum((hour * HOUR).astype(np.int64), DAY - 1)


def next_weekday(calendar: Calendar, day: np.ndarray) -> np.ndarray:
    """Move a Saturday or Sunday to the Monday after it."""
    weekday = (day + calendar.first_date.weekday()) % 7
    return day + np.where(weekday >= 5, 7 - weekday, 0)


def whole_seconds(moment: np.ndarray) -> np.ndarray:
    """Cut a moment to seconds, as sign-ups, closures and payments are recorded."""
    return (moment // SECOND * SECOND).astype(np.int64)
