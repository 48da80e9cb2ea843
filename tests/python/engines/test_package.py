"""The warehouse as a package of another project on Spark, whose host may hand materializations on or not."""

import re
import shutil

import pytest
from dbt.cli.main import dbtRunner
from harness import ROOT, environment

from engines.conftest import started

CONSUMER = ROOT / "tests" / "consumer_project"
LEFT_BEHIND = shutil.ignore_patterns("dbt_packages", "target", "logs", "package-lock.yml", "*.duckdb*")
MADE_ANEW = "PQL: every table is made anew"


@pytest.fixture(scope="module")
def spark():
    with started("spark", "spark") as engine:
        yield engine


def handed_on() -> str:
    """What the page for packages tells a host on Spark to add."""
    return re.search("```jinja\n(.*?)```", (ROOT / "docs" / "package.md").read_text(), re.S)[1]


def test_a_host_on_spark_has_the_same_leads_with_and_without_our_materializations(spark, tmp_path):
    consumer = shutil.copytree(CONSUMER, tmp_path / "consumer", ignore=LEFT_BEHIND)
    (consumer / "packages.yml").write_text(f"packages:\n  - local: {ROOT}\n")

    def dbt(*command) -> str:
        lines = []
        run = dbtRunner(callbacks=[lambda event: lines.append(event.info.msg)])
        places = ["--project-dir", str(consumer), "--profiles-dir", str(consumer), "--target", "spark"]
        with environment(**spark.environment):
            outcome = run.invoke([*command, *places])
        assert outcome.success, "\n".join(lines[-60:]) + str(outcome.exception)
        return "\n".join(lines)

    def leads() -> list[tuple]:
        sql = (
            "select account_id, pql_status, qualified_at, reason from analytics_sales.pql_accounts order by 1"
        )
        return [tuple(row) for row in spark.spark.sql(sql).collect()]

    def is_incremental(table: str) -> bool:
        """Whether the manifest of the last build counts builds that went on."""
        rows = spark.spark.sql(f"select version from analytics_pql.{table} where name = 'build'").collect()
        return bool(rows) and int(rows[0].version) > 1

    dbt("deps")
    dbt("seed")
    assert MADE_ANEW in dbt("run")
    first = leads()
    assert [lead[:2] for lead in first] == [("acme", "active"), ("beta", "never"), ("paid", "converted")]
    (consumer / "macros" / "pql_materializations.sql").write_text(handed_on())
    for _ in range(2):
        assert MADE_ANEW not in dbt("run")
        assert leads() == first
    assert is_incremental("manifest_inputs")
