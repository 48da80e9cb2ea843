"""The CRM fields as macros/sales/crm/crm_fields.sql declares them, and what each system calls them."""

from __future__ import annotations

import argparse
import json
from typing import Any
from xml.etree import ElementTree as ET

from pql_tools.warehouse.run_dbt import Dbt

Field = dict[str, Any]
HUBSPOT_GROUP = "pql"
METADATA = "http://soap.sforce.com/2006/04/metadata"
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
    found = ET.Element("CustomField", xmlns=METADATA)
    for key, value in parts.items():
        ET.SubElement(found, key).text = value
    if "Picklist" in kind:
        _add_value_set(found, field["options"])
    return _document(found)


def _add_value_set(parent: ET.Element, options: list[str]) -> None:
    """The values of a picklist, and no others."""
    values = ET.SubElement(parent, "valueSet")
    ET.SubElement(values, "restricted").text = "true"
    definition = ET.SubElement(values, "valueSetDefinition")
    ET.SubElement(definition, "sorted").text = "false"
    for option in options:
        value = ET.SubElement(definition, "value")
        for key, text in (("fullName", option), ("default", "false"), ("label", _label(option))):
            ET.SubElement(value, key).text = text


def salesforce_permission_set(fields: list[Field]) -> str:
    """The permission to write our fields, and no other."""
    found = ET.Element("PermissionSet", xmlns=METADATA)
    for field in fields:
        granted = ET.SubElement(found, "fieldPermissions")
        name = f"Account.{field['salesforce_name']}"
        for key, text in (("editable", "true"), ("field", name), ("readable", "true")):
            ET.SubElement(granted, key).text = text
    ET.SubElement(found, "label").text = "PQL sync"
    return _document(found)


def _document(root: ET.Element) -> str:
    """The text of a file, indented as Salesforce's own tools do."""
    ET.indent(root, space="    ")
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True).decode() + "\n"


def _label(value: str) -> str:
    return value.replace("_", " ").capitalize()
