#!/usr/bin/env python
"""Find criteria that predict conversion, and say how sure that is.

Sweeps events × windows × thresholds, active days, people, kinds of events and plan limits; combines the best.
Learns from earlier sign-ups, reports on later ones that it has not seen; searches the same data with shuffled
outcomes as well, to know what luck alone would find. Writes the criteria that hold as YAML for vars.yml.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pql_tools.console import error, make_console, progress_bar
from pql_tools.discovery_search import Found, Outcomes, Rule, search, shortlist
from pql_tools.discovery_sweep import Candidate, Frame, sweep
from pql_tools.discovery_yaml import Names, as_yaml, criteria_of, rule_words
from pql_tools.statistics import (
    DAY,
    Interval,
    Share,
    account_times,
    auc,
    binomial_at_least,
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
from pql_tools.warehouse import Warehouse, WarehouseError, open_warehouse, warehouse_options
from rich.table import Table
from ruamel.yaml import YAML

FEWEST_CONVERSIONS = 10
EXAMPLES = """examples:
  what predicts a first payment, on the warehouse that dbt built
    python scripts/discover_criteria.py

  write the criteria that hold, with a points score, ready to paste into vars.yml
    python scripts/discover_criteria.py --write found.yml

  look at the first two weeks only, and at payments within 60 days
    python scripts/discover_criteria.py --observe-days 14 --horizon-days 60

how to read it
  Precision: of the accounts that met the criterion before paying, the share that then paid in time.
  Expected: the share among all accounts open at the same age. Lift: precision / expected.
  Recall: of all held-out conversions within the days observed plus the horizon, those caught in time.
  A criterion is recommended if shuffled outcomes rarely give one as good (search p), and if held-out accounts
  confirm it (Holm p). Predictive is all that this can show: making accounts do X need not make them pay.

exit codes: 0 done, even if nothing is recommended; 2 the question cannot be answered, and a sentence why
"""


class Problem(Exception):
    """What is wrong with the request or the data, in one sentence."""


class Data(NamedTuple):
    """The frame: sign-ups, ages at conversion and closure (microseconds, +inf), who is held out."""

    signed_up_at: np.ndarray
    converted: np.ndarray
    closed: np.ndarray
    is_test: np.ndarray
    candidates: list[Candidate]
    columns: np.ndarray


class Result(NamedTuple):
    """A rule on the held-out accounts."""

    rule: Rule
    search_p: float
    precision: Share
    interval: Interval
    expected: float | None
    lift: float | None
    lift_interval: Interval | None
    recall: Share
    p_value: float


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[warehouse_options()],
    )
    parser.add_argument(
        "--observe-days",
        type=_whole(2, 365),
        default=30,
        metavar="N",
        help="days of each account looked at (30)",
    )
    parser.add_argument(
        "--horizon-days",
        type=_whole(1, 3650),
        metavar="N",
        help="days to convert after it; default: pql_horizon_days",
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
        default=100,
        metavar="N",
        help="searches of shuffled outcomes (100)",
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


def split(signed_up_at: np.ndarray, as_of: np.datetime64, observe: int, horizon: int) -> Frame:
    """Earlier and later sign-ups: those whose fate was known (s + T ≤ D) before the others signed up (s ≥ D).

    T = days observed + horizon; all have s + T ≤ as-of. Of the possible D the one that leaves most to the
    smaller side, at 3 : 2 for learning. Those in between belong to neither.
    """
    span = np.timedelta64(observe + horizon, "D")
    mature = np.sort(signed_up_at[signed_up_at + span <= as_of])
    if not len(mature):
        raise Problem(
            f"No account is older than the {observe} days observed plus the horizon of {horizon} days: "
            "shorten --observe-days or --horizon-days."
        )
    days = np.arange(mature[0], mature[-1] + np.timedelta64(1, "D"), np.timedelta64(1, "D"))
    train = np.searchsorted(mature, days - span, side="right")
    test = len(mature) - np.searchsorted(mature, days, side="left")
    best = int(np.argmax(np.minimum(train / 3, test / 2)))
    if min(train[best], test[best]) == 0:
        raise Problem(
            f"The sign-ups with a known outcome span {len(days)} "
            f"days, and earlier ones must be {observe + horizon} days "
            "(observed plus horizon) older than later ones: shorten --observe-days or --horizon-days."
        )
    return Frame(days[best] - span, days[best], as_of - span, observe)


def read(warehouse: Warehouse, options: argparse.Namespace, horizon: int, on_pass) -> tuple[Data, Frame]:
    """Sweep the warehouse."""
    everyone = warehouse.columns(
        "select signed_up_at, as_of from {{ ref('int_accounts') }} where signed_up_at is not null"
    )
    if not len(everyone["as_of"]):
        raise Problem("There is no account with a sign-up in the warehouse.")
    frame = split(everyone["signed_up_at"], everyone["as_of"][0], options.observe_days, horizon)
    accounts = warehouse.columns(f"with frame as ({frame.sql()}) select * from frame order by account_number")
    signed_up_at = accounts["signed_up_at"]
    candidates, columns = sweep(warehouse, frame, accounts, limits_with_history(warehouse), on_pass)
    converted, closed = (age(accounts[name], signed_up_at) for name in ("converted_at", "closed_at"))
    return Data(signed_up_at, converted, closed, signed_up_at >= frame.test_from, candidates, columns), frame


def limits_with_history(warehouse: Warehouse) -> list[str]:
    """Plan limits to ask about: none if plans lack a history, as paying itself may have changed them."""
    changed = warehouse.rows("""
        select count(*) as accounts from {{ ref('int_accounts') }} as accounts
        inner join {{ ref('int_account_attributes') }} as attributes
            on accounts.account_id = attributes.account_id
        where attributes.attribute = 'plan' and accounts.converted_at is not null
            and attributes.valid_from < timestamp '0002-01-01'
    """)[0]["accounts"]
    if changed:
        return []
    rows = warehouse.rows(
        "select distinct limit_name from {{ ref('stg_billing__plan_limits') }} order by limit_name"
    )
    return [row["limit_name"] for row in rows]


def age(moments: np.ndarray, signed_up_at: np.ndarray) -> np.ndarray:
    """Microseconds since sign-up, +inf where there is no such moment."""
    ages = (moments - signed_up_at).astype("timedelta64[us]").astype(float)
    return np.where(np.isnat(moments), np.inf, ages)


def shuffled(data: Data, rng: np.random.Generator) -> Data:
    """The same fates dealt to other accounts of the same week of sign-up; nothing then predicts anything.

    What an account did after its new end is taken back, as the sweep does for its real one.
    """
    order = permute_within(weeks(data.signed_up_at), rng)
    converted, closed = data.converted[order], data.closed[order]
    ends = np.minimum(converted, closed)[:, None]
    columns = np.where(data.columns < ends, data.columns, np.inf)
    return data._replace(converted=converted, closed=closed, columns=columns)


def weeks(signed_up_at: np.ndarray) -> np.ndarray:
    """The week of each sign-up."""
    return signed_up_at.astype("datetime64[D]").astype(int) // 7


def outcomes_of(data: Data, rows: np.ndarray, horizon: int) -> Outcomes:
    """Fates of some accounts."""
    converted, closed = data.converted[rows], data.closed[rows]
    return Outcomes(converted, np.minimum(converted, closed), horizon * DAY)


def learn(data: Data, options: argparse.Namespace, horizon: int, on_step) -> tuple[list[Found], np.ndarray]:
    """Search the learning accounts, and the same with outcomes shuffled: what was found, luck's best."""
    rows = np.flatnonzero(~data.is_test)
    outcomes, columns = outcomes_of(data, rows, horizon), data.columns[rows]
    base = outcomes.base_rates(options.observe_days * DAY)
    min_n = max(10, min(options.min_n, len(rows) // 20))
    supported = np.flatnonzero(np.isfinite(columns).sum(axis=0) >= min_n)
    found = [
        Found(Rule(f.rule.how, tuple(int(supported[i]) for i in f.rule.parts)), f.score)
        for f in search(columns[:, supported], outcomes, base, min_n)
    ]
    rng, labels, null = np.random.default_rng(options.seed), weeks(data.signed_up_at[rows]), []
    for _ in range(options.permutations):
        luck = search(columns[:, supported], outcomes.permuted(permute_within(labels, rng)), base, min_n)
        null.append(luck[0].score if luck else 0.0)
        on_step()
    return found, np.array(null)


def judge(data: Data, rule: Rule, score: float, null: np.ndarray, observe: int, horizon: int) -> Result:
    """A rule on the held-out accounts."""
    rows = np.flatnonzero(data.is_test)
    met = rule.ages(data.columns)[rows]
    zero = np.zeros(len(rows))
    accounts = account_times(zero, met, data.converted[rows], data.closed[rows])
    as_of, wait = float((observe + horizon) * DAY), float(horizon * DAY)
    matched = matched_rate(accounts, as_of, wait)
    in_frame = data.converted[rows] <= as_of
    precision = Share(matched.hits, matched.n)
    chance = 1.0 if not matched.n else binomial_at_least(matched.hits, matched.n, matched.base)
    return Result(
        rule,
        float(permutation_p(np.array([score]), null)[0]),
        precision,
        wilson(*precision),
        matched.base,
        matched.ratio,
        linear_ratio_interval(accounts, as_of, wait) if matched.n and matched.base else None,
        Share(matched.hits, int(in_frame.sum())),
        chance,
    )


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


def fit_score(data: Data, rules: list[Rule], observe: int, horizon: int, seed: int) -> Score | None:
    """Points for the signals, fitted on earlier accounts still open after the days observed, if enough."""
    landmark, wait = observe * DAY, horizon * DAY
    open_then = np.minimum(data.converted, data.closed) > landmark
    flags = np.column_stack([np.isfinite(rule.ages(data.columns)) for rule in rules]).astype(float)
    converts = data.converted <= landmark + wait
    train, test = open_then & ~data.is_test, open_then & data.is_test
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
    table.add_column("predictive criterion", ratio=1)
    for name in (
        "precision",
        "accounts",
        "expected",
        "lift",
        "recall",
        *(["search p", "Holm p"] if adjusted is not None else []),
    ):
        table.add_column(name, justify="right")
    for i, result in enumerate(results):
        rate, (low, high) = result.precision.rate, result.interval
        cells = [
            rule_words(result.rule, data.candidates),
            "–" if rate is None else f"{rate:.1%}\n[dim]{low:.0%}–{high:.0%}[/]",
            f"{result.precision.hits:,} of {result.precision.n:,}",
            "–" if result.expected is None else f"{result.expected:.1%}",
            "–" if result.lift is None else f"{result.lift:.1f}×",
            "–"
            if result.recall.rate is None
            else f"{result.recall.rate:.0%}\n[dim]of {result.recall.n:,}[/]",
        ]
        if result.lift is not None and result.lift_interval is not None:
            cells[4] += f"\n[dim]{result.lift_interval.low:.1f}–{result.lift_interval.high:.1f}[/]"
        if adjusted is not None:
            cells += [f"{result.search_p:.3f}", f"{adjusted[i]:.3f}" if adjusted[i] >= 0.0005 else "<0.001"]
        table.add_row(*cells)
    return table


def check_by_parsing(warehouse: Warehouse, criteria: list[dict]) -> None:
    """Let dbt read the configuration with the new criteria added; Problem if it refuses."""
    known = {
        name: dict(warehouse.config.vars.to_dict()).get(name) or []
        for name in ("pql_criteria", "pql_definitions")
    }
    variables = {**warehouse.variables, **known, "pql_criteria": [*known["pql_criteria"], *criteria]}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "dbt.cli.main", "parse", "--quiet", "--no-partial-parse"]
        command += [
            "--project-dir",
            str(warehouse.project_dir),
            "--profiles-dir",
            str(warehouse.profiles_dir),
        ]
        command += ["--target", warehouse.config.target_name, "--target-path", folder, "--log-path", folder]
        command += ["--vars", json.dumps(plain(variables))]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=warehouse.project_dir, env=os.environ
        )
    if done.returncode:
        raise Problem(f"dbt does not accept the criteria found: {(done.stdout + done.stderr).strip()}")


def plain(value):
    """Configuration as JSON has it: dates as text."""
    return json.loads(json.dumps(value, default=str))


def taken_names(warehouse: Warehouse) -> set[str]:
    """Names of criteria and definitions that the configuration has."""
    variables = {**warehouse.config.vars.to_dict(), **warehouse.variables}
    entries = [*(variables.get("pql_criteria") or []), *(variables.get("pql_definitions") or [])]
    return {
        entry["name"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    }


def yaml_for(chosen: list[Result], score: Score | None, data: Data, taken: set[str], heading: str) -> str:
    """The recommended criteria, their union and the score, as YAML."""
    names = Names(taken)
    rules = [result.rule for result in chosen]
    criteria, of_rule = criteria_of(rules, data.candidates, names)
    notes = {
        name: f"Predictive: {r.precision.hits} of {r.precision.n} held-out accounts paid in time "
        f"({r.precision.rate:.1%}; expected at the same age {r.expected:.1%})."
        for name, r in zip(of_rule, chosen, strict=True)
    }
    if len(rules) > 1:
        criteria.append({"name": names.give("found_signals"), "type": "any_of", "criteria": of_rule})
    if score is not None:
        points = {of_rule[i]: points for i, points in score.points.items()}
        criteria.append(
            {"name": names.give("found_score"), "type": "score", "points": points, "at_least": score.at_least}
        )
    return as_yaml(criteria, notes, heading)


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


def discover(options: argparse.Namespace) -> None:
    """Do what the command line asks."""
    console = make_console()
    with open_warehouse(options) as warehouse, progress_bar() as progress:
        horizon = horizon_of(options, warehouse)
        task = progress.add_task("reading accounts", total=None)

        def on_pass(about: str, passes: int) -> None:
            progress.update(task, description=f"sweeping {about}", total=passes, advance=1)

        data, frame = read(warehouse, options, horizon, on_pass)
        if options.shuffle_outcomes:
            data = shuffled(data, np.random.default_rng(options.seed + 1))
        until = (options.observe_days + horizon) * DAY
        for side, rows in (("earlier", ~data.is_test), ("later, held-out", data.is_test)):
            converted = int((data.converted[rows] <= until).sum())
            if converted < FEWEST_CONVERSIONS:
                raise Problem(
                    f"Only {converted} of the {int(rows.sum()):,} {side} accounts converted within "
                    f"{options.observe_days + horizon} days; at least "
                    f"{FEWEST_CONVERSIONS} are needed on each side. "
                    "Are conversions loaded (pql_conversions_from)? Shorter "
                    "--observe-days or --horizon-days keep more accounts."
                )
        task = progress.add_task("searching, and searching shuffled outcomes", total=options.permutations)
        found, null = learn(data, options, horizon, lambda: progress.advance(task))
        observe = options.observe_days
        signals = [
            judge(data, f.rule, f.score, null, observe, horizon)
            for f in shortlist(found, data.columns[~data.is_test], options.top)
        ]
        adjusted = holm([result.p_value for result in signals])
        chosen = [
            r
            for r, p in zip(signals, adjusted, strict=True)
            if r.search_p <= options.alpha and p <= options.alpha
        ]
        front = pareto(data, found, null, observe, horizon)
        score = fit_score(data, [r.rule for r in chosen], observe, horizon, options.seed) if chosen else None
        heading = (
            "Predictive criteria found by discover_criteria on sign-ups "
            f"until {str(frame.train_until)[:10]} and confirmed on\n"
            f"those of {str(frame.test_from)[:10]} to {str(frame.test_until)[:10]} "
            f"(horizon {horizon} days). They predict; they need not cause.\n"
            "all_of asks that its parts hold at one moment; the "
            "figures are of accounts that met each of them once."
        )
        text = yaml_for(chosen, score, data, taken_names(warehouse), heading) if chosen else None
        if text:
            progress.add_task("checking the YAML with dbt", total=None)
            check_by_parsing(warehouse, YAML(typ="safe").load(io.StringIO(text))["vars"]["pql_criteria"])
    if options.write and text:
        options.write.write_text(text)
    if options.format == "json":
        print(json.dumps(as_json(data, signals, adjusted, chosen, score, null), indent=2))
        return
    show(console, data, frame, found, signals, adjusted, chosen, front, score, text, options, horizon)


def pareto(data: Data, found: list[Found], null: np.ndarray, observe: int, horizon: int) -> list[Result]:
    """Rules that no other beats on both precision and recall in learning, judged on held-out accounts."""
    best = found[:400]
    rows = np.flatnonzero(~data.is_test)
    if not best:
        return []
    outcomes = outcomes_of(data, rows, horizon)
    ages = np.column_stack([f.rule.ages(data.columns)[rows] for f in best])
    tally = outcomes.tally(ages, outcomes.base_rates(observe * DAY))
    front = pareto_front(tally.hits / np.maximum(tally.n, 1), tally.hits)
    return [judge(data, best[i].rule, best[i].score, null, observe, horizon) for i in front][:12]


def as_json(data, signals, adjusted, chosen, score, null) -> dict:
    """Everything that was found, for programs."""
    rules = [
        {
            "criterion": rule_words(r.rule, data.candidates),
            "how": r.rule.how,
            "parts": [data.candidates[i].spec for i in r.rule.parts],
            "recommended": r in chosen,
            "precision": r.precision.rate,
            "hits": r.precision.hits,
            "n": r.precision.n,
            "expected": r.expected,
            "lift": r.lift,
            "recall": r.recall.rate,
            "search_p": r.search_p,
            "holm_p": float(p),
        }
        for r, p in zip(signals, adjusted, strict=True)
    ]
    return {
        "schema_version": 1,
        "rules": rules,
        "score": None if score is None else score._asdict(),
        "null": sorted(null.tolist()),
    }


def show(
    console, data, frame, found, signals, adjusted, chosen, front, score, text, options, horizon
) -> None:
    """Print what was found."""
    train, test = int((~data.is_test).sum()), int(data.is_test.sum())
    console.print(
        f"Learned from {train:,} accounts signed up until "
        f"{str(frame.train_until)[:10]}; judged on {test:,} signed up from "
        f"{str(frame.test_from)[:10]} to {str(frame.test_until)[:10]}.\nTheir "
        f"first {options.observe_days} days, before any payment; "
        f"first paid within {horizon} days after. {len(data.candidates):,} "
        f"simple criteria, {len(found):,} rules compared.\n"
    )
    console.print(
        results_table(
            "Shortlist: different signals, best first, on held-out accounts", signals, data, adjusted
        )
    )
    console.print(
        results_table(
            "Precision against recall: what no other rule beats on both (held-out figures)", front, data, None
        )
    )
    if not chosen:
        console.print(
            "\n[bold]Nothing is recommended:[/] no rule is better than "
            "what luck finds in shuffled outcomes, or none was confirmed."
        )
        return
    console.print(
        f"\n[bold]Recommended[/] ({len(chosen)} of {len(signals)}): "
        "predictive of conversion, which does not make them its cause."
    )
    if score is not None:
        console.print(
            f"Points score on {score.n:,} held-out accounts still open "
            f"after {options.observe_days} days: AUC {score.auc:.3f} "
            f"(unrounded {score.auc_unrounded:.3f}), Brier skill {score.brier_skill:.3f}, calibration error "
            f"{score.calibration_error:.3f} (a perfectly calibrated "
            f"score stays below {score.calibration_null:.3f})."
        )
    if options.write:
        console.print(f"Written to {options.write}: paste under pql_criteria in vars.yml; dbt has parsed it.")
    else:
        console.print("For vars.yml, under pql_criteria (dbt has parsed it):\n")
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
