#!/usr/bin/env python
"""Tell sales of new product-qualified leads: to Slack or Teams, or by e-mail.

Reads what fct_pql_events announces (is_notifiable: no backfill, no cool-down, no rejected account, nobody
held out) and sends what happened, why, whom to talk to, and a link. Each announcement is told once per
channel: it is noted in pql_notifications as `sending` before it leaves and as `delivered` after, so that a
run that is killed never tells it twice. One that stays at `sending` may have arrived or not: the next run
says so and sends it again only with --resend-unconfirmed. One that was refused, or could not leave, is tried
again next time.

What it needs comes from the environment and is never printed:
  slack   PQL_SLACK_WEBHOOK_URL   an incoming webhook
  teams   PQL_TEAMS_WEBHOOK_URL   a workflow "when a webhook request is received", or a connector
  email   PQL_SMTP_HOST, PQL_MAIL_FROM, PQL_MAIL_TO (addresses with commas between them),
          PQL_SMTP_PORT (587), PQL_SMTP_TLS (starttls, tls or none), PQL_SMTP_USER and PQL_SMTP_PASSWORD
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from pql_tools.arguments import seconds, whole_number
from pql_tools.console import error, make_console
from pql_tools.harmless import harmless
from pql_tools.http import DeliveryError
from pql_tools.notify.announcements import Notes, announcements
from pql_tools.notify.channels import CHANNELS, UNCONFIRMED
from pql_tools.notify.message import Announcement, as_slack, as_teams, as_text, subject
from pql_tools.warehouse import (
    Warehouse,
    WarehouseError,
    WritableWarehouse,
    open_warehouse,
    warehouse_parser,
)
from pql_tools.warehouse.turns import alone, patiently

EXAMPLES = """
examples:
  python scripts/notify.py slack --dry-run     the messages as they would be sent
  python scripts/notify.py slack               one message a lead
  python scripts/notify.py email --digest      one message for all of them

Run it after every build, such as hourly: dbt build && python scripts/notify.py slack

exit codes: 0 all is told, 1 a message was refused or may have been told already, 2 no more could be sent
"""
SHOWN = {"slack": as_slack, "teams": as_teams}
OF_THE_MESSAGE = ("HTTP_400", "HTTP_413")  # the next message may fare better
Refused = tuple[Announcement, str]


def main(argv: list[str] | None = None) -> int:
    """Tell what is to be told, and return the exit code."""
    options = parse(argv)
    try:
        return notify(options)
    except (WarehouseError, DeliveryError) as problem:
        error(str(problem))
        return 2
    except KeyboardInterrupt:
        error("Stopped. What was told is in pql_notifications; the next run tells the rest.")
        return 2


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument("channel", choices=CHANNELS, help="where to tell it")
    parser.add_argument("--digest", action="store_true", help="one message for all, not one for each")
    parser.add_argument("--dry-run", action="store_true", help="print the messages, send nothing")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="tell at most N announcements")
    parser.add_argument(
        "--days",
        type=whole_number,
        default=7,
        metavar="N",
        help="what is older than this is no news; default: 7",
    )
    parser.add_argument(
        "--resend-unconfirmed", action="store_true", help="send again what may have arrived already"
    )
    parser.add_argument(
        "--pause", type=seconds, default=1.0, metavar="SECONDS",
        help="between messages, and first pause before a retry; default: 1",
    )  # fmt: skip
    parser.add_argument(
        "--timeout",
        type=whole_number,
        default=30,
        metavar="SECONDS",
        help="how long to wait for an answer; default: 30",
    )
    return parser.parse_args(argv)


def notify(options: argparse.Namespace) -> int:
    """Show the messages, or send them; return the exit code."""
    if options.dry_run:
        with open_warehouse(options) as warehouse:
            return show(due(warehouse, options)[0], options)
    channel = CHANNELS[options.channel](options.pause, options.timeout)
    with (
        open_warehouse(options, WritableWarehouse) as warehouse,
        alone(f"notice by {options.channel}", warehouse),
    ):
        told, doubtful = due(warehouse, options)
        warehouse.release()
        refused = tell(told, channel, Notes(warehouse, options.channel), options)
    return report(len(told), refused, doubtful, options)


def due(warehouse: Warehouse, options: argparse.Namespace) -> tuple[list[Announcement], list[Announcement]]:
    """What is to be told now, and what may have been told already."""
    new, unconfirmed = patiently(lambda: announcements(warehouse, options.channel, options.days))
    if options.resend_unconfirmed:
        new, unconfirmed = unconfirmed + new, []
    return new[: options.limit], unconfirmed


def messages(told: list[Announcement], most: int, is_digest: bool) -> list[list[Announcement]]:
    """The announcements of each message."""
    size = most if is_digest else 1
    return [told[start : start + size] for start in range(0, len(told), size)]


def show(told: list[Announcement], options: argparse.Namespace) -> int:
    """Print each message as it would be sent, and a summary beside it."""
    ready = messages(told, CHANNELS[options.channel].most_in_digest, options.digest)
    for message in ready:
        if options.channel in SHOWN:
            print(harmless(json.dumps(SHOWN[options.channel](message), ensure_ascii=False)))
        else:
            print(harmless(f"Subject: {subject(message)}\n\n{as_text(message)}\n"))
    make_console(stderr=True).print(
        f"{len(told)} announcements would be told by {options.channel} in {len(ready)} messages. "
        "Nothing was sent.",
        soft_wrap=True,
    )
    return 0


def tell(told: list[Announcement], channel, notes: Notes, options: argparse.Namespace) -> list[Refused]:
    """Send every message, noting it before and after; what is wrong with the channel itself ends the run."""
    refused: list[Refused] = []
    for number, message in enumerate(messages(told, channel.most_in_digest, options.digest)):
        if number:
            time.sleep(options.pause)
        notes.note(message, "sending")
        try:
            channel.send(message)
        except DeliveryError as problem:
            if problem.code != UNCONFIRMED:
                notes.note(message, "failed", problem.code)
            if problem.code not in OF_THE_MESSAGE:
                raise
            refused += [(each, str(problem)) for each in message]
        else:
            notes.note(message, "delivered")
    return refused


def report(
    due: int, refused: list[Refused], doubtful: list[Announcement], options: argparse.Namespace
) -> int:
    """Say what became of everything, and what is left to do."""
    make_console().print(f"{due - len(refused)} announcements told by {options.channel}.")
    if refused:
        error(f"{len(refused)} were not taken, such as {named([refused[0][0]])}: {refused[0][1]}")
    if doubtful:
        error(
            f"{len(doubtful)} may have been told by a run that did not end: {named(doubtful)}. Look there; "
            "--resend-unconfirmed sends them again."
        )
    return 1 if refused or doubtful else 0


def named(announcements: list[Announcement]) -> str:
    """At most five accounts by name."""
    return ", ".join(each.account_name or each.account_id for each in announcements[:5])


if __name__ == "__main__":
    sys.exit(main())
