"""Whom to talk to at a lead, and who is one step away: who it is, what becomes of them, who sees it."""

import hashlib
import json

import pytest
from crm_world import World, declaration, on
from test_crm_values import faults

CRITERIA = [
    {"name": "inviting", "type": "event_count", "events": ["invite_sent"],
     "at_least": 3, "window": {"last_days": 3}},
    {"name": "public", "type": "event_count", "events": ["message_sent"], "where": {"channel": "public"},
     "at_least": 4, "window": {"last_days": 3}},
    {"name": "messages_each", "type": "ratio", "at_least": 50,
     "of": {"measure": "event_count", "events": ["message_sent"]}, "per": {"measure": "distinct_users"}},
    {"name": "talking", "type": "any_of", "criteria": ["inviting", "public", "messages_each"]},
]  # fmt: skip
VARIABLES = {"pql_criteria": CRITERIA, "pql_definitions": [{"name": "pql", "qualifies_when": "talking"}]}
CONTACTS = "select * from crm_pql_contacts"
NUDGES = "select * from crm_nudges"


class People(World):
    """A world in which it is said who does what."""

    def does(self, user: str, account: str, day: int, *events: str, **properties) -> None:
        for hour, name in enumerate(events):
            row = self.event(account, on(day, 6 + hour % 12), name)
            row["user_id"], row["properties"] = user, json.dumps(properties)

    def contacts(self, account: str) -> dict[str, tuple]:
        rows = self.dictionaries(f"{CONTACTS} where pql_account_id = '{account}'")
        return {row["user_id"]: (row["contact_status"], row["contact_rank"], row["uses"]) for row in rows}

    def nudges(self) -> dict[str, tuple]:
        rows = self.dictionaries(NUDGES)
        return {
            row["user_id"]: (row["nudge_status"], row["criterion_name"], int(row["missing"])) for row in rows
        }


@pytest.fixture(scope="module")
def world(project, tmp_path_factory) -> People:
    world = People(project, tmp_path_factory.mktemp("people"), **VARIABLES)
    world.account("acme", "near", "far", "wide", "other")
    world.does("ann", "acme", 10, *["invite_sent"] * 3, "page_viewed")
    world.does("bob", "acme", 10, *["page_viewed"] * 20)  # busy, but with nothing that the lead is about
    world.does("cat", "acme", 10, "invite_sent")
    world.does("dan", "acme", 9, "invite_sent", "message_sent", channel="private")
    world.does("eve", "acme", 10, *["invite_sent"] * 2)
    world.does("fred@person.test", "acme", 10, *["invite_sent"] * 5)
    world.does("gil", "near", 10, *["invite_sent"] * 2)
    world.does("hal", "near", 10, "page_viewed")
    world.does("ida", "far", 10, "invite_sent")
    world.does("ann", "other", 8, *["message_sent"] * 4, channel="public")
    for name in ("ann", "cat", "gil"):
        row = {
            "user_id": name,
            "account_id": "acme",
            "email": f" {name}.private@Person.test",
            "Role": f"{name} =role",
        }
        world.table("users", row)
    left = {"user_id": "eve", "account_id": "acme", "joined_at": on(1), "left_at": on(10, 20)}
    world.table("memberships", left)
    world.build(on(10, 21))
    return world


def test_the_three_who_did_most_of_what_the_lead_is_about(world):
    assert world.contacts("acme") == {
        "ann": ("contact", 1, 3),
        "cat": ("contact", 2, 1),
        "dan": ("contact", 3, 1),
    }
    [ann] = world.dictionaries(f"{CONTACTS} where user_id = 'ann' and pql_account_id = 'acme'")
    assert (ann["does_most"], ann["criteria_used"], str(ann["last_used_on"])) == (
        "invite sent", "inviting", "2026-03-10",
    )  # fmt: skip
    assert ann["reason"].startswith("12 invites sent") and ann["role"] == "ann =role" and ann["email"] == ""
    assert world.contacts("other") == {"ann": ("contact", 1, 4)}, "only public messages count"


def test_a_person_is_one_record_of_a_crm(world):
    rows = world.rows("select pql_user_id, pql_account_id, pql_role from crm_hubspot_contacts order by 1")
    assert rows == [("ann", "acme", "ann =role"), ("cat", "acme", "cat =role"), ("dan", "acme", "")]
    assert len(world.rows("select * from crm_salesforce_contacts_delta")) == 3
    hashes = world.rows("select pql_user_id, pql_row_hash from crm_hubspot_contacts")
    for user, row_hash in hashes[:2]:
        world.rows(
            "insert into crm_sync_results (target, pql_user_id, row_hash, status, attempted_at, sync_run_id)"
            f" values ('hubspot_contacts', '{user}', '{row_hash}', 'delivered', now(), '1')"
        )
    assert [row[0] for row in world.rows("select pql_user_id from crm_hubspot_contacts_delta")] == [
        hashes[2][0]
    ]


def test_whoever_uses_an_account_near_a_criterion_is_told_what_is_missing(world):
    assert world.nudges() == {"gil": ("near", "inviting", 1), "hal": ("near", "inviting", 1)}
    [wire] = world.dictionaries("select * from crm_nudges_wire where user_id = 'gil'")
    assert wire["next_step"] == "2 invites sent in 3 days; 3 needed"
    assert (wire["progress_pct"], wire["missing"], wire["makes_lead"], wire["role"]) == (
        "66",
        "1",
        "true",
        "gil =role",
    )


def test_every_field_fits_its_declaration(project, world):
    declared = declaration(project, world.variables)
    for rows, table in {"contacts": "crm_pql_contacts", "nudges": "crm_nudges"}.items():
        for row in world.dictionaries(f"select * from {table}"):
            assert list(row) == [field["name"] for field in declared[rows]]
            known = [field for field in declared[rows] if field["kind"] not in ("measure", "email", "id")]
            assert not [field for field in known if faults(field, row[field["name"]])]


@pytest.mark.long
def test_no_key_disappears_and_no_address_stays(world, tmp_path):
    """Nothing happens; acme lapses and near is a lead; acme is one again, by bob; bob is forgotten."""
    world = world.copy(tmp_path / "later")
    before = world.dictionaries(CONTACTS), world.dictionaries(NUDGES)
    world.build(on(11))
    assert (world.dictionaries(CONTACTS), world.dictionaries(NUDGES)) == before, "no row moves by itself"

    world.does("gil", "near", 13, *["invite_sent"] * 3)
    world.build(on(14), pql_crm_contact_emails=True, pql_crm_email_ids=True)
    assert {status for status, *_ in world.contacts("acme").values()} == {"not_a_lead"}
    assert {status for status, *_ in world.nudges().values()} == {"reached"}
    assert world.rows("select pql_email from crm_hubspot_contacts where pql_user_id = 'gil'") == [
        ("gil.private@person.test",)
    ]
    assert "fred@person.test" in world.contacts("acme"), "an id that is an address, switched on"

    world.does("bob", "acme", 16, *["message_sent"] * 5, channel="public")
    world.does("ann", "acme", 16, "message_sent", channel="public")
    world.build(on(16, 13), "--full-refresh")
    assert world.contacts("acme") == {
        "bob": ("contact", 1, 5), "ann": ("contact", 2, 1),
        "cat": ("contact", 3, 0), "dan": ("replaced", 3, 1),
    }  # fmt: skip
    for node in world.project.manifest.nodes.values():
        if node.resource_type == "model" and node.name.startswith("crm_"):
            assert "person.test" not in str(world.rows(f"select * from {node.name}")).lower(), node.name

    world.table(
        "memberships", {"user_id": "ann", "account_id": "acme", "joined_at": on(1), "left_at": on(16, 14)}
    )
    world.table("forgotten", {"kind": "user", "id_hash": hashlib.md5(b"bob").hexdigest()})
    world.build(on(16, 15), "--full-refresh")
    assert world.contacts("acme").keys() == {"ann", "cat", "dan"}
    assert world.contacts("acme")["ann"][0] == "left"
    assert not world.rows("select * from crm_salesforce_contacts_wire where pql_user_id__c = 'bob'")


def test_who_is_held_out_is_not_to_be_talked_to(world, tmp_path):
    world = world.copy(tmp_path / "held_out")
    world.build(on(10, 22), pql_holdout_share=0.999999)
    assert {status for status, *_ in world.contacts("acme").values()} == {"held_out"}
    assert {status for status, *_ in world.nudges().values()} == {"near"}, "the holdout is about sales"
