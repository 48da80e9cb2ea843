"""No engine's dialect is another's default: each has its own words, or the macro is standard SQL."""

import re

import pytest
import yaml
from harness import ROOT

# an engine that speaks as another does, where it has no words of its own
PARENTS = {"databricks": "spark"}
# what is asked of engines that read files
OF_FILES = {"glob_escaped", "list_endings"}

DISPATCHED = re.compile(r"adapter\.dispatch\('(\w+)', 'pql_warehouse'\)")
BODY = re.compile(r"macro (\w+?)__(\w+)\(")

TEXTS = [path.read_text() for path in (ROOT / "macros").rglob("*.sql")]
BODIES = {body for text in TEXTS for body in BODY.findall(text)}
ENGINES = [
    target["type"]
    for name, target in yaml.safe_load((ROOT / "profiles.yml").read_text())["pql_warehouse"][
        "outputs"
    ].items()
]


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_every_engine_has_every_macro(engine):
    """A new engine in profiles.yml makes this test list what it has to say."""
    asked = {name for text in TEXTS for name in DISPATCHED.findall(text)} - OF_FILES
    spoken = {engine, PARENTS.get(engine), "default"}
    assert len(asked) > 30
    assert [name for name in sorted(asked) if not any((words, name) in BODIES for words in spoken)] == []


def test_defaults_are_no_ones_dialect():
    """Functions that one engine has stand in that engine's file."""
    names = "strftime|timezone|regexp_full_match|regexp_matches|json_extract_string|json_valid|try_cast|hash"
    of_one = rf"\b({names})\("
    found = [
        name
        for text in TEXTS
        for name, body in re.findall(r"macro default__(\w+)\([^)]*\)(.*?)endmacro", text, re.S)
        if re.search(of_one, body)
    ]
    assert found == []
