"""Random worlds: every table says what the brute-force reference says."""

import pytest
from comparison import disagreements
from conftest import examples
from harness import MODELS_ONLY
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reference.oracle import evaluate
from reference.worlds import random_world

# A build takes seconds whatever its size, so that each example is a crowd: many accounts, many rules.
CROWD = {"accounts": 40, "rows": 3200, "criteria": 28, "definitions": 4}


def assert_equals_reference(project, seed: int) -> None:
    world = random_world(seed, **CROWD)
    warehouse = project.build(world, command=MODELS_ONLY)
    assert disagreements(warehouse, evaluate(world), world) == []


@settings(max_examples=1, phases=[Phase.generate])
@given(st.integers(0, 2**32 - 1))
def test_every_table_of_a_random_world_equals_the_reference(project, seed):
    assert_equals_reference(project, seed)


@pytest.mark.long
@settings(max_examples=examples(6), phases=[Phase.generate])
@given(st.integers(0, 2**32 - 1))
def test_so_do_more_of_them(project, seed):
    assert_equals_reference(project, seed)
