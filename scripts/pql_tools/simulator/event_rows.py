"""What the pipeline makes of the events: late, duplicated, malformed and anonymous rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from pql_tools.simulator.clock import Calendar
from pql_tools.simulator.people import Accounts, Events, Users
from pql_tools.simulator.product import CODE, EVENT_NAMES, PROPERTIES, PROPERTY_SLOTS, SLOTS, VALID_PROPERTIES
from pql_tools.simulator.units import DAY, HOUR, MINUTE, NEVER, NOBODY, SECOND

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
