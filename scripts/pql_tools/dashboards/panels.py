"""What every BI tool's export is made of: the panels of dashboards/panels.yml, and ids that stay the same."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

Panel = dict[str, Any]
FOLDER, DATABASE, DASHBOARD = "pql", "PQL warehouse", "Product-qualified leads"
ABOUT = "Who is a lead, whether the definition finds who pays, and whether data are sound."
SHARES = ("precision_rate", "low", "high", "base_rate", "hit_rate", "quality_rate")


def uid(kind: str, name: str = "") -> UUID:
    """An id of its own, the same in every export, so that a second import updates the first."""
    return uuid5(NAMESPACE_URL, f"pql-warehouse/{kind}/{name}")


def columns(panel: Panel) -> list[str]:
    """The columns that a panel shows, what it is split by first."""
    by = [panel["by"]] if "by" in panel else []
    return by + [name for name in panel["values"] if name not in by]


def label(name: str) -> str:
    """A column's name as people read it."""
    return name.replace("_", " ").capitalize()


def is_day(name: str) -> bool:
    """Whether a column holds days, by the names that the project gives them."""
    return name.endswith("_on")


def zipped(files: dict[str, str]) -> bytes:
    """A zip of texts by their paths, the same bytes every time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return made.getvalue()
