"""From sign-up to payment."""

from __future__ import annotations

from pql_tools.report import charts
from pql_tools.report.page import Figure, Section, Table, columns, number, percent
from pql_tools.report.sections.common import Facts, sentence, total
from pql_tools.statistics import Share

BY_DEFAULT = "somebody of the account was active on two or more local days of its first seven"
FEW_PAYERS = 0.05  # of those that pay; a default stage that fewer pass does not fit the data
LEFT_OUT = (
    f"Activation is left out: fewer than {FEW_PAYERS:.0%} of those that paid were activated, which without a "
    f"criterion of type milestones means that {BY_DEFAULT}. Data by the week cannot show that."
)


def funnel(facts: Facts) -> Section:
    """Sign-ups and what became of them, each stage among those of the stage before."""
    stages = _stages(facts)
    signed_up = stages[0][1]
    activated_when = facts["settings"][0]["activated_when"]
    meaning = f"the account met the criterion “{activated_when}”" if activated_when else BY_DEFAULT
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
    ever, paid = (total(facts["signups"], **{column: 1}) for column in ("was_pql", "is_converted"))
    summary = (
        "; ".join(f"{name} {inside:,}" for name, inside, _ in stages)
        + f". By any path {ever:,} were ever a PQL and {paid:,} paid. "
        + (f"Activated means that {meaning}." if has_activation(facts) else LEFT_OUT)
    )
    figure = Figure(
        "funnel-chart",
        "From sign-up to payment",
        sentence(summary),
        charts.draw("funnel", lambda width: charts.funnel(bars, width)),
        table,
    )
    note = (
        "Accounts of every age are counted: the newest have had little time. By month of sign-up they are "
        "under drift."
    )
    return Section("funnel", "Funnel", parts=[figure], notes=[note])


def has_activation(facts: Facts) -> bool:
    """Whether activation is a stage: one that nobody set and hardly a payer passes is none."""
    if facts["settings"][0]["activated_when"]:
        return True
    signups = facts["signups"]
    passed = Share(total(signups, is_activated=1, is_converted=1), total(signups, is_converted=1))
    return passed.rate is None or passed.rate >= FEW_PAYERS


def _stages(facts: Facts) -> list[tuple[str, int, int]]:
    """Name, accounts that came by every stage above, accounts that reached it by any path."""
    inside = facts["signups"]
    stages = [("Signed up", total(inside), total(inside))]
    names = {"Activated": "is_activated", "Of those, ever a PQL": "was_pql", "Of those, paid": "is_converted"}
    if not has_activation(facts):
        del names["Activated"]
    for name, column in names.items():
        inside = [row for row in inside if row[column]]
        stages.append((name, total(inside), total(facts["signups"], **{column: 1})))
    return stages
