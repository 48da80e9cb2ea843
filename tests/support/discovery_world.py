"""A world of states alone, with one planted rule: while columns 0 and 1 are both met, accounts convert."""

from itertools import pairwise
from typing import ClassVar, NamedTuple

import numpy as np
from pql_tools.discovery.days import Lives

DAYS = 40


class PlantedUsage:
    """Stands in for the daily use: criterion i counts 1 on days on which it is met, and on no day after."""

    every = 1
    attributes: ClassVar = {}
    attributes_left_out: ClassVar = []

    def __init__(self, accounts: int, columns: int, seed: int):
        self.days = DAYS
        self.dice = np.random.default_rng(seed)
        # each is met for spells of some days, and lapses
        starts = self.dice.integers(-10, 60, (columns, accounts, 1))
        lasts = self.dice.integers(5, 25, (columns, accounts, 1))
        day = np.arange(DAYS)
        self.met = (starts <= day) & (day < starts + lasts)
        self.signed_up_on = np.zeros(accounts)
        self.parts = [(0, self)]

    def specs(self):
        """One threshold per column."""
        for i in range(len(self.met)):
            yield {"type": "event_count", "events": [f"event_{i}"]}, (1,)

    def measure(self, spec):
        """1 where it is met."""
        return self.met[int(spec["events"][0].removeprefix("event_"))].astype(float)

    ranking_specs = specs

    def moments(self, account, day):
        """The same in rows of an account and a day."""
        return PlantedMoments(self, account, day)


class PlantedMoments(NamedTuple):
    """Rows of an account and a day."""

    usage: PlantedUsage
    account: np.ndarray
    day: np.ndarray

    def measure(self, spec):
        """1 where it is met."""
        measured = np.pad(self.usage.measure(spec), ((0, 0), (0, 1)))
        return measured[self.account, np.minimum(self.day, DAYS)]

    def met(self, spec):
        """Where it is met."""
        return self.measure(spec) >= spec["at_least"]


def planted(
    accounts: int = 2000, columns: int = 30, seed: int = 1
) -> tuple[PlantedUsage, Lives, np.datetime64]:
    """The use, fates of which the two first columns together are the only cause, and the last date."""
    usage = PlantedUsage(accounts, columns, seed)
    hazard = np.full((accounts, DAYS), 0.0015)
    for yesterday, today in pairwise(range(DAYS)):
        hazard[:, today] *= np.where(usage.met[0, :, yesterday] & usage.met[1, :, yesterday], 40, 1)
    converts = usage.dice.random((accounts, DAYS)) < hazard
    converted = np.where(converts.any(axis=1), converts.argmax(axis=1), np.inf)
    closed = usage.dice.exponential(300, accounts).round()
    closed[closed == converted] = np.inf
    first = np.datetime64("2026-01-01")
    signed_up_on = first + np.sort(usage.dice.integers(0, 120, accounts)).astype("timedelta64[D]")
    lives = Lives(signed_up_on, np.where(converted < closed, converted, np.inf), closed)
    return usage, lives, first + np.timedelta64(150, "D")
