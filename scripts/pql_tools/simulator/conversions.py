"""The hazard at work: which rules hold on which day, who pays, and how paying changes use."""

from __future__ import annotations

from collections import Counter

import numpy as np

from pql_tools.simulator.clock import Calendar, times_of_day, whole_seconds
from pql_tools.simulator.hazard import HAZARD, USAGE_AFTER_PAYING
from pql_tools.simulator.people import Accounts, Events, Users
from pql_tools.simulator.product import CODE
from pql_tools.simulator.sessions import draw_sessions
from pql_tools.simulator.settings import Settings
from pql_tools.simulator.units import DAY, NEVER


def rules_met(
    events: Events, accounts: Accounts, users: Users, calendar: Calendar, settings: Settings
) -> np.ndarray:
    """Tell which planted rules hold at the end of each local day: rule x account x day."""
    account = events.accounts(users)
    day = calendar.to_local(accounts.zone[account], events.utc) // DAY
    shape = (len(accounts), calendar.days + 1)
    cell = account * shape[1] + np.clip(day, 0, calendar.days)

    def so_far(mask: np.ndarray | slice) -> np.ndarray:
        return np.cumsum(np.bincount(cell[mask], minlength=shape[0] * shape[1]).reshape(shape), axis=1)

    invites = so_far(events.name == CODE["invite_sent"])
    connected = so_far(events.name == CODE["integration_connected"])
    messages = so_far(events.name == CODE["message_sent"])
    active = np.cumsum(np.diff(so_far(slice(None)), axis=1, prepend=0) > 0, axis=1)
    days = np.arange(shape[1])
    this_month = messages - before(messages, calendar.month_starts)
    invited = invites - before(invites, days - HAZARD.invites_last_days + 1) >= HAZARD.invites_at_least
    habit = active - before(active, days - HAZARD.active_last_days + 1) >= HAZARD.active_days_at_least
    limit = message_limits(accounts, calendar, settings)
    return np.stack(
        [
            invited & (connected >= HAZARD.integrations_at_least),
            this_month / limit >= HAZARD.limit_share_at_least,
            habit,
        ]
    )


def before(totals: np.ndarray, first_day: np.ndarray) -> np.ndarray:
    """Return the running totals just before the given local days, one per column."""
    padded = np.pad(totals, ((0, 0), (1, 0)))
    return padded[:, np.maximum(first_day, 0)]


def midnights(accounts: Accounts, calendar: Calendar) -> np.ndarray:
    """Return the start of each local day of each account, utc."""
    return calendar.to_utc(accounts.zone[:, None], np.arange(calendar.days + 2)[None, :] * DAY)


def message_limits(accounts: Accounts, calendar: Calendar, settings: Settings) -> np.ndarray:
    """Return the monthly limit of the plan held as each local day starts, by account and day."""
    limits = settings.message_limits
    starts = midnights(accounts, calendar)[:, :-1]
    ends = accounts.trial_ends[:, None]
    return np.where((ends != NEVER) & (starts < ends), limits["trial"], limits["free"])


def draw_conversions(
    rng: np.random.Generator, accounts: Accounts, met: np.ndarray, calendar: Calendar
) -> Counter:
    """Let the hazard act; set `accounts.converted`; return the days at risk and conversions by rules met."""
    met_at_start = np.roll(met, 1, axis=2)
    probability = -np.expm1(-HAZARD.rates(met_at_start))
    starts = midnights(accounts, calendar)
    ends = np.minimum(accounts.closed, calendar.end)[:, None]
    at_risk = (starts[:, :-1] > accounts.signed_up[:, None]) & (starts[:, 1:] <= ends)
    at_risk[:, 0] = False
    happens = at_risk & (rng.random(at_risk.shape) < probability)
    day = np.where(happens.any(axis=1), happens.argmax(axis=1), calendar.days + 1)
    at_risk &= np.arange(at_risk.shape[1]) <= day[:, None]
    time = day * DAY + times_of_day(rng, len(accounts))
    converts = day <= calendar.days
    accounts.converted[converts] = whole_seconds(calendar.to_utc(accounts.zone, time))[converts]
    return days_at_risk(met_at_start, at_risk, happens & at_risk, probability)


def days_at_risk(
    met: np.ndarray, at_risk: np.ndarray, happens: np.ndarray, probability: np.ndarray
) -> Counter:
    """Count days at risk and conversions by the set of rules met, and the expected conversions."""
    names = [rule.name for rule in HAZARD.rules]
    stratum = sum(met[i].astype(int) << i for i in range(len(names)))
    counts = Counter({"expected_conversions": float(probability[at_risk].sum())})
    for code in range(2 ** len(names)):
        label = " + ".join(name for i, name in enumerate(names) if code >> i & 1) or "none"
        inside = stratum == code
        counts[f"days_at_risk|{label}"] = int((inside & at_risk).sum())
        counts[f"conversions|{label}"] = int((inside & happens).sum())
    return counts


def draw_usage_after_paying(
    rng: np.random.Generator,
    accounts: Accounts,
    users: Users,
    rates: np.ndarray,
    calendar: Calendar,
    settings: Settings,
) -> Events:
    """Draw the additional sessions, in paying accounts only, from the day after the conversion on."""
    who = np.flatnonzero(accounts.converted[users.account] != NEVER)
    account = users.account[who]
    paid_day = calendar.to_local(accounts.zone[account], accounts.converted[account]) // DAY
    after = np.arange(rates.shape[1]) > paid_day[:, None]
    additional = rates[who] * after * (USAGE_AFTER_PAYING - 1)
    events = draw_sessions(rng, accounts, users, additional, who, calendar, settings)
    return events.where(events.utc >= accounts.converted[events.accounts(users)])
