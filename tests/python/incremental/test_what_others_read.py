"""What BI tools and sales read is that of a full refresh, but for the log, which is only added to."""

from collections import Counter

from conftest import examples
from deliveries import CROWD, Deliveries
from harness import Warehouse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reference.worlds import random_world

COMMAND = (
    "build", "--select", "+tag:bi", "+tag:sales", "+path:models/manifest",
    "path:tests/sql/sales/bi", "path:tests/sql/sales/log", "--indirect-selection", "empty",
)  # fmt: skip
TABLES = {
    # but what sales was told of depends on when it was known
    "mart_pql_accounts": "* exclude (is_announced, is_sales_accepted, queue, arm, disposition, "
    "first_touch_at, minutes_to_first_touch, is_contacted_in_time)",
    "mart_pql_weekly where events > 0": "* exclude (announced_pqls)",
    "fct_pql_status_daily": "*",
    "bridge_account_criteria": "*",
    "dim_pql_criteria": "*",
    "dim_pql_dates": "*",
}


def rows(warehouse: Warehouse, table: str, columns: str = "*") -> Counter:
    return Counter(tuple(row.items()) for row in warehouse.rows(table, columns))


@settings(max_examples=examples(1), phases=[Phase.generate], deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_bi_tables_are_those_of_a_full_refresh_and_the_log_is_only_added_to(project, tmp_path_factory, seed):
    folder = tmp_path_factory.mktemp("bi")
    deliveries, logged = Deliveries(random_world(seed, **CROWD), folder / "data", seed), []
    for number in range(2):
        deliveries.step(number, 2)
        kept = project.run_in(folder / "kept", deliveries.folder, deliveries.variables, COMMAND)
        assert kept.run.success, kept.run.output
        logged.append(rows(kept, "fct_pql_events"))
        assert kept.row("pql_build_history", "count(*) as n")["n"] == number + 1
    anew = project.run_in(folder / "anew", deliveries.folder, deliveries.variables, COMMAND)
    assert anew.run.success, anew.run.output
    for table, columns in TABLES.items():
        assert rows(kept, table, columns) == rows(anew, table, columns), f"seed {seed}: {table}"
    assert not logged[0] - logged[1], "a published row is never rewritten"
