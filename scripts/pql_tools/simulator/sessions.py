"""Everyday work: how often people come, and what they do in a session."""

from __future__ import annotations

import numpy as np

from pql_tools.simulator.clock import Calendar, times_of_day
from pql_tools.simulator.people import Accounts, Events, Users, is_open
from pql_tools.simulator.product import CODE, OTHER_WORK_SLOTS, SLOTS
from pql_tools.simulator.settings import Settings
from pql_tools.simulator.units import DAY, NOBODY, SECOND

OF_REGULAR_WORK = 0.87  # share of the events that come neither from milestones nor from having paid


def session_rates(
    rng: np.random.Generator, accounts: Accounts, users: Users, calendar: Calendar, settings: Settings
) -> np.ndarray:
    """Return the expected sessions by user and local day, scaled to the wanted number of events."""
    n_days = calendar.days + 1
    signed_up_day = calendar.to_local(accounts.zone, accounts.signed_up) // DAY
    joined_day = calendar.to_local(accounts.zone[users.account], users.joined) // DAY
    age = np.arange(n_days) - signed_up_day[:, None]
    half_life = accounts.drive("half_life", 0.35)
    interest = np.exp2(-np.maximum(age, 0) / half_life[:, None]) * accounts.drive("sessions", 0.5)[:, None]
    diligence = rng.lognormal(-0.4, 0.9, len(users))
    rates = interest[users.account] * diligence[:, None] * calendar.day_weights
    rates *= np.arange(n_days) >= joined_day[:, None]
    wanted = OF_REGULAR_WORK * settings.events_per_account * len(accounts) / settings.events_per_session
    return rates * (wanted / rates.sum())


def draw_sessions(
    rng: np.random.Generator,
    accounts: Accounts,
    users: Users,
    rates: np.ndarray,
    who: np.ndarray,
    calendar: Calendar,
    settings: Settings,
) -> Events:
    """Draw sessions of users `who` (the rows of `rates`) and what they do in them.

    A session is a geometric number of events, half-exponential minutes apart; three in a thousand sessions
    are spent as a guest in another account.
    """
    sessions = rng.poisson(rates).ravel()
    cell = np.repeat(np.arange(sessions.size), sessions)
    row, day = np.divmod(cell, rates.shape[1])
    user = who[row]
    zone = accounts.zone[users.account[user]]
    start = calendar.to_utc(zone, day * DAY + times_of_day(rng, len(user)))
    visited = rng.integers(0, len(accounts), len(user), dtype=np.int32)
    guest_of = np.where(rng.random(len(user)) < 0.003, visited, np.int32(NOBODY))
    size = rng.geometric(1 / settings.events_per_session, len(user))
    session = np.repeat(np.arange(len(user), dtype=np.int32), size)
    first = np.cumsum(size) - size
    passed = np.cumsum(rng.standard_exponential(len(session)) * (70 * SECOND)).astype(np.int64)
    doer = user[session]
    name = draw_work(rng, accounts.chattiness[users.account[doer]])
    logs_in = first[rng.random(len(first)) < 0.6]
    name[logs_in] = CODE["login"]
    return Events(doer, start[session] + passed - passed[first][session], name, guest_of[session])


def draw_work(rng: np.random.Generator, chattiness: np.ndarray) -> np.ndarray:
    """Draw what is done at one moment of a session."""
    n = len(chattiness)
    other = OTHER_WORK_SLOTS[rng.integers(0, SLOTS, n, dtype=np.uint16)]
    return np.where(rng.random(n, dtype=np.float32) < chattiness, np.int16(CODE["message_sent"]), other)


def only_possible(events: Events, accounts: Accounts, users: Users, calendar: Calendar) -> Events:
    """Keep what happened in an open account, by a user who had joined."""
    possible = is_open(accounts, events.accounts(users), events.utc, calendar)
    return events.where(possible & (events.utc >= users.joined[events.user]))
