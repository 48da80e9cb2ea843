"""Discovered rules as criteria of vars.yml: names, words, YAML text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pql_tools.config_files import block
from pql_tools.discovery.days import Candidate
from pql_tools.discovery.search import Rule
from pql_tools.harmless import one_line

# what a criterion may say besides what it asks for
NOT_ITS_MEANING = (
    "name", "description", "status", "min_precision", "min_lift", "min_n", "on_inconclusive", "horizon_days",
)  # fmt: skip


def words(spec: dict[str, Any]) -> str:
    """A simple criterion in a few words: `≥ 3 invite_sent in the last 7 days`."""
    if spec["type"] == "account_attribute":
        return _attribute_words(spec)
    counted = spec.get("of", spec)
    events = " or ".join(counted.get("events", ["events"]))
    at_least, kind = spec["at_least"], spec["type"]
    name = spec.get("property")
    kinds = "kinds of events" if name == "event_name" else f"{name} in {events}"
    what = {
        "decayed_sum": f"≥ {at_least} {events}, fading over {spec.get('fades_over_days')} days",
        "ratio": f"≥ {at_least} {events} per person",
        "event_count": f"≥ {at_least} {events}",
        "event_sum": f"≥ {at_least:,} {name} in {events}",
        "active_days": f"active on ≥ {at_least} days",
        "consecutive_days": f"active {at_least} days in a row",
        "distinct_users": f"≥ {at_least} people active",
        "distinct_values": f"≥ {at_least} different {kinds}",
        "growth": f"≥ {at_least:g} times as many {events} as before",
        "limit_usage": f"≥ {at_least:.0%} of the limit of {spec.get('limit')} used by {events}",
    }[kind]
    return what + _window_words(counted.get("window"))


def _attribute_words(spec: dict[str, Any]) -> str:
    if "in" in spec:
        return f"{spec['attribute']} is {' or '.join(spec['in'])}"
    sign, number = ("≥", spec["at_least"]) if "at_least" in spec else ("≤", spec["at_most"])
    return f"{spec['attribute']} {sign} {number:,}"


def _window_words(window: dict[str, Any] | None) -> str:
    if not window:
        return ""
    (shape, size), *_ = window.items()
    shapes = {"last_days": "in the last {} days", "first_days": "in the first {} days", "calendar": "this {}"}
    return " " + shapes[shape].format(size)


def rule_words(rule: Rule, candidates: list[Candidate]) -> str:
    """A rule in words."""
    parts = [words(candidates[i].spec) for i in rule.parts]
    return (" and " if rule.how == "all_of" else " or ").join(parts)


def name_of(spec: dict[str, Any]) -> str:
    """A name for a simple criterion: snake_case, at most 52 letters, so that a number fits behind it."""
    if spec["type"] == "account_attribute":
        told = spec.get("in") or [key for key in ("at_least", "at_most") if key in spec] + [
            spec.get("at_least", spec.get("at_most"))
        ]
        return _slug("_".join(map(str, [spec["attribute"], *told])))
    counted = spec.get("of", spec)
    events = "_".join(counted.get("events", [])) or {"event_count": "events"}.get(spec["type"], spec["type"])
    window = "_".join(f"{shape}_{size}" for shape, size in counted.get("window", {}).items())
    window = f"fading_{spec['fades_over_days']}" if "fades_over_days" in spec else window
    share = (
        f"{spec['at_least']:.0%}".rstrip("%") + "_percent"
        if spec["type"] == "limit_usage"
        else spec["at_least"]
    )
    told = [spec.get("limit"), None if spec.get("property") == "event_name" else spec.get("property")]
    told += {"growth": ["growth"], "ratio": ["per_person"]}.get(spec["type"], [])
    text = "_".join(str(part) for part in (events, *told, share, window) if part)
    return _slug(text)


def _slug(text: str) -> str:
    slug = re.sub(r"_(days_)", "_", re.sub(r"[^a-z0-9]+", "_", text.lower())).strip("_")[:52].strip("_")
    return slug if slug[:1].isalpha() else f"c_{slug}"


class Names:
    """Names that are still free in the configuration."""

    def __init__(self, taken: set[str]):
        self._taken = set(taken)

    def give(self, wanted: str) -> str:
        """The name, or the name with a number."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted[:55]}_{number}"
        self._taken.add(name)
        return name


def criteria_of(
    rules: list[Rule], candidates: list[Candidate], names: Names, in_force: Sequence[dict] = ()
) -> tuple[list[dict], list[str]]:
    """Criteria for all rules, their parts first, but for those in force; and the name of each rule."""
    criteria, of_rule = [], []
    for rule in rules:
        specs = [candidates[part].spec for part in rule.parts]
        members = [stand(criteria, spec, name_of(spec), names, in_force) for spec in specs]
        if rule.how != "one":
            joined = {"type": rule.how, "criteria": members}
            members = [stand(criteria, joined, f"found_{rule.how}", names, in_force)]
        of_rule.append(members[0])
    return criteria, of_rule


def stand(
    criteria: list[dict], spec: dict[str, Any], wanted: str, names: Names, in_force: Sequence[dict]
) -> str:
    """The name of a criterion: of one in force or written that says the same; else it is written now."""
    for entry in [*in_force, *criteria]:
        if says_the_same(entry, spec):
            return entry["name"]
    name = names.give(wanted)
    criteria.append({"name": name, **spec})
    return name


def says_the_same(entry: dict[str, Any], spec: dict[str, Any]) -> bool:
    """Whether a criterion of the configuration asks for what a found one does."""
    return {key: value for key, value in entry.items() if key not in NOT_ITS_MEANING} == spec


def as_yaml(criteria: list[dict], notes: dict[str, str], heading: str) -> str:
    """The criteria as they stand under `pql_criteria` in vars.yml, each with its evidence as a comment."""
    lines = [f"# {one_line(line)}" for line in heading.splitlines()] + ["vars:"]
    lines.append("  pql_criteria:" if criteria else "  pql_criteria: []")
    for criterion in criteria:
        lines += [f"    # {one_line(line)}" for line in notes.get(criterion["name"], "").splitlines()]
        lines.append(block([criterion], levels=2, indent=4).rstrip())
    return "\n".join([*lines, ""])
