"""A world of ages alone, with one planted rule: meeting columns 0 and 1 makes an account convert."""

import numpy as np
from discover_criteria import Data
from pql_tools.discovery_sweep import Candidate
from pql_tools.statistics import DAY


def planted(accounts: int, columns: int, seed: int) -> Data:
    """Ages of meeting each column, and fates of which the two first columns together are the only cause."""
    dice = np.random.default_rng(seed)
    met = dice.random((accounts, columns)) < 0.4
    ages = np.where(met, dice.random((accounts, columns)) * 20 * DAY, np.inf)
    both = ages[:, :2].max(axis=1)
    chance = dice.exponential(1500 * DAY, accounts)
    caused = both + dice.exponential(40 * DAY, accounts)
    converted = np.minimum(chance, caused)
    closed = dice.exponential(800 * DAY, accounts)
    ends = np.minimum(converted, closed)[:, None]
    first = np.datetime64("2026-01-01T00:00:00", "us")
    signed_up_at = first + np.sort(dice.integers(0, 60, accounts)).astype("timedelta64[D]")
    specs = [{"type": "event_count", "events": [f"event_{i}"], "at_least": 2} for i in range(columns)]
    return Data(
        signed_up_at,
        converted,
        closed,
        np.arange(accounts) >= accounts // 2,
        [Candidate(spec, 3) for spec in specs],
        np.where(ages < ends, ages, np.inf),
    )
