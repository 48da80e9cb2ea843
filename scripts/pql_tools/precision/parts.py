"""What each part of a definition adds, and two definitions on the same accounts.

A part is judged by what would happen without it: who would no longer be flagged (or would be flagged too),
and how many of those paid. The model pql_definition_parts has the first qualification of every such variant,
so that what is compared here is what a build without the part would say.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.table import Table

from pql_tools import statistics as st
from pql_tools.console import make_console, p_value_text, show_table
from pql_tools.precision.evaluation import DataError, Outcomes, Settings, chosen, evaluate, horizons


def flags(
    outcomes: Outcomes, qualified: np.ndarray, rule: dict, settings: Settings
) -> tuple[np.ndarray, ...]:
    """Per account: mature and at risk, hit, and the time of qualifying."""
    horizon = horizons(rule, settings)[0]
    times = outcomes.times(qualified, settings)
    horizon = None if horizon is None else float(horizon * st.DAY)
    states = st.outcome_states(times, outcomes.cutoff(settings), horizon)
    return np.isin(states, st.MATURE), states == "hit", times.qualified


def paired(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> st.Comparison | None:
    """The comparison, or None where one of the two flags nobody."""
    if not first[0].any() or not second[0].any():
        return None
    return st.compare_definitions(first[0], first[1], second[0], second[1])


def variants(outcomes: Outcomes, definition: str) -> dict[tuple[str, str], np.ndarray]:
    """First qualification per account by (part, 'without' or 'alone'), in the order of the parts."""
    found = outcomes.warehouse.columns(
        "select part_name, variant, account_id, qualified_at from {{ ref('pql_definition_parts') }} "
        f"where definition_name = '{definition}'"
    )
    result = {}
    for part in sorted(set(found["part_name"])):
        for variant in ("alone", "without"):
            rows = (found["part_name"] == part) & (found["variant"] == variant)
            columns = {name: found[name][rows] for name in ("account_id", "qualified_at")}
            result[part, variant] = outcomes.by_account(columns)
    return result


def parts_of(
    outcomes: Outcomes, definition: str, settings: Settings
) -> tuple[st.Share, list[dict[str, Any]]]:
    """The precision of a definition and one record per part. DataError where it has no parts."""
    rule = chosen(outcomes.rules, [definition])[0]
    found = variants(outcomes, definition)
    if rule["kind"] != "definition" or not found:
        raise DataError(
            f"'{definition}' has no parts to tell apart: --attribution is for a definition whose "
            "qualifies_when is a combination of at least two criteria."
        )
    whole = flags(outcomes, outcomes.qualified(definition), rule, settings)
    result = evaluate(outcomes, rule, settings)
    floor = result.min_precision or result.counts.base_rate or 0.0
    records = []
    for part in dict.fromkeys(part for part, _ in found):
        alone = flags(outcomes, found[part, "alone"], rule, settings)
        without = flags(outcomes, found[part, "without"], rule, settings)
        records.append(part_record(part, whole, alone, without, floor))
    share = st.Share(int(whole[1].sum()), int(whole[0].sum()))
    return share, records


def part_record(
    part: str,
    whole: tuple[np.ndarray, ...],
    alone: tuple[np.ndarray, ...],
    without: tuple[np.ndarray, ...],
    floor: float,
) -> dict[str, Any]:
    """What one part does: alone, left out, overlap, and what only it catches (or keeps out)."""
    compared = paired(without, whole)
    added, kept_out = whole[0] & ~without[0], without[0] & ~whole[0]
    both = np.isfinite(alone[2]) & np.isfinite(without[2])
    qualified_alone = int(np.isfinite(alone[2]).sum())
    record = {
        "part": part,
        "alone": _share(alone),
        "left_out": _share(without),
        "difference": compared.difference if compared else None,
        "p_value": compared.p_value if compared else None,
        "adds": st.Share(int((added & whole[1]).sum()), int(added.sum())),
        "keeps_out": st.Share(int((kept_out & without[1]).sum()), int(kept_out.sum())),
        "conversions_only_it_catches": int((whole[1] & ~without[1]).sum()),
        "overlap": int(both.sum()) / qualified_alone if qualified_alone else None,
        "qualified_alone": qualified_alone,
        "moves": int((whole[2] != without[2]).sum()),
    }
    return record | {"judgement": judgement(record, floor)}


def judgement(record: dict[str, Any], floor: float) -> str:
    """dead: nobody meets it; redundant: no change without it; harmful: what it adds is not worth having.

    Any part that adds leads below the average makes precision fall. It does harm if those it adds pay no
    more often than the floor: the required precision, else the base rate.
    """
    if record["qualified_alone"] == 0 and record["moves"] == 0:
        return "dead"
    same = record["adds"].n == 0 and record["keeps_out"].n == 0
    if same and record["conversions_only_it_catches"] == 0:
        return "redundant"
    difference = record["difference"]
    p_value, added = record["p_value"], record["adds"].rate
    is_better_without = difference is not None and difference.value > 0 and p_value is not None
    if is_better_without and p_value < 0.05 and (added is None or added <= floor):
        return "harmful"
    return "adds"


def _share(flagged: tuple[np.ndarray, ...]) -> st.Share:
    return st.Share(int(flagged[1].sum()), int(flagged[0].sum()))


def attribution(outcomes: Outcomes, definition: str, settings: Settings, output: str) -> int:
    """Print what each part of a definition adds."""
    whole, records = parts_of(outcomes, definition, settings)
    columns: list[tuple[str, Callable[[dict], str]]] = [
        ("part", lambda r: r["part"]),
        ("alone", lambda r: share_text(r["alone"])),
        ("without it", lambda r: share_text(r["left_out"])),
        ("it adds", lambda r: share_text(r["adds"])),
        ("it keeps out", lambda r: share_text(r["keeps_out"])),
        ("only it catches", lambda r: f"{r['conversions_only_it_catches']:,}"),
        ("overlap", lambda r: "–" if r["overlap"] is None else f"{r['overlap']:.0%}"),
        ("it is", lambda r: r["judgement"]),
    ]
    title = f"What each part adds to {definition}: {share_text(whole)}"
    notes = [
        "dead: nobody meets it. redundant: nobody's outcome changes without it. harmful: precision is "
        "significantly better without it (paired, 5%), and those it adds pay no more often than is required, "
        "or than the base rate where nothing is. Each part is left out by itself: of two that stand in "
        "for each other, both look redundant. only it catches: accounts that paid in time and that no other "
        "part finds. overlap: the share of its accounts that other parts find as well.",
    ]
    document = {
        "definition": definition,
        "precision": as_plain(whole),
        "parts": [as_plain(r) for r in records],
    }
    write(
        title,
        [name for name, _ in columns],
        [[cell(r) for _, cell in columns] for r in records],
        notes,
        document,
        output,
    )
    return 0


def comparison(outcomes: Outcomes, first: str, second: str, settings: Settings, output: str) -> int:
    """Print two criteria or definitions on the same accounts, paired (never McNemar)."""
    rules = [chosen(outcomes.rules, [name])[0] for name in (first, second)]
    both = [flags(outcomes, outcomes.qualified(rule["criterion_name"]), rule, settings) for rule in rules]
    found = paired(*both)
    if found is None:
        empty = [name for name, flagged in zip((first, second), both, strict=True) if not flagged[0].any()]
        raise DataError(
            f"{' and '.join(empty)} flagged no account that had its whole horizon: nothing to compare."
        )
    difference, swaps = found.difference, found.swaps
    rows = [
        [first, share_text(found.first)],
        [second, share_text(found.second)],
        ["difference", f"{difference.value:+.1%} ({difference.low:+.1%} to {difference.high:+.1%})"],
        ["p value (paired)", "–" if found.p_value is None else p_value_text(found.p_value, 4)],
        [f"only {first}", share_text(swaps.first_only)],
        [f"only {second}", share_text(swaps.second_only)],
        [f"both, by {first}", share_text(swaps.both_first)],
        [f"both, by {second}", share_text(swaps.both_second)],
    ]
    document = {"first": first, "second": second} | as_plain(found._asdict())
    write(f"{first} and {second} on the same accounts", ["", "precision"], rows, [], document, output)
    return 0


def share_text(share: st.Share) -> str:
    """12.3% 41/333, or a dash where there is nobody."""
    return "–" if share.rate is None else f"{share.rate:.1%} {share.hits:,}/{share.n:,}"


def as_plain(value: Any) -> Any:
    """Named tuples as mappings, for JSON; a share also says its rate."""
    if isinstance(value, st.Share):
        return {"hits": value.hits, "n": value.n, "rate": value.rate}
    if hasattr(value, "_asdict"):
        return {key: as_plain(item) for key, item in value._asdict().items()}
    if isinstance(value, dict):
        return {key: as_plain(item) for key, item in value.items()}
    return value


def write(
    title: str, headings: list[str], rows: list[list[str]], notes: list[str], document: dict, output: str
) -> None:
    """Print one table in the format asked for."""
    if output == "json":
        print(json.dumps(document, indent=2))
        return
    if output not in ("table", "markdown"):
        raise DataError(f"--attribution and --compare print as table, json or markdown, not as {output}.")
    show_rows(title, headings, rows, output)
    if output == "table":
        for note in notes:
            make_console().print(f"\n{note}", style="dim")


def show_rows(title: str, headings: list[str], rows: list[list[str]], output: str) -> None:
    """Print rows as a table of the terminal, or as markdown."""
    if output == "markdown":
        print(f"### {title}\n\n| " + " | ".join(headings) + " |\n|" + "---|" * len(headings))
        print("\n".join("| " + " | ".join(row) + " |" for row in rows))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    show_table(make_console(), table)
