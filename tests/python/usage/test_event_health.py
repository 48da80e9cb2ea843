"""A tracker that broke is told from usage that fell, whatever the weekday, and quiet data raise no alarm."""

import random
from datetime import timedelta

import pytest
from harness import MODELS_ONLY
from reference.world import World
from small_worlds import at, small_world

LAST = at(31).date()  # the as-of is its end
KINDS = ("login", "message_sent", "report_shared")


def world(happens, accounts: int = 150, days: int = 42) -> World:
    """Each account does each kind on working days, as what `happens(kind, account, days ago)` calls it."""
    dice = random.Random(7)
    events = [
        {
            "event_id": f"{account} {kind} {ago} {n}",
            "occurred_at": at(31, 12) - timedelta(days=ago),
            "event_name": happens(kind, account, ago),
            "user_id": f"u{account}",
            "account_id": f"a{account}",
        }
        for account in range(accounts)
        for ago in range(days)
        if (LAST - timedelta(days=ago)).weekday() < 5
        for kind in KINDS
        for n in range(dice.choice([0, 1, 1, 2]))
        if happens(kind, account, ago)
    ]
    made = small_world(events, as_of=at(31, 23))
    made.accounts = [
        {"account_id": f"a{n}", "signed_up_at": at(1) - timedelta(days=60)} for n in range(accounts)
    ]
    return made


def seldom(account: int, ago: int) -> bool:
    """Whether this is an account's day for it, one of five; lately a third of the accounts do it at all."""
    return ago % 5 == account % 5 and (ago >= 8 or account % 3 == 0)


def verdicts(project, happens) -> dict[str, tuple]:
    built = project.build(world(happens), command=(*MODELS_ONLY, "--select", "+event_health"))
    return {row["event_name"]: (row["verdict"], row["may_be_called"]) for row in built.rows("event_health")}


CASES = {
    "quiet": (lambda kind, account, ago: kind, {}),
    "one event stops for everybody, four days ago": (
        lambda kind, account, ago: None if kind == "report_shared" and ago < 4 else kind,
        {"report_shared": ("tracking", None)},
    ),
    "a release renames it": (
        lambda kind, account, ago: "report.shared" if kind == "report_shared" and ago < 8 else kind,
        {"report_shared": ("tracking", "report.shared"), "report.shared": ("new", None)},
    ),
    "three of four accounts stop doing anything": (
        lambda kind, account, ago: kind if ago >= 8 or account % 4 == 0 else None,
        dict.fromkeys(KINDS, ("usage", None)),
    ),
    "what is done seldom is done less": (
        lambda kind, account, ago: kind if kind != "report_shared" or seldom(account, ago) else None,
        {"report_shared": ("usage", None)},
    ),
    "a feature is used by fewer and fewer": (
        lambda kind, account, ago: None if kind == "report_shared" and account % 3 and ago < 8 else kind,
        {"report_shared": ("usage", None)},
    ),
}


# in every other case the events that nothing befalls are quiet, and two of them have fewer accounts
OF_A_KIND = ("quiet", "a feature is used by fewer and fewer")


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.long] * (case in OF_A_KIND)) for case in CASES]
)
def test_what_fell_and_why(project, case):
    happens, expected = CASES[case]
    assert verdicts(project, happens) == dict.fromkeys(KINDS, ("usual", None)) | expected
