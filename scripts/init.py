"""Look at your events and write a vars.yml to start from.

    python scripts/init.py --data-dir exports               guess the tracker, count events, write vars.yml
    python scripts/init.py --data-dir exports --dry-run     look only
    python scripts/init.py --data-dir exports --adapter segment --output my_vars.yml
    python scripts/init.py --schema segment_prod            tables of the warehouse, by your dbt profile
    python scripts/init.py --data-dir exports --conversions build as well, and propose criteria by discovery

The folder holds Parquet, CSV or newline JSON: a file per table, or a folder of files per table, such as
tracks.parquet or tracks/*.parquet. Of tables the newest million events are looked at. Nothing is overwritten:
a vars.yml that is there is renamed. What is not sure is asked, or said where nobody sits at a terminal.
Without --conversions nothing is written to the warehouse.
"""

import argparse
import os
import re
import subprocess
import sys
from itertools import count
from pathlib import Path
from shlex import quote

from pql_tools.config_files import block, read_yaml
from pql_tools.console import error, make_console
from pql_tools.first_steps.look import (
    Guess,
    Look,
    NothingToReadError,
    Place,
    catalogue,
    files_in,
    guess_accounts,
    guess_payments,
    guess_source,
    has,
    known_sources,
    look_at,
    paths_to_accounts,
    tables_of,
)
from pql_tools.first_steps.starter import starter
from pql_tools.harmless import harmless
from pql_tools.warehouse import WarehouseError, warehouse_parser
from pql_tools.warehouse.run_dbt import Dbt
from rich.markup import escape
from rich.prompt import Prompt
from rich.table import Table

DISCOVERY = Path(__file__).with_name("discover_criteria.py")
OWN_WAREHOUSE = Path("mine.duckdb")
SCHEMA = Path(__file__).resolve().parents[1] / "vars.schema.json"
SHOWN = 6  # columns of a table


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = warehouse_parser(__doc__)
    parser.add_argument(
        "--data-dir", type=Path, default=None, help="the folder of your files (default: $PQL_DATA_DIR)"
    )
    parser.add_argument(
        "--schema", help="a schema of the warehouse that your dbt profile names, instead of files"
    )
    parser.add_argument("--adapter", help="the adapter to use, rather than the one that fits best")
    parser.add_argument(
        "--output", type=Path, default=Path("vars.yml"), help="where to write (default: vars.yml)"
    )
    parser.add_argument("--dry-run", action="store_true", help="look, but write nothing")
    parser.add_argument(
        "--conversions", action="store_true", help="build as well, and propose criteria by discovery"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Look, guess, write the starter file; return the exit code."""
    arguments = parse(argv)
    folder = arguments.data_dir or Path(os.environ.get("PQL_DATA_DIR", ""))
    if arguments.schema and arguments.data_dir:
        error("--data-dir is for files and --schema for tables: give one of them.")
        return 2
    if not arguments.schema and (str(folder) == "." or not folder.is_dir()):
        error(
            f"--data-dir must name a folder of event files, got '{folder}'; or give the --schema of tables."
        )
        return 2
    if not arguments.schema:
        os.environ["PQL_DATA_DIR"] = str(folder.resolve())
        # the demo's warehouse keeps a log of the demo's leads, which other data must not go on with
        os.environ.setdefault("PQL_DUCKDB_PATH", str(OWN_WAREHOUSE.resolve()))
    status = make_console(stderr=True).status
    try:
        with status("asking dbt which adapters there are"):
            adapters = catalogue()
        if arguments.adapter and arguments.adapter not in adapters["pql_event_sources"]:
            error(f"unknown adapter '{arguments.adapter}'. Known: {', '.join(adapters['pql_event_sources'])}")
            return 2
        with status("looking at the events"):
            place = tables_of(arguments) if arguments.schema else files_in(folder)
            guess = guess_source(place, adapters["pql_event_sources"], arguments.adapter)
        show_place(place)
        guess = settled(guess, place, adapters["pql_event_sources"])
        with status("counting the events"):
            look = look_at(place, guess)
        if not look.counts["accounts"] and (where := account_places(place, guess)):
            guess = with_account(guess, where)
            with status("counting the events again"):
                look = look_at(place, guess)
    except (NothingToReadError, WarehouseError) as problem:
        error(str(problem))
        return 1
    if not look.counts["events"]:
        error(
            f"None of {look.counts['raw']} rows read as {guess.source['adapter']} is an event: {look.unread}"
        )
        return 1
    show(guess, look)
    payments = conversion_input(place, adapters["pql_conversion_sources"])
    inputs = [account_input(place, guess), payments, *customer_inputs(place)]
    inputs += further_inputs(place, adapters)
    if arguments.dry_run:
        return 0
    kept = put_aside(arguments.output)
    text = starter(guess, look, inputs, schema_from(arguments.output))
    arguments.output.write_text(text, encoding="utf-8")
    where = "" if arguments.schema else f"PQL_DATA_DIR={quote(str(folder))} {own_warehouse()} "
    make_console().print(
        f"\nWrote [bold]{arguments.output}[/]{f' (the old one is now {kept})' if kept else ''}. "
        f"Next: read it, then `{where}dbt build`.",
        soft_wrap=True,
    )
    return discover(arguments) if arguments.conversions else 0


def show_place(place: Place) -> None:
    """Print which tables there are, each with its first columns."""
    console = make_console()
    for name, columns in place.tables.items():
        few = ", ".join(columns[:SHOWN]) + (f", … ({len(columns)} columns)" if columns[SHOWN:] else "")
        console.print(f"[dim]saw[/] {escape(name)}: {escape(few)}", no_wrap=True, overflow="ellipsis")


def settled(guess: Guess, place: Place, adapters: dict) -> Guess:
    """The guess, with what is not sure asked of whoever sits at the terminal, or said."""
    if guess.others:
        names = [guess.source["adapter"], *guess.others]
        chosen = ask("Several trackers write such tables. Which one wrote these?", names, "--adapter")
        if chosen != names[0]:
            guess = guess_source(place, adapters, chosen)
    for ours, columns in guess.doubts.items():
        chosen = ask(f"Which column is the {ours}?", columns, "`columns` in the file written")
        if chosen != columns[0]:
            guess.source["columns"] = guess.source.get("columns", {}) | {ours: chosen}
    return guess


def account_places(place: Place, guess: Guess) -> list[str]:
    """Where in the events an account's id may stand."""
    tables = guess.source.get("tables", {})
    return paths_to_accounts(place, tables.get("events", "events"))


def with_account(guess: Guess, where: list[str]) -> Guess:
    """The guess with the place of the account's id, or the type of group that is the account."""
    chosen = where[0]
    if len(where) > 1:
        chosen = ask("Which is the account's id?", where, "`columns: {account_id: …}` in the file written")
    else:
        make_console().print(f"The account's id: no event names it, so it is read from {escape(chosen)}.")
    group = re.fullmatch(r"properties[.][$]groups[.](.+)", chosen)
    if group and "group_type" in guess.spec.get("options", {}):
        guess.source["group_type"] = group[1]
    else:
        guess.source["columns"] = guess.source.get("columns", {}) | {"account_id": chosen}
    return guess


def ask(question: str, choices: list[str], otherwise: str) -> str:
    """One of several, the likeliest first; where nobody can answer that one is taken, and said."""
    if sys.stdin.isatty():
        return Prompt.ask(
            escape(harmless(question)), choices=choices, default=choices[0], console=make_console()
        )
    rest = ", ".join(choices[1:])
    make_console().print(
        f"[yellow]![/] {escape(f'{question} Took {choices[0]}; it may be {rest}: {otherwise}.')}"
    )
    return choices[0]


def schema_from(output: Path) -> str:
    """Where the schema of vars.yml is, as an editor of that file finds it."""
    return Path(os.path.relpath(SCHEMA, output.resolve().parent)).as_posix()


def own_warehouse() -> str:
    """The setting of the DuckDB file to build in, as one would type it here."""
    path = os.environ["PQL_DUCKDB_PATH"]
    return f"PQL_DUCKDB_PATH={OWN_WAREHOUSE if path == str(OWN_WAREHOUSE.resolve()) else quote(path)}"


def put_aside(path: Path) -> Path | None:
    """Rename a file that is in the way, so that nothing is ever lost; return its new name."""
    if not path.exists():
        return None
    names = (path.with_name(f"{path.stem}.before{n or ''}{path.suffix}") for n in count())
    kept = next(name for name in names if not name.exists())
    path.rename(kept)
    return kept


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
            "No event names an account: say which column or property does, with `columns: {account_id: …}`, "
            "a path such as user_properties.company_id as well."
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


def account_input(place: Place, guess: Guess) -> tuple[str, dict]:
    """Where the accounts come from, and the variable that says so; a table of them is best."""
    adapter = guess.source["adapter"]
    if "accounts" in place.tables and not place.where:
        return "Accounts are in the file `accounts`, which needs no entry here.", {}
    if "accounts" in place.tables:
        entry = {"name": "accounts", "adapter": "canonical"} | place.where
        return "Accounts are in the table `accounts`.", {"pql_account_sources": [entry]}
    if adapter in ("segment", "rudderstack", "posthog") and "groups" in place.tables:
        entry = {"name": adapter, "adapter": adapter} | place.where
        return "One account per group.", {"pql_account_sources": [entry]}
    used = {*guess.source.get("tables", {}).values(), *guess.spec["tables"]}
    if source := guess_accounts(place, used):
        table = source["tables"]["accounts"]
        make_console().print(f"Accounts: the columns of `{escape(table)}` sound like ours.")
        return f"Accounts are in `{table}`, whose columns sound like ours.", {"pql_account_sources": [source]}
    make_console().print(
        f"[yellow]![/] No accounts in {place.name}: those that the events name are taken. "
        "A file accounts.csv (account_id, signed_up_at, plan, …) says more about them."
    )
    words = (
        "The accounts that the events name. A file `accounts` (account_id, signed_up_at, plan, …) beside\n"
        "the events says more: put it there and take this variable out."
    )
    return words, {"pql_account_sources": [{"name": "events", "adapter": "events"}]}


def sources_input(words: str, variable: str, sources: list[dict]) -> tuple[str, dict]:
    """A variable with its sources; those that lack where our account id is stand in the words."""
    waiting = [source for source in sources if not source.get("product_account_id", True)]
    ready = [source for source in sources if source not in waiting]
    if waiting:
        entries = [source | {"product_account_id": "WHERE_OUR_ACCOUNT_ID_IS"} for source in waiting]
        words += "\n" + block({variable: entries}, levels=2).rstrip()
    return words, {variable: ready} if ready else {}


def conversion_input(place: Place, adapters: dict) -> tuple[str, dict]:
    """Where the first payments come from; deals of a CRM only where no billing system is there."""
    found = known_sources(place, adapters)
    chosen = [source for source in found if "product_account_id" not in source]
    if "conversions" in place.tables:
        chosen.append({"name": "payments", "adapter": "canonical"} | place.where)
    chosen = chosen or found
    if len(chosen) == 1:
        chosen = [chosen[0] | {"name": "payments"}]
    if chosen:
        return sources_input("First payments.", "pql_conversion_sources", chosen)
    if source := guess_payments(place):
        table = source["tables"]["conversions"]
        make_console().print(
            f"[yellow]![/] No payments that a known system wrote, but `{escape(table)}` sounds like some: "
            "the file written says in a comment which column may be which. Correct it, take out the #."
        )
        words = f"First payments: `{table}` sounds like them. Say which rows were paid, and take out the #."
        return f"{words}\n{block({'pql_conversion_sources': [source]}, levels=2).rstrip()}", {}
    make_console().print(
        f"[yellow]![/] No payments in {place.name} (conversions, or a billing system's or CRM's tables): "
        "put who paid first when into seeds/conversions.csv, in place of the accounts of the demo."
    )
    return "First payments are in seeds/conversions.csv (account_id, converted_at, plan, amount).", {}


OF_STRIPE = ("status", "customer|customer_id")  # of a table `subscriptions`, which others have as well
CRM_TABLES = {
    "hubspot": ("contacts", "company_property_history", "contact_property_history"),
    "salesforce": ("leads", "lead_history"),
}


def customer_inputs(place: Place) -> list[tuple[str, dict]]:
    """Who stopped paying and what marketing and sales call a lead, where tables tell of it."""
    found = []
    for table, variable, about in (
        ("subscription_ends", "pql_subscription_end_sources", "Who stopped paying."),
        ("lead_stages", "pql_lead_stage_sources", "When leads became MQLs and SQLs."),
    ):
        if table in place.tables and place.where:
            found.append((about, {variable: [{"name": table, "adapter": "canonical"} | place.where]}))
    if all(has(place.tables.get("subscriptions", []), wanted) for wanted in OF_STRIPE):
        entry = {"name": "payments", "adapter": "stripe"} | place.where
        found.append(("Who stopped paying.", {"pql_subscription_end_sources": [entry]}))
    for adapter, tables in CRM_TABLES.items():
        if set(tables) & place.tables.keys():
            entry = {"name": adapter, "adapter": adapter, "product_account_id": "…"} | place.where
            written = block({"pql_lead_stage_sources": [entry]}, levels=2).rstrip()
            words = "When leads became MQLs and SQLs: say which property holds the product's account id."
            found.append((f"{words}\n{written}", {}))
    return found


FURTHER = (
    ("pql_feedback_sources", "What sales answered."),
    ("pql_crm_record_sources", "Which record of the CRM is which account."),
)


def further_inputs(place: Place, adapters: dict) -> list[tuple[str, dict]]:
    """Sources of another kind that are there as well."""
    found = [(words, variable, known_sources(place, adapters[variable])) for variable, words in FURTHER]
    return [sources_input(*about) for about in found if about[-1]]


def discover(arguments: argparse.Namespace) -> int:
    """Build with the file just written, and hand over to the discovery of criteria."""
    variables = read_yaml(arguments.output)["vars"] | arguments.vars
    dbt = Dbt.of(arguments)._replace(variables=variables)
    make_console().print("\nBuilding, to compare with who paid …")
    if not dbt.show("build", "--exclude-resource-types", "test unit_test"):
        return 1
    make_console().print("Criteria that predict a first payment:\n")
    return subprocess.run([sys.executable, DISCOVERY, *dbt.options()]).returncode


if __name__ == "__main__":
    sys.exit(main())
