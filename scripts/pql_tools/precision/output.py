"""The results of the precision check for people, spreadsheets and machines."""

from __future__ import annotations

import csv
import json
import sys
from xml.etree import ElementTree as ET

from rich.markup import escape
from rich.table import Table

from pql_tools import statistics as st
from pql_tools.console import error, make_console, show_table
from pql_tools.precision.drift import day
from pql_tools.precision.evaluation import (
    STATES,
    Counts,
    Outcomes,
    Result,
    Settings,
    about_the_time,
    exit_code,
)
from pql_tools.precision.money import worth
from pql_tools.precision.ranking import document_of, rankings

SCHEMA_VERSION = 1
COLOURS = {st.PASS: "green", st.FAIL: "red", st.INCONCLUSIVE: "yellow", st.INSUFFICIENT: "yellow"}


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


def as_record(result: Result) -> dict:
    """One result as flat values, for machines: every count, every bound."""
    counts, then, verdict = result.counts, result.counts.then, result.verdict
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
        **ends("precision_wilson", result.wilson),
        **ends("precision_exact", result.exact),
        "bound_lower": st.lower_bound(*counts.precision),
        "bound_upper": st.upper_bound(*counts.precision),
        "recall": counts.caught.rate,
        "converters": counts.caught.n,
        "converters_caught": counts.caught.hits,
        "flagged_before": counts.flagged_before.rate,
        "converters_flagged_before": counts.flagged_before.hits,
        "base_rate": counts.base_rate,
        "lift": counts.lift,
        **ends("lift", result.lift_interval),
        "not_yet_qualified_rate": counts.not_qualified_rate,
        "relative_rate": counts.relative_rate,
        **ends("relative_rate", result.relative_interval),
        "base_rate_then": then.base_rate,
        "lift_then": then.lift,
        **ends("lift_then", result.lift_then_interval),
        "not_yet_qualified_rate_then": then.not_qualified_rate,
        "relative_rate_then": then.relative_rate,
        **ends("relative_rate_then", result.relative_then_interval),
        "also_qualified_then": then.also_qualified,
        "compared_then": then.compared.n,
        "compared_hits_then": then.compared.hits,
        "has_fallen": result.has_fallen,
        "fall_evidence": result.fall.evidence if result.fall else None,
        "fallen_since": day(result.fall.since) if result.has_fallen else None,
        "median_days_to_convert": counts.median_days,
        "naive_precision_do_not_use": counts.naive.rate,
        "warnings": result.warnings,
        "remarks": about_the_time(result),
    }


def ends(name: str, interval: st.Estimate | st.Interval | None) -> dict[str, float | None]:
    """The two ends of an interval by name; nulls where there is none."""
    return {f"{name}_low": interval and interval.low, f"{name}_high": interval and interval.high}


def write_json(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    """Everything there is, for programs."""
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
    if settings.is_as_built:
        document["rankings"] = [document_of(ranking) for ranking in rankings(outcomes)]
        document["worth"] = worth(outcomes)
    print(json.dumps(document, indent=2))


def write_csv(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    """One line per result, for spreadsheets."""
    records = [as_record(result) for result in results]
    for record in records:
        record |= {name: " ".join(record[name]) for name in ("warnings", "remarks")}
    writer = csv.DictWriter(sys.stdout, list(records[0]) if records else ["name"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)


def write_junit(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    """A failure is what fails the build; what decides nothing is skipped."""
    suite = ET.Element("testsuite", name="check_precision")
    for result in results:
        label = f"{result.name}[{result.group}]" if result.group else result.name
        case = ET.SubElement(suite, "testcase", name=label, classname=f"precision.{result.rule['kind']}")
        if result.has_fallen and result.is_asked:
            ET.SubElement(case, "failure", type="FALLEN", message=result.warnings[0])
        elif not result.decides:
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
    "by age",
    "recall",
    "days",
    "same day",
    "naive",
)
MEANINGS = {
    "lift": "lift: over the base rate, that of all others of the same age that signed up in the same month, "
    "flagged or not.",
    "vs. not yet": "vs. not yet: over the rate of those of them that had not qualified.",
    "by age": "by age: over that of all accounts of that age, whenever they signed up; a rule that exists "
    "only in better months has such a lift.",
    "same day": "same day: only known to have paid on the day of qualifying, and the precision that leaves "
    "open.",
    "naive": "naive: ever flagged and ever paid; it counts what happened after the payment. Do not use it.",
}
WIDE, NARROW_COLUMNS, SAME_DAY = 140, (0, 1, 2, 3, 5), HEADINGS.index("same day")


def cells(result: Result) -> list[str]:
    """The row of one result for people."""
    counts = result.counts
    share, then = counts.precision, counts.then
    name = f"  {result.group}" if result.group else result.name
    verdict = result.verdict.name if result.verdict else "–"
    if result.verdict and result.rule["status"] == "draft":
        verdict += " (draft)"
    return [
        name,
        verdict,
        f"{percent(share.rate)}  {share.hits:,}/{share.n:,}",
        f"{result.wilson.low:.0%}–{result.wilson.high:.0%}" if share.n else "–",
        percent(then.base_rate),
        times(then.lift, result.lift_then_interval),
        times(then.relative_rate, result.relative_then_interval),
        times(counts.lift, result.lift_interval),
        percent(counts.caught.rate),
        f"{counts.median_days:.0f}" if counts.median_days is not None else "–",
        same_day(counts),
        percent(counts.naive.rate),
    ]


def times(ratio: float | None, reach: st.Interval | None) -> str:
    """4.0 (3.0–5.2), or a dash where there is none."""
    if ratio is None or reach is None:
        return "–"
    return f"{ratio:.1f} ({reach.low:.1f}–{reach.high:.1f})".replace("inf", "∞")


def same_day(counts: Counts) -> str:
    """How many are known to have paid on the day of qualifying alone, and the precision that leaves open."""
    number, low, high = counts.states["same_day"], counts.precision.rate, counts.at_most.rate
    return f"{number:,} ({low or 0:.1%}–{high:.1%})" if number else "–"


def percent(value: float | None) -> str:
    """12.3%, or a dash where there is none."""
    return "–" if value is None else f"{value:.1%}"


def heading(outcomes: Outcomes, settings: Settings, results: list[Result]) -> str:
    """What the results are about."""
    days = sorted({result.horizon_days for result in results if result.horizon_days is not None})
    horizons = [f"{' or '.join(map(str, days))} days"] if days else []
    horizons += ["none"] if any(result.horizon_days is None for result in results) else []
    as_of = f"{settings.as_of or outcomes.as_of:%Y-%m-%d %H:%M}"
    return f"Precision as of {as_of} UTC, horizon {' or '.join(horizons)}"


def told_of(results: list[Result]) -> list[Result]:
    """What people read: no groups in which nobody can be judged."""
    return [result for result in results if not result.group or result.counts.precision.n]


def explanations(results: list[Result], notes: list[str]) -> list[str]:
    """Verdicts with their reasons, then warnings, then what else is worth knowing."""
    lines = [f"{r.name}: {r.verdict.name}. {r.verdict.reason}" for r in results if r.verdict and not r.group]
    told = [r for r in results if (r.verdict or r.has_fallen) and not r.group]
    lines += [f"{r.name}: {warning}" for r in told for warning in r.warnings]
    lines += [f"{r.name}: {remark}" for r in told for remark in about_the_time(r)]
    present = [r.name for r in results if not r.verdict and not r.group and r.rule["current_value_of"]]
    if present:
        lines.append(
            f"Also resting on present values that the conversion may have changed: {', '.join(present)}."
        )
    nobody = [r.name for r in results if not r.group and r.counts.naive.n == 0]
    if nobody:
        lines.append(f"Nobody has ever met: {', '.join(nobody)}.")
    if any(r.group for r in results):
        lines.append("Groups are by the sign-up month, or by what an attribute is today, not as it was then.")
    if silent := len(results) - len(told_of(results)):
        lines.append(f"{silent:,} groups with nobody to judge are left out.")
    if not any(result.verdict for result in results):
        lines.append("Nothing is required: give min_precision in vars.yml, or --min-precision.")
    return lines + notes


def write_table(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    """The columns that fit the terminal, and the reasons below."""
    console = make_console()
    is_wide = console.width >= WIDE or not console.is_terminal
    shown = [index for index in range(len(HEADINGS)) if is_wide or index in NARROW_COLUMNS]
    if any(result.counts.states["same_day"] for result in results):
        shown = sorted({*shown, SAME_DAY})
    elif SAME_DAY in shown:
        shown.remove(SAME_DAY)
    table = Table(title=heading(outcomes, settings, results), title_justify="left", box=None, pad_edge=False)
    for index in shown:
        table.add_column(HEADINGS[index], justify="left" if index < 2 else "right")
    for result in told_of(results):
        row = [escape(cell) for cell in cells(result)]
        if result.verdict:
            row[1] = f"[{COLOURS[result.verdict.name]}]{row[1]}[/]"
        row[-1] = f"[dim]{row[-1]}[/]"
        table.add_row(*(row[index] for index in shown), style="" if result.verdict or result.group else "dim")
    show_table(console, table)
    console.print()
    for line in explanations(results, notes):
        console.print(line, markup=False, soft_wrap=not console.is_terminal)
    said = [MEANINGS[HEADINGS[index]] for index in shown if HEADINGS[index] in MEANINGS]
    if not is_wide:
        others = [name for index, name in enumerate(HEADINGS) if index not in shown and index != SAME_DAY]
        said.append(f"{WIDE} columns, or a file, hold these too: {', '.join(others)}.")
    console.print(" ".join(said), style="dim", soft_wrap=not console.is_terminal)


def write_markdown(results: list[Result], outcomes: Outcomes, settings: Settings, notes: list[str]) -> None:
    """All columns, for a comment on a pull request."""
    print(f"### {heading(outcomes, settings, results)}\n")
    print("| " + " | ".join(HEADINGS) + " |")
    print("|" + "|".join(["---"] * 2 + ["--:"] * (len(HEADINGS) - 2)) + "|")
    for result in told_of(results):
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
