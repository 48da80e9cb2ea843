"""Whether a rule has become worse beside accounts of its time: `--fail-on-drift`, and the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pql_tools import statistics as st
from pql_tools.precision.evaluation import Outcomes, Result, Settings

WEEK, WITHIN = 7 * st.DAY, 28 * st.DAY


def fall_of(times: st.Accounts, as_of: float, horizon_days: int | None) -> st.Fall | None:
    """The evidence that a rule has fallen; None without a horizon, or where nobody tells anything yet."""
    if horizon_days is None:
        return None
    return st.fall(st.matched_groups(times, as_of, float(horizon_days * st.DAY), float(WITHIN)), float(WEEK))


def with_fall(result: Result, outcomes: Outcomes, settings: Settings) -> Result:
    """The result with what `--fail-on-drift` asks; a warning says since when."""
    times = outcomes.times(outcomes.qualified(result.name), settings)
    found = fall_of(times, outcomes.cutoff(settings), result.horizon_days)
    if not st.has_fallen(found, settings.confidence):
        return replace(result, fall=found)
    said = fall_words(found, settings.confidence)
    return replace(result, fall=found, has_fallen=True, warnings=[said, *result.warnings])


def day(moment: float) -> str:
    """A time in microseconds as a day."""
    return str(np.datetime64(int(moment), "us").astype("datetime64[D]"))


def fall_words(found: st.Fall, confidence: float) -> str:
    """Since when a rule is worse than it was, and what shows it."""
    return (
        f"it is worse than it was, since about {day(found.since)}. Of accounts that qualified from then on "
        f"{_part(found.after)} paid in time, of others of the same age and time "
        f"{_part(found.controls_after)}; before, {_part(found.before)} and {_part(found.controls_before)}. "
        f"The evidence is {min(found.evidence, 1e6):,.0f} to 1; {1 / (1 - confidence):,.4g} to 1 is "
        "asked for, at any number of looks."
    )


def _part(share: st.Share) -> str:
    return f"{share.hits:,} of {share.n:,}" + (f" ({share.rate:.1%})" if share.n else "")
