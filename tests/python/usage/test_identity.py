"""Who it was: users whose id changes, accounts that become one, people who leave, words that are no ids."""

import json
from datetime import datetime
from pathlib import Path

from harness import MODELS_ONLY
from small_worlds import TWICE, at, event, small_world


def moment(day: int) -> str:
    return f"2026-03-{day:02d} 09:00:00"


# A user reports on the 2nd, gets another id on the 3rd and reports on the 4th, as each tracker tells it.
# RudderStack's alias call is spelt as another tool would. In PostHog and Mixpanel a colleague logs in at the
# same device on the 5th: an identify call makes no two users one.
SEGMENT = {"received_at": moment(5), "context_group_id": "segment"}
RUDDERSTACK = {"receivedAt": moment(5), "context": {"groupId": "rudderstack"}, "anonymousId": "phone"}
POSTHOG = {"created_at": moment(5)}
IN_POSTHOG = {"$groups": {"company": "posthog"}, "$device_id": "phone"}


def mixpanel(number: int, name: str, **properties) -> dict:
    shared = {
        "$insert_id": f"m{number}",
        "time": int(datetime(2026, 3, number, 9).timestamp()),
        "company_id": ["mixpanel"],
    }
    return {"event": name, "properties": shared | properties}


TRACKERS = {
    "segment": {
        "tracks": [
            SEGMENT | {"id": f"s{day}", "event": "report", "user_id": user, "timestamp": moment(day)}
            for day, user in ((2, "ann@old.test"), (4, "ann"))
        ],
        "aliases": [
            SEGMENT | {"id": "s3", "user_id": "ann", "previous_id": "ann@old.test", "timestamp": moment(3)},
            SEGMENT | {"id": "device", "user_id": "ann", "previous_id": "a phone", "timestamp": moment(3)},
        ],
    },
    "rudderstack": {
        "messages": [
            RUDDERSTACK
            | {
                "messageId": "r2",
                "type": "track",
                "event": "report",
                "userId": "bob@old.test",
                "timestamp": moment(2),
            },
            RUDDERSTACK
            | {
                "message_id": "r3",
                "type": "alias",
                "user_id": "bob",
                "previous_id": "bob@old.test",
                "timestamp": moment(3),
            },
            RUDDERSTACK
            | {
                "messageId": "r4",
                "type": "track",
                "event": "report",
                "userId": "bob",
                "timestamp": moment(4),
            },
        ],
    },
    "posthog": {
        "events": [
            POSTHOG
            | {
                "uuid": f"p{day}",
                "event": name,
                "distinct_id": user,
                "timestamp": moment(day),
                "properties": IN_POSTHOG | more,
            }
            for day, name, user, more in (
                (2, "report", "cas@old.test", {}),
                (3, "$create_alias", "cas", {"alias": "cas@old.test"}),
                (4, "report", "cas", {}),
                (5, "$identify", "fay", {"$anon_distinct_id": "cas"}),
            )
        ],
    },
    "mixpanel": {
        "events": [
            mixpanel(2, "report", distinct_id="dee@old.test"),
            mixpanel(3, "$create_alias", distinct_id="dee@old.test", alias="dee"),
            mixpanel(4, "report", distinct_id="dee"),
            mixpanel(5, "$identify", distinct_id="gus", **{"$identified_id": "gus", "$anon_id": "dee"}),
        ],
    },
    "heap": {
        "all_events": [
            {
                "event_id": day,
                "user_id": user,
                "event_table_name": "report",
                "time": moment(day),
                "account_id": "heap",
            }
            for day, user in ((2, 11), (4, 12))
        ],
        "users": [{"user_id": 11, "identity": "eli@old.test"}, {"user_id": 12, "identity": "eli"}],
        "user_migrations": [{"from_user_id": 11, "to_user_id": 12, "time": moment(3)}],
    },
}


def write(folder: Path, tables: dict[str, list[dict]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_trackers_say_that_a_user_has_another_id(project, tmp_path):
    for tracker, tables in TRACKERS.items():
        write(tmp_path / tracker, tables)
    write(
        tmp_path, {"accounts": [{"account_id": tracker, "signed_up_at": moment(1)} for tracker in TRACKERS]}
    )
    variables = small_world().variables | {
        "pql_event_sources": [{"name": each, "adapter": each, "folder": each} for each in TRACKERS]
    }
    built = project.run_in(
        tmp_path / "home", tmp_path, variables, ("run", "--select", "+fct_user_usage_daily")
    )
    assert built.run.success, built.run.output
    usage = built.rows(
        "fct_user_usage_daily where event_name = 'report' group by all",
        "account_id, user_id, sum(events)::int as events",
    )
    users = dict(zip(TRACKERS, ("ann", "bob", "cas", "dee", "eli"), strict=True))
    assert {row["account_id"]: (row["user_id"], row["events"]) for row in usage} == {
        tracker: (user, 2) for tracker, user in users.items()
    }
    renamed = {row["old_user_id"] for row in built.rows("stg_product__user_aliases")}
    assert renamed == {f"{user}@old.test" for user in users.values()}, "not devices, not colleagues"


def test_who_has_left_an_account_is_no_longer_in_it(project, tmp_path):
    """Calls say that three join acme on the 2nd. One leaves by a call, one by a row of memberships."""
    users = ("ann", "bob", "cas")

    def call(user: str, day: int, **columns) -> dict:
        times = {"timestamp": moment(day), "received_at": moment(6)}
        return {"id": f"{user} {day} {len(columns)}", "user_id": user} | times | columns

    calls = {
        "groups": [call(user, day, group_id="acme") for user in users for day in (2, 3)],
        "tracks": [call(user, day, event="report", group_id=None) for user in users for day in (3, 5)],
    }
    calls["tracks"].append(call("ann", 4, event="Account Removed User", group_id="acme"))
    write(tmp_path / "segment", calls)
    stay = {"user_id": "bob", "account_id": "acme", "joined_at": moment(3), "left_at": moment(4)}
    accounts = [{"account_id": "acme", "signed_up_at": moment(1)}]
    write(tmp_path, {"accounts": accounts, "memberships": [stay]})
    variables = small_world().variables | {
        "pql_event_sources": [{"name": "segment", "adapter": "segment", "folder": "segment"}]
    }
    built = project.run_in(
        tmp_path / "home", tmp_path, variables, ("run", "--select", "+fct_user_usage_daily")
    )
    assert built.run.success, built.run.output
    usage = built.rows("fct_user_usage_daily where event_name = 'report'", "user_id, day(local_date) as day")
    assert {(row["user_id"], row["day"]) for row in usage} == {("ann", 3), ("bob", 3), ("cas", 3), ("cas", 5)}


def merging_world(as_of: datetime):
    """`old` and `older` end in acme; what would make acme part of `old` again is left out."""
    world = small_world(
        [
            event(at(2, 9), account_id="older", user_id="ann@old.test"),
            event(at(3, 9), account_id="old", user_id="ann@old.test"),
            event(at(4, 9), account_id="old", user_id="ann@old.test"),
            event(at(5, 9), account_id=None, user_id="ann"),
        ],
        criteria=[TWICE, {"name": "two_people", "type": "distinct_users", "at_least": 2}],
        as_of=as_of,
        users=[{"user_id": "ann@old.test", "account_id": "old"}],
        user_aliases=[{"old_user_id": "ann@old.test", "user_id": "ann", "aliased_at": at(10)}],
        account_merges=[
            {"account_id": "old", "into_account_id": "acme", "merged_at": at(10)},
            {"account_id": "older", "into_account_id": "old", "merged_at": at(9)},
            {"account_id": "acme", "into_account_id": "older", "merged_at": at(11)},
        ],
        conversions=[{"account_id": "older", "converted_at": at(12), "plan": "pro", "amount": 9}],
    )
    world.accounts = [
        {"account_id": "acme", "signed_up_at": at(8), "plan": "team"},
        {"account_id": "old", "signed_up_at": at(2), "plan": "free"},
        {"account_id": "older", "signed_up_at": at(1), "plan": "free"},
    ]
    return world


def test_accounts_that_have_become_one_are_one_from_the_merger_on_and_before_it_two(project, tmp_path):
    """One warehouse is built as of before, after, and before again; what was announced stays announced."""
    from reference.worlds import write_world

    found = []
    for as_of in (at(8), at(11, 12), at(8)):
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        variables = write_world(merging_world(as_of), data, data)
        built = project.run_in(tmp_path, data, variables, MODELS_ONLY)
        assert built.run.success, built.run.output
        found.append({
            row["account_id"]: tuple(row.values())[1:]
            for row in built.rows(
                "pql_accounts inner join dim_accounts using (account_id)",
                "account_id, pql_status, merged_into, dim_accounts.signed_up_at, dim_accounts.plan",
            )
        })  # fmt: skip
        if as_of == at(11, 12):
            [card] = built.rows("crm_pql_accounts where pql_account_id = 'old'")
            assert (card["is_pql"], card["pql_status"]) == (False, "merged")
            history = built.rows("fct_pql_status_daily where account_id = 'old'", "status_on, pql_status")
            days = [(str(row["status_on"]), row["pql_status"]) for row in history]
            assert days == [("2026-03-02", "merged")]
            assert built.values("fct_user_usage_daily", "user_id") == ["ann"] * 4
            people = built.row(
                "pql_account_criteria where account_id = 'acme' and criterion_name = 'two_people'"
            )
            assert people["observed_value"] == 1 and not people["is_met"]
            rejected = built.rows("stg_inputs_rejected", "input_name, row_key, reason")
            assert [(row["input_name"], row["reason"]) for row in rejected] == [
                ("account_merges", "closes_a_cycle")
            ]
            assert "account_id=acme" in rejected[0]["row_key"]
            merges = built.row("input_quality where input_name = 'account_merges'")
            assert (merges["raw"], merges["rejected"]) == (3, 1)
    before = {
        "acme": ("never", None, at(8), "team"),
        "old": ("active", None, at(2), "free"),
        "older": ("never", None, at(1), "free"),
    }
    after = {
        "acme": ("active", None, at(1), "team"),
        "old": ("merged", "acme", at(2), "free"),
        "older": ("merged", "acme", at(1), "free"),
    }
    assert found == [before, after, before]
    announced = built.rows("fct_pql_events where event_type = 'qualified'", "pql_account_id")
    assert {"pql_account_id": "old"} in announced


def test_a_word_that_stands_for_an_id_is_none_and_is_said(project, tmp_path):
    """In every input; `[]` takes them for ids."""
    world = small_world(
        [
            event(at(2), account_id="Undefined", user_id="ann"),
            event(at(3), account_id=" null ", user_id="ann"),
            event(at(4), user_id="NaN", anonymous_id="[object Object]"),
            event(at(5), event_id="nil"),
        ],
        users=[{"user_id": "ann", "account_id": "acme"}, {"user_id": "undefined", "account_id": "acme"}],
    )
    world.accounts.append({"account_id": "null"})
    parts = ("+pql_accounts", "+event_quality", "+input_quality", "ids_are_ids")
    built = project.build(world, command=("build", "--select", *parts, "--exclude", "test_type:unit"))
    assert built.values("pql_accounts", "account_id") == ["acme"]
    usage = built.rows("fct_user_usage_daily", "user_id, events")
    assert sorted(row["user_id"] for row in usage) == ["", "ann", "ann"]
    quality = built.row("event_quality", "accepted, rejected_missing_event_id, placeholder_ids")
    assert tuple(quality.values()) == (3, 1, 3)
    assert "1 accepted event(s) of 'events' have 'undefined' for an id" in built.run.output
    assert {row["row_key"] for row in built.rows("base_inputs where reason is not null")} == {
        "account_id=null",
        "user_id=undefined",
    }
    as_ids = project.build(world, {"pql_placeholder_ids": []}, ("run", "--select", "+event_quality"))
    assert tuple(as_ids.row("event_quality", "accepted, placeholder_ids").values()) == (4, 0)
    assert as_ids.values("stg_product__users", "user_id") == ["ann", "undefined"]


def test_a_word_where_a_payment_names_an_account_leaves_the_next_place_to_say_it(project, tmp_path):
    """Nor is it one of several accounts."""
    won = {"dealstage": "closedwon", "closedate": moment(9)}
    companies = {"w1": "wide", "w2": "undefined", "w3": "deep"}
    exports = {
        "stripe": {
            "invoices": [
                {
                    "id": "in_1",
                    "customer": {"id": "cus_1"},
                    "status": "paid",
                    "amount_paid": 900,
                    "created": moment(9),
                    "metadata": {"account_id": "null"},
                    "lines": {
                        "data": [{"metadata": {"account_id": each}} for each in ("undefined", "lined")]
                    },
                }
            ]
        },
        # a discount of the customer stands in the customer, also where it is part of the subscription
        "free": {
            "subscriptions": [
                {
                    "id": f"sub_{off}",
                    "status": "active",
                    "start_date": moment(9),
                    "metadata": {"account_id": f"{off} off"},
                    "plan": {"amount": 900},
                    "customer": {"id": f"cus_{off}", "discount": {"coupon": {"percent_off": off}}},
                }
                for off in (50, 100)
            ]
        },
        "hubspot": {
            "deals": [
                {"id": "d1", "companies": ["w1", "w2"], "properties": won},
                {"id": "d2", "companies": ["w1", "w3"], "properties": won | {"space": "NULL"}},
            ],
            "companies": [{"id": key, "properties": {"space": space}} for key, space in companies.items()],
        },
        "salesforce": {
            "opportunities": [{"Id": "o1", "AccountId": "a1", "IsWon": True, "CloseDate": "2026-03-09"}],
            "accounts": [{"Id": "a1", "space__c": "none"}],
            "leads": [{"Id": "l1", "ConvertedAccountId": "a1", "space__c": "led"}],
        },
    }
    for folder, tables in exports.items():
        write(tmp_path / folder, tables)
    options = {
        "free": {"adapter": "stripe"},
        "hubspot": {"product_account_id": "properties.space"},
        "salesforce": {"product_account_id": "space__c"},
    }
    sources = [{"name": name, "adapter": name, "folder": name} | options.get(name, {}) for name in exports]
    variables = {"pql_as_of": str(at(31)), "pql_conversion_sources": sources}
    write(
        tmp_path,
        {
            "events": [{key: str(value) for key, value in event(at(2)).items()}],
            "accounts": [{"account_id": "acme"}],
        },
    )
    command = ("run", "--select", "+stg_billing__conversions", "+stg_inputs_rejected")
    built = project.run_in(tmp_path / "home", tmp_path, variables, command)
    assert built.run.success, built.run.output
    assert built.values("stg_billing__conversions", "account_id") == ["50 off", "led", "lined", "wide"]
    assert built.values("stg_inputs_rejected", "reason") == ["several_accounts"]
