"""The tables of a small world are as their golden files say; tests/engines asks the same of other engines."""

from collections import Counter

import golden
from harness import EVERYTHING


def test_duckdb_gives_the_golden_tables(project):
    """The build has dbt's tests of the logic in it as well, those that a plain one leaves out."""
    warehouse = project.build(golden.INPUTS, golden.variables(), command=EVERYTHING)
    golden.assert_golden(warehouse)
    built = warehouse.run.result.results
    assert Counter(result.node.resource_type for result in built)["unit_test"] > 10
    assert {"event_count", "score"} <= {result.node.name for result in built}
