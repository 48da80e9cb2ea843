#!/usr/bin/env python
"""Build the PQL mart on demo data and show what is in it.

    python scripts/demo.py                                    # what `make demo` runs
    python scripts/demo.py --vars '{pql_as_of: 2026-05-31}'   # as it stood at the end of May
    PQL_DATA_DIR=exports python scripts/demo.py               # on the data in exports/

Makes the demo data where there are none (never where PQL_DATA_DIR names others), runs `dbt build`, and prints
a summary. The demo's last day is delivered after a first build, so that the second one has something to tell
sales: what a first build finds is history. Safe to run again.

Exit codes: 0 built and shown; 1 the build failed; 2 anything else.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from pql_tools.console import error, make_console
from pql_tools.warehouse import Warehouse, WarehouseError, open_warehouse, warehouse_parser
from pql_tools.warehouse.run_dbt import Dbt
from rich.markup import escape
from rich.table import Table

SCRIPTS = Path(__file__).resolve().parent
STATUSES = {
    "active": "PQLs now",
    "converted": "converted",
    "excluded": "excluded",
    "closed": "closed",
    "lapsed": "lapsed",
    "never": "never a PQL",
}


class StepFailed(Exception):
    """A step of the demo failed; its own words have been shown."""


def run_step(label: str, command: list[str], folder: Path, keep_going: bool = False) -> str | None:
    """Run a command behind a spinner; what it said comes back, or is shown if it fails."""
    console = make_console(stderr=True)
    with console.status(label):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    if done.returncode and not keep_going:
        sys.stderr.write(done.stdout + done.stderr)
        error(f"{label} failed, see above")
        raise StepFailed
    return None if done.returncode else done.stdout


def oddities(said: str) -> list[str]:
    """What the build warned of in the data, without what dbt adds on the tests that found it."""
    warnings = re.findall(r"\[WARNING\]: (.+)", said)
    return [warning for warning in warnings if not warning.startswith(("in test ", "Got "))]


def make_data(project: Path) -> None:
    """Make the demo data, unless they are there or the user has other data."""
    if "PQL_DATA_DIR" in os.environ or (project / "demo_data").exists():
        return
    script = [sys.executable, str(SCRIPTS / "simulate_events.py"), "--last-day-apart"]
    if subprocess.run(script, cwd=project, stdout=subprocess.DEVNULL).returncode:
        raise StepFailed


def waiting_day(project: Path) -> list[Path]:
    """The files of the demo's last day, until they are delivered."""
    if "PQL_DATA_DIR" in os.environ:
        return []
    return sorted((project / "demo_data" / "events_last_day").glob("*.parquet"))


def deliver(files: list[Path]) -> None:
    """Lay the files beside the events that came before."""
    for file in files:
        file.rename(file.parent.parent / "events" / f"last_day_{file.name}")


def write_report(dbt: Dbt) -> Path | None:
    """Write the HTML report and return where it is; the demo goes on without it."""
    report = dbt.project_dir / "reports" / "pql_report.html"
    command = [sys.executable, str(SCRIPTS / "report.py"), *dbt.options()]
    said = run_step("Writing the report", command, dbt.project_dir, keep_going=True)
    return report if said is not None and report.exists() else None


def headline(warehouse: Warehouse) -> str:
    """How much there is, and as of when."""
    made = warehouse.rows("select * from {{ ref('pql_build') }}")[0]
    lost = warehouse.rows(
        "select sum(duplicates) as again, sum(rejected) as bad from {{ ref('event_quality') }}"
    )[0]
    as_of = f"{made['as_of']:%Y-%m-%d %H:%M} UTC" if made["as_of"] else "no event yet"
    lost = f"{int(lost['again'] or 0):,} duplicates, {int(lost['bad'] or 0):,} rejected"
    return (
        f"[bold]{made['accounts']:,} accounts[/] as of [bold]{as_of}[/], "
        f"from {made['raw_events']:,} raw events ({lost})"
    )


def status_table(warehouse: Warehouse) -> Table:
    """How many accounts stand where, and how many became a PQL last week."""
    sql = "select pql_status, count(*) as accounts from {{ ref('pql_accounts') }} group by pql_status"
    counts = {row["pql_status"]: row["accounts"] for row in warehouse.rows(sql)}
    table = Table(box=None, pad_edge=False, header_style="dim")
    row = []
    for status, label in STATUSES.items():
        table.add_column(label, justify="right")
        row.append(f"{counts.get(status, 0):,}")
    row[0] = f"[bold green]{row[0]}[/]"
    table.add_column("new last week", justify="right")
    table.add_row(*row, f"[bold]{new_last_week(warehouse):,}[/]")
    return table


def new_last_week(warehouse: Warehouse) -> int:
    """How many accounts became a PQL for the first time in the last whole week (Monday, UTC)."""
    as_of = warehouse.rows("select as_of from {{ ref('pql_build') }}")[0]["as_of"]
    if not as_of:
        return 0
    monday = as_of.date() - timedelta(days=as_of.weekday())
    sql = f"""
        select count(*) as leads
        from {{{{ ref('pql_accounts') }}}}
        where first_qualified_at >= timestamp '{monday - timedelta(days=7)} 00:00:00'
            and first_qualified_at < timestamp '{monday} 00:00:00'
    """
    return warehouse.rows(sql)[0]["leads"]


def lead_table(warehouse: Warehouse) -> Table:
    """The ten leads with the highest score, the newest first among equals."""
    leads = warehouse.rows("""
        select coalesce(account_name, account_id) as account, pql_tier, pql_score, qualified_at, reason
        from {{ ref('pql_accounts') }}
        where is_pql
        order by coalesce(pql_score, 0) desc, qualified_at desc, account_id
        limit 10
    """)
    table = Table(title="Top ten", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name, options in {"account": {}, "tier": {}, "score": {"justify": "right"}, "since": {}}.items():
        table.add_column(name, header_style="dim", no_wrap=True, **options)
    table.add_column("reason", header_style="dim")
    for lead in leads:
        score = "" if lead["pql_score"] is None else f"{lead['pql_score']:g}"
        table.add_row(
            *cells(lead["account"], lead["pql_tier"], score, f"{lead['qualified_at']:%d %b}", lead["reason"])
        )
    if not leads:
        table.add_row("[dim]nobody yet[/]", "", "", "", "")
    return table


def sales_table(warehouse: Warehouse) -> Table | None:
    """What this build tells sales: the first five accounts to contact; none where it tells nothing new."""
    told = warehouse.rows("""
        select
            coalesce(accounts.account_name, accounts.account_id) as account,
            accounts.queue,
            sales.contact_by,
            events.event_type,
            accounts.reason,
            count(*) over () as announced
        from {{ ref('fct_pql_events') }} as events
        inner join {{ ref('fct_pql_sales_outcomes') }} as sales on events.pql_event_id = sales.pql_event_id
        inner join {{ ref('mart_pql_accounts') }} as accounts on events.pql_account_id = accounts.account_id
        inner join {{ ref('pql_build') }} as built on events.detected_at = built.as_of
        where events.is_notifiable
        order by sales.contact_by, account
        limit 5
    """)
    if not told:
        return None
    title = f"For sales: {told[0]['announced']:,} announced by this build"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("account", "queue", "contact by"):
        table.add_column(name, header_style="dim", no_wrap=True)
    table.add_column("why", header_style="dim")
    for lead in told:
        again = "again: " if lead["event_type"] != "qualified" else ""
        contact_by = f"{lead['contact_by']:%d %b %H:%M}"
        table.add_row(*cells(lead["account"], lead["queue"], contact_by, f"{again}{lead['reason']}"))
    return table


def miss_table(warehouse: Warehouse) -> Table:
    """Five near misses: those nearest to the definition by each criterion, seen last first among equals."""
    misses = warehouse.rows("""
        select account, progress, next_step
        from (
            select
                coalesce(account_name, account_id) as account,
                next_criterion_progress as progress,
                next_step,
                distance_to_lead,
                row_number() over (
                    partition by next_criterion order by distance_to_lead, last_seen_at desc, account_id
                ) as nth
            from {{ ref('pql_accounts') }}
            where next_criterion is not null
        ) as misses
        order by nth, distance_to_lead, account
        limit 5
    """)
    table = Table(title="Nearest misses", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("account", header_style="dim", no_wrap=True)
    table.add_column("", justify="right")
    table.add_column("what is missing", header_style="dim")
    for miss in misses:
        table.add_row(*cells(miss["account"], f"{int(100 * miss['progress'])}%", miss["next_step"]))
    return table


def cells(*values: Any) -> list[str]:
    """Values as text that rich prints as it is."""
    return [escape("" if value is None else str(value)) for value in values]


def show(options: argparse.Namespace, report: Path | None, odd: list[str]) -> None:
    """Print the summary."""
    console = make_console()
    with open_warehouse(options) as warehouse:
        parts = [part(warehouse) for part in (headline, status_table, lead_table, sales_table, miss_table)]
        place = warehouse.name
    for part in filter(None, parts):
        console.print()
        console.print(part)
    console.print()
    console.print(f"[dim]warehouse[/]  {escape(place)}, table pql_accounts", soft_wrap=True)
    page = escape(str(report)) if report else "not written: `python scripts/report.py` says why"
    console.print(f"[dim]report[/]     {page}", soft_wrap=True)
    if odd:
        more = f" (and {len(odd) - 1} more: run `dbt build`)" if odd[1:] else ""
        console.print(f"[dim]odd data[/]   {escape(odd[0])}{more}", soft_wrap=True)
    console.print("[dim]next[/]       edit the criteria in vars.yml, then run this again", soft_wrap=True)


def main(argv: list[str] | None = None) -> int:
    """Make, build, show."""
    parser = warehouse_parser(__doc__)
    options = parser.parse_args(argv)
    try:
        dbt = Dbt.of(options)
        make_data(dbt.project_dir)
        if last_day := waiting_day(dbt.project_dir):
            command = dbt.command("build", "--exclude-resource-types", "test", "unit_test")
            run_step("Building the mart up to yesterday (dbt build)", command, dbt.project_dir)
            deliver(last_day)
        command = dbt.command("--no-use-colors", "build", warnings=True)
        odd = oddities(run_step("Building the mart (dbt build)", command, dbt.project_dir))
        show(options, write_report(dbt), odd)
    except StepFailed:
        return 1
    except WarehouseError as problem:
        error(str(problem))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
