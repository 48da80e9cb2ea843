"""The starter vars.yml: sources and criteria in the user's own words, each explained."""

import re

from pql_tools.config_files import block
from pql_tools.first_steps.look import Guess, Look
from pql_tools.harmless import one_line

WRITTEN_BY = (
    "# Written by scripts/init.py from the events it found. Every number here is a start, not a finding:\n"
    "# change it, build, and let the precision check say whether it holds.\n"
)
ZONE = "Days and weeks are those of this zone where an account has none of its own."
AUDIENCE = "Accounts that do not pay yet (the default audience). A flag unused for 60 days is stale."


def snake(name: str, taken: set[str]) -> str:
    """An event's name as the name of a criterion."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "event"
    base = ("event_" + base if not base[0].isalpha() else base)[:40]
    unique = next(c for c in (base, *(f"{base}_{n}" for n in range(2, 99))) if c not in taken)
    taken.add(unique)
    return unique


def key_events(look: Look, wanted: int = 3) -> list[dict]:
    """Events that some accounts do and others do not: those tell accounts apart."""
    total = max(look.counts["accounts"], 1)
    usable = [n for n in look.names if not n["is_technical"] and n["accounts"]]
    telling = [n for n in usable if n["accounts"] <= 0.8 * total] or usable
    return sorted(telling, key=lambda n: (-n["accounts"], n["event_name"]))[:wanted]


def criteria(look: Look) -> list[tuple[str, str, dict]]:
    """(name, why, settings) of each criterion to start with."""
    accounts, taken, found = look.accounts, set(), []

    def add(name: str, why: str, **settings) -> None:
        found.append((snake(name, taken), why, settings))

    events = key_events(look)
    usual, most = accounts.get("days_p80") or 0, accounts.get("days_max") or 0
    days = min(max(usual, 3), max(most, 2))  # what somebody has done: weekly data have two
    if most >= days or len(events) < 2:
        how_many = "a fifth" if usual >= days else "fewer than a fifth"
        add("habit", f"A habit: active on {days} of the last 14 days, as {how_many} of the accounts are.",
            type="active_days", window={"last_days": 14}, at_least=days)  # fmt: skip
    median = accounts.get("users_median") or 0
    people = max(median, 1) + 1
    if people <= (accounts.get("users_max") or 0) or len(events) < 2:
        add("team", f"A team: {people} different people in a week. The median account has {median} in all.",
            type="distinct_users", window={"last_days": 7}, at_least=people)  # fmt: skip
    for name in events:
        size = look.sizes.get(name["event_name"], {})
        often = min(max(size.get("p75") or 0, 2), max(size.get("most") or 2, 1))  # what somebody has done
        share = f"{name['accounts']} of {look.counts['accounts']} accounts do this at all"
        add(name["event_name"], f"{share}; a quarter of them did it {often} times or more in four weeks.",
            type="event_count", events=[name["event_name"]],
            window={"last_days": 28}, at_least=often)  # fmt: skip
    names = accounts.get("names_p80") or 0
    if names >= 3:
        add("breadth", f"Breadth: {names} kinds of events, as a fifth of the accounts reach or fewer.",
            type="distinct_values", property="event_name", at_least=names)  # fmt: skip
    return found


def starter(
    guess: Guess, look: Look, inputs: list[tuple[str, dict]], schema: str = "vars.schema.json"
) -> str:
    """The text of vars.yml; editors check it by the schema, as it is addressed from there.

    Each of the other inputs is a comment and variables, or a comment alone.
    """
    found = criteria(look)
    both = {"name": "ready_for_sales", "type": "at_least_of", "at_least": 2}
    both["criteria"] = [name for name, _, _ in found]
    chosen = [(why, {"name": name, **settings}) for name, why, settings in found]
    pql = {"name": "pql", "qualifies_when": "ready_for_sales", "expires_after_days": 60}
    parts = [
        _variables((f"Where the events are: {guess.why}.", {"pql_event_sources": [guess.source]})),
        *map(_variables, inputs),
        _variables((ZONE, {"pql_time_zone": "UTC"})),
        "  pql_criteria:\n" + "\n".join(map(_entry, [*chosen, ("Any two of them together.", both)])),
        "  pql_definitions:\n" + _entry((AUDIENCE, pql)),
    ]
    return f"# yaml-language-server: $schema={schema}\n{WRITTEN_BY}vars:\n" + "\n".join(parts)


def _variables(part: tuple[str, dict]) -> str:
    """Variables with what is said of them above."""
    words, variables = part
    comment = "".join(f"  # {one_line(line)}\n" for line in words.split("\n"))
    return comment + (block(variables, levels=3, indent=2) if variables else "")


def _entry(part: tuple[str, dict]) -> str:
    """A criterion or definition with what is said of it above."""
    words, entry = part
    return f"    # {one_line(words)}\n" + block([entry], levels=2, indent=4)
