"""What a folder of files or a schema holds: which tracker wrote it, and what its events are like."""

import json
import re
import tempfile
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from pql_tools import dbt_internals
from pql_tools.config_files import as_option, read_text
from pql_tools.environment import IN_MEMORY, environment
from pql_tools.warehouse import duckdb_literal, open_warehouse
from pql_tools.warehouse.run_dbt import Dbt

# What lists the columns of files. A first look at a CSV passes over lines that the build will name.
READERS = {
    "parquet": "read_parquet({}, union_by_name = true)",
    "csv": "read_csv({}, all_varchar = true, header = true, ignore_errors = true, union_by_name = true)",
    "json": "read_json_objects({}, format = 'auto')",
}
COLUMNS_OF = {
    "parquet": f"describe select * from {READERS['parquet']}",
    "csv": f"describe select * from {READERS['csv']}",
    "json": f"select distinct unnest(json_keys(json)) as key from {READERS['json']} order by key",
}
# What lists the keys of a nested column, as `properties.name`.
NESTED = (
    "select distinct 'properties.' || unnest(json_keys(json, '/properties')) as key "
    "from read_json_objects({}, format = 'auto') order by key"
)
# What lists the keys of rows that stand inside an object, as those of some interfaces do.
INSIDE = (
    "select distinct unnest(json_keys(json, {0})) as key from read_json_objects({1}, format = 'auto') "
    "where json_type(json, {0}) = 'OBJECT' order by key"
)
ENDING = re.compile(r"[.](parquet|csv|tsv|json|jsonl|ndjson)([.]gz)?$")
# Names that people give to our columns, for tables of no known tracker.
SYNONYMS = {
    "event_id": ("event_id", "id", "uuid", "event_uuid", "log_id", "message_id"),
    "occurred_at": ("occurred_at", "timestamp", "event_time", "happened_at", "created_at", "time", "ts"),
    "event_name": ("event_name", "event", "action", "event_type", "name", "type", "kind", "verb"),
    "user_id": (
        "user_id", "user", "person", "person_id", "member_id", "actor_id", "email", "member", "actor",
    ),
    "account_id": (
        "account_id", "workspace_id", "organization_id", "org_id", "company_id", "team_id", "tenant_id",
        "group_id", "account", "workspace", "company", "org", "organization", "team", "tenant",
    ),
    "anonymous_id": ("anonymous_id", "device_id", "visitor_id"),
    "received_at": ("received_at", "loaded_at", "ingested_at"),
    "properties": ("properties", "payload", "data"),
}  # fmt: skip

# The same for accounts.
ACCOUNT_SYNONYMS = {
    "account_id": SYNONYMS["account_id"],
    "signed_up_at": ("signed_up_at", "signup_at", "signup_date", "registered_at", "created_at", "created"),
    "account_name": ("account_name", "name", "company_name", "company", "workspace_name", "title"),
    "plan": ("plan", "plan_name", "tariff", "tier", "subscription_plan"),
    "domain": ("domain", "website"),
    "trial_ends_at": ("trial_ends_at", "trial_end", "trial_end_at", "trial_end_date"),
    "closed_at": ("closed_at", "deleted_at", "deactivated_at"),
    "time_zone": ("time_zone", "timezone", "tz"),
}
# A table of this name keeps our account's id in `id`.
OF_ACCOUNTS = re.compile(
    r"(account|org|organi[sz]ation|workspace|company|companie|team|tenant)s?$", re.IGNORECASE
)
# The same for payments, in tables whose name says so; what one exports by hand from the pages of
# Stripe or HubSpot is one as well.
PAYMENT_SYNONYMS = {
    "conversion_id": ("conversion_id", "payment_id", "record_id", "id"),
    "account_id": SYNONYMS["account_id"],
    "converted_at": (
        "converted_at", "paid_at", "payment_date", "created_date", "close_date", "started_at", "started",
        "start_date", "date", "created_at", "created",
    ),
    "plan": ("plan", "plan_name"),
    "amount": ("amount_paid", "amount", "mrr", "total", "price"),
}  # fmt: skip
OF_PAYMENTS = re.compile(r"payment|invoice|charge|subscription|order|deal|purchase", re.IGNORECASE)
PAYMENT_STATES = ("status", "state", "deal_stage")
OF_A_CRM = re.compile(r"^(properties\.|property_)|__c$", re.IGNORECASE)

# What a first look needs of an event, and of how many of a table of any size.
WANTED = dict.fromkeys(
    ("event_id", "event_name", "user_id", "account_id", "anonymous_id", "rejection_reason"), pa.string()
) | {"occurred_at": pa.timestamp("us"), "event_count": pa.int64()}
NEWEST = 1_000_000


class NothingToReadError(Exception):
    """The folder holds nothing that could be events; the message says what was looked for."""


@dataclass
class Place:
    """Where the events are: a folder of files, or a schema of the warehouse that the dbt profile names."""

    name: str
    tables: dict[str, list[str]]
    where: dict = field(default_factory=dict)
    options: Namespace | None = None
    readers: dict[str, str] = field(default_factory=dict)  # what reads the files of a table


@dataclass
class Guess:
    """A source for `pql_event_sources`, why it was chosen, and what else it might be."""

    source: dict
    why: str
    spec: dict
    others: list[str] = field(default_factory=list)  # adapters that know tables there just as well
    doubts: dict[str, list[str]] = field(default_factory=dict)  # columns that could be one of ours


@dataclass
class Look:
    """What the events are like, as the chosen adapter reads them."""

    counts: dict
    names: list[dict]
    unread: dict[str, int]
    accounts: dict
    sizes: dict = field(default_factory=dict)


def dbt_compile(*arguments: str) -> list[str]:
    """Return the SQL of what dbt compiles, or raise its message; neither warehouse nor target is touched."""
    with environment(**IN_MEMORY), tempfile.TemporaryDirectory() as folder:
        places = ["--target-path", folder, "--log-path", folder]
        done = dbt_internals.invoke(["compile", "--quiet", "--log-level", "none", *places, *arguments])
    if not done.success:
        failures = [result.message for result in done.result or [] if result.message]
        raise NothingToReadError(str(done.exception or "\n".join(failures)).strip())
    # the project's hook is among the results as well
    return [result.node.compiled_code for result in done.result if result.node.resource_type != "operation"]


@cache
def catalogue() -> dict:
    """Every adapter of every kind with what it declares, as the project knows them."""
    return json.loads(dbt_compile("--inline", "{{ tojson(adapter_catalogue()) }}")[0])


def compiled_for(options: Namespace, model: str, variables: dict) -> str:
    """The SQL of a model for the profile's warehouse, by a dbt of its own: DuckDB lets in one program."""
    with tempfile.TemporaryDirectory() as folder:
        dbt = Dbt.of(options)._replace(variables=options.vars | variables, artifacts=Path(folder))
        dbt.run("compile", "--select", model)
        [path] = Path(folder, "compiled").rglob(f"{model}.sql")
        return read_text(path)


def tables_of(options: Namespace) -> Place:
    """The tables of the schema that the options name, with their columns, as every engine lists them."""
    schema = options.schema
    with open_warehouse(options) as warehouse:
        rows = warehouse.rows(
            "select table_schema, table_name, column_name from information_schema.columns "
            "order by table_name, ordinal_position"
        )
    tables: dict[str, list[str]] = {}
    for row in rows:
        if row["table_schema"].lower() == schema.lower():
            tables.setdefault(row["table_name"], []).append(row["column_name"])
    return Place(f"the schema {schema}", tables, {"schema": schema}, options)


def files_in(folder: Path) -> Place:
    """The tables that a folder holds, as files or folders of files, with their columns."""
    tables, readers, places = {}, {}, {}
    for path in sorted(folder.iterdir()):
        files = sorted(p for p in path.rglob("*") if ENDING.search(p.name)) if path.is_dir() else [path]
        match = ENDING.search(files[0].name) if files else None
        if match:
            kind = {"parquet": "parquet", "csv": "csv", "tsv": "csv"}.get(match[1], "json")
            place = f"{path}/**/*{match[0]}" if path.is_dir() else str(path)
            query = COLUMNS_OF[kind].format(duckdb_literal(place))
            name = path.name if path.is_dir() else path.name[: match.start()]
            if name in places:
                raise NothingToReadError(
                    f"'{name}' is there more than once: {places[name]}, {path}. Keep one of them there."
                )
            places[name] = path
            readers[name] = READERS[kind].format(duckdb_literal(place))
            tables[name] = [row[0] for row in duckdb.sql(query).fetchall()]
            if kind == "json" and (wrapper := re.sub("ies$", "y", name).removesuffix("s")) in tables[name]:
                inside = duckdb.sql(INSIDE.format(duckdb_literal(f"/{wrapper}"), duckdb_literal(place)))
                tables[name] = [row[0] for row in inside.fetchall()] or tables[name]
            if kind == "json" and "properties" in tables[name]:
                nested = duckdb.sql(NESTED.format(duckdb_literal(place)))
                tables[name] += [row[0] for row in nested.fetchall()]
    return Place(str(folder), tables, readers=readers)


def plain(name: str) -> str:
    """A name of a table or column, however it is cased and parted."""
    return name.lower().replace("_", "")


def has(columns: list[str], wanted: str) -> bool:
    """Whether a table has a column, or one of several: `a|b`."""
    known = {plain(column) for column in columns}
    return any(plain(name) in known for name in wanted.split("|"))


def guess_source(place: Place, adapters: dict, forced: str | None = None) -> Guess:
    """The adapter that knows most columns of a table there, else the table with the likeliest names."""
    candidates = []
    for adapter, spec in adapters.items():
        for table, about in spec["tables"].items():
            known_by = about.get("known_by", [])
            for name, columns in place.tables.items():
                if known_by and all(has(columns, wanted) for wanted in known_by):
                    candidates.append((name == table, len(known_by), adapter, table, name, known_by))
    chosen = [candidate for candidate in candidates if forced in (None, candidate[2])]
    if chosen and forced != "table":
        best = max(chosen)
        _, _, adapter, table, name, known_by = best
        others = sorted({other[2] for other in candidates if other[:2] == best[:2]} - {adapter})
        source = {"name": "events" if adapter == "canonical" else adapter, "adapter": adapter}
        source |= place.where
        if name != table:
            source["tables"] = {table: name}
        why = f"`{name}` has {', '.join(known_by)}"
        return Guess(source, why, adapters[adapter], others)
    if forced and forced != "table":
        raise NothingToReadError(
            f"{place.name} does not look like {forced}. "
            f"It holds: {', '.join(place.tables) or 'nothing to read'}."
        )
    return guess_table(place, adapters["table"])


def account_column(tables: list[list[str]]) -> str | None:
    """Where a CRM's tables hold our account id: in a property or field of one's own, by its name."""
    own = re.compile(r"^(?:properties\.|property_)(.+)$|^(.+)__c$", re.IGNORECASE)
    for wanted in ("pql_account_id", "product_account_id", *SYNONYMS["account_id"]):
        for column in (column for columns in tables for column in columns):
            match = own.match(column)
            if match and (match[1] or match[2]).lower() == wanted:
                return column
    return None


def account_key(tables: Iterable[list[str]]) -> dict:
    """Where a billing system's customers hold our account id, by a column such as `cf_workspace_id`."""
    own = re.compile(r"^(?:cf|metadata|meta_data)[._](.+)$", re.IGNORECASE)
    names = {match[1].lower() for columns in tables for column in columns if (match := own.match(column))}
    found = [name for name in SYNONYMS["account_id"] if name in names]
    return {"account_key": found[0]} if found and found[0] != "account_id" else {}


def named_like(place: Place, table: str) -> str | None:
    """A table by its name, or as other exports call it: of `opportunities`, `Opportunity`."""
    forms = {plain(form) for form in (table, table.removesuffix("s"), re.sub("ies$", "y", table))}
    alike = [name for name in place.tables if plain(name) in forms]
    return table if table in alike else next(iter(alike), None)


def known_sources(place: Place, adapters: dict) -> list[dict]:
    """Sources whose tables are there, by name and by columns that tell them; the likeliest first."""
    found = []
    for adapter, spec in adapters.items():
        names = {table: name for table in spec["tables"] if (name := named_like(place, table))}
        there = {
            table: about["known_by"]
            for table, about in spec["tables"].items()
            if table in names
            and "known_by" in about
            and all(has(place.tables[names[table]], column) for column in about["known_by"])
        }
        if not there or adapter == "canonical":
            continue
        source = {"name": adapter, "adapter": adapter} | place.where
        if renamed := {table: name for table, name in names.items() if table != name}:
            source["tables"] = renamed
        if "product_account_id" in spec.get("options", {}):
            tables = [place.tables[name] for name in names.values()]
            source["product_account_id"] = account_column(tables)
        if "account_key" in spec.get("options", {}):
            source |= account_key(place.tables[name] for name in names.values())
        found.append((sum(map(len, there.values())), source))
    return [source for _, source in sorted(found, key=lambda entry: -entry[0])]


def worded(column: str) -> str:
    """A column's name as ours are written: `Close Date`, `closeDate`, `Close date (UTC)` are `close_date`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"\s*[(].*[)]$", "", column.strip()))
    return re.sub(r"\s+", "_", parted).lower()


def sounds_like(columns: list[str], synonyms: dict) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Which column is which of ours, by its name; and all that it might be."""
    lower = {worded(column): column for column in reversed(columns)}
    mapping, doubts = {}, {}
    for ours, names in synonyms.items():
        free = [name for name in names if name in lower and lower[name] not in mapping.values()]
        if free:
            mapping[ours] = lower[free[0]]
            doubts[ours] = [lower[name] for name in free]
    return mapping, doubts


def paths_of(value: object, path: str = "", depth: int = 6) -> Iterator[tuple[str, str, str]]:
    """Every path into a value, JSON in texts included: path, word for what stands there, and what does."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    if isinstance(value, list) and value and depth:
        yield from paths_of(value[0], f"{path}.0", depth - 1)
    elif isinstance(value, dict) and depth:
        for key, inside in value.items():
            yield from paths_of(inside, f"{path}.{key}".lstrip("."), depth - 1)
            # an entity says what it is beside its data: iglu:com.acme/workspace/jsonschema/1-0-0
            if key == "data" and isinstance(inside, dict) and "id" in inside and "schema" in value:
                yield f"{path}.data.id", "".join(str(value["schema"]).split("/")[1:2]), str(inside["id"])
    elif isinstance(value, str | int) and not isinstance(value, bool) and path:
        yield path, path.rpartition(".")[2], str(value)


def paths_to_accounts(place: Place, table: str) -> list[str]:
    """Where in the events of a folder an account's id may stand, by names, the likeliest first."""
    reader = place.readers.get(table)
    if not reader:
        return []
    row = "json" if reader.startswith("read_json") else "to_json(row_of_file)"
    found: dict[str, set] = {}
    for (text,) in duckdb.sql(f"select {row} from {reader} as row_of_file limit 200").fetchall():
        for path, word, value in paths_of(text):
            if worded(word) in SYNONYMS["account_id"]:
                found.setdefault(path, set()).add((SYNONYMS["account_id"].index(worded(word)), value))
    # what is the same in all rows is rather the sender's own project
    return sorted(found, key=lambda path: (len(found[path]) == 1, min(found[path])[0], path))


def guess_accounts(place: Place, taken: set[str]) -> dict | None:
    """A table of accounts in nobody's schema: it has an account's id and its sign-up, and no user."""
    scored = []
    for name, columns in place.tables.items():
        synonyms = dict(ACCOUNT_SYNONYMS)
        if OF_ACCOUNTS.search(name):
            synonyms["account_id"] = (*synonyms["account_id"], "id")
        mapping, _ = sounds_like(columns, synonyms)
        of_users, _ = sounds_like(columns, {"user_id": SYNONYMS["user_id"]})
        is_ours = {"account_id", "signed_up_at"} <= mapping.keys() and not of_users
        if is_ours and name not in taken and not any(map(OF_A_CRM.search, columns)):
            scored.append((len(mapping), name, mapping))
    if not scored:
        return None
    _, name, mapping = max(scored, key=lambda found: found[:2])
    source = {"name": name, "adapter": "table"} | place.where | {"tables": {"accounts": name}}
    return source | {"columns": {ours: theirs for ours, theirs in mapping.items() if ours != theirs}}


def guess_payments(place: Place) -> dict | None:
    """A table in nobody's schema that sounds like payments; which rows were paid, only its owner knows."""
    scored = []
    for name, columns in place.tables.items():
        mapping, _ = sounds_like(columns, PAYMENT_SYNONYMS)
        if OF_PAYMENTS.search(name) and "converted_at" in mapping:
            # what was paid says more than what was agreed
            rank = ("subscription" not in name.lower(), len(mapping))
            scored.append((rank, name, mapping, columns))
    if not scored:
        return None
    _, name, mapping, columns = max(scored, key=lambda found: found[:2])
    mapping.setdefault("account_id", "WHERE_OUR_ACCOUNT_ID_IS")
    renamed = {ours: theirs for ours, theirs in mapping.items() if ours != theirs}
    source = {"name": "payments", "adapter": "table"} | place.where | {"tables": {"conversions": name}}
    source |= {"columns": renamed} if renamed else {}
    states = [column for column in columns if worded(column) in PAYMENT_STATES]
    return source | ({"where": {states[0]: "WHAT_YOU_CALL_PAID"}} if states else {})


def guess_table(place: Place, spec: dict) -> Guess:
    """A table of nobody's schema, whose columns sound like ours."""
    scored = []
    for name, columns in place.tables.items():
        mapping, doubts = sounds_like(columns, SYNONYMS)
        if {"event_id", "occurred_at", "event_name"} <= mapping.keys():
            scored.append((len(mapping), name, mapping, doubts))
    if not scored:
        holds = "\n".join(f"  {name}: {', '.join(columns)}" for name, columns in place.tables.items())
        raise NothingToReadError(
            f"No table of events found in {place.name}: an id, a time and a name are needed.\n"
            f"{holds or '  nothing to read'}\n"
            "Describe it yourself in vars.yml with the adapter `table` and `columns`."
        )
    _, name, mapping, doubts = max(scored, key=lambda found: found[:2])
    source = {"name": "events", "adapter": "table"} | place.where | {"tables": {"events": name}}
    renamed = {ours: theirs for ours, theirs in mapping.items() if ours != theirs}
    if renamed:
        source["columns"] = renamed
    taken = set(mapping.values())
    unsure = {
        ours: [columns[0], *(column for column in columns[1:] if column not in taken)]
        for ours, columns in doubts.items()
    }
    unsure = {ours: columns for ours, columns in unsure.items() if len(columns) > 1}
    return Guess(source, f"the columns of `{name}` sound like ours", spec, doubts=unsure)


def look_at(place: Place, guess: Guess) -> Look:
    """Read the events through the adapter, as the warehouse will, and count them."""
    variables = {"pql_event_sources": [guess.source]}
    connection, model, columns = duckdb.connect(), "base_product__events", ", ".join(WANTED)
    if place.options:
        sql = compiled_for(place.options, model, variables)
        with open_warehouse(place.options) as warehouse:
            found = warehouse.rows(
                f"select {columns} from ({sql}) as events order by occurred_at desc limit {NEWEST}"
            )
        newest = {name: pa.array([row[name] for row in found], kind) for name, kind in WANTED.items()}
        connection.register("newest", pa.table(newest))
        sql = "select * from newest"
    else:
        without = ("--exclude", "resource_type:test resource_type:unit_test")
        (sql,) = dbt_compile("--select", model, *without, "--vars", as_option(variables))
    connection.sql(f"create table raw as select {columns} from ({sql}) as events")
    technical = guess.spec.get("identity_events", []) + guess.spec.get("uncounted_events", [])
    connection.execute("create table technical as select unnest(?::varchar[]) as event_name", [technical])
    connection.sql(EVENTS)
    counts = one(connection, COUNTS)
    return Look(
        counts=counts,
        names=many(connection, NAMES),
        unread=dict(connection.sql(UNREAD).fetchall()),
        accounts=one(connection, ACCOUNTS),
        sizes={row["event_name"]: row for row in many(connection, SIZES)},
    )


def many(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict]:
    """The rows of a query."""
    result = connection.sql(query)
    return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


def one(connection: duckdb.DuckDBPyConnection, query: str) -> dict:
    """The one row of a query."""
    return many(connection, query)[0]


# One row per event that can count. A device's user and a user's account are those it was last seen with: near
# enough for a first look, where the warehouse never looks ahead.
EVENTS = """
    create table events as
    with links as (
        select anonymous_id, max_by(user_id, occurred_at) as user_id from raw
        where rejection_reason is null and user_id is not null and anonymous_id is not null
        group by anonymous_id
    ),
    homes as (
        select user_id, max_by(account_id, occurred_at) as account_id from raw
        where rejection_reason is null and user_id is not null and account_id is not null
        group by user_id
    )
    select any_value(raw.event_name) as event_name, min(raw.occurred_at) as occurred_at,
        any_value(coalesce(raw.user_id, links.user_id)) as user_id,
        any_value(coalesce(raw.account_id, homes.account_id)) as account_id,
        any_value(raw.event_name in (from technical)) as is_technical,
        any_value(raw.event_count) as event_count
    from raw
    left join links on raw.anonymous_id = links.anonymous_id
    left join homes on coalesce(raw.user_id, links.user_id) = homes.user_id
    where rejection_reason is null
    group by event_id
"""
COUNTS = """
    select (select count(*) from raw) as raw, coalesce(sum(event_count), 0)::bigint as events,
        count(distinct user_id) as users, count(distinct account_id) as accounts,
        coalesce(sum(event_count) filter (where account_id is null), 0)::bigint as homeless,
        (select count(*) from raw where rejection_reason is null) - count(*) as duplicates,
        min(occurred_at) as first_at, max(occurred_at) as last_at
    from events
"""
NAMES = """
    select event_name, sum(event_count)::bigint as events, count(distinct account_id) as accounts,
        count(distinct user_id) as users, any_value(is_technical) as is_technical
    from events group by event_name order by is_technical, events desc
"""
UNREAD = (
    "select rejection_reason, count(*) from raw where rejection_reason is not null group by 1 order by 2 desc"
)
ACCOUNTS = """
    with per_account as (
        select account_id, count(distinct user_id) as users, count(distinct event_name) as names,
            count(distinct cast(occurred_at as date)) filter (
                where occurred_at > (select max(occurred_at) - interval 14 day from events)
            ) as days
        from events where account_id is not null and not is_technical group by account_id
    )
    select quantile_disc(users, 0.5) as users_median, quantile_disc(users, 0.9) as users_p90,
        max(users) as users_max,
        quantile_disc(names, 0.8) as names_p80, quantile_disc(days, 0.8) as days_p80,
        max(days) as days_max
    from per_account
"""
# how often accounts did each in their busiest four weeks, so that a window of as many can hold it
SIZES = """
    with four_weeks as (
        select event_name, account_id, sum(event_count)::bigint as events from events
        where account_id is not null
        group by event_name, account_id, floor(epoch(occurred_at) / (28 * 86400))
    ),
    busiest as (
        select event_name, account_id, max(events) as events from four_weeks group by event_name, account_id
    )
    select event_name, quantile_disc(events, 0.75) as p75, max(events) as most
    from busiest group by event_name
"""
