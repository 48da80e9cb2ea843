"""From raw rows to attributed events: rejection, duplicates, users and accounts.

As docs/specification.md §2 says.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from .clock import DAY, instant
from .identity import Successors, without_placeholders
from .world import Row, World


@dataclass(frozen=True)
class Event:
    """An accepted event. `user_id` and `account_id` are the resolved ones."""

    event_id: str
    occurred_at: datetime
    event_name: str
    user_id: str | None
    account_id: str | None
    properties: dict = field(hash=False)
    count: int = 1


@dataclass
class Staged:
    """Every raw row is in exactly one of accepted, duplicates and rejected."""

    accepted: list[Row]
    duplicates: list[Row]
    conflicting: list[Row]
    rejected: list[tuple[Row, str]]


def reason_to_reject(row: Row, build_start: datetime) -> str | None:
    """The first fault of a raw row, in the order in which the specification names them."""
    for column in ("event_id", "event_name", "occurred_at"):
        if row.get(column) is None or (column == "occurred_at" and instant(row[column]) is None):
            return f"missing_{column}"
    if event_count(row) is None:
        return "invalid_event_count"
    known_by = instant(row.get("received_at")) or build_start
    return "future_occurred_at" if instant(row["occurred_at"]) > known_by + DAY else None


def event_count(row: Row) -> int | None:
    """How many events a row stands for; None where what it says is no whole number above 0."""
    text = row.get("event_count")
    if text is None or not text.strip():
        return 1
    try:
        number = Fraction(text)
    except ValueError:
        return None
    return int(number) if number.denominator == 1 and 1 <= number <= 10**9 else None


def precedence(row: Row) -> tuple:
    """The order among rows of one event_id: the smallest is the winner."""
    occurred_at = instant(row["occurred_at"])
    texts = ("account_id", "user_id", "event_name", "anonymous_id", "properties")
    return (
        instant(row.get("received_at")) or occurred_at,
        occurred_at,
        *(nulls_last(row.get(column)) for column in texts),
        event_count(row),
        not row.get("has_placeholder"),
    )


def nulls_last(text: str | None) -> tuple[bool, bytes]:
    return (text is None, (text or "").encode())


def identity(row: Row) -> tuple:
    """What a duplicate must share with its winner, or else it conflicts."""
    moment = instant(row["occurred_at"])
    return (row.get("account_id"), row.get("user_id"), row["event_name"], moment, event_count(row))


def stage(world: World) -> Staged:
    """Sort the raw events into accepted, duplicates (some conflicting) and rejected."""
    staged = Staged([], [], [], [])
    world = without_placeholders(world)
    by_id = defaultdict(list)
    for row in world.events:
        reason = reason_to_reject(row, world.build_start)
        if reason:
            staged.rejected.append((row, reason))
        else:
            by_id[row["event_id"]].append(row)
    days = world.variables.get("pql_duplicates_within_days") or "none"
    for rows in by_id.values():
        ranked = sorted(rows, key=precedence)
        for place, row in enumerate(ranked):
            first_place = next(other for other in range(place + 1) if are_compared(ranked[other], row, days))
            if first_place == place:
                staged.accepted.append(row)
            else:
                staged.duplicates.append(row)
                staged.conflicting += [row] if identity(row) != identity(ranked[first_place]) else []
    return staged


def are_compared(row: Row, other: Row, days: int | str) -> bool:
    """Whether two rows of one event_id were received near enough to one another."""
    return days == "none" or abs(precedence(row)[0] - precedence(other)[0]) <= days * DAY


def parse_properties(text: str | None) -> object:
    """The properties of an event; a ValueError if they are not valid JSON."""

    def refuse(constant: str):
        raise ValueError(constant)

    return None if text is None else json.loads(text, parse_constant=refuse)


def readable_properties(row: Row) -> dict:
    """The properties by name. There are none in invalid JSON, nor in JSON that is no object."""
    try:
        properties = parse_properties(row.get("properties"))
    except ValueError:
        return {}
    return properties if isinstance(properties, dict) else {}


def has_invalid_properties(row: Row) -> bool:
    try:
        parse_properties(row.get("properties"))
    except ValueError:
        return True
    return False


def order(row: Row) -> tuple[datetime, bytes, datetime]:
    """When an event happened; of one instant by their ids, of one id as they came."""
    return (instant(row["occurred_at"]), row["event_id"].encode(), precedence(row)[0])


def resolve_user(row: Row, sightings: list[Row]) -> str | None:
    """The event's own user, else whom its anonymous_id was last seen with before it."""
    if row.get("user_id") is not None or row.get("anonymous_id") is None:
        return row.get("user_id")
    earlier = [s for s in sightings if s["anonymous_id"] == row["anonymous_id"] and order(s) < order(row)]
    return max(earlier, key=order)["user_id"] if earlier else None


def resolve_account(row: Row, user_id: str | None, world: World) -> str | None:
    """The event's own account, else its user's membership at that moment, else its user's account."""
    if row.get("account_id") is not None:
        return row["account_id"]
    if user_id is None:
        return None
    moment = instant(row["occurred_at"])
    memberships = [m for m in world.memberships if m["user_id"] == user_id and is_member(m, moment)]
    if memberships:
        latest = max(instant(m["joined_at"]) for m in memberships)
        return min(
            (m["account_id"] for m in memberships if instant(m["joined_at"]) == latest), key=str.encode
        )
    homes = [u["account_id"] for u in world.users if u["user_id"] == user_id and u["account_id"] is not None]
    return min(homes, key=str.encode, default=None)


def is_member(membership: Row, moment: datetime) -> bool:
    joined_at, left_at = instant(membership["joined_at"]), instant(membership.get("left_at"))
    return joined_at is not None and joined_at <= moment and (left_at is None or moment < left_at)


def attribute(accepted: list[Row], world: World, successors: Successors) -> list[Event]:
    """The accepted rows as events with their user and account, in the order in which they happened."""
    world = successors.in_force(world)
    sightings = [r for r in accepted if r.get("user_id") is not None and r.get("anonymous_id") is not None]
    events = []
    for row in sorted(accepted, key=order):
        user_id = successors.user(resolve_user(row, sightings))
        account_id = successors.account(resolve_account(row, user_id, world))
        events.append(
            Event(
                row["event_id"],
                instant(row["occurred_at"]),
                row["event_name"],
                user_id,
                account_id,
                readable_properties(row),
                event_count(row),
            )
        )
    return events


def quality(world: World, staged: Staged, events: list[Event]) -> Row:
    """The counts of the quality table; the events are those that are not ignored."""
    known = {row["account_id"] for row in world.accounts}
    return {
        "raw": len(world.events),
        "accepted": len(staged.accepted),
        "duplicates": len(staged.duplicates),
        "conflicting": len(staged.conflicting),
        "rejected": dict(Counter(reason for _, reason in staged.rejected)),
        "unattributed": sum(event.account_id not in known for event in events),
        "placeholder_ids": sum(bool(row.get("has_placeholder")) for row in staged.accepted),
        "invalid_properties": sum(has_invalid_properties(row) for row in staged.accepted),
    }
