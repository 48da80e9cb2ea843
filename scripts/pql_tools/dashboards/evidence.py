"""The dashboard as a page of an Evidence project: a query file for each panel, and the Markdown around."""

from __future__ import annotations

import yaml

from pql_tools.dashboards.panels import ABOUT, DASHBOARD, FOLDER, SHARES, Panel, columns, label, zipped


def export(panels: list[Panel], database: str | None) -> bytes:
    """The zip to unpack in a project of Evidence; `database` is the DuckDB file that it reads, if any."""
    files = {f"sources/{FOLDER}/{panel['name']}.sql": panel["sql"].strip() + "\n" for panel in panels}
    files[f"pages/{FOLDER}.md"] = page(panels)
    if database:
        connection = {"name": FOLDER, "type": "duckdb", "options": {"filename": database}}
        files[f"sources/{FOLDER}/connection.yaml"] = yaml.safe_dump(connection, sort_keys=False)
    return zipped(files)


def page(panels: list[Panel]) -> str:
    """The Markdown of the page."""
    parts = [f"---\ntitle: {DASHBOARD}\n---\n\n{ABOUT}\n"]
    for panel in panels:
        query = f"```sql {panel['name']}\nselect * from {FOLDER}.{panel['name']}\n```"
        parts.append(f"## {panel['title']}\n\n{panel['about']}\n\n{query}\n\n{_shown(panel)}\n")
    return "\n".join(parts)


def _shown(panel: Panel) -> str:
    """The component that draws a panel."""
    data = f"data={{{panel['name']}}}"
    if panel["show"] == "funnel":
        return f"<FunnelChart {data} nameCol={panel['by']} valueCol={panel['values'][0]}/>"
    if panel["show"] == "bars":
        stacked = "stacked" if len(panel["values"]) == 2 else "grouped"
        return f"<BarChart {data} x={panel['by']} y={{{panel['values']}}} type={stacked} sort=false/>"
    shown = [
        f'  <Column id={name} title="{label(name)}"{" fmt=pct1" if name in SHARES else ""}/>'
        for name in columns(panel)
    ]
    return "\n".join([f"<DataTable {data} rows=20>", *shown, "</DataTable>"])
