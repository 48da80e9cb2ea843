"""One account's story as the warehouse tells it: how it stands at a moment, and what brought it there.

Nothing later than the moment is looked at. What criteria measure comes from the engine's own SQL, asked of
the events of this one account.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from pql_tools.harmless import harmless_row
from pql_tools.warehouse import Warehouse, WarehouseError

Row = dict[str, Any]
MEASURED = (
    "int_accounts",
    "int_events_attributed",
    "int_account_attributes",
    "int_account_attribute_days",
    "int_account_billing_dates",
    "fct_criterion_episodes",
    "stg_billing__plan_limits",
)
OTHER_RULES = (
    "The rules (criteria, definitions, sources, time zone, ignored events) are not those of the last build: "
    "what criteria measure goes by the rules as they stand, when they were met by the build. `dbt build` "
    "brings both together."
)
WHOSE, WHEN = "pql_the_account", "pql_the_moment"  # in SQL that is not about anyone yet
AT_MOST = 5  # examples of rows that are rejected, and accounts of a similar name


class Moment(NamedTuple):
    """Something that happened: when, in which kind of line, and in words."""

    at: datetime
    kind: str  # account, change, lead, told or criterion
    title: str
    detail: str = ""


class Criterion(NamedTuple):
    """How the account stands by one criterion."""

    name: str
    is_met: bool
    is_in_grace: bool
    is_part: bool  # of the primary definition
    excludes: bool
    observed: float | None
    progress: float
    words: str
    since: datetime | None
    begun_by: str
    times_met: int
    last_ended_at: datetime | None


class Story(NamedTuple):
    """All that is told of one account."""

    account: Row
    as_of: datetime
    is_past: bool
    definition: str
    status: str
    standing: str
    criteria: list[Criterion]
    moments: list[Moment]
    criterion_spans: list[Row]  # criterion_name, started_at, ended_at
    lead_spans: list[Row]  # definition_name, qualified_at, ended_at, end_reason
    weeks: list[tuple[date, int, int]]  # Monday, events, users
    rejected: list[tuple[str, int, str]]  # what, how many, an example
    notice: str  # where the rules are not those of the build


def tell(warehouse: Warehouse, name: str, moment: datetime | None = None) -> Story:
    """The story of the account of this id, name or domain, up to a moment or to the as-of of the build."""
    build = _one(warehouse, "select as_of from {{ ref('int_as_of') }}")
    if build["as_of"] is None:
        raise WarehouseError("The warehouse holds no event yet: there is nothing to tell.")
    if moment and moment > build["as_of"]:
        raise WarehouseError(
            f"--as-of {moment} is later than what the warehouse knows: it was built as of {build['as_of']}."
        )
    account, notice = find_account(warehouse, name), _notice(warehouse)
    try:
        return _Teller(warehouse, account, moment or build["as_of"], build["as_of"]).story(notice)
    except WarehouseError as problem:
        raise WarehouseError(f"{problem} {notice}".strip()) from problem


def _notice(warehouse: Warehouse) -> str:
    """What to know where the rules are not those that the warehouse was built with."""
    if not warehouse.exists("pql_build"):
        return ""
    built = warehouse.rows("select rules_version from {{ ref('pql_build') }}")
    is_same = {row["rules_version"] for row in built} <= {warehouse.rendered("pql_rules_version")}
    return "" if is_same else OTHER_RULES


def moment_of(text: str) -> datetime:
    """A date (its first instant) or a moment, of UTC unless it carries an offset."""
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def find_account(warehouse: Warehouse, name: str) -> Row:
    """The account of this id, else the only one of this name or domain."""
    text = warehouse.literal(name)
    found = warehouse.rows(f"""
        select * from {{{{ ref('dim_accounts') }}}}
        where account_id = {text} or lower(account_name) = lower({text}) or lower(domain) = lower({text})
        order by account_id
    """)
    exact = [account for account in found if account["account_id"] == name] or found
    if len(exact) == 1:
        return exact[0]
    if exact:
        several = ", ".join(f"'{account['account_id']}'" for account in exact[: 2 * AT_MOST])
        raise WarehouseError(f"{len(exact)} accounts are called '{name}': {several}. Give the id of one.")
    raise WarehouseError(f"There is no account '{name}'. {_hint(warehouse, name)}")


def _hint(warehouse: Warehouse, name: str) -> str:
    """What else the name may be: that of an account which only events know, or of one spelt alike."""
    events = "select count(*) as n from {{ ref('stg_product__events') }}"
    named = _one(warehouse, f"{events} where account_id = {warehouse.literal(name)}")
    if named["n"]:
        return f"{named['n']:,} events name it, but no row of `accounts` does: they count for nobody."
    known = warehouse.rows("""
        select account_id, account_name, domain from {{ ref('dim_accounts') }}
        order by last_seen_at desc limit 20000
    """)
    spelt: dict[str, str] = {}
    for account in map(harmless_row, known):
        for key in ("account_id", "account_name", "domain"):
            if account[key]:
                spelt.setdefault(account[key].lower(), account[key])
    near = difflib.get_close_matches(name.lower(), spelt, n=AT_MOST, cutoff=0.5)
    near = near or [text for text in spelt if name.lower() in text][:AT_MOST]
    if not near:
        return "`select account_id, account_name from dim_accounts` lists them all."
    return f"Nearest: {', '.join(spelt[text] for text in near)}."


def _one(warehouse: Warehouse, sql: str) -> Row:
    return warehouse.rows(sql)[0]


class _Teller:
    """Reads what is known of one account at a moment."""

    def __init__(self, warehouse: Warehouse, account: Row, moment: datetime, as_of: datetime):
        self.warehouse, self.moment, self.as_of = warehouse, moment, as_of
        self.id = account["account_id"]
        self.account = harmless_row(self._as_then(account))
        self.here = f"account_id = {warehouse.literal(self.id)}"
        self.then = f"timestamp '{moment}'"

    def story(self, notice: str) -> Story:
        spans = self._until("fct_criterion_episodes", "started_at")
        leads = self._until("fct_pql_episodes", "qualified_at")
        starts = {span["started_at"] for span in spans} | {lead["qualified_at"] for lead in leads}
        causes = self._events_at(starts | {span["ended_at"] for span in spans if span["ended_at"]})
        config = self.warehouse.rendered("pql_config")
        weights = {rule["name"]: rule.get("weights") or {} for rule in config["criteria"]}
        places = {name: place for place, name in enumerate(weights)}
        spans.sort(key=lambda span: (span["started_at"], places.get(span["criterion_name"], len(places))))
        criteria = [self._criterion(row, spans, causes, weights) for row in self._measures()]
        definition = config["definitions"][0]["name"]
        primary = [lead for lead in leads if lead["definition_name"] == definition]
        status = self._status(criteria, primary)
        account = self.account | {"plan": self._plan()}
        return Story(
            account=account,
            as_of=self.moment,
            is_past=self.moment < self.as_of,
            definition=definition,
            status=status,
            standing=self._standing(status, primary),
            criteria=criteria,
            moments=self._moments(spans, leads, criteria, causes),
            criterion_spans=spans,
            lead_spans=leads,
            weeks=self._weeks(),
            rejected=self._rejected(),
            notice=notice,
        )

    def _rows(self, sql: str) -> list[Row]:
        return [harmless_row(row) for row in self.warehouse.rows(sql)]

    def _until(self, table: str, start: str) -> list[Row]:
        """Intervals that had begun by the moment; one that ends later was open then."""
        sql = f"select * from {{{{ ref('{table}') }}}} where {self.here} and {start} <= {self.then}"
        rows = sorted(self._rows(sql), key=lambda row: row[start])
        for row in rows:
            if row["ended_at"] and row["ended_at"] > self.moment:
                row |= {"ended_at": None} | ({"end_reason": None} if "end_reason" in row else {})
        return rows

    def _as_then(self, account: Row) -> Row:
        """The account without what came after the moment."""
        later = ("converted_at", "closed_at")
        return account | {key: None for key in later if account[key] and account[key] > self.moment}

    def _plan(self) -> str | None:
        held = self._rows(f"""
            select value from {{{{ ref('int_account_attributes') }}}}
            where {self.here} and attribute = 'plan' and valid_from <= {self.then} and valid_to > {self.then}
        """)
        return held[0]["value"] if held else None

    def _measures(self) -> list[Row]:
        tables = {name: self.warehouse.relation(name) for name in MEASURED}
        given = {"account_id": WHOSE, "moment": WHEN, "tables": tables}  # the same text for everybody
        sql = self.warehouse.rendered("account_measures", **given)
        here = sql.replace(f"'{WHOSE}'", self.warehouse.literal(self.id)).replace(WHEN, self.then)
        return self._rows(here)

    def _events_at(self, moments: set[datetime]) -> dict[datetime, str]:
        """The events at which something began or ended, in words."""
        if not moments:
            return {}
        listed = ", ".join(f"timestamp '{moment}'" for moment in sorted(moments))
        found: dict[datetime, list[str]] = defaultdict(list)
        for event in self._rows(f"""
            select distinct occurred_at, event_name, user_id from {{{{ ref('int_events_attributed') }}}}
            where {self.here} and occurred_at in ({listed})
            order by occurred_at, event_name, user_id
        """):
            by = f" by {event['user_id']}" if event["user_id"] else ""
            found[event["occurred_at"]].append(f"{event['event_name']}{by}")
        return {moment: " and ".join(events[:2]) for moment, events in found.items()}

    def _criterion(
        self, row: Row, spans: list[Row], causes: dict[datetime, str], weights: dict[str, dict[str, float]]
    ) -> Criterion:
        own = [span for span in spans if span["criterion_name"] == row["criterion_name"]]
        is_met = bool(own) and own[-1]["ended_at"] is None
        observed, threshold = row["observed_value"], row["threshold"]
        is_part_way = observed is not None and 0 < observed < threshold
        since = own[-1]["started_at"] if is_met else None
        return Criterion(
            name=row["criterion_name"],
            is_met=is_met,
            is_in_grace=is_met and row["has_grace"] and observed is not None and observed < threshold,
            is_part=row["is_part"],
            excludes=row["excludes"],
            observed=observed,
            progress=1.0 if is_met else observed / threshold if is_part_way else 0.0,
            words=self._words(row, is_met, weights[row["criterion_name"]], spans),
            since=since,
            begun_by=causes.get(since, ""),
            times_met=len(own),
            last_ended_at=max((span["ended_at"] for span in own if span["ended_at"]), default=None),
        )

    def _words(self, row: Row, is_met: bool, weights: dict[str, float], spans: list[Row]) -> str:
        """How it stands in words; a combination names its members."""
        if not weights:
            needed = row["needed"].replace(" (not yet)", ": not so")
            is_outside = row["observed_value"] is not None and row["observed_value"] >= row["threshold"] > 0
            return row["stands"] + ("" if is_met else " (beyond its limits)" if is_outside else needed)
        held = {span["criterion_name"] for span in spans if span["ended_at"] is None}
        met = [name for name in weights if name in held]
        parts = [f"{row['observed_value']:g}; {row['threshold']:g} needed"] if row["threshold"] > 1 else []
        parts += ["none of its members may be met"] if row["threshold"] == 0 and not is_met else []
        parts += [f"met: {', '.join(met)}" if met else "none met"]
        missing = [name for name, weight in weights.items() if weight > 0 and name not in held]
        if not is_met and missing:
            parts += [f"not met: {', '.join(missing)}"]
        return "; ".join(parts)

    def _status(self, criteria: list[Criterion], leads: list[Row]) -> str:
        """The status as `pql_accounts` has it, as of the moment."""
        account = self.account
        if account["signed_up_at"] and account["signed_up_at"] > self.moment:
            return "not signed up yet"
        held = {
            "merged": account["merged_into"],
            "converted": account["converted_at"],
            "closed": account["closed_at"],
            "excluded": any(criterion.excludes and criterion.is_met for criterion in criteria),
            "active": any(lead["ended_at"] is None for lead in leads),
            "lapsed": leads,
        }
        return next((status for status, holds in held.items() if holds), "never")

    def _standing(self, status: str, leads: list[Row]) -> str:
        """The status as a sentence."""
        last = leads[-1] if leads else {}
        times = f"; a lead {len(leads)} times so far" if len(leads) > 1 else ""
        ended = f"ended {when(last['ended_at'])}" if last.get("ended_at") else ""
        was = f" It was a lead since {when(last['qualified_at'])}, {ended}." if ended else ""
        if status == "active":
            days = (self.moment - last["qualified_at"]).days
            tier = f", tier {last['tier']}" if last.get("tier") else ""
            score = "" if last.get("score") is None else f", score {last['score']:g}"
            for_days = "1 day" if days == 1 else f"{days} days"
            return f"A lead since {when(last['qualified_at'])} ({for_days}){tier}{score} then{times}."
        return {
            "merged": f"Part of the account {self.account['merged_into']}, whose story has all of it.",
            "converted": f"No lead: it pays since {when(self.account['converted_at'])}.{was}",
            "closed": f"No lead: closed {when(self.account['closed_at'])}.{was}",
            "excluded": f"No lead: excluded.{was}",
            "lapsed": f"No lead any more: {last.get('end_reason')} {when(last.get('ended_at'))}{times}.",
            "never": "It has never been a lead.",
        }.get(status, "It had not signed up yet.")

    def _moments(
        self, spans: list[Row], leads: list[Row], criteria: list[Criterion], causes: dict[datetime, str]
    ) -> list[Moment]:
        moments = [
            *self._account_moments(),
            *self._changes(),
            *self._lead_moments(leads, spans, causes),
            *self._told(),
        ]
        parts = {criterion.name for criterion in criteria if criterion.is_part}
        starts, ends = defaultdict(list), defaultdict(list)
        for span in spans:
            if span["criterion_name"] in parts:
                starts[span["started_at"]].append(span["criterion_name"])
                ends[span["ended_at"]].append(span["criterion_name"])
        ends.pop(None, None)
        for words, changes in (("meets", starts), ("no longer meets", ends)):
            moments += [
                Moment(at, "criterion", f"{words} {', '.join(names)}", causes.get(at, ""))
                for at, names in changes.items()
            ]
        order = ("account", "change", "criterion", "lead", "told")
        return sorted(moments, key=lambda moment: (moment.at, order.index(moment.kind), moment.title))

    def _account_moments(self) -> Iterable[Moment]:
        titles = {
            "signed_up_at": "signed up",
            "first_seen_at": "first event",
            "trial_ends_at": "trial ends",
            "converted_at": "first payment",
            "closed_at": "closed",
        }
        for key, title in titles.items():
            at = self.account[key]
            if at and at <= self.moment:
                is_inferred = key == "signed_up_at" and self.account["is_signup_inferred"]
                yield Moment(at, "account", title, "taken from its first event" if is_inferred else "")

    def _changes(self) -> list[Moment]:
        changes = self._rows(f"""
            select attribute, value, valid_from from {{{{ ref('int_account_attributes') }}}}
            where {self.here} and valid_from > timestamp '1900-01-01 00:00:00' and valid_from <= {self.then}
        """)
        return [
            Moment(row["valid_from"], "change", f"{row['attribute']} is {row['value'] or 'nothing'}")
            for row in changes
        ]

    def _lead_moments(
        self, leads: list[Row], spans: list[Row], causes: dict[datetime, str]
    ) -> Iterable[Moment]:
        for lead in leads:
            tier = f", {lead['tier']}" if lead["tier"] else ""
            score = "" if lead["score"] is None else f", score {lead['score']:g}"
            title = f"lead by '{lead['definition_name']}' begins{tier}{score}"
            yield Moment(lead["qualified_at"], "lead", title, causes.get(lead["qualified_at"], ""))
            if lead["ended_at"]:
                over = [span["criterion_name"] for span in spans if span["ended_at"] == lead["ended_at"]]
                detail = f"ended then: {', '.join(over)}" if over and lead["end_reason"] == "lapsed" else ""
                title = f"lead by '{lead['definition_name']}' ends: {lead['end_reason']}"
                yield Moment(lead["ended_at"], "lead", title, detail)

    def _told(self) -> list[Moment]:
        """What sales was told, where the project has the log."""
        if not self.warehouse.exists("fct_pql_events"):
            return []
        told = self._rows(f"""
            select event_at, event_type, detected_at from {{{{ ref('fct_pql_events') }}}}
            where pql_{self.here} and is_notifiable and detected_at <= {self.then}
        """)
        return [
            Moment(row["detected_at"], "told", "announced to sales", f"{row['event_type']}") for row in told
        ]

    def _weeks(self) -> list[tuple[date, int, int]]:
        """Every week from the first event to the moment, Mondays of the account's own days."""
        used = self._rows(f"""
            select local_date, user_id, events from {{{{ ref('fct_user_usage_daily') }}}}
            where {self.here} and local_date <= date '{self.moment.date()}'
        """)
        events: dict[date, int] = defaultdict(int)
        users = defaultdict(set)
        for row in used:
            monday = row["local_date"] - timedelta(days=row["local_date"].weekday())
            events[monday] += row["events"]
            users[monday] |= {row["user_id"]} - {""}
        if not events:
            return []
        last = self.moment.date() - timedelta(days=self.moment.weekday())
        weeks = range((last - min(events)).days // 7 + 1)
        mondays = [min(events) + timedelta(days=7 * week) for week in weeks]
        return [(monday, events[monday], len(users[monday])) for monday in mondays]

    def _rejected(self) -> list[tuple[str, int, str]]:
        """Rows of this account, or of a user of it, that count for nothing."""
        events = self._rows(f"""
            select reason, count(*) as n, min(event_id) as event_id, min(event_name) as event_name
            from {{{{ ref('stg_product__events_judged') }}}}
            where reason not in ('duplicate', 'withdrawn') and ({self.here}
                or user_id in (select user_id from {{{{ ref('fct_user_usage_daily') }}}} where {self.here}))
            group by reason order by reason
        """)
        inputs = []
        if self.warehouse.exists("stg_inputs_rejected"):  # a part of the models may have been built
            inputs = self._rows(f"""
                select input_name, reason, count(*) as n, min(row_key) as row_key
                from {{{{ ref('stg_inputs_rejected') }}}}
                where {self.here} group by input_name, reason order by input_name, reason
            """)
        ignored = self._rows(f"""
            select ignored_by, count(*) as n from {{{{ ref('int_events_resolved') }}}}
            where {self.here} and ignored_by is not null group by ignored_by order by ignored_by
        """)
        return [
            *(
                (
                    f"events: {row['reason']}",
                    row["n"],
                    f"{row['event_name'] or '–'}, {row['event_id'] or '–'}",
                )
                for row in events
            ),
            *((f"{row['input_name']}: {row['reason']}", row["n"], row["row_key"] or "") for row in inputs),
            *(
                (f"events ignored by rule {row['ignored_by']} of pql_ignored_events", row["n"], "")
                for row in ignored
            ),
        ]


def when(moment: datetime | None) -> str:
    """2026-06-30 14:05."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
