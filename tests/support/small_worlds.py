"""Small worlds to write by hand: an account `acme` in March 2026, its events and one criterion."""

from datetime import datetime

from reference.world import World

TWICE = {"name": "twice", "type": "event_count", "at_least": 2}


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of March 2026."""
    return datetime(2026, 3, day, hour, minute)


def event(moment: datetime, name: str = "login", **columns) -> dict:
    """An event of acme."""
    return {
        "event_id": f"{name} at {moment}",
        "occurred_at": moment,
        "event_name": name,
        "account_id": "acme",
    } | columns


def small_world(events=(), criteria=(TWICE,), account=(), as_of=None, definition=(), **tables) -> World:
    """A world of one account that signed up on 1 March, as of the end of the month."""
    variables = {
        "pql_as_of": str(as_of or at(31)),
        "pql_criteria": list(criteria),
        "pql_definitions": [{"name": "pql", "qualifies_when": criteria[0]["name"]} | dict(definition)],
    }
    accounts = [{"account_id": "acme", "signed_up_at": at(1)} | dict(account)]
    return World(list(events), accounts, variables=variables, **tables)
