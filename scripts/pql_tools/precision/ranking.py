"""How well a score orders accounts: the best of each week, and how often each band of points pays.

The model int_score_weeks says, for the start of every week, which points each open, unpaid account had, and
whether it paid within the horizon after. Lists are worked from the top: by points, then by who last became a
lead most recently; who is still even shares the places that are left.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from pql_tools import statistics as st
from pql_tools.console import make_console
from pql_tools.precision.evaluation import DataError, Outcomes, Settings
from pql_tools.precision.parts import as_plain, show_rows

AT_ONCE = 2_000_000  # weeks of accounts that are judged for one sentence
SHARES = (0.05, 0.1, 0.2)
FIRST_WEEK = np.datetime64("1970-01-05")
ORDER = (
    "In order of points, then of who last became a lead most recently; who is still even shares the places. "
    "Lists go on by what is nearest to its next step, then by account_id."
)


class Weeks(NamedTuple):
    """Stretches of weeks of one score: account, points, place in the order, the weeks."""

    account: np.ndarray
    points: np.ndarray
    order: np.ndarray
    start: np.ndarray
    end: np.ndarray
    pays: np.ndarray  # the first week from which on it pays in time; `end` where none

    def sums(self, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """How many weeks from `start` to before `end` each stretch has, and in how many it pays in time."""
        last = np.minimum(self.end, end)
        rows = np.maximum(last - np.maximum(self.start, start), 0)
        return rows, np.maximum(last - np.maximum(self.pays, start), 0)


class Band(NamedTuple):
    """A band of points: accounts that stood there, how often they paid, and the same early and late."""

    name: str
    accounts: int
    paid: st.Estimate | None
    before: st.Estimate | None
    since: st.Estimate | None


class Ranking(NamedTuple):
    """What a score's order is worth."""

    score_name: str
    horizon_days: int
    first_week: np.datetime64
    last_week: np.datetime64
    split_week: np.datetime64
    rows: int
    base: st.Estimate
    cuts: dict[str, tuple[float, st.Cut]]  # what is taken, how many that is in a week, and what it gets
    bands: list[Band]
    falls: list[tuple[str, str, bool]]  # bands that pay less than the one below; whether by more than chance


@lru_cache(maxsize=1)  # a check says them in a sentence, and in its JSON
def rankings(outcomes: Outcomes, capacity: float | None = None) -> list[Ranking]:
    """Every score that has weeks to judge it by, in the order of the configuration."""
    warehouse = outcomes.warehouse
    if not warehouse.is_built("int_score_weeks"):
        return []
    found = warehouse.columns("""
        with accounts as (
            select account_id, row_number() over (order by account_id) - 1 as account_number
            from {{ ref('int_accounts') }}
        )
        select
            weeks.score_name, accounts.account_number, weeks.score, weeks.qualified_at, weeks.from_week,
            weeks.until_week, coalesce(weeks.pays_from_week, weeks.until_week) as pays_from_week
        from {{ ref('int_score_weeks') }} as weeks
        inner join accounts on weeks.account_id = accounts.account_id
    """)
    bands = warehouse.rows("select * from {{ ref('pql_score_bands') }} order by score_name, place")
    rules = {rule["criterion_name"]: rule for rule in outcomes.rules if rule["kind"] == "criterion"}
    result = []
    for name in [name for name in rules if any(band["score_name"] == name for band in bands)]:
        rows = found["score_name"] == name
        if rows.any():
            weeks = weeks_of({column: values[rows] for column, values in found.items()})
            own = [band for band in bands if band["score_name"] == name]
            result.append(ranking_of(name, rules[name]["horizon_days"], weeks, own, capacity))
    return result


def weeks_of(found: dict[str, np.ndarray]) -> Weeks:
    """The stretches, in the order in which lists are worked."""
    points, qualified = found["score"].astype(float), st.as_times(found["qualified_at"])
    qualified = np.where(np.isfinite(qualified), qualified, -np.inf)
    by_order = np.lexsort((qualified, points))
    differs = np.diff(points[by_order]) != 0
    with np.errstate(invalid="ignore"):
        differs |= qualified[by_order][1:] != qualified[by_order][:-1]
    order = np.empty(len(points), dtype=np.int64)
    order[by_order] = np.concatenate([[0], np.cumsum(differs)])
    whole = (found[name].astype(np.int64) for name in ("from_week", "until_week", "pays_from_week"))
    return Weeks(found["account_number"].astype(np.int64), points, order, *whole)


def ranking_of(
    name: str, horizon_days: int, weeks: Weeks, bands: list[dict[str, Any]], capacity: float | None
) -> Ranking:
    """The best of each week, and each band, of one score."""
    first, last = int(weeks.start.min()), int(weeks.end.max()) - 1
    rows, paid = weeks.sums(first, last + 1)
    n = int(weeks.account.max()) + 1
    all_rows, all_paid = (np.bincount(weeks.account, v, n) for v in (rows, paid))
    slots = {f"{share:.0%}": share for share in SHARES} | ({f"{capacity:g}": capacity} if capacity else {})
    taken = {what: (np.zeros(n), np.zeros(n)) for what in slots}
    for week in range(first, last + 1):
        here = np.flatnonzero((weeks.start <= week) & (week < weeks.end))
        if not len(here):
            continue
        account, pays = weeks.account[here], weeks.pays[here] <= week
        for what, size in slots.items():
            given = st.best_of(weeks.order[here], size if size >= 1 else size * len(here))
            taken[what][0][account] += given
            taken[what][1][account] += given * pays
    number = max(last + 1 - first, 1)
    cuts = {
        what: (float(given.sum()) / number, st.cut_of(given, hits, all_rows, all_paid))
        for what, (given, hits) in taken.items()
    }
    split = _half_way(weeks, first, last)
    judged = [_band(weeks, band, (first, last + 1), split, horizon_days) for band in bands]
    return Ranking(
        name, horizon_days, *(FIRST_WEEK + 7 * week for week in (first, last, split)), int(rows.sum()),
        st.share_of(all_paid, all_rows), cuts, judged, falls_of(judged),
    )  # fmt: skip


def _half_way(weeks: Weeks, first: int, last: int) -> int:
    """The week at the start of which as many rows lie behind as before."""
    change = np.bincount(weeks.start - first, minlength=last + 2 - first).astype(float)
    change -= np.bincount(weeks.end - first, minlength=last + 2 - first)
    standing = np.cumsum(np.cumsum(change))
    return first + int(np.searchsorted(standing, standing[-1] / 2))


def _band(weeks: Weeks, band: dict[str, Any], span: tuple[int, int], split: int, horizon_days: int) -> Band:
    """One band; what was known at the split is of weeks whose horizon had passed by then."""
    here = (weeks.points >= band["from_points"]) & (weeks.points < band["below_points"])
    inside = Weeks(*(column[here] for column in weeks))
    known = split - -(-horizon_days // 7)
    paid, before, since = (
        _share(inside, *limits) for limits in (span, (span[0], known + 1), (split, span[1]))
    )
    return Band(band["band"], int(band["accounts"]), paid, before, since)


def _share(weeks: Weeks, start: int, end: int) -> st.Estimate | None:
    rows, paid = weeks.sums(start, end)
    if not rows.sum():
        return None
    _, place = np.unique(weeks.account, return_inverse=True)
    return st.share_of(np.bincount(place, paid), np.bincount(place, rows))


def falls_of(bands: list[Band]) -> list[tuple[str, str, bool]]:
    """Bands that pay less often than the next lower one, and whether their intervals keep apart."""
    stood = [band for band in bands if band.paid is not None]
    return [
        (band.name, lower.name, are_apart(band.paid, lower.paid, len(stood) - 1))
        for lower, band in pairwise(stood)
        if band.paid.value < lower.paid.value
    ]


def said_of(ranking: Ranking) -> list[str]:
    """What the table of bands says, in words."""
    lines = []
    if not ranking.falls:
        lines.append("The more points, the more often accounts pay: every band pays more than those below.")
    for band, lower, is_sure in ranking.falls:
        sure = "by more than chance" if is_sure else "which may be chance"
        lines.append(f"Not in order: {band} points pay less often than {lower}, {sure}.")
    known = [band for band in ranking.bands if band.before and band.since]
    moved = [band.name for band in known if are_apart(band.before, band.since, len(known))]
    if moved:
        lines.append(
            f"What points meant till {ranking.split_week} does not hold since: {', '.join(moved)} points "
            "pay otherwise, by more than chance. The order may hold; compare the bands of one time."
        )
    elif known:
        lines.append("Each band has paid since as it did before, within chance: what points mean holds.")
    return lines


def are_apart(first: st.Estimate, second: st.Estimate, asked: int = 1) -> bool:
    """Whether two rates differ by more than chance makes any of so many pairs differ in 19 of 20 cases.

    The reach of each interval towards the other stands for its error (the square-and-add of Newcombe).
    """
    lower, upper = sorted((first, second))
    reach = np.hypot(lower.high - lower.value, upper.value - upper.low)
    return upper.value - lower.value > reach * st.z_value(1 - 0.05 / asked) / st.z_value(0.95)


def document_of(ranking: Ranking) -> dict[str, Any]:
    """Everything about it, for programs."""
    return {
        "score": ranking.score_name,
        "horizon_days": ranking.horizon_days,
        **{name: str(getattr(ranking, name)) for name in ("first_week", "last_week", "split_week")},
        "account_weeks": ranking.rows,
        "base_rate": as_plain(ranking.base),
        "best": [
            {"best": what, "a_week": a_week, **as_plain(cut)} for what, (a_week, cut) in ranking.cuts.items()
        ],
        "bands": [as_plain(band) for band in ranking.bands],
        "is_monotone": not ranking.falls,
        "order": ORDER,
    }


def ranges(estimate: st.Estimate | None, percent: bool = True) -> str:
    """17.2% (12–24), 9.2 (7.1–12), or a dash."""
    if estimate is None:
        return "–"
    value, low, high = estimate
    if percent:
        digits = 1 if high < 0.1 else 0
        return f"{value:.1%} ({100 * low:.{digits}f}–{100 * high:.{digits}f})"
    return f"{value:.1f} ({low:.1f}–{high:.1f})"


def tables_of(ranking: Ranking) -> list[tuple[str, list[str], list[list[str]]]]:
    """Two tables, each a title, headings and rows: the best of each week, and the bands."""
    title = (
        f"{ranking.score_name}: the best of each week from {ranking.first_week} to {ranking.last_week}; "
        f"of all {ranges(ranking.base)} paid within {ranking.horizon_days} days"
    )
    best = [
        [what, f"{a_week:,.1f}", ranges(cut.precision), ranges(cut.capture), ranges(cut.lift, False)]
        for what, (a_week, cut) in ranking.cuts.items()
    ]
    bands = [
        [band.name, f"{band.accounts:,}", *map(ranges, (band.paid, band.before, band.since))]
        for band in reversed(ranking.bands)
    ]
    return [
        (title, ["best", "a week", "paid", "of those that paid", "times all"], best),
        (
            f"{ranking.score_name}: paid by points",
            ["points", "accounts", "paid", f"till {ranking.split_week}", "since"],
            bands,
        ),
    ]


def summary_of(ranking: Ranking) -> str:
    """One sentence for the foot of the check."""
    _, cut = ranking.cuts["10%"]
    return (
        f"{ranking.score_name} as an order: of the best 10% of each week {ranges(cut.precision)} paid within "
        f"{ranking.horizon_days} days, of all {ranges(ranking.base)}; --ranking tells more."
    )


def in_short(outcomes: Outcomes) -> list[str]:
    """A sentence for each score; where judging takes a while, what its bands say has to do."""
    if not outcomes.warehouse.is_built("pql_score_bands"):
        return []
    bands = outcomes.warehouse.rows("""
        select score_name, band, account_weeks, paid_rate from {{ ref('pql_score_bands') }}
        where account_weeks > 0 order by score_name, place
    """)
    if sum(band["account_weeks"] for band in bands) <= AT_ONCE:
        return [summary_of(ranking) for ranking in rankings(outcomes)]
    said = []
    for name, of_score in groupby(bands, lambda band: band["score_name"]):
        lowest, *_, highest = [*of_score] * 2
        said.append(
            f"{name} as an order: of accounts that began a week with {highest['band']} points "
            f"{highest['paid_rate']:.1%} paid in time, with {lowest['band']} {lowest['paid_rate']:.1%}; "
            "--ranking judges it."
        )
    return said


def show_rankings(outcomes: Outcomes, settings: Settings, capacity: float | None, output: str) -> int:
    """Print what every score's order is worth."""
    if not settings.is_as_built:
        raise DataError("--ranking judges as the build does: leave out --as-of and --horizon-days.")
    found = rankings(outcomes, capacity)
    if not found:
        raise DataError(
            "There is no ranking to judge: it takes a criterion of type score, a horizon in days, and weeks "
            "that a whole horizon has passed since."
        )
    if output not in ("table", "markdown", "json"):
        raise DataError(f"--ranking prints as table, json or markdown, not as {output}.")
    if output == "json":
        print(json.dumps([document_of(ranking) for ranking in found], indent=2))
        return 0
    for ranking in found:
        for table in tables_of(ranking):
            show_rows(*table, output)
            print()
        for line in said_of(ranking):
            say(line, output)
        print()
    say(ORDER, output)
    return 0


def say(line: str, output: str) -> None:
    """A sentence, folded where somebody reads it on a terminal."""
    console = make_console()
    if output == "table" and console.is_terminal:
        console.print(line, markup=False)
    else:
        print(line)
