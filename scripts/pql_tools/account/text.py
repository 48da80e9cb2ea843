"""One account's story as text for a terminal of 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pql_tools.console import sparkline

from .story import Criterion, Moment, Story, when

LAST = 30  # moments, unless all are asked for
WEEKS = 52
STYLES = {"lead": "bold green", "account": "bold", "change": "cyan", "told": "magenta", "criterion": ""}


def show(story: Story, console: Console, every: bool = False) -> None:
    """Print the story, the present first."""
    account = story.account
    names = [
        account["account_name"],
        account["account_id"],
        account["domain"],
        account["plan"] and f"plan {account['plan']}",
    ]
    console.print(f"[bold]{escape(' · '.join(filter(None, names)))}[/]", soft_wrap=True)
    colour = "green" if story.status == "active" else "yellow" if story.status == "lapsed" else "dim"
    by = f"by '{escape(story.definition)}' as of {when(story.as_of)} UTC"
    console.print(f"[{colour}]{story.status}[/] {by}")
    console.print(escape(story.standing))
    if story.notice:
        console.print(f"[yellow]{escape(story.notice)}[/]")
    if story.weeks:
        weeks = story.weeks[-WEEKS:]
        console.print(
            f"\n[bold]Use by week[/] since {weeks[0][0]}, days of {escape(account['time_zone'] or 'UTC')}"
        )
        for label, place in (("events", 1), ("users", 2)):
            console.print(
                f"{label:<7}{sparkline(week[place] for week in weeks)} {weeks[-1][place]:,} this week"
            )
    shown = [criterion for criterion in story.criteria if every or criterion.is_part]
    console.print()
    console.print(met_table([criterion for criterion in shown if criterion.is_met]))
    console.print()
    console.print(missed_table([criterion for criterion in shown if not criterion.is_met]))
    console.print()
    console.print(moment_table(story.moments if every else story.moments[-LAST:]))
    if not every and len(story.moments) > LAST:
        console.print(f"[dim]… and {len(story.moments) - LAST} earlier: --all[/]")
    console.print()
    if story.rejected:
        console.print(rejected_table(story.rejected))
    else:
        console.print("[bold]Rejected or ignored[/] no row of this account")


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False
    )


def met_table(criteria: list[Criterion]) -> Table:
    """What the account meets, and since which event."""
    table = _table("What it meets")
    table.add_column("criterion", overflow="fold")
    table.add_column("since", no_wrap=True)
    table.add_column("how, and what began it", ratio=1)
    for criterion in criteria:
        notes = [
            criterion.begun_by and f"begun by {criterion.begun_by}",
            criterion.is_in_grace and "in grace: below now",
        ]
        notes += ["excludes it" if criterion.excludes else ""]
        table.add_row(
            f"[green]{escape(criterion.name)}[/]",
            when(criterion.since),
            escape("; ".join(filter(None, [criterion.words, *notes]))),
        )
    if not criteria:
        table.add_row("[dim]nothing[/]", "", "")
    return table


def missed_table(criteria: list[Criterion]) -> Table:
    """What it misses and by how much, the nearest first."""
    table = _table("What it misses")
    table.add_column("criterion", overflow="fold")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("by how much", ratio=1)
    for criterion in sorted(criteria, key=lambda criterion: -criterion.progress):
        notes = [f"met until {when(criterion.last_ended_at)}" if criterion.last_ended_at else ""]
        notes += ["would exclude it" if criterion.excludes else ""]
        share = f"{int(100 * criterion.progress)}%" if criterion.progress else "·"
        table.add_row(
            escape(criterion.name), share, escape("; ".join(filter(None, [criterion.words, *notes])))
        )
    if not criteria:
        table.add_row("[dim]nothing[/]", "", "")
    return table


def moment_table(moments: list[Moment]) -> Table:
    """What happened, in its order."""
    table = _table("What happened")
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("what", ratio=1)
    for moment in moments:
        detail = f" [dim]{escape(moment.detail)}[/]" if moment.detail else ""
        style = STYLES[moment.kind]
        title = escape(moment.title)
        table.add_row(when(moment.at), (f"[{style}]{title}[/]" if style else title) + detail)
    return table


def rejected_table(rejected: list[tuple[str, int, str]]) -> Table:
    """What of its rows counts for nothing, and why."""
    table = _table("Rejected or ignored")
    table.add_column("what", overflow="fold")
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("one of them", ratio=1, overflow="fold")
    for what, rows, example in rejected:
        table.add_row(escape(what), f"{rows:,}", escape(example))
    return table
