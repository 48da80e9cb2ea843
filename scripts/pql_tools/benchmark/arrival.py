"""Events in files as they would arrive: a tracker delivers by time, the simulator writes by account."""

from pathlib import Path

import duckdb


def in_order_of_arrival(data: Path) -> None:
    """Write simulated files anew, one for each week of arrival; rows without a moment are first."""
    for folder in (data / "events", data / "events_last_day"):
        parts = sorted(folder.glob("part-*.parquet"))
        with duckdb.connect() as connection:
            connection.execute("set preserve_insertion_order = false")
            connection.execute(f"create view events as from read_parquet('{folder}/part-*.parquet')")
            weeks = connection.sql(
                "select distinct date_trunc('week', received_at) from events order by 1 nulls first"
            ).fetchall()
            for number, (week,) in enumerate(weeks):
                connection.execute(
                    f"""
                    copy (
                        from events
                        where received_at >= $week and received_at < $week + interval 7 days
                            or ($week is null and received_at is null)
                        order by received_at
                    ) to '{folder}/week-{number:03d}.parquet'
                    """,
                    {"week": week},
                )
        for part in parts:
            part.unlink()
