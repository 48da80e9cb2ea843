"""The episodes of every criterion of one account (docs/specification.md §3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from .account import Account
from .clock import DAY
from .measures import MEASURES, Number, json_text, local_day, matching_events, measure, threshold
from .staging import Event
from .world import Row


@dataclass(frozen=True)
class Episode:
    """The interval from started_at up to, not including, ended_at; None while it is open."""

    started_at: datetime
    ended_at: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        return self.started_at <= moment and (self.ended_at is None or moment < self.ended_at)


def spans(moments: Iterable[datetime], holds: Callable[[datetime], bool], account: Account) -> list[Episode]:
    """The maximal episodes, from sign-up to the as-of, of a state that changes at these moments only."""
    if not account.has_signed_up:
        return []
    episodes, started_at = [], None
    for moment in sorted({account.signed_up_at, *moments}):
        if not account.signed_up_at <= moment <= account.as_of or holds(moment) == (started_at is not None):
            continue
        if started_at is None:
            started_at = moment
        else:
            episodes.append(Episode(started_at, moment))
            started_at = None
    return episodes + ([Episode(started_at)] if started_at is not None else [])


def joined(episodes: list[Episode]) -> list[Episode]:
    """The same episodes, where one that starts as another ends continues it."""
    result = []
    for episode in episodes:
        if result and result[-1].ended_at == episode.started_at:
            episode = Episode(result.pop().started_at, episode.ended_at)
        result.append(episode)
    return result


@dataclass
class Behaviour:
    """A behavioural criterion of one account, and the events that count for it."""

    account: Account
    criterion: Row

    def __post_init__(self):
        self.events = matching_events(self.account, self.criterion)

    def episodes(self) -> list[Episode]:
        """Walk through the days: look for a start, then count the days that closed below the threshold."""
        episodes, started_at, days_below = [], None, 0
        for day in self.account.days():
            if started_at is None:
                started_at, days_below = self.start_on(day), 0
            closes_at = self.account.calendar.midnight(day + DAY)
            if started_at is None or closes_at > self.account.as_of:
                continue
            days_below = 0 if self.is_reached(day, self.events_before(closes_at)) else days_below + 1
            if days_below == self.criterion.get("lapse_after_days", 1):
                episodes.append(Episode(started_at, closes_at))
                started_at = None
        return joined(episodes + ([Episode(started_at)] if started_at is not None else []))

    def start_on(self, day: date) -> datetime | None:
        """The moment of the day at which the measure reaches the threshold: its first, or an event's."""
        opens_at = self.account.calendar.midnight(day)
        if self.is_reached(day, self.events_before(opens_at)):
            return max(opens_at, self.account.signed_up_at)
        for moment in (e.occurred_at for e in self.events if self.account.day_of(e) == day):
            if self.is_reached(day, self.events_until(moment)):
                return max(moment, self.account.signed_up_at)
        return None

    def events_before(self, moment: datetime) -> list[Event]:
        return [event for event in self.events if event.occurred_at < moment]

    def events_until(self, moment: datetime) -> list[Event]:
        return [event for event in self.events if event.occurred_at <= moment]

    def is_reached(self, day: date, events: list[Event]) -> bool:
        """Whether the day's measure is at the threshold, given the events so far."""
        return measure(self.account, self.criterion, events, day) >= threshold(self.criterion)

    def observed(self) -> Number:
        """The measure at the as-of; a streak not yet continued today shows yesterday's."""
        today = self.account.today
        value = measure(self.account, self.criterion, self.events, today)
        if self.criterion["type"] == "consecutive_days" and value == 0:
            return measure(self.account, self.criterion, self.events, today - DAY)
        return value


def account_attribute(account: Account, criterion: Row) -> list[Episode]:
    """Met from sign-up on, while the value fits."""
    name = criterion["attribute"]
    return spans(account.changes(name), lambda moment: fits(account.value(name, moment), criterion), account)


def fits(value: object, criterion: Row) -> bool:
    """Whether a value satisfies every condition of an account_attribute; a null never does."""
    if value is None:
        return False
    number = as_number(value)
    has_bounds = "at_least" in criterion or "at_most" in criterion
    return (
        ("in" not in criterion or any(same(value, wanted) for wanted in criterion["in"]))
        and ("not_in" not in criterion or not any(same(value, bad) for bad in criterion["not_in"]))
        and (not has_bounds or number is not None)
        and ("at_least" not in criterion or number >= as_number(criterion["at_least"]))
        and ("at_most" not in criterion or number <= as_number(criterion["at_most"]))
    )


def as_number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def same(value: object, wanted: object) -> bool:
    """Numbers compare as numbers, everything else as text."""
    if as_number(wanted) is not None and as_number(value) is not None:
        return as_number(value) == as_number(wanted)
    return json_text(value) == json_text(wanted)


def account_date(account: Account, criterion: Row) -> list[Episode]:
    """Met from so many local days after a date to the end of so many local days after it."""
    name = criterion["attribute"]

    def edges(moment: datetime) -> tuple[datetime, datetime]:
        day = local_day(account, account.value(name, moment))
        if day is None:
            return datetime.max, datetime.min
        first, last = criterion.get("from_days"), criterion.get("to_days")
        opens_at = datetime.min if first is None else account.calendar.midnight(day + first * DAY)
        closes_at = datetime.max if last is None else account.calendar.midnight(day + (last + 1) * DAY)
        return opens_at, closes_at

    def holds(moment: datetime) -> bool:
        opens_at, closes_at = edges(moment)
        return opens_at <= moment < closes_at

    changes = [datetime.min, *account.changes(name)]
    return spans([*changes, *(edge for change in changes for edge in edges(change))], holds, account)


class Verdicts:
    """All criteria of one account, each judged once, when first asked for."""

    def __init__(self, account: Account, criteria: list[Row]):
        self.account = account
        self.criteria = {criterion["name"]: criterion for criterion in criteria}
        self.judged: dict[str, list[Episode]] = {}

    def episodes(self, name: str) -> list[Episode]:
        if name not in self.judged:
            self.judged[name] = self.judge(self.criteria[name])
        return self.judged[name]

    def is_met(self, name: str, moment: datetime) -> bool:
        return any(episode.holds_at(moment) for episode in self.episodes(name))

    def met(self, moment: datetime) -> list[str]:
        """The names of all criteria met at a moment, sorted."""
        return sorted(name for name in self.criteria if self.is_met(name, moment))

    def judge(self, criterion: Row) -> list[Episode]:
        if criterion["type"] in MEASURES:
            return Behaviour(self.account, criterion).episodes() if self.account.has_signed_up else []
        if criterion["type"] == "account_attribute":
            return account_attribute(self.account, criterion)
        if criterion["type"] == "account_date":
            return account_date(self.account, criterion)
        names = parts(criterion)
        return spans(self.edges(names), lambda moment: self.combines(criterion, moment), self.account)

    def edges(self, names: Iterable[str]) -> list[datetime]:
        """The moments at which any of these criteria starts or ends."""
        episodes = [episode for name in names for episode in self.episodes(name)]
        return [edge for e in episodes for edge in (e.started_at, e.ended_at) if edge is not None]

    def combines(self, criterion: Row, moment: datetime) -> bool:
        """Whether a combination or a score holds at a moment."""
        total, of = self.tally(criterion, moment), len(parts(criterion))
        match criterion["type"]:
            case "all_of":
                return total == of
            case "any_of":
                return total > 0
            case "none_of":
                return total == 0
            case _:
                return total >= threshold(criterion)

    def tally(self, criterion: Row, moment: datetime) -> Number:
        """The points of the criteria met at a moment, or how many they are."""
        points = criterion.get("points", {})
        return sum(points.get(name, 1) for name in parts(criterion) if self.is_met(name, moment))

    def observed(self, name: str) -> Number | None:
        """The measure at the as-of; None for attributes and dates, for which none is specified."""
        criterion = self.criteria[name]
        if criterion["type"] in MEASURES:
            return Behaviour(self.account, criterion).observed() if self.account.signed_up_at else 0
        if criterion["type"] in ("account_attribute", "account_date"):
            return None
        return self.tally(criterion, self.account.as_of)


def parts(criterion: Row) -> list[str]:
    """The criteria that a combination or a score is made of."""
    return list(criterion["points"] if criterion["type"] == "score" else criterion["criteria"])
