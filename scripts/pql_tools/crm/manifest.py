"""The CRM fields as macros/sales/crm/crm_fields.sql declares them, and what each system calls them."""

from __future__ import annotations

import argparse
import json
from typing import Any
from xml.sax.saxutils import escape

from pql_tools.warehouse.run_dbt import Dbt

Field = dict[str, Any]
HUBSPOT_GROUP = "pql"
DATA_TYPES = {
    "text": "string",
    "flag": "boolean",
    "integer": "integer",
    "bigint": "bigint",
    "date": "date",
    "moment": "timestamp",
}


def read_fields(options: argparse.Namespace) -> list[Field]:
    """Ask dbt for the declaration with the picklists of this very configuration; takes a few seconds."""
    said = Dbt.of(options).run("run-operation", "print_crm_fields").splitlines()
    [printed] = [line for line in said if line.startswith('{"fields"')]
    return json.loads(printed)["fields"]


def hubspot_properties(fields: list[Field]) -> list[dict]:
    """The bodies of HubSpot's `POST /crm/v3/properties/companies/batch/create`."""
    return [_hubspot_property(field) for field in fields]


def _hubspot_property(field: Field) -> dict:
    kind, field_type = field["hubspot"]
    body = {
        "name": field["hubspot_name"],
        "label": field["label"],
        "description": field["help"],
        "groupName": HUBSPOT_GROUP,
        "type": kind,
        "fieldType": field_type,
        "formField": False,
    }
    if field["kind"] == "key":
        body["hasUniqueValue"] = True
    options = field.get("options")
    if field["kind"] == "flag":
        options = ["true", "false"]
    if options:
        body["options"] = [
            {"label": _label(value), "value": value, "displayOrder": place, "hidden": False}
            for place, value in enumerate(options)
        ]
    return body


def salesforce_field(field: Field) -> str:
    """One field's `.field-meta.xml` in Salesforce's source format."""
    settings = dict(field["salesforce"])
    kind = settings.pop("type")
    parts = {"fullName": field["salesforce_name"], "label": field["label"], "description": field["help"]}
    parts |= {"inlineHelpText": field["help"], "type": kind}
    if kind == "Checkbox":
        parts["defaultValue"] = "false"
    if field["kind"] == "key":
        parts |= {"externalId": "true", "unique": "true", "caseSensitive": "true"}
    parts |= {key: str(value) for key, value in settings.items()}
    lines = [f"    <{key}>{escape(value)}</{key}>" for key, value in parts.items()]
    if "Picklist" in kind:
        lines += _value_set(field["options"])
    body = "\n".join(lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">\n{body}\n</CustomField>\n'
    )


def _value_set(options: list[str]) -> list[str]:
    lines = ["    <valueSet>", "        <restricted>true</restricted>", "        <valueSetDefinition>"]
    lines.append("            <sorted>false</sorted>")
    for value in options:
        lines += [
            "            <value>",
            f"                <fullName>{escape(value)}</fullName>",
            "                <default>false</default>",
            f"                <label>{escape(_label(value))}</label>",
            "            </value>",
        ]
    return [*lines, "        </valueSetDefinition>", "    </valueSet>"]


def salesforce_permission_set(fields: list[Field]) -> str:
    """The permission to write our fields, and no other."""
    granted = "".join(
        "    <fieldPermissions>\n"
        "        <editable>true</editable>\n"
        f"        <field>Account.{field['salesforce_name']}</field>\n"
        "        <readable>true</readable>\n"
        "    </fieldPermissions>\n"
        for field in fields
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        f"{granted}"
        "    <label>PQL sync</label>\n"
        "</PermissionSet>\n"
    )


def _label(value: str) -> str:
    return value.replace("_", " ").capitalize()
