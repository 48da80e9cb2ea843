"""The log of events: its rows in the order of receipt, written in parts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pql_tools.simulator.clock import Calendar
from pql_tools.simulator.columns import coded, event_ids, timestamps
from pql_tools.simulator.event_rows import (
    MISSING_TIME,
    Rows,
    draw_visits,
    mark_unknown_visits,
    rows_of,
    rows_of_visits,
    soil,
    stack,
    take,
)
from pql_tools.simulator.names import account_ids
from pql_tools.simulator.people import Accounts, Events, Users
from pql_tools.simulator.product import EVENT_NAMES, PROPERTIES
from pql_tools.simulator.settings import Settings
from pql_tools.simulator.units import DAY


def log_of(
    rng: np.random.Generator, events: Events, accounts: Accounts, users: Users, calendar: Calendar
) -> Rows:
    """Return the rows received within the span, in the order of receipt."""
    visits = draw_visits(rng, events, accounts, users, calendar)
    rows = stack([rows_of(rng, events, accounts, users, calendar), rows_of_visits(rng, visits)])
    rows = mark_unknown_visits(take(rows, rows["received"] < calendar.end), len(users))
    rows = soil(rng, rows, len(accounts), len(users))
    order = np.argsort(rows["received"], kind="stable")
    in_time = np.count_nonzero(rows["received"] < calendar.end)
    return take(rows, order[:in_time])


def write_log(
    rng: np.random.Generator,
    rows: Rows,
    accounts: Accounts,
    user_ids: list[str],
    calendar: Calendar,
    settings: Settings,
    out: Path,
    number: int,
) -> None:
    """Write a block's rows as one part, and one for each of the days that go apart."""
    table = log_table(rng, rows, account_ids(accounts), user_ids, calendar)
    begins = [calendar.end - days * DAY for days in settings.days_apart.values()]
    cuts = [0, *np.searchsorted(rows["received"], begins).tolist(), len(table)]
    for folder, (start, end) in zip(["events", *settings.days_apart], pairwise(cuts), strict=True):
        write_part(table.slice(start, end - start), out / folder / f"part-{number:05d}.parquet")


def log_table(
    rng: np.random.Generator, rows: Rows, accounts: list[str], users: list[str], calendar: Calendar
) -> pa.Table:
    """Return the columns of docs/specification.md §2 `events`."""
    anonymous = [f"anon_{user.removeprefix('usr_')[::-1]}" for user in users]
    return pa.table(
        {
            "event_id": event_ids(rng, rows["id"]),
            "occurred_at": timestamps(calendar, rows["occurred"], rows["occurred"] != MISSING_TIME),
            "event_name": coded(rows["name"], EVENT_NAMES),
            "user_id": coded(rows["user"], users),
            "account_id": coded(rows["account"], accounts),
            "anonymous_id": coded(rows["anonymous"], anonymous),
            "received_at": timestamps(calendar, rows["received"]),
            "properties": coded(rows["properties"], PROPERTIES),
        }
    )


def write_part(table: pa.Table, path: Path) -> None:
    """Write one part of the log; ids do not repeat, so a dictionary of them would be a waste."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=1,
        row_group_size=122_880,
        use_dictionary=["event_name", "user_id", "account_id", "anonymous_id", "properties"],
        column_encoding={"occurred_at": "DELTA_BINARY_PACKED", "received_at": "DELTA_BINARY_PACKED"},
        write_statistics=["occurred_at", "received_at"],
        store_schema=False,
    )
