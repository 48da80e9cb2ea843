"""Accounts and users: who signs up, joins, invites, moves and closes; the milestones that founders set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pql_tools.simulator.clock import ZONES, Calendar, next_weekday, times_of_day, whole_seconds
from pql_tools.simulator.product import CLOSURES_PER_DAY, CODE, PERSONAS, TRIAL_DAYS, TRIAL_SHARE, of_personas
from pql_tools.simulator.units import DAY, HOUR, MINUTE, NEVER, NOBODY, SECOND


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
