"""Adding a criterion type means adding one file and its test."""

from pathlib import Path

import pytest
from harness import ROOT
from reference.worlds import TYPES

FILES = sorted((ROOT / "macros" / "criteria").glob("[!_]*.sql"))
TESTS = ROOT / "tests" / "python"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_type_is_one_file_that_says_what_it_measures(file):
    text = file.read_text()
    assert text.startswith(f"{{# {file.stem}: ")
    assert f"macro criterion__{file.stem}__spec()" in text
    assert "'measure': '" in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_type_is_tested_on_random_worlds_and_by_hand(file):
    """The worlds roll it, and some test names it."""
    assert file.stem in TYPES
    tests = [test for test in TESTS.rglob("test_*.py") if test.name != Path(__file__).name]
    assert any(f'"{file.stem}"' in test.read_text() for test in tests)


def test_the_random_worlds_roll_nothing_but_types():
    assert set(TYPES) == {file.stem for file in FILES}
