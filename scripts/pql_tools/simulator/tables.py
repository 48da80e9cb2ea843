"""The small tables: accounts, users, memberships, changes and conversions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pql_tools.simulator.clock import ZONE_NAMES, ZONES, Calendar, whole_seconds
from pql_tools.simulator.columns import timestamps
from pql_tools.simulator.event_rows import STRANGERS
from pql_tools.simulator.hazard import PAID_PLAN
from pql_tools.simulator.names import FIRST_NAMES, INDUSTRIES, LAST_NAMES, account_ids, company_name
from pql_tools.simulator.people import Accounts, Users, is_open
from pql_tools.simulator.product import PRICE_PER_SEAT
from pql_tools.simulator.units import DAY, NEVER


def describe(
    rng: np.random.Generator, accounts: Accounts, users: Users, user_ids: list[str], calendar: Calendar
) -> dict[str, pa.Table]:
    """Return every table but the log."""
    ids = np.array(account_ids(accounts)[:-STRANGERS], dtype=object)
    domains = domains_of(rng, accounts)
    changes, grows, employees = changes_table(rng, accounts, ids, calendar)
    table = accounts_table(rng, accounts, ids, domains, employees, calendar)
    return {
        "accounts": table,
        "users": users_table(rng, accounts, users, ids, user_ids, domains, calendar),
        "memberships": memberships_table(rng, users, ids, user_ids, calendar),
        "account_changes": pa.concat_tables([changes, *first_values(table, accounts, grows, calendar)]),
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
) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Return the history of plans and of some head counts, whose these are, and all head counts at the end.

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
    return table, grows, np.where(grows, grown, accounts.employees)


def first_values(
    table: pa.Table, accounts: Accounts, grows: np.ndarray, calendar: Calendar
) -> Iterator[pa.Table]:
    """Return what accounts said, or left open, as they signed up: so nothing that came later tells it."""
    signed_up = timestamps(calendar, accounts.signed_up)
    for attribute in ("employees", "industry", "trial_ends_at"):
        others = pa.array(~grows if attribute == "employees" else np.ones(len(grows), bool))
        yield pa.table(
            {
                "account_id": table["account_id"],
                "attribute": pa.array([attribute] * len(table), pa.string()),
                "value": table[attribute].cast(pa.string()),
                "changed_at": signed_up,
            }
        ).filter(others)


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
