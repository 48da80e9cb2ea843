"""The dashboard as a page of Observable Framework: a loader for each panel's rows, and the Markdown around.

Its library is imported from node_modules, so that a build asks no other server.
"""

from __future__ import annotations

import json

from pql_tools.dashboards.panels import (
    ABOUT,
    DASHBOARD,
    FOLDER,
    SHARES,
    Panel,
    columns,
    is_day,
    label,
    zipped,
)

PACKAGES = {"@observablehq/framework": "^1.13.4", "@observablehq/plot": "^0.6.17"}
CONFIG = f"""// globalStylesheets: no fonts from elsewhere; search would want a library of its own
export default {{
  title: "{DASHBOARD}",
  root: "src",
  search: false,
  globalStylesheets: [],
}};
"""
# a loader: what it says of itself, what it imports, and how it reads
DUCKDB = (
    "PQL_DUCKDB_PATH names another file than the one below.",
    "duckdb",
    """FILE = {file}


def rows_of(sql):
    with duckdb.connect(os.environ.get("PQL_DUCKDB_PATH", FILE), read_only=True) as warehouse:
        result = warehouse.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]
""",
)
ALCHEMY = (
    "PQL_WAREHOUSE_URI is its address for SQLAlchemy.",
    "sqlalchemy",
    """
def rows_of(sql):
    with sqlalchemy.create_engine(os.environ["PQL_WAREHOUSE_URI"]).connect() as warehouse:
        return [dict(row) for row in warehouse.execute(sqlalchemy.text(sql)).mappings()]
""",
)
LOADER = '''"""Rows of the warehouse as JSON. {about}"""

import json
import math
import os

import {library}

{reader}

def show(sql):
    # JSON knows no number that is none
    rows = [{{n: None if is_none(value) else value for n, value in row.items()}} for row in rows_of(sql)]
    print(json.dumps(rows, default=written))


def is_none(value):
    return isinstance(value, float) and not math.isfinite(value)


def written(value):
    return value.isoformat() if hasattr(value, "isoformat") else float(value)
'''


# in plain JavaScript: the tables that Framework brings want a style from elsewhere
TABLE = """import * as Plot from "@observablehq/plot";

const asText = (name, value, shares) =>
  value == null ? ""
  : shares.includes(name) ? `${(100 * value).toFixed(1)}%`
  : name.endsWith("_at") ? value.slice(0, 16).replace("T", " ")
  : value.toLocaleString("en");

function tableOf(rows, headings, shares) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const heading of Object.values(headings)) {
    head.append(Object.assign(document.createElement("th"), {textContent: heading}));
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const name of Object.keys(headings)) line.insertCell().textContent = asText(name, row[name], shares);
  }
  table.style.maxWidth = "none";
  return table;
}"""


def export(panels: list[Panel], file: str | None) -> bytes:
    """The zip of a project; `file` is the DuckDB file that its loaders read, if the warehouse is one."""
    package = {"type": "module", "private": True, "dependencies": PACKAGES}
    package["scripts"] = {"build": "observable build", "dev": "observable preview"}
    about, library, reader = DUCKDB if file else ALCHEMY
    loader = LOADER.format(about=about, library=library, reader=reader.replace("{file}", json.dumps(file)))
    files = {
        "package.json": json.dumps(package, indent=2) + "\n",
        "observablehq.config.js": CONFIG,
        "src/index.md": page(panels),
        f"src/{FOLDER}/warehouse.py": loader,
    }
    for panel in panels:
        sql = panel["sql"].strip()
        files[f"src/{FOLDER}/{panel['name']}.json.py"] = f"from warehouse import show\n\nshow({sql!r})\n"
    return zipped(files)


def page(panels: list[Panel]) -> str:
    """The Markdown of the page."""
    parts = [f"# {DASHBOARD}\n\n{ABOUT}\n", f"```js\n{TABLE}\n```\n"]
    for panel in panels:
        rows = f'const {panel["name"]} = FileAttachment("{FOLDER}/{panel["name"]}.json").json();'
        parts.append(
            f"## {panel['title']}\n\n{panel['about']}\n\n```js\n{rows}\n```\n\n```js\n{_drawn(panel)}\n```\n"
        )
    return "\n".join(parts)


def _drawn(panel: Panel) -> str:
    """The call that draws a panel."""
    if panel["show"] == "table":
        headings = json.dumps({name: label(name) for name in columns(panel)})
        shares = json.dumps([name for name in columns(panel) if name in SHARES])
        return f"display(tableOf({panel['name']}, {headings}, {shares}));"
    by, named = panel["by"], json.dumps(panel["values"])
    x = f"new Date(row.{by})" if is_day(by) else f"row.{by}"
    cells = (
        f"{panel['name']}.flatMap((row) => {named}.map((name) => ({{{by}: {x}, name, value: row[name]}})))"
    )
    if panel["show"] == "funnel":
        marks = f'Plot.barX(cells, {{x: "value", y: "{by}", tip: true, sort: {{y: "-x"}}}})'
        how = "marginLeft: 160, y: {label: null}, x: {label: null}"
    else:
        marks, how = _bars(by, len(panel["values"]))
    return f"const cells = {cells};\ndisplay(Plot.plot({{width, {how}, marks: [{marks}]}}));"


def _bars(by: str, values: int) -> tuple[str, str]:
    """Bars over days or words: one value, two that add up, or several that do not, side by side."""
    how = f"color: {{legend: {json.dumps(values > 1)}}}, y: {{label: null, grid: true}}, "
    words = f'{{label: "{label(by)}"}}'
    if values > 2:
        marks = f'Plot.barY(cells, {{fx: "{by}", x: "name", y: "value", fill: "name", tip: true}})'
        return marks, f"{how}x: {{axis: null}}, fx: {words}"
    how += f"x: {words}"
    if is_day(by):
        interval = "monday" if by.startswith("week") else "day"  # its "week" begins on Sunday
        over = f'x: "{by}", interval: "{interval}"'
        return f'Plot.rectY(cells, {{{over}, y: "value", fill: "name", tip: true}})', how
    return f'Plot.barY(cells, {{x: "{by}", y: "value", fill: "name", tip: true, sort: {{x: "-y"}}}})', how
