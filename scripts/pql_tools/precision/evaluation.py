"""What the precision check knows of each criterion: counts, rates with intervals, and the verdict.

At the settings of the build the counts are those of the model pql_criterion_precision. With other settings
(an earlier as-of, another horizon, a part of the accounts) `pql_tools.statistics` counts the same from the
accounts' times. The intervals of the lift always need the accounts' times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from pql_tools import statistics as st
from pql_tools.problems import Problem
from pql_tools.warehouse import Warehouse, WarehouseError

BOOTSTRAP_UP_TO = 20_000  # accounts; above, the linear interval, which is covered as well
STATES = (
    "not_qualified", "same_day", "converted_before", "converted_at", "closed_before", "immature",
    "hit", "miss_closed", "miss_late", "miss",
)  # fmt: skip
COUNTED = (
    "converters_caught", "converters", "converters_flagged_before", "qualified_and_converted", "qualified",
    "matched_base_rate", "not_qualified_rate", "compared_hits", "compared", "median_days_to_convert",
    "hits_within_a_day", "matched_base_rate_then", "lift_then", "not_qualified_rate_then",
    "relative_rate_then", "also_qualified_then", "compared_hits_then", "compared_then",
)  # fmt: skip
SEVERITY = (st.PASS, st.INCONCLUSIVE, st.INSUFFICIENT, st.FAIL)


class DataError(Problem):
    """The warehouse holds something the check cannot be made on, in one sentence for the user."""


@dataclass(frozen=True)
class Settings:
    """What the flags ask for; a criterion's own requirement comes before the flag."""

    as_of: datetime | None = None
    horizon_days: int | None = None
    any_horizon: bool = False  # --horizon-days none
    min_precision: float | None = None
    min_lift: float | None = None
    confidence: float = 0.95
    min_n: int = 20
    on_inconclusive: str = "fail"
    sequential: bool = False

    @property
    def is_as_built(self) -> bool:
        """Whether the counts of the build can be taken as they are."""
        return self.as_of is None and self.horizon_days is None and not self.any_horizon


@dataclass(frozen=True)
class AtTheTime:
    """The comparison with others of the same age that signed up in the same month; None is undefined."""

    base_rate: float | None = None
    lift: float | None = None
    not_qualified_rate: float | None = None
    relative_rate: float | None = None
    also_qualified: float | None = None
    compared: st.Share = field(default=st.Share(0, 0))


@dataclass(frozen=True)
class Counts:
    """The counts of one criterion on some accounts; rates that are undefined are None."""

    states: dict[str, int]
    caught: st.Share
    flagged_before: st.Share
    naive: st.Share
    base_rate: float | None
    not_qualified_rate: float | None
    compared: st.Share
    median_days: float | None
    quick_hits: int
    then: AtTheTime

    @property
    def precision(self) -> st.Share:
        """Hits among mature accounts at risk."""
        hits = self.states["hit"]
        return st.Share(hits, sum(self.states[state] for state in st.MATURE))

    @property
    def at_most(self) -> st.Share:
        """The precision if everyone who paid on the day of qualifying did so afterwards."""
        later = self.states["same_day"]
        return st.Share(self.precision.hits + later, self.precision.n + later)

    @property
    def lift(self) -> float | None:
        """Precision over the base rate at matched age, whenever those compared signed up."""
        rate = self.precision.rate
        return rate / self.base_rate if rate is not None and self.base_rate else None

    @property
    def relative_rate(self) -> float | None:
        """Precision over the rate of those that had not qualified at that age."""
        rate = self.compared.rate
        return rate / self.not_qualified_rate if rate is not None and self.not_qualified_rate else None


@dataclass(frozen=True)
class Result:
    """One criterion or definition, on all accounts or on one group of them."""

    rule: dict[str, Any]
    group: str | None
    horizon_days: int | None
    recall_days: int | None
    counts: Counts
    wilson: st.Interval
    exact: st.Interval
    lift_interval: st.Interval | None
    relative_interval: st.Interval | None
    lift_then_interval: st.Interval | None
    relative_then_interval: st.Interval | None
    min_precision: float | None
    min_lift: float | None
    verdict: st.Verdict | None
    on_inconclusive: str
    warnings: list[str] = field(default_factory=list)
    fall: st.Fall | None = None
    has_fallen: bool = False

    @property
    def name(self) -> str:
        """The name of the criterion or definition."""
        return self.rule["criterion_name"]

    @property
    def is_asked(self) -> bool:
        """Whether the exit code may depend on it: groups and drafts only inform."""
        return self.group is None and self.rule["status"] == "active"

    @property
    def decides(self) -> bool:
        """Whether its verdict decides."""
        return self.verdict is not None and self.is_asked


class Outcomes:
    """The times of all accounts, and the rules, as the warehouse has them."""

    def __init__(self, warehouse: Warehouse):
        self.warehouse = warehouse
        self.rules = warehouse.rows("select * from {{ ref('pql_rules') }} order by kind, position")
        self.as_of = self.rules[0]["outcomes_as_of"]
        if self.as_of is None:
            raise DataError("There is no as-of: no event was accepted. Load events, or set pql_as_of.")
        self._built: dict[str, dict] | None = None
        self._accounts: dict[str, np.ndarray] | None = None
        self._places: dict[str, int] | None = None
        self._qualified: dict[str, np.ndarray] = {}

    @property
    def accounts(self) -> dict[str, np.ndarray]:
        """account_id and its times, of every account that signed up."""
        if self._accounts is None:
            found = self.warehouse.columns(
                "select account_id, signed_up_at, converted_at, closed_at, converted_day_ends_at "
                "from {{ ref('dim_accounts') }} where signed_up_at is not null"
            )
            order = np.argsort(
                found["account_id"]
            )  # whatever the engine's, so that resampling repeats itself
            self._accounts = {name: column[order] for name, column in found.items()}
        return self._accounts

    def qualified(self, name: str) -> np.ndarray:
        """First qualification per account, NaT where never."""
        if name not in self._qualified:
            found = self.warehouse.columns(
                "select account_id, qualified_at from {{ ref('fct_criterion_outcomes') }} "
                f"where criterion_name = {self.warehouse.literal(name)} and qualified_at is not null"
            )
            self._qualified[name] = self.by_account(found)
        return self._qualified[name]

    def by_account(self, found: dict[str, np.ndarray]) -> np.ndarray:
        """The qualified_at of some accounts as one entry per account."""
        times = np.full(len(self.accounts["account_id"]), np.datetime64("NaT"), dtype="datetime64[us]")
        if self._places is None:
            self._places = {account: place for place, account in enumerate(self.accounts["account_id"])}
        # a lead may have entered a stage without its account ever having signed up
        known = [account in self._places for account in found["account_id"]]
        places = [self._places[account] for account in found["account_id"][known]]
        times[places] = found["qualified_at"][known]
        return times

    def times(
        self, qualified: np.ndarray, settings: Settings, members: np.ndarray | None = None
    ) -> st.Accounts:
        """The times in microseconds, as they stood at the as-of, of all accounts or some."""
        accounts, as_of = self.accounts, self.cutoff(settings)
        converted, closed, day_ends = (
            st.as_times(accounts[name]) for name in ("converted_at", "closed_at", "converted_day_ends_at")
        )
        signup, first = st.as_times(accounts["signed_up_at"]), st.as_times(qualified)
        if settings.as_of is not None:
            first = np.where(first <= as_of, first, np.inf)
            closed = np.where(closed <= as_of, closed, np.inf)
        converted = np.where(converted <= as_of, converted, np.inf)
        keep = signup <= as_of if members is None else (signup <= as_of) & members
        return st.Accounts(*(column[keep] for column in (signup, first, converted, closed, day_ends)))

    def cutoff(self, settings: Settings) -> float:
        """The as-of in microseconds. DataError where it is later than what the warehouse knows."""
        if settings.as_of is not None and settings.as_of > self.as_of:
            raise DataError(
                f"--as-of {settings.as_of} is later than the data: "
                f"the warehouse knows of nothing after {self.as_of}."
            )
        moment = settings.as_of or self.as_of
        return float(np.datetime64(moment, "us").astype(np.int64))

    def built_counts(self, name: str) -> Counts:
        """The counts that the build made, in SQL."""
        if self._built is None:
            columns = ", ".join(("criterion_name", *STATES, *COUNTED))
            rows = self.warehouse.rows(f"select {columns} from {{{{ ref('pql_criterion_precision') }}}}")
            self._built = {row["criterion_name"]: row for row in rows}
        row = self._built[name]
        return Counts(
            {state: row[state] for state in STATES},
            st.Share(row["converters_caught"], row["converters"]),
            st.Share(row["converters_flagged_before"], row["converters"]),
            st.Share(row["qualified_and_converted"], row["qualified"]),
            row["matched_base_rate"],
            row["not_qualified_rate"],
            st.Share(row["compared_hits"], row["compared"]),
            row["median_days_to_convert"],
            row["hits_within_a_day"],
            AtTheTime(
                row["matched_base_rate_then"],
                row["lift_then"],
                row["not_qualified_rate_then"],
                row["relative_rate_then"],
                row["also_qualified_then"],
                st.Share(row["compared_hits_then"], row["compared_then"]),
            ),
        )

    def groups(self, by: str) -> Iterator[tuple[str, np.ndarray]]:
        """The accounts of each sign-up month, or of each value of an attribute (as it is in `accounts`)."""
        if by == "cohort":
            labels = self.accounts["signed_up_at"].astype("datetime64[M]").astype(str)
        else:
            key = by.removeprefix("segment:")
            found = self.warehouse.columns("select account_id, attributes from {{ ref('dim_accounts') }}")
            attributes = dict(zip(found["account_id"], found["attributes"], strict=True))
            values = [json.loads(attributes[account] or "{}") for account in self.accounts["account_id"]]
            if values and not any(key in value for value in values):
                known = ", ".join(sorted({name for value in values[:100] for name in value}))
                raise DataError(f"--by {by}: accounts have no attribute '{key}'. There are: {known}.")
            labels = np.array([_label(value.get(key)) for value in values], dtype=object)
        for label in sorted(set(labels)):
            yield str(label), labels == label


def _label(value: Any) -> str:
    return "(none)" if value in (None, "") else str(value)


def check_inputs(warehouse: Warehouse, ignore_unknown: bool) -> list[str]:
    """What is remarkable about the conversions. DataError where the check would mislead."""
    found = warehouse.rows(
        "select paid.account_id, count(*) as conversions, max(accounts.account_id) as known "
        "from {{ ref('stg_billing__conversions') }} as paid "
        "left join {{ ref('dim_accounts') }} as accounts on paid.account_id = accounts.account_id "
        "group by paid.account_id having count(*) > 1 or max(accounts.account_id) is null "
        "order by paid.account_id"
    )
    total = warehouse.rows(
        "select count(*) as n, count(converted_at) as converted, max(last_seen_at) as newest_event_at, "
        "(select as_of from {{ ref('pql_build') }}) as as_of from {{ ref('dim_accounts') }}"
    )[0]
    if total["n"] == 0:
        raise DataError("There are no accounts.")
    unknown = [row["account_id"] for row in found if row["known"] is None]
    if unknown and not ignore_unknown:
        some = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
        raise DataError(
            f"Conversions name {len(unknown):,} account(s) that are not in accounts ({some}): mend the ids, "
            "or leave those conversions out with --ignore-unknown-accounts."
        )
    if total["converted"] == 0:
        raise DataError(
            "No account has converted by the as-of, so nothing can be checked: fill seeds/conversions.csv, "
            "or set pql_conversions_from: source."
        )
    notes = []
    if unknown:
        notes.append(f"{len(unknown):,} account(s) with conversions are not in accounts and were left out.")
    repeated = sum(row["conversions"] > 1 for row in found if row["known"] is not None)
    if repeated:
        notes.append(f"{repeated:,} account(s) have several conversions; the first one counts.")
    return notes + end_of_data(total)


def end_of_data(build: dict[str, Any]) -> list[str]:
    """Data that end well before the as-of, in one sentence; data by the week may be seven days old."""
    newest = build["newest_event_at"]
    days = (build["as_of"] - newest).days if newest else 0
    if days < 7:
        return []
    return [
        f"The newest event is of {newest:%Y-%m-%d}, {days:,} days before the as-of: what accounts have done "
        "since is not in the data."
    ]


def counted(times: st.Accounts, as_of: float, horizon_days: int | None, recall_days: int | None) -> Counts:
    """The same counts as the models', from the accounts' times."""
    horizon = None if horizon_days is None else float(horizon_days * st.DAY)
    within = None if recall_days is None else float(recall_days * st.DAY)
    states = st.outcome_states(times, as_of, horizon)
    recall = st.recall(times, as_of, horizon, within)
    leads = st.lead_times(times, as_of, horizon) / st.DAY
    matched = st.MatchedRate(0, 0, None, None)
    others, then = matched, AtTheTime()
    if horizon is not None:
        matched = st.matched_rate(times, as_of, horizon)
        others = st.matched_rate(times, as_of, horizon, not_yet_qualified=True)
        then = at_the_time(times, as_of, horizon)
    return Counts(
        {state: int((states == state).sum()) for state in STATES},
        recall.caught,
        recall.flagged_before,
        st.naive_precision(times, as_of),
        matched.base,
        others.base,
        st.Share(others.hits, others.n),
        float(np.median(leads)) if len(leads) else None,
        int((leads < 1).sum()),
        then,
    )


def at_the_time(times: st.Accounts, as_of: float, horizon: float) -> AtTheTime:
    """The same comparison as the models', from the accounts' times."""
    months = st.signup_months(times)
    all_others = st.matched_counts(times, as_of, horizon, strata=months)
    not_yet = st.matched_counts(times, as_of, horizon, not_yet_qualified=True, strata=months)
    base, beside = st.rate_of(all_others), st.rate_of(not_yet)
    among = all_others.at_risk > 0
    also = 1 - not_yet.at_risk[among] / all_others.at_risk[among]
    return AtTheTime(
        base.base, base.ratio, beside.base, beside.ratio,
        float(also.mean()) if len(also) else None, st.Share(base.hits, base.n),
    )  # fmt: skip


def evaluate(
    outcomes: Outcomes,
    rule: dict,
    settings: Settings,
    group: str | None = None,
    members: np.ndarray | None = None,
) -> Result:
    """Judge one rule on all accounts, or on a group of them."""
    horizon, recall_days = horizons(rule, settings)
    as_of = outcomes.cutoff(settings)
    times = outcomes.times(outcomes.qualified(rule["criterion_name"]), settings, members)
    if settings.is_as_built and members is None:
        counts = outcomes.built_counts(rule["criterion_name"])
    else:
        counts = counted(times, as_of, horizon, recall_days)
    share = counts.precision
    result = Result(
        rule, group, horizon, recall_days, counts,
        st.wilson(share.hits, share.n), st.clopper_pearson(share.hits, share.n),
        lift_interval(times, as_of, horizon) if counts.lift is not None else None,
        lift_interval(times, as_of, horizon, True) if counts.relative_rate is not None else None,
        lift_interval(times, as_of, horizon, then=True) if counts.then.lift is not None else None,
        lift_interval(times, as_of, horizon, True, then=True)
        if counts.then.relative_rate is not None
        else None,
        rule["min_precision"] or settings.min_precision,
        rule["min_lift"] or settings.min_lift,
        None,
        rule["on_inconclusive"] or settings.on_inconclusive,
    )  # fmt: skip
    result = replace(result, verdict=judge(result, times, as_of, settings))
    return replace(result, warnings=warnings(result))


def horizons(rule: dict, settings: Settings) -> tuple[int | None, int | None]:
    """The horizon, and the frame of the recall, a longest window longer. A flag beats the build's."""
    if settings.any_horizon:
        return None, None
    if settings.horizon_days is None:
        return rule["horizon_days"], rule["recall_days"]
    return settings.horizon_days, rule["longest_window_days"] + settings.horizon_days


def lift_interval(
    times: st.Accounts,
    as_of: float,
    horizon_days: int,
    others: bool = False,
    confidence: float = 0.95,
    then: bool = False,
) -> st.Interval | None:
    """By resampling where accounts are few enough, else from their influence; `then`: at the same time."""
    horizon, strata = float(horizon_days * st.DAY), st.signup_months(times) if then else None
    if len(times.signup) <= BOOTSTRAP_UP_TO:
        return st.ratio_interval(times, as_of, horizon, others, confidence, strata=strata)
    return st.linear_ratio_interval(times, as_of, horizon, others, confidence, strata)


def judge(result: Result, times: st.Accounts, as_of: float, settings: Settings) -> st.Verdict | None:
    """The worst verdict on precision and lift; never PASS on a value that the conversion may have set."""
    verdicts = []
    share, min_n = result.counts.precision, result.rule["min_n"] or settings.min_n
    if result.min_precision is not None:
        wanted = min(result.min_precision, 1 - 1e-9)
        if settings.sequential:
            hits = maturity_order(times, as_of, result.horizon_days)
            verdicts.append(st.sequential_verdict(hits, wanted, settings.confidence, min_n))
        else:
            verdicts.append(st.verdict(share.hits, share.n, wanted, settings.confidence, min_n))
    if result.min_lift is not None:
        verdicts.append(lift_verdict(result, times, as_of, settings.confidence, min_n))
    if not verdicts:
        return None
    worst = max(verdicts, key=lambda verdict: SEVERITY.index(verdict.name))
    if worst.name == st.INSUFFICIENT and share.n == 0 and result.counts.states["immature"]:
        reason = f"The horizon of {result.horizon_days:,} days is longer than the data: "
        reason += "nobody qualified that long before the as-of."
        return worst._replace(reason=reason)
    if worst.name == st.PASS and result.rule["current_value_of"]:
        return worst._replace(name=st.INCONCLUSIVE, reason=f"It would pass, but {current_value(result.rule)}")
    return worst


def lift_verdict(
    result: Result, times: st.Accounts, as_of: float, confidence: float, min_n: int
) -> st.Verdict:
    """The lift against what is required, each bound one-sided: at the same time where there are others."""
    wanted, n = result.min_lift, result.counts.precision.n
    if n < min_n or result.counts.lift is None:
        reason = "The lift is undecided: "
        if result.horizon_days is None:
            reason += "without a horizon there is no base rate to compare with."
        elif n < min_n:
            reason += f"{n:,} account(s) are mature; {min_n} are needed."
        else:
            reason += "nobody of the same age paid, so there is no base rate to compare with."
        return st.Verdict(st.INSUFFICIENT, 0.0, float("inf"), reason)
    then = result.counts.then.lift is not None
    low, high = lift_interval(times, as_of, result.horizon_days, confidence=2 * confidence - 1, then=then)
    name = st.PASS if low >= wanted else st.FAIL if high < wanted else st.INCONCLUSIVE
    reason = f"The lift lies between {low:.2f} and {high:.2f}; {wanted:.2f} is required."
    return st.Verdict(name, low, high, reason)


def maturity_order(times: st.Accounts, as_of: float, horizon_days: int | None) -> np.ndarray:
    """Hit or miss of the mature accounts in the order in which they matured, which is that of qualifying."""
    horizon = None if horizon_days is None else float(horizon_days * st.DAY)
    states = st.outcome_states(times, as_of, horizon)
    mature = np.isin(states, st.MATURE)
    order = np.argsort(times.qualified[mature], kind="stable")
    return (states[mature] == "hit")[order]


def current_value(rule: dict) -> str:
    """Why a criterion on a current value proves nothing."""
    names = rule["current_value_of"].replace(";", ", ")
    return (
        f"it rests on the present value of {names}, which the conversion itself may have changed: "
        "give its history in account_changes."
    )


def warnings(result: Result) -> list[str]:
    """What a reader should know before believing the number."""
    found, counts = [], result.counts
    passes = result.verdict and "It would pass" in result.verdict.reason
    if result.rule["current_value_of"] and not passes:
        sentence = current_value(result.rule)
        found.append(sentence[0].upper() + sentence[1:])
    if counts.precision.hits and counts.quick_hits * 2 > counts.precision.hits:
        found.append(
            f"{counts.quick_hits:,} of {counts.precision.hits:,} hits paid less than a day after qualifying: "
            "is this a step of the checkout rather than a sign of interest?"
        )
    if counts.states["same_day"]:
        low, high = counts.precision, counts.at_most
        found.append(
            f"{counts.states['same_day']:,} account(s) are only known to have paid on the day of qualifying "
            f"and count as neither; precision lies between {low.rate or 0:.1%} and {high.rate:.1%}."
        )
    if counts.states["converted_at"]:
        low = st.Share(counts.precision.hits, counts.precision.n + counts.states["converted_at"])
        high = st.Share(low.hits + counts.states["converted_at"], low.n)
        found.append(
            f"{counts.states['converted_at']:,} account(s) paid at the moment of qualifying and count as "
            f"neither; with them precision would be {low.rate:.1%} to {high.rate:.1%}."
        )
    return found


def about_the_time(result: Result) -> list[str]:
    """Where comparing with accounts of all times misleads, and where that at the same time cannot tell."""
    counts, then, reach, found = result.counts, result.counts.then, result.lift_then_interval, []
    if reach and counts.lift is not None and not reach.low <= counts.lift <= reach.high:
        found.append(
            f"beside accounts of the same age of all times the lift would be {counts.lift:.1f}, beside those "
            f"that signed up in the same month it is {then.lift:.1f}: the rest is when they signed up."
        )
    if then.also_qualified is not None and then.also_qualified > 0.5:
        found.append(
            f"of the accounts that signed up in the same month {then.also_qualified:.0%} had qualified as "
            "well, which draws the lift to 1: look at those that had not (vs. not yet)."
        )
    missing = counts.precision.n - then.compared.n
    if result.horizon_days is not None and missing:
        found.append(
            f"{missing:,} of {counts.precision.n:,} mature accounts have nobody of the same age that signed "
            "up in the same month: they are not in the lift."
        )
    return found


def exit_code(results: list[Result]) -> int:
    """0 all pass, 1 any fails, 3 undecided where that is to fail, or fallen where that was asked."""
    names = [(result.verdict.name, result.on_inconclusive) for result in results if result.decides]
    if any(name == st.FAIL for name, _ in names):
        return 1
    if any(result.has_fallen and result.is_asked for result in results):
        return 3
    return 3 if any(name != st.PASS and on == "fail" for name, on in names) else 0


def chosen(rules: list[dict], names: list[str]) -> list[dict]:
    """The rules asked for, or all that can have outcomes."""
    known = {rule["criterion_name"]: rule for rule in rules}
    for name in names:
        if name not in known:
            raise WarehouseError(
                f"There is no criterion or definition '{name}'. There are: {', '.join(known)}."
            )
        if not known[name]["has_outcomes"]:
            raise WarehouseError(
                f"'{name}' is about accounts that have converted: it has no outcomes to check."
            )
    return [rule for rule in rules if rule["has_outcomes"] and (not names or rule["criterion_name"] in names)]
