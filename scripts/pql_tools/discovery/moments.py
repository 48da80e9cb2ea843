"""What accounts had measured as given days of their lives ended, without a column for every day.

The same measures as in `days`, for rows of an account and a day: running totals are looked up where they are
asked for, so that the cost is that of the use and of the rows, however long the lives.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from pql_tools.discovery.days import Usage, Uses

LIFE = 2**20  # days, more than any life has
WHAT = {"event_count": "events", "event_sum": "amounts", "active_days": "days", "limit_usage": "events"}


class Running(NamedTuple):
    """Totals that change on some days of accounts' lives: what each has come to by any day."""

    key: np.ndarray
    total: np.ndarray

    @classmethod
    def of(cls, account: np.ndarray, day: np.ndarray, amount: np.ndarray) -> Running:
        """Changes in any order."""
        key = account.astype(np.int64) * LIFE + np.minimum(day, LIFE - 2) + 1
        order = np.argsort(key, kind="stable")
        return cls(key[order], np.concatenate([[0.0], np.cumsum(amount[order], dtype=float)]))

    def by(self, account: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The sum of an account's changes up to the end of a day; before sign-up there are none."""
        start = account.astype(np.int64) * LIFE
        upto = np.searchsorted(self.key, start + np.maximum(day, -1) + 1, side="right")
        told = self.total[upto] - self.total[np.searchsorted(self.key, start, side="right")]
        return np.round(told, 6)  # as many places as a measure has: what floats add is no measure


class Moments:
    """Rows of an account and a day of its life."""

    def __init__(self, usage: Usage, account: np.ndarray, day: np.ndarray):
        self.usage, self.account, self.day = usage, account, day

    def met(self, spec: dict[str, Any]) -> np.ndarray:
        """In which rows a criterion was met as the day ended."""
        if spec["type"] == "account_attribute":
            values = self.held(spec["attribute"])
            if "in" in spec:
                return np.isin(values, [str(value) for value in spec["in"]])
            number = numbers_of(values)
            with np.errstate(invalid="ignore"):
                return (number >= spec.get("at_least", -np.inf)) & (number <= spec.get("at_most", np.inf))
        return self.measure(spec) >= spec["at_least"]

    def held(self, attribute: str) -> np.ndarray:
        """The value of an attribute in each row, '' where there is none."""
        account, day, value = self.usage.attributes[attribute]
        key = account.astype(np.int64) * LIFE + np.maximum(day, 0)
        order = np.argsort(key, kind="stable")
        place = np.searchsorted(key[order], self.account.astype(np.int64) * LIFE + self.day, side="right") - 1
        found = order[np.maximum(place, 0)]
        return np.where((place >= 0) & (account[found] == self.account), value[found], "")

    def measure(self, spec: dict[str, Any]) -> np.ndarray:
        """The measure of a criterion in each row."""
        kind, window = spec["type"], spec.get("window", {})
        event, name = (spec.get("events") or [None])[0], spec.get("property")
        if kind in ("distinct_users", "distinct_values"):
            return self.usage.running(("seen", kind, event, name, window.get("last_days"))).by(
                self.account, self.day
            )
        if kind == "decayed_sum":
            days = spec["fades_over_days"]
            amount, by_day = (
                self._within(self.usage.running((what, event, name)), {"last_days": days})
                for what in ("events", "by day")
            )
            return (amount * (days - self.day) + by_day) / days
        if kind == "ratio":
            before = Moments(self.usage, self.account, self.day - 1)
            per = before.measure({"type": spec["per"]["measure"], "window": spec["of"]["window"]})
            of = self.measure({"type": spec["of"]["measure"], **spec["of"]})
            return np.divide(of, per, out=np.zeros_like(of), where=per >= spec.get("min_base", 1))
        inside = self._within(self.usage.running((WHAT[kind], event, name)), window)
        if kind == "limit_usage":
            limit = self.usage.running(("limit", spec["limit"])).by(self.account, self.day)
            return np.divide(inside, limit, out=np.zeros_like(inside), where=limit > 0)
        return inside

    def _within(self, running: Running, window: dict[str, Any]) -> np.ndarray:
        last = np.minimum(self.day, window["first_days"] - 1) if "first_days" in window else self.day
        inside = running.by(self.account, last)
        if "last_days" in window:
            inside -= running.by(self.account, self.day - window["last_days"])
        elif "calendar" in window:
            inside -= running.by(self.account, self._month_start - 1)
        return inside

    @cached_property
    def _month_start(self) -> np.ndarray:
        date = self.usage.signed_up_on[self.account] + self.day
        return self.day - (date - date.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)


def running_of(usage: Usage, what: tuple) -> Running:
    """Running totals of one kind."""
    kind, *of = what
    if kind == "limit":
        return Running.of(*usage.limit_changes[of[0]])
    if kind == "seen":
        return _present(usage, *of)
    uses = _uses(usage, *of)
    if kind == "days":
        day = np.unique(uses.account.astype(np.int64) * LIFE + uses.day)
        return Running.of(day // LIFE, day % LIFE, np.ones(len(day)))
    return Running.of(uses.account, uses.day, uses.amount * uses.day if kind == "by day" else uses.amount)


def _uses(usage: Usage, event: str | None, name: str | None) -> Uses:
    if name is not None:
        found = [its for (of, by), its in usage.sums.items() if by == name and event in (None, of)]
    else:
        found = [its for of, its in usage.uses.items() if event in (None, of)]
    return Uses(*map(np.concatenate, zip(*found, strict=True)))


def _present(usage: Usage, kind: str, event: str | None, name: str | None, last_days: int | None) -> Running:
    """Different things in the window: each counts until the window has passed its last."""
    days, seen = last_days or LIFE, usage.people
    if kind == "distinct_values":
        seen = usage.kinds if name == "event_name" else usage.values[event, name]
    comes, goes = seen.day - seen.previous >= days, seen.following - seen.day >= days
    if last_days is None:
        comes, goes = seen.previous < 0, np.zeros(len(seen.day), dtype=bool)
    return Running.of(
        np.concatenate([seen.account[comes], seen.account[goes]]),
        np.concatenate([seen.day[comes], seen.day[goes] + days]),
        np.concatenate([np.ones(comes.sum()), -np.ones(goes.sum())]),
    )


def numbers_of(values: np.ndarray) -> np.ndarray:
    """Texts as numbers, NaN where they are none."""

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return np.nan

    different, place = np.unique(values.astype(str), return_inverse=True)
    return np.array([number(text) for text in different], dtype=float)[place]
