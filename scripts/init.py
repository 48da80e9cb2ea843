"""Look at your event files and write a vars.yml to start from.

    python scripts/init.py --data-dir exports               guess the tracker, count events, write vars.yml
    python scripts/init.py --data-dir exports --dry-run     look only
    python scripts/init.py --data-dir exports --adapter segment --output my_vars.yml
    python scripts/init.py --data-dir exports --conversions propose criteria by discovery as well

The folder holds Parquet, CSV or newline JSON: a file per table, or a folder of files per table, such as
tracks.parquet or tracks/*.parquet. Nothing is overwritten without --force.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from pql_tools.console import error, make_console
from pql_tools.first_look import Guess, Look, NothingToReadError, catalogue, guess_source, look_at, tables_in
from pql_tools.starter import starter
from rich.markup import escape
from rich.table import Table

DISCOVERY = Path(__file__).with_name("discover_criteria.py")


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data-dir", type=Path, default=None, help="the folder of your files (default: $PQL_DATA_DIR)"
    )
    parser.add_argument("--adapter", help="the adapter to use, rather than the one that fits best")
    parser.add_argument(
        "--output", type=Path, default=Path("vars.yml"), help="where to write (default: vars.yml)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file if it is there")
    parser.add_argument("--dry-run", action="store_true", help="look, but write nothing")
    parser.add_argument(
        "--conversions", action="store_true", help="propose criteria by discovery, after a first build"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse(argv)
    folder = arguments.data_dir or Path(os.environ.get("PQL_DATA_DIR", ""))
    if not str(folder) or str(folder) == "." or not folder.is_dir():
        error(f"--data-dir must name a folder of event files, got '{folder}'.")
        return 2
    if arguments.output.exists() and not (arguments.force or arguments.dry_run):
        error(f"{arguments.output} is there already. Use --output, --force or --dry-run.")
        return 2
    os.environ["PQL_DATA_DIR"] = str(folder)
    try:
        adapters = catalogue()
        if arguments.adapter and arguments.adapter not in adapters["pql_event_sources"]:
            error(f"unknown adapter '{arguments.adapter}'. Known: {', '.join(adapters['pql_event_sources'])}")
            return 2
        guess = guess_source(folder, adapters["pql_event_sources"], arguments.adapter)
        look = look_at(guess)
    except NothingToReadError as problem:
        error(str(problem))
        return 1
    if not look.counts["events"]:
        error(
            f"None of {look.counts['raw']} rows read as {guess.source['adapter']} is an event: {look.unread}"
        )
        return 1
    show(guess, look)
    accounts = account_lines(folder, guess)
    if arguments.dry_run:
        return 0
    arguments.output.write_text(starter(guess, look, accounts))
    make_console().print(
        f"\nWrote [bold]{arguments.output}[/]. Next: read it, then `PQL_DATA_DIR={folder} dbt build`."
    )
    return discover(arguments.output) if arguments.conversions else 0


def show(guess: Guess, look: Look) -> None:
    """Print what was found."""
    console, counts, accounts = make_console(), look.counts, look.accounts
    console.print(f"\n[bold]{guess.spec['title']}[/]: {escape(guess.why)}.")
    console.print(
        f"{counts['events']:,} events of {counts['users']:,} users in {counts['accounts']:,} accounts, "
        f"{counts['first_at']:%Y-%m-%d} to {counts['last_at']:%Y-%m-%d}. Users per account: "
        f"median {accounts['users_median'] or 0}, 90% have at most {accounts['users_p90'] or 0}, "
        f"most {accounts['users_max'] or 0}.\n"
    )
    table = Table("event", box=None, pad_edge=False)
    for heading in ("events", "accounts", "users"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for name in look.names[:20]:
        note = "not counted as use" if name["is_technical"] else ""
        table.add_row(
            escape(name["event_name"]), *(f"{name[k]:,}" for k in ("events", "accounts", "users")), note
        )
    console.print(table)
    if len(look.names) > 20:
        console.print(f"… and {len(look.names) - 20} more names.")
    for problem in problems(look):
        console.print(f"[yellow]![/] {escape(problem)}")


def problems(look: Look) -> list[str]:
    """What the user should know about the quality of the events."""
    counts, found = look.counts, []
    if not counts["accounts"]:
        found.append(
            "No event names an account: say which column or property does, with `columns: {account_id: …}`."
        )
    elif counts["homeless"] > 0.1 * counts["events"]:
        share = counts["homeless"] / counts["events"]
        found.append(f"{share:.0%} of the events name no account, nor do other events of their user.")
    if counts["duplicates"]:
        found.append(f"{counts['duplicates']:,} row(s) share the id of another event; each id counts once.")
    found += [
        f"{rows:,} row(s) will be rejected: {reason.replace('_', ' ')}."
        for reason, rows in look.unread.items()
    ]
    return found


def account_lines(folder: Path, guess: Guess) -> str:
    """Where the accounts come from, as YAML; a file of them is best."""
    tables, adapter = tables_in(folder), guess.source["adapter"]
    if "accounts" in tables:
        return "  # Accounts are in the file `accounts`, which needs no entry here."
    if adapter in ("segment", "rudderstack", "posthog") and "groups" in tables:
        entry = f"    - {{name: {adapter}, adapter: {adapter}}}"
        return f"  # One account per group.\n  pql_account_sources:\n{entry}"
    make_console().print(
        f"[yellow]![/] No accounts in {folder}: those that the events name are taken. A file accounts.csv "
        "(account_id, signed_up_at, plan, …) says more about them."
    )
    return (
        "  # The accounts that the events name. A file `accounts` (account_id, signed_up_at, plan, …)\n"
        "  # beside the events says more: put it there and take these two lines out.\n"
        "  pql_account_sources:\n    - {name: events, adapter: events}"
    )


def discover(path: Path) -> int:
    """Hand over to the discovery of criteria."""
    if not DISCOVERY.exists():
        error("--conversions needs scripts/discover_criteria.py, which this version does not have.")
        return 1
    make_console().print(f"\nProposals from your conversions, to compare with {path}:")
    return subprocess.run([sys.executable, DISCOVERY]).returncode


if __name__ == "__main__":
    sys.exit(main())
