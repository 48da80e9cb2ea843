"""The dashboard as Metabase serialises it: a collection, a question for each panel, and where they stand.

The format is Metabase's own: @metabase/representations on npm describes and checks it.
"""

from __future__ import annotations

import io
import tarfile
from base64 import urlsafe_b64encode
from collections.abc import Callable

import yaml

from pql_tools.dashboards.panels import ABOUT, DASHBOARD, FOLDER, SHARES, Panel, columns, is_day, label, uid

CREATOR = "internal@metabase.com"  # a user that every Metabase has
WIDTH, HEIGHT = 12, 8  # of a panel; a dashboard has 24 columns
Written = Callable[[str], str]  # a column's name as results have it
DISPLAY = {"funnel": "funnel", "bars": "bar", "table": "table"}


def export(panels: list[Panel], database: str, in_capitals: bool = False) -> bytes:
    """
    The .tgz that Metabase's import takes; `database` is what the warehouse is called there.

    Metabase knows the columns of a result by their names, letter by letter: `in_capitals` where the engine
    gives them so, as Snowflake does.
    """
    folder = f"collections/main/{FOLDER}"
    files = {
        f"{folder}.yaml": _collection(),
        f"{folder}/dashboard.yaml": _dashboard(panels),
    }
    for panel in panels:
        files[f"{folder}/{panel['name']}.yaml"] = _card(panel, database, str.upper if in_capitals else str)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as bundle:
        for name, content in files.items():
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size = len(text)
            bundle.addfile(entry, io.BytesIO(text))
    return made.getvalue()


def nano(kind: str, name: str = "") -> str:
    """An id of 21 characters, as Metabase wants them."""
    return urlsafe_b64encode(uid(kind, name).bytes).decode()[:21]


def _entity(model: str, name: str, title: str) -> dict:
    """What every file says of itself."""
    identity = nano(model, name)
    return {
        "name": title,
        "entity_id": identity,
        "serdes/meta": [{"id": identity, "label": name or FOLDER, "model": model}],
    }


def _collection() -> dict:
    return {**_entity("Collection", "", DASHBOARD), "slug": FOLDER}


def _card(panel: Panel, database: str, written: Written) -> dict:
    query = {"lib/type": "mbql.stage/native", "native": panel["sql"].strip(), "template-tags": []}
    return {
        **_entity("Card", panel["name"], panel["title"]),
        "description": panel["about"],
        "display": DISPLAY[panel["show"]],
        "creator_id": CREATOR,
        "type": "question",
        "collection_id": nano("Collection"),
        "dataset_query": {"lib/type": "mbql/query", "database": database, "stages": [query]},
        "visualization_settings": _settings(panel, written),
        "parameters": [],
        "parameter_mappings": [],
    }


def _settings(panel: Panel, written: Written) -> dict:
    """How a panel is drawn, in Metabase's words."""
    if panel["show"] == "funnel":
        parts = {"funnel.dimension": written(panel["by"]), "funnel.metric": written(panel["values"][0])}
        return {**parts, "funnel.type": "funnel"}
    if panel["show"] == "bars":
        return {
            "graph.dimensions": [written(panel["by"])],
            "graph.metrics": [written(name) for name in panel["values"]],
            "graph.x_axis.title_text": label(panel["by"]),
            "graph.x_axis.scale": "timeseries" if is_day(panel["by"]) else "ordinal",
            "stackable.stack_type": "stacked" if len(panel["values"]) == 2 else None,
        }
    shown = {name: {"column_title": label(name)} for name in columns(panel)}
    for name in set(SHARES) & set(shown):
        shown[name] |= {"number_style": "percent", "decimals": 1}
    return {
        "table.columns": [{"name": written(name), "enabled": True} for name in shown],
        "column_settings": {f'["name","{written(name)}"]': how for name, how in shown.items()},
    }


def _dashboard(panels: list[Panel]) -> dict:
    """Two panels a row."""
    whole = _entity("Dashboard", "dashboard", DASHBOARD)
    cards = [
        {
            "entity_id": nano("DashboardCard", panel["name"]),
            "card_id": nano("Card", panel["name"]),
            "row": number // 2 * HEIGHT,
            "col": number % 2 * WIDTH,
            "size_x": WIDTH,
            "size_y": HEIGHT,
            "parameter_mappings": [],
            "series": [],
            "visualization_settings": {},
            "serdes/meta": [
                {"id": whole["entity_id"], "model": "Dashboard"},
                {"id": nano("DashboardCard", panel["name"]), "model": "DashboardCard"},
            ],
        }
        for number, panel in enumerate(panels)
    ]
    return {
        **whole,
        "description": ABOUT,
        "creator_id": CREATOR,
        "collection_id": nano("Collection"),
        "width": "full",
        "parameters": [],
        "tabs": [],
        "dashcards": cards,
    }
