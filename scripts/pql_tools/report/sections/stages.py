"""Do PQLs convert better than the leads of marketing and sales, and what does each find alone?"""

from __future__ import annotations

from pql_tools.report import charts
from pql_tools.report.page import NOTHING, Figure, Section, Table, columns, number, percent, share, spoken
from pql_tools.report.sections.common import (
    Facts,
    Row,
    base_of,
    horizon_words,
    lift_of,
    name_of,
    precision_of,
    primary_rule,
    rules_of,
    share_bar,
    total,
)
from pql_tools.statistics import Share

TITLE = "PQLs beside MQLs and SQLs"


def stages(facts: Facts) -> Section | None:
    """The primary definition and every stage of leads; None where no stages were delivered."""
    primary = primary_rule(facts)
    found = [rule for rule in rules_of(facts) if rule["kind"] == "stage"]
    if not found or primary is None:
        return None
    rules = [rule for rule in (primary, *found) if rule["mature"]]
    texts = [
        "Each is judged by the same check: of the accounts that it found while they were unpaid and open, "
        f"the share that first paid {horizon_words(primary)}. Leads are found at different ages, and an "
        "account's chance of paying changes with its age and the times; so the diamond is what others of "
        "the same ages that signed up in the same months did, and the lift is how much more those that were "
        "found paid."
    ]
    if not rules:
        return Section("stages", TITLE, [*texts, "No account has had its time to convert yet."])
    bars = [share_bar(name_of(rule), precision_of(rule), base_of(rule)) for rule in rules]
    figure = Figure(
        "stages-chart",
        "Precision and base rate",
        "; ".join(_in_words(rule) for rule in rules) + ".",
        charts.draw("stages", lambda width: charts.precision(bars, width)),
        _same_age_table(facts, primary),
    )
    notes = [
        "Same age: accounts that were open and unpaid so many days after they signed up, and had been found "
        "by both, one or none by then; whoever paid earlier is in no group, so that none had more time.",
        "Whom only one finds: an account that pays soon after the one cannot be found by the other any more, "
        "so that these shares say whom each adds, not which is better.",
    ]
    return Section("stages", TITLE, texts, parts=[figure, _overlap_table(facts, primary)], notes=notes)


def _in_words(rule: Row) -> str:
    lift, reach = lift_of(rule), rule["lift_interval"]
    words = f"{name_of(rule)}: {share(precision_of(rule))}, base rate {percent(base_of(rule))}"
    if lift is None:
        return words
    return f"{words}, lift {lift:.1f}×" + (f" ({reach.low:.1f} to {reach.high:.1f})" if reach else "")


def _same_age_table(facts: Facts, primary: Row) -> Table:
    heads = ["Both", f"Only {spoken(primary['criterion_name'])}", "Only the stage", "Neither"]
    rows = facts["same_age"]
    keys = dict.fromkeys((row["stage"], row["age_days"]) for row in rows)
    return Table(
        f"Who of them paid {horizon_words(primary)}, by what had found them at that age.",
        columns("Stage", "Age", *heads, numbers=";".join(["Age", *heads])),
        [
            [
                spoken(stage),
                f"{age} days",
                *(
                    share(_part(rows, stage, age, is_found, is_in_stage))
                    for is_found, is_in_stage in ((True, True), (True, False), (False, True), (False, False))
                ),
            ]
            for stage, age in keys
        ],
    )


def _part(rows: list[Row], stage: str, age: int, is_found: bool, is_in_stage: bool) -> Share:
    wanted = {"stage": stage, "age_days": age, "is_found": is_found, "is_in_stage": is_in_stage}
    return Share(total(rows, "hits", **wanted), total(rows, "accounts", **wanted))


def _overlap_table(facts: Facts, primary: Row) -> Table:
    name = spoken(primary["criterion_name"])
    numbers = f"Found by both;{name} first;Stage first;Only {name};Only the stage;Not ripe"
    return Table(
        "Accounts that have had their full time since both found them, or the only one that did; of each "
        "part the share that paid in time.",
        columns("Stage", *numbers.split(";"), numbers=numbers),
        [
            [
                spoken(row["other_name"]),
                share(Share(int(row["in_both_hits"]), int(row["in_both"]))),
                number(row["this_first"]) if row["in_both"] else NOTHING,
                number(row["other_first"]) if row["in_both"] else NOTHING,
                share(Share(int(row["only_this_hits"]), int(row["only_this"]))),
                share(Share(int(row["only_other_hits"]), int(row["only_other"]))),
                number(row["undecided"]),
            ]
            for row in facts["overlap"]
        ],
    )
