"""The Python of the scripts keeps to the house: described, called, and dbt's insides in one file."""

import ast
from collections import Counter
from pathlib import Path

from harness import ROOT

FILES = {path: ast.parse(path.read_text()) for path in (ROOT / "scripts").rglob("*.py")}
DEFINITION = ast.FunctionDef | ast.ClassDef
# called by argparse, PyYAML, Jinja, MkDocs and requests
FOR_OTHERS = (
    "main", "error", "ignore_aliases", "increase_indent", "views", "on_page_markdown", "get_redirect_target",
)  # fmt: skip


def public() -> list[tuple[Path, ast.AST]]:
    """Every public function, class and method."""
    found = []
    for path, tree in FILES.items():
        for parent in ast.walk(tree):
            if isinstance(parent, ast.Module) or (
                isinstance(parent, ast.ClassDef) and not parent.name.startswith("_")
            ):
                inside = (node for node in parent.body if isinstance(node, DEFINITION))
                found += [(path.relative_to(ROOT), node) for node in inside if not node.name.startswith("_")]
    return found


def test_everything_public_is_described():
    assert [f"{path}: {node.name}" for path, node in public() if not ast.get_docstring(node)] == []


def test_nothing_is_there_for_the_tests_alone():
    used = Counter(
        node.id if isinstance(node, ast.Name) else node.attr
        for tree in FILES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    names = [node.name for _, node in public() if node.name not in FOR_OTHERS]
    assert [name for name in names if not used[name]] == []


def test_dbt_is_imported_in_one_file():
    named = {
        str(path.relative_to(ROOT))
        for path, tree in FILES.items()
        for node in ast.walk(tree)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        )
        if name.split(".")[0] in ("dbt", "dbt_common")
    }  # fmt: skip
    assert named == {"scripts/pql_tools/dbt_internals.py"}
