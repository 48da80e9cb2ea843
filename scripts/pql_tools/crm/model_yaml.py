"""The properties files of the tables that follow from the declaration of the CRM fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pql_tools.config_files import block
from pql_tools.crm.manifest import DATA_TYPES, Field

WRITTEN_BY = "# Written by `python scripts/crm_fields.py --model-yaml` from macros/sales/crm/crm_fields.sql."
NO_CONTRACT = "# A column that a variable names is in no contract."
LEVELS = 5  # the file, its models, a model, its columns, a column
FORMS = {
    "": "One row per account ever a PQL: the fields of a {record}, named and typed as there. "
    "Map it one to one; the key never disappears. Source: crm_pql_accounts. Timestamps are UTC.",
    "_wire": "One row per row of {table}, all as text (true, 2026-06-30, 2026-06-30T12:00:00Z; empty "
    "text where there is nothing), for clients that send what they read. Source: {table}.",
    "_delta": "One row per row of {table}_wire that the CRM does not have as it is now, by crm_sync_results "
    "or the row hash in crm_records; where neither says what it has, all of them. Empty right after a sync. "
    "Only accounts with one record of their own in crm_identity_seed, unless "
    "`pql_crm_create_records` is on. Never mirror it: what is not here has not gone.",
}
FORMS_OF_PEOPLE = FORMS | {
    "_delta": "One row per row of {table}_wire that was not delivered yet as it is now, by crm_sync_results "
    "(target {target}); where nothing is noted there, all of them. Never mirror it: what is not here has not "
    "gone.",
}
FORMS_OF_CONTACTS = FORMS_OF_PEOPLE | {
    "": "One row per person who was ever a contact: the fields of a {record}, named and typed as there. "
    "Map it one to one; the key never disappears. Source: crm_pql_contacts. Timestamps are UTC.",
}
FORMS_OF_NUDGES = FORMS_OF_PEOPLE | {
    "": "One row per account that was ever near a criterion (`pql_nudge_from`) and person who used it "
    "then: what is missing, for in-product and mail tools. The key never disappears, row_changed_at is the "
    "cursor. Source: crm_nudge_changes. Timestamps are UTC.",
}
# whose columns are those of our own names: the rows, the key of a table, and what a row is
OWN_TABLES = {
    "crm_pql_contacts": (
        "contacts",
        "pql_contact_id",
        "One row per account that was ever a PQL and person to talk to, at most three at a time: by use of "
        "what the criteria that it met ask for, in the 28 days before it last qualified. The key never "
        "disappears, row_changed_at is the cursor. Source: crm_contact_changes. Timestamps are UTC.",
    ),
    "crm_contact_changes": (
        "contacts",
        "",
        "One row per version of a row of crm_pql_contacts. Append-only; it keeps row_changed_at across full "
        "refreshes. Source: int_crm_contacts.",
    ),
    "crm_nudge_changes": (
        "nudges",
        "",
        "One row per version of a row of crm_nudges. Append-only; it keeps row_changed_at across full "
        "refreshes. Source: int_crm_nudges.",
    ),
    "int_crm_contacts": (
        "contacts",
        "",
        "One row per account that was ever a PQL and person to talk to, at most three per account. Source: "
        "usage facts and crm_pql_accounts.",
    ),
    "int_crm_people": (
        "contacts",
        "",
        "One row per person who was ever a contact, about the account to talk to this person for; "
        "row_changed_at is the latest of the person's rows. Source: crm_pql_contacts.",
    ),
    "int_crm_nudges": (
        "nudges",
        "",
        "One row per account that is near a criterion (`pql_nudge_from`) and person who used it in the 28 "
        "days up to the as-of. Source: int_account_outlooks and usage facts.",
    ),
}
# whose key is that of a row and when it changed
LOGS = {"crm_contact_changes": ["pql_contact_id"], "crm_nudge_changes": ["nudge_id"]}
NOT_VERSIONED = ("int_crm_contacts", "int_crm_nudges")
VERSION = ("row_hash", "row_changed_at")
CONTRACTS = {
    "fields": "not var('pql_mart_attributes', [])",
    "contacts": "var('pql_contact_attributes', ['role']) == ['role']",
    "nudges": "var('pql_contact_attributes', ['role']) == ['role']",
}


def model_files(declaration: dict[str, Any]) -> dict[str, str]:
    """Return the text of every properties file by its name."""
    files = {}
    for system, spec in declaration["systems"].items():
        for rows, known in spec["tables"].items():
            record = f"{spec['title']} {known['record']}"
            kind, forms = ("fields", FORMS) if rows == "accounts" else (rows, FORMS_OF_CONTACTS)
            named = [field | {"column": field[f"{system}_name"]} for field in declaration[kind]]
            target = f"{system}_{rows}"
            files |= _forms(known["table"], kind, named, forms, {"record": record, "target": target})
    for table, (kind, key, description) in OWN_TABLES.items():
        fields = _own(declaration, kind)
        if table in NOT_VERSIONED:
            fields = [field for field in fields if field["name"] not in VERSION]
        typed_as = "" if table.startswith("int_") else kind
        files[f"{table}.yml"] = _model(table, description, fields, typed_as, key, LOGS.get(table, []))
    nudges = _own(declaration, "nudges")
    return files | _forms("crm_nudges", "nudges", nudges, FORMS_OF_NUDGES, {"target": "nudges"})


def _own(declaration: dict[str, Any], kind: str) -> list[Field]:
    return [field | {"column": field["name"]} for field in declaration[kind]]


def _forms(table: str, kind: str, fields: list[Field], forms: dict[str, str], words: dict) -> dict[str, str]:
    [key] = [field["column"] for field in fields if field["kind"] == "key"]
    return {
        f"{table}{suffix}.yml": _model(
            table + suffix, text.format(table=table, **words), fields, "" if suffix else kind, key
        )
        for suffix, text in forms.items()
    }


def _model(
    name: str, description: str, fields: list[Field], typed_as: str, key: str, keys: Sequence[str] = ()
) -> str:
    """One properties file; without `typed_as` its columns are all text and have no contract."""
    head, config = [WRITTEN_BY], {"enabled": "{{ var('pql_crm_enabled', true) }}"}
    if typed_as:
        head.append(NO_CONTRACT)
        config["contract"] = {"enforced": f"{{{{ {CONTRACTS[typed_as]} }}}}"}
    if key:
        config["meta"] = {"primary_key": [key]}
    columns = [_column(field, is_typed=bool(typed_as), is_key=field["column"] == key) for field in fields]
    model = {"name": name, "description": description, "config": config}
    if keys:
        of_both = [*keys, "row_changed_at"]
        config["meta"] = {"primary_key": of_both}
        model["data_tests"] = [
            {"unique_combination_of_columns": {"arguments": {"combination_of_columns": of_both}}}
        ]
    model["columns"] = columns
    return "\n".join([*head, block({"models": [model]}, LEVELS)])


def _column(field: Field, *, is_typed: bool, is_key: bool) -> dict:
    """A column, its type where the table is typed, and what holds for a key."""
    column = {"name": field["column"], "description": field["help"]}
    if is_typed:
        column["data_type"] = DATA_TYPES[field["type"]]
    if is_typed and is_key:
        column["constraints"] = [{"type": "not_null"}]
    if is_key:
        column["data_tests"] = ["unique"]
    return column
