"""What telling sales is worth: leads announced against leads held out, and how many a holdout takes.

Precision says how often leads pay under the outreach then in force. Only accounts chosen by lot to be left
alone (`pql_holdout_share`) say what outreach adds; that sales took a lead on does not, as sales choose.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from pql_tools import statistics as st
from pql_tools.precision.evaluation import DataError, Outcomes, Settings
from pql_tools.precision.parts import as_plain, share_text, show_rows
from pql_tools.precision.ranking import ranges, say
from pql_tools.statistics import DAY, Estimate, Share

ARMS = "pql_sales_precision"
SHARES = (0.1, 0.2, 0.5)
MORE = (1.25, 1.5, 2.0)  # times as often as without outreach
RECENT_WEEKS = 12
FEW = 20


class Plan(NamedTuple):
    """To see an effect: how often accounts pay without and with outreach, how many it takes, how long."""

    left_alone: float
    told: float
    share: float
    held_out: int
    all_leads: int
    weeks: float | None


def show_holdout(outcomes: Outcomes, settings: Settings, effect: float | None, output: str) -> int:
    """Print the effect, if there is a holdout, and what one takes."""
    if not settings.is_as_built:
        raise DataError("--holdout judges as the build does: leave out --as-of and --horizon-days.")
    if output not in ("table", "markdown", "json"):
        raise DataError(f"--holdout prints as table, json or markdown, not as {output}.")
    rule = next(
        (rule for rule in outcomes.rules if rule["kind"] == "definition" and rule["has_outcomes"]), None
    )
    if rule is None or rule["horizon_days"] is None:
        raise DataError(
            "A holdout takes a definition for accounts that have not paid, and a horizon in days."
        )
    arms = arms_of(outcomes, rule["criterion_name"])
    told, alone = (arms.get(arm, Share(0, 0)) for arm in ("contacted", "holdout"))
    found = st.difference(told, alone) if told.n and alone.n else None
    pace = leads_a_week(outcomes, rule)
    rate = alone.rate if alone.n >= FEW else precision_so_far(outcomes, rule)
    share = outcomes.warehouse.variable("pql_holdout_share") or 0
    plans = plans_of(rate, effect, share, pace, rule["horizon_days"]) if rate else []
    notes = notes_of(told, alone, found, rate, share, outcomes)
    if output == "json":
        document = {
            "definition": rule["criterion_name"],
            "contacted": as_plain(told),
            "holdout": as_plain(alone),
            "effect": as_plain(found),
            "leads_a_week": pace,
            "plans": [as_plain(plan) for plan in plans],
            "notes": notes,
        }
        print(json.dumps(document, indent=2))
        return 0
    if told.n or alone.n:
        effects = [["told", share_text(told)], ["held out", share_text(alone)]]
        effects.append(["effect of telling", ranges(found) if found else "–"])
        show_rows(
            f"{rule['criterion_name']}: paid within {rule['horizon_days']} days",
            ["", "paid"],
            effects,
            output,
        )
        print()
    title = f"What it takes to see an effect (4 times of 5), at {pace:.1f} leads a week"
    headings = ["paid alone", "if told", "share alone", "left alone", "leads in all", "weeks"]
    show_rows(title, headings, [plan_row(plan) for plan in plans], output)
    print()
    for note in notes:
        say(note, output)
    return 0


def arms_of(outcomes: Outcomes, definition: str) -> dict[str, Share]:
    """Accounts whose horizon is over and those of them that paid, by arm."""
    warehouse = outcomes.warehouse
    if not warehouse.is_built(ARMS):
        return {}
    rows = warehouse.rows(
        f"select arm, hits, mature from {{{{ ref('{ARMS}') }}}} "
        f"where kind = 'definition' and criterion_name = {warehouse.literal(definition)}"
    )
    return {row["arm"]: Share(int(row["hits"]), int(row["mature"])) for row in rows}


def precision_so_far(outcomes: Outcomes, rule: dict[str, Any]) -> float | None:
    """Of the leads whose horizon is over, those that paid, whoever was told."""
    times = outcomes.times(outcomes.qualified(rule["criterion_name"]), Settings())
    horizon = float(rule["horizon_days"] * DAY)
    return st.precision(st.outcome_states(times, outcomes.cutoff(Settings()), horizon)).rate


def leads_a_week(outcomes: Outcomes, rule: dict[str, Any]) -> float:
    """Accounts that first qualified, unpaid, in the last twelve weeks."""
    times = outcomes.times(outcomes.qualified(rule["criterion_name"]), Settings())
    since = outcomes.cutoff(Settings()) - RECENT_WEEKS * 7 * DAY
    new = np.isfinite(times.qualified) & (times.qualified > since) & (times.converted > times.qualified)
    return float(new.sum()) / RECENT_WEEKS


def plans_of(rate: float, effect: float | None, share: float, pace: float, horizon_days: int) -> list[Plan]:
    """What each effect takes at each share; of one effect or one share where it is given."""
    told = [rate + effect] if effect else [rate * times for times in MORE]
    plans = []
    for paid in [paid for paid in told if paid < 1]:
        for held in [share] if share else SHARES:
            n = st.holdout_size(paid, rate, held)
            weeks = n / held / pace + horizon_days / 7 if pace else None
            plans.append(Plan(rate, paid, held, n, int(np.ceil(n / held)), weeks))
    return plans


def plan_row(plan: Plan) -> list[str]:
    """One line of the table."""
    weeks = "–" if plan.weeks is None else f"{plan.weeks:,.0f}"
    rates = [f"{plan.left_alone:.1%}", f"{plan.told:.1%}", f"{plan.share:.0%}"]
    return [*rates, f"{plan.held_out:,}", f"{plan.all_leads:,}", weeks]


def notes_of(
    told: Share, alone: Share, found: Estimate | None, rate: float | None, share: float, outcomes: Outcomes
) -> list[str]:
    """What the tables mean, and what does not follow from them."""
    notes = []
    if found is None:
        notes.append(
            "There is no holdout with accounts whose horizon is over: what outreach adds is not known. That "
            "leads which sales took on pay more often is no effect, as sales chose them."
        )
        if told.n and not share:
            notes.append(
                "Who was told was not chosen by lot: set pql_holdout_share to leave some alone by lot."
            )
        if rate is not None:
            notes.append("“Paid alone” is the precision so far, under the outreach then in force: a guess.")
    elif found.low <= 0 <= found.high:
        notes.append("The interval holds 0: so far the two arms may pay alike.")
    else:
        more = "more" if found.value > 0 else "less"
        notes.append(
            f"Accounts that sales was told of pay {more} often than those left alone, beyond chance."
        )
    if alone.n and not share:
        notes.append("pql_holdout_share is 0 now: the holdout is of an earlier time than those told since.")
    notes.append("Weeks end when the last lead's horizon has passed; 5% two-sided, power 80%.")
    return notes
