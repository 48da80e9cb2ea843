"""The README's tables come from the files, and a type that nobody described or tested is found."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import generate_docs  # noqa: E402

MARKERS = "# Title\n<!-- criterion-types:begin -->\nstale words\n<!-- criterion-types:end -->\nAfter.\n"


@pytest.fixture
def project(tmp_path):
    """The parts of the project that the tables are made of, with a README of its own."""
    parts = ("macros", "definitions", "models", "tests/sql/criteria")
    for part in parts:
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / "README.md").write_text(MARKERS)
    return tmp_path


def run(project, *arguments):
    return generate_docs.main(["--project-dir", str(project), *arguments])


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="the README is not written yet")
def test_readme_is_fresh():
    assert run(ROOT, "--check") == 0


def test_writes_between_the_markers_and_then_finds_nothing_stale(project):
    assert run(project, "--check") == 1
    assert run(project) == 0
    text = (project / "README.md").read_text()
    assert text.startswith("# Title\n") and text.endswith("\nAfter.\n") and "stale words" not in text
    for path in (ROOT / generate_docs.CRITERIA).glob("[!_]*.sql"):
        assert f"| `{path.stem}` |" in text
    assert run(project, "--check") == 0


def test_every_table_has_a_marker_of_its_own(project):
    names = ["common-keys", "behaviour-keys", "definition-keys", "definitions-library", "adapters", "marts"]
    names += ["adapter-facts", "settings"]
    markers = "".join(f"<!-- {name}:begin -->\n<!-- {name}:end -->\n" for name in names)
    (project / "docs").mkdir()
    (project / "docs" / "reference.md").write_text(markers)
    assert run(project) == 0
    text = (project / "docs" / "reference.md").read_text()
    assert "| `lapse_after_days` | whole days, 1 or more | `1` |" in text
    assert "| `qualifies_when` | a criterion | required |" in text
    assert "| `pql_build` | One row: what this build was made of |" in text
    assert "| table | grain |\n|---|---|\n| `pql_accounts` |" in text
    assert "| `pql_time_zone` | Days of accounts without a time zone" in text
    for path in (ROOT / "macros" / "inputs").glob("*/*.sql"):
        assert path.parent.name == "reading" or f"| `{path.stem}` |" in text
    assert "| `heap` | one and the same when | `user_id`, `event_id` and `event_table_name` agree" in text


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (
            lambda project: (project / "tests/sql/criteria/growth.sql").unlink(),
            "tests/sql/criteria/growth.sql: is missing",
        ),
        (
            lambda project: (project / "macros/criteria/growth.sql").write_text(
                (ROOT / "macros/criteria/growth.sql").read_text().replace("{# growth:", "{# some", 1)
            ),
            "growth.sql: must begin with a comment",
        ),
        (
            lambda project: (project / "macros/inputs/events/heap.sql").write_text(
                (ROOT / "macros/inputs/events/heap.sql").read_text().replace("'clock':", "'time':")
            ),
            "heap.sql: its spec has no 'facts' for 'clock' with 'is' and 'page'",
        ),
        (
            lambda project: (project / "README.md").write_text("no marker"),
            "has no line <!-- criterion-types:begin -->",
        ),
    ],
)
def test_says_what_is_missing(project, capsys, break_it, message):
    run(project)
    break_it(project)
    assert run(project, "--check") == 1
    assert message in capsys.readouterr().err.replace("\n", " ")
