"""Delta tables on Apache Spark, in an environment of its own (`make test-delta`): the Spark of that Delta."""

import sys
from pathlib import Path

from engines import spark

JARS = sorted(Path(sys.prefix, "jars").glob("delta-*.jar"))


def missing() -> str | None:
    return spark.missing() or (None if JARS else "Delta's jars are not here; `make test-delta` fetches them")


class Engine(spark.Engine):
    has_commits = True
    answers_as = "spark 4.1"
    environment = {**spark.Engine.environment, "PQL_SPARK_FILE_FORMAT": "delta"}  # noqa: RUF012
    more_settings = {  # noqa: RUF012
        "spark.jars": ",".join(map(str, JARS)),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        # the log of a small table is read as one part
        "spark.databricks.delta.snapshotPartitions": 1,
    }
    weak_points = (
        "insert into pql.stg_product__events_judged replace where",
        "drop table if exists pql.fct_user_usage_daily__rows_",
        r"create or replace table pql.fct_account_usage_daily\s",
        r"create or replace table pql.manifest_inputs\s",
    )
    copying = r"insert into pql[.]({tables}) replace where .*?\n(select .*)"
