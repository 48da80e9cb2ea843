"""What converts an account: the planted rules, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class PlantedRule:
    """While the rule is met, the daily hazard is `multiplier` times as high.

    `criteria` are as in docs/specification.md §3.
    """

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
