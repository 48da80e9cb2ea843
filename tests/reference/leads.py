"""Product-qualified leads of one account: episodes, status and outcomes (docs/specification.md §3 to §5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .clock import DAY
from .verdicts import Verdicts, spans
from .world import Row


@dataclass
class Lead:
    """One definition applied to one account."""

    definition: Row
    verdicts: Verdicts

    @property
    def account(self):
        return self.verdicts.account

    def is_converted(self, moment: datetime) -> bool:
        return self.account.converted_at is not None and self.account.converted_at <= moment

    def is_closed(self, moment: datetime) -> bool:
        return self.account.closed_at is not None and self.account.closed_at <= moment

    def is_excluded(self, moment: datetime) -> bool:
        return any(self.verdicts.is_met(name, moment) for name in self.definition.get("excluded_when", []))

    def is_in_audience(self, moment: datetime) -> bool:
        audience = self.definition.get("audience", "unconverted")
        return audience == "all" or (audience == "converted") == self.is_converted(moment)

    def qualifies(self, moment: datetime) -> bool:
        """Whether the criterion is met and nothing excludes it, whatever the audience."""
        is_met = self.verdicts.is_met(self.definition["qualifies_when"], moment)
        return is_met and not self.is_excluded(moment)

    def is_lead(self, moment: datetime) -> bool:
        return self.qualifies(moment) and self.is_in_audience(moment) and not self.is_closed(moment)

    def moments(self) -> list[datetime]:
        """The moments at which any condition may change."""
        names = [self.definition["qualifies_when"], *self.definition.get("excluded_when", [])]
        others = (self.account.converted_at, self.account.closed_at)
        return self.verdicts.edges(names) + [moment for moment in others if moment is not None]

    def episodes(self) -> list[Row]:
        """The rows of fct_pql_episodes."""
        stretches = spans(self.moments(), self.is_lead, self.account)
        return [self.episode(number, e.started_at, e.ended_at) for number, e in enumerate(stretches, 1)]

    def episode(self, number: int, started_at: datetime, failed_at: datetime | None) -> Row:
        """One episode, given when its conditions begin to hold and when they fail."""
        expires_at = self.expiry(started_at)
        is_expired = expires_at is not None and (failed_at is None or expires_at < failed_at)
        ended_at = expires_at if is_expired else failed_at
        reason = "expired" if is_expired else self.reason_to_end(ended_at)
        return {
            "definition_name": self.definition["name"],
            "account_id": self.account.account_id,
            "episode_number": number,
            "qualified_at": started_at,
            "ended_at": ended_at,
            "end_reason": reason,
            "criteria_met": ";".join(self.verdicts.met(started_at)),
            "tier": self.tier(started_at),
            "score": self.score(started_at),
        }

    def expiry(self, started_at: datetime) -> datetime | None:
        """The midnight that closes the N-th local day after the start, if it has come."""
        days = self.definition.get("expires_after_days")
        if days is None:
            return None
        calendar = self.account.calendar
        expires_at = calendar.midnight(calendar.day_of(started_at) + (days + 1) * DAY)
        return expires_at if expires_at <= self.account.as_of else None

    def reason_to_end(self, moment: datetime | None) -> str | None:
        """Why the conditions fail at a moment."""
        if moment is None:
            return None
        if not self.is_in_audience(moment):
            return "converted"
        if self.is_closed(moment):
            return "closed"
        return "excluded" if self.is_excluded(moment) else "lapsed"

    def tier(self, moment: datetime) -> str | None:
        tiers = self.definition.get("tiers", [])
        return next((tier["name"] for tier in tiers if self.verdicts.is_met(tier["when"], moment)), None)

    def score(self, moment: datetime):
        name = self.definition.get("score")
        return None if name is None else self.verdicts.tally(self.verdicts.criteria[name], moment)

    def summary(self) -> Row:
        """The account's row of pql_accounts; qualified_at is that of the current or latest episode."""
        episodes, as_of = self.episodes(), self.account.as_of
        return {
            "account_id": self.account.account_id,
            "is_pql": bool(episodes) and episodes[-1]["ended_at"] is None,
            "pql_status": self.status(episodes),
            "qualified_at": episodes[-1]["qualified_at"] if episodes else None,
            "first_qualified_at": episodes[0]["qualified_at"] if episodes else None,
            "times_qualified": len(episodes),
            "pql_tier": self.tier(as_of),
            "pql_score": self.score(as_of),
            "criteria_met": ";".join(self.verdicts.met(as_of)),
        }

    def status(self, episodes: list[Row]) -> str:
        """The first that holds at the as-of."""
        as_of = self.account.as_of
        if self.account.merged_into is not None:
            return "merged"
        if self.is_converted(as_of):
            return "converted"
        if self.is_closed(as_of):
            return "closed"
        if self.is_excluded(as_of):
            return "excluded"
        if not episodes:
            return "never"
        return "active" if episodes[-1]["ended_at"] is None else "lapsed"

    def first_qualified_at(self) -> datetime | None:
        """The q of outcomes: the first time it qualifies, whatever the audience, closed or not."""
        stretches = spans(self.moments(), self.qualifies, self.account)
        return stretches[0].started_at if stretches else None


def outcome(
    q: datetime | None,
    c: datetime | None,
    x: datetime | None,
    horizon: int | None,
    judged_at: datetime,
    on_paying_day: bool = False,
) -> str:
    """The state of an account that qualified at q, converted at c and closed at x (docs/specification.md §5).

    `on_paying_day`: of the conversion only the local day is known, and q lies on it.
    """
    if q is None:
        return "not_qualified"
    if on_paying_day:
        return "same_day"
    if c is not None and c <= q:
        return "converted_before" if c < q else "converted_at"
    if x is not None and x <= q:
        return "closed_before"
    deadline = judged_at if horizon is None else q + timedelta(days=horizon)
    if deadline > judged_at:
        return "immature"
    if c is not None and c <= deadline:
        return "hit"
    if x is not None and x <= deadline:
        return "miss_closed"
    return "miss" if c is None else "miss_late"
