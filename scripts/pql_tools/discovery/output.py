"""What discovery found, as tables, JSON and YAML."""

from __future__ import annotations

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from pql_tools.console import p_value_text, show_table
from pql_tools.discovery.frame import Frame
from pql_tools.discovery.judging import Data, Result
from pql_tools.discovery.run import Findings
from pql_tools.discovery.score import Score
from pql_tools.discovery.written import Names, as_yaml, criteria_of, rule_words, stand
from pql_tools.precision.parts import as_plain
from pql_tools.precision.ranking import ranges
from pql_tools.statistics import Share


def results_table(title: str, results: list[Result], data: Data, adjusted: np.ndarray | None) -> Table:
    """Rules with what they are worth on held-out accounts."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("predictive criterion")
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
            cells.append(f"{result.search_p:.3f}\n{p_value_text(adjusted[i], 3)}")
        table.add_row(*cells)
    return table


def _times(ratio: float | None) -> str:
    if ratio is None:
        return "–"
    return "∞" if ratio == float("inf") else f"{ratio:.1f}×"


def yaml_for(findings: Findings, data: Data, in_force: list[dict], heading: str) -> str:
    """The recommended criteria, their union and the score, as YAML; those in force are only referred to."""
    names, chosen, score = Names({entry["name"] for entry in in_force}), findings.chosen, findings.score
    proved = [result.rule for result in chosen]
    rules = list(dict.fromkeys([*proved, *(score.points if score else ())]))
    criteria, of_rule = criteria_of(rules, data.candidates, names, in_force)
    name_of = dict(zip(rules, of_rule, strict=True))
    notes = {name_of[result.rule]: _evidence(result) for result in chosen}
    if len(proved) > 1:
        union = {"type": "any_of", "criteria": [name_of[rule] for rule in proved]}
        of_rule.append(stand(criteria, union, "found_signals", names, in_force))
    if score is not None:
        points = {name_of[rule]: points for rule, points in score.points.items()}
        sum_of = {"type": "score", "points": points, "at_least": score.at_least}
        name = stand(criteria, sum_of, "found_score", names, in_force)
        of_rule.append(name)
        notes[name] = (
            f"An order for lists: of the best 10% of each week {ranges(score.best['10%'].precision)} of\n"
            f"later sign-ups paid in time, of all {ranges(score.base)}. A line by itself proves nothing."
        )
    written = {criterion["name"] for criterion in criteria}
    if known := [name for name in of_rule if name not in written]:
        heading += f"\nIn your configuration already: {', '.join(known)}."
    return as_yaml(criteria, notes, heading)


def _evidence(result: Result) -> str:
    hits, n = result.while_met
    words = f"Predictive: {hits} of {n} held-out conversions came while it was met"
    if result.rate_ratio == float("inf"):
        words += ", none of others of that age and month"
    elif result.rate_ratio is not None:
        words += f", {result.rate_ratio:.1f} times the rate of others of that age and month"
    if result.expected is None:
        return words + "."
    return (
        f"{words}; {result.precision.hits} of {result.precision.n} accounts paid in time "
        f"({result.precision.rate:.1%}; expected {result.expected:.1%})."
    )


def heading_of(frame: Frame, horizon: int, every: int) -> str:
    """What stands above the YAML; one account in `every` was looked at."""
    some = f"\nOne in {every:,} accounts was looked at, in the order of their ids." if every > 1 else ""
    return (
        f"Predictive criteria found by discover_criteria on accounts signed up before {frame.split_on}, and\n"
        f"confirmed on those since, up to {frame.as_of_on} (horizon {horizon} days). They predict; they need "
        f"not cause.{some}"
    )


def as_json(data: Data, findings: Findings, in_force: dict[str, Share]) -> dict:
    """Everything that was found, for programs."""
    rules = [
        {
            "criterion": rule_words(r.rule, data.candidates),
            "how": r.rule.how,
            "parts": [data.candidates[i].spec for i in r.rule.parts],
            "recommended": r in findings.chosen,
            "score": r.score,
            "rate_ratio": r.rate_ratio if r.rate_ratio != float("inf") else None,
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
    return {
        "schema_version": 2,
        "one_account_in": data.usage.every,
        "split_on": str(data.frame.split_on),
        "rules": rules,
        "in_force": {name: as_plain(caught) for name, caught in in_force.items()},
        "score": None if findings.score is None else _score_as_json(findings.score, data),
        "why_no_score": findings.why_no_score or None,
        "null": sorted(findings.null.tolist()),
    }


def _score_as_json(score: Score, data: Data) -> dict:
    plain = as_plain(score._replace(points=None))
    lines = [
        {
            "points": points,
            "criterion": rule_words(rule, data.candidates),
            "how": rule.how,
            "parts": [data.candidates[i].spec for i in rule.parts],
        }
        for rule, points in score.points.items()
    ]
    return plain | {"points": lines, "totals": [as_plain(total) for total in score.totals]}


def show_score(console, score: Score, data: Data) -> None:
    """The points, what they are worth on later sign-ups beside a model, and what each total means."""
    table = Table(title="Points", title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("points", justify="right")
    table.add_column("for")
    for rule, points in sorted(score.points.items(), key=lambda line: -line[1]):
        table.add_row(f"{points}", rule_words(rule, data.candidates))
    show_table(console, table)
    console.print(
        f"On {score.rows:,} account-weeks of later sign-ups, of which {ranges(score.base)} paid in time, "
        f"shuffled outcomes do as well in {score.p_value:.1%} of cases; AUC {score.auc:.2f}. "
        f"{score.weekly:,.1f} accounts a week come to have {score.at_least} points."
    )
    table = Table(title="The best of each week", title_justify="left", box=None, pad_edge=False)
    models = {"a model": score.model} | ({"boosting": score.boosting} if score.boosting else {})
    for name in ("best", "paid, by points", "of those that paid", *(f"by {name}" for name in models)):
        table.add_column(name, justify="left" if name == "best" else "right")
    for share, cut in score.best.items():
        theirs = (ranges(cuts[share].precision) for cuts in models.values())
        table.add_row(share, ranges(cut.precision), ranges(cut.capture), *theirs)
    show_table(console, table)
    trees = (
        "boosting: trees on them." if score.boosting else "With scikit-learn installed, boosted trees too."
    )
    console.print(
        f"A model: logistic regression on the same measures; {trees} What they have more is what so few "
        "points cost.",
        style="dim",
    )
    table = Table(title="Paid by points", title_justify="left", box=None, pad_edge=False)
    for name in ("points", "accounts", "paid", "promised"):
        table.add_column(name, justify="left" if name == "points" else "right")
    for total in reversed(score.totals):
        table.add_row(total.points, f"{total.accounts:,}", ranges(total.paid), f"{total.promised:.1%}")
    show_table(console, table)
    if score.calibration_error > score.calibration_null:
        console.print("The order holds; what was promised does not: read the paid column.")


def show(
    console, data: Data, findings: Findings, in_force: dict[str, Share], text: str | None, options,
    horizon: int,
) -> None:  # fmt: skip
    """Print what was found."""
    frame, chosen, score = data.frame, findings.chosen, findings.score
    earlier, later = (int((frame.side(is_test) > 0).sum()) for is_test in (False, True))
    if data.usage.every > 1:
        console.print(
            f"One in {data.usage.every:,} accounts is looked at, in the order of their ids; --accounts takes "
            "more."
        )
    console.print(
        f"Learned from {earlier:,} accounts signed up before {frame.split_on}, as they were until then; "
        f"judged on {later:,} signed up since, up to {frame.as_of_on}. Their first {options.observe_days} "
        f"days, before any payment; precision within {horizon} days.\n{findings.simple:,} simple "
        f"criteria, {findings.compared:,} rules compared.\n"
    )
    title = "Shortlist: each for what it adds to the recommended ones above it (held-out figures)"
    show_table(console, results_table(title, findings.signals, data, findings.adjusted))
    title = "Rate against share of conversions: what no other rule beats on both (held-out figures)"
    show_table(console, results_table(title, findings.front, data, None))
    for name, caught in in_force.items():
        if caught.n:
            console.print(
                f"In force: {name} has a recall of {caught.rate:.0%} of these {caught.n:,}.", markup=False
            )
    if left_out := data.usage.attributes_left_out:
        console.print(
            f"\nNot asked, as paying may have set them: {', '.join(left_out)}. `pql_fixed_attributes` names "
            "what no payment changes.",
            markup=False,
        )
    if not chosen:
        console.print(
            "\n[bold]No criterion is recommended:[/] none is better than "
            "what luck finds in shuffled outcomes, or none was confirmed."
        )
    else:
        console.print(
            f"\n[bold]Recommended[/] ({len(chosen)} of {len(findings.signals)}): "
            "predictive of conversion, which does not make them its cause."
        )
    if score is None:
        console.print(f"No points are given: {findings.why_no_score}")
    else:
        show_score(console, score, data)
    if text is None:
        return
    if "pql_criteria: []" in text:
        console.print("Your configuration says all of this already: nothing is to be added to vars.yml.")
    elif options.write:
        console.print(f"Written to {options.write}: paste under pql_criteria in vars.yml.")
    else:
        console.print("For vars.yml, under pql_criteria:\n")
        console.print(text, markup=False, soft_wrap=True)
