"""Does each criterion earn its place? Of the accounts it flagged, how many paid within the horizon.

An account counts from its first qualification on, if it had not paid by then, and only once the whole horizon
has passed. Usage after the payment never counts. Decided on exact one-sided bounds, never on the estimate.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from pql_tools import statistics as st
from pql_tools.arguments import whole_number
from pql_tools.console import error, make_console, progress_bar
from pql_tools.precision.evaluation import (
    STATES,
    Counts,
    DataError,
    Outcomes,
    Result,
    Settings,
    check_inputs,
    chosen,
    evaluate,
    exit_code,
)
from pql_tools.precision.history import falls, keep, new_checks
from pql_tools.precision.parts import attribution, comparison
from pql_tools.warehouse import WarehouseError, open_warehouse, warehouse_parser
from rich.table import Table

SCHEMA_VERSION = 1
COLOURS = {st.PASS: "green", st.FAIL: "red", st.INCONCLUSIVE: "yellow", st.INSUFFICIENT: "yellow"}
EXAMPLES = """examples:
  python scripts/check_precision.py                              what has a min_precision decides
  python scripts/check_precision.py daily_habit pql              only these two
  python scripts/check_precision.py --min-precision 0.1          for those that do not say themselves
  python scripts/check_precision.py --as-of 2026-05-01           as it stood then
  python scripts/check_precision.py --horizon-days none          any later payment is a hit
  python scripts/check_precision.py --by segment:plan            one row per plan, for reading
  python scripts/check_precision.py --attribution pql            what each part of a definition adds
  python scripts/check_precision.py --compare pql power_use      two of them on the same accounts
  python scripts/check_precision.py --format junit > report.xml  for CI

exit codes:
  0  all pass     1  one fails     2  the check could not be made
  3  one is inconclusive or has too few accounts (unless --on-inconclusive warn)
"""


def make_parser() -> argparse.ArgumentParser:
    parser = warehouse_parser(__doc__, EXAMPLES)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="criteria and definitions to check; default: all")
    add("--as-of", type=moment, metavar="TIME", help="judge as of an earlier moment (UTC)")
    add("--horizon-days", type=horizon, metavar="N", help="days an account may take to pay, or none")
    add(
        "--min-precision",
        type=share,
        metavar="P",
        help="required of those without a min_precision of their own",
    )
    add("--min-lift", type=positive, metavar="L", help="required of those without a min_lift of their own")
    add("--confidence", type=confidence, default=0.95, metavar="C", help="of each bound by itself (0.95)")
    add(
        "--min-n",
        type=whole_number,
        default=20,
        metavar="N",
        help="fewer mature accounts decide nothing (20)",
    )
    add(
        "--on-inconclusive",
        choices=["fail", "warn"],
        default="fail",
        help="what undecided does to the exit code",
    )
    add("--sequential", action="store_true", help="a verdict that stays valid when asked for every week")
    add(
        "--by",
        type=dimension,
        metavar="cohort|segment:NAME",
        help="also by sign-up month, or by an attribute",
    )
    add("--attribution", metavar="DEFINITION", help="what each part of a definition adds")
    add("--compare", nargs=2, metavar=("A", "B"), help="two criteria or definitions on the same accounts")
    add(
        "--ignore-unknown-accounts",
        action="store_true",
        help="leave out conversions of accounts nobody knows",
    )
    add("--format", choices=list(WRITERS), default="table", help="how to print it (table)")
    return parser


def moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a date or time such as 2026-05-01 12:00, got {text!r}"
        ) from None
    return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given


def horizon(text: str) -> int | str:
    if text == "none":
        return text
    if text.isdigit() and 1 <= int(text) <= 36500:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a number of days from 1 to 36500, or none; got {text!r}")


def number(text: str, low: float, high: float, allowed: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low < value < high:
        raise argparse.ArgumentTypeError(f"must be a number {allowed}, got {text!r}")
    return value


def share(text: str) -> float:
    return number(text, 0, 1, "between 0 and 1 (0.25 for 25%)")


def confidence(text: str) -> float:
    return number(text, 0.5, 1, "between 0.5 and 1")


def positive(text: str) -> float:
    return number(text, 0, 1e9, "above 0")


def dimension(text: str) -> str:
    if text == "cohort" or (text.startswith("segment:") and len(text) > len("segment:")):
        return text
    raise argparse.ArgumentTypeError(f"must be cohort or segment:<attribute>, got {text!r}")


def main(argv: list[str] | None = None) -> int:
    options = make_parser().parse_args(argv)
    settings = Settings(
        options.as_of, options.horizon_days if options.horizon_days != "none" else None,
        options.horizon_days == "none", options.min_precision, options.min_lift, options.confidence,
        options.min_n, options.on_inconclusive, options.sequential,
    )  # fmt: skip
    try:
        with open_warehouse(options) as warehouse:
            notes = check_inputs(warehouse, options.ignore_unknown_accounts)
            outcomes = Outcomes(warehouse)
            outcomes.cutoff(settings)
            if options.attribution:
                return attribution(outcomes, options.attribution, settings, options.format)
            if options.compare:
                return comparison(outcomes, *options.compare, settings, options.format)
            results = run(outcomes, chosen(outcomes.rules, options.names), settings, options.by)
            WRITERS[options.format](results, outcomes, settings, notes + falls(warehouse))
            checks = new_checks(outcomes, results, settings)
    except (WarehouseError, DataError) as problem:
        return refuse(str(problem), options.format)
    if unkept := keep(options, checks):
        make_console(stderr=True).print(unkept, markup=False, soft_wrap=True)
    return exit_code(results)


def refuse(sentence: str, output: str) -> int:
    """Say why the check could not be made; machines get it in their own format as well."""
    error(sentence)
    if output == "junit":
        suite = ET.Element("testsuite", name="check_precision", tests="1", errors="1")
        case = ET.SubElement(suite, "testcase", name="check_precision", classname="precision")
        ET.SubElement(case, "error", message=sentence)
        print(ET.tostring(suite, encoding="unicode"))
    elif output == "json":
        print(json.dumps({"schema_version": SCHEMA_VERSION, "error": sentence}))
    return 2


def run(outcomes: Outcomes, rules: list[dict], settings: Settings, by: str | None) -> list[Result]:
    """Every rule on all accounts and, if asked for, on each group."""
    groups = list(outcomes.groups(by)) if by else []
    results = []
    with progress_bar() as progress:
        for rule in progress.track(rules, description="Checking"):
            results.append(evaluate(outcomes, rule, settings))
            results += [evaluate(outcomes, rule, settings, label, members) for label, members in groups]
    return results


def as_record(result: Result) -> dict:
    """One result as flat values, for machines: every count, every bound."""
    counts, verdict = result.counts, result.verdict
    lift, relative = result.lift_interval, result.relative_interval
    return {
        "name": result.name,
        "kind": result.rule["kind"],
        "group": result.group,
        "status": result.rule["status"],
        "horizon_days": result.horizon_days,
        "recall_days": result.recall_days,
        "verdict": verdict.name if verdict else None,
        "reason": verdict.reason if verdict else None,
        "min_precision": result.min_precision,
        "min_lift": result.min_lift,
        **{state: counts.states[state] for state in STATES},
        "qualified": counts.naive.n,
        "mature": counts.precision.n,
        "hits": counts.precision.hits,
        "precision": counts.precision.rate,
        "precision_at_most": counts.at_most.rate,
        "precision_wilson_low": result.wilson.low,
        "precision_wilson_high": result.wilson.high,
        "precision_exact_low": result.exact.low,
        "precision_exact_high": result.exact.high,
        "bound_lower": st.lower_bound(*counts.precision),
        "bound_upper": st.upper_bound(*counts.precision),
        "recall": counts.caught.rate,
        "converters": counts.caught.n,
        "converters_caught": counts.caught.hits,
        "flagged_before": counts.flagged_before.rate,
        "converters_flagged_before": counts.flagged_before.hits,
        "base_rate": counts.base_rate,
        "lift": counts.lift,
        "lift_low": lift.low if lift else None,
        "lift_high": lift.high if lift else None,
        "not_yet_qualified_rate": counts.not_qualified_rate,
        "relative_rate": counts.relative_rate,
        "relative_rate_low": relative.low if relative else None,
        "relative_rate_high": relative.high if relative else None,
        "median_days_to_convert": counts.median_days,
        "naive_precision_do_not_use": counts.naive.rate,
        "warnings": result.warnings,
    }


def write_json(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    build = outcomes.warehouse.rows("select rules_version from {{ ref('pql_build') }}")
    document = {
        "schema_version": SCHEMA_VERSION,
        "as_of": str(settings.as_of or outcomes.as_of),
        "rules_version": build[0]["rules_version"] if build else None,
        "confidence": settings.confidence,
        "sequential": settings.sequential,
        "exit_code": exit_code(results),
        "notes": notes,
        "results": [as_record(result) for result in results],
    }
    print(json.dumps(document, indent=2))


def write_csv(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    records = [as_record(result) | {"warnings": " ".join(result.warnings)} for result in results]
    writer = csv.DictWriter(sys.stdout, list(records[0]) if records else ["name"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)


def write_junit(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    """A failure is what fails the build; what decides nothing is skipped."""
    suite = ET.Element("testsuite", name="check_precision")
    for result in results:
        label = f"{result.name}[{result.group}]" if result.group else result.name
        case = ET.SubElement(suite, "testcase", name=label, classname=f"precision.{result.rule['kind']}")
        if not result.decides:
            ET.SubElement(case, "skipped", message="it has no requirement, or only informs")
        elif exit_code([result]):
            message = f"{result.verdict.name}: {result.verdict.reason}"
            ET.SubElement(case, "failure", type=result.verdict.name, message=message)
        elif result.verdict.name != st.PASS:
            ET.SubElement(case, "skipped", message=f"{result.verdict.name}: {result.verdict.reason}")
    for key, tag in (
        ("tests", "testcase"),
        ("failures", "testcase/failure"),
        ("skipped", "testcase/skipped"),
    ):
        suite.set(key, str(len(suite.findall(tag))))
    ET.indent(suite)
    print(ET.tostring(suite, encoding="unicode"))


HEADINGS = (
    "criterion",
    "verdict",
    "precision",
    "95%",
    "base",
    "lift",
    "vs. not yet",
    "recall",
    "days",
    "same day",
    "naive",
)
WIDE, NARROW_COLUMNS, SAME_DAY = 130, (0, 1, 2, 3, 5), HEADINGS.index("same day")


def cells(result: Result) -> list[str]:
    """The row of one result for people."""
    counts = result.counts
    share, lift, relative = counts.precision, result.lift_interval, result.relative_interval
    name = f"  {result.group}" if result.group else result.name
    verdict = result.verdict.name if result.verdict else "–"
    if result.verdict and result.rule["status"] == "draft":
        verdict += " (draft)"
    return [
        name,
        verdict,
        f"{percent(share.rate)}  {share.hits:,}/{share.n:,}",
        f"{result.wilson.low:.0%}–{result.wilson.high:.0%}" if share.n else "–",
        percent(counts.base_rate),
        f"{counts.lift:.1f} ({lift.low:.1f}–{lift.high:.1f})" if lift else "–",
        f"{counts.relative_rate:.1f} ({relative.low:.1f}–{relative.high:.1f})" if relative else "–",
        percent(counts.caught.rate),
        f"{counts.median_days:.0f}" if counts.median_days is not None else "–",
        same_day(counts),
        percent(counts.naive.rate),
    ]


def same_day(counts: Counts) -> str:
    """How many are known to have paid on the day of qualifying alone, and the precision that leaves open."""
    number, low, high = counts.states["same_day"], counts.precision.rate, counts.at_most.rate
    return f"{number:,} ({low or 0:.1%}–{high:.1%})" if number else "–"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def heading(outcomes: Outcomes, settings: Settings, results: list[Result]) -> str:
    horizons = sorted({str(result.horizon_days or "no") for result in results})
    return f"Precision as of {settings.as_of or outcomes.as_of} UTC, horizon {' or '.join(horizons)} days"


def explanations(results: list[Result], notes: list[str]) -> list[str]:
    """Verdicts with their reasons, then warnings, then what else is worth knowing."""
    lines = [f"{r.name}: {r.verdict.name}. {r.verdict.reason}" for r in results if r.verdict and not r.group]
    lines += [f"{r.name}: {warning}" for r in results if r.verdict and not r.group for warning in r.warnings]
    present = [r.name for r in results if not r.verdict and not r.group and r.rule["current_value_of"]]
    if present:
        lines.append(
            f"Also resting on present values that the conversion may have changed: {', '.join(present)}."
        )
    if not any(result.verdict for result in results):
        lines.append("Nothing is required: give min_precision in vars.yml, or --min-precision.")
    return lines + notes


def write_table(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    console = make_console()
    if not console.is_terminal:
        console.width = WIDE
    shown = [index for index in range(len(HEADINGS)) if console.width >= WIDE or index in NARROW_COLUMNS]
    if any(result.counts.states["same_day"] for result in results):
        shown = sorted({*shown, SAME_DAY})
    elif SAME_DAY in shown:
        shown.remove(SAME_DAY)
    table = Table(title=heading(outcomes, settings, results), title_justify="left", box=None, pad_edge=False)
    for index in shown:
        table.add_column(HEADINGS[index], justify="left" if index < 2 else "right", no_wrap=True)
    for result in results:
        row = cells(result)
        if result.verdict:
            row[1] = f"[{COLOURS[result.verdict.name]}]{row[1]}[/]"
        row[-1] = f"[dim]{row[-1]}[/]"
        table.add_row(*(row[index] for index in shown), style="" if result.verdict or result.group else "dim")
    console.print(table)
    console.print()
    for line in explanations(results, notes):
        console.print(line, markup=False)
    console.print(
        "base: of all accounts of the same age, flagged or not, how many paid within the horizon. "
        "same day: only known to have paid on the day of qualifying, and the precision that leaves open. "
        "naive: ever flagged and ever paid; it counts what happened after the payment. Do not use it.",
        style="dim",
    )


def write_markdown(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    print(f"### {heading(outcomes, settings, results)}\n")
    print("| " + " | ".join(HEADINGS) + " |")
    print("|" + "|".join(["---"] * 2 + ["--:"] * (len(HEADINGS) - 2)) + "|")
    for result in results:
        print("| " + " | ".join(cell.strip().replace("|", "\\|") for cell in cells(result)) + " |")
    print()
    for line in explanations(results, notes):
        print(f"- {line}")


WRITERS = {
    "table": write_table,
    "json": write_json,
    "csv": write_csv,
    "junit": write_junit,
    "markdown": write_markdown,
}

if __name__ == "__main__":
    sys.exit(main())
