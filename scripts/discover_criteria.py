#!/usr/bin/env python
"""Find criteria that predict conversion, and say how sure that is.

Sweeps events × windows × thresholds, growth, active days, people, kinds of events, sums and different values
of properties, and plan limits; combines the best. Learns from earlier sign-ups, reports on later ones that it
has not seen; searches the same data with shuffled outcomes as well, to know what luck alone would find.
Writes the criteria that hold as YAML for vars.yml.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pql_tools.config_files import load_yaml
from pql_tools.console import error, make_console, progress_bar
from pql_tools.discovery.days import Candidate, Lives, Usage, read_lives
from pql_tools.discovery.search import (
    Chosen,
    Found,
    Rule,
    Search,
    Sets,
    chance_of_as_many,
    draw_sets,
    shares_met,
    shortlist,
    tally,
)
from pql_tools.discovery.written import Names, as_yaml, criteria_of, rule_words
from pql_tools.statistics import (
    Interval,
    Share,
    account_times,
    auc,
    brier_skill,
    calibration_error,
    calibration_null,
    fit_logistic,
    fit_points,
    holm,
    linear_ratio_interval,
    matched_rate,
    pareto_front,
    permutation_p,
    permute_within,
    sigmoid,
    wilson,
)
from pql_tools.warehouse import Warehouse, WarehouseError, open_warehouse, warehouse_parser
from rich.table import Table

FEWEST_CONVERSIONS = 10
WORKERS = 2
EXAMPLES = """examples:
  what predicts a first payment, on the warehouse that dbt built
    python scripts/discover_criteria.py

  write the criteria that hold, with a points score, ready to paste into vars.yml
    python scripts/discover_criteria.py --write found.yml

  look at the first month only, and at payments within 60 days
    python scripts/discover_criteria.py --observe-days 30 --horizon-days 60

how it judges
  For each conversion: did the account meet the criterion as that day began, and how many accounts open at the
  same age did? Conversions while it is met, beyond those that age alone explains, are its score. Criteria are
  listed one after the other, each for what it adds to the recommended ones above it.

how to read it
  Rate: how many times as often accounts convert, per day, while it is met as others of their age do.
  Precision: of the accounts that met it before paying, the share that paid within the horizon after.
  Lift: precision over the share (of) among all accounts open at the same age.
  Recall: of the held-out conversions, those of accounts that had met it at most a horizon before.
  A criterion is recommended if shuffled outcomes rarely give one as good (search p), and if held-out accounts
  confirm it (Holm p). Predictive is all that this can show: making accounts do X need not make them pay.

what is not swept
  Filters (`where`), milestones, maxima, attributes and dates of accounts, combinations of more than three.
  What is met on the day of payment is left out: nobody could have acted on it. By that numbers differ from
  those of check_precision, which judges the moment; run it on what you paste.

exit codes: 0 done, even if nothing is recommended; 2 the question cannot be answered, and a sentence why
"""


class Problem(Exception):
    """What is wrong with the request or the data, in one sentence."""


class Frame(NamedTuple):
    """Who is looked at when: accounts signed up before `split_on`, until then; and those since, until as-of.

    `last` is the last day of its life on which an account was open and seen, `followed` the last on which it
    would have been seen had it stayed open, both among the first `observe` days.
    """

    lives: Lives
    split_on: np.datetime64
    as_of_on: np.datetime64
    is_test: np.ndarray
    followed: np.ndarray
    last: np.ndarray

    def side(self, is_test: bool) -> np.ndarray:
        """The last days at risk of one side; -1 for accounts of the other."""
        return np.where(self.is_test == is_test, self.last, -1)


class Data(NamedTuple):
    """The frame, its daily use, the candidates and the days on which each of some was met."""

    frame: Frame
    usage: Usage
    candidates: list[Candidate]

    def met(self, rule: Rule) -> np.ndarray:
        """For each account (row) and day of its life (column), whether the rule held at its end."""
        specs = [self.candidates[i].spec for i in rule.parts]
        states = np.stack([self.usage.measure(spec) >= spec["at_least"] for spec in specs])
        return Rule(rule.how, tuple(range(len(specs)))).met(states)


class Result(NamedTuple):
    """A rule on the held-out accounts."""

    rule: Rule
    score: float
    search_p: float
    while_met: Share
    rate_ratio: float | None
    p_value: float
    precision: Share
    interval: Interval
    expected: float | None
    lift: float | None
    lift_interval: Interval | None
    recall: Share


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument(
        "--observe-days",
        type=_whole(2, 365),
        default=60,
        metavar="N",
        help="days of each account looked at (60)",
    )
    parser.add_argument(
        "--horizon-days",
        type=_whole(1, 3650),
        metavar="N",
        help="days to convert for precision and recall; default: pql_horizon_days",
    )
    parser.add_argument(
        "--min-n",
        type=_whole(5, 10**6),
        default=50,
        metavar="N",
        help="fewest accounts to learn from (50; fewer if data are few)",
    )
    parser.add_argument(
        "--alpha", type=_share, default=0.05, metavar="P", help="chance of any false recommendation (0.05)"
    )
    parser.add_argument(
        "--permutations",
        type=_whole(19, 10**5),
        default=99,
        metavar="N",
        help="searches of shuffled outcomes (99)",
    )
    parser.add_argument(
        "--top", type=_whole(1, 50), default=8, metavar="N", help="length of the shortlist (8)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="of the shuffling (0); same seed, same answer"
    )
    parser.add_argument(
        "--shuffle-outcomes",
        action="store_true",
        help="deal conversions to other accounts first: nothing should be found",
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the recommended criteria and a score as YAML"
    )
    parser.add_argument(
        "--format", choices=["table", "json"], default="table", help="for people (table) or programs (json)"
    )
    return parser  # fmt: skip


def _whole(least: int, most: int):
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return read


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be a number between 0 and 1, got {text!r}")
    return value


def frame_of(lives: Lives, as_of_on: np.datetime64, observe: int) -> Frame:
    """Earlier and later sign-ups, so that both have conversions, at 3 : 2 for learning.

    Of the earlier ones nothing is looked at from the day on which the first of the later ones signed up.
    """
    counted = (lives.converted >= 1) & (lives.converted < observe) & (lives.converted <= lives.closed)
    starts = lives.signed_up_on[counted]
    ends = starts + lives.converted[counted].astype(np.int64)
    starts, ends = np.sort(starts[ends <= as_of_on]), np.sort(ends[ends <= as_of_on])
    if len(starts) < 2 * FEWEST_CONVERSIONS:
        raise Problem(
            f"Only {len(starts)} accounts have converted within {observe} days, the first left out; at least "
            f"{2 * FEWEST_CONVERSIONS} are needed. Are conversions loaded (pql_conversions_from)? "
            "A longer --observe-days may count more."
        )
    days = np.arange(starts[0], as_of_on + np.timedelta64(1, "D"))
    train = np.searchsorted(ends, days, side="left")
    test = len(starts) - np.searchsorted(starts, days, side="left")
    best = int(np.argmax(np.minimum(train / 3, test / 2)))
    if min(train[best], test[best]) < FEWEST_CONVERSIONS:
        raise Problem(
            f"Split by sign-up, at best {train[best]} conversions are left to learn from and {test[best]} to "
            f"judge on; at least {FEWEST_CONVERSIONS} are needed on each side. More data are needed, or "
            "shorter --observe-days."
        )
    is_test = lives.signed_up_on >= days[best]
    until = np.where(is_test, as_of_on, days[best] - np.timedelta64(1, "D"))
    followed = np.clip((until - lives.signed_up_on).astype(np.int64), -1, observe - 1)
    return Frame(lives, days[best], as_of_on, is_test, followed, np.minimum(followed, lives.ended))


def read(warehouse: Warehouse) -> tuple[Lives, np.datetime64]:
    """The lives of all accounts, and the date of the as-of."""
    found = warehouse.rows(
        "select max(as_of) as as_of from {{ ref('int_accounts') }} where signed_up_at is not null"
    )
    if not found or found[0]["as_of"] is None:
        raise Problem("There is no account with a sign-up in the warehouse.")
    as_of = np.datetime64(found[0]["as_of"], "us")
    judged = warehouse.rows("select min(outcomes_as_of) as as_of from {{ ref('pql_rules') }}")[0]["as_of"]
    if judged is not None:
        as_of = min(as_of, np.datetime64(judged, "us"))
    return read_lives(warehouse, as_of), as_of.astype("datetime64[D]")


def shuffled(lives: Lives, rng: np.random.Generator) -> Lives:
    """The same fates dealt to other accounts of the same week of sign-up; nothing then predicts anything."""
    order = permute_within(lives.signed_up_on.astype(np.int64) // 7, rng)
    return lives._replace(converted=lives.converted[order], closed=lives.closed[order])


def candidates_of(
    frame: Frame, usage: Usage, sets: Sets, min_n: int, on_step=lambda: None
) -> tuple[list[Candidate], np.ndarray]:
    """What at least `min_n` accounts met while open, and in which places of the sets."""
    last = frame.side(is_test=False)
    out_of_sight = np.where(np.arange(usage.days) < last[:, None], 0.0, -np.inf)
    candidates, states = [], []
    for spec, thresholds in usage.specs():
        measured = usage.measure(spec)
        most = (measured + out_of_sight).max(axis=1)
        here = measured[sets.account, sets.day]
        for at_least in thresholds:
            met = here >= at_least
            if (most >= at_least).sum() >= min_n and met.any() and not met.all():
                candidates.append(Candidate({**spec, "at_least": at_least}))
                states.append(met)
        on_step()
    return candidates, np.array(states, dtype=bool).reshape(-1, *sets.account.shape)


def judge(data: Data, sets: Sets, chosen: Chosen, null: np.ndarray, horizon: int) -> Result:
    """A rule on the held-out accounts: conversions while it was met, and what became of those that met it."""
    frame = data.frame
    whole = data.met(chosen.rule)
    met = whole[sets.account, sets.day][None]
    weight = sets.weight
    if chosen.before:
        before = np.stack([data.met(rule)[sets.account, sets.day] for rule in chosen.before])
        weight = weight * np.exp(np.tensordot(chosen.log_rates, before, 1))
    chances, hits = shares_met(met, weight)[0], int(met[0, :, 0].sum())
    plain, case = shares_met(met, sets.weight)[0], met[0, :, 0]
    against = float(plain[~case].sum())
    first = first_met(whole, frame.side(is_test=True))
    rows = np.flatnonzero(frame.is_test)
    # what is met by the end of a day is known as the next begins; accounts convert and close during a day
    start = (frame.lives.signed_up_on[rows] - frame.split_on).astype(float)
    lives = [start + its[rows] for its in (first + 1, frame.lives.converted + 0.5, frame.lives.closed + 0.5)]
    accounts = account_times(start, *lives)
    as_of = float((frame.as_of_on - frame.split_on).astype(int)) + 1
    matched = matched_rate(accounts, as_of, float(horizon))
    precision = Share(matched.hits, matched.n)
    converted = frame.lives.converted[rows]
    counted = (converted >= 1) & (converted <= frame.last[rows])
    caught = counted & (first[rows] < converted) & (converted <= first[rows] + horizon)
    return Result(
        chosen.rule,
        chosen.score,
        float(permutation_p(np.array([chosen.score]), null)[0]),
        Share(hits, len(case)),
        float((1 - plain)[case].sum()) / against if against else None,
        chance_of_as_many(hits, chances),
        precision,
        wilson(*precision),
        matched.base,
        matched.ratio,
        linear_ratio_interval(accounts, as_of, float(horizon)) if matched.n and matched.base else None,
        Share(int(caught.sum()), int(counted.sum())),
    )


def first_met(met: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The first day, before its last, at whose end each account met it; inf where there is none."""
    seen = met & (np.arange(met.shape[1]) < last[:, None])
    return np.where(seen.any(axis=1), seen.argmax(axis=1), np.inf)


class Score(NamedTuple):
    """A points score: points per signal, points needed, and how it does on held-out accounts."""

    points: dict[int, int]
    at_least: int
    n: int
    auc: float
    auc_unrounded: float
    brier_skill: float
    calibration_error: float
    calibration_null: float


def fit_score(data: Data, rules: list[Rule], horizon: int, seed: int) -> Score | None:
    """Points for the signals met at the end of a week, fitted on earlier accounts; None where too few pay."""
    frame, met = data.frame, [data.met(rule) for rule in rules]
    flags, converts, is_test = [], [], []
    for day in range(7, data.usage.days, 7):
        rows = np.flatnonzero((frame.last >= day) & (frame.followed >= day + horizon - 1))
        flags.append(np.column_stack([its[rows, day - 1] for its in met]).astype(float))
        converts.append(
            frame.lives.converted[rows] <= np.minimum(day + horizon - 1, frame.lives.closed[rows])
        )
        is_test.append(frame.is_test[rows])
    flags, converts, test = np.concatenate(flags), np.concatenate(converts), np.concatenate(is_test)
    train = ~test
    if min(converts[train].sum(), converts[test].sum()) < 5:
        return None
    model = fit_logistic(flags[train], converts[train])
    if model.weights.max() <= 0:
        return None
    fitted = fit_points(flags[train], converts[train], model)
    totals = flags @ fitted.points
    rates = [(converts[train & (totals >= t)].mean(), t) for t in np.unique(totals[train]) if t > 0]
    base = converts[train].mean()
    at_least = next((int(t) for rate, t in rates if rate >= 2 * base), int(max(rates)[1]))
    chances = sigmoid(fitted.intercept + fitted.slope * totals[test])
    return Score(
        {i: int(points) for i, points in enumerate(fitted.points) if points > 0},
        at_least,
        int(test.sum()),
        auc(totals[test], converts[test]),
        auc(flags[test] @ model.weights, converts[test]),
        brier_skill(chances, converts[test]),
        calibration_error(chances, converts[test]),
        calibration_null(chances, seed=seed),
    )


def results_table(title: str, results: list[Result], data: Data, adjusted: np.ndarray | None) -> Table:
    """Rules with what they are worth on held-out accounts."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("predictive criterion", ratio=1, min_width=20)
    names = ["rate", "precision", "lift", "recall"]
    for name in names + (["search p\nHolm p"] if adjusted is not None else []):
        table.add_column(name, justify="right")
    for i, result in enumerate(results):
        rate, (hits, n), (low, high) = result.precision.rate, result.precision, result.interval
        lift = _times(result.lift)
        if result.lift is not None and result.lift_interval is not None:
            low_lift, high_lift = result.lift_interval
            lift += f"\n[dim]{low_lift:.1f}–{high_lift:.1f}\nof {result.expected:.1%}[/]"
        cells = [
            rule_words(result.rule, data.candidates),
            f"{_times(result.rate_ratio)}\n[dim]{result.while_met.hits:,} of {result.while_met.n:,}[/]",
            "–" if rate is None else f"{rate:.1%}\n[dim]{low:.0%}–{high:.0%}\n{hits:,} of {n:,}[/]",
            lift,
            "–"
            if result.recall.rate is None
            else f"{result.recall.rate:.0%}\n[dim]of {result.recall.n:,}[/]",
        ]
        if adjusted is not None:
            confirmed = f"{adjusted[i]:.3f}" if adjusted[i] >= 0.0005 else "<0.001"
            cells.append(f"{result.search_p:.3f}\n{confirmed}")
        table.add_row(*cells)
    return table


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.1f}×"


def check(warehouse: Warehouse, criteria: list[dict]) -> None:
    """Let the project read the configuration with the new criteria added; Problem if it objects."""
    before = warehouse.macro("pql_raw_config")
    after = {**before, "pql_criteria": [*(before["pql_criteria"] or []), *criteria]}
    old, new = (warehouse.macro("pql_config_problems", config=config) for config in (before, after))
    problems = [problem for problem in new if problem not in old]
    if problems:
        raise Problem(f"dbt would not accept the criteria found: {'; '.join(problems)}")


def taken_names(warehouse: Warehouse) -> set[str]:
    """Names of criteria and definitions that the configuration has."""
    variables = {**warehouse.config.vars.to_dict(), **warehouse.variables}
    entries = [*(variables.get("pql_criteria") or []), *(variables.get("pql_definitions") or [])]
    return {
        entry["name"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    }


def yaml_for(findings: Findings, data: Data, taken: set[str], heading: str) -> str:
    """The recommended criteria, their union and the score, as YAML."""
    names, chosen, score = Names(taken), findings.chosen, findings.score
    rules = [result.rule for result in chosen]
    criteria, of_rule = criteria_of(rules, data.candidates, names)
    notes = {name: _evidence(r) for name, r in zip(of_rule, chosen, strict=True)}
    if len(rules) > 1:
        criteria.append({"name": names.give("found_signals"), "type": "any_of", "criteria": of_rule})
    if score is not None:
        points = {of_rule[i]: points for i, points in score.points.items()}
        criteria.append(
            {"name": names.give("found_score"), "type": "score", "points": points, "at_least": score.at_least}
        )
    return as_yaml(criteria, notes, heading)


def _evidence(result: Result) -> str:
    hits, n = result.while_met
    words = f"Predictive: {hits} of {n} held-out conversions came while it was met"
    if result.rate_ratio is not None:
        words += f", {result.rate_ratio:.1f} times the rate of others of that age"
    if result.expected is None:
        return words + "."
    return (
        f"{words}; {result.precision.hits} of {result.precision.n} accounts paid in time "
        f"({result.precision.rate:.1%}; expected {result.expected:.1%})."
    )


def horizon_of(options: argparse.Namespace, warehouse: Warehouse) -> int:
    """The horizon in days: the option, else the variable; it must be a number."""
    given = options.horizon_days or {**warehouse.config.vars.to_dict(), **warehouse.variables}.get(
        "pql_horizon_days", 30
    )
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise Problem(
            "Discovery compares accounts over equal times and needs "
            f"a horizon in days, got {given!r}: give --horizon-days."
        )
    return given


class Findings(NamedTuple):
    """What a run found: the shortlist, its adjusted p values, what of it holds, the front, the score."""

    compared: int
    signals: list[Result]
    adjusted: np.ndarray
    chosen: list[Result]
    front: list[Result]
    score: Score | None
    null: np.ndarray


def find(
    usage: Usage, frame: Frame, options: argparse.Namespace, horizon: int, on_step
) -> tuple[Data, Findings]:
    """Search the earlier accounts, and the same with outcomes shuffled; judge on the later ones."""
    rng = np.random.default_rng(options.seed)
    learning, judging = (
        draw_sets(frame.lives.converted, frame.side(is_test), rng) for is_test in (False, True)
    )
    min_n = max(10, min(options.min_n, int((frame.side(is_test=False) > 0).sum()) // 20))
    candidates, states = candidates_of(frame, usage, learning, min_n)
    data = Data(frame, usage, candidates)
    if not candidates:
        return data, Findings(0, [], np.array([]), [], [], None, np.array([]))
    search = Search(states, learning)
    found = search.run()
    null = []
    with ThreadPoolExecutor(WORKERS) as workers:
        for best in workers.map(
            search.best_score, [learning.dealt(rng) for _ in range(options.permutations)]
        ):
            null.append(best)
            on_step()
    null = np.array(null)
    listed = shortlist(search, found, enough=critical_score(null, options.alpha), most=options.top)
    signals = [judge(data, judging, choice, null, horizon) for choice in listed]
    adjusted = holm([result.p_value for result in signals])
    chosen = [
        r
        for r, p in zip(signals, adjusted, strict=True)
        if r.search_p <= options.alpha and p <= options.alpha
    ]
    return data, Findings(
        len(found),
        signals,
        adjusted,
        chosen,
        [judge(data, judging, choice, null, horizon) for choice in front_of(search, found)],
        fit_score(data, [r.rule for r in chosen], horizon, options.seed) if chosen else None,
        null,
    )


def critical_score(null: np.ndarray, alpha: float) -> float:
    """The score from which on the null's best is as good in at most `alpha` of cases."""
    reached = int(alpha * (1 + len(null)) + 1e-9) - 1
    if reached < 0:
        raise Problem(f"--alpha {alpha:g} takes at least {int(np.ceil(1 / alpha)) - 1} --permutations.")
    return float(np.nextafter(np.sort(null)[::-1][reached], np.inf))


def front_of(search: Search, found: list[Found]) -> list[Chosen]:
    """Rules that no other beats on both rate and share of the learning conversions."""
    best = found[:400]
    met = np.stack([f.rule.met(search.states) for f in best])
    counts = tally(met, shares_met(met, search.sets.weight), search.nobody_else)
    front = pareto_front(counts.hits / np.maximum(counts.expected, 0.5), counts.hits)
    return [Chosen(best[i].rule, best[i].score, (), np.zeros(0)) for i in front if best[i].score > 0][:12]


def discover(options: argparse.Namespace) -> None:
    """Do what the command line asks."""
    console = make_console()
    with open_warehouse(options) as warehouse, progress_bar() as progress:
        horizon = horizon_of(options, warehouse)
        task = progress.add_task("reading accounts", total=None)
        lives, as_of_on = read(warehouse)
        if options.shuffle_outcomes:
            lives = shuffled(lives, np.random.default_rng(options.seed + 1))
        frame = frame_of(lives, as_of_on, options.observe_days)
        usage = Usage(
            warehouse,
            lives.signed_up_on,
            options.observe_days,
            lambda about: progress.update(task, description=f"reading {about}"),
        )
        task = progress.add_task("searching, and searching shuffled outcomes", total=options.permutations)
        data, findings = find(usage, frame, options, horizon, lambda: progress.advance(task))
        text = None
        if findings.chosen:
            text = yaml_for(findings, data, taken_names(warehouse), heading_of(frame, horizon))
            check(warehouse, load_yaml(text)["vars"]["pql_criteria"])
    if options.write and text:
        options.write.write_text(text, encoding="utf-8")
    if options.format == "json":
        print(json.dumps(as_json(data, findings), indent=2))
        return
    show(console, data, findings, text, options, horizon)


def heading_of(frame: Frame, horizon: int) -> str:
    """What stands above the YAML."""
    return (
        f"Predictive criteria found by discover_criteria on accounts signed up before {frame.split_on}, and\n"
        f"confirmed on those since, up to {frame.as_of_on} (horizon {horizon} days). They predict; they need "
        "not cause."
    )


def as_json(data: Data, findings: Findings) -> dict:
    """Everything that was found, for programs."""
    rules = [
        {
            "criterion": rule_words(r.rule, data.candidates),
            "how": r.rule.how,
            "parts": [data.candidates[i].spec for i in r.rule.parts],
            "recommended": r in findings.chosen,
            "score": r.score,
            "rate_ratio": r.rate_ratio,
            "conversions_while_met": r.while_met.hits,
            "conversions": r.while_met.n,
            "precision": r.precision.rate,
            "hits": r.precision.hits,
            "n": r.precision.n,
            "expected": r.expected,
            "lift": r.lift,
            "recall": r.recall.rate,
            "search_p": r.search_p,
            "holm_p": float(p),
        }
        for r, p in zip(findings.signals, findings.adjusted, strict=True)
    ]
    score = findings.score
    return {
        "schema_version": 2,
        "split_on": str(data.frame.split_on),
        "rules": rules,
        "score": None if score is None else score._asdict(),
        "null": sorted(findings.null.tolist()),
    }


def show(console, data: Data, findings: Findings, text: str | None, options, horizon: int) -> None:
    """Print what was found."""
    frame, chosen, score = data.frame, findings.chosen, findings.score
    earlier, later = (int((frame.side(is_test) > 0).sum()) for is_test in (False, True))
    console.print(
        f"Learned from {earlier:,} accounts signed up before {frame.split_on}, as they were until then; "
        f"judged on {later:,} signed up since, up to {frame.as_of_on}. Their first {options.observe_days} "
        f"days, before any payment; precision within {horizon} days.\n{len(data.candidates):,} simple "
        f"criteria, {findings.compared:,} rules compared.\n"
    )
    title = "Shortlist: each for what it adds to the recommended ones above it (held-out figures)"
    console.print(results_table(title, findings.signals, data, findings.adjusted))
    title = "Rate against share of conversions: what no other rule beats on both (held-out figures)"
    console.print(results_table(title, findings.front, data, None))
    if not chosen:
        console.print(
            "\n[bold]Nothing is recommended:[/] no rule is better than "
            "what luck finds in shuffled outcomes, or none was confirmed."
        )
        return
    console.print(
        f"\n[bold]Recommended[/] ({len(chosen)} of {len(findings.signals)}): "
        "predictive of conversion, which does not make them its cause."
    )
    if score is not None:
        console.print(
            f"Points score on {score.n:,} held-out account-weeks: AUC {score.auc:.3f} "
            f"(unrounded {score.auc_unrounded:.3f}), Brier skill {score.brier_skill:.3f}, calibration error "
            f"{score.calibration_error:.3f} (a perfectly calibrated "
            f"score stays below {score.calibration_null:.3f})."
        )
    if options.write:
        console.print(f"Written to {options.write}: paste under pql_criteria in vars.yml.")
    else:
        console.print("For vars.yml, under pql_criteria:\n")
        console.print(text, markup=False, soft_wrap=True)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the request cannot be answered."""
    options = parser().parse_args(argv)
    try:
        discover(options)
    except (Problem, WarehouseError, OSError) as problem:
        error(str(problem))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
