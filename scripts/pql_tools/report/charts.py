"""The charts of the report: rows in, SVG out. No JavaScript, no fonts or files from elsewhere.

Colours are CSS variables of the page, so that one drawing serves light, dark and print. Every chart is drawn
twice, for a wide and for a narrow page, because text that is scaled down cannot be read. What a colour says
is also said by shape, dash or place, and by the table beside the chart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import altair as alt
import vl_convert

WIDE, NARROW = 860, 300
# Of one width on most machines, so that what is measured here fits there.
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
INK, MUTED, GRID, PAPER = "var(--ink)", "var(--muted)", "var(--grid)", "var(--paper)"
MAIN, SECOND = "var(--main)", "var(--second)"
SERIES = [f"var(--{name})" for name in ("main", "second", "third", "fourth", "muted")]
PERCENT = ".0%"
PRECISION, BASE = "precision, with 95% interval", "base rate, same age and time"


class Drawing(NamedTuple):
    """One chart in the two widths of the page."""

    wide: str
    narrow: str


def draw(name: str, chart: Callable[[int], alt.Chart]) -> Drawing:
    """Draw a chart, given as a function of its width in pixels, for both pages."""
    return Drawing(_svg(f"{name}-w", chart(WIDE)), _svg(f"{name}-n", chart(NARROW)))


def _svg(name: str, chart: alt.Chart) -> str:
    """The chart as an inline SVG: ids are unique on the page, the same for the same rows."""
    svg = vl_convert.vegalite_to_svg(_themed(chart).to_json())
    ids = dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))
    for number, old in enumerate(ids):
        svg = svg.replace(f'id="{old}"', f'id="{name}-{number}"').replace(
            f"url(#{old})", f"url(#{name}-{number})"
        )
    # Hidden from assistive technology: the figure around it carries the words and the table the numbers.
    return re.sub(
        r"<svg [^>]*?(width=\S+) (height=\S+) (viewBox=\"[^\"]+\")",
        r'<svg aria-hidden="true" focusable="false" \1 \2 \3',
        svg,
    )


def _themed(chart: alt.Chart) -> alt.Chart:
    axis = {
        "labelColor": INK,
        "titleColor": MUTED,
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 190,
    }
    legend = {
        "labelColor": INK,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "top",
        "direction": "vertical",
        "labelLimit": 250,
        "symbolStrokeWidth": 2,
    }
    return (
        chart.configure(background="transparent", font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_legend(**legend)
        .configure_text(color=INK, fontSize=12)
    )


def _data(rows: list[dict]) -> alt.Data:
    return alt.Data(values=rows)


def _layers(*charts: alt.Chart) -> alt.LayerChart:
    return alt.layer(*charts)


def funnel(rows: list[dict], width: int) -> alt.Chart:
    """Bars of stages: rows of stage, accounts, label."""
    longest = max((row["accounts"] for row in rows), default=0) or 1
    room = {"domain": [0, longest * (1.2 if width == WIDE else 2.0)]}
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("stage:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    )
    bars = base.mark_bar(color=MAIN, height=26).encode(
        x=alt.X("accounts:Q", axis=None, scale=alt.Scale(**room)),
    )
    words = base.mark_text(align="left", dx=6).encode(x=alt.X("accounts:Q", axis=None), text="label:N")
    return _layers(bars, words).properties(width=width - 100, height=38 * len(rows))


def weekly(rows: list[dict], groups: list[str], capacity: float | None, width: int) -> alt.Chart:
    """Stacked bars: rows of week, group, pqls, position. A dashed line marks the capacity."""
    every = 1 if width == WIDE else 2
    weeks = sorted({row["week"] for row in rows})
    shown = weeks[::-1][::every]
    bars = (
        alt.Chart(_data(rows))
        .mark_bar(stroke=PAPER, strokeWidth=1)
        .encode(
            x=alt.X(
                "week:O", title="week that starts on", axis=alt.Axis(values=sorted(shown), labelAngle=-45)
            ),
            y=alt.Y("pqls:Q", title="PQLs", axis=alt.Axis(tickMinStep=1)),
            color=_series("group", groups, "tier"),
            order="position:Q",
            opacity=alt.Opacity(
                "is_whole:N", scale=alt.Scale(domain=[True, False], range=[1, 0.5]), legend=None
            ),
        )
    )
    chart = _layers(bars, *_capacity_line(capacity, width))
    return chart.properties(width=width - 55, height=220)


def _series(field: str, names: list[str], title: str | None) -> alt.Color:
    colours = [SERIES[i % len(SERIES)] for i in range(len(names))]
    return alt.Color(f"{field}:N", title=title, scale=alt.Scale(domain=names, range=colours))


def _capacity_line(capacity: float | None, width: int) -> list[alt.Chart]:
    if capacity is None:
        return []
    rows = _data([{"capacity": capacity, "label": f"capacity: {capacity:g} a week"}])
    rule = alt.Chart(rows).mark_rule(color=INK, strokeDash=[6, 4], strokeWidth=2).encode(y="capacity:Q")
    return [
        rule,
        *_on_paper(rows, align="right", baseline="bottom", dy=-4, y="capacity:Q", x=alt.value(width - 60)),
    ]


def _on_paper(rows: alt.Data, x, y, **mark) -> list[alt.Chart]:
    """A label with a rim of the page's colour, so that it can be read over bars and lines."""
    words = alt.Chart(rows).encode(x=x, y=y, text="label:N")
    rim = {"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round"}
    return [words.mark_text(**mark, **rim), words.mark_text(**mark)]


def precision(rows: list[dict], width: int) -> alt.Chart:
    """A point with its interval and a diamond for the base rate: rows of name, rate, low, high, base, n."""
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=260 if width == WIDE else 165))
    data = alt.Chart(_data(rows)).encode(y=y)
    x = {"title": "share that converts within the horizon", "axis": alt.Axis(format=PERCENT, tickCount=5)}
    limits = data.mark_rule(color=MAIN, strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", **x), x2="high:Q"
    )
    mark = alt.Chart(_data(_precision_marks(rows))).mark_point(filled=True, size=85, opacity=1)
    kinds = [PRECISION, BASE]
    points = mark.encode(
        y=y,
        x="rate:Q",
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[MAIN, SECOND])),
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond"])),
    )
    return _layers(limits, points).properties(
        width=width - (250 if width == WIDE else 165), height=24 * len(rows)
    )


def _precision_marks(rows: list[dict]) -> list[dict]:
    kinds = {"rate": PRECISION, "base": BASE}
    return [
        {"name": row["name"], "kind": kind, "rate": row[key]}
        for row in rows
        for key, kind in kinds.items()
        if row[key] is not None
    ]


def _thresholds(title: str) -> alt.X:
    """Thresholds along the axis, of which there are none between whole numbers."""
    axis = alt.Axis(tickMinStep=1, format="~g")
    return alt.X("threshold:Q", title=title, axis=axis, scale=alt.Scale(nice=False, zero=False))


def threshold_rates(rows: list[dict], current: float | None, axis_title: str, width: int) -> alt.Chart:
    """Precision with its band, and recall: rows of threshold, precision, low, high, recall."""
    x = _thresholds(axis_title)
    y = alt.Y(
        "precision:Q", title=None, axis=alt.Axis(format=PERCENT, tickCount=5), scale=alt.Scale(domainMin=0)
    )
    band = (
        alt.Chart(_data(rows))
        .mark_area(color=MAIN, opacity=0.18)
        .encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
    )
    kinds = [PRECISION, "recall"]
    lines = [
        {"threshold": row["threshold"], "kind": kind, "precision": row[key]}
        for row in rows
        for key, kind in zip(("precision", "recall"), kinds, strict=True)
        if row[key] is not None
    ]
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[MAIN, SECOND]))
    line = (
        alt.Chart(_data(lines))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash(
                "kind:N", title=None, scale=alt.Scale(domain=kinds, range=[[1, 0], [6, 3]])
            ),
        )
    )
    dots = (
        alt.Chart(_data(lines))
        .mark_point(filled=True, size=36, opacity=1)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "square"])),
        )
    )
    return _layers(band, *_current_line(current), line, dots).properties(width=width - 60, height=220)


def threshold_volume(
    rows: list[dict], current: float | None, capacity: float | None, axis_title: str, width: int
) -> alt.Chart:
    """Volume a week by threshold: rows of threshold, volume."""
    x = _thresholds(axis_title)
    line = (
        alt.Chart(_data(rows))
        .mark_line(color=MAIN, strokeWidth=2.5, point={"color": MAIN, "size": 36, "opacity": 1})
        .encode(x=x, y=alt.Y("volume:Q", title="accounts a week"))
    )
    chart = _layers(*_current_line(current), line, *_capacity_line(capacity, width))
    return chart.properties(width=width - 60, height=180)


def _current_line(current: float | None) -> list[alt.Chart]:
    if current is None:
        return []
    rows = _data([{"threshold": current, "label": "now"}])
    rule = alt.Chart(rows).mark_rule(color=MUTED, strokeDash=[2, 3], strokeWidth=1.5).encode(x="threshold:Q")
    return [rule, *_on_paper(rows, align="left", baseline="top", dx=4, x="threshold:Q", y=alt.value(2))]


def incidence(rows: list[dict], width: int) -> alt.Chart:
    """A step curve with its band: rows of days, rate, low, high."""
    x = alt.X("days:Q", title="days since the account first qualified", axis=alt.Axis(tickMinStep=1))
    base = alt.Chart(_data(rows)).encode(x=x)
    axis = alt.Axis(format=PERCENT, tickCount=5)
    band = base.mark_area(color=MAIN, opacity=0.18, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="converted so far", axis=axis), y2="high:Q"
    )
    line = base.mark_line(color=MAIN, strokeWidth=2.5, interpolate="step-after").encode(y="rate:Q")
    return _layers(band, line).properties(width=width - 60, height=220)


def drift(rows: list[dict], width: int) -> alt.Chart:
    """Precision by month with its interval and the base rate: rows of name, rate, low, high, base."""
    x = alt.X(
        "name:O", title="month of first qualification", axis=alt.Axis(labelAngle=0 if width == WIDE else -45)
    )
    axis = alt.Axis(format=PERCENT, tickCount=5)
    limits = (
        alt.Chart(_data(rows))
        .mark_rule(color=MAIN, strokeWidth=3, opacity=0.55)
        .encode(x=x, y=alt.Y("low:Q", title=None, axis=axis, scale=alt.Scale(domainMin=0)), y2="high:Q")
    )
    kinds = [PRECISION, BASE]
    points = (
        alt.Chart(_data(_precision_marks(rows)))
        .mark_point(filled=True, size=85, opacity=1)
        .encode(
            x=x,
            y="rate:Q",
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[MAIN, SECOND])),
            shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond"])),
        )
    )
    return _layers(limits, points).properties(width=width - 60, height=220)


def retention(rows: list[dict], groups: list[str], width: int) -> alt.Chart:
    """A step curve with its band for each group: rows of group, months, rate, low, high."""
    x = alt.X("months:Q", title="months since the first payment", axis=alt.Axis(tickMinStep=1))
    axis, scale = alt.Axis(format=PERCENT, tickCount=5), alt.Scale(domain=[0, 1])
    base = alt.Chart(_data(rows)).encode(x=x)
    band = base.mark_area(opacity=0.14, interpolate="step-before").encode(
        y=alt.Y("low:Q", title="still paying", axis=axis, scale=scale),
        y2="high:Q",
        color=_series("group", groups, None),
    )
    line = base.mark_line(strokeWidth=2.5, interpolate="step-before").encode(
        y="rate:Q",
        color=_series("group", groups, None),
        strokeDash=alt.StrokeDash(
            "group:N", title=None, scale=alt.Scale(domain=groups, range=[[1, 0], [6, 3]][: len(groups)])
        ),
    )
    return _layers(band, line).properties(width=width - 60, height=220)


def scorecard(panels: list[tuple], width: int) -> alt.Chart:
    """Two small charts for each team: (team, what it brings, what is good, rows by week)."""
    each = (width - 130) // 2 if width == WIDE else width - 50
    rows = []
    for team, what, good, weeks in panels:
        dated = [weeks[len(weeks) // 8]["week"], weeks[-1 - len(weeks) // 8]["week"]]
        x = alt.X("week:O", title=None, axis=alt.Axis(values=dated, labelAngle=0, labelPadding=4))
        data = alt.Chart(_data(weeks))
        bars = data.mark_bar(color=MAIN).encode(
            x=x, y=alt.Y("quantity:Q", title=None, axis=alt.Axis(tickCount=3, tickMinStep=1, minExtent=38))
        )
        quality = alt.Y(
            "quality:Q",
            title=None,
            axis=alt.Axis(format=PERCENT, tickCount=3, minExtent=38),
            scale=alt.Scale(domain=[0, 1]),
        )
        points = {"color": SECOND, "size": 28}
        line = data.mark_line(color=SECOND, strokeWidth=2, point=points).encode(x=x, y=quality)
        pair = [
            chart.properties(width=each, height=70, title=_panel_title(f"{team.capitalize()}: {words}"))
            for chart, words in ((bars, what), (line, good))
        ]
        rows.append(alt.hconcat(*pair) if width == WIDE else alt.vconcat(*pair))
    return alt.vconcat(*rows)


def _panel_title(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, anchor="start", color=INK, fontSize=12, fontWeight="normal")


def naive_and_honest(rows: list[dict], width: int) -> alt.Chart:
    """Two points joined by a line: rows of name, naive, honest."""
    kinds = ["honest", "naive"]
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=260 if width == WIDE else 165))
    x = alt.X(
        "honest:Q",
        title="share that converts",
        axis=alt.Axis(format=PERCENT, tickCount=5),
        scale=alt.Scale(domainMin=0),
    )
    joined = [row for row in rows if row["naive"] is not None and row["honest"] is not None]
    links = alt.Chart(_data(joined)).mark_rule(color=MUTED, strokeWidth=2).encode(y=y, x=x, x2="naive:Q")
    marks = [
        {"name": row["name"], "kind": kind, "honest": row[kind]}
        for row in rows
        for kind in kinds
        if row[kind] is not None
    ]
    points = (
        alt.Chart(_data(marks))
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            y=y,
            x=x,
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[MAIN, SECOND])),
            shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "cross"])),
        )
    )
    return _layers(links, points).properties(
        width=width - (250 if width == WIDE else 165), height=24 * max(len(rows), 1)
    )
