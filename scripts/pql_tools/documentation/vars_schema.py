"""The JSON Schema of vars.yml, from what its own checks know: completion and hover texts in editors.

A schema sees one value at a time. What it cannot see, such as a name that no criterion has, `dbt parse` says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]
TEXT = {"type": "string", "pattern": r"\S"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True}
IDENTIFIER = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"}
PLACE = {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_ ./$*-]{0,199}$"}
MODEL = {"type": "string", "pattern": r"^[A-Za-z0-9_$-]+([.][A-Za-z0-9_$-]+)?$"}
DOMAIN = {"type": "string", "pattern": r"^[^@\s/:]+[.][^@\s/:.]+$"}
SCALAR = {"type": ["string", "number", "boolean"]}
LIMIT = 10**15
ONE_KIND = [
    {"type": "array", "items": {"type": kind}, "minItems": 1} for kind in ("string", "number", "boolean")
]
VALUES = {"anyOf": ONE_KIND}
DAYS = {"type": "integer", "minimum": 1, "maximum": 36500}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?$"}


def _mapping(values: Schema, keys: list[str] | None = None) -> Schema:
    """A mapping of at least one key, of these keys only where they are given."""
    known = {"properties": dict.fromkeys(keys, values), "additionalProperties": False} if keys else {}
    return {"type": "object", "minProperties": 1, **(known or {"additionalProperties": values})}


def _window(rule: Schema) -> Schema:
    shapes = {
        "lifetime": {"const": "lifetime"},
        "last_days": _mapping(DAYS, ["last_days"]),
        "first_days": _mapping(DAYS, ["first_days"]),
        "calendar": _mapping({"enum": ["month", "week"]}, ["calendar"]),
        "billing": _mapping(TEXT, ["billing"]),
    }
    return {"anyOf": [shapes[name] for name in rule.get("windows") or shapes]}


# The shape of each kind of value; the checks of the same names are the macros value_faults__….
SHAPES: dict[str, Schema | Callable[[Schema], Schema]] = {
    "boolean": {"type": "boolean"},
    "choice": lambda rule: {"enum": rule["of"]},
    "column_paths": lambda rule: _mapping({"anyOf": [TEXT, TEXTS]}, rule["of"]),
    "criteria": TEXTS,
    "criterion": {"type": "string"},
    "days": lambda rule: DAYS | {"maximum": rule.get("at_most") or DAYS["maximum"]},
    "dispositions": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
    "domains": {"type": "array", "items": DOMAIN},
    "contact_attributes": {"type": "array", "items": TEXT},
    "email_domains": {"type": "array", "items": DOMAIN, "minItems": 1},
    "exposures": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}},
    "holdout": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    "horizon": {"anyOf": [DAYS, {"const": "none"}]},
    "identifier": IDENTIFIER,
    "ids": {"anyOf": [TEXTS, {"type": "array", "items": {"type": "integer"}, "minItems": 1}]},
    "index": {"type": "integer", "minimum": 0},
    "integer": {"type": "integer", "minimum": -36500, "maximum": 36500},
    "mart_attributes": {
        "type": "array",
        "items": {
            "anyOf": [
                TEXT,
                {
                    "type": "object",
                    "properties": {"name": TEXT, "type": {"enum": ["text", "number", "date"]}},
                    "required": ["name"],
                    "additionalProperties": False,
                },
            ]
        },
    },
    "models": lambda rule: _mapping(MODEL, rule["of"]),
    "number": {"type": "number"},
    "paths": _mapping(TEXT),
    "place": PLACE,
    "places": lambda rule: _mapping(PLACE, rule["of"]),
    "points": _mapping({"type": "number"}),
    "positive_integer": {"type": "integer", "minimum": 1, "maximum": LIMIT},
    "positive_number": {"type": "number", "minimum": 0.000001, "maximum": LIMIT},
    "property_values": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [SCALAR, *ONE_KIND]},
    },
    "scalars": VALUES,
    "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "stage_names": {"type": "object", "minProperties": 1, "additionalProperties": IDENTIFIER},
    "text": TEXT,
    "texts": lambda rule: TEXTS | {"uniqueItems": not rule.get("may_repeat")},
    "texts_or_none": {"type": "array", "items": TEXT},
    "tiers": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {"name": IDENTIFIER, "when": {"type": "string"}},
            "required": ["name", "when"],
            "additionalProperties": False,
        },
    },
    "time_zone": {"type": "string"},
    "url_template": {"type": "string", "pattern": "^$|^https?://[^ '\"<>]+$"},
    "weekdays": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    "window": _window,
}

# What a key is for, as an editor shows it.
KEYS = {
    "account_key": "The key in the metadata of a payment that holds the account's id.",
    "account_property": "The property of a user that holds the account's id.",
    "event_tables": "Tables of single events whose columns become properties.",
    "group_key": "The group key that is the account.",
    "group_type": "The type of group that is the account.",
    "group_type_index": "The number that the type of group has, where events carry numbers only.",
    "product_account_id": "The property of the CRM that holds the account's id.",
    "project_time_zone": "The zone in which older projects count their seconds.",
    "status_field": "The field that sales sets.",
    "status_property": "The property that sales sets.",
    "won_stages": "Stages of a deal that is won.",
    "account_ids": "Accounts whose events do not count.",
    "adapter": "Who wrote the files or tables: the reader to use.",
    "at_least": "The measure that must be reached.",
    "at_most": "The largest value that still fits.",
    "attribute": "A column of `accounts`, or an attribute of `account_changes`.",
    "attributes": "Further attributes of accounts: a name of yours, and the column or path it is read from.",
    "audience": "Who can be a lead: accounts that do not pay (the default), those that do, or all.",
    "columns": "Which column of the source is which of ours.",
    "cool_down_days": "Days in which sales is not told again of the same account.",
    "criteria": "The names of other criteria.",
    "database": "The database of the tables.",
    "description": "What it is for, in your own words.",
    "dispositions": "What a word of the CRM means: accepted, rejected, … or none.",
    "events": "Names of events that count. Left out: every event.",
    "excluded_when": "Criteria that keep an account from being a lead.",
    "expires_after_days": "A lead ends at the latest so many days after it began.",
    "fades_over_days": "After so many days an event counts nothing any more.",
    "folder": "The folder of the files, below that of the data.",
    "from_days": "The first day, counted from the date; may be negative.",
    "horizon_days": "Days an account may take to pay after it qualified and still be a hit; or none.",
    "id_prefix": "What goes before the ids of this source, where two sources may share ids.",
    "identity_events": "Events that only say who somebody is.",
    "in": "Values that fit.",
    "lapse_after_days": "So many whole days below the threshold end it. 1 where it is left out.",
    "limit": "A limit of the account's plan, by its name in seeds/plan_limits.csv.",
    "limit_attribute": "A numeric attribute of the account that is the limit, such as the seats it bought.",
    "measure": "What is counted.",
    "min_base": "Below this the measure is 0, so that little use is no growth.",
    "min_lift": "The precision check fails below this lift over accounts of the same age.",
    "min_n": "Accounts that the precision check needs to decide.",
    "min_precision": "The precision check fails below this share of hits: 0.25 is 25 %.",
    "models": "Models of your own dbt project that stand for the tables.",
    "name": "snake_case, unique among criteria and definitions.",
    "not_in": "Values that do not fit.",
    "of": "What is divided: {measure, events, where, property, window}.",
    "on_inconclusive": "Whether a check that cannot decide fails or warns.",
    "ordered": "Whether the steps must be done in this order.",
    "per": "What it is divided by: {measure, events, where, property, window}.",
    "points": "Points of each criterion while it is met; they may be negative.",
    "property": "A property of the events that is read.",
    "qualifies_when": "The criterion that makes an account a lead.",
    "reason": "Its part of the sentence for sales: '{value} {login|logins} in a week'.",
    "refunds": "drop: a refunded payment is none; keep: it stays one.",
    "schema": "The schema of the tables.",
    "score": "A criterion that adds up points: the score of a lead.",
    "stages": "What a stage of the CRM is called here, such as mql; or none.",
    "status": "A draft is shown by the precision check, but decides nothing.",
    "steps": "Events, each of which is a step.",
    "tables": "The name that a table or folder has here.",
    "tiers": "Names for kinds of leads, tried in order: {name, when: criterion}.",
    "to_days": "The last day, counted from the date; may be negative.",
    "type": "What is asked of an account.",
    "uncounted_events": "Events that are no use of the product.",
    "user_email_domains": "Domains of the e-mail addresses of users whose events do not count.",
    "user_ids": "Users whose events do not count.",
    "weekdays": "The days that count: mon, tue, wed, thu, fri, sat, sun.",
    "where": 'property: value or values. The event must have one of them; "*" is any value.',
    "where_not": "property: value or values. The event must have none of them.",
    "window": "Days that count: lifetime, {last_days: N}, {first_days: N}, {calendar: month}, {billing: …}.",
}

# What each variable is for. Of those that the checks give as specs, only the words stand here.
VARIABLES = {
    "pql_criteria": "Named conditions on what an account does or is.",
    "pql_definitions": "Which criterion makes a lead; the first definition decides pql_accounts.",
    "pql_as_of": "Judge as of this UTC moment; later is invisible. Default: the newest moment known.",
    "pql_time_zone": "Days of accounts without a time zone of their own. Default: UTC.",
    "pql_conversions_from": "First payments are in seeds/conversions.csv (seed) or the input `conversions`.",
    "pql_horizon_days": "Days an account may take to pay and still be a hit, or none. Default: 30.",
    "pql_conversions_as_of": "Payments are known up to then, where they arrive later than events.",
    "pql_look_back_days": "Compare only so many days of tables with the last build. Default: none, all.",
    "pql_duplicates_within_days": "Compare deliveries of one id within so many days only. Default: none.",
    "pql_file_encoding": "How CSV files that are not UTF-8 are written.",
    "pql_ignored_events": "Staff, tests, bots: events that fit all keys of one rule count for nothing.",
    "pql_fixed_attributes": "Attributes that a payment does not change, such as the country.",
    "pql_own_macros": "dbt v2 only: the macros of criterion types and adapters of your own.",
    "pql_placeholder_ids": "Words that stand for no id, such as undefined; [] for none.",
    "pql_input_models": "Models of your project that are inputs: {users: people}.",
    "pql_source_schema": "Where the inputs lie, if they are tables. Default: the schema of the target.",
    "pql_event_sources": "Who wrote the events. Left out: the file or table `events`, in our columns.",
    "pql_account_sources": "Where the accounts are.",
    "pql_conversion_sources": "Where the payments are: Stripe, a CRM, a table.",
    "pql_subscription_end_sources": "Who stopped paying, and when.",
    "pql_lead_stage_sources": "When leads entered a stage of the CRM: MQL, SQL.",
    "pql_feedback_sources": "What sales answered.",
    "pql_crm_record_sources": "Which records the CRM has.",
    "pql_crm_enabled": "Whether the tables of CRMs are made. Default: true.",
    "pql_crm_create_records": "Whether records that the CRM does not have are made there. Default: false.",
    "pql_contact_within_hours": "How soon sales should be in touch. Default: 24.",
    "pql_feedback_cool_down_days": "Days without a notice after sales rejected an account. Default: 90.",
    "pql_holdout_share": "Share of leads that sales is not told of, to see what telling is worth.",
    "pql_crm_email_ids": "Whether ids of users that are e-mail addresses may go to the CRM. Default: false.",
    "pql_crm_contact_emails": "Whether addresses of people go to the CRM and mail tools. Default: false.",
    "pql_contact_attributes": "Columns of the input users that contacts and nudges show. Default: [role].",
    "pql_nudge_from": "How near a criterion an account must be for its users to be nudged. Default: 0.6.",
    "pql_segment_attribute": "The attribute by which reports split accounts. Default: plan.",
    "pql_mart_attributes": "Attributes that become columns of the marts and fields of the CRMs.",
    "pql_app_url": "A link to an account in your product, with {account_id} in it.",
    "pql_owner": "Whose the models are. Default: Growth.",
    "pql_exposures": "What others make of these tables, for the catalogue.",
    "pql_free_mail_domains": "Further domains of free mail, which never link an account to a CRM record.",
}


# Where more is said, among the pages of docs/.
PAGES = {
    "pql_criteria": "criteria.md",
    "pql_definitions": "criteria.md#keys-of-a-definition",
    "pql_horizon_days": "precision.md",
    "pql_look_back_days": "operations.md",
    "pql_duplicates_within_days": "operations.md#duplicates-in-bounded-time",
    "pql_file_encoding": "sources.md#how-files-are-read",
    "pql_ignored_events": "sources.md#events-that-do-not-count",
    "pql_own_macros": "engines.md#dbt-v2",
    "pql_placeholder_ids": "sources.md",
    "pql_input_models": "package.md",
    "pql_event_sources": "sources.md",
    "pql_account_sources": "sources.md",
    "pql_conversion_sources": "sources.md",
    "pql_subscription_end_sources": "sources.md",
    "pql_lead_stage_sources": "sources.md",
    "pql_feedback_sources": "crm.md",
    "pql_crm_record_sources": "crm.md",
    "pql_crm_enabled": "crm.md",
    "pql_crm_create_records": "crm.md",
    "pql_contact_within_hours": "crm.md",
    "pql_feedback_cool_down_days": "crm.md",
    "pql_holdout_share": "crm.md",
    "pql_mart_attributes": "numbers.md",
    "pql_owner": "package.md",
    "pql_exposures": "package.md",
    "pql_free_mail_domains": "crm.md",
}


class NoShape(Exception):
    """A key or kind of value that this file does not know yet, in one sentence."""


def shape(name: str, rule: Schema, catalogue: Schema) -> Schema:
    """The schema of one key, with its hover text."""
    kind = rule["is"]
    if kind == "measure":
        found = _measure(rule, catalogue)
    elif kind not in SHAPES:
        raise NoShape(f"documentation/vars_schema.py: SHAPES has no shape for a value of kind '{kind}'")
    else:
        given = SHAPES[kind]
        found = given(rule) if callable(given) else given
    if kind == "weekdays":
        found = found | {"items": {"enum": catalogue["weekdays"]}}
    about = {"description": KEYS[name]} if name in KEYS else {}
    return found | about | ({"default": rule["default"]} if "default" in rule else {})


def _mapping_of(rules: Schema, catalogue: Schema, fixed: Schema | None = None) -> Schema:
    """A mapping of keys, some of them required, no others allowed."""
    keys = {name: shape(name, rule, catalogue) for name, rule in rules.items()}
    for name, value in (fixed or {}).items():
        keys[name] = value | {"description": KEYS[name]}
    required = [name for name, rule in rules.items() if rule.get("required")]
    return {"type": "object", "properties": keys, "required": required, "additionalProperties": False}


def _measure(rule: Schema, catalogue: Schema) -> Schema:
    keys = {name: catalogue["behaviour"][name] for name in ("events", "where", "where_not")}
    window = {"is": "window", "windows": rule.get("windows")}
    shapes = []
    for measure, options in catalogue["measures"].items():
        own = keys | ({"property": options["property"]} if "property" in options else {}) | {"window": window}
        shapes.append(
            _mapping_of(
                own | {"measure": {"is": "text", "required": True}},
                catalogue,
                {"measure": {"const": measure}},
            )
        )
    return {"oneOf": shapes}


def _by(key: str, entries: dict[str, Schema]) -> Schema:
    """One of several mappings, told apart by one key, so that an editor completes only what fits."""
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(entries), "description": KEYS[key]}},
        "allOf": [
            {"if": {"properties": {key: {"const": name}}, "required": [key]}, "then": entry}
            for name, entry in entries.items()
        ],
    }


def vars_schema(catalogue: Schema, about: dict[str, str]) -> Schema:
    """The schema, from the project's own specs and a sentence about each criterion type."""
    behaviour = catalogue["types"]["event_count"]["options"]
    catalogue = catalogue | {"behaviour": behaviour}
    types = {}
    for name, spec in catalogue["types"].items():
        rules = {
            key: rule | ({"windows": spec["windows"]} if rule["is"] == "window" else {})
            for key, rule in spec["options"].items()
        }
        types[name] = _mapping_of(rules, catalogue, {"type": {"const": name}}) | {"description": about[name]}
    given = {
        "pql_criteria": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/criterion"}},
        "pql_definitions": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/definition"}},
        "pql_as_of": MOMENT,
        "pql_conversions_as_of": MOMENT,
        "pql_time_zone": {"type": "string"},
        "pql_conversions_from": {"enum": ["seed", "source"]},
        "pql_horizon_days": SHAPES["horizon"],
        "pql_look_back_days": SHAPES["horizon"],
        "pql_duplicates_within_days": SHAPES["horizon"],
        "pql_file_encoding": {"enum": catalogue["encodings"]},
        "pql_placeholder_ids": SHAPES["texts_or_none"],
        "pql_fixed_attributes": SHAPES["texts_or_none"],
        "pql_own_macros": SHAPES["texts_or_none"],
        "pql_input_models": _mapping(MODEL, catalogue["input_models"]),
        "pql_source_schema": TEXT,
        "pql_ignored_events": {
            "type": "array",
            "items": _mapping_of(catalogue["ignored_events"], catalogue) | {"minProperties": 1},
        },
    }
    for variable, adapters in catalogue["sources"].items():
        entries = {
            name: _mapping_of(spec["options"], catalogue, {"adapter": {"const": name}})
            | {"description": spec["reads"]}
            for name, spec in adapters.items()
        }
        given[variable] = {"type": "array", "minItems": 1, "items": _by("adapter", entries)}
    for name, rule in catalogue["settings"].items():
        given[name] = shape(name, rule, catalogue)
    if strangers := [name for name in catalogue["variables"] if name not in given or name not in VARIABLES]:
        raise NoShape(f"documentation/vars_schema.py: says nothing of {', '.join(strangers)}")
    variables = {name: given[name] | {"description": VARIABLES[name]} for name in catalogue["variables"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The configuration of the PQL warehouse: vars.yml, or the same keys by themselves",
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{name}"} for name in variables}
        | {"vars": {"$ref": "#/$defs/variables"}},
        "additionalProperties": False,
        "$defs": variables
        | {
            "variables": {
                "type": "object",
                "properties": {name: {"$ref": f"#/$defs/{name}"} for name in variables},
                "patternProperties": {"^(?!pql_)": True},
                "additionalProperties": False,
            },
            "criterion": _by("type", types),
            "definition": _mapping_of(catalogue["definition"], catalogue),
        },
    }
