"""What code and pages cite is there: files, and sections of documents. (Links of pages: test_pages.py.)"""

import re
import subprocess
from pathlib import Path

import pytest
from harness import ROOT

TEXT = (".md", ".py", ".sql", ".yml", ".toml")
# a path into this project; what has a placeholder in it (<type>, *, {name}) is none
PATH = re.compile(
    r"(?<![\w./-])((?:docs|scripts|macros|models|analyses|seeds|definitions|tests)/[\w./-]*\w\.(?:md|py|sql|yml|csv))\b"
)
SECTION = re.compile(r"§\s?(\d+(?:\.\d+)*)")
CITED_SECTION = re.compile(r"(?:\(([\w./-]+\.md)\)|([\w./-]+\.md)) §\s?(\d+(?:\.\d+)*)")
STATISTICS = "docs/statistics.md"  # whose sections the package and its tests cite by number alone
MADE_BY_OTHERS = ("CHANGELOG.md", "tests/consumer_project/")  # the past, and a project beside this one


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every text of the project by its path."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    found = [Path(name) for name in listed] or [path.relative_to(ROOT) for path in ROOT.glob("*/**/*")]
    names = [str(path) for path in found if path.suffix in TEXT and (ROOT / path).is_file()]
    return {name: (ROOT / name).read_text() for name in names if not name.startswith(MADE_BY_OTHERS)}


def headings(text: str) -> list[str]:
    """The headings of a page, without what stands in code."""
    return re.findall(r"(?m)^#+ +(.*)$", re.sub(r"(?ms)^```.*?^```", "", text))


def sections(text: str) -> set[str]:
    """The numbers of the sections of a page: `## 3. Criteria`, `### 1.5 Bounds`."""
    return {number for heading in headings(text) for number in re.findall(r"^(\d+(?:\.\d+)*)\.? ", heading)}


def test_every_file_that_is_named_exists(pages):
    dead = {
        f"{name}: {path}"
        for name, text in pages.items()
        for path in PATH.findall(text)
        if not (ROOT / path).exists() and not (ROOT / name).parent.joinpath(path).exists()
    }
    assert sorted(dead) == []


def test_every_section_that_is_cited_exists(pages):
    dead = []
    for name, text in pages.items():
        for linked, written, number in CITED_SECTION.findall(text):
            place = Path(name).parent / linked if linked else Path(written)
            page = next((ROOT / p for p in (place, Path(written or linked)) if (ROOT / p).exists()), None)
            if page is None or number not in sections(page.read_text()):
                dead.append(f"{name}: {linked or written} §{number}")
    there = sections(pages[STATISTICS])
    for name in (
        name for name in pages if name.startswith("scripts/pql_tools/statistics/") or name == STATISTICS
    ):
        dead += [f"{name}: §{number}" for number in SECTION.findall(pages[name]) if number not in there]
    assert sorted(dead) == []
