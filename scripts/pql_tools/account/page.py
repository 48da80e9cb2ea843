"""One account's story as a page of the report's look: a timeline, what it meets and misses."""

from __future__ import annotations

from datetime import datetime

import altair as alt

from pql_tools.report.charts import GRID, MAIN, MUTED, SECOND, WIDE, draw
from pql_tools.report.page import Card, Figure, Page, Section, Table, columns

from .story import Story, when

LEADS = "lead"


def make_page(story: Story) -> Page:
    """The page of one account."""
    name = story.account["account_name"] or story.account["account_id"]
    named = [
        story.account["account_id"],
        story.account["domain"],
        story.account["plan"] and f"plan {story.account['plan']}",
    ]
    return Page(
        title=f"The story of {name}",
        subtitle=f"{' · '.join(filter(None, named))}, as of {when(story.as_of)} UTC",
        sections=[
            _standing(story),
            _timeline(story),
            _met(story),
            _missed(story),
            _moments(story),
            _rejected(story),
        ],
    )


def _standing(story: Story) -> Section:
    parts = [criterion for criterion in story.criteria if criterion.is_part]
    met = sum(criterion.is_met for criterion in parts)
    used = story.weeks[-1] if story.weeks else None
    cards = [
        Card("Status", story.status, f"by the definition '{story.definition}'"),
        Card("Criteria met", f"{met} of {len(parts)}", "that the definition rests on"),
    ]
    if used:
        cards.append(
            Card("This week so far", f"{used[1]:,} events", f"of {used[2]:,} users, since {used[0]}")
        )
    notes = [story.notice] if story.notice else []
    return Section("standing", "Where it stands", texts=[story.standing], cards=cards, notes=notes)


def _timeline(story: Story) -> Section:
    rows = _bars(story)
    if not rows:
        return Section("timeline", "Timeline", texts=["Nothing has begun yet."])
    listed = [[row["name"], row["from"], row["until"], row["note"]] for row in rows]
    table = Table(
        "Every interval of the timeline (UTC).", columns("row", "from", "until", "ended by"), listed
    )
    last = story.lead_spans[-1] if story.lead_spans else None
    summary = (
        "When the account was a lead, and when it met each criterion. "
        "A bar that reaches the right edge is still open."
        + (f" It last became a lead on {when(last['qualified_at'])}." if last else "")
    )
    parts: list[Figure | Table] = [
        Figure(
            "spans-chart",
            "Leads and criteria",
            summary,
            draw("spans", lambda width: _spans_chart(rows, width)),
            table,
        )
    ]
    if story.weeks:
        weeks = [
            {"week": f"{monday}", "events": events, "users": users} for monday, events, users in story.weeks
        ]
        by_week = [[row["week"], f"{row['events']:,}", f"{row['users']:,}"] for row in weeks]
        numbers = Table(
            "Use by week.", columns("week of", "events", "users", numbers="events; users"), by_week
        )
        busiest = max(weeks, key=lambda row: row["events"])
        words = f"The busiest week began on {busiest['week']}: {busiest['events']:,} events."
        parts.append(
            Figure(
                "use-chart",
                "Use by week",
                words,
                draw("use", lambda width: _use_chart(weeks, width)),
                numbers,
            )
        )
    return Section("timeline", "Timeline", parts=parts)


def _bars(story: Story) -> list[dict]:
    """Intervals to draw: leads first, then criteria as the configuration lists them."""
    bars = [
        _bar(
            f"{LEADS}: {span['definition_name']}",
            span["qualified_at"],
            span["ended_at"],
            span["end_reason"],
            story,
        )
        for span in story.lead_spans
    ]
    for criterion in story.criteria:
        bars += [
            _bar(criterion.name, span["started_at"], span["ended_at"], "", story)
            for span in story.criterion_spans
            if span["criterion_name"] == criterion.name
        ]
    return bars


def _bar(name: str, start: datetime, end: datetime | None, note: str | None, story: Story) -> dict:
    return {
        "name": name,
        "start": start.isoformat(),
        "end": (end or story.as_of).isoformat(),
        "from": when(start),
        "until": when(end) or "still open",
        "note": note or "",
        "kind": LEADS if name.startswith(f"{LEADS}: ") else "criterion",
    }


def _spans_chart(rows: list[dict], width: int) -> alt.Chart:
    names = list(dict.fromkeys(row["name"] for row in rows))
    room = 190 if width == WIDE else 130
    y = alt.Y(
        "name:N", sort=names, title=None, axis=alt.Axis(labelLimit=room - 10, grid=True, gridColor=GRID)
    )
    x = alt.X("start:T", title=None, axis=alt.Axis(tickCount=6 if width == WIDE else 3))
    colour = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=[LEADS, "criterion"], range=[SECOND, MAIN])
    )
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(height=11).encode(x=x, x2="end:T", y=y, color=colour)
    return bars.properties(width=width - room, height=19 * len(names))


def _use_chart(weeks: list[dict], width: int) -> alt.Chart:
    x = alt.X("week:T", title=None, axis=alt.Axis(tickCount=6 if width == WIDE else 3))
    base = alt.Chart(alt.Data(values=weeks)).encode(x=x)
    area = base.mark_area(color=MAIN, opacity=0.25, line={"color": MAIN}).encode(
        y=alt.Y("events:Q", title="events")
    )
    users = base.mark_line(color=MUTED, strokeDash=[4, 3]).encode(y=alt.Y("users:Q", title="users (dashed)"))
    return alt.layer(area, users).resolve_scale(y="independent").properties(width=width - 110, height=150)


def _met(story: Story) -> Section:
    rows = [
        [c.name, c.words, when(c.since), c.begun_by or "no event: a day began, or a value held", _notes(c)]
        for c in story.criteria
        if c.is_met
    ]
    table = Table(
        "Criteria that it meets.",
        columns("criterion", "how", "since", "begun by", "note"),
        rows,
        is_list=True,
    )
    return Section("met", "What it meets", parts=[table])


def _missed(story: Story) -> Section:
    missed = sorted((c for c in story.criteria if not c.is_met), key=lambda criterion: -criterion.progress)
    rows = [[c.name, c.words, f"{int(100 * c.progress)}%", when(c.last_ended_at), _notes(c)] for c in missed]
    heads = columns("criterion", "by how much", "of the way", "met until", "note", numbers="of the way")
    return Section("missed", "What it misses", parts=[Table("The nearest first.", heads, rows, is_list=True)])


def _notes(criterion) -> str:
    notes = [
        "in grace: the measure is below now" if criterion.is_in_grace else "",
        "keeps it from being a lead" if criterion.excludes else "",
        "" if criterion.is_part or criterion.excludes else "no part of the definition",
    ]
    return "; ".join(filter(None, notes))


def _moments(story: Story) -> Section:
    rows = [[when(moment.at), moment.title, moment.detail] for moment in story.moments]
    return Section(
        "happened", "What happened", parts=[Table("In its order (UTC).", columns("when", "what", "by"), rows)]
    )


def _rejected(story: Story) -> Section:
    if not story.rejected:
        return Section("rejected", "Rejected or ignored", texts=["No row of this account."])
    rows = [[what, f"{count:,}", example] for what, count, example in story.rejected]
    heads = columns("what", "rows", "one of them", numbers="rows")
    return Section(
        "rejected", "Rejected or ignored", parts=[Table("Rows that count for nothing.", heads, rows)]
    )
