"""Random small worlds, full of awkward moments, and how they are written for dbt.

Every account, row and criterion has its own dice, seeded by the world's seed and its number, so that
leaving some out changes nothing about the others: this is what lets Hypothesis shrink a world.
"""

import csv
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from .clock import DAY, Calendar, calendar_of, instant, zone_named
from .measures import WEEKDAYS
from .verdicts import parts
from .world import Row, World

INSTANT = timedelta(microseconds=1)
NEVER_COMES = datetime(2199, 1, 1)

ZONES = (
    "America/New_York",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "UTC",
)
UNKNOWN_ZONES = ("Mars/Olympus", "nowhere", "UTC+25")
# Each season holds changes of the clock in some of the zones, or the turn of an ISO year.
SEASONS = (date(2026, 2, 26), date(2026, 3, 20), date(2026, 4, 1), date(2025, 10, 1), date(2025, 12, 15))

EVENT_NAMES = ("login", "message_sent", "file_uploaded", "invite_sent", "it's done")
PLANS = ("free", "trial", "pro", None)
STAGES = ("mql", "sql", "it's sales'", "d0")  # the last is a definition's name as well
INDUSTRIES = ("software", "finance", "o'clock", None)
EMPLOYEES = (5, 49, 50, 400, None)
PROPERTIES = {
    "megabytes": (7, "7", 2.5, 10, 0, 1.2345678, -4, "x", True, None),
    "channel": ("team", "public", "o'clock", None),
    "app": ("jira", "slack", "zapier", None),
    "beta": (True, False, None),
    "note": ("", "*", "*", 0, False, {"by": "staff"}, [], None),
}
UNREADABLE_PROPERTIES = ('{"app":', "oops", "[]", "3", "null", None)
PLAN_LIMITS = [
    {"plan": "free", "limit_name": "messages", "limit_value": 3},
    {"plan": "trial", "limit_name": "messages", "limit_value": 5.5},
    {"plan": "trial", "limit_name": "megabytes", "limit_value": 20},
    {"plan": "pro", "limit_name": "megabytes", "limit_value": 50},
]


def dice(seed: int, *what) -> Random:
    """The dice of one thing in one world."""
    return Random("/".join(map(str, (seed, *what))))


@dataclass(frozen=True)
class Setting:
    """What the rows of a world have in common, all of it rolled from the seed."""

    seed: int
    accounts: int

    @cached_property
    def first_day(self) -> date:
        return dice(self.seed, "season").choice(SEASONS)

    @cached_property
    def days(self) -> int:
        return dice(self.seed, "days").choice((8, 20, 45))

    @cached_property
    def default_zone(self) -> str:
        return dice(self.seed, "zone").choice(("UTC", "UTC", *ZONES))

    @cached_property
    def account_rows(self) -> list[Row]:
        return [account_row(self, number) for number in range(self.accounts)]

    def calendar(self, zone_name: str | None) -> Calendar:
        return calendar_of(zone_named(zone_name) or zone_named(self.default_zone))

    def moment(self, roll: Random, zone_name: str | None, anchors: tuple = (), days: int = 0) -> datetime:
        """A moment of the first days (0: of all): often a local midnight, an anchor, or right beside one."""
        day = self.first_day + roll.randrange(days or self.days) * DAY
        midnight = self.calendar(zone_name).midnight(day)
        anchors = [anchor for anchor in anchors if anchor is not None]
        match roll.randrange(8):
            case 0 | 1:
                return midnight + roll.choice((-1, 0, 1)) * INSTANT
            case 2 if anchors:
                return roll.choice(anchors) + roll.choice((0, 0, 0, -1, 1)) * INSTANT
            case 3 if anchors:
                return roll.choice(anchors) + roll.randrange(1, 15) * DAY
            case 4:
                return midnight + timedelta(hours=roll.choice((1, 6, 12, 18)))
            case _:
                return midnight + timedelta(microseconds=roll.randrange(24 * 3600 * 10**6))

    def popular(self, zone_name: str | None) -> tuple[datetime, ...]:
        """Three moments of a zone at which much happens at once."""
        return tuple(self.moment(dice(self.seed, "popular", number), zone_name) for number in range(3))


def account_row(setting: Setting, number: int) -> Row:
    """An account; its sign-up may be unknown, in the middle of the season, or after it."""
    roll = dice(setting.seed, "account", number)
    zone_name = roll.choice((None, roll.choice(UNKNOWN_ZONES), *ZONES))
    early = setting.moment(roll, zone_name, days=1 + setting.days // 3)
    signed_up_at = roll.choice((None, early, early, early, early, setting.moment(roll, zone_name)))
    anchors = (signed_up_at, *setting.popular(zone_name))
    return {
        "account_id": f"a{number}",
        "signed_up_at": signed_up_at,
        "plan": roll.choice(PLANS),
        "employees": roll.choice(EMPLOYEES),
        "industry": roll.choice(INDUSTRIES),
        "trial_ends_at": roll.choice((None, setting.moment(roll, zone_name, (signed_up_at,)))),
        "renewal_on": roll.choice((None, setting.first_day + roll.randrange(setting.days) * DAY)),
        "closed_at": roll.choice((None, None, None, setting.moment(roll, zone_name, anchors))),
        "time_zone": zone_name,
        "domain": dice(setting.seed, "domain", number).choice(
            (*[f"a{number}.test"] * 3, "Shared.test", "gmail.com", None)
        ),
    }


def user_rows(setting: Setting, number: int) -> list[Row]:
    """The users of an account: some belong elsewhere, some to nobody, some are unknown."""
    roll = dice(setting.seed, "users", number)
    homes = (f"a{number}",) * 5 + (f"a{roll.randrange(setting.accounts)}", "stranger", None)
    users = [{"user_id": f"a{number}-u{user}", "account_id": roll.choice(homes)} for user in range(4)]
    addresses = dice(setting.seed, "addresses", number)
    known = [user for user in users if roll.random() < 0.85]
    return [user | {"email": addresses.choice(ADDRESSES)} for user in known]


ADDRESSES = (
    None,
    "us",
    "ann@acme.test",
    "Bob@ACME.test",
    "cat@eu.acme.test",
    "dan@mail.test ",
    '"a@b"@mail.test',
)


def membership_rows(setting: Setting, number: int) -> list[Row]:
    """Overlapping, adjoining and empty memberships of an account's users, some of them in two accounts."""
    roll = dice(setting.seed, "memberships", number)
    row = setting.account_rows[number]
    anchors = setting.popular(row["time_zone"])
    homes = (f"a{number}",) * 4 + (f"a{roll.randrange(setting.accounts)}", "stranger")
    return [
        {
            "user_id": f"a{number}-u{roll.randrange(4)}",
            "account_id": roll.choice(homes),
            "joined_at": setting.moment(roll, row["time_zone"], anchors),
            "left_at": roll.choice((None, setting.moment(roll, row["time_zone"], anchors))),
        }
        for _ in range(roll.choice((0, 0, 3, 9)))
    ]


def alias_rows(setting: Setting, number: int) -> list[Row]:
    """Users of an account who are another's alias: chains, cycles, themselves, of other accounts."""
    roll = dice(setting.seed, "aliases", number)
    row = setting.account_rows[number]

    def someone() -> str:
        return f"a{roll.choice((number,) * 4 + (roll.randrange(setting.accounts),))}-u{roll.randrange(4)}"

    return [
        {
            "old_user_id": roll.choice((someone(), someone(), "nobody", "undefined")),
            "user_id": roll.choice((someone(), someone(), f"a{number}-new")),
            "aliased_at": change_moment(setting, roll, row),
        }
        for _ in range(roll.choice((0, 0, 1, 2, 4)))
    ]


def merge_rows(setting: Setting, number: int) -> list[Row]:
    """Now and then an account that is merged into another, which may be merged into others itself."""
    roll = dice(setting.seed, "merges", number)
    others = [f"a{roll.randrange(setting.accounts)}" for _ in range(3)]
    return [
        {
            "account_id": roll.choice((f"a{number}",) * 5 + ("stranger",)),
            "into_account_id": roll.choice((*others, "elsewhere")),
            "merged_at": change_moment(setting, roll, setting.account_rows[number]),
        }
        for _ in range(roll.choice((0, 0, 0, 0, 1, 2)))
    ]


def change_rows(setting: Setting, number: int) -> list[Row]:
    """The histories of some attributes of an account, as text; now and then several changes at one moment."""
    roll = dice(setting.seed, "changes", number)
    row = setting.account_rows[number]
    values = {
        "plan": PLANS,
        "employees": [None if size is None else str(size) for size in EMPLOYEES],
        "industry": INDUSTRIES,
        "trial_ends_at": [
            *(str(setting.moment(roll, row["time_zone"])) for _ in range(3)),
            str(setting.first_day + roll.randrange(setting.days) * DAY),
            "soon",
            None,
        ],
    }
    return [
        {
            "account_id": row["account_id"],
            "attribute": attribute,
            "value": roll.choice(choices),
            "changed_at": moment,
        }
        for attribute, choices in values.items()
        if roll.random() < 0.4
        for moment in sorted({change_moment(setting, roll, row) for _ in range(roll.randrange(1, 5))})
        for _ in range(roll.choice((1, 1, 1, 1, 2)))
    ]


def change_moment(setting: Setting, roll: Random, row: Row) -> datetime:
    """In the season, or long before it, or never yet."""
    moment = setting.moment(roll, row["time_zone"], (row["signed_up_at"],))
    return roll.choice((moment,) * 6 + (NEVER_COMES, datetime(2020, 1, 1)))


def conversion_rows(setting: Setting, number: int) -> list[Row]:
    """No, one or several payments, also before sign-up and when closing; some are known to the day."""
    roll = dice(setting.seed, "conversions", number)
    row = setting.account_rows[number]
    anchors = (row["signed_up_at"], row["closed_at"], row["closed_at"])
    moments = [setting.moment(roll, row["time_zone"], anchors) for _ in range(roll.choice((0, 0, 0, 1, 3)))]
    account_id = roll.choice((row["account_id"],) * 9 + ("stranger",))
    usual = (*anchors, *setting.popular(row["time_zone"]))
    days = [(roll.choice((at, *usual)) or at).date() for at in moments]
    given = [roll.choice((at, at, day)) for at, day in zip(moments, days, strict=True)]
    return [{"account_id": account_id, "converted_at": at, "plan": "pro", "amount": 99} for at in given]


def stage_rows(setting: Setting, number: int) -> list[Row]:
    """The stages that leads of an account entered, also before sign-up; some rows are broken."""
    roll = dice(setting.seed, "stages", number)
    row = setting.account_rows[number]
    anchors = (row["signed_up_at"], *setting.popular(row["time_zone"]))
    moments = [setting.moment(roll, row["time_zone"], anchors) for _ in range(roll.choice((0, 0, 1, 3)))]
    before = [at - roll.choice((0, 0, 0, 9)) * DAY for at in moments]
    rows = [
        {
            "account_id": roll.choice((row["account_id"],) * 7 + ("stranger", "null")),
            "stage": roll.choice((*STAGES, *STAGES, None)),
            "entered_at": roll.choice((str(at), str(at), str(at.date()), "soon")),
        }
        for at in before
    ]
    named = dice(setting.seed, "domains of stages", number)
    return [
        entered | named.choice(({}, {}, {"domain": "shared.test"}, by_domain(named, row))) for entered in rows
    ]


def by_domain(roll: Random, row: Row) -> Row:
    """A lead whose record names no account, but a domain: its account's, another's, or that of anybody."""
    own = f"{row['account_id']}.test"
    return {
        "account_id": None,
        "domain": roll.choice((own, f"https://www.{own.upper()}/x", "shared.test", "gmail.com", "n/a")),
    }


def end_rows(setting: Setting, number: int) -> list[Row]:
    """The ends of what an account paid for: some before it paid, some at that very moment."""
    roll = dice(setting.seed, "ends", number)
    row, zone_name = setting.account_rows[number], setting.account_rows[number]["time_zone"]
    paid = tuple(at for at in (instant(c["converted_at"]) for c in conversion_rows(setting, number)) if at)
    moments = [setting.moment(roll, zone_name, paid) for _ in range(roll.choice((0, 1, 2)))]
    return [
        {
            "account_id": roll.choice((row["account_id"],) * 9 + ("stranger",)),
            "ended_at": roll.choice((str(at), str(at), str(at.date()), None)),
        }
        for at in moments
    ]


def ignored_events(seed: int) -> list[Row] | None:
    """Rules that leave some events out, in half of all worlds."""
    roll = dice(seed, "ignored")
    rules = (
        {"user_email_domains": ["acme.test"]},
        {"user_email_domains": ["mail.test"], "events": ["login", "it's done"]},
        {"where": {"note": "*"}, "where_not": {"beta": True}},
        {"where": {"channel": "o'clock"}, "account_ids": ["a0", "stranger"]},
        {"user_ids": ["a0-u0", "a1-u1"]},
        {"account_ids": ["stranger"]},
    )
    return roll.choice((None, roll.sample(rules, roll.randrange(1, 4))))


def event_row(setting: Setting, number: int) -> Row:
    """A raw event: mostly sound, sometimes faulty, sometimes another edition of an earlier one."""
    roll = dice(setting.seed, "event", number)
    if number and roll.random() < 0.08:
        return duplicate(event_row(setting, roll.randrange(number)), roll)
    row = with_placeholder(sound_event(setting, roll, number), dice(setting.seed, "placeholder", number))
    row |= {"event_count": event_count(setting, number)}
    fault = roll.choice(("event_id", "event_name", "occurred_at", "future"))
    if roll.random() < 0.06:
        row |= {"occurred_at": NEVER_COMES, "received_at": None} if fault == "future" else {fault: None}
    return row


def sound_event(setting: Setting, roll: Random, number: int) -> Row:
    account = setting.account_rows[roll.randrange(setting.accounts)]
    account_id = account["account_id"]
    anchors = (account["signed_up_at"], account["closed_at"], *setting.popular(account["time_zone"]))
    occurred_at = setting.moment(roll, account["time_zone"], anchors)
    return {
        "event_id": f"e{number:04d}",
        "occurred_at": occurred_at,
        "received_at": received_at(occurred_at, roll),
        "user_id": roll.choice((None, *(f"{account_id}-u{user}" for user in (0, 0, 0, 1, 1, 2, 3)))),
        "anonymous_id": roll.choice((None, None, f"{account_id}-d0", f"{account_id}-d1", "kiosk")),
        "account_id": roll.choice((None,) * 12 + (account_id,) * 20 + ("stranger",)),
        "event_name": roll.choice(EVENT_NAMES),
        "properties": properties(roll),
    }


def event_count(setting: Setting, number: int) -> str | None:
    """Mostly nothing; some rows stand for several events, some say nonsense."""
    roll = dice(setting.seed, "event count", number)
    said = ("1", "2", "2.0", "7", "30", " ") * 4 + ("0", "-3", "2.5", "many", "1e10")
    return roll.choice(said) if roll.random() < 0.2 else None


def with_placeholder(row: Row, roll: Random) -> Row:
    """Now and then a word where an id should be."""
    if roll.random() > 0.04:
        return row
    words = ("undefined", " NULL ", "[object Object]", "NaN", "(null)")
    return row | {roll.choice(("user_id", "account_id", "anonymous_id")): roll.choice(words)}


def received_at(occurred_at: datetime, roll: Random) -> datetime | None:
    """Mostly soon; a day early is the edge of acceptance, an instant more is beyond it."""
    usual = occurred_at + timedelta(seconds=5)
    rare = roll.choice((None, None, occurred_at + 3 * DAY, occurred_at - DAY, occurred_at - DAY - INSTANT))
    return roll.choice((usual,) * 4 + (rare,))


def properties(roll: Random) -> str | None:
    if roll.random() < 0.06:
        return roll.choice(UNREADABLE_PROPERTIES)
    chosen = [name for name in PROPERTIES if roll.random() < 0.6]
    return json.dumps({name: roll.choice(PROPERTIES[name]) for name in chosen})


def duplicate(row: Row, roll: Random) -> Row:
    """The same event_id again: unchanged or changed in one way, received then, earlier or later."""
    moment = row["occurred_at"] or NEVER_COMES
    changes = [
        {},
        {"event_name": roll.choice(EVENT_NAMES)},
        {"occurred_at": moment + roll.choice((-DAY, timedelta(hours=-1), INSTANT))},
        {"user_id": roll.choice((None, "a0-u0"))},
        {"account_id": roll.choice((None, "a0"))},
        {"anonymous_id": roll.choice((None, "kiosk"))},
        {"event_count": "3"},
    ]
    if row["properties"] not in UNREADABLE_PROPERTIES:
        changes.append({"properties": json.dumps({"megabytes": roll.choice((1, 10))})})
    change = roll.choice(changes)
    shift = roll.choice((None, -timedelta(hours=1), timedelta(hours=1)))
    if shift is not None and row["received_at"] is not None:
        change["received_at"] = row["received_at"] + shift
    if roll.random() < 0.3 and row["received_at"] is not None:
        change["received_at"] = row["received_at"] + roll.choice((DAY, DAY + INSTANT, 2 * DAY, 3 * DAY))
    return row | change


BEHAVIOURAL = (
    "event_count",
    "event_sum",
    "event_max",
    "active_days",
    "consecutive_days",
    "distinct_users",
    "distinct_values",
    "growth",
    "limit_usage",
    "milestones",
    "ratio",
    "decayed_sum",
)
COMBINATIONS = ("all_of", "any_of", "none_of", "at_least_of", "score")
TYPES = (*BEHAVIOURAL, "event_count", "account_attribute", "account_date", *COMBINATIONS)


def criterion_name(number: int, seed: int) -> str:
    return f"c{number:02d}_{criterion_type(number, seed)}"


def criterion_type(number: int, seed: int) -> str:
    """The first two criteria are behavioural, so that there is something to combine."""
    return dice(seed, "type", number).choice(BEHAVIOURAL if number < 2 else TYPES)


def criterion(seed: int, number: int) -> Row:
    """A criterion; combinations refer to those of smaller numbers."""
    roll = dice(seed, "criterion", number)
    kind = criterion_type(number, seed)
    declared = {"name": criterion_name(number, seed), "type": kind}
    if kind in COMBINATIONS:
        numbers = roll.sample(range(number), min(number, roll.randrange(1, 4)))
        return declared | combination(kind, [criterion_name(n, seed) for n in numbers], roll)
    if kind == "account_attribute":
        return declared | attribute_conditions(roll)
    if kind == "account_date":
        return declared | date_conditions(roll)
    keys = declared | common_keys(kind, roll) | SPECIFIC_KEYS[kind](roll)
    if kind == "ratio":  # these stand inside of and per
        keys = {key: value for key, value in keys.items() if key not in ("events", "where", "where_not")}
    return keys


def combination(kind: str, names: list[str], roll: Random) -> Row:
    if kind == "score":
        points = {name: roll.choice((10, 20, 30, -20)) for name in names}
        return {"points": points, "at_least": roll.choice((10, 20, 40))}
    return {"criteria": names} | ({"at_least": roll.randint(1, len(names))} if kind == "at_least_of" else {})


def attribute_conditions(roll: Random) -> Row:
    return roll.choice(
        (
            {"attribute": "plan", "in": ["pro", "trial"]},
            {"attribute": "plan", "not_in": ["free"]},
            {"attribute": "industry", "in": ["o'clock"]},
            {"attribute": "industry", "not_in": ["software", "finance"]},
            {"attribute": "employees", "at_least": 50},
            {"attribute": "employees", "at_least": 49.5, "at_most": 50},
            {"attribute": "employees", "in": [5, 400]},
            {"attribute": "employees", "not_in": [50], "at_most": 399},
        )
    )


def date_conditions(roll: Random) -> Row:
    first = roll.randrange(-3, 8)
    bounds = {"from_days": first, "to_days": first + roll.randrange(4)}
    dropped = roll.choice((None, None, "from_days", "to_days"))
    attribute = roll.choice(("trial_ends_at", "renewal_on", "signed_up_at"))
    return {"attribute": attribute} | {key: days for key, days in bounds.items() if key != dropped}


def common_keys(kind: str, roll: Random) -> Row:
    """The keys of every behavioural type, each of which may be left out."""
    keys = {"at_least": roll.choice((1, 2, 2, 3, 4))}
    if kind != "milestones" and roll.random() < 0.5:
        keys["events"] = roll.sample(EVENT_NAMES, roll.randrange(1, 3))
    for key in ("where", "where_not"):
        if roll.random() < 0.25:
            keys[key] = {name: roll.choice(WANTED[name]) for name in roll.choice(FILTERED)}
    if roll.random() < 0.4:
        keys["lapse_after_days"] = roll.randrange(1, 5)
    window = roll.choice(WINDOWS.get(kind, ALL_WINDOWS))
    return keys | ({} if window is None else {"window": window})


FILTERED = (["channel"], ["channel", "beta"], ["megabytes"], ["app", "channel"], ["note"])
WANTED = {
    "megabytes": ([2.5, 7], "*", 0, ["7", "x"]),
    "channel": (["team", "o'clock"], "public", "*", ["*"], ["team", "public", "o'clock"]),
    "app": ("*", "slack", ["jira", "zapier"]),
    "beta": (True, False, "*"),
    "note": ("", "*", ["", "*"]),
}


def last_days(*sizes: int) -> tuple:
    return tuple({"last_days": size} for size in sizes)


EVER = (None, "lifetime")
SINCE_SIGN_UP = tuple({"first_days": size} for size in (1, 2, 7, 14))
ALL_WINDOWS = (
    *EVER,
    *SINCE_SIGN_UP,
    *last_days(1, 2, 3, 7, 10),
    {"calendar": "month"},
    {"calendar": "week"},
    *({"billing": attribute} for attribute in ("trial_ends_at", "renewal_on", "signed_up_at")),
)
WINDOWS = {
    "consecutive_days": (*EVER, *SINCE_SIGN_UP),
    "milestones": (*EVER, *SINCE_SIGN_UP),
    "growth": last_days(1, 2, 3, 7),
    "ratio": (None,),
    "decayed_sum": (None,),
}


def milestone_keys(roll: Random) -> Row:
    steps = roll.sample(EVENT_NAMES, roll.randrange(1, 5))
    return {"steps": steps, "ordered": roll.random() < 0.6, "at_least": roll.randint(1, len(steps))}


def limit_keys(roll: Random) -> Row:
    share = {"at_least": roll.choice((0.3, 0.5, 0.8, 1))}
    by_property = {"limit": "megabytes", "property": "megabytes"}
    own = {"limit_attribute": "employees"} | roll.choice(
        (
            {"measure": "distinct_users"},
            {"measure": "distinct_values", "property": "channel"},
            {"property": "megabytes"},
            {},
        )
    )
    return share | roll.choice(({"limit": "messages"}, by_property, own, own))


def ratio_keys(roll: Random) -> Row:
    """Two measures; `per` needs a window of its own where that of `of` would jump."""
    of, per = (
        measure_keys(roll, ALL_WINDOWS),
        measure_keys(roll, (*EVER, *SINCE_SIGN_UP, *last_days(1, 3, 7))),
    )
    jumps = isinstance(of.get("window"), dict) and set(of["window"]) & {"calendar", "billing"}
    if not jumps and roll.random() < 0.5:
        per.pop("window", None)
    elif jumps:
        per.setdefault("window", "lifetime")
    base = {} if roll.random() < 0.5 else {"min_base": roll.choice((0.5, 1, 2, 2.5))}
    return {"of": of, "per": per, "at_least": roll.choice((0.5, 1, 1.5, 3))} | base


def measure_keys(roll: Random, windows: tuple) -> Row:
    kind = roll.choice(("event_count", "event_sum", "active_days", "distinct_users", "distinct_values"))
    keys = {"measure": kind}
    if kind in ("event_sum", "distinct_values"):
        keys["property"] = "megabytes" if kind == "event_sum" else roll.choice(("event_name", *PROPERTIES))
    kept = {
        key: value
        for key, value in common_keys(kind, roll).items()
        if key in ("events", "where", "where_not")
    }
    window = roll.choice(windows)
    return keys | kept | ({} if window is None else {"window": window})


def decay_keys(roll: Random) -> Row:
    by_property = {"property": "megabytes", "at_least": roll.choice((2.5, 9.5, 20))}
    once = {"at_least": roll.choice((0.5, 1, 1.75, 3))}
    return {"fades_over_days": roll.choice((1, 2, 3, 7, 30))} | roll.choice((by_property, once))


def weekday_keys(roll: Random) -> Row:
    listed = roll.sample(WEEKDAYS, roll.randrange(1, 8))
    return roll.choice(({}, {"weekdays": ["mon", "tue", "wed", "thu", "fri"]}, {"weekdays": listed}))


SPECIFIC_KEYS = {
    "event_count": lambda roll: {},
    "event_sum": lambda roll: {"property": "megabytes", "at_least": roll.choice((5, 9.5, 20))},
    "event_max": lambda roll: {"property": "megabytes", "at_least": roll.choice((1.234568, 2.5, 10))},
    "active_days": weekday_keys,
    "consecutive_days": weekday_keys,
    "distinct_users": lambda roll: {},
    "distinct_values": lambda roll: {"property": roll.choice(("event_name", *PROPERTIES))},
    "growth": lambda roll: {"min_base": roll.randint(1, 3), "at_least": roll.choice((0.5, 1, 1.5, 2))},
    "limit_usage": limit_keys,
    "milestones": milestone_keys,
    "ratio": ratio_keys,
    "decayed_sum": decay_keys,
}


def needed(seed: int, numbers: list[int]) -> list[int]:
    """The numbers, and those of every criterion that they refer to."""
    names = {criterion_name(n, seed): n for n in range(max(numbers, default=-1) + 1)}
    found, pending = set(), list(numbers)
    while pending:
        number = pending.pop()
        found.add(number)
        declared = criterion(seed, number)
        if declared["type"] in COMBINATIONS:
            pending += [names[name] for name in parts(declared)]
    return sorted(found)


def definition(seed: int, number: int, criteria: list[Row]) -> Row:
    """A definition over the criteria that there are."""
    roll = dice(seed, "definition", number)
    names = [declared["name"] for declared in criteria]
    scores = [declared["name"] for declared in criteria if declared["type"] == "score"]
    optional = {
        "audience": roll.choice(("unconverted", "converted", "all")),
        "excluded_when": roll.sample(names, min(len(names), roll.randrange(1, 3))),
        "expires_after_days": roll.randrange(1, 10),
        "tiers": [{"name": tier, "when": roll.choice(names)} for tier in ("hot", "warm")],
        "horizon_days": roll.choice((3, 10)),
    } | ({"score": roll.choice(scores)} if scores else {})
    kept = {key: value for key, value in optional.items() if roll.random() < 0.5}
    return {"name": f"d{number}", "qualifies_when": roll.choice(names)} | kept


def as_of(setting: Setting) -> str | None:
    """None, a date, the last instant of the season, or an awkward moment late in it."""
    roll = dice(setting.seed, "as-of")
    zone_name = setting.account_rows[0]["time_zone"]
    last_day = setting.first_day + setting.days * DAY
    late = setting.calendar(zone_name).midnight(last_day - roll.randrange(1 + setting.days // 2) * DAY)
    anywhere = event_row(setting, 0)["occurred_at"] or late
    beside = late + roll.choice((-INSTANT, INSTANT, timedelta(hours=5)))
    return roll.choice((None, str(last_day), str(late), str(late), str(beside), str(min(anywhere, late))))


def build_world(seed: int, accounts: int, rows: list[int], criteria: list[int], definitions: int) -> World:
    """The world of a seed with these rows and criteria, and those that they need."""
    setting = Setting(seed, accounts)
    declared = [criterion(seed, number) for number in needed(seed, criteria)]
    numbers = range(accounts)
    return World(
        events=[event_row(setting, number) for number in rows],
        accounts=setting.account_rows,
        users=[row for number in numbers for row in user_rows(setting, number)],
        memberships=[row for number in numbers for row in membership_rows(setting, number)],
        user_aliases=[row for number in numbers for row in alias_rows(setting, number)],
        account_merges=[row for number in numbers for row in merge_rows(setting, number)],
        account_changes=[row for number in numbers for row in change_rows(setting, number)],
        conversions=[row for number in numbers for row in conversion_rows(setting, number)],
        plan_limits=PLAN_LIMITS,
        lead_stages=[row for number in numbers for row in stage_rows(setting, number)],
        subscription_ends=[row for number in numbers for row in end_rows(setting, number)],
        variables={
            "pql_as_of": as_of(setting),
            "pql_time_zone": setting.default_zone,
            "pql_horizon_days": dice(seed, "horizon").choice((2, 10, 30, "none")),
            "pql_ignored_events": ignored_events(seed),
            "pql_duplicates_within_days": dice(seed, "duplicates").choice(("none", "none", 1, 2)),
            "pql_criteria": declared,
            "pql_definitions": [definition(seed, number, declared) for number in range(definitions)],
        },
    )


def without_corrections(world: World) -> World:
    """The same without what may change the past: aliases, mergers, and events that come again as others."""
    world.user_aliases, world.account_merges = [], []
    world.variables["pql_duplicates_within_days"] = "none"
    return world


def random_world(
    seed: int,
    accounts: int | None = None,
    rows: int | None = None,
    criteria: int | None = None,
    definitions: int | None = None,
) -> World:
    """A world of a seed; what is not given is rolled: 3 to 8 accounts, 60 to 400 rows."""
    roll = dice(seed, "sizes")
    sizes = [roll.randint(*bounds) for bounds in ((3, 8), (60, 400), (6, 20), (1, 4))]
    given = (accounts, rows, criteria, definitions)
    accounts, rows, criteria, definitions = (
        size if wish is None else wish for wish, size in zip(given, sizes, strict=True)
    )
    return build_world(seed, accounts, list(range(rows)), list(range(criteria)), definitions)


GRID = 20


@st.composite
def worlds(draw, max_accounts: int = 6, max_criteria: int = 8, max_definitions: int = 3) -> World:
    """Worlds that shrink: to fewer rows (struck out of a grid of 400), criteria and accounts."""
    seed = draw(st.integers(0, 2**32 - 1))
    mostly = st.integers(0, 9).map(bool)
    across, down = (draw(st.lists(mostly, min_size=GRID, max_size=GRID)) for _ in range(2))
    rows = [GRID * i + j for i in range(GRID) for j in range(GRID) if across[i] and down[j]]
    criteria = draw(st.lists(st.integers(0, 40), min_size=1, max_size=max_criteria, unique=True))
    accounts = draw(st.integers(1, max_accounts))
    return build_world(seed, accounts, rows, criteria, draw(st.integers(1, max_definitions)))


def columns(**types: pa.DataType) -> pa.Schema:
    return pa.schema(list(types.items()))


TEXT, TIMESTAMP = pa.string(), pa.timestamp("us")
FILES = {
    "events": columns(
        event_id=TEXT,
        occurred_at=TIMESTAMP,
        received_at=TIMESTAMP,
        user_id=TEXT,
        anonymous_id=TEXT,
        account_id=TEXT,
        event_name=TEXT,
        properties=TEXT,
        event_count=TEXT,
    ),
    "accounts": columns(
        account_id=TEXT,
        signed_up_at=TIMESTAMP,
        plan=TEXT,
        employees=pa.int32(),
        industry=TEXT,
        trial_ends_at=TIMESTAMP,
        renewal_on=pa.date32(),
        closed_at=TIMESTAMP,
        time_zone=TEXT,
        domain=TEXT,
    ),
    "users": columns(user_id=TEXT, account_id=TEXT, email=TEXT),
    "memberships": columns(user_id=TEXT, account_id=TEXT, joined_at=TIMESTAMP, left_at=TIMESTAMP),
    "user_aliases": columns(old_user_id=TEXT, user_id=TEXT, aliased_at=TIMESTAMP),
    "account_merges": columns(account_id=TEXT, into_account_id=TEXT, merged_at=TIMESTAMP),
    "account_changes": columns(account_id=TEXT, attribute=TEXT, value=TEXT, changed_at=TIMESTAMP),
    "lead_stages": columns(account_id=TEXT, stage=TEXT, entered_at=TEXT, domain=TEXT),
    "subscription_ends": columns(account_id=TEXT, ended_at=TEXT),
}
SEEDS = {
    "conversions": ("account_id", "converted_at", "plan", "amount"),
    "plan_limits": ("plan", "limit_name", "limit_value"),
}


def write_world(world: World, data: Path, seeds: Path) -> dict[str, object]:
    """Write the Parquet files and the seeds; the variables for `dbt --vars` come back."""
    for name, schema in FILES.items():
        pq.write_table(pa.Table.from_pylist(getattr(world, name), schema), Path(data, f"{name}.parquet"))
    for name, header in SEEDS.items():
        with Path(seeds, f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(getattr(world, name))
    return {name: value for name, value in world.variables.items() if value is not None}


def read_world(folder: Path) -> World:
    """A world of one folder: those Parquet files that there are, seeds and vars.json, as the fixtures are."""
    tables = {
        name: pq.read_table(path).to_pylist()
        for name in FILES
        if (path := Path(folder, f"{name}.parquet")).exists()
    }
    for name in SEEDS:
        with Path(folder, f"{name}.csv").open(newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return World(**tables, variables=json.loads(Path(folder, "vars.json").read_text()))
