"""The properties files of the tables that follow from the declaration of the CRM fields."""

from __future__ import annotations

from pql_tools.config_files import block
from pql_tools.crm.manifest import DATA_TYPES, Field

TABLES = {
    "hubspot": ("crm_hubspot_companies", "HubSpot company"),
    "salesforce": ("crm_salesforce_accounts", "Salesforce account"),
}
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


def model_files(fields: list[Field]) -> dict[str, str]:
    """Return the text of every properties file by its name."""
    files = {}
    for system, (table, record) in TABLES.items():
        for suffix, description in FORMS.items():
            name = table + suffix
            text = description.format(record=record, table=table)
            files[f"{name}.yml"] = _model(name, text, fields, system, is_typed=not suffix)
    return files


def _model(name: str, description: str, fields: list[Field], system: str, *, is_typed: bool) -> str:
    head, config = [WRITTEN_BY], {"enabled": "{{ var('pql_crm_enabled', true) }}"}
    if is_typed:
        head.append(NO_CONTRACT)
        config["contract"] = {"enforced": "{{ not var('pql_mart_attributes', []) }}"}
    config["meta"] = {"primary_key": [field[system + "_name"] for field in fields if field["kind"] == "key"]}
    columns = [_column(field, system, is_typed=is_typed) for field in fields]
    model = {"name": name, "description": description, "config": config, "columns": columns}
    return "\n".join([*head, block({"models": [model]}, LEVELS)])


def _column(field: Field, system: str, *, is_typed: bool) -> dict:
    """A column, its type where the table is typed, and what holds for a key."""
    column = {"name": field[system + "_name"], "description": field["help"]}
    if is_typed:
        column["data_type"] = DATA_TYPES[field["type"]]
    if is_typed and field["kind"] == "key":
        column["constraints"] = [{"type": "not_null"}]
    if field["kind"] == "key":
        column["data_tests"] = ["unique"]
    return column
