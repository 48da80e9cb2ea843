"""The product: its events, its plans, and why people come to it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pql_tools.simulator.units import NOBODY


def quantiles(median: float, sigma: float, n: int) -> list[float]:
    """Return n equally likely values of a lognormal, to one decimal."""
    normal = NormalDist()
    return [round(median * math.exp(sigma * normal.inv_cdf((i + 0.5) / n)), 1) for i in range(n)]


def choices(key: str, weights: dict) -> dict[str, float]:
    """Return JSON texts of one property, with their weights."""
    return {json.dumps({key: value}): weight for value, weight in weights.items()}


EVENT_PROPERTIES = {
    "login": {},
    "message_sent": choices("channel", {"team": 60, "public": 25, "private": 15}),
    "invite_sent": {},
    "invite_accepted": {},
    "integration_connected": choices(
        "app",
        {
            "calendar": 26,
            "email": 20,
            "drive": 18,
            "git": 12,
            "crm": 9,
            "helpdesk": 7,
            "webhooks": 5,
            "sso": 3,
        },
    ),
    "file_uploaded": choices("megabytes", dict.fromkeys(quantiles(2.5, 1.4, 150), 1)),
    "project_created": choices(
        "template",
        {"blank": 38, "kanban": 22, "roadmap": 14, "sprint": 12, "content_calendar": 8, "client_portal": 6},
    ),
    "search_run": {},
    "report_exported": {},
    "logo_uploaded": {},
    "automation_run": {},
    "pricing_viewed": {},
}
EVENT_NAMES = tuple(EVENT_PROPERTIES)
CODE = {name: code for code, name in enumerate(EVENT_NAMES)}
VALID_PROPERTIES = tuple(dict.fromkeys(text for texts in EVENT_PROPERTIES.values() for text in texts))
BROKEN_PROPERTIES = ('{"channel": "team"', "{'channel': 'public'}", "[object Object]", "")
PROPERTIES = VALID_PROPERTIES + BROKEN_PROPERTIES

# Everything people do in a session apart from messages, logins and milestones.
OTHER_WORK = {
    "search_run": 42,
    "file_uploaded": 24,
    "automation_run": 15,
    "report_exported": 9,
    "project_created": 7,
    "pricing_viewed": 3,
}
SLOTS = 1024  # one draw of 10 bits picks a weighted value


def slots(codes: Iterable[int], weights: Iterable[float]) -> np.ndarray:
    """Return a table of SLOTS codes, each as often as its weight says."""
    shares = np.cumsum(np.fromiter(weights, float))
    picks = np.searchsorted(shares / shares[-1], (np.arange(SLOTS) + 0.5) / SLOTS)
    return np.fromiter(codes, np.int16)[picks]


OTHER_WORK_SLOTS = slots((CODE[name] for name in OTHER_WORK), OTHER_WORK.values())
PROPERTY_SLOTS = np.stack(
    [
        slots((PROPERTIES.index(text) for text in texts), texts.values())
        if texts
        else np.full(SLOTS, NOBODY, np.int16)
        for texts in EVENT_PROPERTIES.values()
    ]
)


@dataclass(frozen=True)
class Persona:
    """Why an account is here. Rates are means; the account's latent intent scales them."""

    name: str
    share: float
    sessions: float  # per user and weekday, before scaling to the wanted volume
    half_life: float  # days until the account is half as active
    colleagues: float  # users who join without an invite
    invite_bursts: float
    integrations: float
    message_share: float  # of the events in a session
    logo: float  # probability of uploading one
    employees: float  # median


PERSONAS = (
    Persona("tourist", 0.46, 0.45, 5, 0.5, 0.12, 0.25, 0.25, 0.08, 15),
    Persona("small_team", 0.30, 0.40, 60, 5, 0.5, 0.9, 0.45, 0.30, 12),
    Persona("growing_team", 0.17, 0.45, 240, 18, 2.2, 2.0, 0.55, 0.60, 80),
    Persona("evaluator", 0.07, 0.70, 35, 30, 2.0, 2.8, 0.45, 0.50, 420),
)


def of_personas(attribute: str) -> np.ndarray:
    """Return one number per persona."""
    return np.array([getattr(persona, attribute) for persona in PERSONAS])


TRIAL_SHARE, TRIAL_DAYS = 0.35, 14
CLOSURES_PER_DAY = 0.0008
MONTHLY_MESSAGES = {"free": 0.8, "trial": 2.0}  # x events per account and 180 days, to two digits
STORAGE_MEGABYTES = {"free": 500, "trial": 2_000}
LIMIT_NAMES = ("messages", "storage_megabytes")
PRICE_PER_SEAT = {"monthly": 12, "annual": 120}
