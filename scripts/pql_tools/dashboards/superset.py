"""The dashboard as Superset exports it: a folder of YAML in a zip, with ids that are the same every time."""

from __future__ import annotations

import json
from typing import Any

import yaml

from pql_tools.dashboards import panels as common
from pql_tools.dashboards.panels import (
    ABOUT,
    DASHBOARD,
    DATABASE,
    FOLDER,
    SHARES,
    Panel,
    columns,
    is_day,
    label,
    zipped,
)

VERSION = "1.0.0"


def uid(kind: str, name: str = "") -> str:
    """The id as text."""
    return str(common.uid(kind, name))


def export(panels: list[Panel], uri: str) -> bytes:
    """The zip that `Import dashboard` takes; each panel's `sql` is ready to run."""
    files = {
        "metadata.yaml": {"version": VERSION, "type": "Dashboard", "timestamp": "2026-01-01T00:00:00+00:00"},
        f"databases/{FOLDER}.yaml": _database(uri),
        f"dashboards/{FOLDER}.yaml": _dashboard(panels),
    }
    for panel in panels:
        files[f"datasets/{FOLDER}/{panel['name']}.yaml"] = _dataset(panel)
        files[f"charts/{panel['name']}.yaml"] = _chart(panel)
    return zipped(
        {
            f"{FOLDER}/{name}": yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
            for name, content in files.items()
        }
    )


def _database(uri: str) -> dict:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": uri,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": uid("database"),
        "version": VERSION,
    }


def _dataset(panel: Panel) -> dict:
    described = [
        {"column_name": name, "verbose_name": label(name), "is_dttm": is_day(name), "is_active": True,
         "groupby": True, "filterable": True, "expression": None, "description": None, "type": None}
        for name in columns(panel)
    ]  # fmt: skip
    return {
        "table_name": f"pql_{panel['name']}",
        "main_dttm_col": next(filter(is_day, columns(panel)), None),
        "description": panel["about"],
        "sql": panel["sql"],
        "schema": None,
        "params": None,
        "columns": described,
        "metrics": [],
        "uuid": uid("dataset", panel["name"]),
        "database_uuid": uid("database"),
        "version": VERSION,
    }


def _metric(name: str) -> dict:
    return {
        "expressionType": "SQL",
        "sqlExpression": f"SUM({name})",
        "label": label(name),
        "hasCustomLabel": True,
        "optionName": f"metric_{name}",
    }


def _chart(panel: Panel) -> dict:
    metrics = [_metric(name) for name in panel["values"]]
    shares = [name for name in panel["values"] if name in SHARES]
    shows = {
        "funnel": {"viz_type": "funnel", "groupby": [panel.get("by")], "metric": metrics[0],
                   "sort_by_metric": True, "row_limit": 20, "show_legend": False},
        "bars": {"viz_type": "echarts_timeseries_bar", "x_axis": panel.get("by"), "metrics": metrics,
                 "groupby": [], "stack": "Stack" if len(metrics) == 2 else None, "row_limit": 1000,
                 "x_axis_sort_asc": True, "show_legend": len(metrics) > 1, "time_grain_sqla": None,
                 "x_axis_time_format": "%Y-%m-%d"},
        "table": {"viz_type": "table", "query_mode": "raw", "all_columns": columns(panel), "row_limit": 100,
                  "adhoc_filters": [], "table_timestamp_format": "smart_date", "show_cell_bars": False,
                  "column_config": {name: {"d3NumberFormat": ".1%"} for name in shares}},
    }  # fmt: skip
    params = shows[panel["show"]]
    return {
        "slice_name": panel["title"],
        "description": panel["about"],
        "viz_type": params["viz_type"],
        "params": params,
        "query_context": None,
        "cache_timeout": None,
        "uuid": uid("chart", panel["name"]),
        "dataset_uuid": uid("dataset", panel["name"]),
        "version": VERSION,
    }


def _dashboard(panels: list[Panel]) -> dict:
    """Two panels a row."""
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": DASHBOARD}},
    }
    for number in range(0, len(panels), 2):
        row = f"ROW-{number // 2}"
        position["GRID_ID"]["children"].append(row)
        charts = [f"CHART-{panel['name']}" for panel in panels[number : number + 2]]
        position[row] = {
            "type": "ROW", "id": row, "children": charts, "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }  # fmt: skip
        for panel in panels[number : number + 2]:
            name = f"CHART-{panel['name']}"
            position[name] = {
                "type": "CHART", "id": name, "children": [], "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {"width": 6, "height": 50, "uuid": uid("chart", panel["name"]), "chartId": number,
                         "sliceName": panel["title"]},
            }  # fmt: skip
    return {
        "dashboard_title": DASHBOARD,
        "description": ABOUT,
        "css": "",
        "slug": "pql",
        "uuid": uid("dashboard"),
        "position": position,
        "metadata": {"timed_refresh_immune_slices": [], "expanded_slices": {}, "refresh_frequency": 0,
                     "color_scheme": "", "label_colors": json.loads("{}"), "native_filter_configuration": []},
        "version": VERSION,
    }  # fmt: skip
