"""Events that do not count: those that fit all keys of some rule of pql_ignored_events.

As docs/specification.md §2 says.
"""

from .measures import matches
from .staging import Event
from .world import Row, World


def is_ignored(event: Event, world: World) -> bool:
    return any(fits_all(rule, event, world) for rule in world.variables.get("pql_ignored_events") or [])


def fits_all(rule: Row, event: Event, world: World) -> bool:
    """Whether an event, as it is attributed, fits every key of a rule."""
    return (
        matches(rule, event)
        and ("user_ids" not in rule or event.user_id in rule["user_ids"])
        and ("account_ids" not in rule or event.account_id in rule["account_ids"])
        and (
            "user_email_domains" not in rule
            or email_domain(event.user_id, world) in rule["user_email_domains"]
        )
    )


def email_domain(user_id: str | None, world: World) -> str | None:
    """What follows the @ in the user's address."""
    emails = [user.get("email") or "" for user in world.users if user["user_id"] == user_id]
    domains = [email.strip().lower().rpartition("@")[2] for email in emails if "@" in email]
    return min(domains, key=str.encode, default=None)
