"""Who is behind an id: words that are none, users with several, accounts that have become one.

As docs/specification.md §2 says.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from .clock import instant
from .world import Row, World

PLACEHOLDERS = ("undefined", "null", "none", "nan", "nil", "(null)", "[object object]")
EVENT_IDS = ("event_id", "user_id", "account_id", "anonymous_id")
# The inputs with ids, and which of them a row must have.
IDS = {
    "accounts": {"account_id": True},
    "users": {"user_id": True, "account_id": False},
    "memberships": {"user_id": True, "account_id": True},
    "user_aliases": {"old_user_id": True, "user_id": True},
    "account_merges": {"account_id": True, "into_account_id": True},
    "account_changes": {"account_id": True},
    "conversions": {"account_id": True},
    "lead_stages": {"account_id": False},
    "subscription_ends": {"account_id": True},
}


FREE_MAIL = ("gmail.com",)


def host_of(website: str | None) -> str | None:
    """`https://www.Acme.test/about` is `acme.test`."""
    host = (website or "").strip().lower().removeprefix("https://").removeprefix("www.").partition("/")[0]
    return host if "." in host else None


def is_placeholder(value: object, world: World) -> bool:
    words = world.variables.get("pql_placeholder_ids", PLACEHOLDERS)
    return isinstance(value, str) and value.strip().lower() in words


def without_placeholders(world: World) -> World:
    """No ids where words stand for none; rows that then lack their key are gone, but for events."""

    def read(row: Row, names) -> Row:
        words = {name: None for name in names if is_placeholder(row.get(name), world)}
        return row | words | ({"has_placeholder": True} if words else {})

    tables = {
        table: [
            row
            for row in (read(row, names) for row in getattr(world, table))
            if all(row.get(name) is not None for name, is_key in names.items() if is_key)
        ]
        for table, names in IDS.items()
    }
    return replace(world, events=[read(row, EVENT_IDS) for row in world.events], **tables)


@dataclass
class Successors:
    """Who every id stands for at the as-of."""

    users: dict[str, str]
    accounts: dict[str, str]

    def user(self, user_id: str | None) -> str | None:
        return follow(user_id, self.users)

    def account(self, account_id: str | None) -> str | None:
        return follow(account_id, self.accounts)

    def in_force(self, world: World) -> World:
        """The world in which users, memberships, payments and what follows are the successors'."""
        return replace(
            world,
            users=[self.renamed(row) for row in world.users],
            memberships=[self.renamed(row) for row in world.memberships],
            conversions=[self.renamed(row) for row in world.conversions],
            lead_stages=[self.renamed(self.found_by_domain(row, world)) for row in world.lead_stages],
            subscription_ends=[self.renamed(row) for row in world.subscription_ends],
        )

    def found_by_domain(self, row: Row, world: World) -> Row:
        """A lead without the id of an account is of the one that has its domain, unless that is free mail."""
        host = host_of(row.get("domain"))
        if row["account_id"] is not None or host in FREE_MAIL:
            return row
        having = [
            each["account_id"] for each in world.accounts if host and host_of(each.get("domain")) == host
        ]
        # one that was merged leaves its domain to those that go on
        living = [account_id for account_id in having if account_id not in self.accounts]
        owners = {self.account(account_id) for account_id in living or having}
        return row | {"account_id": owners.pop() if len(owners) == 1 else None}

    def renamed(self, row: Row) -> Row:
        names = {"account_id": self.account(row.get("account_id"))}
        return row | names | ({"user_id": self.user(row["user_id"])} if "user_id" in row else {})


def successors(world: World, as_of: datetime | None) -> Successors:
    return Successors(
        users=steps(world.user_aliases, "old_user_id", "user_id", "aliased_at", as_of),
        accounts=steps(world.account_merges, "account_id", "into_account_id", "merged_at", as_of),
    )


def steps(rows: list[Row], old: str, new: str, at: str, as_of: datetime | None) -> dict[str, str]:
    """What was last said of each id; the latest row of a cycle is left out."""
    known = [
        (instant(row[at]), row[new], row[old])
        for row in rows
        if as_of is not None and instant(row[at]) is not None and instant(row[at]) <= as_of
    ]
    last = {}
    for moment, to, id_ in sorted(known, key=lambda row: (row[0], row[1].encode())):
        last[id_] = (moment, id_.encode(), to)
    for cycle in cycles({id_: to for id_, (_, _, to) in last.items()}):
        del last[max(cycle, key=lambda id_: last[id_][:2])]
    return {id_: to for id_, (_, _, to) in last.items()}


def cycles(to: dict[str, str]) -> list[set[str]]:
    """The ids of every cycle."""
    found = []
    for start in to:
        path = [start]
        while path[-1] in to and to[path[-1]] not in path:
            path.append(to[path[-1]])
        if to.get(path[-1]) == start and set(path) not in found:
            found.append(set(path))
    return found


def follow(id_: str | None, to: dict[str, str]) -> str | None:
    while id_ in to:
        id_ = to[id_]
    return id_
