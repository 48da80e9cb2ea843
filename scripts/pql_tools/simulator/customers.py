"""What marketing and sales make of accounts, and who stays: stages of leads, and ends of subscriptions.

Drawn after all else and by dice of their own, so that nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from pql_tools.simulator.clock import Calendar, whole_seconds
from pql_tools.simulator.columns import timestamps
from pql_tools.simulator.conversions import midnights
from pql_tools.simulator.people import Accounts
from pql_tools.simulator.units import DAY, NEVER


@dataclass(frozen=True)
class Customers:
    """The only causes of stages and of ends.

    An `mql` is drawn without regard to use or payment: a share of all accounts, after an exponential time.
    Besides, a share of those that pay is entered as `mql` when they have paid. Sales calls a share of the
    accounts that meet a planted rule an `sql`, some days later, and some others at random. A customer stops
    after an exponential time, sooner where no planted rule had been met before it paid.
    """

    mql_share: float = 0.35
    mql_after_days: float = 21.0
    mql_after_paying: float = 0.6
    sql_of_those_met: float = 0.6
    sql_within_days: float = 4.0
    sql_of_others: float = 0.04
    months_if_met: float = 30.0
    months_if_not: float = 9.0


CUSTOMERS = Customers()


def describe_customers(
    dice: Callable[[int], np.random.Generator],
    accounts: Accounts,
    met: np.ndarray,
    ids: pa.ChunkedArray,
    calendar: Calendar,
) -> dict[str, pa.Table]:
    """Return both tables."""
    first_met = first_day_met(accounts, met, calendar)
    return {
        "lead_stages": stages_table(dice(1), accounts, first_met, ids, calendar),
        "subscription_ends": ends_table(dice(2), accounts, first_met, ids, calendar),
    }


def first_day_met(accounts: Accounts, met: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Return the end of the first local day on which any planted rule held, utc."""
    ever = met.any(axis=0)
    day = ever.argmax(axis=1)
    ends = midnights(accounts, calendar)[np.arange(len(accounts)), day + 1]
    return np.where(ever.any(axis=1), ends, NEVER)


def stages_table(
    rng: np.random.Generator,
    accounts: Accounts,
    first_met: np.ndarray,
    ids: pa.ChunkedArray,
    calendar: Calendar,
) -> pa.Table:
    """Return the stages that leads entered while their account was open."""
    n, pays, is_met = len(accounts), accounts.converted != NEVER, first_met != NEVER
    drawn = {
        "mql": (
            rng.random(n) < CUSTOMERS.mql_share,
            accounts.signed_up + rng.exponential(CUSTOMERS.mql_after_days, n) * DAY,
        ),
        "mql of a customer": (
            pays & (rng.random(n) < CUSTOMERS.mql_after_paying),
            np.where(pays, accounts.converted, 0) + rng.uniform(0, 3, n) * DAY,
        ),
        "sql": (
            rng.random(n) < np.where(is_met, CUSTOMERS.sql_of_those_met, CUSTOMERS.sql_of_others),
            np.where(is_met, first_met, accounts.signed_up)
            + rng.uniform(0, np.where(is_met, CUSTOMERS.sql_within_days, 60.0), n) * DAY,
        ),
    }
    tables = []
    for stage, (who, at) in drawn.items():
        at = whole_seconds(at)
        chosen = who & (at < np.minimum(accounts.closed, calendar.end))
        tables.append(
            pa.table(
                {
                    "account_id": ids.filter(pa.array(chosen)),
                    "stage": pa.array([stage[:3]] * int(chosen.sum()), pa.string()),
                    "entered_at": timestamps(calendar, at[chosen]),
                }
            )
        )
    return pa.concat_tables(tables)


def ends_table(
    rng: np.random.Generator,
    accounts: Accounts,
    first_met: np.ndarray,
    ids: pa.ChunkedArray,
    calendar: Calendar,
) -> pa.Table:
    """Return when customers stopped paying, which is not when their account closed."""
    payers = np.flatnonzero(accounts.converted != NEVER)
    paid = accounts.converted[payers]
    months = np.where(first_met[payers] < paid, CUSTOMERS.months_if_met, CUSTOMERS.months_if_not)
    ends = whole_seconds(paid + rng.exponential(months * 30) * DAY)
    over = ends < calendar.end
    return pa.table(
        {
            "account_id": ids.take(pa.array(payers[over])),
            "ended_at": timestamps(calendar, ends[over]),
        }
    )


def truth_of_customers() -> dict:
    """Return what is planted."""
    return {"meaning": " ".join(Customers.__doc__.split()), **asdict(CUSTOMERS)}
