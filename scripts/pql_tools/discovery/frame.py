"""Which accounts discovery learns from and which it judges on, and from when to when each is looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pql_tools.discovery.days import ACCOUNTS, Lives, dates, read_lives
from pql_tools.problems import Problem
from pql_tools.statistics import (
    permute_within,
)
from pql_tools.warehouse import Warehouse

FEWEST_CONVERSIONS = 10


class Frame(NamedTuple):
    """Who is looked at when: accounts signed up before `split_on`, until then; and those since, until as-of.

    `last` is the last day of its life on which an account was open and looked at, `followed` the last on
    which it would have been had it stayed open, both among the first `observe` days; `seen` is the last day
    of its life for which there are data: until then it is known whether it paid.
    """

    lives: Lives
    split_on: np.datetime64
    as_of_on: np.datetime64
    is_test: np.ndarray
    followed: np.ndarray
    seen: np.ndarray
    last: np.ndarray

    @property
    def months(self) -> np.ndarray:
        """The month in which each account signed up: only accounts of the same are compared (§1.3)."""
        return self.lives.signed_up_on.astype("datetime64[M]").astype(np.int64)

    def side(self, is_test: bool) -> np.ndarray:
        """The last days at risk of one side; -1 for accounts of the other."""
        return np.where(self.is_test == is_test, self.last, -1)


def frame_of(lives: Lives, as_of_on: np.datetime64, observe: int) -> Frame:
    """Earlier and later sign-ups, so that both have conversions, at 3 : 2 for learning.

    Of the earlier ones nothing is looked at from the day on which the first of the later ones signed up.
    """
    counted = (lives.converted >= 1) & (lives.converted < observe) & (lives.converted <= lives.closed)
    starts = lives.signed_up_on[counted]
    ends = starts + lives.converted[counted].astype(np.int64)
    starts, ends = np.sort(starts[ends <= as_of_on]), np.sort(ends[ends <= as_of_on])
    if len(starts) < 2 * FEWEST_CONVERSIONS:
        raise Problem(
            f"Only {len(starts)} accounts have converted within {observe} days, the first left out; at least "
            f"{2 * FEWEST_CONVERSIONS} are needed. Are conversions loaded (pql_conversions_from)? "
            "A longer --observe-days may count more."
        )
    days = np.arange(starts[0], as_of_on + np.timedelta64(1, "D"))
    train = np.searchsorted(ends, days, side="left")
    test = len(starts) - np.searchsorted(starts, days, side="left")
    best = int(np.argmax(np.minimum(train / 3, test / 2)))
    if min(train[best], test[best]) < FEWEST_CONVERSIONS:
        raise Problem(
            f"Split by sign-up, at best {train[best]} conversions are left to learn from and {test[best]} to "
            f"judge on; at least {FEWEST_CONVERSIONS} are needed on each side. More data are needed, or "
            "shorter --observe-days."
        )
    is_test = lives.signed_up_on >= days[best]
    until = np.where(is_test, as_of_on, days[best] - np.timedelta64(1, "D"))
    seen = (until - lives.signed_up_on).astype(np.int64)
    followed = np.clip(seen, -1, observe - 1)
    return Frame(lives, days[best], as_of_on, is_test, followed, seen, np.minimum(followed, lives.ended))


def one_in(warehouse: Warehouse, most: int) -> int:
    """One account in how many is looked at, so that there are no more than `most`."""
    sql = "select count(signed_up_at) as accounts from {{ ref('int_accounts') }}"
    return max(1, -(-warehouse.rows(sql)[0]["accounts"] // most))


def read(warehouse: Warehouse, every: int = 1) -> tuple[Lives, np.datetime64]:
    """The lives of all accounts, or one in `every`, and the date of the as-of."""
    found = warehouse.rows(
        "select max(as_of) as as_of from {{ ref('int_accounts') }} where signed_up_at is not null"
    )
    if not found or found[0]["as_of"] is None:
        raise Problem("There is no account with a sign-up in the warehouse.")
    as_of = np.datetime64(found[0]["as_of"], "us")
    judged = warehouse.rows("select min(outcomes_as_of) as as_of from {{ ref('pql_rules') }}")[0]["as_of"]
    if judged is not None:
        as_of = min(as_of, np.datetime64(judged, "us"))
    return read_lives(warehouse, as_of, every), as_of.astype("datetime64[D]")


def read_in_force(warehouse: Warehouse, lives: Lives, every: int = 1) -> dict[str, np.ndarray]:
    """Per definition in force, on which day of its life each account first met it; inf where never."""
    if not warehouse.is_built("fct_pql_episodes"):
        return {}
    qualified_on = warehouse.rendered(
        "local_date", timestamp="episodes.qualified_at", zone="accounts.local_time_zone"
    )
    found = warehouse.columns(f"""
        with accounts as ({ACCOUNTS.format(every=every)})
        select accounts.account_number, episodes.definition_name, min({qualified_on}) as qualified_on
        from {{{{ ref('fct_pql_episodes') }}}} as episodes
        inner join accounts on episodes.account_id = accounts.account_id
        group by accounts.account_number, episodes.definition_name
    """)
    account, first = found["account_number"].astype(np.int64), {}
    day = (dates(found["qualified_on"]) - lives.signed_up_on[account]).astype(float)
    for name in sorted(set(found["definition_name"])):
        rows = found["definition_name"] == name
        first[str(name)] = np.full(len(lives.converted), np.inf)
        first[str(name)][account[rows]] = day[rows]
    return first


def shuffled(lives: Lives, rng: np.random.Generator) -> Lives:
    """The same fates dealt to other accounts of the same week of sign-up; nothing then predicts anything."""
    order = permute_within(lives.signed_up_on.astype(np.int64) // 7, rng)
    return lives._replace(converted=lives.converted[order], closed=lives.closed[order])
