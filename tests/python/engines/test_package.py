"""The warehouse as a package of another project on Spark, where dbt takes none of our materializations."""

import shutil

import pytest
from dbt.cli.main import dbtRunner
from harness import ROOT, environment

from engines.conftest import started

CONSUMER = ROOT / "tests" / "consumer_project"
LEFT_BEHIND = shutil.ignore_patterns("dbt_packages", "target", "logs", "package-lock.yml", "*.duckdb*")


@pytest.fixture(scope="module")
def spark():
    with started("spark", "spark") as engine:
        yield engine


def test_a_host_on_spark_has_its_leads_after_one_build_and_after_two(spark, tmp_path):
    consumer = shutil.copytree(CONSUMER, tmp_path / "consumer", ignore=LEFT_BEHIND)
    (consumer / "packages.yml").write_text(f"packages:\n  - local: {ROOT}\n")

    def dbt(*command) -> None:
        lines = []
        run = dbtRunner(callbacks=[lambda event: lines.append(event.info.msg)])
        places = ["--project-dir", str(consumer), "--profiles-dir", str(consumer), "--target", "spark"]
        with environment(**spark.environment):
            outcome = run.invoke([*command, *places])
        assert outcome.success, "\n".join(lines[-60:]) + str(outcome.exception)

    dbt("deps")
    dbt("seed")
    for _ in range(2):
        dbt("run")
        sql = "select account_id, pql_status from analytics_sales.pql_accounts order by account_id"
        leads = [tuple(row) for row in spark.spark.sql(sql).collect()]
        assert leads == [("acme", "active"), ("beta", "never"), ("paid", "converted")]
