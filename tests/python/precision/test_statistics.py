"""The statistics of the precision check against published, worked-out, exact and brute-force answers.

Sections (§) are those of docs/statistics.md. Literal numbers named SciPy 1.17.1, statsmodels 0.15.0 or
scikit-learn 1.9.1 were computed there once, so that a new version of a library is compared as well.
"""

from __future__ import annotations

import csv
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.special import expit
from scipy.stats import nchypergeom_fisher
from statsmodels.stats.power import normal_power
from statsmodels.stats.proportion import confint_proportions_2indep

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from measure_interval_coverage import FOLLOWED_DAYS, Hazards, simulate, truth  # noqa: E402
from measure_over_time import HORIZON as OVER_TIME  # noqa: E402
from measure_over_time import WEEK, effective, one_lift, one_year  # noqa: E402
from pql_tools import statistics as st  # noqa: E402
from pql_tools.statistics.outcomes import counters, risk_sets  # noqa: E402

FIXTURE = ROOT / "tests" / "fixtures" / "outcomes"
NEVER = math.inf


# -- §2, the worked example: days of age for C1 as printed, without the fixture --------------------------

AS_OF, HORIZON, RECALL_WITHIN = 89.0, 30.0, 37.0  # days since 2026-01-01 09:00
EXAMPLE = {  # account: sign-up day, then age at qualification, conversion and closure
    "A01": (0, 2, 12, NEVER),
    "A02": (0, 5, 35, NEVER),
    "A03": (1, 3, 34, NEVER),
    "A04": (1, 2, NEVER, NEVER),
    "A05": (2, 2, 1.5, NEVER),
    "A06": (2, 3, 3, NEVER),
    "A07": (4, NEVER, 15, NEVER),
    "A08": (4, NEVER, NEVER, NEVER),
    "A09": (5, NEVER, 73, NEVER),
    "A10": (68, 2, 10, NEVER),
    "A11": (68, 3, NEVER, NEVER),
    "A12": (7, 2, NEVER, 12),
    "A13": (7, 1, 11, NEVER),
    "A14": (-12, NEVER, NEVER, NEVER),
}
STATES = {
    "hit": {"A01", "A02", "A13"},
    "miss_late": {"A03"},
    "miss": {"A04"},
    "miss_closed": {"A12"},
    "converted_before": {"A05"},
    "converted_at": {"A06"},
    "immature": {"A10", "A11"},
    "not_qualified": {"A07", "A08", "A09", "A14"},
}


@pytest.fixture(scope="module")
def example() -> st.Accounts:
    signup, *ages = (np.array(column, dtype=float) for column in zip(*EXAMPLE.values(), strict=True))
    return st.account_times(signup, *(signup + age for age in ages))


def exact_base(counts: st.MatchedCounts) -> Fraction | None:
    """The mean rate of the comparison sets as a fraction."""
    sets = [(int(c), int(n)) for c, n in zip(counts.converted, counts.at_risk, strict=True) if n]
    return sum(Fraction(c, n) for c, n in sets) / len(sets) if sets else None


def test_worked_example_states(example):
    states = st.outcome_states(example, AS_OF, HORIZON)
    found = {state: {a for a, s in zip(EXAMPLE, states, strict=True) if s == state} for state in set(states)}
    assert found == STATES


def test_worked_example_rates(example):
    assert st.precision(st.outcome_states(example, AS_OF, HORIZON)) == (3, 6)
    assert st.naive_precision(example, AS_OF) == (7, 10)
    assert st.recall(example, AS_OF, HORIZON, RECALL_WITHIN) == ((3, 7), (4, 7))
    assert st.landmark(example, AS_OF, HORIZON, age=7) == ((4, 6), (1, 4))
    assert sorted(st.lead_times(example, AS_OF, HORIZON)) == [10, 10, 30]


def test_worked_example_matched_rates(example):
    counts = st.matched_counts(example, AS_OF, HORIZON)
    assert sorted(zip(counts.converted, counts.at_risk, strict=True)) == [
        (3, 10), (4, 11), (4, 11), (4, 11), (5, 10), (5, 12)
    ]  # fmt: skip
    assert exact_base(counts) == Fraction(1523, 3960)
    assert st.matched_rate(example, AS_OF, HORIZON) == (3, 6, approx(0.384596), approx(1.300066))
    others = st.matched_counts(example, AS_OF, HORIZON, not_yet_qualified=True)
    assert sorted(zip(others.converted, others.at_risk, strict=True)) == [
        (1, 4), (1, 5), (2, 7), (2, 7), (2, 7), (4, 11)
    ]  # fmt: skip
    relative = st.matched_rate(example, AS_OF, HORIZON, not_yet_qualified=True)
    assert relative == (3, 6, approx(0.278463), approx(1.795569))


def test_worked_example_curve(example):
    durations, causes = st.waiting_times(example, AS_OF)
    curve = st.aalen_johansen(durations, causes)
    assert st.incidence_at(curve, 30).value == pytest.approx(13 / 24, abs=1e-15)
    assert curve.variance[curve.times == 30] == approx(0.035663)
    censoring = st.aalen_johansen(durations, np.where(causes == st.CLOSED, st.CENSORED, causes))
    assert st.incidence_at(censoring, 30).value == pytest.approx(7 / 12, abs=1e-15)


def test_worked_example_interval():
    assert st.wilson(3, 6) == (approx(0.187616), approx(0.812384))
    assert st.clopper_pearson(3, 6) == (approx(0.118117), approx(0.881883))
    assert (st.lower_bound(3, 6), st.upper_bound(3, 6)) == (approx(0.153161), approx(0.846839))
    assert st.verdict(3, 6, 0.25, min_n=5).name == st.INCONCLUSIVE


def approx(value: float):
    """As printed to six places."""
    return pytest.approx(value, abs=5.1e-7)


# -- §2 again, every statistic of the fixture's expected.csv ---------------------------------------------

CRITERIA = {"C1": (3, 7), "C2": (2, 3), "S1": (1, 7), "S2": (2, 7)}  # logins, within days of sign-up


def read(name: str) -> list[dict[str, str]]:
    with (FIXTURE / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def moment(text: str) -> np.datetime64:
    return np.datetime64(text or "NaT", "us")


def fixture_accounts(logins: int, days: int) -> tuple[list[str], st.Accounts]:
    """The fixture's accounts, qualified at their n-th login within so many days of sign-up."""
    events = {row["event_id"]: row for row in read("events")}.values()
    names, signup, qualified, converted, closed = [], [], [], [], []
    for account in read("accounts"):
        name, start = account["account_id"], moment(account["signed_up_at"])
        times = sorted(moment(e["occurred_at"]) for e in events if e["account_id"] == name)
        inside = [t for t in times if start <= t < start + np.timedelta64(days, "D")]
        paid = [moment(c["converted_at"]) for c in read("conversions") if c["account_id"] == name]
        names.append(name)
        signup.append(start)
        qualified.append(inside[logins - 1] if len(inside) >= logins else moment(""))
        converted.append(min(paid, default=moment("")))
        closed.append(moment(account["closed_at"]))
    return names, st.account_times(*(np.array(times) for times in (signup, qualified, converted, closed)))


def measured(criterion: str, as_of: float) -> dict[str, tuple | float | str]:
    """Everything the statistics say about one criterion, by its name in expected.csv."""
    _, accounts = fixture_accounts(*CRITERIA[criterion])
    horizon, within = 30 * st.DAY, 37 * st.DAY
    states = st.outcome_states(accounts, as_of, horizon)
    count = {state: int((states == state).sum()) for state in set(states)}
    hits, n = st.precision(states)
    recall = st.recall(accounts, as_of, horizon, within)
    base = exact_base(st.matched_counts(accounts, as_of, horizon))
    other = exact_base(st.matched_counts(accounts, as_of, horizon, not_yet_qualified=True))
    wilson, exact = st.wilson(hits, n), st.clopper_pearson(hits, n)
    before, at = count.get("converted_before", 0), count.get("converted_at", 0)
    qualified = len(states) - count.get("not_qualified", 0)
    curve = st.aalen_johansen(*st.waiting_times(accounts, as_of))
    durations, causes = st.waiting_times(accounts, as_of)
    without_closures = st.aalen_johansen(durations, np.where(causes == st.CLOSED, st.CENSORED, causes))
    landmark = st.landmark(accounts, as_of, horizon, 7 * st.DAY)
    return {
        "qualified": qualified,
        "converted_before_qualification": before,
        "converted_at_qualification": at,
        "at_risk": qualified - before - at,
        "immature": count.get("immature", 0),
        "n_mature": n,
        "hits": hits,
        "late_conversions": count.get("miss_late", 0),
        "precision": (hits, n),
        "precision_wilson95_low": wilson.low,
        "precision_wilson95_high": wilson.high,
        "precision_cp95_low": exact.low,
        "precision_cp95_high": exact.high,
        "precision_cp_one_sided95_lower": st.lower_bound(hits, n),
        "precision_cp_one_sided95_upper": st.upper_bound(hits, n),
        "recall": recall.caught,
        "recall_flagged_before": recall.flagged_before,
        "base_rate_matched_age": base,
        "lift": Fraction(hits, n) / base,
        "base_rate_not_yet_qualified": "undefined" if other is None else other,
        "relative_rate_vs_not_yet_qualified": "undefined" if other is None else Fraction(hits, n) / other,
        "naive_precision_do_not_use": st.naive_precision(accounts, as_of),
        "aj_cumulative_incidence_30d": st.incidence_at(curve, horizon).value,
        "aj_variance_30d": curve.variance[np.searchsorted(curve.times, horizon, side="right") - 1],
        "km_closure_as_censoring_30d_do_not_use": st.incidence_at(without_closures, horizon).value,
        "median_lead_days_of_hits": np.median(st.lead_times(accounts, as_of, horizon)) / st.DAY,
        "landmark7_rate_qualified": landmark.qualified,
        "landmark7_rate_not_qualified": landmark.not_qualified,
    }


def measured_pair(as_of: float) -> dict[str, tuple | float]:
    """The comparison of C1 with C2 by its names in expected.csv."""
    flags, hits = [], []
    for criterion in ("C1", "C2"):
        states = st.outcome_states(fixture_accounts(*CRITERIA[criterion])[1], as_of, 30 * st.DAY)
        hits.append(states == "hit")
        flags.append(np.isin(states, ["hit", "miss", "miss_late", "miss_closed"]))
    pair = st.compare_definitions(flags[0], hits[0], flags[1], hits[1])
    return {
        "precision_difference": pair.difference.value,
        "precision_difference_se": pair.difference_se,
        "precision_difference_ci95_low": pair.difference.low,
        "precision_difference_ci95_high": pair.difference.high,
        "wgs_statistic": pair.statistic,
        "wgs_p": pair.p_value,
        "swap_set_first_only": pair.swaps.first_only,
        "swap_set_second_only": pair.swaps.second_only,
    }


@pytest.mark.parametrize("criterion", ["C1", "C2", "S1", "S2", "C1-C2"])
def test_every_number_of_the_fixture(criterion):
    rows = [row for row in read("expected") if row["criterion"] == criterion]
    as_of = float(st.as_times([moment("2026-03-31 09:00:00")])[0])
    found = measured_pair(as_of) if criterion == "C1-C2" else measured(criterion, as_of)
    checked = 0
    for row in rows:
        if row["account_id"] or row["metric"] == "definition":
            continue
        value, (numerator, denominator) = found[row["metric"]], (row["numerator"], row["denominator"])
        if value == "undefined" or row["value"] == "undefined":
            assert value == row["value"], row
        elif isinstance(value, tuple):
            assert value == (int(numerator), int(denominator)), row
        elif isinstance(value, Fraction):
            assert value == Fraction(int(numerator), int(denominator)), row
        else:
            assert value == approx(float(row["value"])), row
        checked += 1
    assert checked == {"C1": 28, "C2": 22, "S1": 22, "S2": 22, "C1-C2": 8}[criterion]


@pytest.mark.parametrize("criterion", ["C1", "C2"])
def test_every_state_of_the_fixture(criterion):
    names, accounts = fixture_accounts(*CRITERIA[criterion])
    as_of = float(st.as_times([moment("2026-03-31 09:00:00")])[0])
    states = dict(zip(names, st.outcome_states(accounts, as_of, 30 * st.DAY), strict=True))
    expected = {
        row["account_id"]: row["value"]
        for row in read("expected")
        if row["criterion"] == criterion and row["metric"] == "state"
    }
    assert states == expected


# -- §1.1, edges of the states ---------------------------------------------------------------------------


def one_account(q: float, c: float = NEVER, x: float = NEVER) -> st.Accounts:
    return st.account_times([0.0], [q], [c], [x])


@pytest.mark.parametrize(
    ("accounts", "horizon", "state"),
    [
        (one_account(70), 30, "miss"),  # q + H = A is mature
        (one_account(70.5), 30, "immature"),
        (one_account(70, c=100), 30, "hit"),  # converted at A, at q + H
        (one_account(80, c=90), 30, "immature"),  # never add only the converted ones
        (one_account(10, x=10), 30, "closed_before"),
        (one_account(10, c=20, x=10), 30, "closed_before"),
        (one_account(10, c=50, x=20), 30, "miss_closed"),
        (one_account(10, x=41), 30, "miss"),
        (one_account(10, c=101), 30, "miss"),  # what comes after the as-of is not known
        (one_account(99, c=100), None, "hit"),
        (one_account(10, c=90), None, "hit"),
        (one_account(10), None, "miss"),
        (one_account(10, c=9), None, "converted_before"),
    ],
)
def test_state(accounts, horizon, state):
    assert st.outcome_states(accounts, 100, horizon).tolist() == [state]


def test_recall_without_horizon_counts_every_conversion():
    accounts = st.account_times([0, 0, 90], [5, NEVER, 95], [50, 60, 99], [NEVER] * 3)
    assert st.recall(accounts, 100, None, None) == ((2, 3), (2, 3))
    with pytest.raises(ValueError, match="recall window needs a horizon"):
        st.recall(accounts, 100, None, 37)


def test_times_come_as_datetimes_integers_floats_or_masked():
    day = np.datetime64("2026-01-01", "us")
    whole = [day.astype(int), st.NEVER]
    masked = np.ma.masked_array([day, day], mask=[False, True])
    for given_times in (np.array([day, "NaT"], dtype="datetime64[ns]"), np.array(whole), masked):
        assert st.as_times(given_times).tolist() == [float(whole[0]), NEVER]
    assert st.as_times([1.5, NEVER]).tolist() == [1.5, NEVER]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: st.as_times([math.nan]), "NaN"),
        (lambda: st.as_times(["soon"]), "datetimes, integers or floats"),
        (lambda: st.as_times([1_767_225_600_000_000_000]), "nanoseconds"),
        (lambda: st.account_times([0.0], [1.0, 2.0], [3.0], [4.0]), "same length"),
        (lambda: st.account_times([NEVER], [NEVER], [1.0], [1.0]), "needs a sign-up"),
        (lambda: one_account(-1.0), "1 accounts qualified before"),
        (lambda: st.outcome_states(one_account(1), 100, 0), "horizon must be positive"),
        (lambda: st.matched_rate(one_account(1), 100, None), "finite horizon"),
        (lambda: st.ratio_interval(one_account(1), 100, 30, replicates=10), "100 replicates"),
        (lambda: st.wilson(4, 3), "4 of 3"),
        (lambda: st.lower_bound(1, 3, 1.0), "confidence must lie strictly between"),
        (lambda: st.verdict(1, 3, 25), "min_precision must lie strictly between"),
        (lambda: st.verdict(1, 3, 0.25, min_n=0), "min_n must be at least 1"),
        (lambda: st.log_e_process([[True]], 0.25), "list of hits and misses"),
        (lambda: st.holdout_size(0.2, 0.2), "equal"),
        (lambda: st.compare_definitions([1], [1], [0], [0]), "at least one mature account"),
        (lambda: st.compare_definitions([1], [1], [1, 1], [0, 1]), "same length"),
        (lambda: st.aalen_johansen([-1.0], [1]), "not negative"),
        (lambda: st.aalen_johansen([1.0], [3]), "Causes are"),
        (lambda: st.drift([3], [2]), "between 0 and n"),
        (lambda: st.holm([1.2]), "p values"),
        (lambda: st.fit_logistic([[1], [0]], [1, 1]), "converted and accounts that did not"),
        (lambda: st.best_of([1.0], 0), "At least a part of a slot"),
        (lambda: st.auc([1.0], [True]), "AUC needs"),
    ],
)
def test_bad_input_is_told_in_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


# -- §1.5, intervals of one proportion -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "n", "expected"),  # SciPy: one-sided 95% lower and upper bound, two-sided 95% interval
    [
        (0, 50, (0, 0.05815507911697225, 0, 0.07112173646419764)),
        (114, 432, (0.2291339739651701, 0.3010705652170293, 0.22291029048497163, 0.308135282655418)),
        (
            250_000,
            1_000_000,
            (0.24928779275491153, 0.25071327670785687, 0.24915153568554574, 0.2508499125965476),
        ),
        (
            1,
            1_000_000,
            (5.1293293072049535e-08, 4.743855638214234e-06, 2.5317807663794178e-08, 5.571630655166939e-06),
        ),
    ],
)
def test_clopper_pearson_equals_scipy(hits, n, expected):
    found = (st.lower_bound(hits, n), st.upper_bound(hits, n), *st.clopper_pearson(hits, n))
    assert found == pytest.approx(expected, abs=1e-12)
    mirrored = (1 - expected[1], 1 - expected[0], 1 - expected[3], 1 - expected[2])
    misses = n - hits
    found = (st.lower_bound(misses, n), st.upper_bound(misses, n), *st.clopper_pearson(misses, n))
    assert found == pytest.approx(mirrored, abs=1e-12)


def test_no_accounts_say_nothing():
    assert st.wilson(0, 0) == st.clopper_pearson(0, 0) == (0, 1)
    assert st.Share(0, 0).rate is None


@given(some.integers(0, 12), some.integers(-1, 13), some.fractions(0, 1, max_denominator=40))
def test_binomial_tail_equals_exact_arithmetic(n, k, p):
    exact = sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(max(k, 0), n + 1))
    assert st.binomial_at_least(k, n, float(p)) == pytest.approx(float(exact), abs=1e-13)


def wald(hits: int, n: int) -> st.Interval:
    p = hits / n
    reach = 1.959964 * math.sqrt(p * (1 - p) / n)
    return st.Interval(p - reach, p + reach)


@pytest.mark.parametrize(
    ("n", "expected"), [(10, (0.950, 0.801, 0.895, 0.183)), (50, (0.950, 0.882, 0.922, 0.635))]
)
def test_worst_coverage_table(n, expected):
    """§1.5: the exact coverage at the worst p in 0.02–0.98, by steps of 0.001."""
    p = np.linspace(0.02, 0.98, 961)[:, None]
    hits = np.arange(n + 1)
    chance = np.array([math.comb(n, k) for k in hits]) * p**hits * (1 - p) ** (n - hits)

    def worst(intervals) -> float:
        low, high = np.array([intervals(int(k), n) for k in hits]).T
        return (chance * ((low <= p) & (p <= high))).sum(axis=1).min()

    found = (
        worst(lambda k, n: (st.lower_bound(k, n), 1)),
        worst(lambda k, n: (st.wilson(k, n, 0.90).low, 1)),
        worst(st.wilson),
        worst(wald),
    )
    assert found == pytest.approx(expected, abs=0.002)
    assert found[0] >= 0.95


# -- §6, verdicts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "passing", "failing"), [(20, 9, 1), (50, 19, 7), (100, 33, 17), (200, 61, 39)])
def test_verdict_table(n, passing, failing):
    assert st.decision_limits(n, 0.25) == (passing, failing)
    names = [st.verdict(hits, n, 0.25).name for hits in range(n + 1)]
    undecided = passing - failing - 1
    assert names == ["FAIL"] * (failing + 1) + ["INCONCLUSIVE"] * undecided + ["PASS"] * (n - passing + 1)


@pytest.mark.parametrize(("n", "precision"), [(522, 0.30), (141, 0.35), (68, 0.40), (28, 0.50)])
def test_published_power(n, precision):
    """§6: from so many accounts on the check passes with 80% power, and with one fewer it does not."""

    def power(accounts: int) -> float:
        return st.binomial_at_least(st.decision_limits(accounts, 0.25).pass_from, accounts, precision)

    assert all(power(accounts) >= 0.8 for accounts in range(n, n + 100))
    assert power(n - 1) < 0.8


def test_few_accounts_are_insufficient_and_cannot_always_decide():
    assert st.verdict(19, 19, 0.25).name == st.INSUFFICIENT
    assert st.verdict(19, 19, 0.25).reason == "19 accounts are mature; 20 are needed to decide."
    assert st.decision_limits(2, 0.25) == (None, None)
    assert "no number of hits passes and none fails" in st.verdict(1, 2, 0.25, min_n=1).reason


@pytest.mark.parametrize(
    ("hits", "n", "log_e"),  # SciPy: betaln and binom.logcdf
    [(4, 10, -0.30779643664454714), (20, 40, 4.403957597976374), (33, 100, -0.28536318229410185)],
)
def test_e_value_does_not_depend_on_the_order(hits, n, log_e):
    outcomes = [True] * hits + [False] * (n - hits)
    for order in (outcomes, outcomes[::-1]):
        assert st.log_e_process(order, 0.25)[-1] == pytest.approx(log_e, abs=1e-11)


def test_misses_are_never_evidence_of_precision():
    """However many: here the tail in E is far below the rounding of the sum it is taken from."""
    assert st.log_e_process([False] * 5000, 0.25).max() <= 0
    assert st.sequential_verdict([False] * 5000, 0.25).name == st.FAIL
    assert st.sequential_verdict([True] * 5000, 0.75).name == st.PASS


def test_sequential_false_alarms_and_power():
    """Looking after each of 520 accounts: at most 5% false passes (1.7% in the long run), power at 0.35."""
    rng = np.random.default_rng(7)

    def passes(precision: float, runs: int) -> float:
        worlds = rng.random((runs, 520)) < precision
        return np.mean([st.sequential_verdict(world, 0.25).name == st.PASS for world in worlds])

    assert passes(0.25, 600) <= 0.05
    assert passes(0.35, 150) >= 0.93


def test_sequential_verdicts():
    assert st.sequential_verdict([True] * 10, 0.25).name == st.INSUFFICIENT
    assert st.sequential_verdict([True, False] * 30, 0.25).name == st.PASS
    assert st.sequential_verdict([False] * 60, 0.25).name == st.FAIL
    assert st.sequential_verdict([True, False, False, False] * 15, 0.25).name == st.INCONCLUSIVE
    drifted = st.sequential_verdict([True] * 30 + [False] * 400, 0.25)
    assert (drifted.name, drifted.reason) == (
        st.INCONCLUSIVE,
        "Above 25.0% after 20 accounts, below after 187: it drifted.",
    )


def test_size_of_a_holdout():
    assert st.holdout_size(0.20, 0.15) == st.holdout_size(0.15, 0.20) == 902


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_a_holdout_of_that_size_has_the_power_promised(share):
    """By statsmodels, with arms as unequal as they are."""
    n = st.holdout_size(0.12, 0.08, share)
    told = n * (1 - share) / share
    spread = np.sqrt(0.08 * 0.92 / n + 0.12 * 0.88 / told)
    power = normal_power(0.04 / spread, 1, 0.05)
    assert power == pytest.approx(0.80, abs=0.005)


def test_difference_of_two_shares_agrees_with_statsmodels():
    expected = confint_proportions_2indep(30, 200, 9, 90, method="newcomb")
    assert st.difference(st.Share(30, 200), st.Share(9, 90))[1:] == pytest.approx(expected)


# -- §1.3, matched rates ---------------------------------------------------------------------------------

day = some.integers(0, 12)
maybe = some.one_of(day, some.just(NEVER))
account = some.tuples(day, maybe, some.one_of(some.integers(-2, 14), some.just(NEVER)), maybe)


def brute_force(rows, as_of, horizon, not_yet, months=None) -> list[tuple[int, bool, int, int]]:
    """§1.3 word for word, all pairs; with months, others of the same month alone."""
    found = []
    for i, (s, q, c, x) in enumerate(rows):
        if q == NEVER or c <= q or x <= q or q + horizon > as_of:
            continue
        a = q - s
        at_risk = [
            cj <= sj + a + horizon
            for j, (sj, qj, cj, xj) in enumerate(rows)
            if (months is None or (j != i and months[j] == months[i]))
            and sj + a + horizon <= as_of
            and cj > sj + a
            and xj > sj + a
            and (qj > sj + a or not not_yet)
        ]
        found.append((i, c <= q + horizon, len(at_risk), sum(at_risk)))
    return found


@given(
    some.lists(account, min_size=1, max_size=25), some.integers(5, 30), some.integers(1, 9), some.booleans()
)
@settings(max_examples=200, deadline=None)
def test_matched_counts_equal_brute_force(ages, as_of, horizon, not_yet):
    rows = [(s, s + q, s + c, s + x) for s, q, c, x in ages]
    accounts = st.account_times(*zip(*rows, strict=True))
    counts = st.matched_counts(accounts, as_of, horizon, not_yet)
    expected = brute_force(rows, as_of, horizon, not_yet)
    assert list(zip(*(values.tolist() for values in counts), strict=True)) == expected
    compared = [row for row in expected if row[2]]
    rate = st.matched_rate(accounts, as_of, horizon, not_yet)
    assert rate[:2] == (sum(row[1] for row in compared), len(compared))
    if compared:
        assert rate.base == pytest.approx(sum(row[3] / row[2] for row in compared) / len(compared))


@given(
    some.lists(some.tuples(account, some.integers(0, 2)), min_size=1, max_size=25),
    some.integers(5, 30),
    some.integers(1, 9),
    some.booleans(),
    some.sampled_from([1, 0.5]),  # whole numbers and others are compared in different ways
)
@settings(max_examples=200, deadline=None)
def test_others_of_the_same_month_equal_brute_force(given_ages, as_of, horizon, not_yet, unit):
    ages, months = zip(*given_ages, strict=True)
    as_of, horizon = unit * as_of, unit * horizon
    rows = [tuple(unit * t for t in (s, s + q, s + c, s + x)) for s, q, c, x in ages]
    accounts = st.account_times(*zip(*rows, strict=True))
    counts = st.matched_counts(accounts, as_of, horizon, not_yet, strata=months)
    expected = brute_force(rows, as_of, horizon, not_yet, months)
    assert list(zip(*(values.tolist() for values in counts), strict=True)) == expected


def test_few_sign_ups_a_month_do_not_draw_the_lift_to_one():
    """Five accounts a month, many of them flagged: nobody is compared with itself."""
    world = simulate(Hazards(), 6000, np.random.default_rng(14))
    months = np.random.default_rng(15).permutation(len(world.signup) // 5 * 5) // 5
    whole = st.matched_rate(world, FOLLOWED_DAYS, 30).ratio
    assert whole > 1.3
    assert st.matched_rate(world, FOLLOWED_DAYS, 30, strata=months).ratio == pytest.approx(whole, rel=0.06)


@pytest.mark.parametrize("market", ["flat", "rising", "falling", "at once"])
def test_a_useless_rule_has_a_lift_of_one_in_any_market(market):
    """A small sample of scripts/measure_over_time.py: the rule exists since the middle of the year."""
    runs = [one_lift(seed, market, 180.0, 1000) for seed in range(40)]
    for compared, is_right in (("by age", market == "flat"), ("same month", True)):
        logs, held = zip(*(run[compared] for run in runs), strict=True)
        assert (abs(np.mean(logs)) < 0.05) == is_right, compared
        assert (np.mean(held) > 0.85) == is_right, compared


def test_a_rule_that_only_exists_in_better_months_has_no_lift_at_the_same_time():
    """Nothing predicts anything; from the second half on twice as many pay, and only then can one qualify."""
    rng = np.random.default_rng(17)
    signup = rng.integers(0, 360, 40_000).astype(float)
    rate = np.where(signup >= 180, 0.012, 0.006)
    converted = signup + rng.exponential(1 / rate)
    qualified = np.where(signup >= 180, signup + rng.integers(1, 20, len(signup)), np.inf)
    accounts = st.account_times(signup, qualified, converted, np.full(len(signup), np.inf))
    half = signup >= 180
    assert st.matched_rate(accounts, 450, 30).ratio > 1.3
    assert st.matched_rate(accounts, 450, 30, strata=half).ratio == pytest.approx(1, abs=0.03)


def test_drift_beside_the_time_is_none_where_the_market_falls():
    """Precision halves, and so does what accounts of the time let expect."""
    n, rates = np.full(6, 500), np.array([0.2, 0.2, 0.2, 0.1, 0.1, 0.1])
    hits = (n * rates).astype(int)
    assert st.drift(hits, n).p_value < 0.001
    assert st.drift_of_ratio(hits, n * rates / 3).p_value > 0.9
    assert st.drift_of_ratio(hits, n * 0.05).p_value < 0.001
    assert st.drift_of_ratio([0, 0], [1, 2]) is None and st.drift_of_ratio([1], [2]) is None


def test_resampling_within_months_leaves_all_copies_of_an_account_out():
    world = simulate(Hazards(), 300, np.random.default_rng(3))
    times = np.random.default_rng(4).integers(0, 4, size=300)
    months = world.signup // 30
    sets = risk_sets(world, FOLLOWED_DAYS, 30, strata=months)
    at_risk, converted = (count(times) for count in counters(sets))
    for place, i in enumerate(sets.account):
        others = (months == months[i]) & (np.arange(300) != i)
        alone = np.flatnonzero(others | (np.arange(300) == i))
        whole = st.matched_counts(
            st.Accounts(*(np.repeat(t[alone], times[alone] * others[alone] + (alone == i)) for t in world)),
            FOLLOWED_DAYS,
            30,
        )
        of_it = np.flatnonzero(
            np.repeat(alone, times[alone] * others[alone] + (alone == i))[whole.account] == i
        )
        assert whole.at_risk[of_it[0]] - 1 == at_risk[place]
        assert whole.converted[of_it[0]] - whole.hit[of_it[0]] == converted[place]


def test_resampling_equals_copying_accounts():
    """A resample with multiplicities is the estimate on a list with those copies."""
    world = simulate(Hazards(), 200, np.random.default_rng(3))
    times = np.random.default_rng(4).integers(0, 4, size=200)
    copies = st.Accounts(*(np.repeat(values, times) for values in world))
    sets = risk_sets(world, FOLLOWED_DAYS, 30)
    at_risk, converted = (count(times) for count in counters(sets))
    direct = st.matched_counts(copies, FOLLOWED_DAYS, 30)
    drawn = times[sets.account]
    assert np.repeat(at_risk, drawn).tolist() == direct.at_risk.tolist()
    assert np.repeat(converted, drawn).tolist() == direct.converted.tolist()


@pytest.mark.parametrize("days", [None, 30])
@pytest.mark.parametrize("not_yet", [False, True])
def test_both_intervals_of_a_ratio_agree_on_many_accounts(not_yet, days):
    world = simulate(Hazards(), 6000, np.random.default_rng(5))
    strata = None if days is None else world.signup // days
    resampled = st.ratio_interval(world, FOLLOWED_DAYS, 30, not_yet, replicates=400, strata=strata)
    linear = st.linear_ratio_interval(world, FOLLOWED_DAYS, 30, not_yet, strata=strata)
    ratio = st.matched_rate(world, FOLLOWED_DAYS, 30, not_yet, strata=strata).ratio
    assert resampled.low < ratio < resampled.high
    assert np.log(resampled) == pytest.approx(np.log(linear), abs=0.015)
    assert resampled == st.ratio_interval(world, FOLLOWED_DAYS, 30, not_yet, replicates=400, strata=strata)


def test_ratio_intervals_at_the_edges():
    hopeless = st.account_times(
        [0.0] * 20, [1.0] * 10 + [NEVER] * 10, [NEVER] * 10 + [9.0] * 10, [NEVER] * 20
    )
    for interval in (st.ratio_interval, st.linear_ratio_interval):
        assert interval(hopeless, 100, 30) == (0, pytest.approx(st.clopper_pearson(0, 10).high / 0.5))
        assert interval(one_account(5), 100, 30) is None  # nobody converts: the base is 0
        assert interval(one_account(5, c=9), 100, 30, not_yet_qualified=True) is None  # nobody to compare


def test_closed_form_hazards():
    """§7, 300,000 simulated accounts: precision within 0.005 and ratios within 3% (over 3 s.e. each)."""
    hazards = Hazards()
    assert truth(hazards).precision == pytest.approx(0.2635, abs=5e-5)
    assert truth(hazards).relative_rate == pytest.approx(2.1943, abs=5e-5)
    world = simulate(hazards, 300_000, np.random.default_rng(11))
    lift = st.matched_rate(world, FOLLOWED_DAYS, 30)
    relative = st.matched_rate(world, FOLLOWED_DAYS, 30, not_yet_qualified=True)
    assert lift.hits / lift.n == pytest.approx(truth(hazards).precision, abs=0.005)
    assert lift.ratio == pytest.approx(truth(hazards).lift, rel=0.03)
    assert relative.ratio == pytest.approx(truth(hazards).relative_rate, rel=0.03)
    curve = st.aalen_johansen(*st.waiting_times(world, FOLLOWED_DAYS))
    assert st.incidence_at(curve, 30).value == pytest.approx(truth(hazards).precision, abs=0.005)


def test_permuted_outcomes_have_no_lift():
    """§1.10: with conversions and closures swapped between accounts, lift is 1 (within 0.1: 3 s.e.)."""
    world = simulate(Hazards(), 20_000, np.random.default_rng(12))
    order = np.random.default_rng(13).permutation(20_000)
    swapped = world._replace(
        converted=world.signup + (world.converted - world.signup)[order],
        closed=world.signup + (world.closed - world.signup)[order],
    )
    assert st.matched_rate(swapped, FOLLOWED_DAYS, 30).ratio == pytest.approx(1, abs=0.1)


# -- §6, a rule that has fallen ---------------------------------------------------------------------------


def test_later_data_change_no_earlier_group():
    """What is decided about a group is known when its account qualifies, so it may be looked at weekly."""
    world, as_of = effective("falling", 0.5, 40, np.random.default_rng(2))
    late = st.matched_groups(world, as_of, OVER_TIME, 4 * WEEK)
    then = as_of - 150
    seen = world.signup <= then
    times = (
        np.where(t[seen] <= then, t[seen], np.inf) for t in (world.qualified, world.converted, world.closed)
    )
    early = st.matched_groups(st.account_times(world.signup[seen], *times), then, OVER_TIME, 4 * WEEK)
    n = len(early.hit)
    assert 0 < n < len(late.hit)
    for name in ("qualified", "hit", "controls", "control_hits"):
        assert getattr(early, name).tolist() == getattr(late, name)[:n].tolist(), name
    log_early, log_late = (st.log_fall_evidence(groups, WEEK)[0] for groups in (early, late))
    assert log_early[:-1] == pytest.approx(log_late[: len(log_early) - 1])


def test_the_evidence_of_a_fall_is_the_likelihood_of_fishers_distribution():
    """By hand: of each payment, whether it is the flagged account's, one of so many others watched."""
    rng = np.random.default_rng(3)
    watched = rng.integers(1, 6, 60)
    own = rng.random(60) < np.where(np.arange(60) < 40, 0.85, 0.1)
    zeros = np.zeros(60, dtype=int)
    groups = st.Groups(np.arange(60.0), own, watched, zeros, np.arange(60), own, watched)
    assert nchypergeom_fisher.pmf([0, 1], 5, 1, 1, 3) == pytest.approx([4 / 7, 3 / 7])

    def likelihood(ratio: float, which: slice) -> float:
        return float(np.prod(np.where(own, ratio, watched)[which] / (ratio + watched)[which]))

    sizes = [(a, a - drop) for a in np.arange(-2, 5.01, 0.5) for drop in (0.4, 0.8, 1.4, 2.2)]
    mixed = np.mean(
        [
            [likelihood(np.exp(a), slice(0, k)) * likelihood(np.exp(b), slice(k, 60)) for a, b in sizes]
            for k in range(60)
        ],
        axis=1,
    )
    best = max(likelihood(np.exp(ratio), slice(0, 60)) for ratio in np.linspace(-3, 4, 7001))
    log_e, since = st.log_fall_evidence(groups, 1.0)
    assert log_e[-1] == pytest.approx(np.log(max(mixed[:52].sum(), mixed[52:].sum()) / 52 / best), abs=1e-6)
    assert since[-1] == np.argmax(mixed)
    found = st.fall(groups, 1.0)
    assert st.has_fallen(found) and not st.has_fallen(found, 1 - 1e-9)
    assert (found.before.n, found.after.n) == (since[-1], 60 - since[-1])


def test_a_fall_is_said_within_weeks_and_a_market_that_falls_is_none():
    """A small sample of scripts/measure_over_time.py."""
    assert all(
        one_year(seed, market, 1.0, 60) is None for market in ("falling", "rising") for seed in range(4)
    )
    found = [one_year(seed, "down at once", 0.1, 150) for seed in range(4)]
    assert all(week is not None and 4 < week < 20 for week in found)


def test_nothing_is_said_of_a_fall_where_nobody_tells():
    nobody = st.account_times([0.0], [NEVER], [NEVER], [NEVER])
    assert st.fall(st.matched_groups(nobody, 100, 30, 28), 7) is None
    assert st.fall(st.matched_groups(one_account(5), 100, 30, 28), 7) is None
    assert not st.has_fallen(None)


# -- second opinions: statsmodels and lifelines, on counts and lives that nobody chose --------------------

counts = some.integers(1, 400).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n)))


@given(counts, some.sampled_from([0.8, 0.9, 0.95, 0.99]))
@settings(deadline=None)
def test_intervals_of_a_share_agree_with_statsmodels(share, confidence):
    proportion = pytest.importorskip("statsmodels.stats.proportion", reason="statsmodels is not installed")
    hits, n = share
    for ours, theirs in ((st.wilson, "wilson"), (st.clopper_pearson, "beta")):
        low, high = proportion.proportion_confint(hits, n, alpha=1 - confidence, method=theirs)
        expected = (0 if hits == 0 else low, 1 if hits == n else high)
        assert ours(hits, n, confidence) == pytest.approx(expected, abs=1e-12)


lives = some.lists(some.tuples(some.integers(1, 9), some.sampled_from([0, 1, 2])), min_size=1, max_size=40)


@given(lives.filter(lambda rows: {1, 2} <= {cause for _, cause in rows}))
@settings(deadline=None)
def test_curves_agree_with_statsmodels(rows):
    survival = pytest.importorskip("statsmodels.duration.survfunc", reason="statsmodels is not installed")
    durations, causes = np.array(rows).T
    curve, theirs = st.aalen_johansen(durations, causes), survival.CumIncidenceRight(durations, causes)
    places = np.searchsorted(theirs.times, curve.times)
    assert curve.incidence == pytest.approx(theirs.cinc[0][places], abs=1e-12)


@given(lives)
@settings(deadline=None)
def test_curves_agree_with_lifelines(rows):
    """Without closures it is 1 − Kaplan–Meier with Greenwood's variance, and so is the interval."""
    lifelines = pytest.importorskip("lifelines", reason="lifelines is not installed")
    durations, causes = np.array(rows).T
    converts = causes == st.CONVERTED
    curve = st.aalen_johansen(durations, np.where(converts, st.CONVERTED, st.CENSORED))
    theirs = lifelines.KaplanMeierFitter().fit(durations, converts)
    survival = theirs.survival_function_.loc[curve.times].to_numpy().ravel()
    assert curve.incidence == pytest.approx(1 - survival, abs=1e-12)
    inside = (curve.incidence > 0) & (curve.incidence < 1)
    bounds = 1 - theirs.confidence_interval_.loc[curve.times].to_numpy()[:, ::-1]
    assert curve.low[inside] == pytest.approx(bounds[inside, 0], abs=1e-9)
    assert curve.high[inside] == pytest.approx(bounds[inside, 1], abs=1e-9)


def test_competing_ends_agree_with_lifelines():
    """Aalen and Johansen's curve where no two times are the same: it moves those that are."""
    lifelines = pytest.importorskip("lifelines", reason="lifelines is not installed")
    dice = np.random.default_rng(8)
    durations, causes = dice.permutation(np.arange(1.0, 121)), dice.choice(3, 120, p=[0.3, 0.4, 0.3])
    theirs = lifelines.AalenJohansenFitter(seed=1).fit(durations, causes, event_of_interest=st.CONVERTED)
    curve = st.aalen_johansen(durations, causes)
    assert curve.incidence == pytest.approx(theirs.predict(curve.times).to_numpy().ravel(), abs=1e-12)


def test_fits_agree_with_statsmodels():
    """Where no weight would be negative and the ridge is next to nothing, it is plain logistic regression."""
    api = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    rng = np.random.default_rng(31)
    flags = (rng.random((2000, 3)) < 0.4).astype(float)
    converts = rng.random(2000) < expit(flags @ np.array([1.2, 0.5, 0.8]) - 2)
    theirs = api.Logit(converts.astype(float), api.add_constant(flags)).fit(disp=0)
    model = st.fit_logistic(flags, converts, ridge=1e-9)
    assert [model.intercept, *model.weights] == pytest.approx(list(theirs.params), abs=1e-5)


# -- §1.6 and §1.8, comparisons --------------------------------------------------------------------------


def test_dtcompair_paired_table():
    """§7: both-positive 319/31, first only 78/53, second only 22/22 (diseased/not)."""
    first, second = [1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1]
    diseased = [1, 0, 1, 0, 1, 0]
    pair = st.compare_definitions(first, diseased, second, diseased, [319, 31, 78, 53, 22, 22])
    assert pair.first, pair.second == ((397, 481), (341, 394))
    assert f"{pair.statistic:.8f}" == "5.46588745"
    assert f"{pair.p_value:.8f}" == "0.01939120"
    assert f"{pair.ratio.value:.8f}" == "1.04860694"
    assert f"{pair.log_ratio_se:.8f}" == "0.01991247"
    assert pair.swaps == ((78, 131), (22, 44), (319, 350), (319, 350))


def test_multiplicities_are_copies():
    rng = np.random.default_rng(1)
    f1, y1, f2, y2 = rng.random((4, 40)) < 0.6
    times = rng.integers(0, 4, 40)
    copies = [np.repeat(values, times) for values in (f1, y1, f2, y2)]
    weighted, copied = st.compare_definitions(f1, y1, f2, y2, times), st.compare_definitions(*copies)
    assert weighted.statistic == pytest.approx(copied.statistic)
    assert weighted.difference == pytest.approx(copied.difference)
    assert weighted.swaps == copied.swaps


def test_identical_definitions_have_no_test():
    pair = st.compare_definitions([1, 1, 1], [1, 0, 1], [1, 1, 1], [1, 0, 1])
    assert (pair.difference.value, pair.statistic, pair.p_value) == (0, None, None)
    assert pair.ratio.value == 1
    assert st.compare_definitions([1, 1], [0, 0], [1, 0], [0, 0]).ratio is None


def test_equal_precision_is_rejected_as_often_as_promised():
    """§1.6: 4.8–5.6% under equality; here 1,000 worlds of 300 accounts, 5% ± 2.1% (3 s.e.)."""
    rng = np.random.default_rng(2)
    p_values = []
    for _ in range(1000):
        converts, f1 = rng.random(300) < 0.3, rng.random(300) < 0.5
        f2 = rng.random(300) < np.where(f1, 0.8, 0.3)
        p_values.append(st.compare_definitions(f1, converts, f2, converts).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.021)


def test_cochran_armitage_equals_r():
    """R's own example of prop.trend.test, smokers: X-squared = 8.2249, p-value = 0.004132."""
    trend = st.drift([83, 90, 129, 70], [86, 93, 136, 82])
    assert trend.z**2 == pytest.approx(8.2249, abs=5e-5)
    assert trend.p_value == pytest.approx(0.004132, abs=5e-7)
    assert trend.z < 0
    assert st.drift([83, 90, 129, 70], [86, 93, 136, 82], [10, 12, 14, 16]).z == pytest.approx(trend.z)
    assert st.drift([3], [9]) is None and st.drift([0, 0], [5, 9]) is None and st.drift([], []) is None


# -- §3, curves ------------------------------------------------------------------------------------------


def test_curve_equals_statsmodels():
    """CumIncidenceRight with ties and censoring at event times, and SurvfuncRight without closures."""
    durations = np.array([1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10])
    causes = np.array([1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 1, 0, 2, 0])
    curve = st.aalen_johansen(durations, causes)
    assert curve.times.tolist() == [1, 2, 3, 4, 5, 7, 8, 9]
    assert curve.at_risk.tolist() == [15, 14, 12, 9, 8, 5, 4, 2]
    steps = [0.06666666666666667, 0.13333333333333333, 0.20555555555555555, 0.2858024691358025,
             0.3660493827160494, 0.4623456790123457, 0.558641975308642, 0.558641975308642]  # fmt: skip
    assert curve.incidence == pytest.approx(steps, abs=1e-14)
    censoring = st.aalen_johansen(durations, np.where(causes == st.CLOSED, st.CENSORED, causes))
    kaplan_meier = [0.06666666666666665, 0.1333333333333333, 0.2055555555555555, 0.2938271604938272,
                    0.38209876543209875, 0.505679012345679, 0.6292592592592592]  # fmt: skip
    errors = [0.06440611887195306, 0.08777074514725111, 0.10608783921651734, 0.1257722508335894,
              0.13758289343705693, 0.15598799820609663, 0.15855898535437932]  # fmt: skip
    assert censoring.incidence == pytest.approx(kaplan_meier, abs=1e-14)
    assert np.sqrt(censoring.variance) == pytest.approx(errors, abs=1e-14)  # Greenwood


def test_recidivism():
    """§7: all 432 followed for 52 weeks, 114 arrested: the curve ends at 114/432 whatever the times."""
    arrested = np.random.default_rng(0).integers(1, 53, 114)
    curve = st.aalen_johansen(np.append(arrested, np.full(318, 52)), np.repeat([1, 0], [114, 318]))
    assert curve.incidence[-1] == pytest.approx(114 / 432, abs=1e-14)
    assert st.clopper_pearson(114, 432) == (approx(0.222910), approx(0.308135))


@given(some.lists(some.tuples(some.integers(1, 9), some.sampled_from([0, 1, 2])), min_size=1, max_size=40))
def test_incidences_and_survival_add_up_to_one(rows):
    durations, causes = np.array(rows).T
    conversion = st.aalen_johansen(durations, causes)
    closure = st.aalen_johansen(durations, np.select([causes == 1, causes == 2], [2, 1], 0))
    either = st.aalen_johansen(durations, np.minimum(causes, 1))
    assert conversion.incidence + closure.incidence == pytest.approx(either.incidence, abs=1e-12)
    assert (conversion.low <= conversion.incidence).all() and (conversion.incidence <= conversion.high).all()


def test_a_curve_is_nought_before_its_first_event():
    curve = st.aalen_johansen(np.arange(1, 101), np.repeat([1, 0], [60, 40]))
    assert st.incidence_at(curve, 0.5) == (0, 0, 0)
    assert st.incidence_at(curve, 50).value == pytest.approx(0.5)
    assert st.incidence_at(st.aalen_johansen([], []), 30) == (0, 0, 0)


# -- §1.7 and §4, searching ------------------------------------------------------------------------------


def test_adjusted_p_values_equal_statsmodels():
    p = [0.041, 0.001, 0.008, 0.039, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    h = [0.312, 0.01, 0.072, 0.312, 0.312, 0.312, 0.312, 0.615, 0.615, 0.615]
    assert st.holm(p) == pytest.approx(h)
    assert st.holm([]).size == 0


def test_permutations_stay_within_their_group():
    groups = np.array(list("abcabcabc"))
    order = st.permute_within(groups, np.random.default_rng(0))
    assert sorted(order) == list(range(9)) and (groups[order] == groups).all()
    assert order.tolist() != list(range(9))


def test_ranking():
    precision, recall = [0.2, 0.5, 0.3, 0.5, 0.1], [0.9, 0.3, 0.5, 0.2, 0.9]
    assert st.pareto_front(precision, recall).tolist() == [0, 2, 1]


@given(some.lists(some.tuples(some.integers(0, 5), some.integers(0, 5)), min_size=1, max_size=12))
def test_pareto_front_is_what_nothing_beats(points):
    precision, recall = np.array(points).T
    front = {points[i] for i in st.pareto_front(precision, recall)}
    unbeaten = {a for a in points if not any(b != a and b[0] >= a[0] and b[1] >= a[1] for b in points)}
    assert front == unbeaten


# -- §5, points score ------------------------------------------------------------------------------------

KINDS = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0, 0], [1, 0], [0, 1], [1, 1]])
OUTCOMES, TIMES = np.repeat([1, 0], 4), np.array([5, 9, 10, 15, 95, 51, 30, 15])


def test_logistic_equals_scikit_learn():
    """LogisticRegression(C=1), to whose 1e-7 the weights agree."""
    model = st.fit_logistic(KINDS, OUTCOMES, accounts=TIMES)
    assert model.intercept == pytest.approx(-2.69334671, abs=1e-6)
    assert model.weights == pytest.approx([0.9860275375630261, 1.5474149421653327], abs=1e-6)
    copies = st.fit_logistic(np.repeat(KINDS, TIMES, axis=0), np.repeat(OUTCOMES, TIMES))
    assert model.weights == pytest.approx(copies.weights, abs=1e-7)


def test_weights_are_never_negative_and_optimal():
    """At the optimum the gradient vanishes for weights above 0 and pushes below 0 for the others."""
    rng = np.random.default_rng(21)
    flags = (rng.random((3000, 6)) < 0.4).astype(float)
    log_odds = flags @ np.array([1.5, -1.0, 0.7, 0.0, -0.4, 0.3]) - 2
    converts = rng.random(3000) < expit(log_odds)
    model = st.fit_logistic(flags, converts, ridge=2)
    gradient = flags.T @ (expit(model.intercept + flags @ model.weights) - converts) + 2 * model.weights
    assert (model.weights >= 0).all() and model.weights[1] == model.weights[4] == 0
    assert gradient[model.weights > 0] == pytest.approx(0, abs=1e-4)
    assert (gradient[model.weights == 0] >= 0).all()


def test_points_keep_their_promise():
    """Rounded points lose little."""
    rng = np.random.default_rng(22)
    flags = (rng.random((8000, 4)) < 0.3).astype(int)
    converts = rng.random(8000) < expit(flags @ np.array([1.2, 0.6, 0.6, 0.0]) - 2)
    model = st.fit_logistic(flags, converts)
    score = st.fit_points(flags, converts, model)
    assert score.points.tolist() == [2, 1, 1, 0]
    totals = flags @ score.points
    rounded = expit(score.intercept + score.slope * totals)
    unrounded = expit(model.intercept + flags @ model.weights)
    assert st.auc(rounded, converts) == pytest.approx(st.auc(unrounded, converts), abs=0.005)
    assert st.calibration_error(rounded, converts) < st.calibration_null(rounded)
    with pytest.raises(ValueError, match="No criterion predicts"):
        st.fit_points(flags, converts, model._replace(weights=np.zeros(4)))


def test_quality_of_predictions():
    copies = np.repeat(KINDS @ [1, 2], TIMES), np.repeat(OUTCOMES, TIMES)
    assert st.auc(*copies) == pytest.approx(0.7631225667874884, abs=1e-12)  # scikit-learn
    assert st.auc([1, 1], [True, False]) == 0.5
    assert st.calibration_error([0.2] * 5 + [0.8] * 5, [0, 0, 0, 0, 1] + [1] * 5, buckets=2) == pytest.approx(
        0.1
    )


def test_miscalibration_stands_out_from_its_null():
    p = np.random.default_rng(3).uniform(0.1, 0.4, 4000)
    outcomes = np.random.default_rng(4).random(4000) < p
    assert st.calibration_error(p, outcomes) < st.calibration_null(p)
    assert st.calibration_error(p + 0.1, outcomes) > st.calibration_null(p + 0.1)
