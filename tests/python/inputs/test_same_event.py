"""What makes two rows one event, tracker by tracker, and rows that stand for several of them."""

import json
from collections import Counter
from pathlib import Path

import pytest
from harness import Project, Warehouse

ACCOUNTS = "account_id,signed_up_at\n" + "".join(
    f"{name},2026-05-01\n"
    for name in ("heap-co", "mix-co", "amp-co", "ga-co", "hog-co", "pendo-co", "log-co", "snow-co")
)


def mixpanel(event: str, **properties) -> dict:
    return {
        "event": event,
        "properties": {"time": 1780300800, "distinct_id": "meg", "team": "mix-co"} | properties,
    }


def amplitude(**columns) -> dict:
    base = {"event_type": "shared", "amplitude_id": 1, "event_time": "2026-06-01 08:00:00", "user_id": "amy"}
    return (
        base
        | {"device_id": "phone", "uuid": None, "$insert_id": None, "groups": {"org": ["amp-co"]}}
        | columns
    )


def ga4(*parameters: tuple, **columns) -> dict:
    values = [{"key": key, "value": {"string_value": value, "int_value": None}} for key, value in parameters]
    base = {
        "event_timestamp": "1780300800000000",
        "event_name": "shared",
        "user_pseudo_id": "1.2",
        "user_id": "gil",
    }
    account = [{"key": "account_id", "value": {"string_value": "ga-co"}}]
    batch = {"batch_page_id": "17", "batch_ordering_id": "1", "batch_event_index": "1", "stream_id": "9"}
    return base | batch | {"event_params": values, "user_properties": account} | columns


def posthog(**columns) -> dict:
    groups = columns.pop("groups", {"workspace": "hog-co", "project": "p-1"})
    base = {
        "uuid": "0190f000-0000-7000-8000-00000000aa01",
        "event": "shared",
        "timestamp": "2026-06-01T08:00:00Z",
    }
    return (
        base
        | {"distinct_id": "pia", "properties": {"$groups": groups, "$group_0": groups.get("project")}}
        | columns
    )


NO_BATCH = {"batch_page_id": None, "batch_ordering_id": None, "batch_event_index": None}
EXPORTS = {
    # Heap: one event under two labels, the same id of another user, and a copy
    "heap/all_events.csv": """event_id,user_id,time,event_table_name,account_id
5,71,2026-06-01 08:00,report_opened,heap-co
5,71,2026-06-01 08:00,anything_opened,heap-co
5,72,2026-06-01 08:00,report_opened,heap-co
5,71,2026-06-01 08:00,report_opened,heap-co
""",
    # Mixpanel: an insert id reused for another time, user and action; copies, also without an id
    "mixpanel/events.ndjson": [
        mixpanel("shared", **{"$insert_id": "order-7"}),
        mixpanel("shared", **{"$insert_id": "order-7", "mp_processing_time_ms": 1780300999000}),
        mixpanel("shared", **{"$insert_id": "order-7", "time": 1780300801}),
        mixpanel("shared", **{"$insert_id": "order-7", "distinct_id": "max"}),
        mixpanel("shared", **{"$insert_id": "order-7", "action": "printed"}),
        mixpanel("shared", size=1, colour={"hue": 1, "tone": 2}),
        mixpanel("shared", colour={"tone": 2, "hue": 1}, size=1),
        mixpanel("shared", size=2, colour={"tone": 2, "hue": 1}),
    ],
    # Amplitude: an insert id of two devices; without one the uuid; empty lists of groups, other types
    "amplitude/events.ndjson": [
        amplitude(**{"$insert_id": "a"}),
        amplitude(**{"$insert_id": "a", "server_upload_time": "2026-06-02 08:00:00"}),
        amplitude(**{"$insert_id": "a", "device_id": "desk"}),
        amplitude(uuid="u-1", groups={"org": [], "team": "t-1"}),
        amplitude(uuid="u-1", groups={"org": [], "team": "t-1"}),
        amplitude(uuid="u-2", groups={"team": "t-1"}),
    ],
    # GA4: the daily copy knows more than the intraday one; without a batch or a device the parameters tell
    "ga4/events/events_intraday_20260601.ndjson": [
        ga4(("page", "/a")),
        ga4(("a", "1"), ("b", "2"), **NO_BATCH),
    ],
    "ga4/events/events_20260601.ndjson": [
        ga4(("page", "/a"), ("campaign", "spring")),
        ga4(("page", "/a"), batch_event_index="2"),
        ga4(("b", "2"), ("a", "1"), **NO_BATCH),
        ga4(("b", "3"), ("a", "1"), **NO_BATCH),
        ga4(("page", "/a"), user_pseudo_id=None, user_id=None),
        ga4(("page", "/b"), user_pseudo_id=None, user_id=None),
    ],
    # PostHog: an SDK that gave one uuid to several events; a number of a group is no type
    "posthog/events.ndjson": [
        posthog(),
        posthog(created_at="2026-06-02T08:00:00Z"),
        posthog(event="printed"),
        posthog(distinct_id="pat"),
        posthog(timestamp="2026-06-01T08:00:01Z", groups={"project": "p-1"}),
    ],
    # Pendo by the hour, without ids: exported again when the hour had grown; another browser; an empty hour
    "pendo/events.csv": """visitor_id,account_id,feature_id,user_agent,timestamp,num_events,_fivetran_synced
pol,pendo-co,f1,firefox,2026-06-01 08:00,20,2026-06-01 09:10
pol,pendo-co,f1,firefox,2026-06-01 08:00,25,2026-06-01 10:10
pol,pendo-co,f1,chrome,2026-06-01 08:00,5,2026-06-01 09:10
pol,pendo-co,f2,firefox,2026-06-01 08:00,0,2026-06-01 09:10
pol,pendo-co,f1,firefox,2026-06-01 09:00,30,2026-06-01 10:10
""",
    # Any table of counts
    "log/events.csv": """event_id,occurred_at,event_name,user_id,account_id,hits,seats
1,2026-06-01 08:00,exported,lea,log-co,20,2
2,2026-06-01 09:00,exported,lea,log-co,40.0,3
3,2026-06-01 10:00,exported,leo,log-co,,4
4,2026-06-01 11:00,exported,leo,log-co,-3,5
5,2026-06-01 11:00,exported,leo,log-co,many,5
6,2026-06-01 11:00,exported,leo,log-co,1.5,5
""",
    # Snowplow: a robot uses one id again and again
    "snowplow/events.csv": """event_id,collector_tstamp,event_name,user_id,domain_userid,account_id
r-1,2026-06-01 08:00,file_shared,sam,d1,snow-co
r-1,2026-06-01 08:05,file_shared,sue,d2,snow-co
""",
}
VARIABLES = {
    "pql_as_of": "2026-06-05",
    "pql_crm_enabled": False,
    "pql_event_sources": [
        {"name": "heap", "adapter": "heap", "folder": "heap"},
        {"name": "mixpanel", "adapter": "mixpanel", "folder": "mixpanel", "group_key": "team",
         "columns": {"event_name": ["properties.action", "event"]}},
        {"name": "amplitude", "adapter": "amplitude", "folder": "amplitude", "group_type": "org"},
        {"name": "ga4", "adapter": "ga4", "folder": "ga4"},
        {"name": "posthog", "adapter": "posthog", "folder": "posthog", "group_type": "workspace"},
        {"name": "pendo", "adapter": "pendo", "folder": "pendo", "columns": {"event_name": "feature_id"}},
        {"name": "log", "adapter": "table", "folder": "log", "columns": {"event_count": "hits"}},
        {"name": "snowplow", "adapter": "snowplow", "folder": "snowplow"},
    ],
    "pql_criteria": [
        {"name": "fifty", "type": "event_count", "at_least": 50},
        {"name": "eight_seats", "type": "event_sum", "property": "seats", "at_least": 8},
        {"name": "two_days", "type": "active_days", "at_least": 2},
        {"name": "doubled", "type": "growth", "window": {"last_days": 7}, "at_least": 2},
    ],
    "pql_definitions": [{"name": "pql", "qualifies_when": "fifty"}],
}  # fmt: skip
SELECTED = (
    "+pql_account_criteria",
    "+event_quality",
    "+events_of_one_id_agree",
    "+events_are_counted_in_whole_numbers",
)


class Trackers(Project):
    """The project as parsed with these sources: what a model refers to depends on them."""

    def dbt(self, *command, variables=None, **options):
        return super().dbt(*command, variables=VARIABLES | (variables or {}), **options)


def write(data: Path, exports: dict) -> None:
    for name, content in exports.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = content if isinstance(content, str) else "".join(json.dumps(row) + "\n" for row in content)
        path.write_text(lines)


@pytest.fixture(scope="module")
def trackers(tmp_path_factory) -> Trackers:
    return Trackers(tmp_path_factory.mktemp("trackers"))


@pytest.fixture(scope="module")
def built(trackers, tmp_path_factory) -> Warehouse:
    home = tmp_path_factory.mktemp("same_event")
    write(home / "data", EXPORTS | {"accounts.csv": ACCOUNTS})
    command = ("build", "--select", *SELECTED, "--indirect-selection", "empty")
    warehouse = trackers.run_in(home / "built", home / "data", command=command)
    assert warehouse.run.success, warehouse.run.output
    return warehouse


def test_without_the_tables_of_crms_the_log_and_the_marts_stay(trackers):
    """As these are parsed."""
    models = {node.name for node in trackers.manifest.nodes.values() if node.resource_type == "model"}
    assert {"fct_pql_events", "fct_pql_sales_outcomes", "pql_build_history", "pql_sales_precision"} <= models
    assert {"mart_pql_accounts", "mart_pql_weekly", "pql_time_spine"} <= models
    assert not [name for name in models if name.startswith(("crm_", "int_crm_", "stg_crm__records"))]


def test_as_many_rows_are_events_as_the_tracker_counts(built):
    columns = "event_source, accepted, duplicates, conflicting_duplicates, rejected_invalid_event_count"
    found = {row.pop("event_source"): tuple(row.values()) for row in built.rows("event_quality", columns)}
    assert found == {
        "heap": (3, 1, 0, 0),
        "mixpanel": (6, 2, 0, 0),
        "amplitude": (4, 2, 0, 0),
        "ga4": (6, 2, 0, 0),
        "posthog": (4, 1, 0, 0),
        "pendo": (3, 1, 1, 1),
        "log": (3, 0, 0, 3),
        "snowplow": (1, 1, 1, 0),
    }
    ids = Counter(row["event_id"] for row in built.rows("stg_product__events", "event_id"))
    assert set(ids.values()) == {1} and None not in ids


def test_a_group_of_another_type_is_no_account(built):
    accounts = Counter(
        (row["event_source"], row["account_id"])
        for row in built.rows("stg_product__events", "event_source, account_id")
        if row["event_source"] in ("amplitude", "posthog")
    )
    assert accounts == {
        ("amplitude", "amp-co"): 2,
        ("amplitude", None): 2,
        ("posthog", "hog-co"): 3,
        ("posthog", None): 1,
    }


def test_what_is_told_otherwise_or_counts_nothing_is_said(built):
    said = " ".join(built.run.output.split())
    assert "1 row(s) of events (snowplow) have the id of an event that another row tells otherwise" in said
    assert "r-1 (file_shared of sue)" in said
    assert "1 row(s) of events (pendo) have the id of an event" in said
    assert "3 row(s) of events (log) are rejected, invalid_event_count" in said
    assert "4 (-3); 5 (many); 6 (1.5)" in said


def test_a_row_that_stands_for_several_events_counts_as_so_many(built):
    columns = "account_id, criterion_name, is_met, observed_value, first_met_at"
    ledger = {
        (row["account_id"], row["criterion_name"]): row for row in built.rows("pql_account_criteria", columns)
    }
    # 20 + 5 at eight and 30 at nine; 20 at eight, 40 at nine and one at ten
    for account, uses, hour in (("pendo-co", 55, 9), ("log-co", 61, 9)):
        fifty = ledger[account, "fifty"]
        assert (fifty["is_met"], fifty["observed_value"], fifty["first_met_at"].hour) == (True, uses, hour)
        assert ledger[account, "two_days"]["observed_value"] == 1
    assert ledger["log-co", "eight_seats"]["observed_value"] == 9
    usage = built.rows("fct_user_usage_daily", "account_id, user_id, event_name, events")
    assert {(row["user_id"], row["events"]) for row in usage if row["account_id"] == "log-co"} == {
        ("lea", 60),
        ("leo", 1),
    }
