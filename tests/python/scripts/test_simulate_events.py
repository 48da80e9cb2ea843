"""The simulator keeps its promises: the same data again, counts that add up, and a cause that works."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import simulate_events  # noqa: E402
from pql_tools.simulator.product import EVENT_NAMES  # noqa: E402

FILES = ("accounts", "users", "memberships", "account_changes", "conversions")


def simulate(folder: Path, *arguments: str) -> dict:
    """Simulate a world into a folder and return its truth."""
    code = simulate_events.main(["--out", str(folder), "--seeds-dir", str(folder / "seeds"), *arguments])
    assert code == 0
    return json.loads((folder / "truth.json").read_text())


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a world."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> tuple[duckdb.DuckDBPyConnection, dict]:
    """A mid-size world, read as docs/specification.md §2 says, by neither the simulator nor the models."""
    folder = tmp_path_factory.mktemp("world")
    truth = simulate(folder, "--accounts", "5000", "--events-per-account", "120", "--seed", "11")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"create view raw as from '{folder}/events/*.parquet'")
    for name in (*FILES, "lead_stages", "subscription_ends"):
        connection.execute(f"create view {name} as from '{folder}/{name}.parquet'")
    connection.execute(
        f"create view plan_limits as from '{folder}/seeds/plan_limits.csv' where limit_name = 'messages'"
    )
    connection.execute(ACCEPTED)
    connection.execute(ATTRIBUTED)
    connection.execute(f"create table at_risk as {AT_RISK}")
    return connection, truth


ACCEPTED = """
create table judged as
select
    *,
    case
        when event_id is null then 'missing_event_id'
        when event_name is null then 'missing_event_name'
        when occurred_at is null then 'missing_occurred_at'
        when occurred_at > received_at + interval 1 day then 'future_occurred_at'
    end as reason
from raw;

create table ranked as
select
    *,
    row_number() over same_id as nth,
    (account_id, user_id, event_name, occurred_at) is distinct from first_value(
        (account_id, user_id, event_name, occurred_at)
    ) over same_id as is_conflicting
from judged
where reason is null
window same_id as (
    partition by event_id
    order by received_at, occurred_at, account_id, user_id, event_name, anonymous_id, properties
);
"""

ATTRIBUTED = """
create table sightings as
select anonymous_id, user_id, occurred_at
from ranked
where nth = 1 and anonymous_id is not null and user_id is not null;

create table identified as
select event.* replace (coalesce(event.user_id, seen.user_id) as user_id)
from (from ranked where nth = 1) as event
asof left join sightings as seen
    on event.anonymous_id = seen.anonymous_id and event.occurred_at > seen.occurred_at;

create table attributed as
select
    event.event_id, event.event_name, event.occurred_at, known.account_id,
    case
        when known.time_zone in (select name from pg_timezone_names())
            then timezone(known.time_zone, event.occurred_at::timestamptz)
        else event.occurred_at
    end::date as day
from identified as event
asof left join memberships as membership
    on event.user_id = membership.user_id and event.occurred_at >= membership.joined_at
left join users on event.user_id = users.user_id
left join accounts as known
    on known.account_id = coalesce(
        event.account_id,
        case when event.occurred_at < coalesce(membership.left_at, 'infinity') then membership.account_id end,
        users.account_id
    );
"""

# Account x whole local day at risk, with the planted rules that the day before ended with.
AT_RISK = """
with first_payments as (
    select account_id, min(converted_at) as converted_at from conversions group by account_id
),

first_events as (
    select account_id, min(day) as first_day from attributed group by account_id
),

clocks as (
    select
        accounts.*,
        coalesce(zone.name, 'UTC') as zone
    from accounts
    left join pg_timezone_names() as zone on accounts.time_zone = zone.name
),

lives as (
    select
        account_id, first_day,
        timezone(zone, trial_ends_at::timestamptz)::date as trial_day,
        timezone(zone, closed_at::timestamptz)::date as closing_day,
        timezone(zone, converted_at::timestamptz)::date as paying_day,
        timezone(zone, timestamptz '2026-07-01')::date as unfinished_day
    from clocks
    join first_events using (account_id)
    left join first_payments using (account_id)
),

days as (
    select *, unnest(range(first_day, unfinished_day, interval 1 day))::date as day from lives
),

counts as (
    select
        account_id, day,
        count(*) as events,
        count(*) filter (event_name = 'invite_sent') as invites,
        count(*) filter (event_name = 'integration_connected') as integrations,
        count(*) filter (event_name = 'message_sent') as messages,
        count(*) filter (event_name = 'logo_uploaded') as logos
    from attributed
    group by all
),

measures as (
    select
        days.*,
        sum(invites) over (past range between interval 6 day preceding and current row) as invites_7d,
        sum(integrations) over past as integrations,
        count(events) over (past range between interval 13 day preceding and current row) as active_14d,
        sum(messages) over (partition by account_id, date_trunc('month', day) order by day) as messages,
        sum(logos) over past as logos,
        if(day <= trial_day, 'trial', 'free') as plan
    from days
    left join counts using (account_id, day)
    window past as (partition by account_id order by day)
),

rules as (
    select
        *,
        coalesce(invites_7d >= 3 and integrations >= 2, false) as team_is_forming,
        coalesce(messages >= 0.8 * limit_value, false) as near_message_limit,
        active_14d >= 10 as daily_habit,
        coalesce(logos >= 1, false) as uploaded_a_logo
    from measures
    join plan_limits using (plan)
)

select
    account_id,
    day + 1 as day,
    day + 1 = paying_day as converts,
    columns(['team_is_forming', 'near_message_limit', 'daily_habit', 'uploaded_a_logo'])
from rules
where
    day + 1 < coalesce(closing_day, 'infinity')
    and day + 1 <= coalesce(paying_day, 'infinity')
    and day + 1 < unfinished_day
"""

# Rate ratio by stratum of all other rules, pooled as by Mantel and Haenszel.
RATE_RATIO = """
with strata as (
    select
        count(*) filter ({rule}) as days_met,
        count(*) filter (not {rule}) as days_unmet,
        count(*) filter ({rule} and converts) as hits_met,
        count(*) filter (not {rule} and converts) as hits_unmet
    from at_risk
    group by {others}
)

select
    sum(hits_met * days_unmet / (days_met + days_unmet))
    / sum(hits_unmet * days_met / (days_met + days_unmet))
from strata
"""
RULES = ("team_is_forming", "near_message_limit", "daily_habit")


def test_same_arguments_give_the_same_bytes_whatever_the_workers(tmp_path):
    arguments = ["--accounts", "900", "--events-per-account", "40", "--last-day-apart"]
    alone, together = tmp_path / "alone", tmp_path / "together"
    simulate(alone, *arguments, "--workers", "1")
    simulate(together, *arguments, "--workers", "3")
    assert contents(alone) == contents(together)
    assert len(list((alone / "events").iterdir())) > 1

    simulate(together, *arguments, "--seed", "2")
    assert contents(alone) != contents(together)


def test_the_last_day_apart_is_what_was_received_on_the_last_day(tmp_path):
    arguments = ["--accounts", "300", "--events-per-account", "40"]
    simulate(tmp_path / "whole", *arguments)
    simulate(tmp_path / "apart", *arguments, "--last-day-apart")
    whole = duckdb.sql(f"from '{tmp_path}/whole/events/*.parquet'")
    before = duckdb.sql(f"from '{tmp_path}/apart/events/*.parquet'")
    last_day = duckdb.sql(f"from '{tmp_path}/apart/events_last_day/*.parquet'")
    assert set(before.fetchall() + last_day.fetchall()) == set(whole.fetchall())
    assert str(before.max("received_at").fetchone()[0]) < "2026-06-30"
    assert str(last_day.min("received_at").fetchone()[0]) >= "2026-06-30"


def test_days_held_back_lie_in_a_folder_each(tmp_path):
    arguments = ["--accounts", "200", "--events-per-account", "40"]
    simulate(tmp_path / "whole", *arguments)
    simulate(tmp_path / "held", *arguments, "--hold-back", "3")
    whole = duckdb.sql(f"from '{tmp_path}/whole/events/*.parquet'").fetchall()
    held = duckdb.sql(f"from '{tmp_path}/held/events*/**/*.parquet'").fetchall()
    assert sorted(map(str, held)) == sorted(map(str, whole))
    days = sorted(path.name for path in (tmp_path / "held" / "events_to_come").iterdir())
    assert days == ["2026-06-28", "2026-06-29", "2026-06-30"]
    for day in days:
        received = duckdb.sql(f"from '{tmp_path}/held/events_to_come/{day}/*.parquet'").fetchnumpy()[
            "received_at"
        ]
        assert {str(moment)[:10] for moment in received} == {day}


def test_the_log_holds_what_the_truth_says(world):
    connection, truth = world
    events = truth["events"]

    def count(query: str) -> int:
        return connection.execute(f"select count(*) {query}").fetchone()[0]

    rejected = dict(
        connection.execute(
            "select reason, count(*) from judged where reason is not null group by 1"
        ).fetchall()
    )
    assert rejected == events["rejected"]
    assert count("from raw") == events["raw"]
    assert count("from ranked where nth = 1") == events["accepted"]
    assert count("from ranked where nth > 1") == events["duplicates"]
    assert count("from ranked where is_conflicting") == events["conflicting_duplicates"]
    assert count("from attributed where account_id is null") == events["unattributed"]
    assert (
        count("from ranked where nth = 1 and not json_valid(properties)")
        == (events["of_the_accepted"]["invalid_json"])
    )
    assert events["raw"] == events["accepted"] + events["duplicates"] + sum(rejected.values())
    assert all(count(f"from {name}") == rows for name, rows in truth["rows"].items())
    assert all(kind > 0 for kind in [*rejected.values(), events["conflicting_duplicates"]])


def test_the_planted_rules_hold_when_the_truth_says(world):
    """Days at risk by rules met, counted from the files, where some of the last, late rows are missing."""
    connection, truth = world
    for label, expected in truth["conversions"]["by_rules_met"].items():
        conditions = " and ".join(rule if rule in label else f"not {rule}" for rule in RULES)
        days, conversions = connection.execute(
            f"select count(*), count(*) filter (converts) from at_risk where {conditions}"
        ).fetchone()
        assert days == pytest.approx(expected["days_at_risk"], rel=0.005, abs=5), label
        assert conversions == expected["conversions"], label


@pytest.mark.parametrize("rule", [*RULES, "uploaded_a_logo"])
def test_conversions_are_caused_by_the_planted_rules_alone(world, rule):
    """The tolerance of 40 % is about three standard errors of the rate ratio in this world."""
    connection, truth = world
    hazard = truth["hazard"]
    planted = {
        planted["name"]: planted["multiplier"] for planted in [*hazard["planted_rules"], hazard["decoy"]]
    }
    others = ", ".join(other for other in RULES if other != rule)
    ratio = connection.execute(RATE_RATIO.format(rule=rule, others=others)).fetchone()[0]
    assert planted[rule] / 1.4 < ratio < planted[rule] * 1.4


def test_as_many_convert_as_the_hazard_expects(world):
    """A sum of independent draws: its variance is at most its mean."""
    _, truth = world
    conversions = truth["conversions"]
    expected, converted = conversions["expected"], conversions["accounts_converted"]
    assert abs(converted - expected) < 4 * expected**0.5
    assert 0.05 < converted / truth["rows"]["accounts"] < 0.08


def test_payment_changes_the_plan_and_nothing_in_the_log_gives_it_away(world):
    connection, truth = world
    paid = connection.execute(
        """
        select account_id, min(converted_at)
        from conversions
        group by 1
        order by 1
        """
    ).fetchall()
    assert len(paid) == truth["conversions"]["accounts_converted"]
    assert (
        paid
        == connection.execute(
            """
        select account_id, changed_at
        from account_changes
        join accounts using (account_id)
        where attribute = 'plan' and value = 'pro' and plan = 'pro' and changed_at > signed_up_at is not false
        order by 1
        """
        ).fetchall()
    )
    assert connection.execute("select count(*) from accounts where plan = 'pro'").fetchone()[0] == len(paid)
    names = {name for (name,) in connection.execute("select distinct event_name from ranked").fetchall()}
    assert names == set(EVENT_NAMES)


def test_people_work_on_weekdays_in_office_hours_of_their_own_clock(world):
    connection, _ = world
    on_weekdays, in_office_hours = connection.execute(
        """
        select
            avg((isodow(local_time) <= 5)::int),
            avg((hour(local_time) between 8 and 17)::int)
        from (
            select timezone(time_zone, occurred_at::timestamptz) as local_time
            from attributed
            join accounts using (account_id)
            where time_zone in ('Asia/Tokyo', 'America/Los_Angeles', 'Australia/Sydney')
        )
        """
    ).fetchone()
    assert 0.92 < on_weekdays < 0.96
    assert 0.75 < in_office_hours < 0.85


def test_seeds_are_the_parquet_files_as_csv(tmp_path):
    simulate(tmp_path, "--accounts", "300")
    with open(tmp_path / "seeds" / "conversions.csv", newline="") as file:
        rows = list(csv.reader(file))
    stored = duckdb.sql(f"from '{tmp_path}/conversions.parquet'")
    assert rows[0] == stored.columns
    assert rows[1:] == [[str(value) for value in row] for row in stored.fetchall()]
    assert len({row[0] for row in rows[1:]}) < len(rows[1:])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--accounts", "0"], "0 is not between 1"),
        (["--accounts", "many"], "'many' is not a whole number"),
        (["--days", "5"], "5 is not between 30"),
        (["--events", "1k", "--accounts", "1m"], "events per account"),
        (["--events", "1M", "--accounts", "100", "--events-per-account", "10"], "the third follows"),
        (["--colour", "red"], "unrecognized arguments"),
    ],
)
def test_bad_arguments_are_told_in_one_line(arguments, complaint, tmp_path, capsys):
    assert simulate_events.main(["--out", str(tmp_path / "world"), *arguments]) == 2
    message = capsys.readouterr().err
    assert complaint in message
    assert message.count("\n") == 1
    assert not (tmp_path / "world").exists()


def test_nothing_is_overwritten_that_it_did_not_make(tmp_path, capsys):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert simulate_events.main(["--out", str(mine)]) == 2
    assert "did not make" in capsys.readouterr().err

    (mine / "conversions.csv").write_text("account_id,converted_at,plan,amount\nacme,2026-01-01,pro,99\n")
    assert simulate_events.main(["--out", str(tmp_path / "new"), "--seeds-dir", str(mine)]) == 2
    assert "does not look simulated" in capsys.readouterr().err
    assert sorted(path.name for path in mine.iterdir()) == ["conversions.csv", "thesis.txt"]


def test_help_teaches_by_example():
    shown = subprocess.run(
        [sys.executable, SCRIPTS / "simulate_events.py", "--help"], capture_output=True, text=True, check=True
    )
    assert "--events 100M" in shown.stdout
