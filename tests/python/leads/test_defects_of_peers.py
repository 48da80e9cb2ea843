"""What others who turn product usage into a flag get wrong, each as a small world that we get right."""

from collections import Counter

import pytest
from harness import CORE_MODELS
from small_worlds import at, event, small_world

pytestmark = pytest.mark.long


def build(project, *arguments, **options):
    return project.build(small_world(*arguments, **options), command=CORE_MODELS)


def episodes(warehouse, name: str) -> list[tuple]:
    rows = warehouse.rows("fct_criterion_episodes", "started_at, ended_at, criterion_name")
    return sorted((r["started_at"], r["ended_at"]) for r in rows if r["criterion_name"] == name)


def test_rolling_sums_do_not_fan_out(project):
    """Two users with two events each on every day: 4 events a day and 28 in seven days, not thousands."""
    events = [
        event(at(day, hour), f"e{hour}", user_id=user, event_id=f"{day} {hour} {user}")
        for day in range(1, 31)
        for hour in (9, 10)
        for user in ("ann", "bob")
    ]
    days = build(project, events).rows("fct_account_usage_daily", "local_date, events, events_7d, events_28d")
    settled = [day for day in days if at(28).date() <= day["local_date"] <= at(30).date()]
    assert len(settled) == 3
    assert {(day["events"], day["events_7d"], day["events_28d"]) for day in settled} == {(4, 28, 112)}


def test_steady_use_is_no_growth_whichever_weekday_it_starts_on(project):
    """No first week is cut short, and weeks without use are not skipped."""
    grown = {"name": "grown", "type": "growth", "window": {"last_days": 7}, "at_least": 1.1}
    world = small_world(criteria=[grown])
    world.accounts = [{"account_id": f"since {day}", "signed_up_at": at(day)} for day in range(1, 8)]
    world.events = [
        event(at(day, 9), account_id=account["account_id"], event_id=f"{account} {day}")
        for account in world.accounts
        for day in range(account["signed_up_at"].day, 31)
    ]
    assert episodes(project.build(world, command=CORE_MODELS), "grown") == []


def test_every_count_reads_its_own_events(project):
    """Three users see pages, one clicks."""
    seen, clicked = (
        {"name": name, "type": "distinct_users", "events": [name], "at_least": 1}
        for name in ("page", "click")
    )
    events = [event(at(3, 9), "page", user_id=user, event_id=user) for user in ("ann", "bob", "cyd")]
    events.append(event(at(3, 10), "click", user_id="ann"))
    ledger = build(project, events, [seen, clicked]).rows("pql_account_criteria")
    assert {row["criterion_name"]: row["observed_value"] for row in ledger} == {"page": 3, "click": 1}


def test_fourteen_days_are_fourteen_dates(project):
    """The first and the fifteenth day never share a window of 14 days; the second and the fifteenth do."""
    twice = {"name": "twice", "type": "active_days", "window": {"last_days": 14}, "at_least": 2}
    assert episodes(build(project, [event(at(1, 9)), event(at(15, 9))], [twice]), "twice") == []
    assert episodes(build(project, [event(at(2, 9)), event(at(15, 9))], [twice]), "twice") == [
        (at(15, 9), at(17))
    ]


def test_active_users_are_counted_over_the_window_and_not_a_maximum_of_days(project):
    """Three people, each on a day of their own, are three users of the week."""
    three = {"name": "three", "type": "distinct_users", "window": {"last_days": 7}, "at_least": 3}
    events = [event(at(day, 9), user_id=f"user {day}") for day in (3, 4, 5)]
    assert episodes(build(project, events, [three]), "three") == [(at(5, 9), at(11))]


def test_a_streak_that_ends_on_the_newest_day_counts(project):
    streak = {"name": "streak", "type": "consecutive_days", "at_least": 5}
    events = [event(at(day, 9)) for day in range(3, 8)]
    assert episodes(build(project, events, [streak], as_of=at(7, 9)), "streak") == [(at(7, 9), None)]


def test_leads_expire_and_every_one_of_them_is_kept(project):
    today = {"name": "today", "type": "event_count", "window": {"last_days": 1}, "at_least": 1}
    events = [event(at(day, 9)) for day in (3, 10, 11, 12, 13)]
    warehouse = build(project, events, [today], definition={"expires_after_days": 2})
    rows = warehouse.rows("fct_pql_episodes", "qualified_at, ended_at, end_reason")
    assert Counter(tuple(row.values()) for row in rows) == Counter(
        [(at(3, 9), at(5), "lapsed"), (at(10, 9), at(13), "expired")]
    )
    assert warehouse.row("pql_accounts", "pql_status, times_qualified") == {
        "pql_status": "lapsed",
        "times_qualified": 2,
    }


def test_accounts_that_are_no_lead_stay_as_rows(project):
    """A flag can only be cleared in a CRM if the row that clears it is still there."""
    gone = {"account_id": "gone", "closed_at": at(2)}
    world = small_world([event(at(3, 9)), event(at(3, 10))])
    world.accounts.append(gone)
    warehouse = project.build(world, command=CORE_MODELS)
    states = {row["account_id"]: row["pql_status"] for row in warehouse.rows("pql_accounts")}
    assert states == {"acme": "active", "gone": "closed"}
