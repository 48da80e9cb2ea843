#!/usr/bin/env python
"""Build the PQL mart on demo data and show what is in it.

    python scripts/demo.py                                    # what `make demo` runs
    python scripts/demo.py --vars '{pql_as_of: 2026-05-31}'   # as it stood at the end of May
    PQL_DATA_DIR=exports python scripts/demo.py               # on the data in exports/

Makes the demo data where there are none (never where PQL_DATA_DIR names others), runs `dbt build`, and prints
a summary. What a first build finds is history, of which sales is told nothing; so the demo's last days arrive
in two deliveries: after the first one sales is told of leads and answers (which is made up), after the second
there is what became of these, and who is to be contacted now. Safe to run again.

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
from shlex import quote
from statistics import median
from typing import Any

from pql_tools.console import error, make_console, sparkline
from pql_tools.harmless import harmless
from pql_tools.simulator.sales import write_answers
from pql_tools.warehouse import Warehouse, WarehouseError, open_warehouse, warehouse_parser
from pql_tools.warehouse.run_dbt import Dbt
from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table
from rich.text import Text

NAME, SHORT, WEEKS = 21, 8, 26  # columns of an account's name; weeks of small bars and of the trend
SCRIPTS = Path(__file__).resolve().parent
HELD_BACK, DELIVERIES = 9, ("2026-06-25", "2026-06-30")  # days, and the last ones of each delivery
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
    script = [sys.executable, str(SCRIPTS / "simulate_events.py"), "--hold-back", str(HELD_BACK)]
    if subprocess.run(script, cwd=project, stdout=subprocess.DEVNULL).returncode:
        raise StepFailed


def days_to_come(project: Path) -> list[Path]:
    """The folders of the demo's last days that are not delivered yet."""
    if "PQL_DATA_DIR" in os.environ:
        return []
    return sorted((project / "demo_data" / "events_to_come").glob("*"))


def deliver(days: list[Path]) -> None:
    """Lay the files of these days, up to the end of a delivery, beside the events that came before."""
    until = next((last for last in DELIVERIES if last >= days[0].name), days[-1].name)
    for day in days:
        if day.name <= until:
            for file in sorted(day.glob("*.parquet")):
                file.rename(day.parent.parent / "events" / f"{day.name}_{file.name}")
            day.rmdir()


def build_up_to_the_last_delivery(dbt: Dbt, options: argparse.Namespace) -> None:
    """Build on what there is, let sales answer, and deliver, until nothing is left to be delivered."""
    while days := days_to_come(dbt.project_dir):
        command = dbt.command("build", "--exclude-resource-types", "test", "unit_test")
        run_step(f"Building the mart before {days[0].name} (dbt build)", command, dbt.project_dir)
        with open_warehouse(options) as warehouse:
            told = warehouse.rows("select * from {{ ref('fct_pql_sales_outcomes') }} where arm = 'contacted'")
        write_answers(dbt.project_dir / "demo_data", told)
        deliver(days)


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
        f"[bold]{made['accounts']:,} accounts[/] as of [bold]{as_of}[/]\n"
        f"[dim]from {made['raw_events']:,} raw events: {lost}[/]"
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
    weeks = new_by_week(warehouse)
    return weeks[-1] if weeks else 0


def new_by_week(warehouse: Warehouse) -> list[int]:
    """How many accounts became a PQL for the first time in each of the last whole weeks (Monday, UTC)."""
    as_of = warehouse.rows("select as_of from {{ ref('pql_build') }}")[0]["as_of"]
    if not as_of:
        return []
    monday = as_of.date() - timedelta(days=as_of.weekday())
    first = warehouse.rows(f"""
        select first_qualified_at as at from {{{{ ref('pql_accounts') }}}}
        where first_qualified_at >= timestamp '{monday - timedelta(days=7 * WEEKS)} 00:00:00'
            and first_qualified_at < timestamp '{monday} 00:00:00'
    """)
    counts = [0] * WEEKS
    for row in first:
        counts[-1 - (monday - timedelta(days=1) - row["at"].date()).days // 7] += 1
    return counts


def trend(warehouse: Warehouse) -> str | None:
    """New PQLs by week as one line."""
    weeks = new_by_week(warehouse)
    if not sum(weeks):
        return None
    return f"[dim]new PQLs by week, the last {len(weeks)}[/]  [green]{sparkline(weeks)}[/]"


def use_by_week(warehouse: Warehouse, accounts: list[str]) -> dict[str, str]:
    """The events of the last weeks of some accounts, as small bars that end with the as-of."""
    until = warehouse.rows("select as_of from {{ ref('pql_build') }}")[0]["as_of"].date()
    names = ", ".join(warehouse.literal(account) for account in accounts)
    used = warehouse.rows(f"""
        select account_id, local_date, events from {{{{ ref('fct_account_usage_daily') }}}}
        where account_id in ({names}) and local_date > date '{until - timedelta(days=7 * SHORT)}'
    """)
    weeks = {account: [0] * SHORT for account in accounts}
    for row in used:
        if (days := (until - row["local_date"]).days) >= 0:
            weeks[row["account_id"]][-1 - days // 7] += row["events"]
    return {account: sparkline(events) for account, events in weeks.items()}


def summary_table(title: str, heads: list[str], rows: list[list[Any]], right: tuple[str, ...] = ()) -> Table:
    """A table with one line a row on any terminal, without columns in which nothing stands.

    The last column is as wide as is left.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    shown = [[cut(row[0], NAME), *("" if cell is None else str(cell) for cell in row[1:])] for row in rows]
    filled = [n for n, column in enumerate(zip(*shown, strict=True)) if any(column) or n == len(heads) - 1]
    heads, shown = [heads[n] for n in filled], [[row[n] for n in filled] for row in shown]
    widths = [max(map(cell_len, column)) for column in zip(heads, *shown, strict=True)]
    widths[-1] = max(10, make_console().width - sum(widths[:-1]) - 2 * len(widths) + 1)
    for head, width in zip(heads, widths, strict=True):
        style = "green" if head.endswith(" weeks") else None
        justify = "right" if head in right else "left"
        table.add_column(head, header_style="dim", width=width, no_wrap=True, style=style, justify=justify)
    for row in shown:
        table.add_row(*(escape(cut(cell, width)) for cell, width in zip(row, widths, strict=True)))
    return table


def cut(text: Any, width: int) -> str:
    """The text in at most so many columns of the terminal."""
    line = Text(harmless("" if text is None else str(text)))
    line.truncate(width, overflow="ellipsis")
    return line.plain


def lead_table(warehouse: Warehouse) -> Table:
    """The first ten leads, in the order of lists."""
    leads = warehouse.rows(f"""
        select
            account_id,
            coalesce(account_name, account_id) as account,
            pql_tier,
            pql_score,
            qualified_at,
            reason
        from {{{{ ref('pql_accounts') }}}}
        where is_pql
        order by {warehouse.rendered("lead_order")}
        limit 10
    """)
    use = use_by_week(warehouse, [lead["account_id"] for lead in leads]) if leads else {}
    rows = [
        [
            lead["account"],
            lead["pql_tier"],
            "" if lead["pql_score"] is None else f"{lead['pql_score']:g}",
            f"{lead['qualified_at']:%d %b}",
            use[lead["account_id"]],
            lead["reason"],
        ]
        for lead in leads
    ]
    heads = ["account", "tier", "score", "since", f"{SHORT} weeks", "reason"]
    return summary_table("Top ten", heads, rows or [["nobody yet", *[""] * 5]], right=("score",))


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
    again = {True: "", False: "again: "}
    rows = [
        [
            lead["account"],
            lead["queue"],
            f"{lead['contact_by']:%d %b %H:%M}",
            f"{again[lead['event_type'] == 'qualified']}{lead['reason']}",
        ]
        for lead in told
    ]
    return summary_table(title, ["account", "queue", "contact by", "why"], rows)


def answers(warehouse: Warehouse) -> str | None:
    """What sales made of those it had been told of before: the speed to lead, and what it thinks of them."""
    told = warehouse.rows("""
        select minutes_to_first_touch, is_contacted_in_time, is_accepted, is_rejected
        from {{ ref('fct_pql_sales_outcomes') }} as sales
        inner join {{ ref('pql_build') }} as built on sales.detected_at < built.as_of
        where sales.arm = 'contacted'
    """)
    waits = [row["minutes_to_first_touch"] for row in told if row["minutes_to_first_touch"] is not None]
    if not waits:
        return None
    count = {key: sum(bool(row[key]) for row in told) for key in list(told[0])[1:]}
    return (
        f"[bold]Of the {len(told):,} announced before[/], {len(waits):,} were contacted, "
        f"{count['is_contacted_in_time']:,} in time, the half of them within {median(waits) / 60:.0f} hours; "
        f"{count['is_accepted']:,} accepted, {count['is_rejected']:,} rejected"
    )


def miss_table(warehouse: Warehouse) -> Table:
    """Five near misses, half-way at least: by each criterion the nearest, of equals those seen last."""
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
            where next_criterion_progress >= 0.5
        ) as misses
        order by nth, distance_to_lead, account
        limit 5
    """)
    rows = [[miss["account"], f"{int(100 * miss['progress'])}%", miss["next_step"]] for miss in misses]
    return summary_table("Nearest misses", ["account", "way", "what is missing"], rows, right=("way",))


def show(options: argparse.Namespace, report: Path | None, odd: list[str]) -> None:
    """Print the summary."""
    console = make_console()
    with open_warehouse(options) as warehouse:
        parts = [
            part(warehouse)
            for part in (headline, status_table, trend, lead_table, sales_table, answers, miss_table)
        ]
        place, lead = warehouse.name, best_lead(warehouse)
    for part in filter(None, parts):
        console.print()
        console.print(part)
    console.print()
    console.print(f"[dim]warehouse[/]  {escape(place)}, table pql_accounts", soft_wrap=True)
    page = escape(str(report)) if report else "not written: `python scripts/report.py` says why"
    console.print(f"[dim]report[/]     {page}", soft_wrap=True)
    if odd:
        more = f"{len(odd)} things, the first: " if odd[1:] else ""
        console.print(f"[dim]odd data[/]   {more}{escape(odd[0])}", no_wrap=True, overflow="ellipsis")
    console.print("\n[bold]Next[/]")
    for number, (why, command) in enumerate(next_steps(lead, report), 1):
        console.print(f"{number}  [dim]{why}[/]\n   {escape(command)}", soft_wrap=True)


def best_lead(warehouse: Warehouse) -> str | None:
    """The first of the leads, else any account, to explain."""
    found = warehouse.rows(f"""
        select account_id from {{{{ ref('pql_accounts') }}}}
        order by {warehouse.rendered("lead_order")}
        limit 1
    """)
    return found[0]["account_id"] if found else None


def next_steps(lead: str | None, report: Path | None) -> list[tuple[str, str]]:
    """What to do now: a question and the command that answers it, of the same data and warehouse."""
    page = report and (os.path.relpath(report) if report.is_relative_to(Path.cwd()) else report)
    given = [name for name in ("PQL_DATA_DIR", "PQL_DUCKDB_PATH") if name in os.environ]
    python = " ".join([*(f"{name}={quote(os.environ[name])}" for name in given), "python"])
    onward = ("The same of your own events, from a folder:", "python scripts/init.py --data-dir exports")
    if "PQL_DATA_DIR" in os.environ:
        onward = ("Which criteria would find those who pay:", f"{python} scripts/discover_criteria.py")
    explain = f"{python} scripts/explain.py --account {quote(lead or 'ID')}"
    return [
        ("Why is it a lead? Its whole story, event by event:", explain),
        ("What growth and sales read on Monday, in any browser:", str(page or f"{python} scripts/report.py")),
        onward,
    ]


def main(argv: list[str] | None = None) -> int:
    """Make, build, show."""
    parser = warehouse_parser(__doc__)
    options = parser.parse_args(argv)
    try:
        dbt = Dbt.of(options)
        make_data(dbt.project_dir)
        build_up_to_the_last_delivery(dbt, options)
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
