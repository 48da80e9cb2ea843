"""What follows from the declaration of the CRM fields: HubSpot bodies, Salesforce metadata, contracts."""

import json
import re
from xml.etree import ElementTree

import crm_fields
import pytest
from crm_world import VARIABLES, declaration
from harness import ROOT
from pql_tools.crm.model_yaml import model_files

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
HUBSPOT_PAIRS = {
    "string": {"text", "textarea"}, "number": {"number"}, "date": {"date"}, "datetime": {"date"},
    "bool": {"booleancheckbox"}, "enumeration": {"select", "checkbox"},
}  # fmt: skip
# what Salesforce asks of a field of a type, and the most it allows
SALESFORCE_NEEDS = {
    "Text": {"length": (1, 255)}, "LongTextArea": {"length": (256, 131_072), "visibleLines": (2, 50)},
    "Number": {"precision": (1, 18), "scale": (0, 17)}, "MultiselectPicklist": {"visibleLines": (3, 10)},
    "Picklist": {}, "Checkbox": {}, "Url": {}, "Date": {}, "DateTime": {}, "Email": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def declared(project) -> dict:
    return declaration(project, VARIABLES)


@pytest.fixture(scope="module")
def chosen(project) -> dict:
    """With fields of attributes, whose names are as long and odd as those of a warehouse's columns may be."""
    names = ["Expected annual recurring revenue (USD, est.)", "industry", {"name": "a__b", "type": "number"}]
    return declaration(project, VARIABLES | {"pql_mart_attributes": names})


@pytest.fixture(scope="module")
def payloads(chosen) -> dict[str, str]:
    return crm_fields.payloads(chosen)


@pytest.mark.parametrize(
    ("file", "key"), [("properties", "pql_account_id"), ("contact_properties", "pql_user_id")]
)
def test_hubspot_takes_the_bodies(payloads, file, key):
    inputs = json.loads(payloads[f"hubspot/{file}.json"])["inputs"]
    assert len(inputs) <= 100, "what one call may create"
    assert [body["name"] for body in inputs if body.get("hasUniqueValue")] == [key]
    group = json.loads(payloads["hubspot/group.json"])["name"]
    for body in inputs:
        assert re.fullmatch("pql_[a-z0-9_]{1,96}", body["name"]) and body["groupName"] == group
        assert body["fieldType"] in HUBSPOT_PAIRS[body["type"]], body["name"]
        assert bool(body.get("options")) == (body["type"] in ("enumeration", "bool")), body["name"]
        values = [option["value"] for option in body.get("options", [])]
        assert len(values) == len(set(values)), body["name"]


@pytest.mark.parametrize(("object_name", "rows"), [("Account", "fields"), ("Contact", "contacts")])
def test_salesforce_takes_the_metadata(payloads, chosen, object_name, rows):
    fields, place = chosen[rows], f"/{object_name}/fields/"
    files = {path.rsplit("/", 1)[1]: text for path, text in payloads.items() if place in path}
    assert files.keys() == {f"{field['salesforce_name']}.field-meta.xml" for field in fields}
    for name, text in files.items():
        found = ElementTree.fromstring(text)
        read = {child.tag.removeprefix(NAMESPACE): child.text for child in found}
        assert found.tag == f"{NAMESPACE}CustomField" and name.startswith(read["fullName"] + ".")
        assert re.fullmatch("pql(_[a-z0-9]+)+__c", read["fullName"]) and len(read["fullName"]) <= 43
        assert len(read["label"]) <= 40 and len(read["inlineHelpText"]) <= 510, name
        for setting, (least, most) in SALESFORCE_NEEDS[read["type"]].items():
            assert least <= int(read[setting]) <= most, (name, setting)
        values = [value.text for value in found.iter(f"{NAMESPACE}fullName")][1:]
        assert bool(values) == ("Picklist" in read["type"]) and len(values) == len(set(values)), name
        assert len(values) <= 500 and max(map(len, values), default=0) <= 255, name
        assert (read.get("defaultValue") == "false") == (read["type"] == "Checkbox"), name
    granted = ElementTree.fromstring(next(text for path, text in payloads.items() if "permissionset" in path))
    assert {field.text for field in granted.iter(f"{NAMESPACE}field")} >= {
        f"{object_name}.{field['salesforce_name']}" for field in fields
    }


def test_the_contracts_are_those_of_the_declaration(declared):
    for name, text in model_files(declared).items():
        assert (ROOT / "models" / "7_sales" / "crm" / name).read_text() == text, (
            f"run crm_fields.py --model-yaml: {name}"
        )
