"""A points score that orders accounts: from more than what can be proved one by one (docs/statistics.md §5).

At the start of each week every open, unpaid account is a row, with what it had measured by then, at whatever
age; the row pays or not within the horizon. Lines of points are added one by one, each for what it tells
beyond those before it, all weights shrunk and none below zero; how many there are is decided on earlier
accounts that a fit left out. Then the score is asked once of later sign-ups: is it better than luck?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, logit

from pql_tools import statistics as st
from pql_tools.discovery.days import Candidate
from pql_tools.discovery.frame import Frame
from pql_tools.discovery.moments import numbers_of
from pql_tools.discovery.search import Rule

MOST_LINES, MOST_ROWS, FOLDS, SHUFFLES = 12, 30_000, 5, 999
FEWEST_PAYING = 10  # accounts, to learn from and to judge on
RIDGE = 10.0
MODEL_RIDGE = 100.0
WORTH_A_LINE = 0.002  # of the loss without any line: what one more has to save
WORTH_OF_ALL = 20  # accounts, added at the rate of all to those that hold a value
RAREST, COMMONEST = 0.01, 0.8  # of the rows, how many may meet a line
USUAL = 0.1  # of the accounts, how many reach the threshold where nothing is asked for
SHARES = (0.05, 0.1, 0.2)
MONDAY = np.datetime64("1970-01-05")


class Wanted(NamedTuple):
    """What the threshold is chosen for: leads that sales can work in a week, or a precision; or neither."""

    capacity: float | None = None
    min_precision: float | None = None


class Rows(NamedTuple):
    """Accounts at the start of weeks, open and unpaid: the last day over, the week, whether they then pay."""

    account: np.ndarray
    day: np.ndarray
    week: np.ndarray
    pays: np.ndarray
    weight: np.ndarray


class Total(NamedTuple):
    """A range of points on held-out accounts: how often they paid, and how often the score promised."""

    points: str
    accounts: int
    promised: float
    paid: st.Estimate


class Score(NamedTuple):
    """A points score, what it does on later sign-ups, and what a model would do there."""

    points: dict[Rule, int]
    at_least: int
    weekly: float
    rows: int
    base: st.Estimate
    best: dict[str, st.Cut]
    model: dict[str, st.Cut]
    boosting: dict[str, st.Cut] | None  # where scikit-learn is installed
    auc: float
    p_value: float
    totals: list[Total]
    calibration_error: float
    calibration_null: float


class Signals(NamedTuple):
    """What points can be given for, and in which rows (first axis) each (second) is met."""

    rules: list[Rule]
    met: np.ndarray
    model: np.ndarray  # what a model reads: measures on a log scale, standardised by these rows
    scale: Callable[[Any], np.ndarray]


def fit_score(
    frame: Frame, usage, candidates: list[Candidate], proved: list[Rule], horizon: int, wanted: Wanted,
    seed: int = 0, alpha: float = 0.05,
) -> tuple[Score | None, str]:  # fmt: skip
    """The score, or None and why there is none. What its lines need is added to `candidates`."""
    dice = np.random.default_rng(seed)
    learn, judge = (rows_of(frame, is_test, horizon, dice) for is_test in (False, True))
    paying = [len(np.unique(rows.account[rows.pays])) for rows in (learn, judge)]
    if min(paying) < FEWEST_PAYING:
        return None, (
            f"of the accounts followed for {horizon:,} days {paying[0]:,} paid of those to learn from and "
            f"{paying[1]:,} of those to judge on; {FEWEST_PAYING} each are needed."
        )
    moments = usage.moments(learn.account, learn.day)
    signals = signals_of(usage, moments, learn, candidates, proved)
    offset = at_its_time(learn)
    lines, left_out = chosen_lines(signals.met, learn, offset, dice)
    if not lines or told_by_chance(frame, usage, candidates, signals, left_out, horizon, dice) > alpha:
        return None, "on earlier accounts that the fit left out, no points say more than chance does."
    rules = [signals.rules[line] for line in lines]
    flags = signals.met[:, lines].astype(float)
    model = fit_lines(signals.met[:, lines], learn, offset)
    if not (model.weights > 0).any():
        return None, "nothing that accounts do tells anything about payment."
    fitted = st.fit_points(flags, learn.pays, model, learn.weight)
    kept = fitted.points > 0
    rules, points = [rule for rule, is_kept in zip(rules, kept, strict=True) if is_kept], fitted.points[kept]
    if len(rules) == 1 and rules[0] in proved:
        return None, "by themselves points for the recommended criterion say no more than it does."
    given = Given(usage, candidates, rules, points)
    everyone = rows_of(frame, True, horizon, dice, alive=False)
    p_value = order_p(frame, everyone, given.totals(everyone), horizon, dice)
    if p_value > alpha:
        return None, (
            "later sign-ups do not confirm the points found: shuffled outcomes do as well in "
            f"{p_value:.0%} of cases."
        )
    totals = given.totals(judge)
    recent = rows_of(frame, None, 0, dice)
    reached = weekly_of(given.totals(recent), recent, usage.every)
    at_least, why = threshold(given, learn, reached, wanted)
    if at_least is None:
        return None, why
    plain, boosted = others_make(signals, learn, usage.moments(judge.account, judge.day), seed)
    chances = expit(fitted.intercept + fitted.slope * totals)
    score = Score(
        dict(zip(rules, points.tolist(), strict=True)),
        at_least,
        reached(at_least),
        len(judge.pays),
        share_paying(judge),
        best_of(totals, judge),
        best_of(plain, judge),
        None if boosted is None else best_of(boosted, judge),
        st.auc(totals, judge.pays),
        p_value,
        totals_of(totals, chances, judge),
        st.calibration_error(chances, judge.pays),
        st.calibration_null(chances, seed=seed),
    )
    return score, ""


class Given(NamedTuple):
    """Points for lines."""

    usage: Any
    candidates: list[Candidate]
    rules: list[Rule]
    points: np.ndarray

    def totals(self, rows: Rows) -> np.ndarray:
        """The points of each row."""
        moments = self.usage.moments(rows.account, rows.day)
        return sum(
            int(points) * met_in(moments, self.candidates, rule).astype(np.int64)
            for rule, points in zip(self.rules, self.points, strict=True)
        )


def met_in(moments, candidates: list[Candidate], rule: Rule) -> np.ndarray:
    """In which rows a rule is met."""
    states = np.stack([moments.met(candidates[part].spec) for part in rule.parts])
    return Rule(rule.how, tuple(range(len(states)))).met(states)


def rows_of(
    frame: Frame, is_test: bool | None, horizon: int, dice: np.random.Generator, alive: bool = True
) -> Rows:
    """The accounts of one side (or all, since the split) at the start of each week that a horizon follows.

    Of many accounts as many as fit are taken; to learn from, as many of those that pay as of the others.
    `weight` is for how many a row stands.
    """
    lives = frame.lives
    first = frame.lives.signed_up_on.min() if is_test is False else frame.split_on
    last = (frame.split_on if is_test is False else frame.as_of_on + 1) - (
        horizon if is_test is not None else 0
    )
    weeks = np.arange(first + (MONDAY - first).astype(int) % 7, last + 1, 7)
    side = np.ones(len(lives.signed_up_on), bool) if is_test is None else frame.is_test == is_test
    weight = np.ones(len(side))
    members = np.flatnonzero(side & (lives.ended >= 1 if alive else True))
    most, groups = 5 * MOST_ROWS, [members]
    if is_test is False:
        pays = np.isfinite(lives.converted[members])
        most, groups = MOST_ROWS, [members[pays], members[~pays]]
    for number, group in enumerate(groups):
        expected = int(sum((lives.signed_up_on[group] < week).sum() for week in weeks))
        if expected > most:
            groups[number] = group[dice.random(len(group)) < most / expected]
            weight[group] = expected / most
    members = np.sort(np.concatenate(groups))
    found: list[tuple[np.ndarray, ...]] = []
    for number, week in enumerate(weeks):
        age = (week - lives.signed_up_on[members]).astype(np.int64)
        here = (age >= 1) & ((lives.ended[members] >= age) if alive else True)
        account, age = members[here], age[here]
        pays = (lives.converted[account] < age + horizon) & (lives.converted[account] >= age)
        pays &= lives.converted[account] <= lives.closed[account]
        found.append((account, age - 1, np.full(len(account), number), pays, weight[account]))
    columns = zip(*found, strict=True) if found else [[np.zeros(0, dtype=int)]] * 5
    account, day, week, pays, weight = (np.concatenate(list(column)) for column in columns)
    return Rows(account, day, week, pays.astype(bool), weight)


def at_its_time(rows: Rows) -> np.ndarray:
    """How much likelier than in all a row pays in its quarter of the year, in log-odds, shrunk.

    So that no line gets points for being met in better times.
    """
    quarter = rows.week // 13
    n, paid = (np.bincount(quarter, values) for values in (rows.weight, rows.weight * rows.pays))
    base = paid.sum() / n.sum()
    return (logit((paid + 20 * base) / (n + 20)) - logit(base))[quarter]


def signals_of(usage, moments, rows: Rows, candidates: list[Candidate], proved: list[Rule]) -> Signals:
    """Every line that enough rows meet; new criteria are added to the candidates."""
    rules, met, scales, columns = list(proved), [met_in(moments, candidates, rule) for rule in proved], [], []

    def consider(spec: dict[str, Any], here: np.ndarray) -> None:
        if RAREST <= here.mean() <= COMMONEST:
            rules.append(Rule("one", (len(candidates),)))
            candidates.append(Candidate(spec))
            met.append(here)

    for spec, thresholds in usage.ranking_specs():
        measured = moments.measure(spec)
        before = None
        for at_least in thresholds:
            here = measured >= at_least
            if before is None or here.sum() < 0.98 * before:
                consider({**spec, "at_least": at_least}, here)
                before = here.sum()
        if measured.any():
            on_scale = np.log1p(measured)
            scales.append((spec, on_scale.mean(), on_scale.std() + 1e-9))
            columns.append((on_scale - scales[-1][1]) / scales[-1][2])
    for spec in what_accounts_are(usage, moments, rows):
        consider(spec, moments.met(spec))

    def scale(others) -> np.ndarray:
        scaled = np.empty((len(others.account), len(scales)), dtype=np.float32)
        for number, (spec, mean, std) in enumerate(scales):
            scaled[:, number] = (np.log1p(others.measure(spec)) - mean) / std
        return scaled

    return Signals(
        rules, np.column_stack(met) if met else np.zeros((len(rows.pays), 0), bool),
        np.column_stack(columns) if columns else np.zeros((len(rows.pays), 0)), scale,
    )  # fmt: skip


def what_accounts_are(usage, moments, rows: Rows) -> list[dict[str, Any]]:
    """Criteria on attributes: values, sets of those that pay best, numbers from or up to a limit.

    What a value tells is told by accounts, however many weeks each is there for, and by few of them less.
    """
    specs = []
    for name in usage.attributes:
        of = {"type": "account_attribute", "attribute": name}
        values = moments.held(name).astype(str)
        different, place, counts = np.unique(values, return_inverse=True, return_counts=True)
        numbers = numbers_of(different)
        if (counts[~np.isnan(numbers)]).sum() > 0.5 * counts[different != ""].sum() and len(different) > 10:
            held = numbers[place]
            edges = {tidy(edge) for edge in np.nanquantile(held, np.arange(1, 10) / 10)}
            specs += [{**of, limit: edge} for edge in sorted(edges) for limit in ("at_least", "at_most")]
            continue
        accounts, payers = (
            np.bincount(np.unique(place[which] + len(different) * rows.account[which]) % len(different),
                        minlength=len(different))
            for which in (slice(None), rows.pays)
        )  # fmt: skip
        rate = (payers + WORTH_OF_ALL * payers.sum() / accounts.sum()) / (accounts + WORTH_OF_ALL)
        best = [v for v in np.argsort(-rate) if different[v] != "" and counts[v] >= RAREST * len(values)][:8]
        sets = [[v] for v in best] + [best[:size] for size in range(2, len(best))]
        specs += [
            {**of, "in": [str(different[v]) for v in its]}
            for its in sets
            if payers[its].sum() >= FEWEST_PAYING
        ]
    return specs


def tidy(number: float) -> float | int:
    """A number that one can read aloud: two digits."""
    rounded = float(f"{number:.2g}")
    return int(rounded) if rounded == int(rounded) else rounded


class LeftOut(NamedTuple):
    """Which accounts each of several fits left out, and its lines."""

    fold: np.ndarray
    fits: list[tuple[list[int], st.Logistic]]


def chosen_lines(
    met: np.ndarray, rows: Rows, offset: np.ndarray, dice: np.random.Generator
) -> tuple[list[int], LeftOut]:
    """The lines, as many as help accounts that a fit left out; and those fits."""
    folds = dice.integers(FOLDS, size=int(rows.account.max()) + 1)
    fold, paths = folds[rows.account], []
    base = logit((rows.weight @ rows.pays) / rows.weight.sum()) + offset
    nothing = _loss(base, rows).sum()
    losses = np.zeros(MOST_LINES)
    for left_out in range(FOLDS):
        here = fold == left_out
        path = forward(met[~here], Rows(*(column[~here] for column in rows)), offset[~here])
        if not path:
            return [], LeftOut(folds, [])
        paths.append(path)
        for size in range(MOST_LINES):
            lines, model = path[min(size, len(path) - 1)]
            odds = model.intercept + met[here][:, lines] @ model.weights + offset[here]
            losses[size] += _loss(odds, rows, here).sum()
    enough = losses <= losses.min() + WORTH_A_LINE * nothing
    size = int(np.argmax(enough))
    path = forward(met, rows, offset)
    fits = [its[min(size, len(its) - 1)] for its in paths]
    if losses[size] >= nothing or not path:
        return [], LeftOut(folds, fits)
    return path[min(size, len(path) - 1)][0], LeftOut(folds, fits)


def _loss(log_odds: np.ndarray, rows: Rows, here=slice(None)) -> np.ndarray:
    return rows.weight[here] * (np.logaddexp(0, log_odds) - rows.pays[here] * log_odds)


def told_by_chance(
    frame: Frame, usage, candidates: list[Candidate], signals: Signals, left_out: LeftOut, horizon: int,
    dice: np.random.Generator,
) -> float:  # fmt: skip
    """How often shuffled outcomes of earlier accounts do as well by points that a fit without them gives."""
    rows = rows_of(frame, False, horizon, dice, alive=False)
    inside = rows.account < len(left_out.fold)
    rows = Rows(*(column[inside] for column in rows))
    moments, scores = usage.moments(rows.account, rows.day), np.zeros(len(rows.account))
    fold = left_out.fold[rows.account]
    for number, (lines, model) in enumerate(left_out.fits):
        for line, weight in zip(lines, model.weights, strict=True):
            if weight > 0:
                scores += weight * ((fold == number) & met_in(moments, candidates, signals.rules[line]))
    return order_p(frame, rows, scores, horizon, dice)


def forward(met: np.ndarray, rows: Rows, offset: np.ndarray) -> list[tuple[list[int], st.Logistic]]:
    """Lines one after the other, each that by which the likelihood gains most (score test), all refitted."""
    flags = met.astype(np.float32)
    lines: list[int] = []
    path: list[tuple[list[int], st.Logistic]] = []
    log_odds = logit(np.clip((rows.weight @ rows.pays) / rows.weight.sum(), 1e-6, 1 - 1e-6)) + offset
    for _ in range(MOST_LINES):
        p = expit(log_odds)
        residual, curve = rows.weight * (rows.pays - p), rows.weight * p * (1 - p)
        known = np.column_stack([np.ones(len(p)), met[:, lines]])
        weighted = (curve[:, None] * known).astype(np.float32)
        shared = (flags.T @ weighted).astype(float)
        within = known.T @ (curve[:, None] * known) + np.diag([1e-9] + [RIDGE] * len(lines))
        own = (flags.T @ curve.astype(np.float32)).astype(float)
        left = own - np.einsum("ck,ck->c", shared, np.linalg.solve(within, shared.T).T) + RIDGE
        pull = (flags.T @ residual.astype(np.float32)).astype(float)
        gain = np.where(pull > 0, pull**2 / np.maximum(left, 1e-9), 0.0)
        gain[lines] = 0
        if not len(gain) or gain.max() <= 0:
            break
        lines = [*lines, int(gain.argmax())]
        model = fit_lines(met[:, lines], rows, offset)
        path.append((lines, model))
        log_odds = model.intercept + met[:, lines] @ model.weights + offset
    return path


def fit_lines(met: np.ndarray, rows: Rows, offset: np.ndarray) -> st.Logistic:
    """The weights of some lines, from each kind of row once: few lines make few kinds."""
    levels, level = np.unique(offset, return_inverse=True)
    kind = (met @ (1 << np.arange(met.shape[1])) * 2 + rows.pays) * len(levels) + level
    _, first, place = np.unique(kind, return_index=True, return_inverse=True)
    weight = np.bincount(place, rows.weight)
    return st.fit_logistic(met[first], rows.pays[first], RIDGE, weight, offset[first])


def order_p(frame: Frame, rows: Rows, scores: np.ndarray, horizon: int, dice: np.random.Generator) -> float:
    """How often a score does as well where fates are dealt to other accounts of the same week of sign-up.

    What is compared is the sum, over the rows that pay, of the score beyond the mean of its week.
    """
    order = np.lexsort((rows.week, rows.account))
    account, week = rows.account[order], rows.week[order]
    mean = np.bincount(rows.week, scores) / np.maximum(np.bincount(rows.week), 1)
    running = np.concatenate([[0.0], np.cumsum(scores[order] - mean[week])])
    members, first = np.unique(account, return_index=True)
    size = np.diff(np.append(first, len(account)))
    age = rows.day[order][first] + 1  # on the first of its weeks
    groups = frame.lives.signed_up_on[members].astype(np.int64) // 7
    fates = np.where(frame.lives.converted <= frame.lives.closed, frame.lives.converted, np.inf)[members]

    def told(fates: np.ndarray) -> float:
        paid = np.where(np.isfinite(fates), fates, -horizon)
        start, end = (
            np.clip(np.floor((paid - since - age) / 7) + 1, 0, size).astype(np.int64)
            for since in (horizon, 0)
        )
        return float((running[first + end] - running[first + start])[np.isfinite(fates)].sum())

    observed = told(fates)
    null = [told(fates[st.permute_within(groups, dice)]) for _ in range(SHUFFLES)]
    return float(st.permutation_p(np.array([observed - 1e-9]), np.array(null))[0])


def threshold(
    given: Given, learn: Rows, reached: Callable[[int], float], wanted: Wanted
) -> tuple[int | None, str]:
    """The lowest total that does what is wanted on earlier accounts; or None, and why there is none.

    If nothing is asked for, it is what at most a tenth of accounts have.
    """
    totals = given.totals(learn)
    tried = [int(total) for total in np.unique(totals) if total > 0]
    rate = {t: float(np.average(learn.pays[totals >= t], weights=learn.weight[totals >= t])) for t in tried}
    if wanted.capacity is not None:
        for total in tried:
            if reached(total) <= wanted.capacity:
                return total, ""
        return None, f"more than {wanted.capacity:g} accounts a week reach even its highest total."
    if wanted.min_precision is not None:
        for total in tried:
            if rate[total] >= wanted.min_precision:
                return total, ""
        return None, f"at no total of points do {wanted.min_precision:.0%} pay within the horizon."
    few = [total for total in tried if np.average(totals >= total, weights=learn.weight) <= USUAL]
    return (few or tried[-1:])[0], ""


def weekly_of(totals: np.ndarray, rows: Rows, every: int) -> Callable[[int], float]:
    """How many accounts a week come to have so many points, of rows at the start of every week.

    One account in `every` is looked at, and each of those stands for as many as its weight says.
    """
    most = np.zeros(int(rows.account.max()) + 1, dtype=np.int64)
    at_first, worth = most.copy(), np.zeros(len(most))
    worth[rows.account] = rows.weight
    np.maximum.at(most, rows.account, totals)
    np.maximum.at(at_first, rows.account, np.where(rows.week == 0, totals, 0))
    weeks = max(int(rows.week.max()), 1)
    return lambda total: float(every * worth[(most >= total) & (at_first < total)].sum() / weeks)


def others_make(signals: Signals, learn: Rows, moments, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """What a logistic regression and boosted trees on the same measures make of held-out rows.

    So that it is seen what so few points give away. None for trees where scikit-learn is not installed.
    """
    if not signals.model.shape[1]:
        return np.zeros(len(moments.account)), None
    measures = signals.scale(moments)
    model = st.fit_logistic(
        signals.model, learn.pays, MODEL_RIDGE, learn.weight, at_its_time(learn), signed=True
    )
    return measures @ model.weights, boosted(signals.model, learn, measures, seed)


def boosted(model: np.ndarray, learn: Rows, measures: np.ndarray, seed: int) -> np.ndarray | None:
    """Log-odds of paying by small trees, slowly added up; None where scikit-learn is not installed."""
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
    except ImportError:
        return None
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, max_leaf_nodes=8, min_samples_leaf=50, l2_regularization=1.0,
        early_stopping=False, random_state=seed,
    )  # fmt: skip
    return trees.fit(model, learn.pays, learn.weight).decision_function(measures)


def share_paying(rows: Rows) -> st.Estimate:
    """Of the rows, those that pay, with the account as the unit."""
    n = int(rows.account.max()) + 1
    return st.share_of(*(np.bincount(rows.account, its, n) for its in (rows.pays, np.ones(len(rows.pays)))))


def best_of(scores: np.ndarray, rows: Rows) -> dict[str, st.Cut]:
    """What the best of each week are worth."""
    n, one = int(rows.account.max()) + 1, np.ones(len(rows.pays))
    cuts = {}
    for share in SHARES:
        given = st.best_of_each(scores, rows.week, share)
        sums = (np.bincount(rows.account, its, n) for its in (given, given * rows.pays, one, rows.pays))
        cuts[f"{share:.0%}"] = st.cut_of(*sums)
    return cuts


def totals_of(totals: np.ndarray, chances: np.ndarray, rows: Rows) -> list[Total]:
    """The points in at most six ranges, and how often accounts paid in each."""
    edges = np.unique(
        np.concatenate([[0, 1], np.quantile(totals[totals > 0], (0.5, 0.75, 0.9, 0.97))]).astype(int)
    )
    place, found = np.searchsorted(edges, totals, side="right") - 1, []
    for number, edge in enumerate(edges):
        here = place == number
        if here.any():
            inside = Rows(*(column[here] for column in rows))
            last = edges[number + 1] - 1 if number + 1 < len(edges) else None
            name = f"{edge}" if edge == last else f"{edge} or more" if last is None else f"{edge} to {last}"
            accounts = len(np.unique(inside.account))
            found.append(Total(name, accounts, float(chances[here].mean()), share_paying(inside)))
    return found
