"""Everything the data depend on, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from pql_tools.simulator.clock import LAST_DATE
from pql_tools.simulator.product import MONTHLY_MESSAGES


@dataclass(frozen=True)
class Settings:
    """Everything the data depend on."""

    accounts: int
    days: int
    seed: int
    events_per_account: float
    last_day_apart: bool = False
    held_back_days: int = 0

    @property
    def days_apart(self) -> dict[str, int]:
        """The folders of rows that are not in `events`, in order, and how long before the end each begins."""
        if self.held_back_days:
            left = range(self.held_back_days, 0, -1)
            return {f"events_to_come/{LAST_DATE - timedelta(days=days - 1)}": days for days in left}
        return {"events_last_day": 1} if self.last_day_apart else {}

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
