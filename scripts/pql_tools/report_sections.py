"""The sections of the report: the small tables of analyses/report in, words, tables and charts out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta

import numpy as np

from pql_tools import report_charts as charts
from pql_tools import statistics as st
from pql_tools.report_page import (
    FEW,
    NOTHING,
    Card,
    Figure,
    Page,
    Section,
    Table,
    amount,
    between,
    columns,
    count,
    day,
    interval,
    number,
    percent,
    share,
    spoken,
)
from pql_tools.statistics import Share

Row = dict
Facts = dict[str, list[Row]]
NO_TIER = "no tier"
RETURNED = "returned"
WEEKS_SHOWN = 26
CRITERIA_WEEKS = 8


def make_page(facts: Facts, capacity: float | None = None) -> Page:
    """The whole report."""
    build, settings = facts["build"][0], facts["settings"][0]
    subtitle = (
        f"As of {build['as_of']:%A %Y-%m-%d %H:%M} UTC. Definition “{settings['definition_name']}”, "
        f"rules {build['rules_version'][:8]}, {count(build['accounts'], 'account')}."
    )
    sections = [
        headlines(facts),
        funnel(facts),
        weekly(facts, capacity),
        precision(facts),
        thresholds(facts, capacity),
        waiting(facts),
        drift(facts),
        speed_to_lead(facts),
        current_pqls(facts),
        near_misses(facts),
        quality(facts),
        naive(facts),
        definitions(facts),
    ]
    return Page("Product-qualified leads", subtitle, sections)


# --- what several sections need ---------------------------------------------------------------------------


def total(rows: Iterable[Row], column: str = "accounts", **wanted) -> int:
    """The sum of a column over the rows that have the wanted values."""
    return int(sum(row[column] for row in rows if all(row[key] == value for key, value in wanted.items())))


def rules_of(facts: Facts) -> list[Row]:
    """Definitions, the primary one first, then criteria, each in the order of vars.yml, with their counts."""
    return facts["precision"]


def primary_rule(facts: Facts) -> Row | None:
    """The primary definition with its counts; None where it is about paying accounts."""
    name = facts["settings"][0]["definition_name"]
    return next(
        (row for row in rules_of(facts) if row["criterion_name"] == name and row["kind"] == "definition"),
        None,
    )


def precision_of(rule: Row) -> Share:
    """Hits among mature accounts at risk."""
    return Share(int(rule["hit"]), int(rule["mature"]))


def naive_of(rule: Row) -> Share:
    """Ever converted among ever qualified: the number not to use."""
    return Share(int(rule["qualified_and_converted"]), int(rule["qualified"]))


def lift_of(rule: Row) -> float | None:
    """Precision over the base rate at matched age."""
    base = rule["matched_base_rate"]
    return precision_of(rule).rate / base if base and rule["mature"] else None


def name_of(rule: Row) -> str:
    """The rule's name in words."""
    return spoken(rule["criterion_name"]) + (" (definition)" if rule["kind"] == "definition" else "")


def horizon_words(rule: Row | None) -> str:
    """within 30 days"""
    if rule is None or rule["horizon_days"] is None:
        return "by the as-of"
    return f"within {count(int(rule['horizon_days']), 'day')}"


def week_starts(rows: list[Row], until) -> list:
    """Every Monday from the first row to the week of the as-of, the newest WEEKS_SHOWN of them."""
    if not rows:
        return []
    first, last = min(row["week"] for row in rows), until - timedelta(days=until.weekday())
    return [first + timedelta(days=7 * i) for i in range((last - first).days // 7 + 1)][-WEEKS_SHOWN:]


# --- the sections -----------------------------------------------------------------------------------------


def headlines(facts: Facts) -> Section:
    """What a growth team reads standing up."""
    rule = primary_rule(facts)
    cards = [_open_card(facts), _new_card(facts)]
    if rule:
        cards += [_precision_card(rule), _lift_card(rule), _recall_card(rule), _median_card(rule)]
    return Section(
        "headlines", "This week in six numbers" if rule else "This week", cards=cards, notes=_stale(facts)
    )


def _stale(facts: Facts) -> list[str]:
    settings, build = facts["settings"][0], facts["build"][0]
    if settings["rules_version"] == build["rules_version"]:
        return []
    return [
        "The configuration has changed since the warehouse was built: run dbt build, then this report again."
    ]


def _open_card(facts: Facts) -> Card:
    counted = Counter({row["pql_status"]: row["accounts"] for row in facts["statuses"]})
    still_open = sum(counted[status] for status in ("active", "lapsed", "never"))
    return Card(
        "PQLs now",
        count(counted["active"]),
        f"of {count(still_open, 'account')} open, unpaid and not excluded",
    )


def _new_card(facts: Facts) -> Card:
    as_of = facts["build"][0]["as_of"].date()
    this_week = as_of - timedelta(days=as_of.weekday())
    weeks = [this_week - timedelta(days=days) for days in (7, 14)]
    last, before = (total(facts["weekly"], "new_pqls", week=week) for week in weeks)
    returned = total(facts["weekly"], "returned_pqls", week=weeks[0])
    return Card(
        "New in the last whole week",
        count(last),
        f"a PQL for the first time; {before:,} in the week before. {returned:,} more had been one before",
    )


def _precision_card(rule: Row) -> Card:
    part, within = precision_of(rule), horizon_words(rule)
    if part.n == 0:
        return Card("Precision", NOTHING, f"no account has had its time to convert ({within}) yet")
    detail = f"{part.hits:,} of {part.n:,} that qualified paid {within}; 95% interval {interval(part)}"
    return Card("Precision", percent(part.rate), detail)


def _lift_card(rule: Row) -> Card:
    lift = lift_of(rule)
    if lift is None:
        return Card("Lift", NOTHING, "no base rate to compare with yet")
    base, reach = percent(rule["matched_base_rate"]), rule["lift_interval"]
    detail = f"precision over the {base} of all accounts of the same age"
    return Card(
        "Lift",
        f"{lift:.1f}×",
        detail + (f"; 95% interval {reach.low:.1f} to {reach.high:.1f}" if reach else ""),
    )


def _recall_card(rule: Row) -> Card:
    caught = Share(int(rule["converters_caught"]), int(rule["converters"]))
    days = "" if rule["recall_days"] is None else f" within {rule['recall_days']:.0f} days of sign-up"
    if caught.n == 0:
        return Card("Recall", NOTHING, f"nobody with that much history has paid{days}")
    return Card(
        "Recall",
        percent(caught.rate),
        f"{caught.hits:,} of {caught.n:,} that paid{days} were flagged in time",
    )


def _median_card(rule: Row) -> Card:
    if not rule["hit"]:
        return Card("Median time to pay", NOTHING, "nobody has paid after qualifying yet")
    days = rule["median_days_to_convert"]
    return Card(
        "Median time to pay", f"{days:.0f} days", f"from qualifying, of the {rule['hit']:,} that paid in time"
    )


def funnel(facts: Facts) -> Section:
    """Sign-ups and what became of them, each stage among those of the stage before."""
    stages = _stages(facts)
    signed_up = stages[0][1]
    activated_when = facts["settings"][0]["activated_when"]
    meaning = (
        f"the account met the criterion “{activated_when}”"
        if activated_when
        else "somebody of the account was active on two or more local days of its first seven"
    )
    rows = [
        [
            name,
            number(inside),
            percent(Share(inside, signed_up).rate),
            percent(Share(inside, before).rate),
            number(anyhow),
        ]
        for (name, inside, anyhow), before in zip(
            stages, [stages[0][1], *(s[1] for s in stages)], strict=False
        )
    ]
    table = Table(
        "Each stage counts the accounts that reached it and every stage above it; the last column, by any "
        "path.",
        columns(
            "Stage",
            "Accounts",
            "Of sign-ups",
            "Of the stage above",
            "By any path",
            numbers="Accounts;Of sign-ups;Of the stage above;By any path",
        ),
        rows,
    )
    bars = [
        {"stage": name, "accounts": inside, "label": f"{inside:,} ({percent(Share(inside, signed_up).rate)})"}
        for name, inside, _ in stages
    ]
    summary = (
        "; ".join(f"{name} {inside:,}" for name, inside, _ in stages)
        + f". By any path {stages[2][2]:,} were ever a PQL and {stages[3][2]:,} paid. "
        + f"Activated means that {meaning}."
    )
    figure = Figure(
        "funnel-chart",
        "From sign-up to payment",
        _sentence(summary),
        charts.draw("funnel", lambda width: charts.funnel(bars, width)),
        table,
    )
    note = (
        "Accounts of every age are counted: the newest have had little time. By month of sign-up they are "
        "under drift."
    )
    return Section("funnel", "Funnel", parts=[figure], notes=[note])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stages(facts: Facts) -> list[tuple[str, int, int]]:
    """Name, accounts that came by every stage above, accounts that reached it by any path."""
    inside = facts["signups"]
    stages = [("Signed up", total(inside), total(inside))]
    names = ("Activated", "Of those, ever a PQL", "Of those, paid")
    for name, column in zip(names, ("is_activated", "was_pql", "is_converted"), strict=True):
        inside = [row for row in inside if row[column]]
        stages.append((name, total(inside), total(facts["signups"], **{column: 1})))
    return stages


def weekly(facts: Facts, capacity: float | None) -> Section:
    """How many leads sales gets, week by week: new ones by tier, and those that come back."""
    title = "PQLs by week, new and returned"
    weeks = week_starts(facts["weekly"], facts["build"][0]["as_of"].date())
    if not weeks:
        return Section("weekly", title, texts=["No account has become a PQL yet."])
    groups = [*_tiers(facts), RETURNED]
    volume = _volume(facts)
    bars = [
        {
            "week": day(week),
            "is_whole": week < weeks[-1],
            "group": group,
            "position": p,
            "pqls": volume[week, group],
        }
        for week in weeks
        for p, group in enumerate(groups)
    ]
    new = {week: sum(volume[week, group] for group in groups[:-1]) for week in weeks}
    sums = {week: new[week] + volume[week, RETURNED] for week in weeks}
    whole = weeks[:-1] or weeks[-1:]
    summary = (
        f"New, for the first time: mean {np.mean([new[w] for w in whole]):.1f}, most "
        f"{max(new[w] for w in whole):,} in a week, over {count(len(whole), 'whole week')}; with those that "
        f"came back, mean {np.mean([sums[w] for w in whole]):.1f}. The last, paler bar is the unfinished "
        f"week of {day(weeks[-1])}."
    )
    if capacity is not None:
        over = sum(sums[week] > capacity for week in whole)
        summary += f" In {over:,} of {len(whole):,} all were more than the capacity of {capacity:g}."
    heads = [*groups[:-1], "New", RETURNED.capitalize(), "All"]
    table = Table(
        "Accounts by the week (Monday, UTC) in which they became a PQL, newest first: for the first time by "
        "tier and in all (new), or again (returned).",
        [*columns("Week of"), *columns(*heads, numbers=";".join(heads))],
        [
            [
                day(w),
                *(number(volume[w, g]) for g in groups[:-1]),
                number(new[w]),
                number(volume[w, RETURNED]),
                number(sums[w]),
            ]
            for w in weeks[::-1]
        ],
    )
    figure = Figure(
        "weekly-chart",
        "New ones by tier at the moment of qualifying",
        summary,
        charts.draw("weekly", lambda width: charts.weekly(bars, groups, capacity, width)),
        table,
    )
    return Section("weekly", title, parts=[figure, _criteria_table(facts, weeks)])


def _volume(facts: Facts) -> defaultdict[tuple, int]:
    """How many began in a week: new ones by tier, all others as returned."""
    volume = defaultdict(int)
    for row in facts["weekly"]:
        volume[row["week"], row["tier"] or NO_TIER] += int(row["new_pqls"])
        volume[row["week"], RETURNED] += int(row["returned_pqls"])
    return volume


def _tiers(facts: Facts) -> list[str]:
    """The tiers that occur, in the order of vars.yml."""
    seen = {row["tier"] or NO_TIER for row in facts["weekly"] if row["new_pqls"]}
    named = [tier for tier in facts["settings"][0]["tiers"].split(";") if tier in seen]
    return named + sorted(seen - set(named))


def _criteria_table(facts: Facts, weeks: list) -> Table:
    """The newest weeks by criterion: a PQL counts under every criterion that it met as it qualified."""
    shown = weeks[-CRITERIA_WEEKS:][::-1]
    names = dict.fromkeys(
        row["criterion_name"] for row in sorted(facts["weekly_criteria"], key=lambda row: row["part_rank"])
    )
    volume = defaultdict(
        int, {(row["week"], row["criterion_name"]): int(row["pqls"]) for row in facts["weekly_criteria"]}
    )
    ever = {name: total(facts["weekly_criteria"], "pqls", criterion_name=name) for name in names}
    heads = [f"{week:%m-%d}" for week in shown]
    return Table(
        "New PQLs by criterion met at that moment (one PQL can stand in several rows), newest week first.",
        columns("Criterion", *heads, "Ever", numbers=";".join([*heads, "Ever"])),
        [
            [spoken(name), *(number(volume[week, name]) for week in shown), number(ever[name])]
            for name in sorted(names, key=lambda n: -ever[n])
        ],
    )


def precision(facts: Facts) -> Section:
    """Does each criterion find accounts that go on to pay?"""
    texts = [
        "Of the accounts that met a criterion while unpaid and open, and that have had their full time "
        "since, the share "
        "that first paid within it. The diamond is the base rate: what all accounts of the same age did in "
        "the same time. "
        "A criterion is worth something where its whole interval lies right of the diamond. This is under "
        "the outreach "
        "then in force: it predicts, it does not say what causes payment."
    ]
    rules = rules_of(facts)
    judged = [rule for rule in rules if rule["mature"]]
    table = _precision_table(rules)
    if not judged:
        return Section(
            "precision", "Precision", [*texts, "No account has had its time to convert yet."], parts=[table]
        )
    bars = [_bar(name_of(rule), precision_of(rule), rule["matched_base_rate"]) for rule in judged]
    best = max(judged, key=lambda rule: st.wilson(*precision_of(rule)).low)
    summary = (
        f"{count(len(judged), 'rule')} with accounts to judge, definitions first; converted/accounts "
        "beside each name. "
        f"The highest lower end is that of {name_of(best)}: {share(precision_of(best))}, 95% interval "
        f"{interval(precision_of(best))}, base rate {percent(best['matched_base_rate'])}."
    )
    drawing = charts.draw("precision", lambda width: charts.precision(bars, width))
    figure = Figure("precision-chart", "Precision and base rate", summary, drawing, table)
    return Section("precision", "Precision", texts, parts=[figure], notes=_precision_notes(rules))


def _bar(name: str, part: Share, base: float | None) -> Row:
    """One line of a chart of shares with their intervals."""
    low, high = st.wilson(*part)
    label = f"{name}  {part.hits}/{part.n}"
    return {"name": label, "rate": part.rate, "low": low, "high": high, "base": base}


def _precision_notes(rules: list[Row]) -> list[str]:
    notes = [
        f"“few” marks shares of fewer than {FEW} accounts. Intervals of precision are Wilson's, 95%; that of "
        "the lift has the account as its unit. Whether a criterion passes its wanted precision is decided "
        "by scripts/check_precision.py."
    ]
    same_day = [rule for rule in rules if rule["same_day"]]
    if same_day:
        words = (
            "Some payments are known only to the day on which the account qualified; they count as neither"
        )
        ranges = [f"{rule['criterion_name']} {_range_words(rule)}" for rule in same_day]
        notes.append(f"{words}; so precision lies between: {'; '.join(ranges)}.")
    changed = [
        f"{rule['criterion_name']} ({rule['current_value_of'].replace(';', ', ')})"
        for rule in rules
        if rule["current_value_of"]
    ]
    if changed:
        words = "These rest on values without history, which the conversion itself may have changed"
        notes.append(f"{words}: {'; '.join(changed)}.")
    return notes


def _range_words(rule: Row) -> str:
    """The precision if all payments of the same day had come before qualifying, and if all had come after."""
    found, later = precision_of(rule), int(rule["same_day"])
    most = Share(found.hits + later, found.n + later)
    return f"{found.rate or 0:.1%} and {most.rate:.1%}"


def _precision_table(rules: list[Row]) -> Table:
    numbers = "95% interval;Base;Lift (95%);Not ripe;Paid before;Same day;Wanted"
    return Table(
        "Precision of every definition and criterion. Base: the base rate. Not ripe: qualified too recently "
        "to judge. Paid before: paid before or as it qualified. Same day: only known to have paid on the day "
        "it qualified.",
        columns("Rule", "Within", "Precision", *numbers.split(";"), numbers=numbers),
        [_precision_cells(rule) for rule in rules],
    )


def _lift_words(rule: Row) -> str:
    lift, reach = lift_of(rule), rule["lift_interval"]
    if lift is None:
        return NOTHING
    return f"{lift:.1f}×" + (f" ({reach.low:.1f}–{reach.high:.1f})" if reach else "")


def _precision_cells(rule: Row) -> list[str]:
    part = precision_of(rule)
    return [
        name_of(rule),
        "any time" if rule["horizon_days"] is None else f"{rule['horizon_days']:.0f} days",
        share(part),
        interval(part),
        percent(rule["matched_base_rate"]),
        _lift_words(rule),
        number(rule["immature"]),
        number(rule["converted_before"] + rule["converted_at"]),
        number(rule["same_day"]),
        percent(rule["min_precision"]),
    ]


def thresholds(facts: Facts, capacity: float | None) -> Section:
    """How strict should the bar be?"""
    score = facts["settings"][0]["score_name"]
    rows = [row for row in map(_threshold_row, facts["thresholds"]) if row["qualified"]]
    title = "Where to put the bar"
    what = f"points of the score “{spoken(score)}”" if score else "criteria of the definition met at once"
    if len(rows) < 2:
        return Section(
            "thresholds",
            title,
            texts=[
                "There is no range of thresholds to compare. scripts/discover_criteria.py tries those of "
                "each event."
            ],
        )
    current = facts["settings"][0]["score_threshold"] if score else None
    texts = [
        f"What would follow if the {what} alone decided. Further right there are fewer leads, and better "
        "ones if the score is worth something."
    ]
    table = _threshold_table(rows, current)
    drawn = [row for row in rows if row["precision"] is not None]
    parts = []
    if drawn:
        ends = (
            f"Precision goes from {_at(drawn[0])} to {_at(drawn[-1])}; recall from "
            f"{percent(drawn[0]['recall'])} to {percent(drawn[-1]['recall'])}."
        )
        picture = charts.draw("thresholds", lambda width: charts.threshold_rates(drawn, current, what, width))
        parts.append(Figure("threshold-chart", "Precision and recall by threshold", ends, picture, table))
    picture = charts.draw(
        "volume", lambda width: charts.threshold_volume(rows, current, capacity, what, width)
    )
    parts.append(
        Figure(
            "volume-chart",
            "Accounts a week by threshold",
            _volume_words(rows, capacity),
            picture,
            _volume_table(rows),
        )
    )
    notes = [
        "Recall: of the accounts that paid within their first days (the longest window plus the horizon), "
        "the share flagged in time. Differences between neighbours are mostly chance where intervals "
        "overlap."
    ]
    return Section("thresholds", title, texts, parts=parts, notes=notes)


def _threshold_row(row: Row) -> Row:
    part = Share(int(row["hits"]), int(row["mature"]))
    low, high = st.wilson(*part)
    weeks = max(row["recent_days"] or 0, 7) / 7
    return {
        "threshold": float(row["threshold"]),
        "qualified": int(row["qualified"]),
        "hits": part.hits,
        "n": part.n,
        "precision": part.rate,
        "low": low,
        "high": high,
        "recall": Share(int(row["caught"]), int(row["converters"])).rate,
        "caught": int(row["caught"]),
        "converters": int(row["converters"]),
        "recent": int(row["recent"]),
        "weeks": weeks,
        "volume": row["recent"] / weeks,
    }


def _at(row: Row) -> str:
    return f"{share(Share(row['hits'], row['n']))} at {amount(row['threshold'])}"


def _threshold_table(rows: list[Row], current: float | None) -> Table:
    return Table(
        "By threshold: accounts that have had their time, of them those that paid, and of all payers those "
        "flagged in time.",
        columns(
            "At least",
            "Precision",
            "95% interval",
            "Recall",
            "Accounts a week",
            numbers="95% interval;Recall;Accounts a week",
        ),
        [
            [
                amount(row["threshold"]) + (" (now)" if row["threshold"] == current else ""),
                share(Share(row["hits"], row["n"])),
                interval(Share(row["hits"], row["n"])),
                share(Share(row["caught"], row["converters"])),
                number(row["volume"], 1),
            ]
            for row in rows
        ],
    )


def _volume_table(rows: list[Row]) -> Table:
    return Table(
        f"Accounts that first reached the threshold in the last {rows[0]['weeks']:.0f} weeks while unpaid "
        "and open, and how many that is a week.",
        columns("At least", "Accounts", "A week", numbers="Accounts;A week"),
        [[amount(row["threshold"]), number(row["recent"]), number(row["volume"], 1)] for row in rows],
    )


def _volume_words(rows: list[Row], capacity: float | None) -> str:
    weeks = f"Accounts that first reach it, over the last {rows[0]['weeks']:.0f} weeks."
    if capacity is None:
        return f"{weeks} Give --capacity to draw how many sales can work."
    within = [row for row in rows if row["volume"] <= capacity]
    if not within:
        return f"{weeks} No threshold brings them down to the capacity of {capacity:g} a week."
    return (
        f"{weeks} The lowest threshold within the capacity of {capacity:g} a week is "
        f"{amount(within[0]['threshold'])}, with {within[0]['volume']:.1f} a week and a precision of "
        f"{share(Share(within[0]['hits'], within[0]['n']))}."
    )


def waiting(facts: Facts) -> Section:
    """How long until they pay?"""
    title = "Time to convert"
    rows = [row for row in facts["waiting"] if row["accounts"]]
    converted, everyone = total(rows, cause=st.CONVERTED), total(rows)
    if converted == 0:
        return Section(
            "waiting",
            title,
            texts=[f"Of {count(everyone, 'account')} that qualified while unpaid, none has paid since."],
        )
    repeated = [
        np.repeat([row[key] for row in rows], [int(row["accounts"]) for row in rows])
        for key in ("hours", "cause")
    ]
    curve = st.aalen_johansen(np.asarray(repeated[0], dtype=float) / 24, np.asarray(repeated[1], dtype=int))
    last = max(row["hours"] for row in rows) / 24
    steps = _curve_steps(curve, last)
    marks = [days for days in (7, 14, 30, 60, 90, 180) if days <= last]
    table = Table(
        "Share that has paid by each day since it first qualified, of all that qualified while unpaid and "
        "open.",
        columns(
            "Days since", "Paid", "95% interval", "Still watched", numbers="Paid;95% interval;Still watched"
        ),
        [
            [
                number(days),
                *_at_day(curve, days),
                number(sum(int(r["accounts"]) for r in rows if r["hours"] >= days * 24)),
            ]
            for days in marks
        ],
    )
    words = (
        " and ".join(f"{_at_day(curve, days)[0]} by day {days}" for days in marks[:3])
        or "the data cover less than a week"
    )
    summary = (
        f"{_sentence(words)}. {converted:,} of {count(everyone, 'account')} have paid, "
        f"{total(rows, cause=st.CLOSED):,} closed first, the others are waiting. Band: 95%."
    )
    figure = Figure(
        "waiting-chart",
        "Paid since qualifying",
        summary,
        charts.draw("waiting", lambda width: charts.incidence(steps, width)),
        table,
    )
    note = (
        "Aalen–Johansen: accounts that qualified lately count for as long as they were seen, and closing "
        "an account ends its chance to pay. To the hour."
    )
    return Section("waiting", title, parts=[figure], notes=[note])


def _at_day(curve: st.Curve, days: float) -> list[str]:
    value, low, high = st.incidence_at(curve, days)
    return [percent(value), between(low, high)]


def _curve_steps(curve: st.Curve, last: float) -> list[Row]:
    """The curve as rows to draw, at most some 200 of them, from day 0 to the last that was seen."""
    keep = np.unique(np.linspace(0, len(curve.times) - 1, 200).astype(int))
    rows = [{"days": 0.0, "rate": 0.0, "low": 0.0, "high": 0.0}]
    for i in keep:
        values = (curve.times, curve.incidence, curve.low, curve.high)
        rows.append(
            dict(zip(("days", "rate", "low", "high"), (round(float(v[i]), 4) for v in values), strict=True))
        )
    return [*rows, {**rows[-1], "days": last}]


def drift(facts: Facts) -> Section:
    """Is it as good as it was?"""
    title, parts, texts = "Drift", [], []
    rows = [row for row in map(_drift_row, facts["drift"]) if row["part"].n]
    if len(rows) >= 2:
        parts.append(_drift_figure(rows))
        trend = st.drift(
            *zip(*(row["part"] for row in rows), strict=True),
            periods=_months_since([row["month"] for row in rows]),
        )
        texts.append(_trend_words(trend))
    else:
        texts.append("Fewer than two months of accounts have had their time to convert: no trend to see yet.")
    if facts["signups"]:
        parts.append(_cohort_table(facts))
    return Section("drift", title, texts, parts=parts)


def _drift_row(row: Row) -> Row:
    part = Share(int(row["hits"]), int(row["mature"]))
    return {"month": f"{row['qualified_month']:%Y-%m}", "part": part, "base": row["matched_base_rate"]}


def _drift_figure(rows: list[Row]) -> Figure:
    table = Table(
        "By the month in which accounts first qualified; only those that have had their full time.",
        columns("Month", "Precision", "95% interval", "Base rate", numbers="95% interval;Base rate"),
        [[r["month"], share(r["part"]), interval(r["part"]), percent(r["base"])] for r in rows],
    )
    bars = [{**_bar(row["month"], row["part"], row["base"]), "name": row["month"]} for row in rows]
    shown = "; ".join(f"{row['month']} {row['part'].hits}/{row['part'].n}" for row in rows[-6:])
    drawing = charts.draw("drift", lambda width: charts.drift(bars, width))
    return Figure(
        "drift-chart", "Precision by month of qualifying", f"{shown} (converted/accounts).", drawing, table
    )


def _months_since(months: list[str]) -> list[int]:
    """Months counted from the first one, gaps included."""
    numbers = [12 * int(month[:4]) + int(month[5:]) for month in months]
    return [value - numbers[0] for value in numbers]


def _trend_words(trend: st.Trend | None) -> str:
    if trend is None:
        return "All outcomes are alike: no trend to see."
    direction = "falls" if trend.z < 0 else "rises"
    sure = f"(Cochran–Armitage Z = {trend.z:.2f}, p = {trend.p_value:.3f})"
    if trend.p_value >= 0.05:
        return f"No trend over the months that chance would not often give {sure}."
    return (
        f"Precision {direction} over the months {sure}. Look whether the base rate does the same: then the "
        "market moved, not the rule."
    )


def _cohort_table(facts: Facts) -> Table:
    months = sorted({row["month"] for row in facts["signups"]}, reverse=True)
    rows = []
    for month in months[:24]:
        of_month = [row for row in facts["signups"] if row["month"] == month]
        n = total(of_month)
        reached = (
            Share(total(of_month, **{column: 1}), n) for column in ("is_activated", "was_pql", "is_converted")
        )
        rows.append(
            [f"{month:%Y-%m}", number(n), *(f"{part.hits:,} ({percent(part.rate)})" for part in reached)]
        )
    return Table(
        "By month of sign-up: what share has got there by any path so far. Later months have had less time.",
        columns(
            "Signed up in",
            "Accounts",
            "Activated",
            "Was a PQL",
            "Converted",
            numbers="Accounts;Activated;Was a PQL;Converted",
        ),
        rows,
    )


def speed_to_lead(facts: Facts) -> Section:
    """How fast does sales answer?"""
    title, rows = "Speed to lead", facts["feedback"]
    touched = [row for row in rows if row["hours"] is not None]
    if not touched:
        missing = (
            "No first touch by sales is in this warehouse: once the CRM's feedback is loaded, "
            "the time from notice to first touch stands here."
        )
        return Section("speed", title, texts=[missing])
    hours = np.repeat([row["hours"] for row in touched], [int(row["pqls"]) for row in touched])
    in_time, late = (
        total([row for row in rows if row["is_contacted_in_time"] is wanted], "pqls")
        for wanted in (True, False)
    )
    cards = [
        Card("Touched", percent(len(hours) / total(rows, "pqls")), _of(len(hours), total(rows, "pqls"))),
        Card(
            "Median wait",
            f"{np.median(hours):.0f} h",
            f"of the {len(hours):,} touched, whole hours from notice",
        ),
        Card("In time", percent(Share(in_time, in_time + late).rate), _of(in_time, in_time + late) + " due"),
    ]
    accepted, rejected = total(rows, "accepted"), total(rows, "rejected")
    if answered := accepted + rejected:
        share = percent(Share(accepted, answered).rate)
        cards.append(Card("Accepted", share, f"{_of(accepted, answered)} that sales judged"))
    return Section("speed", title, cards=cards)


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {count(whole, 'notice')}"


def current_pqls(facts: Facts) -> Section:
    """Whom to call."""
    active = total(facts["statuses"], pql_status="active")
    rows = facts["pqls"]
    if not rows:
        return Section("pqls", "Current PQLs", texts=["No account is a PQL at this moment."])
    table = Table(
        f"{'All' if len(rows) == active else f'The first {len(rows):,} of'} "
        f"{count(active, 'current PQL')}: most points first, then the newest.",
        columns(
            "Account", "Why", "Tier", "Points", "Since", "Plan", "Last seen", numbers="Points;Since;Last seen"
        ),
        [
            [
                _account(row),
                row["reason"] or NOTHING,
                row["pql_tier"] or NOTHING,
                amount(row["pql_score"]),
                day(row["qualified_at"]),
                row["plan"] or NOTHING,
                day(row["last_seen_at"]),
            ]
            for row in rows
        ],
        is_list=True,
    )
    return Section("pqls", "Current PQLs", parts=[table])


def _account(row: Row) -> str:
    name = row["account_name"]
    return f"{name} ({row['account_id']})" if name else row["account_id"]


def near_misses(facts: Facts) -> Section:
    """Who is almost there."""
    rows, title = facts["near_misses"], "Near misses"
    if not rows:
        return Section(
            "near", title, texts=["No account is on its way to a criterion that it can still meet."]
        )
    with_points = any(row["points"] is not None for row in rows)
    heads = [
        "Account",
        "What is missing",
        "Next criterion",
        "Then a PQL",
        *(["Points"] if with_points else []),
        "Was a PQL",
        "Plan",
        "Last seen",
    ]
    table = Table(
        f"The {count(len(rows), 'account')} nearest to qualifying that {'is' if len(rows) == 1 else 'are'} "
        "open, not excluded and can still be a PQL, by what they lack in sum. Then a PQL: whether this step, "
        "taken on the day of the report, is enough, or how many criteria are missing.",
        columns(*heads, numbers="Points;Last seen"),
        [
            [
                _account(row),
                row["next_step"] or NOTHING,
                spoken(row["next_criterion"]),
                "yes" if row["next_step_makes_lead"] else count(row["steps_to_lead"], "step"),
                *([f"{amount(row['points'])} of {amount(row['points_needed'])}"] if with_points else []),
                "before" if row["pql_status"] == "lapsed" else "never",
                row["plan"] or NOTHING,
                day(row["last_seen_at"]),
            ]
            for row in rows
        ],
        is_list=True,
    )
    return Section("near", title, parts=[table])


def quality(facts: Facts) -> Section:
    """Can the numbers be trusted?"""
    title, rows = "Data quality", facts["quality"]
    if not rows:
        return Section("quality", title, texts=["No events have been loaded."])
    names = [
        name for name in rows[0] if name not in ("event_source", "raw", "accounts_with_unknown_time_zone")
    ]
    body = [
        [
            f"{row['event_source']}: {spoken(name)}" if len(rows) > 1 else spoken(name),
            number(row[name]),
            percent(Share(int(row[name]), int(row["raw"])).rate),
        ]
        for row in rows
        for name in names
    ]
    raw, zones = total(rows, "raw"), int(rows[0]["accounts_with_unknown_time_zone"])
    table = Table(
        f"Of {count(raw, 'raw row')} of events. Raw is accepted, duplicates and rejected together; "
        "uncounted, ignored, unattributed and invalid properties are part of the accepted.",
        columns("What", "Rows", "Of raw rows", numbers="Rows;Of raw rows"),
        body,
    )
    notes = [
        f"{count(zones, 'account')} of {facts['build'][0]['accounts']:,} with a time zone that is unknown "
        "and read as the default."
    ]
    return Section("quality", title, parts=[table], notes=notes)


def naive(facts: Facts) -> Section:
    """Why our precision is lower than that of other tools."""
    texts = [
        "The naive precision divides all accounts that ever paid by all that ever met the criterion, so "
        "usage that came after "
        "payment counts as having predicted it, and accounts that qualified yesterday count as failures. "
        "The honest one asks only "
        "accounts that were unpaid when they qualified and have had their full time since: it can be lower "
        "or higher, but it is what "
        "sales will see."
    ]
    rows = [
        (name_of(rule), naive_of(rule), precision_of(rule)) for rule in rules_of(facts) if rule["qualified"]
    ]
    title = "Appendix: naive and honest precision"
    if not rows:
        return Section("naive", title, [*texts, "No account has met any criterion yet."])
    table = Table(
        "The same accounts counted both ways.",
        columns("Rule", "Naive", "Honest", "Naive minus honest", numbers="Naive minus honest"),
        [[name, share(wrong), share(right), _difference(wrong, right)] for name, wrong, right in rows],
    )
    judged = [row for row in rows if row[2].n]
    if not judged:
        return Section("naive", title, texts, parts=[table])
    worst = max(judged, key=lambda row: abs(row[1].rate - row[2].rate))
    bars = [{"name": name, "naive": wrong.rate, "honest": right.rate} for name, wrong, right in judged]
    summary = f"They differ most for {worst[0]}: naive {share(worst[1])}, honest {share(worst[2])}."
    drawing = charts.draw("naive", lambda width: charts.naive_and_honest(bars, width))
    return Section(
        "naive",
        title,
        texts,
        parts=[Figure("naive-chart", "Naive and honest precision", summary, drawing, table)],
    )


def _difference(wrong: Share, right: Share) -> str:
    return f"{100 * (wrong.rate - right.rate):+.1f} points" if right.n else NOTHING


def definitions(facts: Facts) -> Section:
    """What the words mean, and from which configuration the numbers come."""
    build, settings, rule = facts["build"][0], facts["settings"][0], primary_rule(facts)
    texts = [
        f"Everything is judged as of {build['as_of']} UTC; what happened later is invisible. Rules version "
        f"{build['rules_version']}, "
        f"built at {build['built_at']:%Y-%m-%d %H:%M} UTC. Weeks start on Monday, UTC.",
        f"A hit is an account that first pays {horizon_words(rule)} of first qualifying. Closing an "
        "account before that is a miss.",
    ]
    both = [("definition", entry) for entry in json.loads(settings["definitions"])]
    both += [("criterion", entry) for entry in json.loads(settings["criteria"])]
    table = Table(
        "The rules as configured in vars.yml.",
        columns("Name", "Kind", "Rule"),
        [[entry["name"], entry.get("type", kind), _written(entry)] for kind, entry in both],
        is_list=True,
    )
    return Section("definitions", "Definitions", texts, parts=[table])


def _written(entry: dict) -> str:
    """A rule's settings in one line."""
    return "; ".join(
        f"{key.replace('_', ' ')}: {_value(value)}"
        for key, value in entry.items()
        if key not in ("name", "type")
    )


def _value(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_value(inner) for inner in value)
    return str(value)
