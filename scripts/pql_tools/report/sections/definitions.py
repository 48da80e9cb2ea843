"""What the words mean, and from which configuration the numbers come."""

from __future__ import annotations

import json

from pql_tools.report.page import Section, Table, columns
from pql_tools.report.sections.common import Facts, horizon_words, primary_rule


def definitions(facts: Facts) -> Section:
    """What the words mean, and from which configuration the numbers come."""
    build, settings, rule = facts["build"][0], facts["settings"][0], primary_rule(facts)
    texts = [
        f"Everything is judged as of {build['as_of']} UTC; what happened later is invisible. Rules version "
        f"{build['rules_version']}, "
        f"built at {build['built_at']:%Y-%m-%d %H:%M} UTC. Weeks start on Monday, UTC.",
        f"A hit is an account that first pays {horizon_words(rule)} of first qualifying. Closing an "
        "account before that is a miss.",
    ]
    both = [("definition", entry) for entry in json.loads(settings["definitions"])]
    both += [("criterion", entry) for entry in json.loads(settings["criteria"])]
    table = Table(
        "The rules as configured in vars.yml.",
        columns("Name", "Kind", "Rule"),
        [[entry["name"], entry.get("type", kind), _written(entry)] for kind, entry in both],
        is_list=True,
    )
    return Section("definitions", "Definitions", texts, parts=[table])


def _written(entry: dict) -> str:
    """A rule's settings in one line."""
    return "; ".join(
        f"{key.replace('_', ' ')}: {_value(value)}"
        for key, value in entry.items()
        if key not in ("name", "type")
    )


def _value(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_value(inner) for inner in value)
    return str(value)
