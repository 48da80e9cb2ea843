"""The figures of a benchmark as one SVG: the steps beside one another, and the models of a full build."""

from __future__ import annotations

import altair as alt
import vl_convert

MODELS_SHOWN = 15
INK, BAR = "#3d4451", "#3b6fb6"


def draw(report: dict) -> str:
    """Draw a report of scripts/benchmark.py."""
    steps = [
        {"name": name, "seconds": cost["cpu_seconds"]["median"]} for name, cost in report["steps"].items()
    ]
    charts = [_bars(steps, f"CPU seconds of each step, {report['settings']['events']} events")]
    models = report["steps"].get("full", {}).get("models", {})
    if models:
        slowest = [
            {"name": name, "seconds": seconds} for name, seconds in list(models.items())[:MODELS_SHOWN]
        ]
        charts.append(_bars(slowest, "Seconds of the slowest models of the full build"))
    chart = alt.vconcat(*charts).configure(font="Arial, Helvetica, sans-serif").configure_view(stroke=None)
    return vl_convert.vegalite_to_svg(chart.to_json())


def _bars(rows: list[dict], title: str) -> alt.LayerChart:
    base = alt.Chart(alt.Data(values=rows), title=alt.Title(title, anchor="start", color=INK)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False, labelColor=INK)),
        x=alt.X("seconds:Q", title=None, axis=alt.Axis(domain=False, ticks=False, labelColor=INK)),
    )
    values = base.mark_text(align="left", dx=4, color=INK).encode(text=alt.Text("seconds:Q", format=",.1f"))
    return (base.mark_bar(color=BAR) + values).properties(width=620, height={"step": 20})
