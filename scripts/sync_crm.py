"""Send changed PQL rows to HubSpot or Salesforce.

For teams without a reverse-ETL tool. Reads crm_hubspot_companies_delta or crm_salesforce_accounts_delta, the
rows that the CRM does not have yet as they are now, and sends only the fields that this project owns. What
became of each row is written to crm_sync_results at once: a run that was killed goes on where it stopped, a
row that failed is tried again next time, and a second run sends nothing.

Credentials come from the environment and are never printed:
  HUBSPOT_ACCESS_TOKEN                               a private app's token with crm.objects.companies.write
  SALESFORCE_INSTANCE_URL, SALESFORCE_ACCESS_TOKEN   such as https://example.my.salesforce.com
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from pql_tools.arguments import whole_number
from pql_tools.console import error, make_console, progress_bar
from pql_tools.crm_clients import CLIENTS, CrmError, Outcome
from pql_tools.warehouse import (
    Warehouse,
    WarehouseError,
    WritableWarehouse,
    find_profiles_dir,
    find_project_dir,
    warehouse_parser,
)
from rich.markup import escape
from rich.table import Table

TABLES = {"hubspot": "crm_hubspot_companies", "salesforce": "crm_salesforce_accounts"}
# to ask what changed among a million accounts takes seconds, so that it is not asked for every batch
ROWS_READ_AT_ONCE = 20_000
EXAMPLES = """
examples:
  python scripts/sync_crm.py hubspot --dry-run            every row as it would be sent, one JSON line each
  python scripts/sync_crm.py hubspot                      send
  python scripts/sync_crm.py salesforce --limit 10        send ten rows, to see that it works

Only accounts with a CRM record of their own (crm_identity_seed) are sent, unless the variable
pql_crm_create_records is true: then records are made for the others.

exit codes: 0 all sent, 1 some rows failed (they are tried again next time), 2 nothing could be sent
"""


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    try:
        return sync(options)
    except (WarehouseError, CrmError) as problem:
        error(str(problem))
        return 2


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument("crm", choices=CLIENTS, help="where to send to")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, send nothing")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="send at most N rows")
    parser.add_argument(
        "--pause", type=float, default=1.0, metavar="SECONDS", help="first pause before a retry; default: 1"
    )
    parser.add_argument(
        "--poll",
        type=float,
        default=2.0,
        metavar="SECONDS",
        help="how often to ask for a bulk job; default: 2",
    )
    return parser.parse_args(argv)


def sync(options: argparse.Namespace) -> int:
    client_type = CLIENTS[options.crm]
    client = None if options.dry_run else connect(client_type, options)
    project_dir = find_project_dir(options.project_dir)
    kind = Warehouse if options.dry_run else WritableWarehouse
    warehouse = kind(
        project_dir, find_profiles_dir(options.profiles_dir, project_dir), options.target, options.vars
    )
    try:
        total = count(warehouse, options)
        if options.dry_run:
            return show(warehouse, client_type, options, total)
        return send(warehouse, client, options, total)
    finally:
        warehouse.close()


def connect(client_type, options: argparse.Namespace):
    try:
        return client_type(options.pause, options.poll)
    except ModuleNotFoundError as problem:
        raise CrmError(
            f"The package {problem.name} is not installed: install the extra `crm` of pyproject.toml."
        ) from None


def count(warehouse: Warehouse, options: argparse.Namespace) -> int:
    [row] = warehouse.rows(f"select count(*) as n from {{{{ ref('{TABLES[options.crm]}_delta') }}}}")
    return min(int(row["n"]), options.limit or int(row["n"]))


def pages(warehouse: Warehouse, client_type, options: argparse.Namespace, total: int) -> Iterator[list[dict]]:
    """Yield batches in the order of their keys; what is delivered meanwhile leaves the view behind us."""
    last, left = None, total
    while left:
        after = f"where delta.{client_type.key} > {warehouse.literal(last)}" if last is not None else ""
        rows = warehouse.rows(
            f"select delta.*, coalesce(links.crm_record_id, '') as crm_record_id"
            f" from {{{{ ref('{TABLES[options.crm]}_delta') }}}} as delta"
            f" left join {{{{ ref('crm_identity_seed') }}}} as links"
            f" on delta.{client_type.key} = links.pql_account_id"
            f" and links.crm_system = '{options.crm}' and not links.is_ambiguous"
            f" {after} order by delta.{client_type.key} limit {min(ROWS_READ_AT_ONCE, left)}"
        )
        if not rows:
            return
        last, left = rows[-1][client_type.key], left - len(rows)
        for start in range(0, len(rows), client_type.batch_size):
            yield rows[start : start + client_type.batch_size]


def show(warehouse: Warehouse, client_type, options: argparse.Namespace, total: int) -> int:
    """Print every row as it would be sent, and a summary beside it."""
    linked = 0
    payload = client_type.payload
    for rows in pages(warehouse, client_type, options, total):
        for row in rows:
            record = row.pop("crm_record_id")
            linked += bool(record)
            print(json.dumps(payload(client_type, row, record), ensure_ascii=False))
    requests = -(-total // client_type.batch_size)
    make_console(stderr=True).print(
        f"{total} rows would be sent to {options.crm} in {requests} batches: {linked} updates, "
        f"{total - linked} that may create a record. Nothing was sent.",
        soft_wrap=True,
    )
    return 0


def send(warehouse: WritableWarehouse, client, options: argparse.Namespace, total: int) -> int:
    run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    outcomes: list[Outcome] = []
    with progress_bar() as progress:
        task = progress.add_task(f"Sending to {options.crm}", total=total)
        for rows in pages(warehouse, type(client), options, total):
            records = [row.pop("crm_record_id") for row in rows]
            done = client.deliver(rows, records)
            record_results(warehouse, run_id, client, rows, done)
            outcomes += done
            progress.advance(task, len(rows))
    return report(outcomes, options.crm)


def record_results(
    warehouse: WritableWarehouse, run_id: str, client, rows: list[dict], done: list[Outcome]
) -> None:
    hashes = {row[client.key]: row[client.hash_column] for row in rows}
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    cells = (
        (run_id, "sync_crm", client.name, outcome.account_id, hashes[outcome.account_id],
         "failed" if outcome.error_code else "delivered", outcome.error_code)
        for outcome in done
    )  # fmt: skip
    values = ",\n".join(f"({', '.join(map(warehouse.literal, row))}, timestamp '{now}')" for row in cells)
    warehouse.execute(
        "insert into {{ ref('crm_sync_results') }}"
        " (sync_run_id, tool, target, pql_account_id, row_hash, status, error_code, attempted_at)"
        f" values {values}"
    )


def report(outcomes: list[Outcome], crm: str) -> int:
    console = make_console()
    failed = [outcome for outcome in outcomes if outcome.error_code]
    console.print(f"{len(outcomes) - len(failed)} rows delivered to {crm}, {len(failed)} failed.")
    if not failed:
        return 0
    table = Table("error", "rows", "for example", "which says", box=None, header_style="bold")
    examples = {outcome.error_code: outcome for outcome in reversed(failed)}
    for code, number in Counter(outcome.error_code for outcome in failed).most_common():
        example = examples[code]
        table.add_row(escape(code), str(number), escape(example.account_id), escape(example.message[:120]))
    console.print(table)
    console.print("They are in crm_sync_results and are tried again next time.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
