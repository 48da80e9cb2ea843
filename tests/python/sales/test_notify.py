"""Telling sales of new leads: once each, whatever the receiver does, and whenever the run is killed."""

import json
import os
import signal
import subprocess
import sys
from email import message_from_string, policy

import notify
import pytest
from crm_world import World, on
from fake_receivers import FakeMailServer, FakeWebhook
from harness import ROOT, environment

LEADS = ["acme", "bolt", "cord"]


@pytest.fixture(scope="module")
def built(project, tmp_path_factory) -> World:
    """Three leads announced, one that is held out by the draw, one that sales has rejected."""
    world = World(
        project, tmp_path_factory.mktemp("notify"), pql_app_url="https://app.test/{account_id}",
        pql_holdout_share=0.12,
    )  # fmt: skip
    world.account(*LEADS, "rejected", "held4")
    world.account("odd", account_name="<!channel> *Bold* & [x](https://evil.test)")
    world.build(on(9))
    rejection = {"feedback_id": "f1", "pql_account_id": "rejected", "disposition": "rejected"}
    world.table("crm_pql_feedback", rejection | {"dispositioned_at": on(9)})
    world.table("users", {"user_id": "user-of-acme", "account_id": "acme", "role": "admin"})
    world.logins(10, *LEADS, "rejected", "held4", "odd")
    world.build(on(10))
    return world


@pytest.fixture
def world(built, tmp_path) -> World:
    return built.copy(tmp_path)


@pytest.fixture
def announced(built) -> list[str]:
    """The accounts that are to be told, in their order."""
    sql = "select pql_account_id from fct_pql_events where is_notifiable order by event_at, pql_event_id"
    return [row[0] for row in built.rows(sql)]


def surroundings(world: World, **settings) -> dict[str, str]:
    return {"PQL_DUCKDB_PATH": str(world.path), "PQL_DATA_DIR": str(world.data), **settings}


def command(world: World, *options: str) -> list[str]:
    folder = str(world.project.folder)
    place = ["--project-dir", folder, "--profiles-dir", folder, "--vars", json.dumps(world.variables)]
    return [*options, *place, "--pause", "0.01", "--timeout", "1"]


def tell(world: World, *options: str, **settings) -> int:
    with environment(**surroundings(world, **settings)):
        return notify.main(command(world, *options))


def told(webhook: FakeWebhook) -> list[str]:
    return [message["blocks"][0]["text"]["text"].split(" is a")[0] for message in webhook.messages]


def notes(world: World) -> list[tuple]:
    return world.rows("select status, count(*) from pql_notifications group by status order by status")


def test_what_a_rep_reads_and_who_is_left_alone(world, announced, capsys):
    assert sorted(announced) == [*LEADS, "odd"], "held4 is drawn to be held out"
    with FakeWebhook() as slack:
        assert tell(world, "slack", "--dry-run", PQL_SLACK_WEBHOOK_URL=slack.url) == 0
        assert slack.calls == 0 and "Nothing was sent" in capsys.readouterr().err
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == 0
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == 0
        assert len(slack.messages) == len(announced), "once each"
        by_text = {message["text"]: message["blocks"] for message in slack.messages}
    acme = by_text["Acme is a product-qualified lead (hot, score 40)"]
    assert acme[1]["text"]["type"] == "plain_text" and acme[1]["accessory"]["url"] == "https://app.test/acme"
    assert acme[1]["text"]["text"].split("\n") == [
        "Why: 2 events in 3 days", "Open with: Ask how the team logs in",
        "Talk to: user-of-acme, admin (login)", "For: small business",
        "Contact by: Wed 11 Mar 2026, 12:00 UTC",
    ]  # fmt: skip
    assert [text for text in by_text if text.startswith("&lt;!channel&gt;")]
    with FakeWebhook((202, "")) as teams:
        assert tell(world, "teams", "--digest", PQL_TEAMS_WEBHOOK_URL=teams.url) == 0
        [card] = [message["attachments"][0]["content"] for message in teams.messages]
        assert card["body"][0]["text"] == f"{len(announced)} new product-qualified leads"
    assert notes(world) == [("delivered", 2 * len(announced)), ("sending", 2 * len(announced))]
    assert "secret-of-the-webhook" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("answers", "code", "says", "status"),
    [
        ([(429, "", {"Retry-After": "0"})] * 2, 0, "told by slack", "delivered"),
        ([(500, "", {})] * 9, 2, "gave up after several tries", "failed"),
        ([(200, "<html>log in</html>", {})], 2, "cannot be read", "failed"),
        ([(302, "", {"Location": "https://evil.test"})], 2, "not followed", "failed"),
        ([(404, "no_service", {})], 2, "no such webhook", "failed"),
        ([(400, "invalid_blocks", {})], 1, "does not take the message", "failed"),
    ],
)
def test_every_answer_ends_in_a_sentence(world, announced, capsys, answers, code, says, status):
    """And what was refused is told the next time, once."""
    with FakeWebhook() as slack:
        slack.plan = list(answers)
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == code
        said = capsys.readouterr()
        assert says in said.out + said.err and "Traceback" not in said.err
        assert (status, 1) in notes(world) or status == "delivered"
        slack.plan, slack.messages = [], [each for each in slack.messages if status != "failed" or code == 1]
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == 0
        assert len(slack.messages) == len(announced)


def test_what_may_have_arrived_is_not_sent_again_by_itself(world, announced, capsys):
    with FakeWebhook() as slack:
        slack.open_calls = 1
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == 2
        assert "gave no answer" in capsys.readouterr().err and len(slack.messages) == 2
        slack.open_calls = None
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == 1
        assert "1 may have been told" in capsys.readouterr().err
        assert sorted(told(slack)) == sorted(set(told(slack))) and len(slack.messages) == len(announced)
        assert tell(world, "slack", "--resend-unconfirmed", PQL_SLACK_WEBHOOK_URL=slack.url) == 0
        assert len(slack.messages) == len(announced) + 1
    assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL="http://127.0.0.1:9/x") == 0, (
        "there is nothing left to tell"
    )


def test_a_run_that_is_killed_tells_nobody_twice(world, announced):
    with FakeWebhook() as slack:
        slack.open_calls = 1
        place = surroundings(world, PQL_SLACK_WEBHOOK_URL=slack.url)
        script = [
            sys.executable,
            str(ROOT / "scripts/notify.py"),
            *command(world, "slack", "--timeout", "60"),
        ]
        process = subprocess.Popen(script, env=os.environ | place, stderr=subprocess.DEVNULL)
        assert slack.waiting.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        slack.door.set()
        slack.open_calls = None
        assert tell(world, "slack", PQL_SLACK_WEBHOOK_URL=slack.url) == 1
        assert sorted(told(slack)) == sorted(set(told(slack))) and len(slack.messages) == len(announced)


MAIL = {"PQL_SMTP_HOST": "127.0.0.1", "PQL_SMTP_TLS": "none", "PQL_MAIL_FROM": "pql@own.test"}


def mail(server: FakeMailServer) -> dict[str, str]:
    return MAIL | {"PQL_MAIL_TO": "sales@own.test, growth@own.test", "PQL_SMTP_PORT": str(server.port)}


def test_by_mail(world, announced, capsys):
    with FakeMailServer("RCPT") as server:
        assert tell(world, "email", **mail(server)) == 2
        assert "takes no mail for PQL_MAIL_TO" in capsys.readouterr().err
    with FakeMailServer(hangs_up=True) as server:
        assert tell(world, "email", "--limit", "1", **mail(server)) == 2
        assert "gave no answer" in capsys.readouterr().err
    with FakeMailServer() as server:
        assert tell(world, "email", "--digest", **mail(server)) == 1, "one may have arrived"
        [text] = server.messages
        read = message_from_string(text, policy=policy.default)
        assert read["Subject"] == f"{len(announced) - 1} new product-qualified leads"
        assert read["To"] == "sales@own.test, growth@own.test" and "Why: 2 events in 3 days" in text
    assert tell(world, "email", **mail(server)) == 1, "nothing is left, so that nobody is asked"


@pytest.mark.parametrize(
    ("channel", "settings", "says"),
    [
        ("slack", {"PQL_SLACK_WEBHOOK_URL": ""}, "PQL_SLACK_WEBHOOK_URL is not set"),
        ("teams", {"PQL_TEAMS_WEBHOOK_URL": "http://example.test/x"}, "begins with https://"),
        ("slack", {"PQL_SLACK_WEBHOOK_URL": "http://127.0.0.1:9/x"}, "Slack cannot be reached"),
        ("email", MAIL | {"PQL_MAIL_TO": "sales"}, "PQL_MAIL_TO must be e-mail addresses"),
        ("email", MAIL | {"PQL_MAIL_TO": "a@b.test", "PQL_SMTP_PORT": "x"}, "PQL_SMTP_PORT must be a number"),
        ("email", MAIL | {"PQL_MAIL_TO": "a@b.test", "PQL_SMTP_PORT": "9"}, "cannot be reached"),
    ],
)
def test_bad_settings_get_one_sentence(world, capsys, channel, settings, says):
    assert tell(world, channel, **settings) == 2
    [said] = capsys.readouterr().err.strip().splitlines()
    assert says in said
