"""Events of staff, test workspaces and bots count for nothing but for who is who."""

from comparison import disagreements
from harness import CORE_MODELS
from reference.oracle import evaluate
from reference.worlds import write_world
from small_worlds import at, event, small_world

RULES = [
    {"where": {"impersonated_by": "*"}, "where_not": {"purpose": ["demo", "training"]}},
    {"user_email_domains": ["Us.test"], "events": ["login"]},
    {"account_ids": ["sandbox"]},
]
EVENTS = [
    event(at(2, 1), "login", account_id="young", properties='{"impersonated_by": "ops"}'),
    event(at(2, 2), "login", account_id="young"),
    event(at(3, 1), "login", properties='{"impersonated_by": ""}'),
    event(at(3, 2), "login", properties='{"impersonated_by": null}'),
    event(at(3, 3), "login", properties='{"impersonated_by": "ops", "purpose": "demo"}'),
    event(at(4, 1), "login", account_id=None, user_id="ann", anonymous_id="phone"),
    event(at(4, 2), "login", account_id=None, anonymous_id="phone"),
    event(at(4, 3), "search", account_id=None, anonymous_id="phone"),
    event(at(5, 1), "login", account_id=None, user_id="bob"),
    event(at(6, 1), "search", account_id="sandbox", user_id="bob"),
    event(at(6, 2), "login", account_id="nobody", properties='{"impersonated_by": "ops"}'),
    event(at(6, 3), "login", account_id="nobody"),
]


def world_of(**emails: str):
    """Ann and Bob of acme with these addresses, beside an account that signs up with its first event."""
    world = small_world(
        EVENTS,
        users=[{"user_id": user, "account_id": "acme", "email": email} for user, email in emails.items()],
    )
    world.accounts += [{"account_id": "young"}, {"account_id": "sandbox", "signed_up_at": at(1)}]
    world.variables["pql_ignored_events"] = RULES
    return world


def test_what_is_ignored_counts_nowhere_and_follows_a_users_address(project, tmp_path):
    """The second build continues the first, in which other people's events were left out."""
    for emails, ignored in (
        ({"ann": "ann@us.test", "bob": "bob@acme.test"}, 6),
        ({"ann": "ann@acme.test", "bob": " Bob@US.TEST "}, 5),
        ({"ann": "ann@us.test.acme.test", "bob": "us.test"}, 4),
    ):
        world = world_of(**emails)
        (tmp_path / "data").mkdir(exist_ok=True)
        variables = write_world(world, tmp_path / "data", tmp_path / "data")
        built = project.run_in(tmp_path, tmp_path / "data", variables, CORE_MODELS)
        assert built.run.success, built.run.output
        # the rule's domain is compared in lower case
        world.variables["pql_ignored_events"] = [
            RULES[0],
            RULES[1] | {"user_email_domains": ["us.test"]},
            RULES[2],
        ]
        assert disagreements(built, evaluate(world), world) == []
        quality = built.row("event_quality", "accepted, ignored, unattributed")
        assert quality == {"accepted": 12, "ignored": ignored, "unattributed": 1}
        signed_up = {row["account_id"]: row["signed_up_at"] for row in built.rows("dim_accounts")}
        assert signed_up["young"] == at(2, 2)
