"""Which announcements are still to be told on a channel, and the note of what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pql_tools.notify.message import Announcement, Person
from pql_tools.warehouse import Warehouse, WarehouseError, WritableWarehouse
from pql_tools.warehouse.turns import patiently

NEEDED = ("fct_pql_events", "pql_notifications", "crm_pql_accounts", "crm_pql_contacts")


def announcements(warehouse: Warehouse, channel: str, days: int) -> tuple[list[Announcement], list[str]]:
    """What is to be told, the oldest first, and the ids of what may have been told already."""
    for model in NEEDED:
        if not warehouse.exists(model):
            hint = "" if warehouse.variable("pql_crm_enabled", True) else " with `pql_crm_enabled: true`"
            raise WarehouseError(f"The table {model} is not there yet: run `dbt build`{hint} first.")
    rows = warehouse.rows(_SQL.replace("{channel}", warehouse.literal(channel)))
    people = _people(warehouse)
    new, unconfirmed = [], []
    for row in rows:
        if row["newest"] - row["detected_at"] > timedelta(days=days):
            continue
        (unconfirmed if row["status"] == "sending" else new).append(_announcement(row, people))
    return new, unconfirmed


# the last note of each announcement on a channel; `delivered` holds whatever else was noted
_SQL = """
select
    log.pql_event_id, log.pql_account_id, log.event_type, log.tier, log.score, log.reason,
    cards.account_name, cards.talking_point, cards.queue, cards.suggested_owner, cards.contact_by,
    cards.app_url, cards.pql_status, cards.pql_event_id as last_event_id, notes.status,
    log.detected_at, builds.newest
from {{ ref('fct_pql_events') }} as log
inner join {{ ref('crm_pql_accounts') }} as cards on log.pql_account_id = cards.pql_account_id
left join (
    select
        pql_event_id,
        status,
        max(case when status = 'delivered' then 1 else 0 end) over (
            partition by pql_event_id
        ) as is_delivered,
        row_number() over (
            partition by pql_event_id
            order by noted_at desc, case status when 'sending' then 2 else 1 end
        ) as recency
    from {{ ref('pql_notifications') }}
    where channel = {channel}
) as notes on log.pql_event_id = notes.pql_event_id and notes.recency = 1
cross join (select max(detected_at) as newest from {{ ref('fct_pql_events') }}) as builds
where
    log.is_notifiable
    and coalesce(notes.is_delivered, 0) = 0
    and cards.pql_status <> 'held_out'
order by log.detected_at, log.event_at, log.pql_event_id
"""


def _people(warehouse: Warehouse) -> dict[str, list[Person]]:
    """The people to talk to now, of each account."""
    rows = warehouse.rows(
        "select * from {{ ref('crm_pql_contacts') }} where contact_status = 'contact'"
        " order by pql_account_id, contact_rank"
    )
    people: dict[str, list[Person]] = {}
    for row in rows:
        name = f"{row['user_id']} <{row['email']}>" if row["email"] else row["user_id"]
        found = Person(name, str(row.get("role") or ""), row["does_most"])
        people.setdefault(row["pql_account_id"], []).append(found)
    return people


def _announcement(row: dict, people: dict[str, list[Person]]) -> Announcement:
    is_last = row["last_event_id"] == row["pql_event_id"]
    return Announcement(
        event_id=row["pql_event_id"],
        account_id=row["pql_account_id"],
        account_name=row["account_name"],
        event_type=row["event_type"],
        tier=row["tier"] or "",
        score=int(row["score"] or 0),
        reason=row["reason"] or "",
        talking_point=row["talking_point"] or "",
        queue=row["queue"] or "",
        suggested_owner=row["suggested_owner"] or "",
        contact_by=row["contact_by"] if is_last else None,
        app_url=row["app_url"] or "",
        standing=row["pql_status"] or "",
        people=people.get(row["pql_account_id"], []),
    )


class Notes:
    """The ledger of one run on one channel, each entry durable before the next step."""

    def __init__(self, warehouse: WritableWarehouse, channel: str):
        self.warehouse, self.channel = warehouse, channel
        self.run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")

    def note(self, told: Iterable[Announcement], status: str, error_code: str = "") -> None:
        """Write it down, however long a build has the warehouse; then let others have it."""
        literal = self.warehouse.literal
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        rows = [
            ", ".join(
                map(literal, (self.run_id, self.channel, each.event_id, each.account_id, status, error_code))
            )
            for each in told
        ]
        values = ", ".join(f"({row}, timestamp '{now}')" for row in rows)
        patiently(
            lambda: self.warehouse.execute(
                "insert into {{ ref('pql_notifications') }}"
                " (run_id, channel, pql_event_id, pql_account_id, status, error_code, noted_at)"
                f" values {values}"
            )
        )
        self.warehouse.release()
