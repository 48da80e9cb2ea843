#!/usr/bin/env python
"""Measure how hard the project is to enter: depth of the models, folders, sizes of files.

    dbt parse && python tests/support/house.py
    python tests/support/house.py --project-dir ../old --order staging intermediate,state marts sales crm,bi

The models' folders come in the order of their names, unless --order gives another: those apart by a space
follow one another, those apart by a comma stand side by side. What dbt has parsed is read from
target/manifest.json, so that a `ref` inside a macro counts as one.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
FROM, TO = "base_product__events", "crm_hubspot_companies_delta"
LONGEST = 5


class Models:
    """The models of the project as dbt has parsed them, and the folder that each stands in."""

    def __init__(self, manifest: dict, order: list[str]):
        nodes = {
            key: node
            for key, node in manifest["nodes"].items()
            if node["resource_type"] == "model" and node["package_name"] == "pql_warehouse"
        }
        self.name = {key: node["name"] for key, node in nodes.items()}
        self.folder = {key: str(Path(node["original_file_path"]).parent) for key, node in nodes.items()}
        self.parents = {
            key: [parent for parent in node["depends_on"]["nodes"] if parent in nodes]
            for key, node in nodes.items()
        }
        stages = order or sorted({self.stage(key) for key in nodes})
        self.rank = {stage: rank for rank, group in enumerate(stages) for stage in group.split(",")}

    def stage(self, key: str) -> str:
        """The first folder below models/."""
        return Path(self.folder[key]).parts[1]

    @property
    def depth(self) -> int:
        """How many models the longest chain has."""

        @cache
        def of(key: str) -> int:
            return 1 + max(map(of, self.parents[key]), default=0)

        return max(map(of, self.parents))

    @property
    def upward(self) -> list[str]:
        """Models that read one of a later stage, with what they read."""
        return sorted(
            f"{self.name[key]} reads {self.name[parent]}"
            for key, parents in self.parents.items()
            for parent in parents
            if self.rank[self.stage(parent)] > self.rank[self.stage(key)]
        )

    def way(self, start: str, end: str) -> list[str]:
        """The longest chain from one model to another; of several that with the fewest changes of folder."""
        keys = {name: key for key, name in self.name.items()}

        @cache
        def to(key: str) -> tuple[str, ...]:
            if key == keys[start]:
                return (key,)
            chains = [(*chain, key) for chain in map(to, self.parents[key]) if chain]
            return max(chains, key=lambda chain: (len(chain), -self.changes(chain)), default=())

        return list(to(keys[end]))

    def changes(self, chain) -> int:
        """How often a chain of models goes from one folder to another."""
        folders = [self.folder[key] for key in chain]
        return sum(one != other for one, other in pairwise(folders))


def longest(paths: list[Path], root: Path) -> str:
    """The longest files with their lines."""
    lengths = sorted(((len(path.read_text().splitlines()), path) for path in paths), reverse=True)
    return ", ".join(f"{path.relative_to(root).as_posix()} {lines}" for lines, path in lengths[:LONGEST])


def undocumented(path: Path) -> list[str]:
    """The public functions and methods of a module that have no docstring."""
    found = []

    def look(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                look(node.body)
            is_public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):
                found.append(f"{path.name}:{node.name}")

    look(ast.parse(path.read_text()).body)
    return found


def measure(root: Path, manifest: dict, order: list[str]) -> dict[str, str]:
    """What there is to say, by the words of the table."""
    models = Models(manifest, order)
    way = models.way(FROM, TO)
    macro_files = sorted((root / "macros").rglob("*.sql"))
    macros = [
        len(re.findall(r"{%-?\s*(?:macro|test|materialization)\s", path.read_text())) for path in macro_files
    ]
    python = sorted((root / "scripts").rglob("*.py"))
    bare = [name for path in python for name in undocumented(path)]
    return {
        "models": str(len(models.name)),
        "depth of the models": str(models.depth),
        "refs that run upwards": f"{len(models.upward)} {'; '.join(models.upward)}".strip(),
        "one event to the CRM": f"{len(way)} models, {models.changes(way)} changes of folder",
        "folders of macros": str(len({path.parent for path in macro_files})),
        "… at the top": str(len({path.relative_to(root / "macros").parts[0] for path in macro_files})),
        "macros": f"{sum(macros)} in {len(macro_files)} files: median {median(macros):g}, most {max(macros)}",
        "longest models": longest(list((root / "models").rglob("*.sql")), root),
        "longest files of macros": longest(macro_files, root),
        "longest files of Python": longest(python, root),
        "lines of Python": str(sum(len(path.read_text().splitlines()) for path in python)),
        "public functions without a docstring": f"{len(bare)} {', '.join(bare[:LONGEST])}".strip(),
    }


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="DIR")
    parser.add_argument(
        "--manifest", type=Path, metavar="FILE", help="what dbt has parsed (DIR/target/manifest.json)"
    )
    parser.add_argument("--order", nargs="*", default=[], metavar="FOLDER")
    options = parser.parse_args(argv)
    manifest = options.manifest or options.project_dir / "target" / "manifest.json"
    for name, value in measure(options.project_dir, json.loads(manifest.read_text()), options.order).items():
        print(f"| {name} | {value} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
