"""The schema that editors check vars.yml with: made from the specs, right about ours and about faults."""

import json

import generate_schema
import pytest
import yaml
from harness import ROOT
from jsonschema import Draft7Validator
from pql_tools.config_files import read_yaml
from test_config_errors import FAULTY_CRITERIA, FAULTY_DEFINITIONS, SOUND

OURS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("vars.yml", "definitions/*.yml", "tests/golden/vars.yml", "tests/samples/**/vars.yml")
    for path in ROOT.glob(pattern)
)
# What only a look at the whole configuration, or at a whole criterion, can tell.
UNSEEN = (
    "the name is taken",
    "must name a criterion",
    "a cycle",
    "at most",
    "may repeat",
    "not be above",
    "must not be after",
    "needs ",
    "'property' is missing",
    "reads no 'property'",
)
# In JSON every key is a text, and so is a date, which YAML takes for one.
NOT_IN_JSON = ("where: {1: a}", "where: {on: web}", "2026-01-01", '"x\\n"')


@pytest.fixture(scope="module")
def validator():
    return Draft7Validator(json.loads((ROOT / "vars.schema.json").read_text(encoding="utf-8")))


def problems(validator, configuration) -> list[str]:
    """As an editor reads it: what YAML takes for a date is text to JSON."""
    plain = json.loads(json.dumps(configuration, default=str))
    return [error.message for error in validator.iter_errors(plain)]


def test_the_schema_is_what_the_specs_say():
    assert generate_schema.written() == (ROOT / "vars.schema.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OURS)
def test_our_own_configurations_fit(validator, path):
    assert problems(validator, read_yaml(ROOT / path)) == []


def test_editors_find_the_schema():
    for path in [ROOT / "vars.yml", *(ROOT / "definitions").glob("*.yml")]:
        [line] = [line for line in path.read_text().splitlines() if "yaml-language-server" in line]
        assert (path.parent / line.split("$schema=")[1]).resolve() == ROOT / "vars.schema.json", path


def test_faults_of_shape_are_seen_as_one_types(validator):
    """What the schema lets pass is only what it cannot see."""
    assert problems(validator, SOUND) == []
    passed = []
    for key, cases in (("pql_criteria", FAULTY_CRITERIA), ("pql_definitions", FAULTY_DEFINITIONS)):
        for written, *said in cases:
            spoilt = SOUND | {key: SOUND[key] + [yaml.safe_load(written)]}
            known = [*(words in said[0] for words in UNSEEN), *(words in written for words in NOT_IN_JSON)]
            if not problems(validator, spoilt) and not any(known):
                passed.append((written, said[0]))
    assert passed == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {"pql_horizont": 30},
        {"vars": {"pql_criterias": []}},
        {"pql_time_zone": ["UTC"]},
        {"pql_event_sources": [{"name": "s", "adapter": "segmnt"}]},
        {"pql_event_sources": [{"name": "s", "adapter": "segment", "tabels": {}}]},
        {"pql_ignored_events": [{"users": ["u"]}]},
        {"pql_holdout_share": 1},
    ],
)
def test_misspelt_settings_and_sources_are_seen(validator, spoilt):
    assert problems(validator, spoilt)


def test_every_key_and_variable_has_a_hover_text(validator):
    """Of every mapping of the schema: what an editor completes, it explains."""

    def mappings(schema):
        if isinstance(schema, dict):
            yield from [schema] if schema.get("additionalProperties") is False else []
            schema = list(schema.values())
        for value in schema if isinstance(schema, list) else []:
            yield from mappings(value)

    named = {"name", "when", "type"}  # of tiers and attributes, which their lists explain
    unexplained = {
        key
        for mapping in mappings(validator.schema)
        for key, value in mapping.get("properties", {}).items()
        if mapping.get("required") and not value.keys() & {"description", "$ref"}
    }
    assert unexplained <= named, unexplained
