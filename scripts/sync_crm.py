"""Send changed PQL rows to HubSpot, Salesforce or Attio.

For teams without a reverse-ETL tool. Reads the CRM's delta, such as crm_hubspot_companies_delta, the
rows that the CRM does not have yet as they are now, and sends only the fields that this project owns. What
became of each row is written to crm_sync_results at once: a run that was killed goes on where it stopped, a
row that failed is tried again next time, and a second run sends nothing. While the CRM is waited for, the
warehouse is open to others. scripts/pql_tools/http.py says what is tried again within a run.

Credentials come from the environment and are never printed:
  HUBSPOT_ACCESS_TOKEN                               a private app's token with crm.objects.companies.write
  SALESFORCE_INSTANCE_URL, SALESFORCE_ACCESS_TOKEN   such as https://example.my.salesforce.com
  ATTIO_ACCESS_TOKEN                                 with record_permission:read-write
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from pql_tools.arguments import seconds, whole_number
from pql_tools.console import error, make_console, progress_bar
from pql_tools.crm.clients import CLIENTS
from pql_tools.crm.outcome import Outcome
from pql_tools.harmless import harmless
from pql_tools.http import DeliveryError, plain
from pql_tools.warehouse import (
    Warehouse,
    WarehouseBusy,
    WarehouseError,
    WritableWarehouse,
    find_profiles_dir,
    find_project_dir,
    warehouse_parser,
)
from pql_tools.warehouse.turns import alone, patiently
from rich.markup import escape
from rich.table import Table

# to ask what changed among a million accounts takes seconds, so that it is not asked for every batch
ROWS_READ_AT_ONCE = 20_000
EXAMPLES = """
examples:
  python scripts/sync_crm.py hubspot --dry-run            every row as it would be sent, one JSON line each
  python scripts/sync_crm.py hubspot                      send
  python scripts/sync_crm.py salesforce --limit 10        send ten rows, to see that it works

Only accounts with a CRM record of their own (crm_identity_seed) are sent, unless the variable
pql_crm_create_records is true: then records are made for the others.

exit codes: 0 all sent, 1 some rows failed (they are tried again next time), 2 nothing more could be sent
"""


def main(argv: list[str] | None = None) -> int:
    """Synchronise, and return the exit code."""
    options = parse(argv)
    try:
        return sync(options)
    except (WarehouseError, DeliveryError) as problem:
        error(str(problem))
        return 2
    except KeyboardInterrupt:
        error("Stopped. What the CRM had confirmed is in crm_sync_results; the next run sends the rest.")
        return 2


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument("crm", choices=CLIENTS, help="where to send to")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, send nothing")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="send at most N rows")
    parser.add_argument(
        "--pause", type=seconds, default=1.0, metavar="SECONDS", help="first pause before a retry; default: 1"
    )
    parser.add_argument(
        "--poll",
        type=seconds,
        default=2.0,
        metavar="SECONDS",
        help="how often to ask for a bulk job; default: 2",
    )
    parser.add_argument(
        "--timeout",
        type=whole_number,
        default=60,
        metavar="SECONDS",
        help="how long to wait for an answer; default: 60",
    )
    return parser.parse_args(argv)


def sync(options: argparse.Namespace) -> int:
    """Send what the CRM does not have; return the exit code."""
    client_type = CLIENTS[options.crm]
    client = None if options.dry_run else connect(client_type, options)
    project_dir = find_project_dir(options.project_dir)
    kind = Warehouse if options.dry_run else WritableWarehouse
    warehouse = kind(
        project_dir, find_profiles_dir(options.profiles_dir, project_dir), options.target, options.vars
    )
    try:
        if options.dry_run:
            return show(warehouse, client_type, options, count(warehouse, options))
        with alone(f"sync to {options.crm}", warehouse):
            return send(Results(warehouse, client), client, options, count(warehouse, options))
    finally:
        warehouse.close()


def connect(client_type, options: argparse.Namespace):
    """The client of the CRM, signed in."""
    try:
        return client_type(options.pause, options.poll, options.timeout)
    except ModuleNotFoundError as problem:
        raise DeliveryError(
            f"The package {problem.name} is not installed: install the extra `crm` of pyproject.toml."
        ) from None


def count(warehouse: Warehouse, options: argparse.Namespace) -> int:
    """How many rows there are to send."""
    [row] = warehouse.rows(f"select count(*) as n from {{{{ ref('{CLIENTS[options.crm].table}_delta') }}}}")
    return min(int(row["n"]), options.limit or int(row["n"]))


def pages(warehouse: Warehouse, client_type, options: argparse.Namespace, total: int) -> Iterator[list[dict]]:
    """Yield batches in the order of their keys; what is delivered meanwhile leaves the view behind us."""
    last, left = None, total
    while left:
        after = f"where delta.{client_type.key} > {warehouse.literal(last)}" if last is not None else ""
        table, key = client_type.table, client_type.key
        sql = (
            f"select {client_type.takes}.*, coalesce(links.crm_record_id, '') as crm_record_id"
            f" from {{{{ ref('{table}_delta') }}}} as delta"
            f" inner join {{{{ ref('{table}') }}}} as typed on delta.{key} = typed.{key}"
            f" left join {{{{ ref('crm_identity_seed') }}}} as links"
            f" on delta.{key} = links.pql_account_id"
            f" and links.crm_system = '{options.crm}' and not links.is_ambiguous"
            f" {after} order by delta.{key} limit {min(ROWS_READ_AT_ONCE, left)}"
        )
        rows = patiently(lambda query=sql: warehouse.rows(query))
        warehouse.release()
        if not rows:
            return
        if not {client_type.key, client_type.hash_column} <= rows[0].keys():
            raise WarehouseError(f"{table}_delta is that of an earlier version: run `dbt build` first.")
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
            print(harmless(json.dumps(payload(client_type, row, record), ensure_ascii=False)))
    requests = -(-total // client_type.batch_size)
    make_console(stderr=True).print(
        f"{total} rows would be sent to {options.crm} in {requests} batches: {linked} updates, "
        f"{total - linked} that may create a record. Nothing was sent.",
        soft_wrap=True,
    )
    return 0


def send(results: Results, client, options: argparse.Namespace, total: int) -> int:
    """Send page by page, noting what the CRM answers to each; return the exit code."""
    outcomes: list[Outcome] = []
    with progress_bar() as progress:
        task = progress.add_task(f"Sending to {options.crm}", total=total)
        for rows in pages(results.warehouse, type(client), options, total):
            records = [row.pop("crm_record_id") for row in rows]
            waiting = {row[client.key] for row in rows}
            try:
                for done in client.deliver(rows, records):
                    results.note(rows, done)
                    outcomes += done
                    waiting -= {outcome.account_id for outcome in done}
                    progress.advance(task, len(done))
            except DeliveryError as problem:
                results.note(rows, [Outcome(account, problem.code) for account in sorted(waiting)])
                results.finish()
                raise
    results.finish()
    return report(outcomes, options.crm)


class Results:
    """What became of rows, on its way to crm_sync_results; it waits there while a build has the warehouse."""

    def __init__(self, warehouse: WritableWarehouse, client):
        self.warehouse, self.client = warehouse, client
        self.run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        self.waiting: list[tuple[str, ...]] = []

    def note(self, rows: list[dict], done: list[Outcome]) -> None:
        """Take down what became of rows, in the warehouse if that is free."""
        hashes = {row[self.client.key]: row[self.client.hash_column] for row in rows}
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        self.waiting += [
            (self.client.name, outcome.account_id, hashes[outcome.account_id],
             "failed" if outcome.error_code else "delivered", outcome.error_code, now)
            for outcome in done
        ]  # fmt: skip
        with contextlib.suppress(WarehouseBusy):
            self._write()

    def finish(self) -> None:
        """Write what still waits, as soon as the warehouse is free."""
        try:
            patiently(self._write)
        except WarehouseError as problem:
            raise WarehouseError(
                f"What became of {len(self.waiting)} rows could not be noted in crm_sync_results, so that "
                f"the next run sends them again, with the same values. {problem}"
            ) from problem

    def _write(self) -> None:
        literal = self.warehouse.literal
        rows = [
            f"({', '.join(map(literal, (self.run_id, 'sync_crm', *texts)))}, timestamp '{moment}')"
            for *texts, moment in self.waiting
        ]
        if rows:
            self.warehouse.execute(
                "insert into {{ ref('crm_sync_results') }}"
                " (sync_run_id, tool, target, pql_account_id, row_hash, status, error_code, attempted_at)"
                f" values {', '.join(rows)}"
            )
            self.waiting = []
        self.warehouse.release()


def report(outcomes: list[Outcome], crm: str) -> int:
    """Say what came of the rows; return the exit code."""
    console = make_console()
    failed = [outcome for outcome in outcomes if outcome.error_code]
    console.print(f"{len(outcomes) - len(failed)} rows delivered to {crm}, {len(failed)} failed.")
    if not failed:
        return 0
    table = Table("error", "rows", "for example", "which says", box=None, header_style="bold")
    examples = {outcome.error_code: outcome for outcome in reversed(failed)}
    for code, number in Counter(outcome.error_code for outcome in failed).most_common():
        example = examples[code]
        table.add_row(
            escape(code), str(number), escape(plain(example.account_id)), escape(example.message[:120])
        )
    console.print(table)
    console.print("They are in crm_sync_results and are tried again next time.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
