"""The difference that a change would make, for people and programs."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from pql_tools.console import make_console, show_table
from pql_tools.preview.difference import Preview
from pql_tools.statistics import wilson


def show(found: Preview, names: dict[str, str], listed: int) -> None:
    """Print the difference."""
    console = make_console()
    quiet = len(found.enter) - len(found.fire_now)
    console.print(
        f"[bold]As of {str(found.as_of)[:16].replace('T', ' ')}[/]: "
        f"{len(found.enter):,} accounts enter, {len(found.leave):,} leave, "
        f"{len(found.stay):,} stay PQLs.\nOn adoption {len(found.fire_now):,} notifications fire"
        + (f"; {quiet:,} more are held back by the cool-down.\n" if quiet else ".\n")
    )
    for title, accounts in (("enter", found.enter), ("leave", found.leave)):
        if accounts and listed:
            table = Table(
                "account", "name", title=f"Accounts that {title} ({len(accounts):,})", title_justify="left"
            )
            for account in sorted(accounts)[:listed]:
                table.add_row(escape(account), escape(names.get(account, "")))
            if len(accounts) > listed:
                table.add_row("…", f"{len(accounts) - listed:,} more: --list N, or --format json")
            show_table(console, table)
    show_table(console, _weeks_table(found))
    _show_precision(console, found)


def points(difference: float) -> str:
    """A difference of shares in percentage points; what rounds to nothing has no sign."""
    return f"{100 * difference:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")


def _weeks_table(found: Preview) -> Table:
    table = Table(title="Per week, current → proposed", title_justify="left")
    for column in ("week until", "starts", "notifications", "PQLs at its end", "enter", "leave"):
        table.add_column(column, justify="left" if column == "week until" else "right")
    for week in reversed(found.weeks):
        pairs = [f"{a:,} → {b:,}" for a, b in (week.qualified, week.notified, week.active)]
        table.add_row(str(week.ends_at)[:10], *pairs, f"{len(week.enter):,}", f"{len(week.leave):,}")
    load = [sum(week.notified[side] for week in found.weeks) / len(found.weeks) for side in (0, 1)]
    table.caption = f"load for sales: {load[0]:.1f} → {load[1]:.1f} notifications a week"
    return table


def _show_precision(console, found: Preview) -> None:
    if found.precision is None:
        console.print("Precision cannot be compared: one side has no mature account at risk yet.")
    else:
        c = found.precision
        rows = [
            ("current", c.first),
            ("proposed", c.second),
            ("only current", c.swaps.first_only),
            ("only proposed", c.swaps.second_only),
        ]
        table = Table(
            "flagged by",
            title="Precision on the same accounts (mature, unpaid when flagged)",
            title_justify="left",
        )
        for column in ("precision", "95% interval", "hits of accounts"):
            table.add_column(column, justify="right")
        for label, share in rows:
            low, high = wilson(*share)
            rate = "–" if share.rate is None else f"{share.rate:.1%}"
            table.add_row(
                label, rate, f"{low:.1%} – {high:.1%}" if share.n else "–", f"{share.hits:,} of {share.n:,}"
            )
        show_table(console, table)
        test = "" if c.p_value is None else f", p = {c.p_value:.3f}"
        console.print(
            f"Proposed − current: {points(-c.difference.value)} points "
            f"({points(-c.difference.high)} to {points(-c.difference.low)}{test}), paired."
        )
    first, second = found.recall
    console.print(
        f"Recall: {first.hits:,} of {first.n:,} → {second.hits:,} of {second.n:,} payments of accounts that "
        f"were followed long enough were caught in time.\nOf all hits {found.only_caught_by[0]:,} are only "
        f"the current definition's, {found.only_caught_by[1]:,} only the proposed one's."
    )


def as_json(found: Preview) -> dict[str, Any]:
    """The difference for programs."""
    c = found.precision
    return {
        "schema_version": 1,
        "as_of": str(found.as_of),
        "enter": sorted(found.enter),
        "leave": sorted(found.leave),
        "stay": len(found.stay),
        "notifications_on_adoption": sorted(found.fire_now),
        "weeks": [
            {"until": str(w.ends_at), "new_pqls": w.qualified, "notifications": w.notified, "pqls": w.active,
             "enter": sorted(w.enter), "leave": sorted(w.leave)}
            for w in reversed(found.weeks)
        ],
        "precision": None if c is None else {
            "current": c.first._asdict(), "proposed": c.second._asdict(),
            "difference": {
                "value": -c.difference.value, "low": -c.difference.high, "high": -c.difference.low,
            },
            "p_value": c.p_value, "only_current": c.swaps.first_only._asdict(),
            "only_proposed": c.swaps.second_only._asdict(),
        },
        "recall": [share._asdict() for share in found.recall],
        "caught_only_by": found.only_caught_by,
    }  # fmt: skip
