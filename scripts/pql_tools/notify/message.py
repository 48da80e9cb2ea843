"""What a message says of announcements: what happened, why, who, and where to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pql_tools.harmless import harmless


@dataclass
class Person:
    """One of the people to talk to."""

    name: str
    role: str
    does_most: str


@dataclass
class Announcement:
    """One entry of fct_pql_events that sales is told of, with what the card and the contacts say."""

    event_id: str
    account_id: str
    account_name: str
    event_type: str
    tier: str
    score: int
    reason: str
    talking_point: str
    queue: str
    suggested_owner: str
    contact_by: datetime | None
    app_url: str
    standing: str
    people: list[Person] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What happened, in a line."""
        name = self.account_name or self.account_id
        again = {"requalified": " again", "reinstated": " again, by corrected data"}.get(self.event_type, "")
        known = [self.tier] if self.tier not in ("", "none", "retired") else []
        known += [f"score {self.score}"] if self.score else []
        about = f" ({', '.join(known)})" if known else ""
        return harmless(" ".join(f"{name} is a product-qualified lead{again}{about}".split()))

    def lines(self) -> list[tuple[str, str]]:
        """What else there is to say: label and text, in the order in which a rep asks for it."""
        said = [("Why", self.reason), ("Open with", self.talking_point)]
        said += [("Talk to", "; ".join(map(_introduced, self.people)))]
        said += [("For", ", ".join(filter(None, [self.queue, self.suggested_owner])))]
        if self.contact_by:
            said += [("Contact by", f"{self.contact_by:%a %d %b %Y, %H:%M} UTC")]
        if self.standing not in ("active", ""):
            said += [("By now", self.standing.replace("_", " "))]
        return [(label, harmless(text)) for label, text in said if text]


def _introduced(person: Person) -> str:
    role = f", {person.role}" if person.role else ""
    return f"{person.name}{role}{f' ({person.does_most})' if person.does_most else ''}"


def subject(announcements: list[Announcement]) -> str:
    """The line above a message."""
    if len(announcements) == 1:
        return announcements[0].title
    return f"{len(announcements)} new product-qualified leads"


def as_text(announcements: list[Announcement]) -> str:
    """The message as plain text."""
    parts = []
    for each in announcements:
        lines = [each.title, *(f"{label}: {text}" for label, text in each.lines())]
        parts.append("\n".join([*lines, *([each.app_url] if each.app_url else [])]))
    return "\n\n".join(parts)


def as_slack(announcements: list[Announcement]) -> dict:
    """The body for an incoming webhook of Slack: plain text, in which what others wrote mentions nobody."""
    blocks = [] if len(announcements) == 1 else [_header(subject(announcements))]
    for each in announcements:
        said = "\n".join(f"{label}: {text}" for label, text in each.lines()) or each.account_id
        blocks += [_header(each.title), {"type": "section", "text": _plain(said, 3000)}]
        if each.app_url:
            blocks[-1]["accessory"] = {
                "type": "button", "text": _plain("Open the account", 75), "url": each.app_url,
                "action_id": each.event_id,
            }  # fmt: skip
    return {"text": _entities(subject(announcements)), "blocks": blocks}


def _header(text: str) -> dict:
    return {"type": "header", "text": _plain(text, 150)}


def _plain(text: str, most: int) -> dict:
    return {"type": "plain_text", "text": text[:most], "emoji": False}


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_teams(announcements: list[Announcement]) -> dict:
    """The body for a webhook of Teams: an adaptive card."""
    body, links = [], []
    if len(announcements) > 1:
        body.append(_block(subject(announcements), size="large", weight="bolder"))
    for each in announcements:
        body.append(_block(_markdown(each.title), weight="bolder", separator=True))
        facts = [{"title": label, "value": _markdown(text)} for label, text in each.lines()]
        body += [{"type": "FactSet", "facts": facts}] if facts else []
        if each.app_url and len(announcements) == 1:
            links.append({"type": "Action.OpenUrl", "title": "Open the account", "url": each.app_url})
        elif each.app_url:
            action = {"type": "Action.OpenUrl", "title": "Open the account", "url": each.app_url}
            body.append({"type": "ActionSet", "actions": [action]})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": links,
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _block(text: str, **look: object) -> dict:
    return {"type": "TextBlock", "text": text, "wrap": True, **look}


def _markdown(text: str) -> str:
    """Text in which a card's Markdown finds no link, emphasis or list."""
    return "".join(f"\\{sign}" if sign in "\\*_[]()#`~" else sign for sign in text)
