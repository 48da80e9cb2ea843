#!/usr/bin/env python
"""Simulate a believable SaaS product, its dirty event log, and conversions with a known cause.

The product is a team-work app on a free plan or a trial. Accounts differ in size, persona and intent;
people work in sessions, on weekdays, by their account's own clock; teams invite, integrate, fade and close.
An account converts by the `HAZARD` below and by nothing else, so a criterion's true worth is known:
`truth.json`, next to the data, holds the planted rules and the number of each kind of dirty row.

Everything is drawn per block of accounts from `SeedSequence(seed, spawn_key=(block,))`. The output therefore
depends on the arguments alone: not on the clock, the machine, or the number of workers.

Units: times are whole milliseconds since the first UTC midnight of the span ("utc"), or the same on the
account's own clock ("local"); days are local days counted from the span's first date.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import multiprocessing
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import product, repeat
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pql_tools.console import error, make_console, progress_bar
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
LAST_DATE = date(2026, 6, 30)
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NEVER = 2**53  # later than every other moment, and exact as a float
NOBODY = -1

# ---------------------------------------------------------------------------------------------------------
# What converts an account
# ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlantedRule:
    """While the rule is met, the daily hazard is `multiplier` times as high. `criteria` is SPEC §3 form."""

    name: str
    multiplier: float
    meaning: str
    criteria: tuple[dict, ...]


@dataclass(frozen=True)
class Hazard:
    """The only cause of conversions.

    On each whole local day after the day of sign-up, an open account that has not paid converts with
    probability 1 - exp(-h), where h = baseline x the multipliers of the rules met as that day starts, which
    are those met by the counts at the end of the day before. The time of day is drawn independently.
    """

    baseline: float = 0.0003  # per local day
    invites_at_least: int = 3
    invites_last_days: int = 7
    integrations_at_least: int = 2
    limit_share_at_least: float = 0.8
    active_days_at_least: int = 10
    active_last_days: int = 14

    @cached_property
    def rules(self) -> tuple[PlantedRule, ...]:
        """Return the planted rules, in the order in which `met` answers."""
        invited = {
            "name": "invited_three_in_a_week",
            "type": "event_count",
            "events": ["invite_sent"],
            "window": {"last_days": self.invites_last_days},
            "at_least": self.invites_at_least,
        }
        integrated = {
            "name": "connected_two_integrations",
            "type": "event_count",
            "events": ["integration_connected"],
            "at_least": self.integrations_at_least,
        }
        forming = {
            "name": "team_is_forming",
            "type": "all_of",
            "criteria": [invited["name"], integrated["name"]],
        }
        near_limit = {
            "name": "near_message_limit",
            "type": "limit_usage",
            "events": ["message_sent"],
            "limit": "messages",
            "window": {"calendar": "month"},
            "at_least": self.limit_share_at_least,
        }
        habit = {
            "name": "daily_habit",
            "type": "active_days",
            "window": {"last_days": self.active_last_days},
            "at_least": self.active_days_at_least,
        }
        return (
            PlantedRule(
                "team_is_forming",
                15.0,
                f"at least {self.invites_at_least} invites sent in the last {self.invites_last_days} days, "
                f"and at least {self.integrations_at_least} integrations connected ever",
                (invited, integrated, forming),
            ),
            PlantedRule(
                "near_message_limit",
                12.0,
                f"at least {self.limit_share_at_least:.0%} of the plan's messages of the calendar month used",
                (near_limit,),
            ),
            PlantedRule(
                "daily_habit",
                6.0,
                f"active on at least {self.active_days_at_least} of the last {self.active_last_days} days",
                (habit,),
            ),
        )

    @property
    def decoy(self) -> PlantedRule:
        """Return a rule that goes with being active but causes nothing."""
        criterion = {
            "name": "uploaded_a_logo",
            "type": "event_count",
            "events": ["logo_uploaded"],
            "at_least": 1,
        }
        return PlantedRule("uploaded_a_logo", 1.0, "a logo uploaded, ever", (criterion,))

    def rates(self, met: np.ndarray) -> np.ndarray:
        """Return the hazard per day, given which rules (first axis) are met."""
        multipliers = np.array([rule.multiplier for rule in self.rules])
        return self.baseline * np.prod(np.where(met, multipliers[:, *[None] * (met.ndim - 1)], 1.0), axis=0)


HAZARD = Hazard()
PAID_PLAN = "pro"
USAGE_AFTER_PAYING = 1.6  # times the sessions there would have been
OF_REGULAR_WORK = 0.87  # share of the events that come neither from milestones nor from having paid

# ---------------------------------------------------------------------------------------------------------
# The product
# ---------------------------------------------------------------------------------------------------------


def quantiles(median: float, sigma: float, n: int) -> list[float]:
    """Return n equally likely values of a lognormal, to one decimal."""
    normal = NormalDist()
    return [round(median * math.exp(sigma * normal.inv_cdf((i + 0.5) / n)), 1) for i in range(n)]


def choices(key: str, weights: dict) -> dict[str, float]:
    """Return JSON texts of one property, with their weights."""
    return {json.dumps({key: value}): weight for value, weight in weights.items()}


EVENT_PROPERTIES = {
    "login": {},
    "message_sent": choices("channel", {"team": 60, "public": 25, "private": 15}),
    "invite_sent": {},
    "invite_accepted": {},
    "integration_connected": choices(
        "app",
        {
            "calendar": 26,
            "email": 20,
            "drive": 18,
            "git": 12,
            "crm": 9,
            "helpdesk": 7,
            "webhooks": 5,
            "sso": 3,
        },
    ),
    "file_uploaded": choices("megabytes", dict.fromkeys(quantiles(2.5, 1.4, 150), 1)),
    "project_created": choices(
        "template",
        {"blank": 38, "kanban": 22, "roadmap": 14, "sprint": 12, "content_calendar": 8, "client_portal": 6},
    ),
    "search_run": {},
    "report_exported": {},
    "logo_uploaded": {},
    "automation_run": {},
    "pricing_viewed": {},
}
EVENT_NAMES = tuple(EVENT_PROPERTIES)
CODE = {name: code for code, name in enumerate(EVENT_NAMES)}
VALID_PROPERTIES = tuple(dict.fromkeys(text for texts in EVENT_PROPERTIES.values() for text in texts))
BROKEN_PROPERTIES = ('{"channel": "team"', "{'channel': 'public'}", "[object Object]", "")
PROPERTIES = VALID_PROPERTIES + BROKEN_PROPERTIES

# Everything people do in a session apart from messages, logins and milestones.
OTHER_WORK = {
    "search_run": 42,
    "file_uploaded": 24,
    "automation_run": 15,
    "report_exported": 9,
    "project_created": 7,
    "pricing_viewed": 3,
}
SLOTS = 1024  # one draw of 10 bits picks a weighted value


def slots(codes: Iterable[int], weights: Iterable[float]) -> np.ndarray:
    """Return a table of SLOTS codes, each as often as its weight says."""
    shares = np.cumsum(np.fromiter(weights, float))
    picks = np.searchsorted(shares / shares[-1], (np.arange(SLOTS) + 0.5) / SLOTS)
    return np.fromiter(codes, np.int16)[picks]


OTHER_WORK_SLOTS = slots((CODE[name] for name in OTHER_WORK), OTHER_WORK.values())
PROPERTY_SLOTS = np.stack(
    [
        slots((PROPERTIES.index(text) for text in texts), texts.values())
        if texts
        else np.full(SLOTS, NOBODY, np.int16)
        for texts in EVENT_PROPERTIES.values()
    ]
)


@dataclass(frozen=True)
class Persona:
    """Why an account is here. Rates are means; the account's latent intent scales them."""

    name: str
    share: float
    sessions: float  # per user and weekday, before scaling to the wanted volume
    half_life: float  # days until the account is half as active
    colleagues: float  # users who join without an invite
    invite_bursts: float
    integrations: float
    message_share: float  # of the events in a session
    logo: float  # probability of uploading one
    employees: float  # median


PERSONAS = (
    Persona("tourist", 0.46, 0.45, 5, 0.5, 0.12, 0.25, 0.25, 0.08, 15),
    Persona("small_team", 0.30, 0.40, 60, 5, 0.5, 0.9, 0.45, 0.30, 12),
    Persona("growing_team", 0.17, 0.45, 240, 18, 2.2, 2.0, 0.55, 0.60, 80),
    Persona("evaluator", 0.07, 0.70, 35, 30, 2.0, 2.8, 0.45, 0.50, 420),
)


def of_personas(attribute: str) -> np.ndarray:
    """Return one number per persona."""
    return np.array([getattr(persona, attribute) for persona in PERSONAS])


TRIAL_SHARE, TRIAL_DAYS = 0.35, 14
CLOSURES_PER_DAY = 0.0008
MONTHLY_MESSAGES = {"free": 0.8, "trial": 2.0}  # x events per account and 180 days, to two digits
STORAGE_MEGABYTES = {"free": 500, "trial": 2_000}
LIMIT_NAMES = ("messages", "storage_megabytes")
PRICE_PER_SEAT = {"monthly": 12, "annual": 120}

# ---------------------------------------------------------------------------------------------------------
# Time
# ---------------------------------------------------------------------------------------------------------

# Accounts whose zone is null or unknown live by UTC, which is also how the warehouse reads them.
ZONES = {
    "America/New_York": ("US", 18),
    "Europe/London": ("GB", 12),
    "America/Los_Angeles": ("US", 11),
    "America/Chicago": ("US", 9),
    "Europe/Berlin": ("DE", 9),
    "Europe/Paris": ("FR", 6),
    "Asia/Kolkata": ("IN", 7),
    "America/Sao_Paulo": ("BR", 4),
    "Asia/Singapore": ("SG", 4),
    "Australia/Sydney": ("AU", 4),
    "Asia/Tokyo": ("JP", 3),
    "America/Toronto": ("CA", 3),
    "Africa/Lagos": ("NG", 1.2),
    None: ("IE", 8),
    "Pacific Standard Time": ("US", 0.4),
    "GMT+25": ("PT", 0.4),
}
ZONE_NAMES = tuple(ZONES)
UNKNOWN_ZONES = (None, "Pacific Standard Time", "GMT+25")
HOURS = np.array([3, 1, 1, 1, 1, 3, 10, 30, 70, 100, 105, 95, 65, 85, 100, 98, 85, 60, 32, 22, 20, 18, 12, 6])
HOURS_PASSED = np.concatenate([[0], np.cumsum(HOURS) / HOURS.sum()])
WEEKDAYS = np.array([1.0, 1.06, 1.05, 1.02, 0.88, 0.17, 0.14])  # Monday first
MARGIN_DAYS = 12  # known offsets before and after the span


@dataclass(frozen=True)
class Calendar:
    """The span, and what the clocks of all zones show in it."""

    days: int
    offsets: np.ndarray  # milliseconds ahead of UTC, by zone and UTC hour

    @classmethod
    def of_last(cls, days: int) -> Calendar:
        """Return the calendar of the last `days` days, with offsets from the warehouse's own zones."""
        first = LAST_DATE - timedelta(days=days - 1 + MARGIN_DAYS)
        hours = (days + 2 * MARGIN_DAYS) * 24
        offsets = np.zeros((len(ZONES), hours), np.int64)
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            for row, zone in enumerate(ZONE_NAMES):
                if zone not in UNKNOWN_ZONES:
                    offsets[row] = connection.execute(
                        """
                        select epoch_ms(timezone($zone, moment)) - epoch_ms(moment) as ahead
                        from (
                            select $first::timestamptz + to_hours(i) as moment from range($hours) as _(i)
                        )
                        order by moment
                        """,
                        {"zone": zone, "first": str(first), "hours": hours},
                    ).fetchnumpy()["ahead"]
        return cls(days, offsets)

    @property
    def end(self) -> int:
        """The first moment after the span, UTC."""
        return self.days * DAY

    @property
    def first_date(self) -> date:
        """The date of local day 0."""
        return LAST_DATE - timedelta(days=self.days - 1)

    @property
    def epoch(self) -> int:
        """Milliseconds from 1970 to the start of the span."""
        return (self.first_date - date(1970, 1, 1)).days * DAY

    @cached_property
    def dates(self) -> list[date]:
        """The dates of local days; the last one is only reached east of Greenwich."""
        return [self.first_date + timedelta(days=day) for day in range(self.days + 1)]

    @cached_property
    def day_weights(self) -> np.ndarray:
        """How busy each local day is."""
        return WEEKDAYS[[day.weekday() for day in self.dates]]

    @cached_property
    def month_starts(self) -> np.ndarray:
        """For each local day, the first local day of its month in the span."""
        return np.array([max(0, i - day.day + 1) for i, day in enumerate(self.dates)])

    def to_utc(self, zone: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Convert local to UTC, with the offset in force at that day's noon."""
        return local - self._ahead(zone, local // DAY * DAY + 12 * HOUR)

    def to_local(self, zone: np.ndarray, utc: np.ndarray) -> np.ndarray:
        """Convert UTC to local, exactly."""
        return utc + self._ahead(zone, utc)

    def _ahead(self, zone: np.ndarray, moment: np.ndarray) -> np.ndarray:
        hour = moment // HOUR + MARGIN_DAYS * 24
        return self.offsets[zone, np.clip(hour, 0, self.offsets.shape[1] - 1)]


def times_of_day(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw local times of day, in milliseconds, by the office's rhythm."""
    hour = np.interp(rng.random(n), HOURS_PASSED, np.arange(25))
    return np.minimum((hour * HOUR).astype(np.int64), DAY - 1)


def next_weekday(calendar: Calendar, day: np.ndarray) -> np.ndarray:
    """Move a Saturday or Sunday to the Monday after it."""
    weekday = (day + calendar.first_date.weekday()) % 7
    return day + np.where(weekday >= 5, 7 - weekday, 0)


# ---------------------------------------------------------------------------------------------------------
# Accounts and users
# ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """Everything the data depend on."""

    accounts: int
    days: int
    seed: int
    events_per_account: float
    last_day_apart: bool

    @property
    def volume(self) -> float:
        """Events per account, had the span 180 days."""
        return self.events_per_account * 180 / self.days

    @property
    def message_limits(self) -> dict[str, int]:
        """Messages per calendar month, by plan; a paid plan has no limit."""
        return {plan: two_digits(share * self.volume) for plan, share in MONTHLY_MESSAGES.items()}

    @property
    def events_per_session(self) -> float:
        """Busier worlds have longer sessions as well as more of them."""
        return float(np.clip(6 * math.sqrt(self.volume / 250), 3, 30))

    @property
    def accounts_per_block(self) -> int:
        """Half a million events make a block, which bounds a worker's memory."""
        return int(np.clip(500_000 / self.events_per_account, 1, 400))

    @property
    def blocks(self) -> int:
        """The number of blocks, which are also the parts of `events`."""
        return -(-self.accounts // self.accounts_per_block)


def two_digits(value: float) -> int:
    """Round to two significant digits, at least 1."""
    return max(1, int(float(f"{value:.2g}")))


@dataclass
class Accounts:
    """One block's accounts, as arrays. `closed` and `trial_ends` are NEVER where they do not happen."""

    number: np.ndarray  # within the whole world
    persona: np.ndarray
    intent: np.ndarray  # latent, standard normal; scales behaviour, never the hazard
    zone: np.ndarray
    signed_up: np.ndarray  # utc, like all below
    closed: np.ndarray
    trial_ends: np.ndarray
    employees: np.ndarray
    chattiness: np.ndarray  # share of messages among the events of a session
    converted: np.ndarray

    def __len__(self) -> int:
        return len(self.number)

    def drive(self, attribute: str, strength: float) -> np.ndarray:
        """Return a persona's mean, scaled by intent."""
        return of_personas(attribute)[self.persona] * np.exp(strength * self.intent)

    def falls_back(self, calendar: Calendar) -> np.ndarray:
        """Tell whose trial ran out within the span, without payment or closure before."""
        return self.trial_ends < np.minimum(np.minimum(self.converted, self.closed), calendar.end)


def draw_accounts(rng: np.random.Generator, numbers: np.ndarray, calendar: Calendar) -> Accounts:
    """Draw who signs up, when and with what in mind. Sign-ups grow by half over the span."""
    n = len(numbers)
    zone_weights = np.array([weight for _, weight in ZONES.values()])
    zone = rng.choice(len(ZONES), n, p=zone_weights / zone_weights.sum())
    persona = rng.choice(len(PERSONAS), n, p=of_personas("share"))
    crowd = calendar.day_weights[1:-1] * np.linspace(1.0, 1.5, calendar.days - 1)
    day = 1 + rng.choice(calendar.days - 1, n, p=crowd / crowd.sum())
    signed_up = whole_seconds(calendar.to_utc(zone, day * DAY + times_of_day(rng, n)))
    signed_up = np.minimum(signed_up, calendar.end - HOUR)
    closed = whole_seconds(signed_up + HOUR + rng.exponential(DAY / CLOSURES_PER_DAY, n))
    on_trial = rng.random(n) < TRIAL_SHARE
    employees = of_personas("employees")[persona] * rng.lognormal(0, 1.0, n)
    chattiness = of_personas("message_share")[persona] + rng.normal(0, 0.08, n)
    return Accounts(
        number=numbers,
        persona=persona,
        intent=rng.normal(0, 1, n),
        zone=zone,
        signed_up=signed_up,
        closed=np.where(closed < calendar.end, closed, NEVER),
        trial_ends=np.where(on_trial, signed_up + TRIAL_DAYS * DAY, NEVER),
        employees=np.maximum(1, employees).astype(np.int64),
        chattiness=np.clip(chattiness, 0.05, 0.9),
        converted=np.full(n, NEVER),
    )


def whole_seconds(moment: np.ndarray) -> np.ndarray:
    """Cut a moment to seconds, as sign-ups, closures and payments are recorded."""
    return (moment // SECOND * SECOND).astype(np.int64)


@dataclass
class Users:
    """One block's users. A mover belongs to `moved_to` from `moved` on."""

    account: np.ndarray
    joined: np.ndarray
    moved: np.ndarray
    moved_to: np.ndarray

    def __len__(self) -> int:
        return len(self.account)


@dataclass
class Events:
    """Things done by users. `guest_of` is the account they did it in, if not their own, else NOBODY."""

    user: np.ndarray
    utc: np.ndarray
    name: np.ndarray
    guest_of: np.ndarray

    @classmethod
    def of(cls, user: np.ndarray, utc: np.ndarray, name: str | np.ndarray) -> Events:
        """Return events of users in their own accounts, all of one name or each of its own."""
        codes = np.full(len(user), CODE[name], np.int16) if isinstance(name, str) else name
        return cls(user, utc, codes, np.full(len(user), NOBODY, np.int32))

    @classmethod
    def joined(cls, parts: Iterable[Events]) -> Events:
        """Return the parts as one."""
        parts = list(parts)
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__annotations__))

    def where(self, keep: np.ndarray) -> Events:
        """Return the events that the mask keeps."""
        return Events(*(getattr(self, name)[keep] for name in self.__annotations__))

    def accounts(self, users: Users) -> np.ndarray:
        """Return the account in which each event happened."""
        has_moved = self.utc >= users.moved[self.user]
        own = np.where(has_moved, users.moved_to[self.user], users.account[self.user])
        return np.where(self.guest_of >= 0, self.guest_of, own)


def is_open(accounts: Accounts, account: np.ndarray, utc: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Tell whether the account exists at the moment, inside the span."""
    ends = np.minimum(accounts.closed, calendar.end)
    return (utc >= accounts.signed_up[account]) & (utc < ends[account])


def draw_users(
    rng: np.random.Generator, accounts: Accounts, calendar: Calendar
) -> tuple[Users, list[Events]]:
    """Draw founders, colleagues and invited people, and the milestones that founders set.

    Users come in that order, so a founder has the number of the account.
    """
    founders = np.arange(len(accounts))
    colleagues, colleagues_joined = draw_colleagues(rng, accounts, calendar)
    inviters, sent = draw_invites(rng, accounts, calendar)
    invited, accepted = draw_acceptances(rng, accounts, calendar, inviters, sent)
    account = np.concatenate([founders, colleagues, invited])
    joined = np.concatenate([accounts.signed_up, colleagues_joined, accepted])
    n_before = len(founders) + len(colleagues)
    users = Users(
        account=account,
        joined=joined,
        moved=np.full(len(account), NEVER),
        moved_to=np.full(len(account), NOBODY),
    )
    draw_moves(rng, accounts, users, calendar)
    new = np.arange(n_before, len(account))
    milestones = [
        *onboarding(rng, accounts),
        *integrations(rng, accounts, calendar),
        Events.of(inviters, sent, "invite_sent"),
        Events.of(np.unique(inviters), first_of(inviters, sent) - 40 * SECOND, "login"),
        Events.of(new, accepted, "invite_accepted"),
        Events.of(new, accepted + 20 * SECOND, "login"),
    ]
    return users, milestones


def first_of(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the smallest value of each group, by ascending group."""
    order = np.lexsort((value, group))
    _, first = np.unique(group[order], return_index=True)
    return value[order][first]


def office_hours_after(
    rng: np.random.Generator, accounts: Accounts, account: np.ndarray, days: np.ndarray, calendar: Calendar
) -> np.ndarray:
    """Return a working moment about so many days after sign-up, and half an hour after it at least."""
    zone = accounts.zone[account]
    local = calendar.to_local(zone, accounts.signed_up[account])
    day = next_weekday(calendar, local // DAY + days.astype(np.int64))
    utc = calendar.to_utc(zone, day * DAY + times_of_day(rng, len(account)))
    return np.maximum(utc, accounts.signed_up[account] + 30 * MINUTE)


def draw_colleagues(
    rng: np.random.Generator, accounts: Accounts, calendar: Calendar
) -> tuple[np.ndarray, np.ndarray]:
    """Draw people who find the team by themselves: their accounts, and when they join."""
    count = rng.poisson(accounts.drive("colleagues", 0.3))
    account = np.repeat(np.arange(len(accounts)), count)
    utc = office_hours_after(rng, accounts, account, rng.exponential(9, len(account)), calendar)
    keep = is_open(accounts, account, utc, calendar)
    return account[keep], utc[keep]


def draw_invites(
    rng: np.random.Generator, accounts: Accounts, calendar: Calendar
) -> tuple[np.ndarray, np.ndarray]:
    """Draw invites, which founders send in bursts half a minute apart: inviters, and when."""
    bursts = np.repeat(np.arange(len(accounts)), rng.poisson(accounts.drive("invite_bursts", 0.5)))
    patience = np.minimum(1.2 * of_personas("half_life"), 35)[accounts.persona[bursts]]
    start = office_hours_after(rng, accounts, bursts, rng.exponential(patience), calendar)
    size = 1 + rng.poisson(2.4, len(bursts))
    inviter = np.repeat(bursts, size)
    nth = np.arange(len(inviter)) - np.repeat(np.cumsum(size) - size, size)
    sent = np.repeat(start, size) + nth * 30 * SECOND + rng.integers(0, 20 * SECOND, len(inviter))
    keep = is_open(accounts, inviter, sent, calendar)
    return inviter[keep], sent[keep]


def draw_acceptances(
    rng: np.random.Generator, accounts: Accounts, calendar: Calendar, inviter: np.ndarray, sent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw who accepts: half of them within hours, the others some days later."""
    accepts = rng.random(len(sent)) < 0.66
    account, sent = inviter[accepts], sent[accepts]
    soon = sent + MINUTE + rng.exponential(1.5 * HOUR, len(sent)).astype(np.int64)
    zone = accounts.zone[account]
    day = calendar.to_local(zone, sent) // DAY + rng.geometric(0.45, len(sent))
    later = calendar.to_utc(zone, next_weekday(calendar, day) * DAY + times_of_day(rng, len(sent)))
    utc = np.where(rng.random(len(sent)) < 0.5, soon, np.maximum(later, sent + MINUTE))
    keep = is_open(accounts, account, utc, calendar)
    return account[keep], utc[keep]


def draw_moves(rng: np.random.Generator, accounts: Accounts, users: Users, calendar: Calendar) -> None:
    """Let a few users who are not founders move to another account that is open by then."""
    moved = users.joined + (rng.uniform(10, 80, len(users)) * DAY).astype(np.int64)
    target = rng.integers(0, len(accounts), len(users))
    moves = (rng.random(len(users)) < 0.02) & (np.arange(len(users)) >= len(accounts))
    moves &= is_open(accounts, target, moved, calendar) & (target != users.account)
    users.moved[moves] = whole_seconds(moved[moves])
    users.moved_to[moves] = target[moves]


def onboarding(rng: np.random.Generator, accounts: Accounts) -> list[Events]:
    """Return the founders' first minutes."""
    founders = np.arange(len(accounts))

    def within(first: int, last: int) -> np.ndarray:
        return accounts.signed_up + rng.integers(first * SECOND, last * SECOND, len(accounts))

    starts = rng.random(len(accounts)) < 0.85
    brands = rng.random(len(accounts)) < of_personas("logo")[accounts.persona]
    return [
        Events.of(founders, within(1, 5), "login"),
        Events.of(founders[starts], within(40, 300)[starts], "project_created"),
        Events.of(founders[brands], within(300, 1500)[brands], "logo_uploaded"),
    ]


def integrations(rng: np.random.Generator, accounts: Accounts, calendar: Calendar) -> list[Events]:
    """Return the apps that founders connect, each after a login."""
    founder = np.repeat(np.arange(len(accounts)), rng.poisson(accounts.drive("integrations", 0.5)))
    patience = np.minimum(of_personas("half_life"), 18)[accounts.persona[founder]]
    utc = office_hours_after(rng, accounts, founder, rng.exponential(patience), calendar)
    return [Events.of(founder, utc, "integration_connected"), Events.of(founder, utc - MINUTE, "login")]


# ---------------------------------------------------------------------------------------------------------
# Sessions
# ---------------------------------------------------------------------------------------------------------


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


# ---------------------------------------------------------------------------------------------------------
# Conversions
# ---------------------------------------------------------------------------------------------------------


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


# ---------------------------------------------------------------------------------------------------------
# Rows: what the pipeline makes of it
# ---------------------------------------------------------------------------------------------------------

# Shares of the clean rows.
LATE, CLOCK_AHEAD, NO_ACCOUNT_ID, BROKEN_JSON = 0.01, 0.001, 0.4, 0.0008
DIRT = {
    "exact_duplicate": 0.004,
    "conflicting_duplicate": 0.0006,
    "missing_event_id": 0.0003,
    "missing_event_name": 0.0002,
    "missing_occurred_at": 0.0003,
    "future_occurred_at": 0.0002,
    "unknown_account": 0.001,
}
KINDS = ("event", "anonymous_visit_known", "anonymous_visit_unknown", *DIRT)
KIND = {name: code for code, name in enumerate(KINDS)}
ACCEPTED_KINDS = ("event", "anonymous_visit_known", "anonymous_visit_unknown", "unknown_account")
REJECTED_KINDS = ("missing_event_id", "missing_event_name", "missing_occurred_at", "future_occurred_at")
ODDITIES = (
    "invalid_json",
    "late_by_a_day_or_more",
    "clock_ahead_of_receipt",
    "without_account_id",
    "without_user_id",
)
STRANGERS = 3  # unknown accounts, and users, per block
MISSING_TIME = -(2**62)

Rows = dict[str, np.ndarray]


def rows_of(
    rng: np.random.Generator, events: Events, accounts: Accounts, users: Users, calendar: Calendar
) -> Rows:
    """Turn events into clean rows. Codes of NOBODY become nulls."""
    n = len(events.user)
    by_machine = (events.name == CODE["automation_run"]) & (rng.random(n, dtype=np.float32) < 0.5)
    leaves_out = rng.random(n, dtype=np.float32) < NO_ACCOUNT_ID
    leaves_out &= ~by_machine & (events.guest_of == NOBODY)
    picks = rng.integers(0, SLOTS, n, dtype=np.uint16)
    return {
        "occurred": events.utc,
        "received": draw_receipts(rng, events.utc),
        "name": events.name,
        "user": np.where(by_machine, NOBODY, events.user).astype(np.int32),
        "account": np.where(leaves_out, NOBODY, events.accounts(users)).astype(np.int32),
        "anonymous": np.where(events.name == CODE["login"], events.user, NOBODY).astype(np.int32),
        "properties": PROPERTY_SLOTS[events.name, picks],
        "kind": np.full(n, KIND["event"], np.int8),
    }


def draw_receipts(rng: np.random.Generator, occurred: np.ndarray) -> np.ndarray:
    """Draw when rows arrive: seconds later; some days late; a few sent by clocks that run ahead."""
    n = len(occurred)
    delay = (rng.standard_exponential(n, dtype=np.float32) * (3 * SECOND)).astype(np.int64) + 40
    fate = rng.random(n)
    late, ahead = np.flatnonzero(fate < LATE), np.flatnonzero(fate > 1 - CLOCK_AHEAD)
    delay[late] += DAY + rng.exponential(1.5 * DAY, len(late)).astype(np.int64)
    delay[ahead] -= rng.integers(MINUTE, 6 * HOUR, len(ahead))
    return occurred + delay


def draw_visits(
    rng: np.random.Generator, events: Events, accounts: Accounts, users: Users, calendar: Calendar
) -> Events:
    """Draw looks at the pricing page while logged out: by founders-to-be, and just before some logins."""
    founders = np.repeat(np.arange(len(accounts)), rng.poisson(0.8, len(accounts)))
    early = accounts.signed_up[founders] - MINUTE - rng.exponential(0.7 * DAY, len(founders)).astype(np.int64)
    logins = np.flatnonzero((events.name == CODE["login"]) & (events.guest_of == NOBODY))
    logins = logins[rng.random(len(logins)) < 0.01]
    user, login = events.user[logins], events.utc[logins]
    zone = accounts.zone[events.accounts(users)[logins]]
    since_midnight = calendar.to_local(zone, login) % DAY
    back = np.minimum(rng.integers(20 * SECOND, 10 * MINUTE, len(logins)), since_midnight)
    visits = Events.of(
        np.concatenate([founders, user]), np.concatenate([early, login - back]), "pricing_viewed"
    )
    return visits.where(visits.utc >= 0)


def rows_of_visits(rng: np.random.Generator, visits: Events) -> Rows:
    """Turn logged-out visits into rows that carry an anonymous_id only."""
    n = len(visits.user)
    nobody = np.full(n, NOBODY, np.int32)
    return {
        "occurred": visits.utc,
        "received": draw_receipts(rng, visits.utc),
        "name": visits.name,
        "user": nobody,
        "account": nobody,
        "anonymous": visits.user.astype(np.int32),
        "properties": nobody.astype(np.int16),
        "kind": np.full(n, KIND["anonymous_visit_known"], np.int8),
    }


def take(rows: Rows, index: np.ndarray) -> Rows:
    """Return some of the rows, by mask, index or order."""
    return {name: values[index] for name, values in rows.items()}


def stack(parts: Iterable[Rows]) -> Rows:
    """Return all parts' rows."""
    parts = list(parts)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def mark_unknown_visits(rows: Rows, n_users: int) -> Rows:
    """Tell visits after the visitor's first login from those before, which belong to nobody yet."""
    first_login = np.full(n_users, NEVER)
    seen = (rows["anonymous"] >= 0) & (rows["user"] >= 0)
    np.minimum.at(first_login, rows["anonymous"][seen], rows["occurred"][seen])
    visits = np.flatnonzero(rows["kind"] == KIND["anonymous_visit_known"])
    login = first_login[rows["anonymous"][visits]]
    rows["kind"][visits[rows["occurred"][visits] < login]] = KIND["anonymous_visit_unknown"]
    in_doubt = np.zeros(len(rows["kind"]), bool)
    in_doubt[visits[rows["occurred"][visits] == login]] = True
    return take(rows, ~in_doubt)


def soil(rng: np.random.Generator, rows: Rows, n_accounts: int, n_users: int) -> Rows:
    """Break some properties and add dirty rows. A duplicate shares its `id`; a row without one has NOBODY.

    Every dirty row is additional, so the accepted events are exactly those of `rows` and of strangers.
    """
    n = len(rows["kind"])
    broken = np.flatnonzero((rng.random(n) < BROKEN_JSON) & (rows["properties"] >= 0))
    rows["properties"][broken] = rng.integers(len(VALID_PROPERTIES), len(PROPERTIES), len(broken))
    rows["id"] = np.arange(n, dtype=np.int32)
    parts, next_id = [rows], n
    for kind, share in DIRT.items():
        copies = take(rows, rng.integers(0, n, rng.binomial(n, share)))
        copies["kind"][:] = KIND[kind]
        if not kind.endswith("_duplicate"):
            copies["id"] = next_id + np.arange(len(copies["id"]), dtype=np.int32)
            next_id += len(copies["id"])
        damage(rng, kind, copies, n_accounts, n_users)
        parts.append(copies)
    return stack(parts)


def damage(rng: np.random.Generator, kind: str, copies: Rows, n_accounts: int, n_users: int) -> None:
    """Do to copied rows what their kind says."""
    n = len(copies["kind"])
    if kind == "exact_duplicate":
        resent = (rng.exponential(MINUTE, n) + SECOND).astype(np.int64)
        copies["received"] += np.where(rng.random(n) < 0.5, resent, 0)
    elif kind == "conflicting_duplicate":
        copies["received"] += SECOND + rng.integers(0, 2 * HOUR, n)
        copies["occurred"] += rng.integers(SECOND, HOUR, n)
        renamed = rng.random(n) < 0.5
        copies["name"][renamed] = (copies["name"][renamed] + 1) % len(EVENT_NAMES)
    elif kind == "missing_event_id":
        copies["id"][:] = NOBODY
    elif kind == "missing_event_name":
        copies["name"][:] = NOBODY
    elif kind == "missing_occurred_at":
        copies["occurred"][:] = MISSING_TIME
    elif kind == "future_occurred_at":
        copies["occurred"] = copies["received"] + DAY + rng.integers(MINUTE, 700 * DAY, n)
    elif kind == "unknown_account":
        stranger = rng.integers(0, STRANGERS, n, dtype=np.int32)
        copies["user"] = n_users + stranger
        copies["account"] = np.where(rng.random(n) < 0.75, n_accounts + stranger, NOBODY).astype(np.int32)
        copies["anonymous"][:] = NOBODY


def count_rows(rows: Rows) -> Counter:
    """Count rows by kind, and some other oddities among the accepted ones."""
    kinds = np.bincount(rows["kind"], minlength=len(KINDS))
    accepted = np.isin(rows["kind"], [KIND[kind] for kind in ACCEPTED_KINDS])
    broken = rows["properties"] >= len(VALID_PROPERTIES)
    counts = Counter({f"kind|{kind}": int(kinds[code]) for kind, code in KIND.items()})
    delay = rows["received"] - rows["occurred"]
    oddities = (
        broken,
        delay >= DAY,
        delay < 0,
        rows["account"] == NOBODY,
        rows["user"] == NOBODY,
    )
    for name, mask in zip(ODDITIES, oddities, strict=True):
        counts[name] = int((mask & accepted).sum())
    return counts


# ---------------------------------------------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------------------------------------------


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


NAME_STARTS = words(
    """
    Amber Bright Cedar Clear Cobalt Copper Coral Crest Delta Ember Fern Flint Harbor Hazel Iron Juniper
    Kestrel Lantern Larch Linden Lumen Maple Marble Meadow Mosaic Nimbus Oak Olive Onyx Orchard Pebble
    Pine Quill Raven Ridge River Saffron Slate Sparrow Tidal
    """
)
NAME_ENDS = words(
    """
    bridge brook craft dale field forge gate grove haven hill house lane leaf light line loop mark mill
    path peak point port rise shore side spring stone stream track vale view wave way well wharf wing
    wood works yard crest
    """
)
NAME_KINDS = ("Labs", "Studio", "Group", "Logistics", "Health", "Software", "Partners", "Foods")
FIRST_NAMES = words(
    """
    Ada Amir Ana Ben Carla Chen Chidi Clara Dana Diego Elif Emma Farid Femke Grace Hana Hugo Ines Ivan
    Jana Jonas Kaito Lena Liam Luca Maya Mia Nia Noah Olga Omar Priya Ravi Rosa Sara Sven Tara Tom Uma
    Yuki
    """
)
LAST_NAMES = words(
    """
    Abe Adeyemi Bauer Becker Brown Costa Dubois Evans Fischer Garcia Haddad Hansen Ito Jansen Jones Kaur
    Khan Kim Laurent Lopez Mehta Meyer Moreau Nguyen Novak Okafor Olsen Patel Petrov Rao Rossi Santos
    Sato Schmidt Silva Singh Smith Tanaka Weber Young
    """
)
INDUSTRIES = {
    "software": 26,
    "agency": 16,
    "retail": 12,
    "education": 10,
    "healthcare": 9,
    "logistics": 8,
    "finance": 8,
    "manufacturing": 7,
    None: 4,
}
USERS_FROM, USERS_PER_BLOCK, STRANGERS_FROM = 2**44, 2**20, 2**40  # numbers behind the ids
GOLDEN = 0x9E3779B97F4A7C15  # odd, so multiplying by it permutes the numbers below a power of two


def opaque_ids(prefix: str, numbers: np.ndarray, digits: int = 12) -> list[str]:
    """Return ids that look random and are unique: the numbers, permuted, in hexadecimal."""
    mask = 16**digits - 1
    return [f"{prefix}{(number + 1) * GOLDEN & mask:0{digits}x}" for number in numbers.tolist()]


def company_name(number: int) -> tuple[str, str]:
    """Return an account's name and domain; the first 1,600 stems are distinct, later domains are numbered."""
    stems = len(NAME_STARTS) * len(NAME_ENDS)
    again, stem = divmod(number, stems)
    first, last = divmod(stem * 1013 % stems, len(NAME_ENDS))
    name = f"{NAME_STARTS[first]}{NAME_ENDS[last]}"
    kind = NAME_KINDS[(number * 5 + again) % len(NAME_KINDS)]
    return f"{name} {kind}", f"{name.lower()}{again or ''}.example"


def event_ids(rng: np.random.Generator, id_index: np.ndarray) -> pa.Array:
    """Return 128 random bits in hexadecimal per distinct id; NOBODY is null."""
    n_ids = int(id_index.max(initial=0)) + 1
    raw = np.frombuffer(rng.bytes(16 * n_ids), dtype="V16")[np.maximum(id_index, 0)]
    text = HEX_PAIRS[raw.view(np.uint8)]
    return fixed_width_strings(text, 32, valid=id_index != NOBODY)


HEX_PAIRS = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)


def fixed_width_strings(text: np.ndarray, width: int, valid: np.ndarray) -> pa.Array:
    """Wrap a buffer of equally long strings, without copying."""
    n = len(valid)
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(width)
    bitmap = pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(pa.string(), n, [bitmap, pa.py_buffer(offsets), pa.py_buffer(text)])


def coded(codes: np.ndarray, values: list[str] | tuple[str, ...]) -> pa.DictionaryArray:
    """Return strings by code; NOBODY is null."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(values, pa.string()))


def timestamps(calendar: Calendar, utc: np.ndarray, valid: np.ndarray | None = None) -> pa.Array:
    """Return UTC timestamps in microseconds; NEVER and what is not valid are null."""
    missing = utc == NEVER if valid is None else ~valid
    return pa.array((utc + calendar.epoch) * 1_000, mask=missing).view(pa.timestamp("us"))


# ---------------------------------------------------------------------------------------------------------
# One block of the world
# ---------------------------------------------------------------------------------------------------------


@dataclass
class Block:
    """The small tables of one block, and what it adds to the truth."""

    tables: dict[str, pa.Table]
    counts: Counter = field(default_factory=Counter)


def simulate_block(settings: Settings, calendar: Calendar, out: Path, number: int) -> Block:
    """Simulate one block of accounts, write its events, return the rest."""
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(settings.seed, spawn_key=(number,))))
    first = number * settings.accounts_per_block
    numbers = np.arange(first, min(first + settings.accounts_per_block, settings.accounts))
    accounts = draw_accounts(rng, numbers, calendar)
    users, milestones = draw_users(rng, accounts, calendar)
    rates = session_rates(rng, accounts, users, calendar, settings)
    everyone = np.arange(len(users))
    work = draw_sessions(rng, accounts, users, rates, everyone, calendar, settings)
    events = only_possible(Events.joined([*milestones, work]), accounts, users, calendar)
    met = rules_met(events, accounts, users, calendar, settings)
    counts = draw_conversions(rng, accounts, met, calendar)
    more = draw_usage_after_paying(rng, accounts, users, rates, calendar, settings)
    events = Events.joined([events, only_possible(more, accounts, users, calendar)])
    rows = log_of(rng, events, accounts, users, calendar)
    counts.update(count_rows(rows))
    user_ids = opaque_ids("usr_", USERS_FROM + number * USERS_PER_BLOCK + np.arange(len(users) + STRANGERS))
    write_log(rng, rows, accounts, user_ids, calendar, settings, out, number)
    tables = describe(rng, accounts, users, user_ids[:-STRANGERS], calendar)
    counts.update({f"rows|{name}": len(table) for name, table in tables.items()})
    counts["accounts_converted"] = int((accounts.converted != NEVER).sum())
    return Block(tables, counts)


def log_of(
    rng: np.random.Generator, events: Events, accounts: Accounts, users: Users, calendar: Calendar
) -> Rows:
    """Return the rows received within the span, in the order of receipt."""
    visits = draw_visits(rng, events, accounts, users, calendar)
    rows = stack([rows_of(rng, events, accounts, users, calendar), rows_of_visits(rng, visits)])
    rows = mark_unknown_visits(take(rows, rows["received"] < calendar.end), len(users))
    rows = soil(rng, rows, len(accounts), len(users))
    order = np.argsort(rows["received"], kind="stable")
    in_time = np.count_nonzero(rows["received"] < calendar.end)
    return take(rows, order[:in_time])


def write_log(
    rng: np.random.Generator,
    rows: Rows,
    accounts: Accounts,
    user_ids: list[str],
    calendar: Calendar,
    settings: Settings,
    out: Path,
    number: int,
) -> None:
    """Write a block's rows as one part, or as two where the last day goes apart."""
    table = log_table(rng, rows, account_ids(accounts), user_ids, calendar)
    last_day = int(np.searchsorted(rows["received"], calendar.end - DAY))
    split = last_day if settings.last_day_apart else len(table)
    write_part(table.slice(0, split), out / "events" / f"part-{number:05d}.parquet")
    if settings.last_day_apart:
        write_part(table.slice(split), out / "events_last_day" / f"part-{number:05d}.parquet")


def account_ids(accounts: Accounts) -> list[str]:
    """Return the accounts' ids, then those of accounts that nobody knows."""
    strangers = STRANGERS_FROM + accounts.number[0] * STRANGERS + np.arange(STRANGERS)
    return opaque_ids("acc_", np.concatenate([accounts.number, strangers]))


def log_table(
    rng: np.random.Generator, rows: Rows, accounts: list[str], users: list[str], calendar: Calendar
) -> pa.Table:
    """Return the columns of SPEC §2 `events`."""
    anonymous = [f"anon_{user.removeprefix('usr_')[::-1]}" for user in users]
    return pa.table(
        {
            "event_id": event_ids(rng, rows["id"]),
            "occurred_at": timestamps(calendar, rows["occurred"], rows["occurred"] != MISSING_TIME),
            "event_name": coded(rows["name"], EVENT_NAMES),
            "user_id": coded(rows["user"], users),
            "account_id": coded(rows["account"], accounts),
            "anonymous_id": coded(rows["anonymous"], anonymous),
            "received_at": timestamps(calendar, rows["received"]),
            "properties": coded(rows["properties"], PROPERTIES),
        }
    )


def write_part(table: pa.Table, path: Path) -> None:
    """Write one part of the log; ids do not repeat, so a dictionary of them would be a waste."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=1,
        row_group_size=122_880,
        use_dictionary=["event_name", "user_id", "account_id", "anonymous_id", "properties"],
        column_encoding={"occurred_at": "DELTA_BINARY_PACKED", "received_at": "DELTA_BINARY_PACKED"},
        write_statistics=["occurred_at", "received_at"],
        store_schema=False,
    )


# ---------------------------------------------------------------------------------------------------------
# The small tables
# ---------------------------------------------------------------------------------------------------------


def describe(
    rng: np.random.Generator, accounts: Accounts, users: Users, user_ids: list[str], calendar: Calendar
) -> dict[str, pa.Table]:
    """Return every table but the log."""
    ids = np.array(account_ids(accounts)[:-STRANGERS], dtype=object)
    domains = domains_of(rng, accounts)
    changes, employees = changes_table(rng, accounts, ids, calendar)
    return {
        "accounts": accounts_table(rng, accounts, ids, domains, employees, calendar),
        "users": users_table(rng, accounts, users, ids, user_ids, domains, calendar),
        "memberships": memberships_table(rng, users, ids, user_ids, calendar),
        "account_changes": changes,
        "conversions": conversions_table(rng, accounts, users, ids, calendar),
    }


def domains_of(rng: np.random.Generator, accounts: Accounts) -> list[str | None]:
    """Return the accounts' domains; one in ten signed up with a private address."""
    private = rng.random(len(accounts)) < 0.1
    return [
        None if hidden else company_name(number)[1]
        for number, hidden in zip(accounts.number.tolist(), private, strict=True)
    ]


def accounts_table(
    rng: np.random.Generator,
    accounts: Accounts,
    ids: np.ndarray,
    domains: list[str | None],
    employees: np.ndarray,
    calendar: Calendar,
) -> pa.Table:
    """Return the accounts as they are at the end; one sign-up in a hundred went unrecorded."""
    n = len(accounts)
    weights = np.array(list(INDUSTRIES.values()))
    industry = np.array(list(INDUSTRIES), dtype=object)[
        rng.choice(len(weights), n, p=weights / weights.sum())
    ]
    recorded = rng.random(n) >= 0.01
    known_size = rng.random(n) >= 0.06
    plan = np.select(
        [accounts.converted != NEVER, (accounts.trial_ends != NEVER) & ~accounts.falls_back(calendar)],
        [PAID_PLAN, "trial"],
        "free",
    )
    return pa.table(
        {
            "account_id": pa.array(ids),
            "account_name": [company_name(number)[0] for number in accounts.number.tolist()],
            "domain": pa.array(domains, pa.string()),
            "plan": pa.array(plan.tolist()),
            "employees": pa.array(employees, mask=~known_size),
            "industry": pa.array(industry, pa.string()),
            "country": [ZONES[ZONE_NAMES[zone]][0] for zone in accounts.zone],
            "signed_up_at": timestamps(calendar, accounts.signed_up, recorded),
            "trial_ends_at": timestamps(calendar, accounts.trial_ends),
            "closed_at": timestamps(calendar, accounts.closed),
            "time_zone": pa.array([ZONE_NAMES[zone] for zone in accounts.zone], pa.string()),
        }
    )


def users_table(
    rng: np.random.Generator,
    accounts: Accounts,
    users: Users,
    ids: np.ndarray,
    user_ids: list[str],
    domains: list[str | None],
    calendar: Calendar,
) -> pa.Table:
    """Return the users; `account_id` is the first account, so that only memberships know of a move."""
    first = rng.integers(0, len(FIRST_NAMES), len(users)).tolist()
    last = rng.integers(0, len(LAST_NAMES), len(users)).tolist()
    email = [
        f"{FIRST_NAMES[f]}.{LAST_NAMES[s]}{number}@{domains[account] or 'mail.example'}".lower()
        for number, (f, s, account) in enumerate(zip(first, last, users.account.tolist(), strict=True))
    ]
    role = ["owner"] * len(accounts) + ["member"] * (len(users) - len(accounts))
    return pa.table(
        {
            "user_id": user_ids,
            "account_id": pa.array(ids[users.account], pa.string()),
            "email": email,
            "signed_up_at": timestamps(calendar, users.joined),
            "role": role,
        }
    )


def memberships_table(
    rng: np.random.Generator, users: Users, ids: np.ndarray, user_ids: list[str], calendar: Calendar
) -> pa.Table:
    """Return who belonged where, when. Some users who never moved have no row and fall back on `users`."""
    has_moved = users.moved != NEVER
    listed = np.flatnonzero(has_moved | (rng.random(len(users)) < 0.85))
    movers = np.flatnonzero(has_moved)
    who = np.concatenate([listed, movers])
    first_then_next = np.concatenate([users.account[listed], users.moved_to[movers]])
    return pa.table(
        {
            "user_id": pa.array(np.array(user_ids, dtype=object)[who], pa.string()),
            "account_id": pa.array(ids[first_then_next], pa.string()),
            "joined_at": timestamps(calendar, np.concatenate([users.joined[listed], users.moved[movers]])),
            "left_at": timestamps(
                calendar, np.concatenate([users.moved[listed], np.full(len(movers), NEVER)])
            ),
        }
    )


def changes_table(
    rng: np.random.Generator, accounts: Accounts, ids: np.ndarray, calendar: Calendar
) -> tuple[pa.Table, np.ndarray]:
    """Return the history of plans and of some head counts, and the head counts at the end.

    A plan that never changed has no history.
    """
    n = len(accounts)
    pays, falls_back = accounts.converted != NEVER, accounts.falls_back(calendar)
    first_plan = np.where(accounts.trial_ends != NEVER, "trial", "free")
    hired = whole_seconds(accounts.signed_up + rng.uniform(5, 120, n) * DAY)
    grows = (rng.random(n) < 0.04) & is_open(accounts, np.arange(n), hired, calendar)
    grown = np.maximum(accounts.employees + 1, (accounts.employees * 1.25).astype(np.int64))
    history = [
        ("plan", pays | falls_back, first_plan, accounts.signed_up),
        ("plan", falls_back, np.full(n, "free"), accounts.trial_ends),
        ("plan", pays, np.full(n, PAID_PLAN), accounts.converted),
        ("employees", grows, accounts.employees, accounts.signed_up),
        ("employees", grows, grown, hired),
    ]
    table = pa.concat_tables(
        pa.table(
            {
                "account_id": pa.array(ids[who], pa.string()),
                "attribute": pa.array([attribute] * who.sum(), pa.string()),
                "value": pa.array(value[who].astype(str).tolist(), pa.string()),
                "changed_at": timestamps(calendar, at[who]),
            }
        )
        for attribute, who, value, at in history
    )
    return table, np.where(grows, grown, accounts.employees)


def conversions_table(
    rng: np.random.Generator, accounts: Accounts, users: Users, ids: np.ndarray, calendar: Calendar
) -> pa.Table:
    """Return payments by seat: one a year, or one every 30 days while the account is open."""
    payers = np.flatnonzero(accounts.converted != NEVER)
    seated = users.joined <= accounts.converted[users.account]
    seats = np.bincount(users.account[seated], minlength=len(accounts))[payers]
    monthly = rng.random(len(payers)) < 0.3
    first = accounts.converted[payers]
    ends = np.minimum(accounts.closed[payers], calendar.end)
    payments = np.where(monthly, 1 + (ends - 1 - first) // (30 * DAY), 1)
    row = np.repeat(np.arange(len(payers)), payments)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(payments) - payments, payments)
    price = np.where(monthly, PRICE_PER_SEAT["monthly"], PRICE_PER_SEAT["annual"])
    return pa.table(
        {
            "account_id": pa.array(ids[payers[row]], pa.string()),
            "converted_at": timestamps(calendar, first[row] + nth * 30 * DAY),
            "plan": pa.array([PAID_PLAN] * len(row), pa.string()),
            "amount": (seats * price)[row],
        }
    )


# ---------------------------------------------------------------------------------------------------------
# The whole world
# ---------------------------------------------------------------------------------------------------------

TABLES = ("accounts", "users", "memberships", "account_changes", "conversions")
TRUTH = "truth.json"
ROWS_PER_GROUP = 100_000


class TableWriter:
    """Streams small tables into one Parquet file, in row groups of a useful size."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[pa.Table] = []
        self.writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Take a table; write when enough rows have come together."""
        self.waiting.append(table)
        if sum(map(len, self.waiting)) >= ROWS_PER_GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        table = pa.concat_tables(self.waiting)
        self.writer = self.writer or pq.ParquetWriter(
            self.path, table.schema, compression="zstd", store_schema=False
        )
        self.writer.write_table(table)
        self.waiting = [table.slice(0, 0)]

    def close(self) -> None:
        """Write the rest."""
        self.flush()
        self.writer.close()


def simulate(settings: Settings, out: Path, seeds: Path, workers: int) -> dict:
    """Simulate a world into folders that exist and are empty; return the truth."""
    calendar = Calendar.of_last(settings.days)
    if settings.last_day_apart:
        (out / "events_last_day").mkdir()
    writers = {name: TableWriter(out / f"{name}.parquet") for name in TABLES}
    counts: Counter = Counter()
    with progress_bar() as progress, open(seeds / "conversions.csv", "w", newline="") as seed:
        task = progress.add_task("Simulating", total=settings.blocks)
        payments = csv.writer(seed, lineterminator="\n")
        payments.writerow(("account_id", "converted_at", "plan", "amount"))
        for block in blocks_in_order(settings, calendar, out, workers):
            for name, table in block.tables.items():
                writers[name].add(table)
            payments.writerows(zip(*block.tables["conversions"].to_pydict().values(), strict=True))
            counts.update(block.counts)
            progress.advance(task)
    for writer in writers.values():
        writer.close()
    write_plan_limits(settings, seeds / "plan_limits.csv")
    return truth_of(settings, calendar, counts)


def blocks_in_order(settings: Settings, calendar: Calendar, out: Path, workers: int) -> Iterator[Block]:
    """Yield the blocks in their order, made here or by workers."""
    numbers = range(settings.blocks)
    if workers == 1:
        yield from (simulate_block(settings, calendar, out, number) for number in numbers)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        yield from pool.map(simulate_block, repeat(settings), repeat(calendar), repeat(out), numbers)
    finally:
        pool.shutdown(cancel_futures=True)


def write_plan_limits(settings: Settings, path: Path) -> None:
    """Write the seed of limits; message limits follow the world's volume."""
    limits = dict(zip(LIMIT_NAMES, (settings.message_limits, STORAGE_MEGABYTES), strict=True))
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(PLAN_LIMITS_HEADER)
        rows.writerows((plan, name, value) for name, plans in limits.items() for plan, value in plans.items())


def truth_of(settings: Settings, calendar: Calendar, counts: Counter) -> dict:
    """Return what is true of this world and what its log holds."""
    kinds = {kind: counts[f"kind|{kind}"] for kind in KINDS}
    strata = [key.removeprefix("conversions|") for key in counts if key.startswith("conversions|")]
    return {
        "simulator": "scripts/simulate_events.py",
        "complete": True,
        "settings": asdict(settings),
        "span": {
            "starts_at": f"{calendar.first_date} 00:00:00",
            "ends_before": f"{LAST_DATE + timedelta(days=1)} 00:00:00",
        },
        "hazard": {
            "meaning": " ".join(Hazard.__doc__.split()),
            "baseline_per_day": HAZARD.baseline,
            "planted_rules": [asdict(rule) for rule in HAZARD.rules],
            "decoy": asdict(HAZARD.decoy),
            "usage_after_paying": USAGE_AFTER_PAYING,
        },
        "message_limits": settings.message_limits,
        "conversions": {
            "accounts_converted": counts["accounts_converted"],
            "expected": round(counts["expected_conversions"], 3),
            "by_rules_met": {
                label: {
                    "days_at_risk": counts[f"days_at_risk|{label}"],
                    "conversions": counts[f"conversions|{label}"],
                }
                for label in strata
            },
        },
        "rows": {name: counts[f"rows|{name}"] for name in TABLES},
        "events": {
            "raw": sum(kinds.values()),
            "accepted": sum(kinds[kind] for kind in ACCEPTED_KINDS),
            "duplicates": kinds["exact_duplicate"] + kinds["conflicting_duplicate"],
            "conflicting_duplicates": kinds["conflicting_duplicate"],
            "rejected": {kind: kinds[kind] for kind in REJECTED_KINDS},
            "unattributed": kinds["unknown_account"] + kinds["anonymous_visit_unknown"],
            "unattributed_unknown_account": kinds["unknown_account"],
            "unattributed_anonymous": kinds["anonymous_visit_unknown"],
            "anonymous_attributed": kinds["anonymous_visit_known"],
            "of_the_accepted": {name: counts[name] for name in ODDITIES},
        },
    }


# ---------------------------------------------------------------------------------------------------------
# The command line
# ---------------------------------------------------------------------------------------------------------

HELP = """\
examples:
  the demo: 1,200 accounts, about 300,000 events, into demo_data/ and seeds/
    python scripts/simulate_events.py

  another world of the same kind
    python scripts/simulate_events.py --seed 7 --out /tmp/world_7

  a benchmark of about 100 million events, with the last day's rows in events_last_day/
    python scripts/simulate_events.py --events 100M --last-day-apart --out /tmp/big

what decides how much there is:
  --accounts N                          N accounts with about 250 events each (per 180 days)
  --accounts N --events-per-account E   N accounts with about E events each
  --events T                            accounts with about 2,000 events each (per 180 days), T in all
  --events T --accounts N               N accounts that share about T events

The span always ends on 2026-06-30, and the same arguments always give the same data. The folder also gets
truth.json: what makes accounts convert, and how many rows of each kind the log holds.
"""

DEFAULT_OUT, DEFAULT_SEEDS = ROOT / "demo_data", ROOT / "seeds"
DEFAULT_ACCOUNTS = 1_200
EVENTS_PER_ACCOUNT, EVENTS_PER_BIG_ACCOUNT = 250, 2_000  # per 180 days
WORTH_A_POOL = 2_000_000  # events; fewer are simulated sooner than worker processes start
PLAN_LIMITS_HEADER = ("plan", "limit_name", "limit_value")
SIMULATED_ACCOUNT = re.compile(r"acc_[0-9a-f]{12}")


class UsageError(Exception):
    """What was asked for is not possible; the message says why, in one line."""


class Parser(argparse.ArgumentParser):
    """Leaves it to `main` to print what is wrong."""

    def error(self, message: str) -> None:
        raise UsageError(f"{message} (see --help)")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers in a range, that understands 300_000, 300k and 10M."""

    def parse(text: str) -> int:
        match = re.fullmatch(r"(\d[\d_,]*)([kKmM]?)", text)
        if not match:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
        digits, unit = match.groups()
        value = int(re.sub("[_,]", "", digits)) * {"": 1, "k": 1_000, "m": 1_000_000}[unit.lower()]
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value:,} is not between {least:,} and {most:,}")
        return value

    return parse


def parser() -> Parser:
    """Return the command line."""
    result = Parser(
        description=__doc__.split("\n\n")[0],
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("--accounts", type=whole_number(1, 100_000_000), metavar="N", help="number of accounts")
    add(
        "--events", type=whole_number(1, 10**11), metavar="T", help="approximate number of events: 300k, 100M"
    )
    add("--events-per-account", type=whole_number(1, 100_000), metavar="E", help="approximate events of each")
    add("--days", type=whole_number(30, 3_650), default=180, metavar="D", help="length of the span (180)")
    add("--seed", type=whole_number(0, 2**63), default=1, metavar="S", help="which world of its kind (1)")
    add("--out", type=Path, default=DEFAULT_OUT, metavar="DIR", help="folder of the data (demo_data)")
    add("--seeds-dir", type=Path, metavar="DIR", help="folder of the two CSV files (seeds; or OUT/seeds)")
    add("--last-day-apart", action="store_true", help="rows received on the last day go to events_last_day/")
    add("--workers", type=whole_number(1, 1_024), metavar="W", help="processes; changes nothing but the time")
    add("--force", action="store_true", help="replace files although this script did not make them")
    return result


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Work out how many accounts there are, and how busy they are."""
    accounts, events, each = arguments.accounts, arguments.events, arguments.events_per_account
    if events and each and accounts:
        raise UsageError("give two of --accounts, --events and --events-per-account; the third follows")
    if events:
        each = events / accounts if accounts else each or EVENTS_PER_BIG_ACCOUNT * arguments.days / 180
        accounts = accounts or max(1, round(events / each))
    each = each or EVENTS_PER_ACCOUNT * arguments.days / 180
    if not 1 <= each <= 100_000:
        raise UsageError(f"that is {each:,.2f} events per account; they need 1 to 100,000")
    return Settings(
        accounts or DEFAULT_ACCOUNTS, arguments.days, arguments.seed, each, arguments.last_day_apart
    )


def prepare(out: Path, seeds: Path, force: bool) -> None:
    """Make both folders, empty of earlier output; refuse to touch what this script did not make."""
    for folder in (out, seeds):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file, not a folder")
    if out.exists() and any(out.iterdir()) and not (out / TRUTH).exists() and not force:
        raise UsageError(
            f"{out} holds something that this script did not make; choose another --out or --force"
        )
    for path in (seeds / "conversions.csv", seeds / "plan_limits.csv"):
        if path.exists() and not is_simulated(path) and not force:
            raise UsageError(f"{path} does not look simulated; choose another --seeds-dir or --force")
    for name in ("events", "events_last_day"):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in TABLES:
        (out / f"{name}.parquet").unlink(missing_ok=True)
    (out / "events").mkdir(parents=True)
    seeds.mkdir(parents=True, exist_ok=True)


def is_simulated(path: Path) -> bool:
    """Tell a seed of this script from somebody's own: by its account ids, or its plans and limits."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    if path.name == "conversions.csv":
        return all(row and SIMULATED_ACCOUNT.fullmatch(row[0]) for row in rows)
    return {tuple(row[:2]) for row in rows} <= set(product(MONTHLY_MESSAGES, LIMIT_NAMES))


def summary(truth: dict, out: Path, seeds: Path) -> Table:
    """Return what was made, for a reader."""
    events, accounts = truth["events"], truth["rows"]["accounts"]
    converted = truth["conversions"]["accounts_converted"]
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right", overflow="fold")
    table.add_row("data", str(out))
    table.add_row("dbt seeds", str(seeds))
    table.add_row("accounts", f"{accounts:,}")
    table.add_row("  of which converted", f"{converted:,} ({converted / accounts:.1%})")
    table.add_row("users", f"{truth['rows']['users']:,}")
    table.add_row("event rows", f"{events['raw']:,}")
    table.add_row("  duplicates", f"{events['duplicates']:,}")
    table.add_row("  to be rejected", f"{sum(events['rejected'].values()):,}")
    table.add_row("  of unknown accounts or visitors", f"{events['unattributed']:,}")
    return table


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0, 2 for a usage error, 1 if the files could not be written."""
    try:
        arguments = parser().parse_args(argv)
        settings = settings_of(arguments)
        out = arguments.out
        seeds = arguments.seeds_dir or (DEFAULT_SEEDS if out.resolve() == DEFAULT_OUT else out / "seeds")
        prepare(out, seeds, arguments.force)
        few = settings.accounts * settings.events_per_account < WORTH_A_POOL
        workers = arguments.workers or (1 if few else os.cpu_count() or 1)
        write_truth(out, {"simulator": "scripts/simulate_events.py", "complete": False})
        truth = simulate(settings, out, seeds, min(workers, settings.blocks))
        write_truth(out, truth)
    except UsageError as problem:
        error(str(problem))
        return 2
    except (OSError, BrokenProcessPool) as problem:
        error(str(problem))
        return 1
    except KeyboardInterrupt:
        error("interrupted; the folder holds an unfinished world")
        return 130
    make_console().print(summary(truth, out, seeds))
    return 0


def write_truth(out: Path, truth: dict) -> None:
    """Write the truth, which also marks the folder as this script's."""
    (out / TRUTH).write_text(json.dumps(truth, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
