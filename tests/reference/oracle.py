"""The oracle: everything the tables say about a world, by brute force."""

from dataclasses import dataclass, field
from datetime import datetime

from .account import Account, Conversion, first_conversion, know
from .clock import instant, zone_named
from .customers import churned_at, retention, stages_entered
from .identity import successors, without_placeholders
from .ignored import is_ignored
from .leads import Lead, outcome
from .staging import Staged, attribute, quality, stage
from .usage import account_usage_daily, user_usage_daily
from .verdicts import Verdicts
from .world import Row, World

__all__ = ["Answers", "World", "evaluate"]


@dataclass
class Answers:
    """Lists of rows named like the tables they answer for; `attribution` is by event_id."""

    as_of: datetime | None
    accepted: list[Row]
    duplicates: list[Row]
    rejected: list[tuple[Row, str]]
    quality: Row
    attribution: dict[str, tuple[str | None, str | None]]
    accounts: list[Account] = field(default_factory=list, compare=False)
    dim_accounts: list[Row] = field(default_factory=list)
    fct_user_usage_daily: list[Row] = field(default_factory=list)
    fct_account_usage_daily: list[Row] = field(default_factory=list)
    fct_criterion_episodes: list[Row] = field(default_factory=list)
    pql_account_criteria: list[Row] = field(default_factory=list)
    fct_pql_episodes: list[Row] = field(default_factory=list)
    pql_accounts: list[Row] = field(default_factory=list)
    fct_criterion_outcomes: list[Row] = field(default_factory=list)
    pql_retention: list[Row] = field(default_factory=list)


def evaluate(world: World) -> Answers:
    """Everything there is to know about a world."""
    world = without_placeholders(world)
    staged = stage(world)
    as_of = moment_of_judgement(world, staged)
    ids = successors(world, as_of)
    attributed = attribute(staged.accepted, world, ids)
    events = [event for event in attributed if not is_ignored(event, ids.in_force(world))]
    answers = Answers(
        as_of=as_of,
        accepted=staged.accepted,
        duplicates=staged.duplicates,
        rejected=staged.rejected + [(row, "conflicting_duplicate") for row in staged.conflicting],
        quality=quality(world, staged, events)
        | {"ignored": len(attributed) - len(events), "unknown_time_zones": count_unknown_zones(world)},
        attribution={event.event_id: (event.user_id, event.account_id) for event in attributed},
    )
    world = ids.in_force(world)
    answers.accounts += [know(row, world, events, as_of, ids) for row in world.accounts if as_of is not None]
    stages = {account.account_id: stages_entered(account, world) for account in answers.accounts}
    for account in answers.accounts:
        answer_for_account(account, world, answers, stages)
    if as_of is not None:
        answers.pql_retention += retention(answers, world, moment_of_outcomes(world, as_of))
    return answers


def moment_of_judgement(world: World, staged: Staged) -> datetime | None:
    """The as-of: the variable, else the earlier of the newest occurred_at and received_at accepted."""
    stated = world.variables.get("pql_as_of")
    if stated is not None:
        return instant(stated)
    newest = [
        max(moments)
        for column in ("occurred_at", "received_at")
        if (moments := [moment for row in staged.accepted if (moment := instant(row.get(column)))])
    ]
    return min(newest, default=None)


def count_unknown_zones(world: World) -> int:
    """The accounts whose time_zone is not one."""
    return sum(bool(row.get("time_zone")) and not zone_named(row["time_zone"]) for row in world.accounts)


def answer_for_account(account: Account, world: World, answers: Answers, stages: dict[str, dict]) -> None:
    """Add one account's rows to every table."""
    verdicts = Verdicts(account, world.criteria)
    leads = [Lead(definition, verdicts) for definition in world.definitions]
    answers.dim_accounts.append(dimension(account) | {"churned_at": churned_at(account, world)})
    answers.fct_user_usage_daily += user_usage_daily(account)
    answers.fct_account_usage_daily += account_usage_daily(account)
    answers.fct_criterion_episodes += criterion_episodes(verdicts)
    answers.pql_account_criteria += [ledger(verdicts, name) for name in verdicts.criteria]
    answers.fct_pql_episodes += [episode for lead in leads for episode in lead.episodes()]
    answers.pql_accounts += [lead.summary() for lead in leads[:1]]
    answers.fct_criterion_outcomes += outcomes(account, verdicts, leads, world, stages)


def dimension(account: Account) -> Row:
    moments = [event.occurred_at for event in account.events]
    return {
        "account_id": account.account_id,
        "signed_up_at": account.signed_up_at,
        "is_signup_inferred": account.is_signup_inferred,
        "converted_at": account.converted_at,
        "closed_at": account.closed_at,
        "merged_into": account.merged_into,
        "first_seen_at": min(moments, default=None),
        "last_seen_at": max(moments, default=None),
    }


def criterion_episodes(verdicts: Verdicts) -> list[Row]:
    return [
        {
            "account_id": verdicts.account.account_id,
            "criterion_name": name,
            "episode_number": number,
            "started_at": episode.started_at,
            "ended_at": episode.ended_at,
        }
        for name in verdicts.criteria
        for number, episode in enumerate(verdicts.episodes(name), 1)
    ]


def ledger(verdicts: Verdicts, name: str) -> Row:
    """The row of pql_account_criteria."""
    episodes = verdicts.episodes(name)
    ends = [episode.ended_at for episode in episodes if episode.ended_at is not None]
    return {
        "account_id": verdicts.account.account_id,
        "criterion_name": name,
        "is_met": verdicts.is_met(name, verdicts.account.as_of),
        "observed_value": verdicts.observed(name),
        "times_met": len(episodes),
        "first_met_at": episodes[0].started_at if episodes else None,
        "last_started_at": episodes[-1].started_at if episodes else None,
        "last_ended_at": max(ends, default=None),
    }


def moment_of_outcomes(world: World, as_of: datetime) -> datetime:
    """The as-of, or that of the conversions where it is earlier."""
    return min(as_of, instant(world.variables.get("pql_conversions_as_of")) or as_of)


def outcomes(
    account: Account, verdicts: Verdicts, leads: list[Lead], world: World, stages: dict[str, dict]
) -> list[Row]:
    """The account's rows of fct_criterion_outcomes; a converted audience has none."""
    judged_at = moment_of_outcomes(world, account.as_of)
    paid = first_conversion(world, account.account_id, account.calendar, judged_at)
    paid_at = None if paid is None else paid.moment
    starts = {name: verdicts.episodes(name) for name in verdicts.criteria}
    questions = [
        (criterion, "criterion", starts[name][0].started_at if starts[name] else None)
        for name, criterion in verdicts.criteria.items()
    ] + [
        (lead.definition, "definition", lead.first_qualified_at())
        for lead in leads
        if lead.definition.get("audience") != "converted"
    ]
    questions += [
        ({"name": name}, "stage", stages[account.account_id].get(name))
        for name in sorted({name for entered in stages.values() for name in entered})
    ]
    return [
        {
            "criterion_name": declared["name"],
            "kind": kind,
            "account_id": account.account_id,
            "state": outcome(
                q,
                paid_at,
                account.closed_at,
                horizon(declared, world),
                judged_at,
                on_paying_day(account, q, paid),
            ),
            "qualified_at": q,
            "converted_at": paid_at,
        }
        for declared, kind, q in questions
    ]


def on_paying_day(account: Account, q: datetime | None, paid: Conversion | None) -> bool:
    """Whether the account qualified on the local day that is all that is known of its payment."""
    return q is not None and paid is not None and account.calendar.day_of(q) == paid.day


def horizon(declared: Row, world: World) -> int | None:
    """The horizon in days of a criterion or definition; None for `none`."""
    days = declared.get("horizon_days", world.variables.get("pql_horizon_days", 30))
    return None if days == "none" else days
