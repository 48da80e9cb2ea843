"""Two weeks of builds: what becomes known of accounts, when, whether sales is told, what moves in tables."""

from datetime import date
from itertools import pairwise

import pytest
from crm_world import DEFINITION, MODELS, World, on
from pql_tools.report.facts import FEEDBACK
from pql_tools.report.sections import speed_to_lead

pytestmark = pytest.mark.long


def answer(account: str, moment: str, disposition: str, **columns) -> dict:
    row = {"feedback_id": f"{account} {moment}", "pql_account_id": account, "disposition": disposition}
    return row | {"dispositioned_at": moment} | columns


LOGS = {"crm_row_changes": "row_changed_at", "fct_pql_events": "logged_at", "pql_build_history": "built_at"}


class Story:
    """The builds, and after each of them the rows for the CRM and the length of the log."""

    def __init__(self, world: World):
        self.world, self.rows, self.states, self.lengths = world, {}, {}, {}

    def build(self, name: str, as_of: str, *options: str, **variables) -> None:
        self.world.build(as_of, *options, **variables)
        self.rows[name] = {
            row["pql_account_id"]: row for row in self.world.dictionaries("select * from crm_pql_accounts")
        }
        self.states[name] = {
            account: (row["row_hash"], row["row_changed_at"]) for account, row in self.rows[name].items()
        }
        [(self.lengths[name],)] = self.world.rows("select count(*) from fct_pql_events")

    def changed(self, before: str, after: str) -> set[str]:
        """The accounts whose row, or the moment of its change, is another."""
        old, new = self.states[before], self.states[after]
        return {account for account in old | new if old.get(account) != new.get(account)}


@pytest.fixture(scope="module")
def story(project, tmp_path_factory) -> Story:
    world = World(project, tmp_path_factory.mktemp("story"), pql_feedback_cool_down_days=10)
    world.account("early", "acme", "redo", "late")
    world.account("sold", plan="team")
    world.account("gone", trial_ends_at=on(30))
    world.account("turned")
    story = Story(world)
    world.logins(8, "early")
    story.build("first", on(9))
    world.logins(10, "acme", "sold", "gone", "redo", "turned")
    story.build("told", on(10))
    story.build("again", on(10), "--full-refresh")
    story.build("a day later", on(11))
    story.build("one lapses", on(12))

    events, accounts = world.tables["events"], world.tables["accounts"]
    withdrawn = [row for row in events if row["account_id"] == "redo"]
    world.tables["events"] = [row for row in events if row["account_id"] != "redo"]
    world.tables["accounts"] = [row for row in accounts if row["account_id"] != "gone"]
    story.build("rewritten", on(12, 13))
    world.tables["events"] += withdrawn
    story.build("restored", on(12, 14))
    rules = [DEFINITION | {"qualifies_when": "points"}]
    story.build("other rules", on(12, 14), pql_definitions=rules)
    story.build("earlier", on(11))

    touched = {"reason_code": "because", "first_touch_at": on(11, 9)}
    world.table("crm_pql_feedback", answer("sold", on(11, 10), "rejected", **touched))
    world.table("crm_pql_feedback", answer("turned", on(11, 10), "rejected"))
    world.table("crm_pql_feedback", answer("redo", on(11, 10), "accepted", first_touch_at=on(10, 13)))
    # a build that dies right after the log, and one that dies before the rows for the CRM
    world.build(on(15), select=["+fct_pql_events"])
    story.build("lapsed", on(15))
    world.logins(16, "acme", "sold")
    world.event("late", on(13, 9))
    world.event("late", on(15, 10))
    world.build(on(16), "--exclude", "crm_row_changes+", select=MODELS)
    story.build("back", on(16))
    # the clock of the builds so far ran ten days ahead, and is set back now
    for log, moment in LOGS.items():
        world.rows(f"update {log} set {moment} = {moment} + interval 10 day")
    world.logins(20, "turned")
    story.build("the last silent day", on(20))
    world.logins(21, "sold")
    story.build("end", on(21))
    return story


def test_the_first_build_announces_nobody(story):
    assert story.world.log("early") == [("qualified", "backfill"), ("lapsed", "not_a_start")]


def test_unchanged_input_changes_nothing(story):
    """Neither a full refresh nor a day without events moves a row; then only one that lapses moves."""
    assert story.changed("told", "again") == set()
    assert story.changed("again", "a day later") == set()
    assert story.changed("a day later", "one lapses") == {"early"}


def test_lapsing_and_coming_back_is_one_new_event(story):
    expected = [("qualified", ""), ("lapsed", "not_a_start"), ("requalified", ""), ("lapsed", "not_a_start")]
    assert story.world.log("acme") == expected, "also where builds died in between"


def test_an_event_that_came_late_is_delivered(story):
    told = (
        "select event_at < timestamp '2026-03-15 12:00', is_late_arriving, is_notifiable from fct_pql_events"
    )
    assert story.world.rows(f"{told} where pql_account_id = 'late' and is_start") == [(True, True, True)]
    assert story.changed("lapsed", "back") == {"acme", "sold", "late"}
    known = max(moment for _, moment in story.states["lapsed"].values())
    assert story.states["back"]["late"][1] > known, "the cursor is when we knew, not when it happened"


def test_a_clock_that_was_set_back_hides_nothing(story):
    """What is added later is the latest: in the row for the CRM, for whoever reads on, in the log."""
    row = story.rows["end"]["sold"]
    assert (row["pql_status"], row["is_pql"]) == ("active", True)
    assert row["row_changed_at"] > max(moment for _, moment in story.states["the last silent day"].values())
    assert story.world.rows("select arg_max(pql_account_id, logged_at) from fct_pql_events") == [("sold",)]


def test_a_rejection_suppresses_as_long_as_configured(story):
    """Ten days: not on the tenth day, the 20th, and again from the 21st on."""
    expected = ["", "not_a_start", "sales_feedback", "not_a_start", ""]
    assert [silent for _, silent in story.world.log("sold")] == expected
    assert [silent for _, silent in story.world.log("turned")] == ["", "not_a_start", "sales_feedback"]


def test_a_rewritten_past_is_corrected_not_rewritten(story):
    expected = [("qualified", ""), ("withdrawn", "not_a_start"), ("reinstated", "already_told")]
    assert story.world.log("redo") == [*expected, ("lapsed", "not_a_start")]
    assert story.changed("one lapses", "rewritten") == {"gone", "redo"}


def test_an_account_that_disappears_stays_in_the_tables(story):
    found = "select is_pql, pql_status, qualified_at is not null from crm_pql_accounts"
    assert story.world.rows(f"{found} where pql_account_id = 'gone'") == [(False, "deleted", True)]


def test_what_was_sent_once_never_disappears(story):
    """Neither a key nor a date: a null means another thing to every tool."""
    [(trial_ends_on,)] = story.world.rows(
        "select trial_ends_on from crm_pql_accounts where pql_account_id = 'gone'"
    )
    assert str(trial_ends_on) == "2026-03-30"
    builds = list(story.rows.values())
    for before, after in pairwise(builds):
        assert before.keys() <= after.keys()
        for account, row in before.items():
            dates = {name for name, value in row.items() if isinstance(value, date)}
            assert all(after[account][name] is not None for name in dates), account


def test_weeks_are_split_by_segment_as_at_the_qualification(story):
    announced = "select segment, sum(announced_pqls) from mart_pql_weekly group by segment"
    assert dict(story.world.rows(announced)) == {"none": 6, "team": 2}
    assert story.world.rows("select segment from mart_pql_accounts where account_id = 'late'") == [("none",)]


def test_a_holdout_is_not_announced_and_counts_beside_the_contacted(story, tmp_path):
    world = story.world.copy(tmp_path / "held")
    names = [f"half{number}" for number in range(40)]
    world.account(*names)
    world.logins(22, *names)
    world.build(on(22), pql_holdout_share=0.5)
    log = "select silent_because, count(*) from fct_pql_events where pql_account_id like 'half%' group by 1"
    drawn = dict(world.rows(log))
    assert drawn.keys() == {"", "holdout"} and drawn[""] + drawn["holdout"] == 40 and min(drawn.values()) > 9
    cards = "select pql_status, is_pql, count(*) from crm_pql_accounts where pql_account_id like 'half%'"
    assert set(world.rows(f"{cards} group by all")) == {
        ("active", True, drawn[""]),
        ("held_out", False, drawn["holdout"]),
    }
    arms = "select arm, announced from pql_sales_precision where kind = 'definition'"
    assert dict(world.rows(arms)) == {"contacted": 8 + drawn[""], "holdout": drawn["holdout"]}


def test_changed_rules_and_earlier_moments_announce_nothing(story):
    assert story.lengths["restored"] == story.lengths["other rules"] == story.lengths["earlier"]


def test_what_sales_made_of_it(story):
    columns = "pql_account_id, disposition, disposition_reason, minutes_to_first_touch, is_contacted_in_time"
    answered = f"select {columns} from fct_pql_sales_outcomes where disposition <> 'none' order by 1"
    assert story.world.rows(answered) == [
        ("redo", "accepted", "", 60, True),
        ("sold", "rejected", "other", 1260, True),
        ("turned", "rejected", "", None, False),
    ]
    counts = "select announced, answered, accepted, rejected from pql_sales_precision"
    assert story.world.rows(f"{counts} where kind = 'definition'") == [(8, 3, 1, 2)]


def test_the_report_says_how_fast_sales_was(story):
    rows = story.world.dictionaries(
        FEEDBACK.replace("{{ ref('fct_pql_sales_outcomes') }}", "fct_pql_sales_outcomes")
    )
    cards = {card.label: card.detail for card in speed_to_lead({"feedback": rows}).cards}
    assert cards["Touched"] == "2 of 8 notices"
    assert cards["Accepted"] == "1 of 3 notices that sales judged"
